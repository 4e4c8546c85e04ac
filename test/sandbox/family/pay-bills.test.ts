import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { DAY, HOUR, MCHID, MINUTE, refusalOf, SUB_MCHID, start } from "./pay.js";

const DATE = { bill_date: "2026-03-02" };
const TOMORROW_AT_TEN = 22 * HOUR;

type Merchant = Awaited<ReturnType<typeof start>>;

const askTrade = ({ wechatpay }: Merchant, query: object = {}) =>
  wechatpay.v3.bill.tradebill.get({ params: { query: { ...DATE, ...query } } });
const askFlow = ({ wechatpay }: Merchant, query: object = {}) =>
  wechatpay.v3.bill.fundflowbill.get({ params: { query: { ...DATE, ...query } } });

/** The file of an address, as bytes. */
async function download({ wechatpay }: Merchant, url: string) {
  const { searchParams } = new URL(url);
  const query = Object.fromEntries(searchParams) as { token: string };
  return wechatpay.v3.billdownload.file.get({ params: { query }, parseAs: "arrayBuffer" });
}

/** The bill of an address, without its byte order mark, line by line. */
async function linesOf(merchant: Merchant, asked: ReturnType<typeof askTrade>) {
  const { data } = await asked;
  const file = await download(merchant, data?.download_url as string);
  return Buffer.from(file.data as never)
    .toString()
    .replace("\uFEFF", "")
    .trimEnd()
    .split("\r\n");
}

/** A day: two payments, one of a service provider, and a refund of the first. */
async function aDay() {
  const merchant = await start();
  const { sandbox, paid, partnerOrder, placePartner, refundOf, refund } = merchant;
  const one = await paid({ description: "公仔，大,红\n一个", attach: "a,b" });
  sandbox.advance(MINUTE);
  const two = partnerOrder({ amount: { total: 2_000 } });
  await placePartner(two);
  const { transaction_id } = await sandbox.pay(two);
  sandbox.advance(MINUTE);
  const back = refundOf(one, 30);
  const { data } = await refund(back);
  sandbox.advance(TOMORROW_AT_TEN);
  return { ...merchant, one, two: { ...two, transaction_id }, back: { ...back, refund_id: data?.refund_id } };
}

