// From what the page was told to the list that it shows.
import type { DeedRow, Entry, NotificationRow, RequestRow, UnconnectedRow } from "../../messages.js";
import { keyOf } from "../entries.js";
import { dateOf } from "../time.js";

export type Row = { seq: number } & (RequestRow | UnconnectedRow | NotificationRow);

export type Item =
  | { kind: "row"; key: string; entry: Row; attempt?: number; attempts?: number }
  | { kind: "deed"; key: string; entry: { seq: number } & DeedRow }
  | { kind: "day"; key: string; date: string };

export type Colour = "accepted" | "refused" | "fault" | "pending";

/** Which rows are shown; of the colours and notifications any that is chosen, none chosen for all. */
export interface Filter {
  text: string;
  operation: string;
  only: readonly Group[];
}
export type Group = "refused" | "fault" | "notification";

export const NO_FILTER: Filter = { text: "", operation: "", only: [] };
export const isFiltered = ({ text, operation, only }: Filter) => text !== "" || operation !== "" || only.length > 0;

export function colourOf(entry: Row): Colour {
  if (entry.kind === "unconnected") return "fault";
  if (entry.kind === "request") {
    return entry.fault !== undefined ? "fault" : entry.verdict === "accepted" ? "accepted" : "refused";
  }
  const { status, error } = entry;
  if (error !== undefined) return "refused";
  return status === undefined ? "pending" : status < 300 ? "accepted" : "refused";
}

const groupOf = (entry: Row) => (entry.kind === "notification" ? entry.kind : colourOf(entry));

const texts = new WeakMap<Row, string>();

/** What a search looks through, in lower case. */
function textOf(entry: Row): string {
  const known = texts.get(entry);
  if (known !== undefined) return known;
  const parts =
    entry.kind === "notification"
      ? [entry.event_type, entry.url, JSON.stringify(entry.resource), entry.status, entry.error?.en, entry.error?.zh]
      : [entry.method, entry.path, entry.operationId];
  if (entry.kind === "request") {
    const { status, verdict, fault, code, reason, words } = entry;
    parts.push(`${status}`, verdict, fault, code, reason?.en, reason?.zh, words);
  }
  const text = parts.join(" ").toLowerCase();
  texts.set(entry, text);
  return text;
}

/** The newest first, with dividers between days and, where nothing is filtered, for what was done. */
export function itemsOf(entries: readonly Entry[], filter: Filter): Item[] {
  const items: Item[] = [];
  const chains = attemptsOf(entries);
  const fits = fitter(filter);
  const withDeeds = !isFiltered(filter);
  let day: string | undefined;
  for (let i = entries.length - 1; i >= 0; i--) {
    const entry = entries[i] as Entry;
    const key = keyOf(entry) ?? `${entry.kind} seq ${entry.seq}`;
    if (entry.kind === "deed" ? !withDeeds : !fits(entry)) continue;
    const date = dateOf(entry.at);
    if (day !== undefined && date !== day) items.push({ kind: "day", key: `day ${date} ${entry.seq}`, date });
    day = date;
    if (entry.kind === "deed") items.push({ kind: "deed", key, entry });
    else items.push({ kind: "row", key, entry, ...chains.get(entry) });
  }
  return items;
}

function fitter({ text, operation, only }: Filter): (entry: Row) => boolean {
  const words = text.toLowerCase().split(/\s+/);
  return (entry) =>
    (only.length === 0 || only.includes(groupOf(entry) as Group)) &&
    (operation === "" || ("operationId" in entry && entry.operationId === operation)) &&
    (text === "" || words.every((word) => textOf(entry).includes(word)));
}

/** Calls that were repeated: of each of their requests, which attempt it is, and of how many. */
function attemptsOf(entries: readonly Entry[]): Map<Entry, { attempt: number; attempts: number }> {
  const repeated = new Set<RequestRow[]>();
  /** The last call of each path, as a list of its attempts. */
  const calls = new Map<string, RequestRow[]>();
  for (const entry of entries) {
    if (entry.kind !== "request") continue;
    const key = `${entry.method} ${entry.path}`;
    const call = calls.get(key);
    if (entry.attempt === undefined || call === undefined) calls.set(key, [entry]);
    else {
      call.push(entry);
      repeated.add(call);
    }
  }
  const found = new Map<Entry, { attempt: number; attempts: number }>();
  for (const call of repeated) {
    const attempts = call.at(-1)?.attempt ?? 1;
    for (const [index, entry] of call.entries()) {
      found.set(entry as Entry, { attempt: attempts - call.length + 1 + index, attempts });
    }
  }
  return found;
}

/** How many there are of each group and operation. */
export function countsOf(entries: readonly Entry[]): {
  groups: Record<Group, number>;
  operations: Map<string, number>;
} {
  const groups = { refused: 0, fault: 0, notification: 0 };
  const operations = new Map<string, number>();
  for (const entry of entries) {
    if (entry.kind === "deed") continue;
    const group = groupOf(entry);
    if (group in groups) groups[group as Group]++;
    if ("operationId" in entry && entry.operationId !== undefined) {
      operations.set(entry.operationId, (operations.get(entry.operationId) ?? 0) + 1);
    }
  }
  return { groups, operations };
}

/** Heights, in pixels. */
export const ROW = 44;
const DIVIDER = 28;

/** Where each item begins, and where the last one ends. */
export function topsOf(items: readonly Item[]): number[] {
  const tops = [0];
  let top = 0;
  for (const { kind } of items) {
    top += kind === "row" ? ROW : DIVIDER;
    tops.push(top);
  }
  return tops;
}

/** The first item that ends below a place. */
export function indexAt(tops: readonly number[], place: number): number {
  let [low, high] = [0, tops.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tops[middle + 1] ?? Number.POSITIVE_INFINITY) > place) high = middle;
    else low = middle + 1;
  }
  return low;
}
