// The browser side. What arrives is never trusted: it becomes text, never markup.
import type { Answer, Ask, Message, Shown } from "./index.js";
import { faults, type Text, texts, verdicts } from "./texts.js";

type Language = keyof Text;
type Key = keyof typeof texts;

const STORED = "wechatpay-sandbox-language";
const SHOWN_AT_MOST = 500;
/** Of a text, in characters and lines: with more, browsers take seconds. */
const LONGEST = 100_000;
const MOST_LINES = 2000;
/** Of a list that pushes nothing out of sight. */
const FEW = 10;

let language: Language = (stored() ?? navigator.language).startsWith("zh") ? "zh" : "en";
let exchanges: Shown[] = [];
let selected: Shown | undefined;
/** By how much the sandbox's clock is ahead of this one, in ms. */
let ahead = 0;
let arrived = 0;

const $ = <E extends HTMLElement>(id: string) => document.getElementById(id) as E;
const say = (text: Text, ...values: (string | number)[]) =>
  text[language].replace(/\{(\d)\}/g, (_, index) => String(values[Number(index)]));
const t = (key: Key, ...values: (string | number)[]) => say(texts[key], ...values);

/** An element with attributes, where an absent value is no attribute. */
function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string | undefined> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function stored(): string | undefined {
  try {
    return localStorage.getItem(STORED) ?? undefined;
  } catch {
    return undefined; // Where storage is blocked.
  }
}

function setLanguage(to: Language): void {
  language = to;
  document.documentElement.lang = to === "zh" ? "zh-CN" : "en";
  document.title = t("title");
  $("language").lang = to === "zh" ? "en" : "zh-CN";
  for (const element of document.querySelectorAll<HTMLElement>("[data-text]"))
    element.textContent = t(element.dataset.text as Key);
  for (const element of document.querySelectorAll<HTMLElement>("[data-label]"))
    element.setAttribute("aria-label", t(element.dataset.label as Key));
  for (const option of document.querySelectorAll<HTMLOptionElement>("select option"))
    option.label = labelOf(option.value);
  showNote("");
  showConnection();
  showClock();
  showList();
  showDetail();
}

function labelOf(value: string): string {
  if (value === "") return t("any");
  return Object.hasOwn(faults, value) ? `${value}: ${say(faults[value as keyof typeof faults])}` : value;
}

// What the sandbox tells

let events: EventSource | undefined;
/** The newest exchange before this page came; until it is told of, nothing is shown. */
let last = 0;
let isShown = false;

