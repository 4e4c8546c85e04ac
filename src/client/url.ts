/**
 * A path of the spec with its parameters filled in. One with `..` in it would reach another resource than the one that was meant, with
 * a valid signature.
 *
 * @throws {TypeError} naming the parameter or the path at fault.
 */
export function expandPath(template: string, values: unknown): string {
  const expanded = template.replace(/\{([^{}]*)\}/g, (_, name: string) => {
    const value = ownValue(values, name);
    if (isScalar(value) && value !== "" && !climbs(`${value}`)) return encodeURIComponent(value);
    throw new TypeError(
      `params.path.${name} of ${template} must be a text that is not empty and has no "." or ".." for a segment; given: ${kindOf(value)}.`,
    );
  });
  const [pathname = ""] = expanded.split("?", 1);
  // The URL parser reads "\" as "/" and drops control characters; gateways decode what is encoded.
  if (/^\/[^/]/.test(pathname) && !/[\\\s\p{Cc}#{}]/u.test(expanded) && !climbs(pathname)) return expanded;
  throw new TypeError(
    `${JSON.stringify(template.slice(0, 200))} is not a path: it starts with one slash, and has no ".", "..", blank or fragment in it.`,
  );
}

/** Whether a segment is `.` or `..`, encoded or not. */
const climbs = (path: string) => path.split(/[/\\;]|%2f|%5c/i).some((segment) => /^(\.|%2e){1,2}$/i.test(segment));

/**
 * A query as `name=value&…`: names and values encoded, a list once for each item, `undefined` and `null` left out.
 * @throws {TypeError} naming the parameter that is none of these.
 */
export function serializeQuery(query: object): string {
  const pairs = Object.keys(query).flatMap((name) => {
    const value = ownValue(query, name) ?? [];
    return [value].flat().map((item) => {
      if (isScalar(item)) return `${encodeURIComponent(name)}=${encodeURIComponent(item)}`;
      throw new TypeError(
        `params.query.${name} must be a text, a number, a boolean or a list of them; given: ${kindOf(item)}.`,
      );
    });
  });
  return pairs.join("&");
}

function ownValue(values: unknown, name: string): unknown {
  const isOwn = typeof values === "object" && values !== null && Object.hasOwn(values, name);
  return isOwn ? (values as Record<string, unknown>)[name] : undefined;
}

/** bigint is one as well, which the types of encodeURIComponent do not know. */
const isScalar = (value: unknown): value is string | number | boolean =>
  typeof value === "number" ? Number.isFinite(value) : ["string", "bigint", "boolean"].includes(typeof value);

const kindOf = (value: unknown) => (value === "" ? "an empty text" : value === null ? "null" : typeof value);
