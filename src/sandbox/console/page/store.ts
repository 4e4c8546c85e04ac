// What the page knows. Components read it, and are drawn anew where it changes.
import { computed, signal } from "@preact/signals";
import type { Action, Counts, Entry, Message, State } from "../messages.js";

export type Start = Extract<Message, { type: "start" }>;

/** What the sandbox said of itself; absent until it has. */
export const start = signal<Start>();
/** The oldest first. One array for good: {@link changed} says when it is another list. */
export const entries: Entry[] = [];
/** Grows with each change of {@link entries}, once in a frame. */
export const changed = signal(0);
export const isEmpty = computed(() => {
  changed.value;
  return entries.length === 0;
});
/** Whether all that came before this page is here. */
export const isComplete = signal(false);
export const counts = signal<Counts>({ arrived: 0, dropped: 0 });
export const state = signal<State>();
/** By how much the sandbox's clock is ahead of this one, in ms. */
export const ahead = signal(0);
/** This machine's time, as of the last second. */
export const tick = signal(Date.now());
/** The sandbox's time, as of the last second. */
export const now = computed(() => tick.value + ahead.value);
export const isLive = signal(false);
/** What was done last, or why it could not be; `undefined` where there is nothing to say. */
export const note = signal<{ text: string; isRefusal: boolean }>();
/** What a screen reader says, such as that something was copied. */
export const spoken = signal("");
/** What the view "Trigger" begins with: a request to edit and send. */
export const draft = signal<Omit<Extract<Action, { action: "send" }>, "action">>();

setInterval(() => {
  tick.value = Date.now();
}, 1000);
