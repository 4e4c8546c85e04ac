import { readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { sendText } from "./http.js";

/** A file that the console serves. */
export interface ServedFile {
  file: string;
  type: string;
  /** What is answered where it has not been made. */
  missing: string;
  /** `Content-Security-Policy`, where it is not {@link PAGE_POLICY}. */
  policy?: string;
}

// The page loads its own files only, no other page frames it, and no form is sent elsewhere.
const CLOSED = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
export const PAGE_POLICY = `${CLOSED}; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'`;
// One file that holds its scripts and styles, and connects to nothing. A policy of its own, in the file, names their hashes, and both
// policies hold: no other script runs.
const DOCS_POLICY = `${CLOSED}; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:`;

const NOT_BUILT =
  "The console's page is made by `npm run build`, and this sandbox runs from its source. Its API works.";
const NO_DOCS = "The API docs are one page that `npm run docs` makes, and they have not been made yet.";

/** By path. */
export const FILES: ReadonlyMap<string, ServedFile> = new Map([
  ["/", { file: "index.html", type: "text/html", missing: NOT_BUILT }],
  ["/console/page.js", { file: "page.js", type: "text/javascript", missing: NOT_BUILT }],
  ["/console/page.css", { file: "page.css", type: "text/css", missing: NOT_BUILT }],
  ["/console/icon.svg", { file: "icon.svg", type: "image/svg+xml", missing: NOT_BUILT }],
  ["/favicon.ico", { file: "icon.svg", type: "image/svg+xml", missing: NOT_BUILT }],
  ["/console/docs", { file: "../../../docs/index.html", type: "text/html", missing: NO_DOCS, policy: DOCS_POLICY }],
]);

export async function sendFile({ file, type, missing }: ServedFile, outgoing: ServerResponse): Promise<void> {
  const read = (name: string) => readFile(new URL(name, import.meta.url));
  try {
    // The page does not work without its script, which only the build makes.
    const [bytes] = await Promise.all([read(file), missing === NOT_BUILT && read("page.js")]);
    outgoing.writeHead(200, { "Content-Type": `${type}; charset=utf-8` }).end(bytes);
  } catch {
    sendText(outgoing, 503, missing);
  }
}
