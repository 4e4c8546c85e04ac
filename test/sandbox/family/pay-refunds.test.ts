import { describe, expect, test } from "vitest";
import { DAY, HOUR, MCHID, MINUTE, refusalOf, SUB_MCHID, start } from "./pay.js";

describe("a refund", () => {
  test("is PROCESSING when it is accepted, and SUCCESS a minute later; its order is REFUND", async () => {
    const { sandbox, paid, refundOf, refund, query, queryRefund } = await start();
    const order = await paid();
    const body = refundOf(order, 100, { reason: "商品已售完" });
    const { data: accepted } = await refund(body);
    expect(accepted).toEqual({
      refund_id: expect.stringMatching(/^50300000000202603020{9}1$/),
      out_refund_no: body.out_refund_no,
      transaction_id: order.transaction_id,
      out_trade_no: order.out_trade_no,
      channel: "ORIGINAL",
      user_received_account: "支付用户零钱",
      create_time: "2026-03-02T12:00:00+08:00",
      status: "PROCESSING",
      funds_account: "AVAILABLE",
      amount: {
        total: 100,
        refund: 100,
        payer_total: 100,
        payer_refund: 100,
        settlement_total: 100,
        settlement_refund: 100,
        discount_refund: 0,
        currency: "CNY",
      },
    });
    expect((await query(order.out_trade_no)).data).toMatchObject({
      trade_state: "REFUND",
      trade_state_desc: "转入退款",
    });
    sandbox.advance(MINUTE - 1);
    expect((await queryRefund(body.out_refund_no)).data).toEqual(accepted);
    sandbox.advance(1);
    const success_time = "2026-03-02T12:01:00+08:00";
    expect((await queryRefund(body.out_refund_no)).data).toEqual({ ...accepted, status: "SUCCESS", success_time });
  });

  test("names its order by transaction_id or out_trade_no; where both are there, transaction_id counts", async () => {
    const { paid, refundOf, refund } = await start();
    const [one, other] = [await paid(), await paid()];
    const { out_trade_no: _, ...byId } = refundOf(one, 40, { transaction_id: one.transaction_id });
    expect((await refund(byId as never)).data).toMatchObject({ out_trade_no: one.out_trade_no });
    const byBoth = refundOf(other, 40, { transaction_id: one.transaction_id });
    expect((await refund(byBoth)).data).toMatchObject({ out_trade_no: one.out_trade_no });
  });

  test("is one of several, which never exceed what was paid", async () => {
    const { paid, refundOf, refund } = await start();
    const order = await paid();
    expect(await refusalOf(refund(refundOf(order, 101)))).toEqual([400, "INVALID_REQUEST"]);
    for (const amount of [40, 59]) expect((await refund(refundOf(order, amount))).response.status).toBe(200);
    const { error } = await refund(refundOf(order, 2));
    expect(error?.message).toContain("At most 1 of 100 fen can be refunded.");
    expect((await refund(refundOf(order, 1))).response.status).toBe(200);
  });

  test("repeats the order's amount", async () => {
    const { paid, refundOf, refund } = await start();
    const order = await paid();
    const { error } = await refund(refundOf({ ...order, amount: { total: 200 } }, 100));
    expect(error?.message).toContain("amount.total must be that of the order: 100.");
  });

  test("that is sent again with the same out_refund_no is refunded once; with other parameters it is refused", async () => {
    const { sandbox, paid, refundOf, refund } = await start();
    const order = await paid();
    const body = refundOf(order, 60);
    const { data: first } = await refund(body);
    expect((await refund(body)).data).toEqual(first);
    sandbox.advance(MINUTE);
    expect((await refund(body)).data).toMatchObject({ refund_id: first?.refund_id, status: "SUCCESS" });
    const changed = { ...body, amount: { ...body.amount, refund: 40 } };
    expect(await refusalOf(refund(changed))).toEqual([400, "INVALID_REQUEST"]);
    expect((await refund(refundOf(order, 40))).response.status).toBe(200);
  });

  test("is of an order that was paid", async () => {
    const { sandbox, order, place, refundOf, refund } = await start();
    const body = order();
    await place(body);
    expect(await refusalOf(refund(refundOf(body, 1)))).toEqual([400, "INVALID_REQUEST"]);
    const unknown = { ...body, out_trade_no: "unknown-order" };
    expect(await refusalOf(refund(refundOf(unknown, 1)))).toEqual([404, "RESOURCE_NOT_EXISTS"]);
    expect(sandbox.requests.at(-1)?.reason).toMatchObject({
      zh: expect.stringContaining("订单不存在（out_trade_no unknown-order）："),
      en: expect.stringContaining("of its own (out_trade_no unknown-order)."),
    });
  });

  test("comes within 365 days of the payment", async () => {
    const { sandbox, paid, refundOf, refund } = await start();
    const order = await paid();
    sandbox.advance(365 * DAY);
    expect((await refund(refundOf(order, 1))).response.status).toBe(200);
    sandbox.advance(1);
    expect(await refusalOf(refund(refundOf(order, 1)))).toEqual([400, "INVALID_REQUEST"]);
  });

  test("is one of 50 of an order", async () => {
    const { paid, refundOf, refund } = await start();
    const order = await paid();
    for (let count = 0; count < 50; count++) expect((await refund(refundOf(order, 1))).response.status).toBe(200);
    expect((await refund(refundOf(order, 1))).error?.message).toContain("at most 50 refunds");
  });

  test("tells the accounts that it is paid from, as they were asked for", async () => {
    const { paid, refundOf, refund } = await start();
    const body = refundOf(await paid(), 10);
    const from = [
      { account: "AVAILABLE" as const, amount: 4 },
      { account: "UNAVAILABLE" as const, amount: 6 },
    ];
    expect((await refund({ ...body, amount: { ...body.amount, from } })).data?.amount.from).toEqual(from);
  });

  test("of a service provider names the sub-merchant, and so does its query", async () => {
    const { sandbox, partnerOrder, placePartner, refundOf, refund, queryRefund } = await start();
    const order = partnerOrder();
    await placePartner(order);
    await sandbox.pay(order);
    expect(await refusalOf(refund(refundOf(order, 1)))).toEqual([404, "RESOURCE_NOT_EXISTS"]);
    const body = refundOf(order, 1, { sub_mchid: SUB_MCHID });
    expect((await refund(body)).response.status).toBe(200);
    expect(await refusalOf(queryRefund(body.out_refund_no))).toEqual([404, "RESOURCE_NOT_EXISTS"]);
    expect((await queryRefund(body.out_refund_no, { sub_mchid: SUB_MCHID })).response.status).toBe(200);
    expect(await sandbox.finishRefund(body)).toMatchObject({ sp_mchid: MCHID, sub_mchid: SUB_MCHID });
  });

  test("needs the money: 403 NOT_ENOUGH where the account has less", async () => {
    const { sandbox, paid, refundOf, refund, transfer, send } = await start();
    const order = await paid({ amount: { total: 100 } });
    // All that the account has had from the start.
    await send(transfer({ transfer_amount: 100_000_000, user_name: "张三" }));
    expect((await refund(refundOf(order, 50))).response.status).toBe(200);
    await send(transfer({ transfer_amount: 1 }));
    expect(await refusalOf(refund(refundOf(order, 50)))).toEqual([403, "NOT_ENOUGH"]);
    sandbox.advance(HOUR);
  });

  test("that was never made is a 404 RESOURCE_NOT_EXISTS", async () => {
    const { sandbox, queryRefund } = await start();
    expect(await refusalOf(queryRefund("unknown"))).toEqual([404, "RESOURCE_NOT_EXISTS"]);
    expect(sandbox.requests.at(-1)?.reason?.en).toBe("There is no such refund (out_refund_no unknown).");
  });
});

