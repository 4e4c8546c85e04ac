import type { Message } from "../messages.js";
import { $, el } from "./dom.js";
import { labelOf, t, timeOf } from "./language.js";
import { addExchange, startList } from "./list.js";
import { setRecords } from "./records.js";

/** By how much the sandbox's clock is ahead of this one, in ms. */
let ahead = 0;
let events: EventSource | undefined;

/** A browser has six connections to a host for all its tabs, so a hidden tab gives its own back. */
export function connect(): void {
  if (document.visibilityState === "hidden") {
    events?.close();
    events = undefined;
  } else if (events === undefined) {
    events = new EventSource("/console/events");
    events.onopen = showConnection;
    events.onerror = showConnection;
    events.onmessage = ({ data }) => hear(JSON.parse(data));
  }
}

function hear(message: Message): void {
  if (message.type === "exchange") {
    addExchange(message.exchange, message);
    return;
  }
  if (message.type === "records") {
    setRecords(message.records);
    return;
  }
  ahead = message.now - Date.now();
  showClock();
  if (message.type === "time") return;
  $("mchid").textContent = message.mchid;
  fill("fault", message.faults);
  fill("operation", ["", ...message.operations]);
  startList(message.last, message);
}

function fill(name: string, values: readonly string[]): void {
  const select = $("fault").querySelector(`select[name=${name}]`) as HTMLSelectElement;
  const { value } = select;
  select.replaceChildren(...values.map((each) => el("option", { value: each, label: labelOf(each) })));
  if (values.includes(value)) select.value = value;
}

export function showConnection(): void {
  const isLive = events?.readyState === EventSource.OPEN;
  $("connection").className = isLive ? "live" : "";
  $("connection").textContent = t(isLive ? "live" : "lost");
}

export function showClock(): void {
  const now = new Date(Date.now() + ahead);
  ($("clock") as HTMLTimeElement).dateTime = now.toISOString();
  $("clock").textContent = timeOf(now);
  const minutes = Math.round(ahead / 60_000);
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  $("ahead").textContent = minutes === 0 ? "" : hours === 0 ? t("aheadMinutes", rest) : t("aheadHours", hours, rest);
}
