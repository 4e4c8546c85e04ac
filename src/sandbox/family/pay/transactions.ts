import type { components } from "../../../../generated/pay/schema.js";
import { inBeijing } from "../../server/time.js";
import type { Order, PaidOrder, TradeState } from "./orders.js";

type Schemas = components["schemas"];
type Direct = Schemas["DirectOrder"];
type Partner = Schemas["PartnerOrder"];

const DESCRIPTIONS: Record<TradeState, string> = {
  NOTPAY: "订单未支付",
  SUCCESS: "支付成功",
  CLOSED: "订单已关闭",
  REFUND: "转入退款",
};

/** The bank of a payment from the user's balance (零钱). */
export const BANK = "OTHERS";

/** For a direct merchant's query of one of its orders. */
export function directTransaction(order: Order, state: TradeState): Schemas["Transaction"] {
  return isPaid(order) ? paidDirect(order, state) : { ...direct(order.request as Direct), ...unpaid(order, state) };
}

/** For a service provider's query of one of its orders. */
export function partnerTransaction(order: Order, state: TradeState): Schemas["PartnerTransaction"] {
  return isPaid(order) ? paidPartner(order, state) : { ...partner(order.request as Partner), ...unpaid(order, state) };
}

/** What the notification of a payment tells. */
export function paidTransaction(order: PaidOrder): Schemas["TransactionNotification"]["resource"] {
  return "sp_mchid" in order.request ? paidPartner(order, "SUCCESS") : paidDirect(order, "SUCCESS");
}

export function paidDirect(order: PaidOrder, state: TradeState): Schemas["PaidTransaction"] {
  return { ...direct(order.request as Direct), ...paid(order, state), payer: { openid: order.payment.openid } };
}

export function paidPartner(order: PaidOrder, state: TradeState): Schemas["PaidPartnerTransaction"] {
  const { payment, request } = order;
  const sub_openid = request.payer?.sub_openid;
  const payer = { sp_openid: payment.openid, ...(sub_openid !== undefined && { sub_openid }) };
  return { ...partner(request as Partner), ...paid(order, state), payer };
}

const isPaid = (order: Order): order is PaidOrder => order.payment !== undefined;

const direct = ({ appid, mchid }: Direct) => ({ appid, mchid });
const partner = ({ sp_appid, sp_mchid, sub_appid, sub_mchid }: Partner) => ({
  sp_appid,
  sp_mchid,
  ...(sub_appid !== undefined && { sub_appid }),
  sub_mchid,
});

const unpaid = ({ request }: Order, state: TradeState) => ({
  out_trade_no: request.out_trade_no,
  trade_state: state,
  trade_state_desc: DESCRIPTIONS[state],
});

/** Without coupons, the user pays the whole amount. */
function paid(order: PaidOrder, state: TradeState) {
  const { request, tradeType, payment } = order;
  const { attach, amount, scene_info } = request;
  return {
    ...unpaid(order, state),
    transaction_id: payment.transaction_id,
    trade_type: tradeType,
    bank_type: BANK,
    ...(attach !== undefined && { attach }),
    success_time: inBeijing(payment.paidAt),
    amount: { total: amount.total, payer_total: amount.total, currency: "CNY", payer_currency: "CNY" },
    ...(scene_info?.device_id !== undefined && { scene_info: { device_id: scene_info.device_id } }),
  };
}
