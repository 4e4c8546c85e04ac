import { computed, effect, signal } from "@preact/signals";
import { findEntry } from "../entries.js";
import { go, route } from "../route.js";
import { changed, entries, isComplete, start } from "../store.js";
import { type Filter, itemsOf, NO_FILTER, topsOf } from "./rows.js";

export const filter = signal<Filter>(NO_FILTER);

export const items = computed(() => {
  changed.value;
  return itemsOf(entries, filter.value);
});

/** The request that is shown where the address names none: the newest one when the page came. */
const standing = signal<number>();

/** Key of the row whose details are shown. */
export const selected = computed(() => {
  const at = route.value;
  if (at.view === "notifications") return `notification ${at.id}`;
  const id = at.view === "requests" ? (at.id ?? standing.value) : undefined;
  return id === undefined ? undefined : `request ${id}`;
});

/** Where the items are, and which one is chosen: not looked for anew with each step of a scroll. */
export const tops = computed(() => topsOf(items.value));
export const chosenIndex = computed(() => items.value.findIndex(({ key }) => key === selected.value));

let run: string | undefined;
effect(() => {
  changed.value;
  if (start.value?.run !== run) standing.value = undefined;
  run = start.value?.run;
  if (!isComplete.value || (standing.value !== undefined && findEntry("request", standing.value))) return;
  const newest = entries.findLast((entry) => entry.kind === "request");
  standing.value = newest?.id;
});

/** The rows that can be chosen. */
const rows = computed(() => items.value.filter((item) => item.kind === "row" && "id" in item.entry));

/** Chooses the row that is so many below the chosen one. */
export function move(by: number): void {
  const at = rows.value.findIndex(({ key }) => key === selected.value);
  choose(at < 0 ? 0 : Math.min(Math.max(at + by, 0), rows.value.length - 1));
}

export function moveToEnd(isLast: boolean): void {
  choose(isLast ? rows.value.length - 1 : 0);
}

export const hashOf = (key: string) => `#/${key.replace(" ", "s/")}`;

function choose(index: number): void {
  const row = rows.value[index];
  if (row !== undefined) go(hashOf(row.key));
}
