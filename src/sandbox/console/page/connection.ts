import type { Message } from "../messages.js";
import { addEntries, clearEntries, newestSeq } from "./entries.js";
import { go, isDetail, route } from "./route.js";
import { ahead, isLive, start, state } from "./store.js";

let events: EventSource | undefined;

/** A browser has six connections to a host for all its tabs, so a hidden tab gives its own back. */
export function connect(): void {
  if (document.visibilityState === "hidden") {
    events?.close();
    events = undefined;
    return;
  }
  if (events !== undefined) return;
  events = new EventSource(`/console/events?run=${start.value?.run ?? ""}&after=${newestSeq()}`);
  const see = () => {
    isLive.value = events?.readyState === EventSource.OPEN;
  };
  events.onopen = see;
  events.onerror = see;
  events.onmessage = ({ data }) => hear(JSON.parse(data));
}

function hear(message: Message): void {
  switch (message.type) {
    case "start": {
      const isOther = message.run !== start.value?.run;
      // What was shown is of a list that is no more.
      if (isOther && start.value !== undefined && isDetail(route.value)) go("#/requests");
      start.value = message;
      ahead.value = message.now - Date.now();
      if (isOther) clearEntries(message);
      else addEntries([], message);
      return;
    }
    case "entries":
      addEntries(message.entries, message);
      return;
    case "state":
      state.value = message.state;
      return;
    case "time":
      ahead.value = message.now - Date.now();
  }
}
