// Two messages to sign, line by line: where they differ.

export type LineName = "method" | "url" | "timestamp" | "nonce" | "body";
const NAMES: LineName[] = ["method", "url", "timestamp", "nonce", "body"];

/** A piece of a line: of both messages, or of the one that was signed or expected alone. */
export interface Part {
  of: "both" | "signed" | "expected";
  text: string;
}

export interface ComparedLine {
  name: LineName;
  parts: Part[];
  /** Of which message the line ends with a line feed. */
  end: Part["of"] | "neither";
}

interface Line {
  text: string;
  isEnded: boolean;
}

/** Four lines, and the body, which may have line feeds of its own. */
function linesOf(message: string): Line[] {
  const lines: Line[] = [];
  let rest = message;
  while (lines.length < NAMES.length - 1) {
    const end = rest.indexOf("\n");
    if (end < 0) break;
    lines.push({ text: rest.slice(0, end), isEnded: true });
    rest = rest.slice(end + 1);
  }
  const isEnded = rest.endsWith("\n");
  if (rest !== "" || lines.length === NAMES.length - 1) {
    lines.push({ text: isEnded ? rest.slice(0, -1) : rest, isEnded });
  }
  return lines;
}

/** @param signed without it, nobody can tell what was signed: every line is of both */
export function compare(expected: string, signed = expected): ComparedLine[] {
  const [ours, theirs] = [linesOf(signed), linesOf(expected)];
  return NAMES.flatMap((name, index): ComparedLine[] => {
    const [a, b] = [ours[index], theirs[index]];
    if (a === undefined && b === undefined) return [];
    const end = a?.isEnded ? (b?.isEnded ? "both" : "signed") : b?.isEnded ? "expected" : "neither";
    return [{ name, parts: partsOf(a?.text ?? "", b?.text ?? ""), end }];
  });
}

export const differs = ({ parts, end }: ComparedLine) =>
  end === "signed" || end === "expected" || parts.some(({ of }) => of !== "both");

/** What is equal, and what of each text stands in its place, whole. */
export function partsOf(signed: string, expected: string): Part[] {
  if (signed === expected) return present({ of: "both", text: signed });
  if (likenessOf(signed, expected) !== undefined) return tokenParts(signed, expected);
  const [a, b] = [Array.from(signed), Array.from(expected)];
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a[start] === b[start]) start++;
  let end = 0;
  while (end < shorter - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const part = (of: Part["of"], from: string[], to: number, begin = start) => ({
    of,
    text: from.slice(begin, to).join(""),
  });
  return present(
    part("both", a, start, 0),
    part("signed", a, a.length - end),
    part("expected", b, b.length - end),
    part("both", a, a.length, a.length - end),
  );
}

const present = (...parts: Part[]) => parts.filter(({ text }) => text !== "");

/** The longest JSON that is compared by its tokens, in characters. */
const LONGEST_JSON = 100_000;
const TOKENS = /"(?:[^"\\]|\\.)*"|\s+|[{}[\],:]|[^\s"{}[\],:]+/g;

/** How two texts of one JSON value differ: in white space alone, or in how a text or number is written too. */
export function likenessOf(signed: string, expected: string): "white-space" | "spelling" | undefined {
  if (signed === expected || signed.length + expected.length > LONGEST_JSON) return undefined;
  try {
    if (JSON.stringify(JSON.parse(signed)) !== JSON.stringify(JSON.parse(expected))) return undefined;
  } catch {
    return undefined;
  }
  const [a, b] = [tokensOf(signed), tokensOf(expected)];
  if (a.length !== b.length) return undefined;
  return a.every(({ text }, index) => text === b[index]?.text) ? "white-space" : "spelling";
}

/** Each with the white space before it; the last one is empty. */
function tokensOf(json: string): { space: string; text: string }[] {
  const tokens: { space: string; text: string }[] = [];
  let space = "";
  for (const [text] of json.matchAll(TOKENS)) {
    if (/^\s/.test(text)) space = text;
    else {
      tokens.push({ space, text });
      space = "";
    }
  }
  return [...tokens, { space, text: "" }];
}

function tokenParts(signed: string, expected: string): Part[] {
  const parts: Part[] = [];
  const add = (part: Part) => {
    const before = parts.at(-1);
    if (before?.of === part.of) before.text += part.text;
    else if (part.text !== "") parts.push(part);
  };
  const theirs = tokensOf(expected);
  for (const [index, ours] of tokensOf(signed).entries()) {
    for (const kind of ["space", "text"] as const) {
      const [a, b] = [ours[kind], theirs[index]?.[kind] ?? ""];
      if (a === b) add({ of: "both", text: a });
      else {
        add({ of: "signed", text: a });
        add({ of: "expected", text: b });
      }
    }
  }
  return parts;
}
