import { isDeepStrictEqual } from "node:util";
import type { components } from "../../../../generated/pay/schema.js";
import { ActionError } from "../../action-error.js";
import { familyError, notFound, parameterError, ruleBroken } from "../../server/refusals.js";
import { DAY } from "../../server/time.js";
import { type Account, type Movement, yuan } from "./money.js";
import { Numbers, prepayId } from "./numbers.js";

type Schemas = components["schemas"];

/** How the user pays: `MWEB` is H5. */
export type TradeType = "JSAPI" | "APP" | "NATIVE" | "MWEB";
export type TradeState = "NOTPAY" | "SUCCESS" | "CLOSED" | "REFUND";

/** An order of a direct merchant, or of a service provider, whatever way it is paid. */
export type OrderRequest = (Schemas["DirectOrder"] | Schemas["PartnerOrder"]) & {
  payer?: { openid?: string; sp_openid?: string | undefined; sub_openid?: string | undefined };
  scene_info?: { device_id?: string };
};

export interface Order {
  request: OrderRequest;
  tradeType: TradeType;
  placedAt: number;
  /** From when it cannot be paid. */
  expiresAt: number;
  /** What the user opens, and until when. */
  prepay: { id: string; diesAt: number };
  closedAt?: number;
  payment?: { transaction_id: string; paidAt: number; openid: string };
  isRefunded?: boolean;
}
export type PaidOrder = Order & Required<Pick<Order, "payment">>;

const MINUTE = 60_000;

/** How long a user can open what an order gave. Source: https://github.com/wechatpay-apiv3/wechatpay-skills */
const LIFE: Record<TradeType, number> = {
  JSAPI: 120 * MINUTE,
  APP: 120 * MINUTE,
  NATIVE: 120 * MINUTE,
  MWEB: 5 * MINUTE,
};

/** How long an order can be paid: at least, at most, and where it has no `time_expire`, after which it closes by itself. */
const [SHORTEST, LONGEST, DEFAULT] = [MINUTE, 90 * DAY, 7 * DAY];

/** Whose an order is: the fields by which a query names it. */
export type Owner = { mchid: string } | { sp_mchid: string; sub_mchid: string };

/** The payer's OpenID where the order has none: the documented example. */
const SOMEBODY = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o";

/** Orders (订单) and their payments. Source: https://pay.weixin.qq.com/doc/v3/merchant/4012791897 */
export class Orders {
  /** By out_trade_no, which a merchant uses once. */
  readonly all = new Map<string, Order>();
  readonly #clock: () => number;
  readonly #numbers = new Numbers("4200000000", 10);

  constructor(clock: () => number, account: Account) {
    this.#clock = clock;
    account.addSource(() => [...this.all.values()].flatMap(movementsOf));
  }

  stateOf({ payment, isRefunded, closedAt, request, expiresAt }: Order): TradeState {
    if (payment !== undefined) return isRefunded ? "REFUND" : "SUCCESS";
    const isForgotten = request.time_expire === undefined && this.#clock() >= expiresAt;
    return closedAt !== undefined || isForgotten ? "CLOSED" : "NOTPAY";
  }

  /** The order of a request, which may be there already: the same number with the same parameters is the same order. */
  place(request: OrderRequest, tradeType: TradeType): Order {
    const now = this.#clock();
    const earlier = this.all.get(request.out_trade_no);
    if (earlier !== undefined) this.#checkAgain(earlier, request, tradeType);
    const order = earlier ?? {
      request,
      tradeType,
      placedAt: now,
      expiresAt: expiryOf(request, now),
      prepay: { id: "", diesAt: 0 },
    };
    if (order.prepay.diesAt <= now) order.prepay = { id: prepayId(now), diesAt: now + LIFE[tradeType] };
    this.all.set(request.out_trade_no, order);
    return order;
  }

