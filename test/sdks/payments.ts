import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSandbox, type Listening, type Sandbox } from "wechatpay-openapi-fetch/sandbox";
import { createPay, type WxPay } from "./wechatpay-node-v3.js";

/** A payment from end to end, by an SDK that the sandbox was not written for, nor it for the sandbox. */
export const describePayments = () =>
  describe("wechatpay-node-v3, a whole payment", () => {
    let sandbox: Sandbox;
    let listening: Listening;
    beforeAll(async () => {
      sandbox = await createSandbox();
      listening = await sandbox.listen();
    });
    afterAll(() => listening.close());

    let pay: WxPay;
    beforeAll(() => {
      const { mchid, serialNo: serial_no, privateKey, platformKeys, apiV3Key: key } = sandbox.credentials;
      const [publicKey] = Object.values(platformKeys);
      const keys = { mchid, serial_no, privateKey, publicKey, key };
      pay = createPay({ appid: "wxd678efh567hg6787", ...keys }, listening.url);
    });

    const out_trade_no = "wechatpay-node-v3-1";

    test("places an order that its user pays", async () => {
      const { status, data } = await pay.transactions_jsapi({
        description: "测试",
        out_trade_no,
        notify_url: "https://www.example.com/notify",
        amount: { total: 100 },
        payer: { openid: "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o" },
      });
      expect(status).toBe(200);
      expect(data).toMatchObject({ package: expect.stringMatching(/^prepay_id=wx/) });
      await sandbox.pay({ out_trade_no });
      const numbers = { out_trade_no, trade_state: "SUCCESS" };
      const { data: paid } = await pay.query({ out_trade_no });
      expect(paid).toMatchObject(numbers);
      const { transaction_id } = paid as { transaction_id: string };
      expect((await pay.query({ transaction_id })).data).toMatchObject(numbers);
    });

    test("refunds it", async () => {
      const out_refund_no = "refund-1";
      const amount = { refund: 30, total: 100, currency: "CNY" };
      const { data } = await pay.refunds({ out_trade_no, out_refund_no, amount });
      expect(data).toMatchObject({ out_refund_no, status: "PROCESSING" });
      await sandbox.finishRefund({ out_refund_no });
      expect((await pay.find_refunds(out_refund_no)).data).toMatchObject({ status: "SUCCESS" });
      const { status, error } = await pay.refunds({
        out_trade_no,
        out_refund_no: "refund-2",
        amount: { ...amount, refund: 71 },
      });
      expect([status, error]).toMatchObject([400, { code: "INVALID_REQUEST" }]);
    });

    test("downloads the bill", async () => {
      const bill_date = new Date(sandbox.clock() + 8 * 3_600_000).toISOString().slice(0, 10);
      sandbox.advance(2 * 86_400_000);
      const { data } = await pay.tradebill({ bill_date });
      const { hash_value, download_url } = data as { hash_value: string; download_url: string };
      expect(download_url).toMatch(/^https:\/\/api\.mch\.weixin\.qq\.com\//);
      const { data: bill } = await pay.downloadBill(download_url);
      expect(
        createHash("sha1")
          .update(bill as Buffer)
          .digest("hex"),
      ).toBe(hash_value);
      expect(String(bill)).toContain(out_trade_no);
    });

    test("is refused where its order has no openid", async () => {
      const { status, error } = await pay.transactions_jsapi({
        description: "测试",
        out_trade_no: "no-openid",
        amount: { total: 1 },
      });
      expect([status, error]).toMatchObject([400, { code: "PARAM_ERROR" }]);
    });
  });
