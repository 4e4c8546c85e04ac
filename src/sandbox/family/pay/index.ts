import type { components, paths } from "../../../../generated/pay/schema.js";
import type { Behaviours } from "../../behaviours.js";
import { checkFields, checkOptions, oneOf, requireFit, TEXT } from "../../checks.js";
import type { Did } from "../../server/deeds.js";
import type { Deliveries } from "../../server/deliveries.js";
import { Bills } from "./bills.js";
import { Account } from "./money.js";
import { orderCalls } from "./order-calls.js";
import { Orders } from "./orders.js";
import { type PayRecord, recordsOf } from "./records.js";
import { type RefundEnd, Refunds } from "./refunds.js";
import { paidTransaction } from "./transactions.js";
import { Transfers } from "./transfers.js";

export type { PayRecord };

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

/**
 * What nearly every merchant calls as one system: orders, refunds, bills, transfers, and what their users do.
 *
 * @param did is told what users did
 */
export function createPay(
  clock: () => number,
  deliveries: Deliveries,
  did: Did,
): PayActions & { behaviours: Behaviours<paths>; records(most: number): PayRecord[] } {
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
      did("pay", { out_trade_no: given.out_trade_no });
      await deliveries.send(order.request.notify_url, {
        event_type: "TRANSACTION.SUCCESS",
        summary: "支付成功",
        resource,
      });
      return resource;
    },
    async finishRefund(given, status = "SUCCESS") {
      checkFields("refund", given, { out_refund_no: TEXT }, ["out_refund_no"]);
      requireFit("status", oneOf(["SUCCESS", "CLOSED", "ABNORMAL"]), status);
      const refund = refunds.finish(given.out_refund_no, status);
      did("finishRefund", { out_refund_no: given.out_refund_no, status });
      return refunds.tell(refund);
    },
    async confirm(given, fail_reason) {
      checkFields("transfer", given, { out_bill_no: TEXT }, ["out_bill_no"]);
      if (fail_reason !== undefined) requireFit("fail_reason", TEXT, fail_reason);
      const transfer = transfers.confirm(given.out_bill_no, fail_reason);
      did("confirm", { out_bill_no: given.out_bill_no, fail_reason });
      return transfers.tell(transfer);
    },
    records: (most) => recordsOf(orders, refunds, transfers, most),
  };
}
