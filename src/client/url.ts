import { requireOption } from "../checks.js";

/**
 * A path of the spec with its parameters filled in. One with `..` in it would reach another resource than was meant, with a valid
 * signature.
 * @throws {TypeError} naming the parameter or the path at fault.
 */
export function expandPath(template: string, values: unknown): string {
  const expanded = template.replace(/\{([^{}]*)\}/g, (_, name: string) => {
    const value = Object.hasOwn(Object(values), name) ? (values as Record<string, unknown>)[name] : undefined;
    const fits = isScalar(value) && value !== "" && !climbs(`${value}`);
    requireOption(`params.path.${name} of ${template}`, fits, 'a text, not empty, with no segment "." or ".."', value);
    return encodeURIComponent(value as string);
  });
  const [pathname = ""] = expanded.split("?", 1);
  // The URL parser reads "\" as "/" and drops control characters; gateways decode what is encoded.
  if (/^\/[^/]/.test(pathname) && !/[\\\s\p{Cc}#{}]/u.test(expanded) && !climbs(pathname)) return expanded;
  const wanted = 'it starts with one slash, and has no ".", "..", blank or fragment in it';
  throw new TypeError(`${JSON.stringify(template.slice(0, 200))} is not a path: ${wanted}.`);
}

/** Whether a segment is `.` or `..`, encoded or not. */
const climbs = (path: string) => path.split(/[/\\;]|%2f|%5c/i).some((segment) => /^(\.|%2e){1,2}$/i.test(segment));

/**
 * A query as `name=value&…`: names and values encoded, a list once for each item, `undefined` and `null` left out.
 * @throws {TypeError} naming the parameter that is none of these.
 */
export function serializeQuery(query: object): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value ?? []].flat().map((item: unknown) => {
      requireOption(`params.query.${name}`, isScalar(item), "a text, a number, a boolean or a list of them", item);
      return `${encodeURIComponent(name)}=${encodeURIComponent(item as string)}`;
    }),
  );
  return pairs.join("&");
}

/** A bigint is one as well. */
const isScalar = (value: unknown) =>
  typeof value === "number" ? Number.isFinite(value) : ["string", "bigint", "boolean"].includes(typeof value);
