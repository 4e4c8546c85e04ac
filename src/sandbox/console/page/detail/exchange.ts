// The details of the request that is chosen, fetched when it is.
import { computed, effect, signal } from "@preact/signals";
import type { ShownExchange } from "../../messages.js";
import { findEntry } from "../entries.js";
import { selected } from "../list/selection.js";
import { changed, isComplete, start } from "../store.js";

/** What is shown; `isGone` where the sandbox has it no more. It stays until the next one is there. */
export const shown = signal<{ id: number; exchange?: ShownExchange }>();

const wanted = () => /^request (\d+)$/.exec(selected.value ?? "")?.[1];

/** Whether the one that was chosen is not there yet. */
export const isLoading = computed(() => wanted() !== undefined && wanted() !== String(shown.value?.id));

/** Whether it has arrived: browsers log it as an error where one asks for what is not there. */
const isThere = computed(() => {
  changed.value;
  return findEntry("request", Number(wanted())) !== undefined;
});

effect(() => {
  const id = wanted();
  if (id === undefined || start.value?.run === undefined) return undefined;
  if (!isThere.value) {
    if (isComplete.value) shown.value = { id: Number(id) };
    return undefined;
  }
  const cancel = new AbortController();
  load(Number(id), cancel.signal);
  return () => cancel.abort();
});

async function load(id: number, signal: AbortSignal): Promise<void> {
  try {
    const response = await fetch(`/console/requests/${id}.json`, { signal });
    const exchange = response.ok ? ((await response.json()) as ShownExchange) : undefined;
    shown.value = { id, ...(exchange && { exchange }) };
  } catch {
    // Another one was chosen, or the sandbox has gone, which the header says.
  }
}

/** The body as it was sent. */
export function sentOf({ body, sentBody }: ShownExchange): string {
  return sentBody ?? (typeof body === "string" ? body : (JSON.stringify(body) ?? ""));
}

export function headerOf(headers: ShownExchange["requestHeaders"], name: string): string | undefined {
  return headers.find(([each]) => each.toLowerCase() === name.toLowerCase())?.[1];
}

export const isUpload = ({ requestHeaders }: ShownExchange) =>
  /^multipart\//i.test(headerOf(requestHeaders, "Content-Type") ?? "");
