// How the serializers of other languages write JSON.
import { isNestedTooDeeply } from "../api/json-body.js";

/** The tokens of JSON: strings (without their quotes), separators and words. */
export const TOKENS = /"((?:\\.|[^"\\])*)"|[,:]|true|false|null/g;
/** With a blank after each separator, as Python writes it. */
export const spaced = (json: string) => json.replace(TOKENS, (token) => (/^[,:]/.test(token) ? `${token} ` : token));
export const LAYOUTS = [
  (value: unknown) => JSON.stringify(value),
  (value: unknown) => spaced(JSON.stringify(value)),
  ...[2, 4, "\t", 1].map((indent) => (value: unknown) => JSON.stringify(value, null, indent)),
];

export const asItIs = <T>(value: T): T => value;
const escaped = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
const ascii = (json: string) => json.replace(/[\u0080-\uffff]/g, escaped);
const slashes = (json: string) => json.replaceAll("/", "\\/");
/** No escapes; Python's; PHP's, and with JSON_UNESCAPED_UNICODE; in upper case; Go's. */
export const ESCAPES = [
  ...[asItIs<string>, ascii, (json: string) => slashes(ascii(json)), slashes],
  (json: string) => ascii(json).replace(/\\u[\da-f]{4}/g, (code) => `\\u${code.slice(2).toUpperCase()}`),
  (json: string) => json.replace(/[<>&]/g, escaped),
];

/** The texts that serializers of all languages make of a JSON body. */
export function* serializations(body: string, arrangements: ((value: unknown) => unknown)[], escapes: typeof ESCAPES) {
  const value = parse(body);
  for (const arrange of arrangements)
    for (const layout of LAYOUTS) for (const escaping of escapes) yield escaping(layout(arrange(value)));
}

export function parse(body: string): unknown {
  const value: unknown = JSON.parse(body);
  // Indented, it would be enormous.
  if (isNestedTooDeeply(value)) throw new RangeError("Nobody signs this.");
  return value;
}

/** With the fields of each object in another order. */
const arranged =
  (order: (names: string[]) => string[]) =>
  (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map(arranged(order));
    return Object.fromEntries(order(Object.keys(value)).map((key) => [key, arranged(order)(value[key as never])]));
  };
export const sorted = arranged((names) => names.toSorted());
export const reversed = arranged((names) => names.toReversed());
