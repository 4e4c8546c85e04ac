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

/** A copy of what JSON.stringify takes of a value. */
export function copyJson(value: unknown, name = ""): unknown {
  const { toJSON } = Object(value);
  const json = typeof toJSON === "function" ? toJSON.call(value, name) : value;
  if (/^\[object (String|Number|Boolean)\]$/.test(Object.prototype.toString.call(json))) return json.valueOf();
  if (typeof json !== "object" || json === null) return json;
  if (Array.isArray(json)) return Array.from(json, (item, i) => copyJson(item, `${i}`));
  // A copied toJSON would be called again.
  const entries = Object.entries(json).filter(([, part]) => typeof part !== "function");
  return Object.fromEntries(entries.map(([key, part]) => [key, copyJson(part, key)]));
}

/** Where a pointer leads: `parent[name]`. */
export type Place = { parent: Record<string, unknown>; name: string; pointer: string };

/**
 * The places in a JSON value where pointers lead, each once; absent, null and empty values have none. A `*` is every item of a list and
 * every property of a map.
 * @param mismatch told of each place where a pointer leads no further, such as a text in a list's place
 */
export function placesIn(root: unknown, pointers: readonly string[], mismatch?: (pointer: string) => void): Place[] {
  return visit(root, "", pointers.map(parsePointer));

  function visit(node: unknown, at: string, paths: string[][]): Place[] {
    if (paths.length === 0 || node === undefined || node === null || node === "") return [];
    if (typeof node !== "object" || (Array.isArray(node) && paths.some(([first]) => first !== "*"))) {
      mismatch?.(at);
      return [];
    }
    const parent = node as Place["parent"];
    return Object.keys(parent).flatMap((name) => {
      const below = paths.filter(([first]) => first === "*" || first === name).map(([, ...rest]) => rest);
      const pointer = at + escapeSegment(name);
      const further = below.filter((path) => path.length > 0);
      const isPlace = below.length > further.length && ![undefined, null, ""].includes(parent[name] as null);
      return [...(isPlace ? [{ parent, name, pointer }] : []), ...visit(parent[name], pointer, further)];
    });
  }
}

/** Replaces what stands at places. */
export async function replaceAt(
  places: readonly Place[],
  replace: (value: unknown, pointer: string) => Promise<unknown>,
): Promise<void> {
  const replacing = places.map(async ({ parent, name, pointer }) => {
    parent[name] = await replace(parent[name], pointer);
  });
  await Promise.all(replacing);
}
