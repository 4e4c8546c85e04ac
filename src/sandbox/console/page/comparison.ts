// Two messages side by side, with the first difference marked.
import { el } from "./dom.js";
import { type Key, t } from "./language.js";
import { shortened, visible, withNote } from "./text.js";

const LINES: Key[] = ["lineMethod", "lineUrl", "lineTimestamp", "lineNonce", "lineBody"];
const lineName = (index: number) => t(LINES[Math.min(index, LINES.length - 1)] as Key);

interface Difference {
  line: number;
  /** Where the two lines begin to differ, in characters. */
  start: number;
  /** How many characters their ends have in common; absent where too much lies between for one difference. */
  end?: number;
}

/** The longest part that counts as one difference, in characters. */
const ONE_DIFFERENCE = 40;

/** Where in a line the difference stops. */
function stopOf({ start, end }: Difference, { length }: string[]): number {
  return end === undefined ? Math.min(start + 1, length) : length - end;
}

/** Lines with their line feeds, as lists of characters. */
function linesOf(message: string): string[][] {
  return (message.match(/[^\n]*\n|[^\n]+$/g) ?? []).map((line) => Array.from(line));
}

export function comparison({ signed, expected }: { signed?: string; expected: string }): Node[] {
  if (signed === undefined) return [figureOf(t("expected"), messageOf(expected))];
  const [ours, theirs] = [linesOf(shortened(signed)), linesOf(shortened(expected))];
  const difference = differenceOf(ours, theirs);
  const shown = (at: Difference, lines: string[][]) => {
    const line = lines[at.line] ?? [];
    return visible(line.slice(at.start, stopOf(at, line)).join("")) || t("nothing");
  };
  return [
    ...(difference === undefined
      ? []
      : [
          el(
            "p",
            {},
            t(
              "difference",
              difference.line + 1,
              lineName(difference.line),
              difference.start + 1,
              shown(difference, ours),
              shown(difference, theirs),
            ),
          ),
        ]),
    el(
      "div",
      { class: "sides" },
      figureOf(t("signed"), messageOf(signed, difference)),
      figureOf(t("expected"), messageOf(expected, difference)),
    ),
  ];
}

function differenceOf(a: string[][], b: string[][]): Difference | undefined {
  for (let line = 0; line < Math.max(a.length, b.length); line++) {
    const [ours = [], theirs = []] = [a[line], b[line]];
    const shorter = Math.min(ours.length, theirs.length);
    let start = 0;
    while (start < shorter && ours[start] === theirs[start]) start++;
    if (start === ours.length && start === theirs.length) continue;
    let end = 0;
    while (end < shorter - start && ours.at(-1 - end) === theirs.at(-1 - end)) end++;
    const isOne = Math.max(ours.length, theirs.length) - start - end <= ONE_DIFFERENCE;
    return { line, start, ...(isOne && { end }) };
  }
  return undefined;
}

function figureOf(caption: string, message: HTMLElement): HTMLElement {
  return el("figure", {}, el("figcaption", {}, caption), message);
}

/** A message line by line, with numbers and names, and with line feeds that can be seen. */
export function messageOf(message: string, difference?: Difference): HTMLElement {
  const lines = linesOf(shortened(message));
  const length = Math.max(lines.length, (difference?.line ?? 0) + 1);
  const shown = el(
    "pre",
    { class: "message" },
    ...Array.from({ length }, (_, index) => {
      const characters = lines[index] ?? [];
      const part = (from: number, to: number) => visible(characters.slice(from, to).join(""));
      const label = el("span", { class: "label" }, `${index + 1} ${lineName(index)}`);
      const line = (...content: (Node | string)[]) => el("span", { class: "line" }, label, el("span", {}, ...content));
      if (index !== difference?.line) return line(part(0, characters.length));
      const { start } = difference;
      const stop = stopOf(difference, characters);
      return line(part(0, start), el("mark", {}, part(start, stop) || "∅"), part(stop, characters.length));
    }),
  );
  return withNote(message, shown);
}
