import { kindOf, requireOption } from "../checks.js";

/** A segment `.` or `..`, encoded or not. */
const CLIMBS = /(^|[/\\;]|%2f|%5c)(\.|%2e){1,2}($|[/\\;]|%2f|%5c)/i;
/** The URL parser reads "\" as "/" and drops control characters; gateways decode what is encoded. */
const NO_PATH = /^(?!\/[^/?])|[\\\s\p{Cc}#{}]/u;

/** A path with its parameters filled in. With `..` in it, another resource than was meant would be reached, with a valid signature. */
export function expandPath(template: string, values: unknown): string {
  const expanded = template.replace(/\{([^{}]*)\}/g, (_, name: string) => {
    const value = Object.hasOwn(Object(values), name) ? (values as Record<string, unknown>)[name] : undefined;
    const fits = isScalar(value) && value !== "" && !CLIMBS.test(`${value}`);
    requireOption(`params.path.${name} of ${template}`, fits, 'a text, not empty and without ".."', value);
    return encodeURIComponent(value);
  });
  const [pathname = ""] = expanded.split("?", 1);
  const fits = !NO_PATH.test(expanded) && !CLIMBS.test(pathname);
  requireOption("path", fits, 'one such as /v3/x, without ".." or blanks', template);
  return expanded;
}

/** A query as `name=value&…`: names and values encoded, a list once for each item, `undefined` and `null` left out. */
export function serializeQuery(query: object): string {
  requireOption("params.query", kindOf(query) === "Object", "a plain object", query);
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value ?? []].flat().map((item: unknown) => {
      requireOption(`params.query.${name}`, isScalar(item), "a text, number, boolean or list of them", item);
      return `${encodeURIComponent(name)}=${encodeURIComponent(item)}`;
    }),
  );
  return pairs.join("&");
}

const isScalar = (value: unknown): value is string | number | boolean =>
  Number.isFinite(value) || ["string", "bigint", "boolean"].includes(typeof value);
