import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { build } from "esbuild";
import { describe, expect, expectTypeOf, test } from "vitest";
import {
  type Chain,
  createNotificationReceiver,
  createWeChatPayClient,
  operations,
  type paths,
  unwrap,
} from "wechatpay-openapi-fetch";
import * as pay from "wechatpay-openapi-fetch/pay";
import { createSandbox, inBeijing } from "wechatpay-openapi-fetch/sandbox";
import openapi from "../generated/pay/openapi.json" with { type: "json" };
import { openInEditor } from "./support/language-service.js";
import { createObservedClient, examples, options, PRE_ORDER, signedReply } from "./support/wechatpay.js";

const sandbox = await createSandbox();
const order = {
  appid: "wxd678efh567hg6787",
  mchid: sandbox.credentials.mchid,
  description: "Image形象店-深圳腾大-QQ公仔",
  out_trade_no: "1217752501201407033233368018",
  notify_url: "https://www.weixin.qq.com/wxpay/pay.php",
  amount: { total: 100 },
  payer: { openid: "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o" },
};

describe("createWeChatPayClient of ./pay", () => {
  const wechatpay = pay.createWeChatPayClient({ ...sandbox.credentials, fetch: sandbox.fetch });

  test("has its operations by method and path, by path, and by chain", async () => {
    const { prepay_id } = unwrap(await wechatpay.POST("/v3/pay/transactions/jsapi", { body: order }));
    expect(prepay_id).toMatch(/^wx/);
    const byPath = await wechatpay["/v3/pay/transactions/jsapi"].POST({ body: order });
    const byChain = await wechatpay.v3.pay.transactions.jsapi.post({ body: order });
    expect([unwrap(byPath), unwrap(byChain)]).toEqual([{ prepay_id }, { prepay_id }]);
  });

  test("encrypts the payee's name on its way, and decrypts it on its way back", async () => {
    const body = openapi.components.examples["createTransferBill.promotion.request"]
      .value as pay.components["schemas"]["CreateTransferBillRequest"];
    const sent: string[] = [];
    const observed = pay.createWeChatPayClient({
      ...sandbox.credentials,
      fetch: async (request) => {
        sent.push(await request.clone().text());
        return sandbox.fetch(request);
      },
    });
    unwrap(await observed.POST("/v3/fund-app/mch-transfer/transfer-bills", { body }));
    expect(sent).toEqual([expect.not.stringContaining("张三")]);
    expect(sandbox.requests.at(-1)?.body).toEqual(body);
    const { out_bill_no } = body;
    const { transfer_remark, user_name } = unwrap(
      await wechatpay.v3.fundApp.mchTransfer.transferBills.outBillNo._out_bill_no_.get({
        params: { path: { out_bill_no } },
      }),
    );
    expect([transfer_remark, user_name]).toEqual(["2020年4月报销", "张三"]);
  });

  test("downloads a bill, whose response is not signed and whose hash came with its address", async () => {
    const body = { ...order, out_trade_no: "billed-order" };
    await wechatpay.v3.pay.transactions.jsapi.post({ body });
    await sandbox.pay(body);
    const bill_date = inBeijing(sandbox.clock()).slice(0, 10);
    sandbox.advance(2 * 86_400_000);
    const { hash_value, download_url } = unwrap(
      await wechatpay.GET("/v3/bill/tradebill", { params: { query: { bill_date } } }),
    );
    const query = { token: String(new URL(download_url).searchParams.get("token")) };
    const bill = unwrap(await wechatpay.GET("/v3/billdownload/file", { params: { query }, parseAs: "arrayBuffer" }));
    expect(
      createHash("sha1")
        .update(Buffer.from(bill as never))
        .digest("hex"),
    ).toBe(hash_value);
  });

  test("takes a table of fewer operations, and then refuses a call that is not in it", async () => {
    const few = { "POST /v3/pay/transactions/jsapi": { operationId: "createJsapiOrder" } };
    const { GET, POST } = pay.createWeChatPayClient({
      ...sandbox.credentials,
      fetch: sandbox.fetch,
      operations: [few],
    });
    expect(unwrap(await POST("/v3/pay/transactions/jsapi", { body: order }))).toHaveProperty("prepay_id");
    const params = { query: { bill_date: "2019-06-11" } };
    await expect(GET("/v3/bill/tradebill", { params })).rejects.toThrow("not in the list of operations");
  });
});

