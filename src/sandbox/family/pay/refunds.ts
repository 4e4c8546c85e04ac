import { isDeepStrictEqual } from "node:util";
import type { components, operations, paths } from "../../../../generated/pay/schema.js";
import { ActionError } from "../../action-error.js";
import type { BehaviourInput, Behaviours } from "../../behaviours.js";
import type { Deliveries } from "../../server/deliveries.js";
import { notFound, ruleBroken } from "../../server/refusals.js";
import { inBeijing } from "../../server/time.js";
import { type Account, type Movement, yuan } from "./money.js";
import { Numbers } from "./numbers.js";
import type { Orders, PaidOrder } from "./orders.js";
import { checkRefund } from "./refund-rules.js";

type Schemas = components["schemas"];
type Request = Schemas["CreateRefundRequest"];

/** How a refund ends; an `ABNORMAL` one can still end otherwise. */
export type RefundEnd = "SUCCESS" | "CLOSED" | "ABNORMAL";

export interface Refund {
  request: Request;
  order: PaidOrder;
  refund_id: string;
  createdAt: number;
  /** Where it did not end by the clock. */
  end?: { status: RefundEnd; at: number };
  told?: RefundEnd;
}

/** When a refund succeeds by itself, in ms since it was accepted. */
const SUCCEEDS_AFTER = 60_000;
const SUMMARIES: Record<RefundEnd, string> = { SUCCESS: "退款成功", CLOSED: "退款关闭", ABNORMAL: "退款异常" };
const RECEIVED = "支付用户零钱";

/** Refunds (退款). Source: https://pay.weixin.qq.com/doc/v3/merchant/4012791903 */
export class Refunds {
  /** By out_refund_no, which a merchant uses once. */
  readonly all = new Map<string, Refund>();
  readonly #clock: () => number;
  readonly #orders: Orders;
  readonly #account: Account;
  readonly #deliveries: Deliveries;
  readonly #numbers = new Numbers("50300000000", 10);

