import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { afterAll, expect, test } from "vitest";
import axiosPlugin from "wechatpay-axios-plugin";
import { createSandbox } from "wechatpay-openapi-fetch/sandbox";
import { DAY, MCHID, OPENID } from "./pay.js";

// An SDK that was not written for the sandbox, nor the sandbox for it: it signs and verifies with code of its own.
const { Wechatpay } = axiosPlugin as never as typeof import("wechatpay-axios-plugin");

// The SDK has the time of this machine.
const sandbox = await createSandbox();
const { mchid, serialNo: serial, privateKey, platformKeys: certs } = sandbox.credentials;
const { url: baseURL, close } = await sandbox.listen();
afterAll(close);

type Call = (data?: object, config?: object) => Promise<{ status: number; data: never }>;
/** The SDK's chain has no types beyond "anything". */
interface Chain {
  v3: {
    pay: { transactions: { jsapi: { post: Call }; outTradeNo: { $out_trade_no$: { get: Call } } } };
    refund: { domestic: { refunds: { post: Call; $out_refund_no$: { get: Call } } } };
    bill: { tradebill: { get: Call } };
    billdownload: { file: { get: Call } };
  };
}
const { v3 } = new Wechatpay({ mchid, serial, privateKey, certs, baseURL } as never) as never as Chain;

const out_trade_no = "axios-plugin-1";
const order = {
  appid: "wxd678efh567hg6787",
  mchid: MCHID,
  description: "测试",
  out_trade_no,
  notify_url: "https://www.example.com/notify",
  amount: { total: 100 },
  payer: { openid: OPENID },
};

test("it places an order that its user pays, and asks for it", async () => {
  const { data: placed } = await v3.pay.transactions.jsapi.post(order);
  expect(placed).toEqual({ prepay_id: expect.stringMatching(/^wx/) });
  const query = () => v3.pay.transactions.outTradeNo.$out_trade_no$.get({ params: { mchid }, out_trade_no });
  expect((await query()).data).toMatchObject({ trade_state: "NOTPAY" });
  await sandbox.pay(order);
  expect((await query()).data).toMatchObject({ trade_state: "SUCCESS", payer: { openid: OPENID } });
});

test("it refunds the order", async () => {
  const body = { out_trade_no, out_refund_no: "refund-1", amount: { refund: 30, total: 100, currency: "CNY" } };
  expect((await v3.refund.domestic.refunds.post(body)).data).toMatchObject({ status: "PROCESSING" });
  await sandbox.finishRefund(body);
  const { data } = await v3.refund.domestic.refunds.$out_refund_no$.get({ out_refund_no: "refund-1" });
  expect(data).toMatchObject({ status: "SUCCESS" });
  const more = { ...body, out_refund_no: "refund-2", amount: { ...body.amount, refund: 71 } };
  await expect(v3.refund.domestic.refunds.post(more)).rejects.toMatchObject({
    response: { status: 400, data: { code: "INVALID_REQUEST" } },
  });
});

test("it downloads the bill, plain and GZIP, whose hash is that of the answer", async () => {
  const bill_date = new Date(sandbox.clock() + 8 * 3_600_000).toISOString().slice(0, 10);
  sandbox.advance(2 * DAY);
  for (const tar_type of [undefined, "GZIP"]) {
    const { data } = await v3.bill.tradebill.get({ params: { bill_date, ...(tar_type && { tar_type }) } });
    const { hash_value, download_url } = data as { hash_value: string; download_url: string };
    expect(download_url.startsWith(`${baseURL}/v3/billdownload/file?`)).toBe(true);
    const params = Object.fromEntries(new URL(download_url).searchParams);
    // The response is not signed: without transformers the SDK verifies nothing.
    const file = await v3.billdownload.file.get({ params, transformResponse: [], responseType: "arraybuffer" });
    const bill = tar_type ? gunzipSync(file.data) : Buffer.from(file.data);
    expect(createHash("sha1").update(bill).digest("hex")).toBe(hash_value);
    expect(bill.toString()).toContain(out_trade_no);
  }
  expect(sandbox.requests.map(({ verdict }) => verdict)).not.toContain("wrong-signature");
});
