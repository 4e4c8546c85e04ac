import { describe, expect, test } from "vitest";
import { DAY, HOUR, MCHID, MINUTE, NOON, OPENID, refusalOf, SUB_MCHID, start } from "./pay.js";

describe("an order of a direct merchant", () => {
  test("is NOTPAY until its user pays, and then SUCCESS, by both numbers", async () => {
    const { sandbox, order, place, query, queryById } = await start();
    const body = order({ attach: "自定义数据", scene_info: { payer_client_ip: "14.23.150.211", device_id: "1" } });
    const { data: placed } = await place(body);
    expect(placed?.prepay_id).toMatch(/^wx20260302120000[0-9A-F]{20}$/);
    const numbers = { appid: body.appid, mchid: MCHID, out_trade_no: body.out_trade_no };
    expect((await query(body.out_trade_no)).data).toEqual({
      ...numbers,
      trade_state: "NOTPAY",
      trade_state_desc: "订单未支付",
    });
    sandbox.advance(MINUTE);
    const told = await sandbox.pay(body);
    expect(told).toEqual({
      ...numbers,
      transaction_id: expect.stringMatching(/^4200000000202603020{9}1$/),
      trade_type: "JSAPI",
      trade_state: "SUCCESS",
      trade_state_desc: "支付成功",
      bank_type: "OTHERS",
      attach: "自定义数据",
      success_time: "2026-03-02T12:01:00+08:00",
      payer: { openid: OPENID },
      amount: { total: 100, payer_total: 100, currency: "CNY", payer_currency: "CNY" },
      scene_info: { device_id: "1" },
    });
    expect((await query(body.out_trade_no)).data).toEqual(told);
    expect((await queryById(told.transaction_id)).data).toEqual(told);
  });

  test("has a trade_type by the way it is paid, and gives what the user opens", async () => {
    const { sandbox, order, wechatpay, query } = await start();
    const { app, h5, native } = wechatpay.v3.pay.transactions;
    const { payer: _, ...base } = order();
    const scene_info = { payer_client_ip: "14.23.150.211", h5_info: { type: "iOS" } };
    const orders = [
      { body: { ...base, out_trade_no: "app-000001" }, type: "APP" },
      { body: { ...base, out_trade_no: "h5-0000001" }, type: "MWEB" },
      { body: { ...base, out_trade_no: "native-0001" }, type: "NATIVE" },
    ] as const;
    const [first, second, third] = orders;
    expect((await app.post({ body: first.body })).data).toEqual({ prepay_id: expect.stringMatching(/^wx2026/) });
    expect((await h5.post({ body: { ...second.body, scene_info } })).data?.h5_url).toMatch(
      /^https:.*\?prepay_id=wx2026/,
    );
    expect((await native.post({ body: third.body })).data?.code_url).toMatch(/^weixin:\/\/wxpay\/bizpayurl/);
    for (const { body, type } of orders) {
      expect(await sandbox.pay(body, { openid: "somebody" })).toMatchObject({ payer: { openid: "somebody" } });
      expect((await query(body.out_trade_no)).data).toMatchObject({ trade_type: type });
    }
  });

  test("that was never placed is a 404 ORDER_NOT_EXIST; one that is not paid has no transaction_id", async () => {
    const { sandbox, order, place, query, queryById } = await start();
    await place(order());
    expect(await refusalOf(query("unknown-order"))).toEqual([404, "ORDER_NOT_EXIST"]);
    expect(sandbox.requests.at(-1)?.reason).toEqual({
      zh: "订单不存在（out_trade_no unknown-order）。",
      en: "There is no such order (out_trade_no unknown-order).",
    });
    const { error } = await queryById("4200000000202603020000000001");
    expect(error).toEqual({ code: "ORDER_NOT_EXIST", message: "订单不存在 There is no such order." });
    expect(sandbox.requests.at(-1)?.reason?.en).toContain("(transaction_id 4200000000202603020000000001).");
  });

  test("is found under the mchid that it was placed with", async () => {
    const { order, place, query, wechatpay } = await start();
    const { out_trade_no, ...rest } = order({ mchid: "1230000109" });
    await place({ out_trade_no, ...rest });
    expect(await refusalOf(query(out_trade_no))).toEqual([404, "ORDER_NOT_EXIST"]);
    const params = { path: { out_trade_no }, query: { mchid: "1230000109" } };
    const { data } = await wechatpay.GET("/v3/pay/transactions/out-trade-no/{out_trade_no}", { params });
    expect(data).toMatchObject({ mchid: "1230000109", trade_state: "NOTPAY" });
  });
});