  #checkAgain(earlier: Order, request: OrderRequest, tradeType: TradeType): void {
    if (earlier.tradeType !== tradeType || !isDeepStrictEqual(earlier.request, request)) {
      throw familyError(
        403,
        "OUT_TRADE_NO_USED",
        "商户订单号重复",
        "This out_trade_no belongs to an order with other parameters.",
        "：参数与原订单不一致",
      );
    }
    if (earlier.payment !== undefined) throw isPaid();
    if (this.stateOf(earlier) === "CLOSED") {
      throw familyError(
        400,
        "ORDER_CLOSED",
        "订单已关闭",
        "The order is closed: place another one, with a number of its own.",
        "：请换一个商户订单号重新下单",
      );
    }
    if (this.#clock() >= earlier.expiresAt) {
      throw ruleBroken(
        "订单已过支付结束时间",
        "The time_expire of the order is over: place another one, with a number of its own.",
        "：请换一个商户订单号重新下单",
      );
    }
  }

  /** @throws {Refusal} 404 if the owner has no such order. */
  find(owner: Owner, out_trade_no: string): Order {
    const order = this.all.get(out_trade_no);
    if (order !== undefined && isOf(owner, order)) return order;
    throw noOrder({ out_trade_no });
  }

  /** @throws {Refusal} 404 if the owner has no order that was paid under this number. */
  findPaid(owner: Owner, transaction_id: string): PaidOrder {
    for (const order of this.all.values()) {
      if (order.payment?.transaction_id === transaction_id && isOf(owner, order)) return order as PaidOrder;
    }
    throw noOrder({ transaction_id });
  }

  close(owner: Owner, out_trade_no: string): void {
    // As users report: closing what was never placed is a 204 as well.
    if (!this.all.has(out_trade_no)) return;
    const order = this.find(owner, out_trade_no);
    if (order.payment !== undefined) throw isPaid();
    order.closedAt ??= this.#clock();
  }

  /** The user pays. @throws {Error} saying why the user could not. */
  pay(out_trade_no: string, openid?: string): PaidOrder {
    const order = this.all.get(out_trade_no);
    const now = this.#clock();
    const refuse = (zh: string, en: string) =>
      new ActionError(`订单 ${out_trade_no} 无法支付：${zh}。`, `The order ${out_trade_no} cannot be paid: ${en}.`);
    if (order === undefined) throw refuse("没有这个单号的订单", "there is none of this number");
    if (order.payment !== undefined) throw refuse("已支付", "it is paid");
    if (this.stateOf(order) === "CLOSED") throw refuse("已关闭", "it is closed");
    if (order.expiresAt <= now) throw refuse("已过支付结束时间", "its time_expire is over");
    if (order.prepay.diesAt <= now) {
      const minutes = LIFE[order.tradeType] / MINUTE;
      throw refuse(
        `下单返回的内容已过期（有效期 ${minutes} 分钟），以相同参数重新下单会得到新的`,
        `what it gave died after ${minutes} min; placed again with the same parameters, it gives another`,
      );
    }
    const { payer } = order.request;
    const payment = {
      transaction_id: this.#numbers.next(now),
      paidAt: now,
      openid: openid ?? payer?.openid ?? payer?.sp_openid ?? SOMEBODY,
    };
    return Object.assign(order, { payment });
  }
}

function movementsOf({ request, payment }: Order): Movement[] {
  if (payment === undefined) return [];
  const { out_trade_no: voucher, amount } = request;
  const { transaction_id: businessNo, paidAt: at } = payment;
  const note = `结算总金额${yuan(amount.total)}元;含手续费0.00元`;
  return [{ at, amount: amount.total, business: "交易", businessNo, flowNo: businessNo, voucher, note }];
}

const isOf = (owner: Owner, { request }: Order) =>
  Object.entries(owner).every(([name, value]) => request[name as keyof OrderRequest] === value);

const noOrder = (asked: Record<string, string>) =>
  notFound(asked, "订单不存在", "There is no such order.", { code: "ORDER_NOT_EXIST" });
const isPaid = () => familyError(400, "ORDER_PAID", "订单已支付", "The order is paid.");

function expiryOf({ time_expire }: OrderRequest, now: number): number {
  if (time_expire === undefined) return now + DEFAULT;
  const asked = Date.parse(time_expire);
  if (Number.isNaN(asked)) {
    const zh = "应为 RFC 3339 格式的时间，例如 2026-01-31T12:00:00+08:00";
    throw parameterError("/time_expire", time_expire, "must be a time as RFC 3339 has it", "body", { zh });
  }
  return Math.min(Math.max(asked, now + SHORTEST), now + LONGEST);
}
