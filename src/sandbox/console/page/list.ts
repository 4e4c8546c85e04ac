import type { Counts, ShownExchange } from "../messages.js";
import { chipOf, showDetail } from "./detail.js";
import { $, el } from "./dom.js";
import { t, timeOf } from "./language.js";
import { visible } from "./text.js";

const SHOWN_AT_MOST = 500;

/** The newest first. */
let exchanges: ShownExchange[] = [];
let selected: ShownExchange | undefined;
/** The newest exchange before this page came; until it is there, nothing is shown. */
let last = 0;
let isShown = false;
let counts: Counts = { arrived: 0, dropped: 0 };
/** How many came since the last announcement. */
let unannounced = 0;

/** Begins a new list. */
export function startList(newest: number, now: Counts): void {
  counts = now;
  exchanges = [];
  last = newest;
  isShown = false;
  $("list").ariaBusy = "true";
  if (last === 0) showAll();
}

export function addExchange(exchange: ShownExchange, now: Counts): void {
  counts = now;
  exchanges.unshift(exchange);
  exchanges.length = Math.min(exchanges.length, SHOWN_AT_MOST);
  if (!isShown) {
    if (exchange.id >= last) showAll();
    return;
  }
  $("list").prepend(rowOf(exchange, "new"));
  while ($("list").childElementCount > SHOWN_AT_MOST) $("list").lastElementChild?.remove();
  showCount();
  if (selected === undefined) select(exchange);
  // One announcement for all that come within a second.
  if (++unannounced > 1) return;
  setTimeout(() => {
    $("arrivals").textContent = t("arrived", unannounced);
    unannounced = 0;
  }, 1000);
}

function showAll(): void {
  isShown = true;
  $("list").ariaBusy = "false";
  const before = exchanges.find(({ id, at }) => id === selected?.id && at === selected.at);
  selected = before ?? named() ?? exchanges[0];
  showList();
}

/** The exchange that the page's address names, such as #/requests/12, which the terminal prints. */
function named(): ShownExchange | undefined {
  const [, wanted] = /^#\/requests\/(\d+)$/.exec(location.hash) ?? [];
  return exchanges.find(({ id }) => String(id) === wanted);
}
addEventListener("hashchange", () => {
  const exchange = named();
  if (exchange !== undefined && exchange !== selected) choose(exchange);
});

/** Selects an exchange because somebody asked for it: the page's address names it. */
function choose(exchange: ShownExchange): void {
  select(exchange);
  history.replaceState(null, "", `#/requests/${exchange.id}`);
}

/** Shows the list and the exchange that is selected. */
export function showList(): void {
  $("list").replaceChildren(...exchanges.map((exchange) => rowOf(exchange)));
  showCount();
  showDetail(selected, exchanges.length === 0);
}

function showCount(): void {
  const { arrived, dropped } = counts;
  const shown = exchanges.length;
  const key = dropped > 0 ? "countDropped" : arrived > shown ? "countOf" : "countAll";
  $("count").textContent = t(key, shown, arrived, dropped);
}

function rowOf(exchange: ShownExchange, kind?: string): HTMLElement {
  const { id, at, method, path, operationId, status } = exchange;
  const isSelected = exchange === selected;
  const time = new Date(at);
  const row = el(
    "button",
    {
      type: "button",
      id: `row-${id}`,
      ...(isSelected && { "aria-current": "true" }),
      tabindex: isSelected ? "0" : "-1",
    },
    el("time", { datetime: time.toISOString() }, timeOf(time).slice(11)),
    " ",
    el("strong", {}, method),
    " ",
    el("span", { class: "status" }, String(status)),
    " ",
    chipOf(exchange),
    " ",
    el("span", { class: "path" }, visible(path.slice(0, 500))),
    " ",
    el("span", { class: "operation" }, operationId ?? ""),
  );
  row.onclick = () => {
    choose(exchange);
    // Below the list, they would be out of sight.
    if (!matchMedia("(max-width: 760px)").matches) return;
    $("detail").focus({ preventScroll: true });
    $("detail").scrollIntoView();
  };
  return el("li", { class: kind }, row);
}

function select(exchange: ShownExchange): void {
  if (selected !== undefined) {
    const before = document.getElementById(`row-${selected.id}`);
    before?.removeAttribute("aria-current");
    before?.setAttribute("tabindex", "-1");
  }
  selected = exchange;
  const row = $(`row-${exchange.id}`);
  row.setAttribute("aria-current", "true");
  row.tabIndex = 0;
  showDetail(exchange, false);
}

$("list").onkeydown = (event) => {
  const { key, altKey, ctrlKey, metaKey } = event;
  const at = selected === undefined ? -1 : exchanges.indexOf(selected);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: exchanges.length - 1 }[key];
  const next = to === undefined || altKey || ctrlKey || metaKey ? undefined : exchanges[to];
  if (next === undefined) return;
  event.preventDefault();
  choose(next);
  $(`row-${next.id}`).focus();
};
