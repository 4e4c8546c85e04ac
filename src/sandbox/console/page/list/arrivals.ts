// Tells a screen reader what arrives.
import { effect } from "@preact/signals";
import { say } from "../language.js";
import { counts, isComplete, spoken } from "../store.js";
import { listTexts } from "./texts.js";

/** One announcement for all that come within this time, in ms. */
const EVERY = 1000;

let heard: number | undefined;
let due: number | undefined;

export function announceArrivals(): void {
  effect(() => {
    const { arrived } = counts.value;
    if (!isComplete.value) return;
    // What came before the page is no news.
    if (heard === undefined || arrived < heard) heard = arrived;
    if (arrived === heard || due !== undefined) return;
    spoken.value = "";
    due = window.setTimeout(() => {
      const now = counts.peek().arrived;
      spoken.value = say(listTexts.arrived, now - (heard ?? now));
      heard = now;
      due = undefined;
    }, EVERY);
  });
}