/** A browser has six connections to a host for all its tabs, so that one that nobody sees gives its own back. */
function connect(): void {
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

document.addEventListener("visibilitychange", connect);

function hear(message: Message): void {
  if (message.type === "exchange") {
    add(message.exchange);
    return;
  }
  ahead = message.now - Date.now();
  showClock();
  if (message.type === "time") return;
  $("mchid").textContent = message.mchid;
  fill("fault", message.faults);
  fill("operation", ["", ...message.operations]);
  exchanges = [];
  last = message.last;
  isShown = false;
  $("list").ariaBusy = "true";
  if (last === 0) showAll();
}

function showAll(): void {
  isShown = true;
  $("list").ariaBusy = "false";
  selected = exchanges.find(({ id, at }) => id === selected?.id && at === selected.at) ?? exchanges[0];
  showList();
  showDetail();
}

function fill(name: string, values: readonly string[]): void {
  const select = $("fault").querySelector(`select[name=${name}]`) as HTMLSelectElement;
  const { value } = select;
  select.replaceChildren(...values.map((each) => el("option", { value: each, label: labelOf(each) })));
  if (values.includes(value)) select.value = value;
}

function add(exchange: Shown): void {
  exchanges.unshift(exchange);
  exchanges.length = Math.min(exchanges.length, SHOWN_AT_MOST);
  if (!isShown) {
    if (exchange.id >= last) showAll();
    return;
  }
  $("list").prepend(rowOf(exchange, "new"));
  while ($("list").childElementCount > SHOWN_AT_MOST) $("list").lastElementChild?.remove();
  $("count").textContent = String(exchanges.length);
  if (selected === undefined) select(exchange);
  // One announcement for all that come within a second.
  if (++arrived > 1) return;
  setTimeout(() => {
    $("arrivals").textContent = t("arrived", arrived);
    arrived = 0;
  }, 1000);
}

function showConnection(): void {
  const isLive = events?.readyState === EventSource.OPEN;
  $("connection").className = isLive ? "live" : "";
  $("connection").textContent = t(isLive ? "live" : "lost");
}

function showClock(): void {
  const now = new Date(Date.now() + ahead);
  ($("clock") as HTMLTimeElement).dateTime = now.toISOString();
  $("clock").textContent = timeOf(now);
  const minutes = Math.round(ahead / 60_000);
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  $("ahead").textContent = minutes === 0 ? "" : hours === 0 ? t("aheadMinutes", rest) : t("aheadHours", hours, rest);
}

/** Date and time as Sweden writes them: as ISO 8601 does, of the local time zone. */
function timeOf(time: Date): string {
  return time.toLocaleString("sv-SE");
}

// What the user asks for

async function ask(what: Ask, done: (answer: string) => string): Promise<void> {
  try {
    const headers = { "Content-Type": "application/json" };
    const reply = await fetch("/console/actions", { method: "POST", headers, body: JSON.stringify(what) });
    const answer: Answer = await reply.json();
    if ("refused" in answer) showNote(answer.refused, true);
    else showNote(done(answer.done));
  } catch {
    showNote(t("unreachable"), true);
  }
}

function showNote(text: string, isRefusal = false): void {
  $("note").className = isRefusal ? "refusal" : "";
  // The sandbox's own messages are in English.
  $("note").lang = isRefusal ? "en" : document.documentElement.lang;
  $("note").textContent = text;
}

function button(label: string, what: Ask, done: (answer: string) => string): HTMLButtonElement {
  const made = el("button", { type: "button" }, label);
  made.onclick = () => ask(what, done);
  return made;
}

// The list

function showList(): void {
  $("list").replaceChildren(...exchanges.map((exchange) => rowOf(exchange)));
  $("count").textContent = String(exchanges.length);
}

function rowOf(exchange: Shown, kind?: string): HTMLElement {
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
    select(exchange);
    // Below the list, they would be out of sight.
    if (!matchMedia("(max-width: 760px)").matches) return;
    $("detail").focus({ preventScroll: true });
    $("detail").scrollIntoView();
  };
  return el("li", { class: kind }, row);
}

function chipOf({ verdict, fault }: Shown): HTMLElement {
  const kind = fault !== undefined ? "fault" : verdict === "accepted" ? "accepted" : "refused";
  const name = say(verdicts[verdict].name);
  const text = fault === undefined ? name : verdict === "fault" ? fault : `${name} · ${fault}`;
  return el("span", { class: `chip ${kind}` }, { accepted: "✓ ", refused: "✗ ", fault: "⚡ " }[kind] + text);
}

function select(exchange: Shown): void {
  if (selected !== undefined) {
    const before = document.getElementById(`row-${selected.id}`);
    before?.removeAttribute("aria-current");
    before?.setAttribute("tabindex", "-1");
  }
  selected = exchange;
  const row = $(`row-${exchange.id}`);
  row.setAttribute("aria-current", "true");
  row.tabIndex = 0;
  showDetail();
}

$("list").onkeydown = (event) => {
  const { key, altKey, ctrlKey, metaKey } = event;
  const at = selected === undefined ? -1 : exchanges.indexOf(selected);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: exchanges.length - 1 }[key];
  const next = to === undefined || altKey || ctrlKey || metaKey ? undefined : exchanges[to];
  if (next === undefined) return;
  event.preventDefault();
  select(next);
  $(`row-${next.id}`).focus();
};

// The details

function showDetail(): void {
  $("detail").className = selected === undefined ? "empty" : "";
  $("detail").replaceChildren(...(selected === undefined ? emptyState() : detailOf(selected)));
}

