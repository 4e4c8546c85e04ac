/** The longest text that is shown, in characters and lines: with more, browsers take seconds. */
export const LONGEST = 100_000;
const MOST_LINES = 2000;

/** As much of a text as a page can show. */
export function shortened(text: string): string {
  return text.slice(0, LONGEST).split("\n", MOST_LINES).join("\n");
}

/** Makes line feeds, control characters and invisible characters visible, so that none can change the direction of other text. */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u00a0\u3000]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (character === "\n") return "⏎";
    // Unicode has pictures of the first 32, such as ␍ and ␉.
    return code < 32 ? String.fromCodePoint(0x2400 + code) : `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
  });
}

/** The same, line by line: line feeds stay. */
export const visibleLines = (text: string) => text.split("\n").map(visible).join("\n");

export function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

export function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

/** JSON as people read it; text as it is. */
export const asText = (body: unknown) =>
  body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body, undefined, 2);
