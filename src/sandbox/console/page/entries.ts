import { batch } from "@preact/signals";
import type { Counts, Entry } from "../messages.js";
import { changed, counts, entries, isComplete, start } from "./store.js";

/** The most entries that a page holds, and how many beyond them it takes before it drops the oldest. */
const MOST = 10_000;
const BEYOND = 500;

/** Where an entry that can change is, counted from the first that ever came. */
const places = new Map<string, number>();
let dropped = 0;
let newest = 0;
let told: Counts | undefined;

export const keyOf = (entry: Entry) => ("id" in entry ? `${entry.kind} ${entry.id}` : undefined);

/** `seq` of the newest entry that is here. */
export const newestSeq = () => newest;

export function findEntry<Kind extends "request" | "notification">(kind: Kind, id: number) {
  return entries[(places.get(`${kind} ${id}`) ?? -1) - dropped] as Extract<Entry, { kind: Kind }> | undefined;
}

/** Takes what has arrived. It is drawn with the next frame. */
export function addEntries(arrived: readonly Entry[], now: Counts): void {
  for (const entry of arrived) {
    newest = Math.max(newest, entry.seq);
    const key = keyOf(entry);
    const place = key === undefined ? undefined : places.get(key);
    if (place !== undefined) entries[place - dropped] = entry;
    else {
      if (key !== undefined) places.set(key, dropped + entries.length);
      entries.push(entry);
    }
  }
  if (entries.length > MOST + BEYOND) drop(entries.length - MOST);
  draw(now);
}

export function clearEntries(now: Counts): void {
  places.clear();
  entries.length = 0;
  dropped = 0;
  newest = 0;
  draw(now);
}

function drop(many: number): void {
  for (const entry of entries.splice(0, many)) places.delete(keyOf(entry) ?? "");
  dropped += many;
}

function draw(now: Counts): void {
  if (told === undefined) requestAnimationFrame(drawNow);
  told = now;
}

function drawNow(): void {
  batch(() => {
    if (told !== undefined) counts.value = told;
    told = undefined;
    isComplete.value = start.value !== undefined && newest >= start.value.last;
    changed.value++;
  });
}
