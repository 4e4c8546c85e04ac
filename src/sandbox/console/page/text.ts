import { el } from "./dom.js";
import { t } from "./language.js";

/** The longest text that is shown, in characters and lines: with more, browsers take seconds. */
const LONGEST = 100_000;
export const MOST_LINES = 2000;

/** As much of a text as a page can show. */
export function shortened(text: string): string {
  return text.slice(0, LONGEST).split("\n", MOST_LINES).join("\n");
}

/** Adds a note where not all of a text is shown. */
export function withNote(text: string, shown: HTMLElement): HTMLElement {
  if (text.length === shortened(text).length) return shown;
  return el("div", { class: "cut" }, el("p", {}, t("cut")), shown);
}

/** Indented JSON, as much as is shown. */
export function indented(json: unknown): string {
  let text = "";
  for (const part of partsOf(json, "\n")) {
    text += part;
    if (text.length > LONGEST) break;
  }
  return text;
}

function* partsOf(json: unknown, end: string): Generator<string> {
  const entries = Object.entries(record(json));
  const [open, close] = Array.isArray(json) ? "[]" : "{}";
  if (typeof json !== "object" || json === null || entries.length === 0) return yield JSON.stringify(json);
  for (const [index, [name, value]] of entries.entries()) {
    yield `${index === 0 ? open : ","}${end}  ${Array.isArray(json) ? "" : `${JSON.stringify(name)}: `}`;
    yield* partsOf(value, `${end}  `);
  }
  yield `${end}${close}`;
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

export function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

export function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
