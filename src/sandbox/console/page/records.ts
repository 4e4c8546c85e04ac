// Orders, refunds and transfers as they stand, with what their users would do.
import type { PayRecord } from "../../family/pay/index.js";
import { button } from "./actions.js";
import { $, el } from "./dom.js";
import { type Key, t } from "./language.js";
import { visible } from "./text.js";

let records: PayRecord[] = [];

export function setRecords(now: PayRecord[]): void {
  records = now;
  showRecords();
}

export function showRecords(): void {
  $("records").hidden = records.length === 0;
  const heads = (["kind", "number", "state", "amount", "user"] satisfies Key[]).map((key) =>
    el("th", { scope: "col" }, t(key)),
  );
  const rows = records.map((record) =>
    el(
      "tr",
      {},
      el("td", {}, t(record.kind)),
      el("th", { scope: "row" }, el("code", {}, visible(record.number))),
      el("td", {}, record.state),
      el("td", {}, (record.amount / 100).toFixed(2)),
      el("td", {}, el("div", { class: "row" }, ...buttonsOf(record))),
    ),
  );
  $("records-table").replaceChildren(
    el("table", {}, el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...rows)),
  );
}

function buttonsOf({ kind, number, state }: PayRecord): HTMLButtonElement[] {
  if (kind === "order" && state === "NOTPAY") {
    return [button(t("pay"), { action: "pay", out_trade_no: number }, (id) => t("paid", id))];
  }
  if (kind === "refund" && (state === "PROCESSING" || state === "ABNORMAL")) {
    const end = { action: "finishRefund" as const, out_refund_no: number };
    const done = (status: string) => t("refundEnded", status);
    return [
      button(t("refundDone"), { ...end, status: "SUCCESS" }, done),
      button(t("refundClosed"), { ...end, status: "CLOSED" }, done),
      ...(state === "ABNORMAL" ? [] : [button(t("refundAbnormal"), { ...end, status: "ABNORMAL" }, done)]),
    ];
  }
  if (kind === "transfer" && state === "WAIT_USER_CONFIRM") {
    const confirm = { action: "confirm" as const, out_bill_no: number };
    const done = (ended: string) => t("confirmed", ended);
    return [
      button(t("confirm"), confirm, done),
      button(t("confirmFails"), { ...confirm, fail_reason: "PAYEE_ACCOUNT_ABNORMAL" }, done),
    ];
  }
  return [];
}
