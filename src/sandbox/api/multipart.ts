import { type Bytes, fromUtf8, hex } from "../../bytes.js";
import type { Part } from "../server/http.js";
import { readable } from "./json-body.js";

/** A file of an upload, without its content. */
export interface UploadedFile {
  filename: string | undefined;
  /** Its media type, as the part says. */
  type: string;
  /** In bytes. */
  size: number;
  /** SHA-256 of its content, in lower-case hex. */
  sha256: string;
}

export const isMultipart = (headers: Headers): boolean =>
  /^multipart\/form-data\s*(;|$)/i.test(headers.get("Content-Type") ?? "");

const BOUNDARY = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i;
/** A parameter of `Content-Disposition`; the documents' own example ends with a semicolon. */
const PARAMETER = /;\s*([\w*]+)\s*=\s*(?:"((?:\\"|[^"])*)"|([^\s;]+))/g;
/** No upload has more parts. */
const MOST_PARTS = 20;

/**
 * The parts of a body, with their bytes as they were sent; undefined where it is none. The platform's `formData()` gives texts for bytes, and
 * refuses what the official Go SDK writes.
 */
export function readParts(headers: Headers, body: Bytes): Part[] | undefined {
  const [, quoted, boundary = quoted] = BOUNDARY.exec(headers.get("Content-Type") ?? "") ?? [];
  if (boundary === undefined) return undefined;
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
  const delimiter = `\r\n--${boundary}`;
  const parts: Part[] = [];
  // The first one may stand at the very beginning, and anything may stand before it.
  let at = bytes.indexOf(delimiter.slice(2)) === 0 ? delimiter.length - 2 : endOf(bytes, delimiter, 0);
  while (at !== undefined && parts.length < MOST_PARTS) {
    if (bytes.toString("latin1", at, at + 2) === "--") return parts;
    const head = endOf(bytes, "\r\n", at);
    const start = endOf(bytes, "\r\n\r\n", head === undefined ? at : head - 2);
    const next = start === undefined ? undefined : endOf(bytes, delimiter, start);
    if (head === undefined || start === undefined || next === undefined) return undefined;
    const part = partOf(fromUtf8(bytes.subarray(head, start)), body.slice(start, next - delimiter.length));
    if (part === undefined) return undefined;
    parts.push(part);
    at = next;
  }
  return undefined;
}

/** Where a text ends that comes next. */
function endOf(bytes: Buffer, text: string, from: number): number | undefined {
  const at = bytes.indexOf(text, from, "latin1");
  return at < 0 ? undefined : at + text.length;
}

function partOf(head: string, bytes: Bytes): Part | undefined {
  const header = (name: string) => new RegExp(`^${name}:[ \\t]*(.*)$`, "im").exec(head)?.[1]?.trim();
  const disposition = header("content-disposition") ?? "";
  const parameters = new Map(
    Array.from(disposition.matchAll(PARAMETER), ([, name = "", quoted, plain = quoted]) => [name.toLowerCase(), plain]),
  );
  const [name, filename] = [parameters.get("name"), parameters.get("filename") ?? parameters.get("filename*")];
  if (!/^form-data\s*;/i.test(disposition) || name === undefined) return undefined;
  return { name, filename, type: header("content-type") ?? "text/plain", bytes };
}

/** The one part of this name. */
export function partNamed(parts: Part[] | undefined, name: string): Part | undefined {
  const [part, ...others] = parts?.filter((each) => each.name === name) ?? [];
  return others.length === 0 ? part : undefined;
}

/** A file by what is known of it: its content is not kept. */
export async function describeFile({ filename, type, bytes }: Part): Promise<UploadedFile> {
  const sha256 = hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
  return { filename, type, size: bytes.length, sha256 };
}

/** An upload to show: `meta` as JSON, and files without their content. */
export async function readableParts(parts: Part[] | undefined, size: number): Promise<unknown> {
  if (parts === undefined) return `(multipart/form-data of ${size} bytes that cannot be read)`;
  const shown = parts.map(async (part): Promise<[string, unknown]> => {
    return [part.name, part.name === "meta" ? readable(part.bytes) : await describeFile(part)];
  });
  return Object.fromEntries(await Promise.all(shown));
}