function emptyState(): Node[] {
  if (exchanges.length > 0) return [el("p", {}, t("pick"))];
  const code = `import { createWeChatPayClient } from "wechatpay-openapi-fetch";

const wechatpay = createWeChatPayClient({
  baseUrl: ${JSON.stringify(location.origin)},
  mchid, serialNo, privateKey, platformKeys,
});
await wechatpay.POST("/v3/payroll-card/authentications/pre-order", { body });`;
  return [el("h2", {}, t("empty")), el("p", {}, t("emptyHow")), el("pre", {}, code)];
}

/** Faults that let no answer arrive, or not all of it. */
const LOST: (keyof typeof faults)[] = ["reset", "hang", "truncated-body"];

function detailOf(exchange: Shown): Node[] {
  const { method, path, operationId, status, at, verdict, fault, body, reply, decrypted, expected, signature } =
    exchange;
  const time = new Date(at);
  const { advice } = verdicts[verdict];
  const isLost = fault !== undefined && LOST.includes(fault);
  const fields = { ...prefixed(t("requestBody"), decrypted.request), ...prefixed(t("replyBody"), decrypted.reply) };
  return [
    el("h2", {}, `${method} ${visible(shortened(path))}`),
    el(
      "p",
      { class: "summary" },
      chipOf(exchange),
      ` ${status} `,
      el("time", { datetime: time.toISOString() }, timeOf(time)),
      " ",
      ...(operationId === undefined ? [] : [el("code", {}, operationId)]),
    ),
    el("p", { class: "advice" }, say(advice)),
    ...(fault === undefined || verdict === "fault"
      ? []
      : [el("p", { class: "cause" }, t(isLost ? "lostAnswer" : "faultyAnswer", say(faults[fault])))]),
    ...userButtons(exchange),
    ...(signature === undefined
      ? []
      : section(t("signature"), el("p", { class: "cause" }, say(signature.cause)), ...comparison(signature))),
    ...(Object.keys(fields).length === 0 ? [] : section(t("decrypted"), tableOf(fields))),
    ...section(t("requestBody"), bodyOf(body)),
    ...section(t("replyBody"), bodyOf(reply)),
    ...(signature !== undefined || expected === undefined
      ? []
      : [el("details", {}, el("summary", {}, t("message")), messageOf(expected))]),
  ];
}

function section(title: string, ...content: Node[]): Node[] {
  return [el("section", {}, el("h3", {}, title), ...content)];
}

function prefixed(prefix: string, fields: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).map(([pointer, plain]) => [`${prefix} ${pointer}`, plain]));
}

function tableOf(fields: Record<string, string>): HTMLElement {
  const head = el("tr", {}, el("th", { scope: "col" }, t("field")), el("th", { scope: "col" }, t("plain")));
  const entries = Object.entries(fields);
  const rows = entries.slice(0, MOST_LINES).map(([field, plain]) => {
    const name = el("th", { scope: "row" }, el("code", {}, visible(shortened(field))));
    return el("tr", {}, name, el("td", {}, visible(shortened(plain))));
  });
  const table = el("table", {}, el("thead", {}, head), el("tbody", {}, ...rows));
  const shown = rows.length === entries.length ? table : el("div", { class: "cut" }, el("p", {}, t("cut")), table);
  return folded(shown, entries.length, t("decryptedFields", entries.length));
}

/** What is long stays closed until somebody wants it. */
function folded(content: HTMLElement, length: number, summary: string): HTMLElement {
  return length <= FEW ? content : el("details", {}, el("summary", {}, summary), content);
}

function bodyOf(body: unknown): HTMLElement {
  if (body === undefined) return el("p", {}, t("noBody"));
  const text = typeof body === "string" ? body : indented(body);
  return withNote(text, el("pre", {}, shortened(text).split("\n").map(visible).join("\n")));
}

/** The beginning of a text, as far as a page can show it. */
function shortened(text: string): string {
  return text.slice(0, LONGEST).split("\n", MOST_LINES).join("\n");
}

/** With a word on what is not shown of a text. */
function withNote(text: string, shown: HTMLElement): HTMLElement {
  if (text.length === shortened(text).length) return shown;
  return el("div", { class: "cut" }, el("p", {}, t("cut")), shown);
}