describe("finishRefund", () => {
  test("ends a refund before its time, and returns what the notification tells", async () => {
    const { sandbox, paid, refundOf, refund, queryRefund } = await start();
    const order = await paid();
    const body = refundOf(order, 30);
    const { data } = await refund(body);
    expect(await sandbox.finishRefund(body)).toEqual({
      mchid: MCHID,
      transaction_id: order.transaction_id,
      out_trade_no: order.out_trade_no,
      refund_id: data?.refund_id,
      out_refund_no: body.out_refund_no,
      refund_status: "SUCCESS",
      success_time: "2026-03-02T12:00:00+08:00",
      user_received_account: "支付用户零钱",
      amount: { total: 100, refund: 30, payer_total: 100, payer_refund: 30 },
    });
    expect((await queryRefund(body.out_refund_no)).data?.status).toBe("SUCCESS");
    await expect(sandbox.finishRefund(body)).rejects.toThrow("The refund refund000002 is finished: SUCCESS.");
  });

  test("CLOSED gives the amount back to be refunded", async () => {
    const { sandbox, paid, refundOf, refund, queryRefund } = await start();
    const order = await paid();
    const body = refundOf(order, 100);
    await refund(body);
    await sandbox.finishRefund(body, "CLOSED");
    expect((await queryRefund(body.out_refund_no)).data?.status).toBe("CLOSED");
    expect((await refund(refundOf(order, 100))).response.status).toBe(200);
  });

  test("ABNORMAL stays until it is handled", async () => {
    const { sandbox, paid, refundOf, refund, queryRefund } = await start();
    const order = await paid();
    const body = refundOf(order, 100);
    await refund(body);
    await sandbox.finishRefund(body, "ABNORMAL");
    sandbox.advance(DAY);
    expect((await queryRefund(body.out_refund_no)).data).toMatchObject({ status: "ABNORMAL" });
    expect(await refusalOf(refund(refundOf(order, 1)))).toEqual([400, "INVALID_REQUEST"]);
    await sandbox.finishRefund(body);
    expect((await queryRefund(body.out_refund_no)).data).toMatchObject({
      status: "SUCCESS",
      success_time: "2026-03-03T12:00:00+08:00",
    });
  });

  test("says why it cannot", async () => {
    const { sandbox } = await start();
    await expect(sandbox.finishRefund({ out_refund_no: "unknown" })).rejects.toThrow("There is no refund unknown.");
    await expect(sandbox.finishRefund({ out_refund_no: "a" }, "FAIL" as never)).rejects.toThrow(
      'status must be one of SUCCESS, CLOSED, ABNORMAL; given: "FAIL".',
    );
  });
});