test("both families are one client, each with its own encryption", async () => {
  const sent: Request[] = [];
  const wechatpay = createWeChatPayClient<paths & pay.paths, Chain & pay.Chain>({
    ...options,
    operations: [operations, pay.operations],
    fetch: async (request) => {
      sent.push(request.clone());
      return signedReply({ body: "{}" });
    },
  });
  await wechatpay.POST(PRE_ORDER, { body: examples.request });
  await wechatpay.v3.pay.transactions.jsapi.post({ body: order });
  await wechatpay.v3.payrollCard.tokens.post({
    body: { openid: "o", appid: "wx", sub_mchid: "1", user_name: "张三", id_card_number: "110101199003070012" },
  });
  await wechatpay["/v3/fund-app/mch-transfer/transfer-bills"].POST({
    body: {
      appid: "wx",
      out_bill_no: "1",
      transfer_scene_id: "1000",
      openid: "o",
      user_name: "李四",
      transfer_amount: 30,
      transfer_remark: "奖励",
      transfer_scene_report_infos: [{ info_type: "活动名称", info_content: "新会员有礼" }],
    },
  });
  const bodies = await Promise.all(sent.map((request) => request.text()));
  expect(sent.map(({ url }) => new URL(url).pathname)).toEqual([
    PRE_ORDER,
    "/v3/pay/transactions/jsapi",
    "/v3/payroll-card/tokens",
    "/v3/fund-app/mch-transfer/transfer-bills",
  ]);
  expect(bodies.join()).not.toMatch(/张三|李四|110101199003070012/);
});

test("a call that failed is sent again under the merchant's own number", async () => {
  for (const [path, body] of [
    ["/v3/pay/transactions/jsapi", order],
    ["/v3/refund/domestic/refunds", { out_refund_no: "1" }],
    ["/v3/pay/transactions/out-trade-no/1217752501/close", { mchid: "1" }],
  ] as const) {
    const { wechatpay, sent } = createObservedClient(() => new Response("{}", { status: 503 }), {
      operations: pay.operations,
      retry: { repeats: 1, baseDelay: 0 },
    });
    await (wechatpay as never as { POST(path: string, init: object): Promise<unknown> }).POST(path, { body });
    expect(sent, path).toHaveLength(path.endsWith("/close") ? 1 : 2);
  }
});

describe("notifications", () => {
  const receive = createNotificationReceiver<pay.webhooks>({ ...sandbox.credentials, clock: sandbox.clock });

  test("tell by their event type what they hold", async () => {
    const received: unknown[] = [];
    const server = createServer(async (request, response) => {
      const body = Buffer.concat(await request.toArray());
      const notification = await receive({ headers: request.headers, body });
      switch (notification.event_type) {
        case "TRANSACTION.SUCCESS": {
          const { resource } = notification;
          expectTypeOf(resource.transaction_id).toBeString();
          received.push("sp_mchid" in resource ? resource.sp_mchid : resource.mchid);
          break;
        }
        case "REFUND.SUCCESS":
          received.push(notification.resource.refund_status);
          break;
        case "MCHTRANSFER.BILL.FINISHED":
          received.push(notification.resource.state);
      }
      response.writeHead(204).end();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    for (const event_type of ["TRANSACTION.SUCCESS", "REFUND.SUCCESS", "MCHTRANSFER.BILL.FINISHED"])
      await sandbox.notify(url, { event_type });
    server.close();
    expect(received).toEqual([sandbox.credentials.mchid, "SUCCESS", "SUCCESS"]);
  });
});

describe("no byte of the one family is in a bundle of the other", () => {
  async function bundle(entry: string): Promise<string> {
    const contents = `export { createWeChatPayClient } from "./src/${entry}.ts";`;
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: ".", loader: "ts" },
      bundle: true,
      format: "esm",
      write: false,
    });
    return outputFiles.map(({ text }) => text).join();
  }

  test("in that of the payroll card none of orders, refunds, bills and transfers", async () => {
    const text = await bundle("index");
    expect(text).toContain("/v3/payroll-card/");
    expect(text).not.toMatch(/\/v3\/(pay|refund|bill\w*|fund-app)\//);
  });

  test("in that of these none of the payroll card", async () => {
    const text = await bundle("pay");
    expect(text).toContain("/v3/pay/transactions/jsapi");
    expect(text).not.toMatch(/payroll-card|partner-transfer/);
  });
});

test("an editor shows the docs of a call, and refuses what the documents do not have", { tags: ["slow"] }, () => {
  const editor = openInEditor(`
    import { createWeChatPayClient } from "wechatpay-openapi-fetch/pay";
    const wechatpay = createWeChatPayClient({ mchid: "", serialNo: "", privateKey: "", platformKeys: {} });
    const order = ${JSON.stringify(order)};
    await wechatpay.v3.pay.transactions.jsapi.post({ body: { ...order, attach: "a" } });
    // @ts-expect-error -- H5 needs scene_info
    await wechatpay.POST("/v3/pay/transactions/h5", { body: order });
    // @ts-expect-error -- no such field
    await wechatpay.POST("/v3/pay/transactions/app", { body: { ...order, limit_pay: [] } });
    // @ts-expect-error -- neither transaction_id nor out_trade_no
    await wechatpay.POST("/v3/refund/domestic/refunds", { body: { out_refund_no: "1", amount: { refund: 1, total: 1, currency: "CNY" } } });
  `);
  expect(editor.errors()).toEqual([]);
  expect(editor.hover("post({")).toContain("JSAPI下单");
  expect(editor.hover("attach:")).toContain("商户数据包");
});