describe("the trade bill", () => {
  test("lists what was paid and refunded, each value behind a back-tick, and sums it up", async () => {
    const merchant = await aDay();
    const { one, two, back } = merchant;
    expect(await linesOf(merchant, askTrade(merchant))).toEqual([
      "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注",
      `\`2026-03-02 12:00:00,\`wxd678efh567hg6787,\`${MCHID},\`0,\`,\`${one.transaction_id},\`${one.out_trade_no},\`oUpF8uMuAJO_M2pxb1Q9zNjWeS6o,\`JSAPI,\`SUCCESS,\`OTHERS,\`CNY,\`1.00,\`0.00,\`0,\`0,\`0.00,\`0.00,\`,\`,\`公仔，大\\ 红\\n一个,\`a\\ b,\`0.00000,\`0.00%,\`1.00,\`0.00,\``,
      `\`2026-03-02 12:01:00,\`wx8888888888888888,\`${MCHID},\`${SUB_MCHID},\`,\`${two.transaction_id},\`${two.out_trade_no},\`oUpF8uMuAJO_M2pxb1Q9zNjWeS6o,\`JSAPI,\`SUCCESS,\`OTHERS,\`CNY,\`20.00,\`0.00,\`0,\`0,\`0.00,\`0.00,\`,\`,\`Image形象店-深圳腾大-QQ公仔,\`,\`0.00000,\`0.00%,\`20.00,\`0.00,\``,
      `\`2026-03-02 12:02:00,\`wxd678efh567hg6787,\`${MCHID},\`0,\`,\`${one.transaction_id},\`${one.out_trade_no},\`oUpF8uMuAJO_M2pxb1Q9zNjWeS6o,\`JSAPI,\`REFUND,\`OTHERS,\`CNY,\`0.00,\`0.00,\`${back.refund_id},\`${back.out_refund_no},\`0.30,\`0.00,\`ORIGINAL,\`SUCCESS,\`公仔，大\\ 红\\n一个,\`a\\ b,\`0.00000,\`0.00%,\`0.00,\`0.30,\``,
      "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额",
      "`3,`21.00,`0.30,`0.00,`0.00000,`21.00,`0.30",
    ]);
  });

  test("of bill_type SUCCESS has the payments, without the columns of refunds", async () => {
    const merchant = await aDay();
    const [head = "", first = "", , , summary] = await linesOf(merchant, askTrade(merchant, { bill_type: "SUCCESS" }));
    expect(head).not.toContain("退款");
    expect(first.split(",")).toHaveLength(head.split(",").length);
    expect(summary).toBe("`2,`21.00,`0.00,`0.00,`0.00000,`21.00,`0.00");
  });

  test("of bill_type REFUND has the refunds, and their times beside that of the payment", async () => {
    const merchant = await aDay();
    const [head = "", row = "", , summary] = await linesOf(merchant, askTrade(merchant, { bill_type: "REFUND" }));
    const values = Object.fromEntries(head.split(",").map((name, i) => [name, row.split(",")[i]]));
    expect(values).toMatchObject({
      交易时间: "`2026-03-02 12:00:00",
      退款申请时间: "`2026-03-02 12:02:00",
      退款成功时间: "`2026-03-02 12:03:00",
      退款状态: "`SUCCESS",
    });
    expect(summary).toBe("`1,`0.00,`0.30,`0.00,`0.00000,`0.00,`0.30");
  });

  test("of one sub-merchant has its orders only", async () => {
    const merchant = await aDay();
    const lines = await linesOf(merchant, askTrade(merchant, { sub_mchid: SUB_MCHID }));
    expect(lines.slice(1, -2)).toEqual([expect.stringContaining(merchant.two.out_trade_no)]);
  });

  test("names an abnormal refund CHANGE, and a closed one FAIL", async () => {
    const merchant = await start();
    const { sandbox, paid, refundOf, refund } = merchant;
    const order = await paid();
    for (const status of ["ABNORMAL", "CLOSED"] as const) {
      const body = refundOf(order, 10);
      await refund(body);
      await sandbox.finishRefund(body, status);
    }
    sandbox.advance(TOMORROW_AT_TEN);
    const [, , abnormal, closed] = await linesOf(merchant, askTrade(merchant));
    expect([abnormal, closed]).toEqual([expect.stringContaining("`CHANGE,"), expect.stringContaining("`FAIL,")]);
  });
});

describe("the fund-flow bill", () => {
  test("lists the movements of the account with its balance, and sums them up", async () => {
    const merchant = await start();
    const { sandbox, paid, refundOf, refund, transfer, send } = merchant;
    const order = await paid({ amount: { total: 100_000 } });
    sandbox.advance(MINUTE);
    const back = refundOf(order, 2);
    const { data: refunded } = await refund(back);
    sandbox.advance(MINUTE);
    const bill = transfer({ transfer_amount: 1_000 });
    const { data: sent } = await send(bill);
    sandbox.advance(MINUTE);
    await sandbox.confirm(bill, "PAYEE_ACCOUNT_ABNORMAL");
    sandbox.advance(TOMORROW_AT_TEN);
    const { transaction_id, out_trade_no } = order;
    const moved = `\`${sent?.transfer_bill_no},\`${sent?.transfer_bill_no},\`商家转账,\`商家转账`;
    expect(await linesOf(merchant, askFlow(merchant))).toEqual([
      "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号",
      `\`2026-03-02 12:00:00,\`${transaction_id},\`${transaction_id},\`交易,\`交易,\`收入,\`1000.00,\`1001000.00,\`system,\`结算总金额1000.00元;含手续费0.00元,\`${out_trade_no}`,
      `\`2026-03-02 12:01:00,\`${refunded?.refund_id},\`${transaction_id},\`退款,\`退款,\`支出,\`0.02,\`1000999.98,\`${MCHID}API,\`退款总金额0.02元;含手续费0.00元,\`${back.out_refund_no}`,
      `\`2026-03-02 12:02:00,${moved},\`支出,\`10.00,\`1000989.98,\`${MCHID}API,\`商品质量问题退款,\`${bill.out_bill_no}`,
      `\`2026-03-02 12:03:00,${moved},\`收入,\`10.00,\`1000999.98,\`${MCHID}API,\`商品质量问题退款,\`${bill.out_bill_no}`,
      "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额",
      "`4,`2,`1010.00,`2,`10.02",
    ]);
  });

  test("goes on with the balance of the day before", async () => {
    const merchant = await start();
    await merchant.paid();
    merchant.sandbox.advance(DAY);
    await merchant.paid();
    merchant.sandbox.advance(TOMORROW_AT_TEN);
    const [, row, , summary] = await linesOf(merchant, askFlow(merchant, { bill_date: "2026-03-03" }));
    expect(row).toContain("`收入,`1.00,`1000002.00,");
    expect(summary).toBe("`1,`1,`1.00,`0,`0.00");
  });

  test("of the other accounts is empty: 400 NO_STATEMENT_EXIST", async () => {
    const merchant = await aDay();
    for (const account_type of ["OPERATION", "FEES"]) {
      expect(await refusalOf(askFlow(merchant, { account_type }))).toEqual([400, "NO_STATEMENT_EXIST"]);
    }
  });
});

