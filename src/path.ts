/**
 * A path of the spec with its parameters filled in. One that climbs would reach another resource than the one that was meant, rightly
 * signed; so what is checked here is what is sent.
 *
 * @throws {TypeError} naming the parameter or the path at fault.
 */
export function expandPath(template: string, values: unknown): string {
  const expanded = template.replace(/\{([^{}]*)\}/g, (_, name: string) =>
    encodeURIComponent(readParameter(template, name, values)),
  );
  const [pathname = ""] = expanded.split("?", 1);
  // The URL parser reads "\" as "/" and drops control characters; gateways decode what is encoded.
  if (!/^\/[^/]/.test(pathname) || /[\\\s\p{Cc}#{}]/u.test(expanded) || climbs(pathname)) {
    throw new TypeError(
      `${JSON.stringify(template.slice(0, 200))} is not a path: it starts with one slash, and has no ".", "..", blank or fragment in it.`,
    );
  }
  return expanded;
}

function climbs(path: string): boolean {
  return path.split(/[/\\;]|%2f|%5c/i).some((segment) => /^(\.|%2e){1,2}$/i.test(segment));
}

function readParameter(template: string, name: string, values: unknown): string {
  const value = ownValue(values, name);
  if (isScalar(value) && String(value) !== "" && !climbs(String(value))) return String(value);
  throw new TypeError(
    `params.path.${name} of ${template} must be a text that is not empty and has no "." or ".." for a segment; given: ${kindOf(value)}.`,
  );
}

/**
 * A query as `name=value&…`: names and values encoded, a list once for each item, `undefined` and `null` left out.
 * @throws {TypeError} naming the parameter that is none of these.
 */
export function serializeQuery(query: object): string {
  const pairs = Object.keys(query).flatMap((name) => {
    const value = ownValue(query, name);
    if (value === undefined || value === null) return [];
    return [value].flat().map((item) => {
      if (isScalar(item)) return `${encodeURIComponent(name)}=${encodeURIComponent(String(item))}`;
      throw new TypeError(
        `params.query.${name} must be a text, a number, a boolean or a list of them; given: ${kindOf(item)}.`,
      );
    });
  });
  return pairs.join("&");
}

function ownValue(values: unknown, name: string): unknown {
  return typeof values === "object" && values !== null && Object.hasOwn(values, name)
    ? (values as Record<string, unknown>)[name]
    : undefined;
}

function isScalar(value: unknown): value is string | number | bigint | boolean {
  return typeof value === "number" ? Number.isFinite(value) : ["string", "bigint", "boolean"].includes(typeof value);
}

function kindOf(value: unknown): string {
  return value === "" ? "an empty text" : value === null ? "null" : typeof value;
}
