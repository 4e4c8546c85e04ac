/** The tokens of a text that JSON.parse takes: texts, what stands for itself, and each of `{}[]:,`. White space is left out. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[^\s{}[\]:,"]+|[{}[\]:,]/g;

/** What a terminal obeys, or a reader is fooled by, is escaped, as JSON allows: to a program the text is the same. */
const tokensOf = (json: string): string[] =>
  Array.from(json.match(TOKEN) ?? [], (token) => token.replace(/[\p{Cc}\p{Cf}]/gu, escaped));
const escaped = (character: string): string =>
  character
    .split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");

/** JSON on one line, each number as it was written. */
export const compact = (json: string): string => tokensOf(json).join("");

/** A value as JSON on one line, for a terminal as well. */
export const jsonLine = (value: unknown): string => compact(JSON.stringify(value));

/** JSON as `JSON.stringify(value, null, 2)` has it, but each number as it was written: beyond 2^53 a parsed one has lost digits. */
export function pretty(json: string): string {
  const tokens = tokensOf(json);
  let text = "";
  let depth = 0;
  for (const [index, token] of tokens.entries()) {
    const opens = /^[{[]$/.test(token);
    const closes = /^[}\]]$/.test(token);
    const isEmpty = opens ? /^[}\]]$/.test(tokens[index + 1] ?? "") : /^[{[]$/.test(tokens[index - 1] ?? "");
    depth += Number(opens) - Number(closes);
    const line = `\n${"  ".repeat(depth)}`;
    if (closes && !isEmpty) text += line;
    text += token === ":" ? ": " : token;
    if (token === "," || (opens && !isEmpty)) text += line;
  }
  return text;
}

/** The first whole number of a text that would lose digits when it is parsed; `undefined` where there is none. */
export const lossyNumber = (json: string): string | undefined =>
  tokensOf(json).find((token) => /^-?\d+$/.test(token) && !Number.isSafeInteger(Number(token)));