  constructor(clock: () => number, orders: Orders, account: Account, deliveries: Deliveries) {
    this.#clock = clock;
    this.#orders = orders;
    this.#account = account;
    this.#deliveries = deliveries;
    account.addSource(() => [...this.all.values()].flatMap((refund) => this.#movementsOf(refund)));
  }

  readonly behaviours: Behaviours<paths> = {
    "POST /v3/refund/domestic/refunds": ({ body, mchid }) => this.#toldOf(this.#create(body, mchid)),
    "GET /v3/refund/domestic/refunds/{out_refund_no}": ({ params }) => this.#toldOf(this.#find(params)),
  };

  endOf({ end, createdAt }: Refund): { status: RefundEnd | "PROCESSING"; at: number } {
    if (end !== undefined) return end;
    const at = createdAt + SUCCEEDS_AFTER;
    return this.#clock() < at ? { status: "PROCESSING", at: createdAt } : { status: "SUCCESS", at };
  }

  /** @throws {Error} saying why it cannot end like this. */
  finish(out_refund_no: string, status: RefundEnd): Refund {
    const refund = this.all.get(out_refund_no);
    if (refund === undefined) {
      throw new ActionError(`没有退款 ${out_refund_no}。`, `There is no refund ${out_refund_no}.`);
    }
    const before = this.endOf(refund).status;
    if (before === "SUCCESS" || before === "CLOSED" || before === status) {
      throw new ActionError(
        `退款 ${out_refund_no} 已结束：${before}。`,
        `The refund ${out_refund_no} is finished: ${before}.`,
      );
    }
    return Object.assign(refund, { end: { status, at: this.#clock() } });
  }

  #create(request: Request, mchid: string): Refund {
    const earlier = this.all.get(request.out_refund_no);
    if (earlier !== undefined) {
      if (isDeepStrictEqual(earlier.request, request)) return earlier;
      throw ruleBroken(
        "退款单号重复，且参数与原退款不一致",
        "This out_refund_no belongs to a refund with other parameters.",
      );
    }
    const order = this.#orderOf(request, mchid);
    this.#check(request, order);
    this.#account.requireFunds(request.amount.refund);
    const createdAt = this.#clock();
    const refund: Refund = { request, order, refund_id: this.#numbers.next(createdAt), createdAt };
    this.all.set(request.out_refund_no, refund);
    order.isRefunded = true;
    this.#deliveries.plan(createdAt + SUCCEEDS_AFTER, () => this.tell(refund));
    return refund;
  }

  #orderOf({ transaction_id, out_trade_no, sub_mchid }: Request, mchid: string): PaidOrder {
    for (const order of this.#orders.all.values()) {
      const { request, payment } = order;
      const isOwn = "sp_mchid" in request ? request.sub_mchid === sub_mchid : sub_mchid === undefined;
      // Where both numbers are there, WeChat Pay's own counts.
      const isIt = transaction_id ? payment?.transaction_id === transaction_id : request.out_trade_no === out_trade_no;
      if (!isOwn || !isIt) continue;
      if (payment === undefined) throw ruleBroken("订单未支付", "The order is not paid.");
      return order as PaidOrder;
    }
    throw notFound(
      transaction_id ? { transaction_id } : { out_trade_no },
      "订单不存在",
      `${mchid} has no such order${sub_mchid ? ` for ${sub_mchid}` : " of its own"}.`,
      { more: `：${mchid} ${sub_mchid ? `没有特约商户 ${sub_mchid} 的` : "自己没有"}这个订单` },
    );
  }

  /** The rules of a refund that OpenAPI cannot express. */
  #check({ amount }: Request, order: PaidOrder): void {
    const { total } = order.request.amount;
    const others = [...this.all.values()].filter((refund) => refund.order === order);
    const held = sum(others.filter((refund) => this.endOf(refund).status !== "CLOSED").map(refundOf));
    const left = total - held;
    checkRefund(amount, { total, left, paidAt: order.payment.paidAt, refunds: others.length }, this.#clock());
  }

  #find({ path, query }: BehaviourInput<operations["getRefundByOutRefundNo"]>["params"]): Refund {
    const refund = this.all.get(path.out_refund_no);
    if (refund !== undefined && refund.request.sub_mchid === query.sub_mchid) return refund;
    throw notFound({ out_refund_no: path.out_refund_no }, "退款单不存在", "There is no such refund.");
  }

  #toldOf(refund: Refund): Schemas["Refund"] {
    const { request, order, refund_id, createdAt } = refund;
    const { status, at } = this.endOf(refund);
    const { total, from } = request.amount;
    const refunded = request.amount.refund;
    return {
      refund_id,
      out_refund_no: request.out_refund_no,
      transaction_id: order.payment.transaction_id,
      out_trade_no: order.request.out_trade_no,
      channel: "ORIGINAL",
      user_received_account: RECEIVED,
      ...(status === "SUCCESS" && { success_time: inBeijing(at) }),
      create_time: inBeijing(createdAt),
      status,
      funds_account: request.funds_account ?? "AVAILABLE",
      amount: {
        total,
        refund: refunded,
        ...(from && { from }),
        payer_total: total,
        payer_refund: refunded,
        settlement_total: total,
        settlement_refund: refunded,
        discount_refund: 0,
        currency: "CNY",
      },
    };
  }

  /** Sends the result, if it was not sent, and returns it. */
  async tell(refund: Refund): Promise<Schemas["RefundResult"]> {
    const { status } = this.endOf(refund);
    const resource = this.#resultOf(refund);
    if (status === "PROCESSING" || refund.told === status) return resource;
    refund.told = status;
    const event = { event_type: `REFUND.${status}`, summary: SUMMARIES[status], resource };
    await this.#deliveries.send(refund.request.notify_url, event);
    return resource;
  }

  #resultOf(refund: Refund): Schemas["RefundResult"] {
    const { order, request } = refund;
    const { refund_id, out_refund_no, transaction_id, out_trade_no, success_time } = this.#toldOf(refund);
    const { total, refund: refunded } = request.amount;
    return {
      ...merchantOf(order),
      transaction_id,
      out_trade_no,
      refund_id,
      out_refund_no,
      refund_status: this.endOf(refund).status,
      ...(success_time !== undefined && { success_time }),
      user_received_account: RECEIVED,
      amount: { total, refund: refunded, payer_total: total, payer_refund: refunded },
    };
  }

  /** The money goes out when the refund is accepted, and comes back where it is closed. */
  #movementsOf({ request, order, refund_id, createdAt, end }: Refund): Movement[] {
    const { refund } = request.amount;
    const flow = { business: "退款", businessNo: refund_id, flowNo: order.payment.transaction_id } as const;
    const told = { ...flow, voucher: request.out_refund_no, note: `退款总金额${yuan(refund)}元;含手续费0.00元` };
    const out = { ...told, at: createdAt, amount: -refund };
    return end?.status === "CLOSED" ? [out, { ...told, at: end.at, amount: refund, note: "退款关闭" }] : [out];
  }
}

function merchantOf({ request }: PaidOrder) {
  if (!("sp_mchid" in request)) return { mchid: request.mchid };
  const { sp_mchid, sub_mchid } = request;
  return { sp_mchid, sub_mchid };
}

const refundOf = ({ request }: Refund) => request.amount.refund;
const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);
