import type { PayRecord } from "../family/pay/index.js";
import type { RefundEnd } from "../family/pay/refunds.js";
import type { Fault } from "../server/faults.js";
import type { Exchange, ReceivedRequest } from "../server/request-log.js";

/** An exchange in the form that the page gets it. */
export interface ShownExchange extends ReceivedRequest, Pick<Exchange, "at" | "expected"> {
  id: number;
  /** The reply's body, decrypted. */
  reply: unknown;
  /** What was encrypted on the wire, in plain text, by JSON pointer. */
  decrypted: { request: Record<string, string>; reply: Record<string, string> };
}

/** How many requests arrived since the last clearing, and how many of them the sandbox has dropped. */
export interface Counts {
  arrived: number;
  dropped: number;
}

/** What the sandbox sends to the page. */
export type Message =
  | ({
      type: "start";
      mchid: string;
      operations: string[];
      faults: readonly Fault[];
      now: number;
      last: number;
    } & Counts)
  /** Those up to the start's `last`, the newest before the page came, follow the start at once. */
  | ({ type: "exchange"; exchange: ShownExchange } & Counts)
  /** The newest orders, refunds and transfers, each time that one has changed. */
  | { type: "records"; records: PayRecord[] }
  /** The sandbox's time; also sent now and then, to notice that a page has gone. */
  | { type: "time"; now: number };

/** What the page asks the sandbox to do, as JSON. */
export type Action =
  | { action: "authorize"; openid: string; sub_mchid: string; token?: string; state: "AUTHORIZED" | "DEAUTHORIZED" }
  | { action: "authenticate"; number: string; state: "AUTHENTICATE_SUCCESS" | "AUTHENTICATE_FAILED" }
  | { action: "failTransfer"; out_batch_no: string; out_detail_no: string }
  | { action: "pay"; out_trade_no: string }
  | { action: "finishRefund"; out_refund_no: string; status: RefundEnd }
  | { action: "confirm"; out_bill_no: string; fail_reason?: string }
  | { action: "fail"; fault: Fault; operation?: string; times: number }
  | { action: "endFaults" }
  | { action: "advance"; ms: number }
  | { action: "rotate" }
  | { action: "clear" };

/** The result of an action, or why it could not be done. */
export type ActionResult = { done: string } | { refused: string };
