import { describe, expect, test } from "vitest";
import { type BodyOf, MCHID, start } from "./pay.js";

// The request bodies of the official Go SDK's examples, as they are on the wire: github.com/wechatpay-apiv3/wechatpay-go,
// services/payments, services/partnerpayments and services/refunddomestic. `limit_pay`, which no official page has, is left out of the types.

const base = {
  description: "Image形象店-深圳腾大-QQ公仔",
  out_trade_no: "1217752501201407033233368018",
  time_expire: "2018-06-08T10:34:56+08:00",
  attach: "自定义数据说明",
  notify_url: "https://www.weixin.qq.com/wxpay/pay.php",
  goods_tag: "WXG",
  support_fapiao: false,
  amount: { currency: "CNY", total: 100 },
  detail: {
    cost_price: 608800,
    goods_detail: [
      {
        goods_name: "iPhoneX 256G",
        merchant_goods_id: "ABC",
        quantity: 1,
        unit_price: 828800,
        wechatpay_goods_id: "1001",
      },
    ],
    invoice_id: "wx123",
  },
  settle_info: { profit_sharing: false },
} as const;
const detail = { ...base.detail, goods_detail: [...base.detail.goods_detail] };
const scene_info = {
  device_id: "013467007045764",
  payer_client_ip: "14.23.150.211",
  store_info: {
    address: "广东省深圳市南山区科技中一道10000号",
    area_code: "440305",
    id: "0001",
    name: "腾讯大厦分店",
  },
};
const h5_info = {
  app_name: "王者荣耀",
  app_url: "https://pay.qq.com",
  bundle_id: "com.tencent.wzryiOS",
  package_name: "com.tencent.tmgp.sgame",
  type: "iOS",
};
const order = { ...base, detail, appid: "wxd678efh567hg6787", mchid: "1230000109", scene_info };
const partnerOrder = {
  ...base,
  detail,
  sp_appid: "wxd678efh567hg6787",
  sp_mchid: "1230000109",
  sub_appid: "wxd678efh567hg6787",
  sub_mchid: "1230000109",
  scene_info,
};
const jsapi: BodyOf<"/v3/pay/transactions/jsapi"> = { ...order, payer: { openid: "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o" } };
const app: BodyOf<"/v3/pay/transactions/app"> = order;
const h5: BodyOf<"/v3/pay/transactions/h5"> = { ...order, scene_info: { ...scene_info, h5_info } };
const native: BodyOf<"/v3/pay/transactions/native"> = order;
const partnerJsapi: BodyOf<"/v3/pay/partner/transactions/jsapi"> = {
  ...partnerOrder,
  payer: { sp_openid: "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", sub_openid: "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o" },
};
const partnerApp: BodyOf<"/v3/pay/partner/transactions/app"> = partnerOrder;
const partnerH5: BodyOf<"/v3/pay/partner/transactions/h5"> = {
  ...partnerOrder,
  scene_info: { ...scene_info, h5_info },
};
const partnerNative: BodyOf<"/v3/pay/partner/transactions/native"> = partnerOrder;
const refund: BodyOf<"/v3/refund/domestic/refunds"> = {
  transaction_id: "1217752501201407033233368018",
  out_trade_no: "1217752501201407033233368018",
  out_refund_no: "1217752501201407033233368018",
  reason: "商品已售完",
  notify_url: "https://weixin.qq.com",
  funds_account: "AVAILABLE",
  amount: { currency: "CNY", from: [{ account: "AVAILABLE", amount: 444 }], refund: 888, total: 888 },
  goods_detail: [
    {
      goods_name: "iPhone6s 16G",
      merchant_goods_id: "1217752501201407033233368018",
      refund_amount: 528800,
      refund_quantity: 1,
      unit_price: 528800,
      wechatpay_goods_id: "1001",
    },
  ],
};

describe("the body of the official SDK is accepted:", () => {
  test.each([
    ["/v3/pay/transactions/jsapi", jsapi],
    ["/v3/pay/transactions/app", app],
    ["/v3/pay/transactions/h5", h5],
    ["/v3/pay/transactions/native", native],
    ["/v3/pay/partner/transactions/jsapi", partnerJsapi],
    ["/v3/pay/partner/transactions/app", partnerApp],
    ["/v3/pay/partner/transactions/h5", partnerH5],
    ["/v3/pay/partner/transactions/native", partnerNative],
  ] as const)("%s", async (path, body) => {
    const { sandbox, wechatpay } = await start();
    const { response } = await wechatpay.POST(path, { body: { ...body, limit_pay: ["no_credit"] } as never });
    expect(response.status).toBe(200);
    expect(sandbox.requests.at(-1)).toMatchObject({ verdict: "accepted", body });
    expect(await sandbox.pay(body)).toMatchObject({ out_trade_no: base.out_trade_no, trade_state: "SUCCESS" });
  });

  test("/v3/refund/domestic/refunds, of an order that was paid", async () => {
    const { paid, refund: send } = await start();
    const { transaction_id, out_trade_no } = await paid({ mchid: MCHID, amount: { total: 888 } });
    const { data } = await send({ ...refund, transaction_id, out_trade_no });
    expect(data).toMatchObject({ out_refund_no: refund.out_refund_no, status: "PROCESSING", amount: { refund: 888 } });
  });
});
