import type { components, paths } from "../../../../generated/pay/schema.js";
import type { Behaviours } from "../../behaviours.js";
import { checkFields, checkOptions, oneOf, requireFit, TEXT } from "../../checks.js";
import type { Deliveries } from "../../server/deliveries.js";
import { Bills } from "./bills.js";
import { Account } from "./money.js";
import { orderCalls } from "./order-calls.js";
import { Orders } from "./orders.js";
import { type RefundEnd, Refunds } from "./refunds.js";
import { paidTransaction } from "./transactions.js";
import { Transfers } from "./transfers.js";

type Schemas = components["schemas"];

/** What users do with orders and transfers, and how refunds end. */
export interface PayActions {
  /**
   * The user pays an order (支付). Resolves when the `notify_url` has answered, where `notifications` says that it is told.
   *
   * @param order its `out_trade_no`; the body that placed it will do
   * @param payer who pays, where that is not the one of the order
   * @returns what the notification tells
   * @throws {Error} saying why the user could not: no such order, or one that is paid, closed or over.
   */
  pay(
    order: { out_trade_no: string },
    payer?: { openid: string },
  ): Promise<Schemas["TransactionNotification"]["resource"]>;
  /**
   * A refund ends now, and not by the clock. One that is `ABNORMAL` (退款异常) can still succeed or be closed. Resolves as {@link pay}.
   *
   * @param status default `SUCCESS`
   * @returns what the notification tells
   * @throws {Error} if there is no such refund, or it is finished.
   */
  finishRefund(refund: { out_refund_no: string }, status?: RefundEnd): Promise<Schemas["RefundResult"]>;
  /**
   * The user confirms a transfer (确认收款). Resolves as {@link pay}.
   *
   * @param fail_reason why it fails all the same, such as `PAYEE_ACCOUNT_ABNORMAL`
   * @returns what the notification tells
   * @throws {Error} if there is no such transfer, or it waits for nobody: it is over, or cancelled.
   */
  confirm(transfer: { out_bill_no: string }, fail_reason?: string): Promise<Schemas["TransferResult"]>;
}

/** An order, a refund or a transfer as it stands. */
export interface PayRecord {
  kind: "order" | "refund" | "transfer";
  /** The merchant's own number. */
  number: string;
  state: string;
  /** In fen. */
  amount: number;
  /** When it was made, in ms since the epoch. */
  at: number;
}

/** What nearly every merchant calls as one system: orders, refunds, bills, transfers, and what their users do. */
export function createPay(
  clock: () => number,
  deliveries: Deliveries,
): PayActions & { behaviours: Behaviours<paths>; records(): PayRecord[] } {
  const account = new Account();
  const orders = new Orders(clock, account);
  const refunds = new Refunds(clock, orders, account, deliveries);
  const transfers = new Transfers(clock, account, deliveries);
  const bills = new Bills(clock, orders, refunds, account);
  return {
    behaviours: { ...orderCalls(orders), ...refunds.behaviours, ...bills.behaviours, ...transfers.behaviours },
    async pay(given, payer) {
      checkFields("order", given, { out_trade_no: TEXT }, ["out_trade_no"]);
      if (payer !== undefined) checkOptions("pay", payer, { openid: TEXT }, ["openid"]);
      const order = orders.pay(given.out_trade_no, payer?.openid);
      const resource = paidTransaction(order);
      await deliveries.send(order.request.notify_url, {
        event_type: "TRANSACTION.SUCCESS",
        summary: "支付成功",
        resource,
      });
      return resource;
    },
    async finishRefund(refund, status = "SUCCESS") {
      checkFields("refund", refund, { out_refund_no: TEXT }, ["out_refund_no"]);
      requireFit("status", oneOf(["SUCCESS", "CLOSED", "ABNORMAL"]), status);
      return refunds.finish(refund.out_refund_no, status);
    },
    async confirm(transfer, fail_reason) {
      checkFields("transfer", transfer, { out_bill_no: TEXT }, ["out_bill_no"]);
      if (fail_reason !== undefined) requireFit("fail_reason", TEXT, fail_reason);
      return transfers.confirm(transfer.out_bill_no, fail_reason);
    },
    records: () => [
      ...Array.from(orders.all, ([number, order]): PayRecord => {
        return {
          kind: "order",
          number,
          state: orders.stateOf(order),
          amount: order.request.amount.total,
          at: order.placedAt,
        };
      }),
      ...Array.from(refunds.all, ([number, refund]): PayRecord => {
        const { status: state } = refunds.endOf(refund);
        return { kind: "refund", number, state, amount: refund.request.amount.refund, at: refund.createdAt };
      }),
      ...Array.from(transfers.all, ([number, transfer]): PayRecord => {
        const { state } = transfers.stateOf(transfer);
        return { kind: "transfer", number, state, amount: transfer.request.transfer_amount, at: transfer.createdAt };
      }),
    ],
  };
}
