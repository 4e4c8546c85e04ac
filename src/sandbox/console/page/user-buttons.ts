// Buttons for what the user would do after a request.
import type { Action, ShownExchange } from "../messages.js";
import { button } from "./actions.js";
import { el } from "./dom.js";
import { t } from "./language.js";
import { folded, section } from "./section.js";
import { isText, record } from "./text.js";

export function userButtons({ verdict, body, reply }: ShownExchange): Node[] {
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
    const what: Action = { action: "failTransfer", out_batch_no, out_detail_no } as Action;
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
