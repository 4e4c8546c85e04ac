import type { ShownExchange } from "../messages.js";
import { comparison, messageOf } from "./comparison.js";
import { $, el } from "./dom.js";
import { say, t, timeOf } from "./language.js";
import { folded, section } from "./section.js";
import { indented, MOST_LINES, shortened, visible, withNote } from "./text.js";
import { faults, verdicts } from "./texts.js";
import { userButtons } from "./user-buttons.js";

/** Shows an exchange. Where none is selected, it says what to do. */
export function showDetail(exchange: ShownExchange | undefined, isListEmpty: boolean): void {
  $("detail").className = exchange === undefined ? "empty" : "";
  $("detail").replaceChildren(...(exchange === undefined ? emptyState(isListEmpty) : detailOf(exchange)));
}

export function chipOf({ verdict, fault }: ShownExchange): HTMLElement {
  const kind = fault !== undefined ? "fault" : verdict === "accepted" ? "accepted" : "refused";
  const name = say(verdicts[verdict].name);
  const text = fault === undefined ? name : verdict === "fault" ? fault : `${name} · ${fault}`;
  return el("span", { class: `chip ${kind}` }, { accepted: "✓ ", refused: "✗ ", fault: "⚡ " }[kind] + text);
}

function emptyState(isListEmpty: boolean): Node[] {
  if (!isListEmpty) return [el("p", {}, t("pick"))];
  const code = `import { createWeChatPayClient } from "wechatpay-openapi-fetch";

const wechatpay = createWeChatPayClient({
  baseUrl: ${JSON.stringify(location.origin)},
  mchid, serialNo, privateKey, platformKeys,
});
await wechatpay.POST("/v3/payroll-card/authentications/pre-order", { body });`;
  return [el("h2", {}, t("empty")), el("p", {}, t("emptyHow")), el("pre", {}, code)];
}

/** With these faults no reply arrives, or not all of it. */
const LOST: (keyof typeof faults)[] = ["reset", "hang", "truncated-body"];

function detailOf(exchange: ShownExchange): Node[] {
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

function bodyOf(body: unknown): HTMLElement {
  if (body === undefined) return el("p", {}, t("noBody"));
  const text = typeof body === "string" ? body : indented(body);
  return withNote(text, el("pre", {}, shortened(text).split("\n").map(visible).join("\n")));
}
