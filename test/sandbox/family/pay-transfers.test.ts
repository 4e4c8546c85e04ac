import { describe, expect, test } from "vitest";
import { DAY, MCHID, refusalOf, start } from "./pay.js";

describe("a transfer", () => {
  test("waits for its user, who confirms it", async () => {
    const { sandbox, transfer, send, queryTransfer, wechatpay } = await start();
    const body = transfer({ user_name: "张三", transfer_amount: 400_000 });
    const { data: created } = await send(body);
    const { out_bill_no } = body;
    expect(created).toEqual({
      out_bill_no,
      transfer_bill_no: expect.stringMatching(/^13300000711009999911820202603020{8}1$/),
      create_time: "2026-03-02T12:00:00+08:00",
      state: "WAIT_USER_CONFIRM",
      package_info: expect.any(String),
    });
    const transfer_bill_no = created?.transfer_bill_no as string;
    sandbox.advance(5_000);
    const told = await sandbox.confirm(body);
    expect(told).toEqual({
      mch_id: MCHID,
      out_bill_no,
      transfer_bill_no,
      state: "SUCCESS",
      transfer_amount: 400_000,
      openid: body.openid,
      create_time: "2026-03-02T12:00:00+08:00",
      update_time: "2026-03-02T12:00:05+08:00",
    });
    const { data } = await queryTransfer(out_bill_no);
    const { appid, transfer_remark } = body;
    expect(data).toEqual({ ...told, appid, transfer_remark, user_name: "张三" });
    const byNo = wechatpay.v3.fundApp.mchTransfer.transferBills.transferBillNo._transfer_bill_no_;
    expect((await byNo.get({ params: { path: { transfer_bill_no } } })).data).toEqual(data);
  });

  test("has its user's name encrypted both ways", async () => {
    const { sandbox, transfer, send, queryTransfer } = await start();
    const body = transfer({ user_name: "张三" });
    await send(body);
    expect(sandbox.requests.at(-1)?.body).toMatchObject({ user_name: "张三" });
    expect((await queryTransfer(body.out_bill_no)).data?.user_name).toBe("张三");
  });

  test("from 2,000 yuan on needs the name", async () => {
    const { transfer, send } = await start();
    expect((await send(transfer({ transfer_amount: 199_999 }))).response.status).toBe(200);
    const { error } = await send(transfer({ transfer_amount: 200_000 }));
    expect(error).toMatchObject({ code: "PARAM_ERROR", detail: { field: "/user_name", location: "body" } });
  });

  test("fails where it cannot be paid out", async () => {
    const { sandbox, transfer, send, queryTransfer } = await start();
    const body = transfer();
    await send(body);
    const failure = { state: "FAIL", fail_reason: "PAYEE_ACCOUNT_ABNORMAL" };
    expect(await sandbox.confirm(body, "PAYEE_ACCOUNT_ABNORMAL")).toMatchObject(failure);
    expect((await queryTransfer(body.out_bill_no)).data).toMatchObject(failure);
    expect((await send(body)).data).toMatchObject(failure);
  });

  test("that is not confirmed for a day fails with OVERDUE_CLOSE", async () => {
    const { sandbox, transfer, send, queryTransfer } = await start();
    const body = transfer();
    await send(body);
    sandbox.advance(DAY - 1);
    expect((await queryTransfer(body.out_bill_no)).data?.state).toBe("WAIT_USER_CONFIRM");
    sandbox.advance(1);
    const failure = { state: "FAIL", fail_reason: "OVERDUE_CLOSE", update_time: "2026-03-03T12:00:00+08:00" };
    expect((await queryTransfer(body.out_bill_no)).data).toMatchObject(failure);
    await expect(sandbox.confirm(body)).rejects.toThrow("The transfer bill000001 waits for nobody: it is FAIL.");
  });

  test("that is sent again with the same out_bill_no is the same; with other parameters it is refused", async () => {
    const { transfer, send } = await start();
    const body = transfer({ user_name: "张三" });
    const { data: first } = await send(body);
    // The name is encrypted anew.
    expect((await send(body)).data).toEqual(first);
    expect(await refusalOf(send({ ...body, transfer_amount: 999 }))).toEqual([400, "INVALID_REQUEST"]);
  });

  test("can be sent again with the same number after a 403 NOT_ENOUGH, when there is money", async () => {
    const { sandbox, transfer, send } = await start();
    const all = transfer({ transfer_amount: 100_000_000, user_name: "张三" });
    await send(all);
    const body = transfer();
    expect(await refusalOf(send(body))).toEqual([403, "NOT_ENOUGH"]);
    await sandbox.confirm(all, "PAYEE_ACCOUNT_ABNORMAL");
    expect((await send(body)).data?.state).toBe("WAIT_USER_CONFIRM");
  });

  test("is found for 30 days", async () => {
    const { sandbox, transfer, send, queryTransfer } = await start();
    const { out_bill_no, ...rest } = transfer();
    await send({ out_bill_no, ...rest });
    sandbox.advance(30 * DAY);
    expect((await queryTransfer(out_bill_no)).response.status).toBe(200);
    sandbox.advance(1);
    expect(await refusalOf(queryTransfer(out_bill_no))).toEqual([404, "RESOURCE_NOT_EXISTS"]);
  });
});

