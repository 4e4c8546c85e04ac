import type { ApiError, CallInit } from "wechatpay-openapi-fetch";
import { createWeChatPayClient, type paths } from "wechatpay-openapi-fetch/pay";
import { createSandbox, type SandboxOptions } from "wechatpay-openapi-fetch/sandbox";
import { expectWords } from "../reasons/refused.js";

export const MCHID = "1900000109";
export const SUB_MCHID = "1900000110";
export const OPENID = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o";
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
/** Monday, 2026-03-02, noon in Beijing. */
export const NOON = Date.parse("2026-03-02T12:00:00+08:00");

export type BodyOf<Path extends keyof paths> =
  CallInit<paths[Path]["post" & keyof paths[Path]]> extends { body: infer Body } ? Body : never;
type Order = BodyOf<"/v3/pay/transactions/jsapi">;
type PartnerOrder = BodyOf<"/v3/pay/partner/transactions/jsapi">;
type Refund = BodyOf<"/v3/refund/domestic/refunds">;
type Transfer = BodyOf<"/v3/fund-app/mch-transfer/transfer-bills">;

/** A merchant and its WeChat Pay, at noon. */
export async function start(options: SandboxOptions = {}) {
  const sandbox = await createSandbox({ clock: () => NOON, onRequest: expectWords, ...options });
  const wechatpay = createWeChatPayClient({ ...sandbox.credentials, clock: sandbox.clock, fetch: sandbox.fetch });
  let count = 0;
  const number = (prefix: string) => `${prefix}${String(++count).padStart(6, "0")}`;
  const order = (changes: Partial<Order> = {}): Order => ({
    appid: "wxd678efh567hg6787",
    mchid: MCHID,
    description: "Image形象店-深圳腾大-QQ公仔",
    out_trade_no: number("order"),
    notify_url: "https://www.example.com/notify",
    amount: { total: 100, currency: "CNY" },
    payer: { openid: OPENID },
    ...changes,
  });
  const partnerOrder = (changes: Partial<PartnerOrder> = {}): PartnerOrder => ({
    sp_appid: "wx8888888888888888",
    sp_mchid: MCHID,
    sub_mchid: SUB_MCHID,
    description: "Image形象店-深圳腾大-QQ公仔",
    out_trade_no: number("partner"),
    notify_url: "https://www.example.com/notify",
    amount: { total: 100, currency: "CNY" },
    payer: { sp_openid: OPENID },
    ...changes,
  });
  const { jsapi, outTradeNo, id } = wechatpay.v3.pay.transactions;
  const { partner } = wechatpay.v3.pay;
  const transferBills = wechatpay.v3.fundApp.mchTransfer.transferBills;

  return {
    sandbox,
    wechatpay,
    order,
    partnerOrder,
    place: (body: Order) => jsapi.post({ body }),
    placePartner: (body: PartnerOrder) => partner.transactions.jsapi.post({ body }),
    query: (out_trade_no: string) =>
      outTradeNo._out_trade_no_.get({ params: { path: { out_trade_no }, query: { mchid: MCHID } } }),
    queryById: (transaction_id: string) =>
      id._transaction_id_.get({ params: { path: { transaction_id }, query: { mchid: MCHID } } }),
    queryPartner: (out_trade_no: string, sub_mchid = SUB_MCHID) =>
      partner.transactions.outTradeNo._out_trade_no_.get({
        params: { path: { out_trade_no }, query: { sp_mchid: MCHID, sub_mchid } },
      }),
    close: (out_trade_no: string) =>
      outTradeNo._out_trade_no_.close.post({ params: { path: { out_trade_no } }, body: { mchid: MCHID } }),
    /** An order that is placed and paid. */
    async paid(changes: Partial<Order> = {}) {
      const body = order(changes);
      await jsapi.post({ body });
      const { transaction_id } = await sandbox.pay(body);
      return { ...body, transaction_id };
    },
    refundOf: (paid: { out_trade_no: string; amount: { total: number } }, refund: number, more: object = {}): Refund =>
      ({
        out_trade_no: paid.out_trade_no,
        out_refund_no: number("refund"),
        amount: { refund, total: paid.amount.total, currency: "CNY" },
        ...more,
      }) as Refund,
    refund: (body: Refund) => wechatpay.v3.refund.domestic.refunds.post({ body }),
    queryRefund: (out_refund_no: string, query = {}) =>
      wechatpay.v3.refund.domestic.refunds._out_refund_no_.get({ params: { path: { out_refund_no }, query } }),
    transfer: (changes: Partial<Transfer> = {}): Transfer => ({
      appid: "wxf636efh567hg4356",
      out_bill_no: number("bill"),
      transfer_scene_id: "1011",
      openid: "o-MYE42l80oelYMDE34nYD456Xoy",
      transfer_amount: 1000,
      transfer_remark: "商品质量问题退款",
      transfer_scene_report_infos: [{ info_type: "赔付原因", info_content: "商品质量问题退款" }],
      ...changes,
    }),
    send: (body: Transfer) => transferBills.post({ body }),
    queryTransfer: (out_bill_no: string) =>
      transferBills.outBillNo._out_bill_no_.get({ params: { path: { out_bill_no } } }),
    cancel: (out_bill_no: string) =>
      transferBills.outBillNo._out_bill_no_.cancel.post({ params: { path: { out_bill_no } } }),
  };
}

/** What a call that is refused gives: status and code. */
export async function refusalOf(call: Promise<{ error?: unknown; response: Response }>) {
  const { error, response } = await call;
  return [response.status, (error as ApiError | undefined)?.code];
}
