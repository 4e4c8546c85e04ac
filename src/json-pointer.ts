import { isRecord, kindOf, requireOption } from "./checks.js";

/** The names in a JSON pointer (RFC 6901). */
export const parsePointer = (pointer: string): string[] =>
  Array.from(pointer.split("/").slice(1), (segment) => segment.replaceAll("~1", "/").replaceAll("~0", "~"));

/** A name as the next segment of a JSON pointer. */
export const escapeSegment = (name: string): string => `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;

/** What stands at a JSON pointer; `undefined` where there is nothing. */
export const valueAt = (root: unknown, pointer: string): unknown =>
  parsePointer(pointer).reduce(
    (node, name) => (Object.hasOwn(Object(node), name) ? (node as Record<string, unknown>)[name] : undefined),
    root,
  );

export const BODY = "an object, which is sent as JSON, or a list";
const JSON_VALUE = "a text, finite number, boolean, null, or a list or plain object of them";
const NO_FILE =
  "JSON: a file is sent as { file, meta }, by an operation that `operations` has with an upload (multipart/form-data in its spec)";

/** A copy of what JSON.stringify takes of a body. @throws {TypeError} naming what JSON would leave out or change, such as NaN to null. */
export function copyJson(value: unknown, name = "", above?: string): unknown {
  const json = jsonOf(value, name);
  if (json === null || ["string", "boolean", "undefined"].includes(typeof json) || Number.isFinite(json)) return json;
  const pointer = above === undefined ? "" : above + escapeSegment(name);
  const isDeep = pointer.length > 500;
  if (isDeep || !(Array.isArray(json) || isRecord(json))) {
    const isFile = /^(Blob|File|FormData|Uint8Array|ArrayBuffer)$/.test(kindOf(json));
    const wanted = isDeep ? "an object that does not contain itself" : isFile ? NO_FILE : pointer ? JSON_VALUE : BODY;
    requireOption(pointer ? `${pointer.slice(0, 60)} of body` : "body", false, wanted, json);
  }
  if (Array.isArray(json)) return Array.from(json, (item, i) => copyJson(item, `${i}`, pointer));
  // A copied toJSON would be called again.
  const entries = Object.entries(json as object).filter(
    ([key, part]) => key !== "toJSON" || typeof part !== "function",
  );
  return Object.fromEntries(entries.map(([key, part]) => [key, copyJson(part, key, pointer)]));
}

/** What JSON.stringify sees of a value; bytes and invalid dates as they are, of which toJSON would make something else. */
function jsonOf(value: unknown, name: string): unknown {
  if (value === null || !["object", "bigint"].includes(typeof value)) return value;
  const { toJSON } = value as { toJSON: unknown };
  const isKept = typeof toJSON !== "function" || ArrayBuffer.isView(value) || Number.isNaN(value?.valueOf?.());
  const json = isKept ? value : toJSON.call(value, name);
  return ["String", "Number", "Boolean"].includes(kindOf(json)) ? json.valueOf() : json;
}

/** Where a pointer leads: `parent[name]`. */
export type Place = { parent: Record<string, unknown>; name: string; pointer: string };

/** Where pointers lead in a JSON value, not counting what is empty; a `*` is every item or property. `mismatch` is told of dead ends. */
export function placesIn(root: unknown, pointers: readonly string[], mismatch?: (pointer: string) => void): Place[] {
  const places: Place[] = [];
  visit({ "": root }, "", "", pointers.map(parsePointer));
  return places;

  function visit(parent: Place["parent"], name: string, pointer: string, paths: string[][]): void {
    const node = parent[name];
    if (paths.length === 0 || node === undefined || node === null || node === "") return;
    const further = paths.filter((path) => path.length > 0);
    if (further.length < paths.length) places.push({ parent, name, pointer });
    if (further.length === 0) return;
    const fits = typeof node === "object" && (!Array.isArray(node) || further.every(([first]) => first === "*"));
    if (!fits) mismatch?.(pointer);
    for (const key of fits ? Object.keys(node) : []) {
      const below = further.filter(([first]) => first === "*" || first === key).map(([, ...rest]) => rest);
      visit(node as Place["parent"], key, pointer + escapeSegment(key), below);
    }
  }
}

/** Replaces what stands at places. */
export const replaceAt = (places: Place[], replace: (value: unknown, pointer: string) => Promise<unknown>) =>
  Promise.all(
    places.map(async ({ parent, name, pointer }) => {
      parent[name] = await replace(parent[name], pointer);
    }),
  );