describe("a duplicate out_trade_no", () => {
  test("with identical parameters gives the same prepay_id, and a fresh one when that has died after 2 h", async () => {
    const { sandbox, order, place } = await start();
    const body = order();
    const { data: first } = await place(body);
    expect((await place(body)).data).toEqual(first);
    sandbox.advance(2 * HOUR);
    await expect(sandbox.pay(body)).rejects.toThrow(
      "The order order000001 cannot be paid: what it gave died after 120 min; placed again with the same parameters, it gives another.",
    );
    const { data: second } = await place(body);
    expect(second).not.toEqual(first);
    await sandbox.pay(body);
  });

  test("with other parameters, or another way of paying, is a 403 OUT_TRADE_NO_USED", async () => {
    const { order, place, wechatpay } = await start();
    const body = order();
    await place(body);
    expect(await refusalOf(place({ ...body, amount: { total: 99 } }))).toEqual([403, "OUT_TRADE_NO_USED"]);
    const { payer: _, ...native } = body;
    expect(await refusalOf(wechatpay.v3.pay.transactions.native.post({ body: native }))).toEqual([
      403,
      "OUT_TRADE_NO_USED",
    ]);
  });

  test("of an order that is paid is a 400 ORDER_PAID, of one that is closed a 400 ORDER_CLOSED", async () => {
    const { sandbox, order, place, close } = await start();
    const [paid, closed] = [order(), order()];
    for (const body of [paid, closed]) await place(body);
    await sandbox.pay(paid);
    await close(closed.out_trade_no);
    expect(await refusalOf(place(paid))).toEqual([400, "ORDER_PAID"]);
    expect(await refusalOf(place(closed))).toEqual([400, "ORDER_CLOSED"]);
  });
});

describe("time_expire", () => {
  test("is the last moment to pay, and does not close the order", async () => {
    const { sandbox, order, place, query, close } = await start();
    const body = order({ time_expire: "2026-03-02T12:10:00+08:00" });
    await place(body);
    sandbox.advance(10 * MINUTE);
    await expect(sandbox.pay(body)).rejects.toThrow("The order order000001 cannot be paid: its time_expire is over.");
    expect((await query(body.out_trade_no)).data?.trade_state).toBe("NOTPAY");
    expect(await refusalOf(place(body))).toEqual([400, "INVALID_REQUEST"]);
    await close(body.out_trade_no);
    expect((await query(body.out_trade_no)).data?.trade_state).toBe("CLOSED");
  });

  test("is at least one minute after the order", async () => {
    const { sandbox, order, place } = await start();
    const body = order({ time_expire: "2026-03-02T12:00:01+08:00" });
    await place(body);
    sandbox.advance(MINUTE - 1);
    await sandbox.pay(body);
  });

  test("is at most 90 days after the order", async () => {
    const { sandbox, order, place } = await start();
    const body = order({ time_expire: "2027-03-02T12:00:01+08:00" });
    await place(body);
    sandbox.advance(90 * DAY);
    await expect(sandbox.pay(body)).rejects.toThrow("its time_expire is over");
  });

  test("is a time", async () => {
    const { order, place } = await start();
    const { error } = await place(order({ time_expire: "tomorrow" }));
    expect(error).toMatchObject({ code: "PARAM_ERROR", detail: { field: "/time_expire", value: "tomorrow" } });
  });

  test("without it, an order that is not paid closes by itself after 7 days", async () => {
    const { sandbox, order, place, query } = await start();
    const body = order();
    await place(body);
    sandbox.advance(7 * DAY - 1);
    expect((await query(body.out_trade_no)).data?.trade_state).toBe("NOTPAY");
    sandbox.advance(1);
    expect((await query(body.out_trade_no)).data).toMatchObject({
      trade_state: "CLOSED",
      trade_state_desc: "订单已关闭",
    });
    await expect(sandbox.pay(body)).rejects.toThrow("The order order000001 cannot be paid: it is closed.");
  });
});

