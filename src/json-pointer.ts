/** The names in a JSON pointer (RFC 6901). */
export const parsePointer = (pointer: string): string[] =>
  Array.from(pointer.split("/").slice(1), (segment) => segment.replaceAll("~1", "/").replaceAll("~0", "~"));

/** A name as the next segment of a JSON pointer. */
export const escapeSegment = (name: string): string => `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;

/**
 * The JSON of a value, with what stands at `pointers` replaced; absent, null and empty values stay. The way to each is copied at once,
 * what lies beside it is shared. A `*` is every item of a list and every property of a map.
 * @param mismatch told of each place where a pointer leads no further, such as a text in a list's place
 */
export function replaceAt(
  root: unknown,
  pointers: readonly string[],
  replace: (value: unknown, pointer: string) => Promise<unknown>,
  mismatch?: (pointer: string) => void,
): Promise<unknown> {
  return visit(root, "", pointers.map(parsePointer));

  // The whole value is read before the first await.
  async function visit(given: unknown, pointer: string, paths: string[][], name = ""): Promise<unknown> {
    if (paths.length === 0) return given;
    const node = jsonOf(given, name);
    if (node === undefined || node === null || node === "") return node;
    if (paths.some((path) => path.length === 0)) return replace(node, pointer);
    const isList = Array.isArray(node);
    if (typeof node !== "object" || (isList && paths.some(([first]) => first !== "*"))) {
      mismatch?.(pointer);
      return node;
    }
    const parts = Object.entries(isList ? [...node] : node).map(async ([key, part]) => {
      const below = paths.filter(([first]) => first === "*" || first === key).map(([, ...rest]) => rest);
      return [key, await visit(part, pointer + escapeSegment(key), below, key)] as const;
    });
    const copy = Object.fromEntries(await Promise.all(parts));
    // toJSON was already called.
    if (typeof copy.toJSON === "function") delete copy.toJSON;
    return isList ? Object.values(copy) : copy;
  }
}

/** What JSON.stringify takes in a value's place. */
function jsonOf(value: unknown, name: string): unknown {
  const { toJSON } = Object(value);
  return typeof toJSON === "function" ? toJSON.call(value, name) : value;
}
