import { inBeijing } from "../../server/time.js";
import { type Movement, OPENING, yuan } from "./money.js";
import type { PaidOrder } from "./orders.js";
import type { Refund } from "./refunds.js";
import { BANK } from "./transactions.js";

/** What a trade bill lists: payments and refunds. */
export type BillType = "ALL" | "SUCCESS" | "REFUND";

/** A refund with how it stands. */
export interface BilledRefund extends Refund {
  status: keyof typeof REFUND_STATES;
  finishedAt: number;
}

const PAYMENT =
  "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额";
const REFUND_TIMES = "退款申请时间,退款成功时间";
const REFUND = "微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态";
const GOODS = "商品名称,商户数据包,手续费,费率,订单金额";

/** Source: https://pay.weixin.qq.com/doc/v3/merchant/4013071246 */
const TRADE_COLUMNS: Record<BillType, string> = {
  ALL: `${PAYMENT},${REFUND},${GOODS},申请退款金额,费率备注`,
  SUCCESS: `${PAYMENT},${GOODS},费率备注`,
  REFUND: `${PAYMENT},${REFUND_TIMES},${REFUND},${GOODS},申请退款金额,费率备注`,
};
const TRADE_SUMMARY = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额";

/** Source: https://pay.weixin.qq.com/doc/v3/merchant/4013071249 */
const FLOW_COLUMNS =
  "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号";
const FLOW_SUMMARY = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额";

/** A bill names the states of a refund in its own way. */
const REFUND_STATES = { SUCCESS: "SUCCESS", PROCESSING: "PROCESSING", CLOSED: "FAIL", ABNORMAL: "CHANGE" } as const;
const NO_FEE = { 手续费: "0.00000", 费率: "0.00%", 费率备注: "" };

type Row = Record<string, string>;

export function tradeBill(type: BillType, payments: PaidOrder[], refunds: BilledRefund[]): string {
  const rows = [
    ...(type === "REFUND" ? [] : payments.map((order) => ({ at: order.payment.paidAt, row: paymentRow(order) }))),
    ...(type === "SUCCESS" ? [] : refunds.map((refund) => ({ at: refund.createdAt, row: refundRow(refund, type) }))),
  ].sort((a, b) => a.at - b.at);
  const paid = type === "REFUND" ? 0 : sum(payments.map(({ request }) => request.amount.total));
  const refunded = type === "SUCCESS" ? 0 : sum(refunds.map(({ request }) => request.amount.refund));
  const totals = [yuan(paid), yuan(refunded), "0.00", "0.00000", yuan(paid), yuan(refunded)];
  return table(
    TRADE_COLUMNS[type],
    rows.map(({ row }) => row),
    TRADE_SUMMARY,
    [String(rows.length), ...totals],
  );
}

/**
 * @param movements all that there are, for the balance
 * @param isBilled whether one is in the bill
 */
export function flowBill(movements: Movement[], isBilled: (movement: Movement) => boolean, mchid: string): string {
  let balance = OPENING;
  const rows = movements.map((movement) => {
    balance += movement.amount;
    return { movement, row: flowRow(movement, balance, mchid) };
  });
  const billed = rows.filter(({ movement }) => isBilled(movement));
  const amounts = billed.map(({ movement }) => movement.amount);
  const [income, expense] = [amounts.filter((amount) => amount > 0), amounts.filter((amount) => amount < 0)];
  const totals = [amounts.length, income.length, yuan(sum(income)), expense.length, yuan(-sum(expense))].map(String);
  return table(
    FLOW_COLUMNS,
    billed.map(({ row }) => row),
    FLOW_SUMMARY,
    totals,
  );
}

function paymentRow(order: PaidOrder): Row {
  const total = yuan(order.request.amount.total);
  return {
    ...orderColumns(order),
    交易时间: timeOf(order.payment.paidAt),
    交易状态: "SUCCESS",
    应结订单金额: total,
    微信退款单号: "0",
    商户退款单号: "0",
    退款金额: "0.00",
    退款类型: "",
    退款状态: "",
    订单金额: total,
    申请退款金额: "0.00",
  };
}

function refundRow({ order, request, refund_id, createdAt, status, finishedAt }: BilledRefund, type: BillType): Row {
  const refunded = yuan(request.amount.refund);
  return {
    ...orderColumns(order),
    交易时间: timeOf(type === "REFUND" ? order.payment.paidAt : createdAt),
    交易状态: "REFUND",
    应结订单金额: "0.00",
    退款申请时间: timeOf(createdAt),
    退款成功时间: status === "SUCCESS" ? timeOf(finishedAt) : "",
    微信退款单号: refund_id,
    商户退款单号: request.out_refund_no,
    退款金额: refunded,
    退款类型: "ORIGINAL",
    退款状态: REFUND_STATES[status],
    订单金额: "0.00",
    申请退款金额: refunded,
  };
}

function orderColumns({ request, payment, tradeType }: PaidOrder): Row {
  const isPartner = "sp_mchid" in request;
  return {
    公众账号ID: isPartner ? request.sp_appid : request.appid,
    商户号: isPartner ? request.sp_mchid : request.mchid,
    特约商户号: isPartner ? request.sub_mchid : "0",
    设备号: escaped(request.scene_info?.device_id),
    微信订单号: payment.transaction_id,
    商户订单号: request.out_trade_no,
    用户标识: payment.openid,
    交易类型: tradeType,
    付款银行: BANK,
    货币种类: "CNY",
    代金券金额: "0.00",
    充值券退款金额: "0.00",
    商品名称: escaped(request.description),
    商户数据包: escaped(request.attach),
    ...NO_FEE,
  };
}

function flowRow(
  { at, amount, business, businessNo, flowNo, voucher, note }: Movement,
  balance: number,
  mchid: string,
): Row {
  return {
    记账时间: timeOf(at),
    微信支付业务单号: businessNo,
    资金流水单号: flowNo,
    业务名称: business,
    业务类型: business,
    收支类型: amount > 0 ? "收入" : "支出",
    "收支金额(元)": yuan(Math.abs(amount)),
    "账户结余(元)": yuan(balance),
    资金变更提交申请人: business === "交易" ? "system" : `${mchid}API`,
    备注: escaped(note),
    业务凭证号: voucher,
  };
}

/** As a real bill has it: a byte order mark, CRLF after every line, a back-tick before every value. */
function table(columns: string, rows: Row[], summary: string, totals: string[]): string {
  const names = columns.split(",");
  const values = [...rows.map((row) => names.map((name) => row[name] ?? ""))].map(line);
  return `\uFEFF${[columns, ...values, summary, line(totals)].join("\r\n")}\r\n`;
}

const line = (values: string[]) => values.map((value) => `\`${value}`).join(",");
const timeOf = (ms: number) => inBeijing(ms).slice(0, 19).replace("T", " ");
/** Texts of the merchant's own, which would break the table. */
const escaped = (text = "") => text.replaceAll(",", "\\ ").replace(/\r?\n|\r/g, "\\n");
const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);