/** JSON in lines, as far as it is shown. */
function indented(json: unknown): string {
  let text = "";
  for (const part of partsOf(json, "\n")) {
    text += part;
    if (text.length > LONGEST) break;
  }
  return text;
}

function* partsOf(json: unknown, end: string): Generator<string> {
  const entries = Object.entries(record(json));
  const [open, close] = Array.isArray(json) ? "[]" : "{}";
  if (typeof json !== "object" || json === null || entries.length === 0) return yield JSON.stringify(json);
  for (const [index, [name, value]] of entries.entries()) {
    yield `${index === 0 ? open : ","}${end}  ${Array.isArray(json) ? "" : `${JSON.stringify(name)}: `}`;
    yield* partsOf(value, `${end}  `);
  }
  yield `${end}${close}`;
}

// What the user would do

function userButtons({ verdict, body, reply }: Shown): Node[] {
  if (verdict !== "accepted" && verdict !== "business-error") return [];
  const { openid, sub_mchid, authenticate_number: number, out_batch_no, transfer_detail_list: details } = record(body);
  const buttons: HTMLButtonElement[] = [];
  if (isText(openid) && isText(sub_mchid)) {
    // The token of a pre-order opens another page.
    const { token } = record(reply);
    const user = { action: "authorize" as const, openid, sub_mchid };
    const withToken = { ...user, ...(isText(token) && number === undefined && { token }) };
    buttons.push(
      button(t("authorize"), { ...withToken, state: "AUTHORIZED" }, () => t("authorized")),
      button(t("deauthorize"), { ...user, state: "DEAUTHORIZED" }, () => t("deauthorized")),
    );
  }
  if (isText(number) && verdict === "accepted") {
    const check = { action: "authenticate" as const, number };
    const done = (state: string) => t("checked", state);
    buttons.push(
      button(t("pass"), { ...check, state: "AUTHENTICATE_SUCCESS" }, done),
      button(t("failCheck"), { ...check, state: "AUTHENTICATE_FAILED" }, done),
    );
  }
  const transfers = Array.isArray(details) && isText(out_batch_no) && verdict === "accepted" ? details : [];
  const fails = transfers.map(record).flatMap(({ out_detail_no }) => {
    if (!isText(out_detail_no)) return [];
    const what: Ask = { action: "failTransfer", out_batch_no, out_detail_no } as Ask;
    return [button(t("failTransfer", out_detail_no), what, () => t("transferFailed", out_detail_no))];
  });
  const row = (made: HTMLButtonElement[]) => el("div", { class: "row" }, ...made);
  return [
    ...(buttons.length === 0 ? [] : section(t("user"), el("p", {}, t("userHow")), row(buttons))),
    ...(fails.length === 0
      ? []
      : section(t("transfers"), folded(row(fails), fails.length, t("transfersToFail", fails.length)))),
  ];
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

// Messages side by side

const LINES: Key[] = ["lineMethod", "lineUrl", "lineTimestamp", "lineNonce", "lineBody"];
const lineName = (index: number) => t(LINES[Math.min(index, LINES.length - 1)] as Key);

interface Difference {
  line: number;
  /** Where the two lines begin to differ, in characters. */
  start: number;
  /** How many characters they have in common at their ends; absent where too much lies between to be one difference. */
  end?: number;
}

const ONE_DIFFERENCE = 40;

/** Where in a line the difference stops. */
function stopOf({ start, end }: Difference, { length }: string[]): number {
  return end === undefined ? Math.min(start + 1, length) : length - end;
}

/** Lines with their line feeds, as lists of characters. */
function linesOf(message: string): string[][] {
  return (message.match(/[^\n]*\n|[^\n]+$/g) ?? []).map((line) => Array.from(line));
}

function comparison({ signed, expected }: { signed?: string; expected: string }): Node[] {
  if (signed === undefined) return [figureOf(t("expected"), messageOf(expected))];
  const [ours, theirs] = [linesOf(shortened(signed)), linesOf(shortened(expected))];
  const difference = differenceOf(ours, theirs);
  const shown = (at: Difference, lines: string[][]) => {
    const line = lines[at.line] ?? [];
    return visible(line.slice(at.start, stopOf(at, line)).join("")) || t("nothing");
  };
  return [
    ...(difference === undefined
      ? []
      : [
          el(
            "p",
            {},
            t(
              "difference",
              difference.line + 1,
              lineName(difference.line),
              difference.start + 1,
              shown(difference, ours),
              shown(difference, theirs),
            ),
          ),
        ]),
    el(
      "div",
      { class: "sides" },
      figureOf(t("signed"), messageOf(signed, difference)),
      figureOf(t("expected"), messageOf(expected, difference)),
    ),
  ];
}

function differenceOf(a: string[][], b: string[][]): Difference | undefined {
  for (let line = 0; line < Math.max(a.length, b.length); line++) {
    const [ours = [], theirs = []] = [a[line], b[line]];
    const shorter = Math.min(ours.length, theirs.length);
    let start = 0;
    while (start < shorter && ours[start] === theirs[start]) start++;
    if (start === ours.length && start === theirs.length) continue;
    let end = 0;
    while (end < shorter - start && ours.at(-1 - end) === theirs.at(-1 - end)) end++;
    const isOne = Math.max(ours.length, theirs.length) - start - end <= ONE_DIFFERENCE;
    return { line, start, ...(isOne && { end }) };
  }
  return undefined;
}

function figureOf(caption: string, message: HTMLElement): HTMLElement {
  return el("figure", {}, el("figcaption", {}, caption), message);
}

/** A message line by line, each with its number and name, and line feeds as characters that can be seen. */
function messageOf(message: string, difference?: Difference): HTMLElement {
  const lines = linesOf(shortened(message));
  const length = Math.max(lines.length, (difference?.line ?? 0) + 1);
  const shown = el(
    "pre",
    { class: "message" },
    ...Array.from({ length }, (_, index) => {
      const characters = lines[index] ?? [];
      const part = (from: number, to: number) => visible(characters.slice(from, to).join(""));
      const label = el("span", { class: "label" }, `${index + 1} ${lineName(index)}`);
      const line = (...content: (Node | string)[]) => el("span", { class: "line" }, label, el("span", {}, ...content));
      if (index !== difference?.line) return line(part(0, characters.length));
      const { start } = difference;
      const stop = stopOf(difference, characters);
      return line(part(0, start), el("mark", {}, part(start, stop) || "∅"), part(stop, characters.length));
    }),
  );
  return withNote(message, shown);
}

/** A text whose line feeds, control characters and invisible characters can be seen, and that turns no other text around. */
function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u00a0\u3000]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (character === "\n") return "⏎";
    // Unicode has pictures of the first 32, such as ␍ and ␉.
    return code < 32 ? String.fromCodePoint(0x2400 + code) : `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
  });
}

// The controls

$("address").textContent = location.origin;
$("language").onclick = () => {
  setLanguage(language === "zh" ? "en" : "zh");
  try {
    localStorage.setItem(STORED, language);
  } catch {} // It is not remembered, then.
};
$("controls").onclick = ({ target }) => {
  if (!(target instanceof HTMLButtonElement) || target.value === "") return;
  const ms = Number(target.value);
  ask({ action: "advance", ms }, () => t("advanced", ms / 60_000));
};
$("fault").onsubmit = (event) => {
  event.preventDefault();
  const form = new FormData(event.target as HTMLFormElement);
  const operation = String(form.get("operation"));
  const fault = String(form.get("fault")) as keyof typeof faults;
  const times = Number(form.get("times"));
  ask({ action: "fail", fault, ...(operation !== "" && { operation }), times }, () =>
    t("faultAdded", say(faults[fault]), times),
  );
};
$("end-faults").onclick = () => ask({ action: "endFaults" }, () => t("faultsEnded"));
$("rotate").onclick = () => ask({ action: "rotate" }, (serial) => t("rotated", serial));
$("clear").onclick = () => ask({ action: "clear" }, () => t("cleared"));

setLanguage(language);
setInterval(showClock, 1000);
connect();
