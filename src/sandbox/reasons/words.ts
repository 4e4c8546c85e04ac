/** One thing said in Chinese and in English, each complete. */
export interface Reason {
  zh: string;
  en: string;
}

/** Why a request was refused. */
export interface Why {
  reason: Reason;
  /** What to change, as {@link ReceivedRequest.fix}. */
  fix?: string;
}

/** The most characters of a value that somebody else sent. */
const LONGEST = 80;

/** A value that somebody else sent, made fit for a sentence: no control or formatting characters, and not long. */
export function shown(value: string, longest = LONGEST): string {
  const characters = Array.from(value.slice(0, longest * 4).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, ""));
  const isCut = characters.length > longest || value.length > longest * 4;
  return isCut ? `${characters.slice(0, longest).join("")}…` : characters.join("");
}

/** Such as `2,020`. */
export const counted = (number: number): string => number.toLocaleString("en-US");

/** Such as `a, b and c`. */
export const listed = (parts: readonly string[], word: string, comma = ", "): string =>
  [parts.slice(0, -1).join(comma), ...parts.slice(-1)].filter(Boolean).join(word);
export const listedZh = (parts: readonly string[]): string => parts.join("、");

/** The name that was probably meant: without regard to case and marks, or else the nearest of a third of other letters at most. */
export function nearest(given: string, names: readonly string[]): string | undefined {
  const name = plain(given).slice(0, LONGEST);
  let [best, found] = [0.34, undefined as string | undefined];
  for (const each of names) {
    const other = plain(each);
    const distance = distanceOf([...name], [...other]) / Math.max(name.length, other.length, 1);
    if (distance < best) [best, found] = [distance, each];
  }
  return found;
}

const plain = (name: string) => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");

/**
 * What it takes to make one list of the other, where inserting or deleting an item costs 1 (Levenshtein).
 * @param cost of putting an item in the place of another
 */
export function distanceOf<Item>(
  one: readonly Item[],
  other: readonly Item[],
  cost: (a: Item, b: Item) => number = (a, b) => (a === b ? 0 : 1),
): number {
  let row = Array.from({ length: other.length + 1 }, (_, i) => i);
  for (const [i, item] of one.entries()) {
    const next = [i + 1];
    for (const [j, another] of other.entries())
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + cost(item, another)));
    row = next;
  }
  return row[other.length] as number;
}
