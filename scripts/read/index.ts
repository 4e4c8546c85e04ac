import { readFile } from "node:fs/promises";
import { inShort } from "../../spec/choices.js";
import type { Json } from "../../spec/refs.js";
import { bundle } from "../redocly.js";
import { standardize } from "./standard.js";
import { upgrade } from "./upgrade.js";
import { refuseOtherFormats } from "./version.js";

/**
 * A description as one document in OpenAPI 3.1, in which what can be said in several ways is said in one.
 * @throws {Error} if it is in another format, has no paths, or cannot be read
 */
export async function readSpec<Document>(spec: string): Promise<Document> {
  await refuseOtherFormats(spec);
  const document = (await readWhole(spec)) ?? (await bundle<Json>(spec));
  if (Object.keys(document.paths ?? {}).length === 0)
    throw new Error(`${spec} has no paths, so there is nothing to call.`);
  upgrade(document);
  standardize(document);
  return document as Document;
}

/**
 * Whether Redocly has to make one document of it: unless it is one, in JSON.
 * @throws {Error} if it is in another format, or cannot be read
 */
export async function needsRedocly(spec: string): Promise<boolean> {
  await refuseOtherFormats(spec);
  return (await readWhole(spec)) === undefined;
}

/** A file of JSON that refers to no other file: that needs no bundler. */
async function readWhole(spec: string): Promise<Json | undefined> {
  if (/^https?:/.test(spec)) return undefined;
  const text = await readFile(spec, "utf8");
  if (/"\$ref"\s*:\s*"[^#]/.test(text)) return undefined;
  try {
    // Editors on Windows begin a file with a byte order mark.
    return inShort(JSON.parse(text.replace(/^\uFEFF/, "")) as Json);
  } catch (error) {
    if (spec.endsWith(".json")) throw new Error(`${spec} is not JSON: ${(error as Error).message}.`);
    return undefined;
  }
}
