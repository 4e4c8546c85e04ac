import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { unwrap } from "wechatpay-openapi-fetch";
import { inChinese } from "../../src/sandbox/action-error.js";
import { freshRequest, PRE_ORDER } from "../support/wechatpay.js";
import { NOON, start } from "./family/pay.js";
import { send } from "./signed.js";

/** What an action that cannot be done is refused with, in both languages. */
async function refusalOf(act: () => unknown): Promise<{ en: string; zh: string }> {
  const error = await Promise.resolve()
    .then(act)
    .then(
      () => undefined,
      (reason) => reason,
    );
  expect(error).toBeInstanceOf(Error);
  return { en: error.message, zh: inChinese(error) };
}

describe("an action that cannot be done says why, in English and in Chinese", () => {
  const user = { openid: "o1", sub_mchid: "1111111" };

  test("authorize", async () => {
    const { sandbox } = await start({ authorized: false });
    expect(await refusalOf(() => sandbox.authorize(user, "DEAUTHORIZED"))).toEqual({
      en: "o1 has not authorized 1111111, so there is nothing to take back.",
      zh: "o1 没有授权 1111111，无法取消授权。",
    });
    expect(await refusalOf(() => sandbox.authorize({ ...user, token: "x" }))).toEqual({
      en: "The token is not one that createToken made for o1 and 1111111.",
      zh: "这个 token 不是 createToken 为 o1 和 1111111 生成的。",
    });
    expect(await refusalOf(() => sandbox.authorize({ ...user, openid: "" }))).toEqual({
      en: 'openid must be a text that is not empty; given: "".',
      zh: 'openid 应为非空文本；给出的是 ""。',
    });
  });

  test("authenticate", async () => {
    const { sandbox } = await start();
    expect(await refusalOf(() => sandbox.authenticate("nobody"))).toEqual({
      en: "There is no pre-order with the authenticate_number nobody.",
      zh: "没有核身单号为 nobody 的预下单。",
    });
    const order = freshRequest();
    const { authenticate_number: number } = order;
    expect((await send(sandbox, { target: PRE_ORDER, body: JSON.stringify(order) })).status).toBe(200);
    sandbox.advance(300_000);
    expect(await refusalOf(() => sandbox.authenticate(number))).toEqual({
      en: `The token of ${number} died after 300 s: pre-order anew with another number.`,
      zh: `${number} 的 token 已过期（有效期 300 秒）：请换一个核身单号重新预下单。`,
    });
  });

  test("authenticate what is over, or without authorization", async () => {
    const { sandbox } = await start();
    const [one, other] = [freshRequest(), freshRequest()];
    for (const order of [one, other]) await send(sandbox, { target: PRE_ORDER, body: JSON.stringify(order) });
    sandbox.authenticate(one.authenticate_number);
    expect(await refusalOf(() => sandbox.authenticate(one.authenticate_number))).toEqual({
      en: `${one.authenticate_number} ended with AUTHENTICATE_SUCCESS: pre-order anew with another number.`,
      zh: `${one.authenticate_number} 已结束，状态为 AUTHENTICATE_SUCCESS：请换一个核身单号重新预下单。`,
    });
    sandbox.authorize(other, "DEAUTHORIZED");
    expect(await refusalOf(() => sandbox.authenticate(other.authenticate_number))).toEqual({
      en: `${other.openid} has taken back the authorization of ${other.sub_mchid}.`,
      zh: `${other.openid} 已取消对 ${other.sub_mchid} 的授权。`,
    });
  });

  test("pay", async () => {
    const { sandbox, paid } = await start();
    expect(await refusalOf(() => sandbox.pay({ out_trade_no: "unknown" }))).toEqual({
      en: "The order unknown cannot be paid: there is none of this number.",
      zh: "订单 unknown 无法支付：没有这个单号的订单。",
    });
    const order = await paid();
    expect((await refusalOf(() => sandbox.pay(order))).zh).toBe(`订单 ${order.out_trade_no} 无法支付：已支付。`);
  });

  test("finishRefund and confirm", async () => {
    const { sandbox, paid, refund, refundOf } = await start();
    expect((await refusalOf(() => sandbox.finishRefund({ out_refund_no: "x" }))).zh).toBe("没有退款 x。");
    const body = refundOf(await paid(), 10);
    unwrap(await refund(body));
    await sandbox.finishRefund(body);
    expect(await refusalOf(() => sandbox.finishRefund(body))).toEqual({
      en: `The refund ${body.out_refund_no} is finished: SUCCESS.`,
      zh: `退款 ${body.out_refund_no} 已结束：SUCCESS。`,
    });
    expect((await refusalOf(() => sandbox.confirm({ out_bill_no: "x" }))).zh).toBe("没有转账 x。");
  });

  test("rotate, advance and fail", async () => {
    const { sandbox } = await start({ platformKeys: "public-key", clock: () => NOON });
    expect(await refusalOf(() => sandbox.rotate())).toEqual({
      en: "This sandbox has a public key only, and a public key does not rotate.",
      zh: "这个沙箱只有微信支付公钥，公钥不会轮换。",
    });
    expect((await refusalOf(() => sandbox.advance(-1))).zh).toBe(
      "ms 应为不小于 0 的毫秒数，且不超出 9999 年；给出的是 -1。",
    );
    expect((await refusalOf(() => sandbox.fail({ fault: "hang", times: 0 }))).zh).toBe(
      "times 应为大于 0 的整数，或 Infinity；给出的是 0。",
    );
    expect((await refusalOf(() => sandbox.fail({ fault: "hang", operation: "x" }))).zh).toMatch(
      /^operation 应为以下之一：.+；给出的是 "x"。$/,
    );
  });
});

test("to those who print it, it is an error as any other", async () => {
  const { sandbox } = await start();
  const [error, argument] = [() => sandbox.authenticate("nobody"), () => sandbox.authenticate("")].map((act) => {
    try {
      return act();
    } catch (thrown) {
      return thrown;
    }
  });
  expect(inspect(error)).toMatch(/^\w*Error: There is no pre-order/);
  expect(inspect(error)).not.toMatch(/\p{Script=Han}/u);
  expect(argument).toMatchObject({ name: "TypeError" });
  expect(inChinese(new Error("only English"))).toBe("only English");
});
