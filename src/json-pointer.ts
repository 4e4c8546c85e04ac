/** The names in a JSON pointer (RFC 6901). */
export function parsePointer(pointer: string): string[] {
  const segments = pointer.split("/").slice(1);
  return segments.map((segment) => segment.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** A name as the next segment of a JSON pointer. */
export const escapeSegment = (name: string): string => `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;

/** What stands at `pointer` in the JSON of a value; `undefined` where there is nothing. */
export function valueAt(root: unknown, pointer: string): unknown {
  return parsePointer(pointer).reduce(
    (node, name) => {
      const isThere = typeof node === "object" && node !== null && Object.hasOwn(node, name);
      return isThere ? jsonOf((node as Record<string, unknown>)[name], name) : undefined;
    },
    jsonOf(root, ""),
  );
}

interface Place {
  parent: Record<string, unknown>;
  name: string;
  pointer: string;
}

/**
 * The JSON of a value, with what stands at `pointers` replaced; absent, null and empty values stay. It is a copy: the way to each
 * pointer is copied at once, what lies beside it is shared. A `*` in a pointer stands for every item of a list and every property of a map.
 *
 * @param mismatch told of each place where a pointer leads no further, such as a text in a list's place
 */
export async function replaceAt(
  root: unknown,
  pointers: readonly string[],
  replace: (value: unknown, pointer: string) => Promise<unknown>,
  mismatch: (pointer: string) => void = () => {},
): Promise<unknown> {
  const found: Place[] = [];
  const copy = copyTo(root, { parent: {}, name: "", pointer: "" }, pointers.map(parsePointer));
  const replacing = found.map(async ({ parent, name, pointer }) => {
    parent[name] = await replace(parent[name], pointer);
  });
  await Promise.all(replacing);
  return copy;

  function copyTo(value: unknown, place: Place, paths: string[][]): unknown {
    const node = jsonOf(value, place.name);
    if (node === undefined || node === null || node === "") return node;
    if (paths.some((path) => path.length === 0)) found.push(place);
    const names = paths.flatMap(([name]) => name ?? []);
    if (names.length === 0) return node;
    const isList = Array.isArray(node);
    if (typeof node !== "object" || (isList && names.some((name) => name !== "*"))) {
      mismatch(place.pointer);
      return node;
    }
    const parent = (isList ? [...node] : { ...node }) as Record<string, unknown>;
    // Followed already: JSON.stringify would call it again.
    delete parent.toJSON;
    for (const name of Object.keys(parent)) {
      const below = paths.filter(([first]) => first === "*" || first === name).map(([, ...rest]) => rest);
      const pointer = place.pointer + escapeSegment(name);
      if (below.length > 0) parent[name] = copyTo(parent[name], { parent, name, pointer }, below);
    }
    return parent;
  }
}

/** What JSON.stringify takes in a value's place. */
function jsonOf(value: unknown, name: string): unknown {
  const { toJSON } = (value ?? {}) as { toJSON?: unknown };
  return typeof toJSON === "function" ? toJSON.call(value, name) : value;
}
