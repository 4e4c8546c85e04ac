import { newest } from "../newest.js";
import type { Orders } from "./orders.js";
import type { Refunds } from "./refunds.js";
import type { Transfers } from "./transfers.js";

/** An order, a refund or a transfer as it stands. */
export interface PayRecord {
  kind: "order" | "refund" | "transfer";
  /** The merchant's own number. */
  number: string;
  /** WeChat Pay's number for a query, `transaction_id` or `transfer_bill_no`, once there is one. */
  id?: string;
  /** Whose it is, where a service provider made it. */
  sub_mchid?: string;
  state: string;
  /** In fen. */
  amount: number;
  /** When it was made, in ms since the epoch. */
  at: number;
}

/** The newest of all three, the newest first. */
export function recordsOf(orders: Orders, refunds: Refunds, transfers: Transfers, most: number): PayRecord[] {
  const all = [
    newest(orders.all, most).map(([number, order]): PayRecord => {
      const { placedAt: at, request } = order;
      const id = order.payment?.transaction_id;
      const own = { number, ...(id !== undefined && { id }), ...subOf(request) };
      return { kind: "order", ...own, state: orders.stateOf(order), amount: request.amount.total, at };
    }),
    newest(refunds.all, most).map(([number, refund]): PayRecord => {
      const { createdAt: at, request } = refund;
      const { status: state } = refunds.endOf(refund);
      return { kind: "refund", number, ...subOf(request), state, amount: request.amount.refund, at };
    }),
    newest(transfers.all, most).map(([number, transfer]): PayRecord => {
      const { createdAt: at, request, transfer_bill_no: id } = transfer;
      const { state } = transfers.stateOf(transfer);
      return { kind: "transfer", number, id, state, amount: request.transfer_amount, at };
    }),
  ];
  return all
    .flat()
    .sort((a, b) => b.at - a.at)
    .slice(0, most);
}

const subOf = (request: object): Pick<PayRecord, "sub_mchid"> =>
  "sub_mchid" in request && typeof request.sub_mchid === "string" ? { sub_mchid: request.sub_mchid } : {};
