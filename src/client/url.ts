import { isRecord, isWellFormed, kindOf, requireOption } from "../checks.js";

/** A segment `.` or `..`, encoded or not. */
const CLIMBS = /(^|[/\\;]|%2f|%5c)(\.|%2e){1,2}($|[/\\;]|%2f|%5c)/i;
/** The URL parser reads "\" as "/", drops control characters and replaces lone surrogates; gateways decode what is encoded. */
const NO_PATH = /^(?!\/[^/?])|[\\\s\p{Cc}\p{Cs}#{}]/u;
/** A segment that a spec would write: words with at most one digit, such as `v3`, or a parameter. */
const WORDS = /^([a-z_-]{1,40}\d?[a-z_-]{0,40}|\{\w+\})$/;

/** A path as errors show it: without its query, and with `…` for what may be a parameter's value, which may be personal. */
export const shapeOf = (path: string): string =>
  path.replace(/\?.*/s, "").replace(/[^/]+/g, (segment) => (WORDS.test(segment) ? segment : "…"));

/** A path with its parameters filled in. With `..` in it, another resource than was meant would be reached, with a valid signature. */
export function expandPath(template: string, values: unknown): string {
  requireOption("path", typeof template === "string", PATH, template);
  const expanded = template.replace(/\{([^{}]*)\}/g, (_, name: string) => {
    const value = Object.hasOwn(Object(values), name) ? (values as Record<string, unknown>)[name] : undefined;
    const fits = isScalar(value) && value !== "" && !CLIMBS.test(`${value}`);
    const option = fits ? "" : `params.path.${name} of ${shapeOf(template)}`;
    requireOption(option, fits, `${SCALAR}, not empty and without ".."`, value);
    return encodeURIComponent(value);
  });
  const [pathname = ""] = expanded.split("?", 1);
  const fits = !NO_PATH.test(expanded) && !CLIMBS.test(pathname);
  requireOption("path", fits, PATH, template);
  return expanded;
}

/** A path with a query behind it: names and values encoded, a list once for each item, `undefined` and `null` left out. */
export function withQuery(path: string, given: unknown = {}): string {
  const query = kindOf(given) === "URLSearchParams" ? `${given}` : serializeQuery(given);
  const at = path.indexOf("?");
  const joint = at < 0 ? "?" : at < path.length - 1 ? "&" : "";
  return query === "" ? path : path + joint + query;
}

function serializeQuery(query: unknown): string {
  requireOption("params.query", isRecord(query), "a plain object or URLSearchParams", query);
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value ?? []].flat().map((item: unknown) => {
      const fits = isScalar(item) && isScalar(name);
      requireOption(`params.query.${name}`, fits, `${SCALAR}, or a list of them`, item);
      return `${encodeURIComponent(name)}=${encodeURIComponent(item)}`;
    }),
  );
  return pairs.join("&");
}

/** A parameter of a query as a server reads it, and how it stands there; what is no UTF-8 is `undefined`. */
export type Pair = { name: unknown; value: unknown; readonly text: string };

export function pairsOf(target: string): Pair[] {
  const [, ...queries] = target.split("?");
  return Array.from(queries.join("?").split("&"), (text) => {
    const [name = "", ...rest] = text.split("=");
    return { name: decode(name), value: decode(rest.join("=")), text };
  });
}

/** A target with the values that are no longer those of its texts. */
export function withPairs(target: string, pairs: Pair[]): string {
  const texts = pairs.map(({ value, text }) => {
    const [name = "", ...rest] = text.split("=");
    return decode(rest.join("=")) === value ? text : `${name}=${encodeURIComponent(value as string)}`;
  });
  return `${target.split("?", 1)[0]}?${texts.join("&")}`;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return undefined;
  }
}

const PATH = 'one such as /v3/x, without "..", blanks or lone surrogates';
const SCALAR = "a text without lone surrogates, a finite number or a boolean";

/** What can stand in a URL. */
export const isScalar = (value: unknown): value is string | number | boolean =>
  Number.isFinite(value) || ["bigint", "boolean"].includes(typeof value) || isWellFormed(value);
