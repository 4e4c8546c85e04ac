/** What somebody typed into a field for JSON: a value, nothing, or where it is wrong; `line` and `character` begin with 1. */
export type JsonInput = { value: unknown } | { empty: true } | { line: number; character: number };

export function readJson(text: string): JsonInput {
  if (text.trim() === "") return { empty: true };
  try {
    return { value: JSON.parse(text) };
  } catch {
    const before = text.slice(0, wrongAt(text)).split("\n");
    return { line: before.length, character: (before.at(-1) ?? "").length + 1 };
  }
}

const SPACE = /[ \t\n\r]*/y;
const STRING = /"(?:[^"\\\n\r\t]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;
const OTHER_SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** Where a text stops being JSON. Browsers say so in words of their own, and not always. */
function wrongAt(text: string): number {
  let at = 0;
  const take = (pattern: RegExp) => {
    pattern.lastIndex = at;
    const isThere = pattern.test(text);
    if (isThere) at = pattern.lastIndex;
    return isThere;
  };
  const sign = (character: string) => {
    take(SPACE);
    const isThere = text[at] === character;
    if (isThere) at += 1;
    return isThere;
  };
  const list = (close: string, member: () => boolean) => {
    if (sign(close)) return true;
    do if (!member()) return false;
    while (sign(","));
    return sign(close);
  };
  const value = (): boolean => {
    if (sign("{")) return list("}", () => take(SPACE) && take(STRING) && sign(":") && value());
    if (sign("[")) return list("]", value);
    return take(STRING) || take(OTHER_SCALAR);
  };
  if (value()) take(SPACE);
  return at;
}
