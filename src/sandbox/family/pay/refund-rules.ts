import { ruleBroken } from "../../server/refusals.js";
import { DAY } from "../../server/time.js";

const MOST_REFUNDS = 50;
const YEAR = 365 * DAY;

/** An order that is to be refunded: money is in fen. */
interface Refunded {
  total: number;
  /** What its other refunds leave. */
  left: number;
  paidAt: number;
  /** How many it has already. */
  refunds: number;
}

/** The rules of a refund that OpenAPI cannot express. */
export function checkRefund(
  amount: { total: number; refund: number },
  { total, left, paidAt, refunds }: Refunded,
  now: number,
): void {
  if (amount.total !== total) {
    const more = `：amount.total 应为订单的 ${total}`;
    throw ruleBroken("订单金额不一致", `amount.total must be that of the order: ${total}.`, more);
  }
  if (amount.refund > left) {
    const more = `：${total} 分中最多可退 ${left} 分`;
    throw ruleBroken("退款金额超过可退金额", `At most ${left} of ${total} fen can be refunded.`, more);
  }
  if (now > paidAt + YEAR) throw ruleBroken("订单支付已超过365天", "It was paid over 365 days ago.");
  if (refunds < MOST_REFUNDS) return;
  const more = `：一个订单最多 ${MOST_REFUNDS} 次`;
  throw ruleBroken("退款次数超限", `An order has at most ${MOST_REFUNDS} refunds.`, more);
}
