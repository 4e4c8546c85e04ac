import { parsePointer } from "../json-pointer.js";

type Change = (text: string) => Promise<string>;

/**
 * JSON with the texts at `pointers` changed, empty ones left out. A `*` in a pointer is every item and every property, so that several
 * pointers may lead to one text; it is changed once.
 */
export function changeFields(value: unknown, pointers: readonly string[], change: Change): Promise<unknown> {
  return changeAt(
    value,
    pointers.map((pointer) => parsePointer(pointer)),
    change,
  );
}

async function changeAt(node: unknown, paths: string[][], change: Change): Promise<unknown> {
  if (typeof node === "string" && node !== "" && paths.some((path) => path.length === 0)) return change(node);
  if (typeof node !== "object" || node === null || paths.length === 0) return node;
  const entries = Object.entries(node).map(async ([name, inner]): Promise<[string, unknown]> => {
    const below = paths.filter(([key]) => key === "*" || key === name).map(([, ...rest]) => rest);
    return [name, await changeAt(inner, below, change)];
  });
  const changed = await Promise.all(entries);
  return Array.isArray(node) ? changed.map(([, inner]) => inner) : Object.fromEntries(changed);
}