describe("a bill", () => {
  test("is UTF-8 with a byte order mark and CRLF, as the real one whose hash is known", async () => {
    const merchant = await aDay();
    const { data } = await askTrade(merchant);
    const file = await download(merchant, data?.download_url as string);
    const text = Buffer.from(file.data as never).toString();
    expect(text).toMatch(/^\uFEFF交易时间,/);
    const lines = text.split("\r\n");
    expect(lines.pop()).toBe("");
    expect(lines.join("")).not.toMatch(/[\r\n]/);
  });

  test("has the SHA-1 of its bytes before compression, whether plain or GZIP", async () => {
    const merchant = await aDay();
    const { data: plain } = await askTrade(merchant);
    const { data: packed } = await askTrade(merchant, { tar_type: "GZIP" });
    expect(plain?.hash_type).toBe("SHA1");
    expect(packed?.hash_value).toBe(plain?.hash_value);
    expect(packed?.download_url).toMatch(/\?token=\w+&tartype=gzip$/);
    const file = await download(merchant, plain?.download_url as string);
    const zipped = await download(merchant, packed?.download_url as string);
    expect(
      createHash("sha1")
        .update(Buffer.from(file.data as never))
        .digest("hex"),
    ).toBe(plain?.hash_value);
    expect(gunzipSync(Buffer.from(zipped.data as never))).toEqual(Buffer.from(file.data as never));
  });

  test("is downloaded from where it was asked for, without a signature, within five minutes", async () => {
    const merchant = await aDay();
    const { data: first } = await askTrade(merchant);
    expect(first?.download_url).toMatch(/^https:\/\/api\.mch\.weixin\.qq\.com\/v3\/billdownload\/file\?token=\w+$/);
    const { response } = await download(merchant, first?.download_url as string);
    expect([response.status, response.headers.get("Wechatpay-Signature")]).toEqual([200, null]);
    merchant.sandbox.advance(5 * MINUTE - 1);
    expect((await download(merchant, first?.download_url as string)).response.status).toBe(200);
    merchant.sandbox.advance(1);
    expect(await refusalOf(download(merchant, first?.download_url as string))).toEqual([400, "INVALID_REQUEST"]);
  });

  test("is STATEMENT_CREATING until ten o'clock of the next day, the fund flow until nine", async () => {
    const merchant = await start();
    await merchant.paid();
    merchant.sandbox.advance(21 * HOUR - 1);
    expect(await refusalOf(askFlow(merchant))).toEqual([400, "STATEMENT_CREATING"]);
    merchant.sandbox.advance(1);
    expect((await askFlow(merchant)).response.status).toBe(200);
    expect(await refusalOf(askTrade(merchant))).toEqual([400, "STATEMENT_CREATING"]);
    merchant.sandbox.advance(HOUR);
    expect((await askTrade(merchant)).response.status).toBe(200);
  });

  test("of a day on which nothing happened is a 400 NO_STATEMENT_EXIST", async () => {
    const merchant = await start();
    const { order, place, sandbox } = merchant;
    // Not paid, so not billed.
    await place(order());
    sandbox.advance(TOMORROW_AT_TEN);
    for (const ask of [askTrade, askFlow]) expect(await refusalOf(ask(merchant))).toEqual([400, "NO_STATEMENT_EXIST"]);
  });

  test.each([["2026-03-03"], ["2026-12-31"], ["2025-11-01"], ["2026-02-30"]])(
    "of %s is refused on 2026-03-03: a day before today, of the last three months",
    async (bill_date) => {
      const merchant = await aDay();
      expect(await refusalOf(askTrade(merchant, { bill_date }))).toEqual([400, "INVALID_REQUEST"]);
    },
  );
});