describe("closing", () => {
  test("is a 204, may be repeated, and ends the payment", async () => {
    const { sandbox, order, place, close } = await start();
    const body = order();
    await place(body);
    for (let times = 0; times < 2; times++) expect((await close(body.out_trade_no)).response.status).toBe(204);
    await expect(sandbox.pay(body)).rejects.toThrow("it is closed");
  });

  test("of an order that is paid is a 400 ORDER_PAID", async () => {
    const { paid, close } = await start();
    expect(await refusalOf(close((await paid()).out_trade_no))).toEqual([400, "ORDER_PAID"]);
  });

  test("of a number that was never placed is a 204, as users report", async () => {
    const { order, place, close, query } = await start();
    expect((await close("order000001")).response.status).toBe(204);
    expect(await refusalOf(query("order000001"))).toEqual([404, "ORDER_NOT_EXIST"]);
    expect((await place(order())).response.status).toBe(200);
  });
});

describe("an order of a service provider", () => {
  test("has its numbers, and its payer under the AppIDs of both", async () => {
    const { sandbox, partnerOrder, placePartner, queryPartner, wechatpay } = await start();
    const body = partnerOrder({ sub_appid: "wxd678efh567hg6999", payer: { sub_openid: "o1" } });
    await placePartner(body);
    const numbers = { sp_appid: body.sp_appid, sp_mchid: MCHID, sub_appid: body.sub_appid, sub_mchid: SUB_MCHID };
    const { out_trade_no } = body;
    expect((await queryPartner(out_trade_no)).data).toEqual({
      ...numbers,
      out_trade_no,
      trade_state: "NOTPAY",
      trade_state_desc: "订单未支付",
    });
    const told = await sandbox.pay(body);
    expect(told).toMatchObject({ ...numbers, payer: { sp_openid: OPENID, sub_openid: "o1" } });
    expect(told).not.toHaveProperty("mchid");
    const params = { path: { transaction_id: told.transaction_id }, query: { sp_mchid: MCHID, sub_mchid: SUB_MCHID } };
    const { data } = await wechatpay.v3.pay.partner.transactions.id._transaction_id_.get({ params });
    expect(data).toEqual(told);
  });

  test("is found under its sub-merchant only", async () => {
    const { partnerOrder, placePartner, query, queryPartner } = await start();
    const body = partnerOrder();
    await placePartner(body);
    expect(await refusalOf(query(body.out_trade_no))).toEqual([404, "ORDER_NOT_EXIST"]);
    expect(await refusalOf(queryPartner(body.out_trade_no, "1900000111"))).toEqual([404, "ORDER_NOT_EXIST"]);
  });

  test("is closed as a direct merchant's", async () => {
    const { partnerOrder, placePartner, queryPartner, wechatpay } = await start();
    const { out_trade_no, ...rest } = partnerOrder();
    await placePartner({ out_trade_no, ...rest });
    const { response } = await wechatpay.v3.pay.partner.transactions.outTradeNo._out_trade_no_.close.post({
      params: { path: { out_trade_no } },
      body: { sp_mchid: MCHID, sub_mchid: SUB_MCHID },
    });
    expect(response.status).toBe(204);
    expect((await queryPartner(out_trade_no)).data?.trade_state).toBe("CLOSED");
  });
});

test("an order is paid once, and only what was placed can be paid", async () => {
  const { sandbox, paid } = await start();
  await expect(sandbox.pay({ out_trade_no: "unknown" })).rejects.toThrow(
    "The order unknown cannot be paid: there is none of this number.",
  );
  await expect(sandbox.pay(await paid())).rejects.toThrow("The order order000001 cannot be paid: it is paid.");
});

test("the sandbox starts with the second family beside the first, and each sandbox has a state of its own", async () => {
  const [one, other] = [await start(), await start()];
  const body = one.order();
  await one.place(body);
  expect(one.sandbox.clock()).toBe(NOON);
  expect(await refusalOf(other.query(body.out_trade_no))).toEqual([404, "ORDER_NOT_EXIST"]);
});