describe("the scene of a transfer", () => {
  const reports = (...types: string[]) => types.map((info_type) => ({ info_type, info_content: "注册会员抽奖一等奖" }));

  test.each([
    ["1000", ["活动名称", "奖励说明"], "现金奖励"],
    ["1011", ["赔付原因"], "商家赔付"],
    ["1005", ["岗位类型"], "劳务报酬"],
  ])("%s takes its own reports and perceptions", async (transfer_scene_id, types, user_recv_perception) => {
    const { transfer, send } = await start();
    const scene = { transfer_scene_id, user_recv_perception, transfer_scene_report_infos: reports(...types) };
    expect((await send(transfer(scene))).response.status).toBe(200);
  });

  test("wants each kind of report once", async () => {
    const { transfer, send } = await start();
    for (const types of [["活动名称"], ["活动名称", "活动名称"], ["活动名称", "奖励说明", "赔付原因"]]) {
      const { error } = await send(
        transfer({ transfer_scene_id: "1000", transfer_scene_report_infos: reports(...types) }),
      );
      expect(error).toMatchObject({ code: "PARAM_ERROR", detail: { field: "/transfer_scene_report_infos" } });
    }
  });

  test("allows what the user is shown", async () => {
    const { transfer, send } = await start();
    expect(await refusalOf(send(transfer({ user_recv_perception: "现金奖励" })))).toEqual([400, "INVALID_REQUEST"]);
  });
});

describe("cancelling", () => {
  test("is CANCELING, and CANCELLED a little later", async () => {
    const { sandbox, transfer, send, cancel, queryTransfer } = await start();
    const body = transfer();
    await send(body);
    const { data } = await cancel(body.out_bill_no);
    expect(data).toEqual({
      out_bill_no: body.out_bill_no,
      transfer_bill_no: expect.any(String),
      state: "CANCELING",
      update_time: "2026-03-02T12:00:00+08:00",
    });
    expect((await cancel(body.out_bill_no)).data).toEqual(data);
    await expect(sandbox.confirm(body)).rejects.toThrow("The transfer bill000001 waits for nobody: it is CANCELING.");
    sandbox.advance(10_000);
    const cancelled = { state: "CANCELLED", update_time: "2026-03-02T12:00:10+08:00" };
    expect((await queryTransfer(body.out_bill_no)).data).toMatchObject(cancelled);
    expect((await cancel(body.out_bill_no)).data).toMatchObject(cancelled);
  });

  test("is possible before the user confirms only, and where there is a transfer", async () => {
    const { sandbox, transfer, send, cancel } = await start();
    const body = transfer();
    await send(body);
    await sandbox.confirm(body);
    expect(await refusalOf(cancel(body.out_bill_no))).toEqual([400, "INVALID_REQUEST"]);
    expect(await refusalOf(cancel("unknown"))).toEqual([404, "RESOURCE_NOT_EXISTS"]);
    expect(sandbox.requests.at(-1)?.reason?.en).toContain("(out_bill_no unknown).");
  });
});

test("confirm says why it cannot", async () => {
  const { sandbox, transfer, send } = await start();
  const body = transfer();
  await send(body);
  await expect(sandbox.confirm({ out_bill_no: "unknown" })).rejects.toThrow("There is no transfer unknown.");
  await expect(sandbox.confirm(body, "")).rejects.toThrow('fail_reason must be a text that is not empty; given: "".');
  await sandbox.confirm(body);
  await expect(sandbox.confirm(body)).rejects.toThrow("waits for nobody: it is SUCCESS.");
});
