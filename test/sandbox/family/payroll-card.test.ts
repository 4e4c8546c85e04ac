import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { type CallInit, createWeChatPayClient, type paths, unwrap } from "wechatpay-openapi-fetch";
import { createSandbox, type SandboxOptions } from "wechatpay-openapi-fetch/sandbox";
import openapi from "../../../generated/openapi.json" with { type: "json" };
import { NOW } from "../../support/wechatpay.js";
import { expectWords } from "../reasons/refused.js";

type Body<Path extends keyof paths> =
  CallInit<paths[Path]["post" & keyof paths[Path]]> extends { body: infer T } ? T : never;
type PreOrder = Body<"/v3/payroll-card/authentications/pre-order">;
type Batch = Body<"/v3/payroll-card/transfer-batches">;

const SUB = { sub_mchid: "1111111", sub_appid: "wxa1111111" };
const USER = { openid: "onqOjjmo8wmTOOtSKwXtGjg9Gb58", ...SUB };
const IDENTITY = { user_name: "张三", id_card_number: "110101199003070012" };
const MINUTE = 60_000;
const DAY = 86_400_000;

/** A service provider and its WeChat Pay. `NOW` is 2019-04-02 20:34:20 in Beijing. */
async function start(options: SandboxOptions = {}) {
  const sandbox = await createSandbox({ clock: () => NOW, onRequest: expectWords, ...options });
  const replies: unknown[] = [];
  const wechatpay = createWeChatPayClient({
    ...sandbox.credentials,
    clock: sandbox.clock,
    async fetch(request) {
      const reply = await sandbox.fetch(request);
      replies.push(await reply.clone().json());
      return reply;
    },
  });
  const { payrollCard, partnerTransfer } = wechatpay.v3;
  let count = 0;
  const job = (): PreOrder => ({
    ...USER,
    authenticate_number: `number${++count}`,
    project_name: "某项目",
    employer_name: "某单位名称",
  });
  return {
    sandbox,
    /** As they were on the wire. */
    replies,
    payrollCard,
    partnerTransfer,
    job,
    async preOrder(changes: Partial<PreOrder> = {}): Promise<string> {
      const body = { ...job(), ...changes } as PreOrder;
      return unwrap(await payrollCard.authentications.preOrder.post({ body })).authenticate_number;
    },
    async preOrderWithAuth(changes: object = {}): Promise<string> {
      const body = { ...job(), ...IDENTITY, employment_type: "LONG_TERM_EMPLOYMENT" as const, ...changes };
      return unwrap(await payrollCard.authentications.preOrderWithAuth.post({ body })).authenticate_number;
    },
    async relation(user: { openid: string; sub_mchid: string; sub_appid: string } = USER) {
      const { openid, ...query } = user;
      return unwrap(await payrollCard.relations._openid_.get({ params: { path: { openid }, query } }));
    },
    async result(authenticate_number: string) {
      const params = { path: { authenticate_number }, query: { sub_mchid: SUB.sub_mchid } };
      return unwrap(await payrollCard.authentications._authenticate_number_.get({ params }));
    },
    async list(authenticate_date: string, more: object = {}) {
      const query = { ...USER, authenticate_date, ...more };
      return unwrap(await payrollCard.authentications.get({ params: { query } }));
    },
    async send(changes: Partial<Batch> = {}) {
      return unwrap(await payrollCard.transferBatches.post({ body: { ...BATCH, ...changes } as Batch }));
    },
    async batch(query: object = { need_query_detail: true, detail_status: "ALL" }) {
      const params = { path: { out_batch_no: BATCH.out_batch_no }, query: query as { need_query_detail: boolean } };
      return unwrap(await partnerTransfer.batches.outBatchNo._out_batch_no_.get({ params }));
    },
    async detail(out_detail_no: string) {
      const params = { path: { out_batch_no: BATCH.out_batch_no, out_detail_no } };
      return unwrap(
        await partnerTransfer.batches.outBatchNo._out_batch_no_.details.outDetailNo._out_detail_no_.get({ params }),
      );
    },
  };
}

const BATCH = {
  ...SUB,
  authorization_type: "INFORMATION_AUTHORIZATION_TYPE",
  out_batch_no: "plfk2020042013",
  batch_name: "4月工资",
  batch_remark: "4月工资",
  total_amount: 300_00,
  total_num: 2,
  transfer_detail_list: [
    {
      out_detail_no: "zhangsan",
      transfer_amount: 100_00,
      transfer_remark: "工资",
      openid: USER.openid,
      user_name: "张三",
    },
    { out_detail_no: "lisi", transfer_amount: 200_00, transfer_remark: "工资", openid: "oLiSi", user_name: "李四" },
  ],
} satisfies Batch;

const refusal = (code: string, message: RegExp) => ({
  name: "ApiError",
  code,
  message: expect.stringMatching(message),
});

describe("authorization (授权)", () => {
  test("every user has authorized, so that the first pre-order succeeds", async () => {
    const { relation, preOrder } = await start();
    expect(await relation()).toMatchObject({ authorize_state: "AUTHORIZED", register_state: "REGISTERED" });
    await preOrder();
  });

  test("with authorized: false a user starts as real ones do: pre-order refuses, until the token was used", async () => {
    const { sandbox, payrollCard, relation, preOrder } = await start({ authorized: false });
    expect(await relation()).toEqual({
      openid: USER.openid,
      mchid: sandbox.credentials.mchid,
      sub_mchid: USER.sub_mchid,
      authorize_state: "UNAUTHORIZED",
      register_state: "UNREGISTERED",
    });
    await expect(preOrder()).rejects.toMatchObject(refusal("INVALID_REQUEST", /用户未授权/));

    const token = unwrap(await payrollCard.tokens.post({ body: { ...USER, ...IDENTITY } }));
    expect(token).toMatchObject({ openid: USER.openid, sub_mchid: USER.sub_mchid, expires_in: 1800 });
    expect((await relation()).authorize_state).toBe("UNAUTHORIZED");
    sandbox.advance(MINUTE);
    sandbox.authorize(token);
    expect(await relation()).toMatchObject({
      authorize_state: "AUTHORIZED",
      authorize_time: "2019-04-02T20:35:20+08:00",
      register_state: "REGISTERED",
      register_time: "2019-04-02T20:35:20+08:00",
    });
    await preOrder();
  });

  test("is for one sub-merchant: another one is authorized anew", async () => {
    const { sandbox, relation, preOrder } = await start({ authorized: false });
    sandbox.authorize(USER);
    const elsewhere = { ...USER, sub_mchid: "2222222" };
    expect(await relation(elsewhere)).toMatchObject({ authorize_state: "UNAUTHORIZED", register_state: "REGISTERED" });
    await expect(preOrder(elsewhere)).rejects.toMatchObject(refusal("INVALID_REQUEST", /用户未授权/));
  });

  test("can be taken back, and given again", async () => {
    const { sandbox, relation, preOrder } = await start();
    sandbox.advance(MINUTE);
    sandbox.authorize(USER, "DEAUTHORIZED");
    expect(await relation()).toMatchObject({
      authorize_state: "DEAUTHORIZED",
      authorize_time: "2019-04-02T20:34:20+08:00",
      deauthorize_time: "2019-04-02T20:35:20+08:00",
    });
    await expect(preOrder()).rejects.toMatchObject(refusal("INVALID_REQUEST", /用户未授权/));
    expect(() => sandbox.authorize(USER, "DEAUTHORIZED")).toThrow(/nothing to take back/);
    sandbox.authorize(USER);
    const { deauthorize_time, ...relationNow } = await relation();
    expect([relationNow.authorize_state, deauthorize_time]).toEqual(["AUTHORIZED", undefined]);
  });

  test("a token is for its user and sub-merchant, and dies after 1800 s", async () => {
    const { sandbox, payrollCard } = await start({ authorized: false });
    const token = unwrap(await payrollCard.tokens.post({ body: { ...USER, ...IDENTITY } }));
    for (const changes of [{ token: "another" }, { openid: "oLiSi" }, { sub_mchid: "2222222" }]) {
      expect(() => sandbox.authorize({ ...token, ...changes })).toThrow(/not one that createToken made/);
    }
    sandbox.advance(1800_000);
    expect(() => sandbox.authorize(token)).toThrow("The token died after 1800 s: get another one by createToken.");
  });

  test("neither appid nor sub_appid in a query is refused, which OpenAPI cannot say", async () => {
    const { payrollCard } = await start();
    const params = { path: { openid: USER.openid }, query: { sub_mchid: USER.sub_mchid } };
    const { error } = await payrollCard.relations._openid_.get({ params });
    expect(error).toMatchObject({ code: "PARAM_ERROR", detail: { field: "appid", location: "query" } });
  });

  test.each([
    [() => ({ openid: "", sub_mchid: "1" }), undefined, "openid must be a text that is not empty"],
    [() => ({ openid: "o" }), undefined, "sub_mchid must be a text that is not empty"],
    [() => USER, "AUTHENTICATE_SUCCESS", "state must be one of AUTHORIZED, DEAUTHORIZED"],
  ])("a wrong argument is named: %#", async (user, state, message) => {
    const { sandbox } = await start();
    expect(() => sandbox.authorize(user() as never, state as never)).toThrow(message);
  });
});

describe("pre-order (核身预下单)", () => {
  test("an authenticate_number serves once, for either kind of pre-order", async () => {
    const { preOrder, preOrderWithAuth, sandbox } = await start();
    const authenticate_number = await preOrder();
    const reused = refusal("INVALID_REQUEST", /商家核身单号重复/);
    await expect(preOrder({ authenticate_number })).rejects.toMatchObject(reused);
    sandbox.advance(30 * DAY);
    await expect(preOrderWithAuth({ authenticate_number })).rejects.toMatchObject(reused);
  });

  test("the 21st of a user in a day is refused; a day begins at midnight in Beijing", async () => {
    const { preOrder, preOrderWithAuth, sandbox } = await start();
    for (let i = 0; i < 10; i++) {
      await preOrder();
      await preOrderWithAuth({ sub_mchid: "2222222" });
    }
    await expect(preOrder()).rejects.toMatchObject(refusal("INVALID_REQUEST", /超过20次/));
    await expect(preOrderWithAuth()).rejects.toMatchObject(refusal("INVALID_REQUEST", /超过20次/));
    await preOrder({ openid: "oLiSi" });
    sandbox.advance(3 * 60 * MINUTE); // 23:34:20
    await expect(preOrder()).rejects.toMatchObject(refusal("INVALID_REQUEST", /超过20次/));
    sandbox.advance(26 * MINUTE); // 00:00:20
    await preOrder();
  });

  test("a number that was refused is not used up", async () => {
    const { preOrder, sandbox } = await start({ authorized: false });
    const authenticate_number = "again1";
    await expect(preOrder({ authenticate_number })).rejects.toMatchObject({ code: "INVALID_REQUEST" });
    sandbox.authorize(USER);
    await preOrder({ authenticate_number });
  });

  test("with authorization in the flow needs none before, and gives it", async () => {
    const { preOrderWithAuth, relation, sandbox } = await start({ authorized: false });
    const number = await preOrderWithAuth();
    expect(sandbox.requests.at(-1)?.body).toMatchObject(IDENTITY);
    expect((await relation()).authorize_state).toBe("UNAUTHORIZED");
    sandbox.authenticate(number);
    expect((await relation()).authorize_state).toBe("AUTHORIZED");
    const another = preOrderWithAuth({ employment_type: "COOPERATION_EMPLOYMENT" });
    await expect(another).rejects.toMatchObject(refusal("INVALID_REQUEST", /must be LONG_TERM_EMPLOYMENT/));
  });
});

test("what was received is the caller's: changing it changes nothing in the sandbox", async () => {
  const { send, batch, sandbox } = await start();
  await send();
  (sandbox.requests[0]?.body as typeof BATCH).batch_name = "changed";
  expect((await batch()).batch_name).toBe(BATCH.batch_name);
  await send();
});

test("a clock that begins at 0 knows what was taken back", async () => {
  const { sandbox, relation } = await start({ clock: () => 0 });
  sandbox.authorize(USER, "DEAUTHORIZED");
  expect((await relation()).authorize_state).toBe("DEAUTHORIZED");
});

describe("the face check (核身)", () => {
  test("passed: the result says so, and when", async () => {
    const { preOrder, result, sandbox } = await start();
    const number = await preOrder({ authenticate_type: "SIGN_IN" });
    const pending = {
      mchid: sandbox.credentials.mchid,
      sub_mchid: USER.sub_mchid,
      openid: USER.openid,
      authenticate_scene: "FROM_MINI_APP",
      authenticate_source: USER.sub_appid,
      project_name: "某项目",
      employer_name: "某单位名称",
      authenticate_state: "AUTHENTICATE_PROCESSING",
      authenticate_number: number,
      authenticate_type: "SIGN_IN",
    };
    expect(await result(number)).toEqual(pending);
    sandbox.advance(MINUTE);
    expect(sandbox.authenticate(number, "AUTHENTICATE_SUCCESS")).toBe("AUTHENTICATE_SUCCESS");
    expect(await result(number)).toEqual({
      ...pending,
      authenticate_state: "AUTHENTICATE_SUCCESS",
      authenticate_time: "2019-04-02T20:35:20+08:00",
    });
  });

  test("failed: with a reason; and after five in a day, whatever the user does, until midnight", async () => {
    const { preOrder, result, sandbox } = await start();
    for (let i = 0; i < 5; i++) {
      const number = await preOrder();
      sandbox.authenticate(number, "AUTHENTICATE_FAILED");
      const failed = await result(number);
      expect(failed).toMatchObject({
        authenticate_state: "AUTHENTICATE_FAILED",
        authenticate_failed_reason: "人脸验证未通过",
      });
      expect(failed).not.toHaveProperty("authenticate_time");
    }
    const sixth = await preOrder();
    expect(sandbox.authenticate(sixth)).toBe("AUTHENTICATE_FAILED");
    expect(await result(sixth)).toMatchObject({ authenticate_failed_reason: "当日人脸验证失败次数过多" });
    expect(sandbox.authenticate(await preOrder({ openid: "oLiSi" }))).toBe("AUTHENTICATE_SUCCESS");
    sandbox.advance(DAY);
    expect(sandbox.authenticate(await preOrder())).toBe("AUTHENTICATE_SUCCESS");
  });

  test("the token dies after 300 s: nothing can be checked any more, and the state stays", async () => {
    const { preOrder, result, sandbox } = await start();
    const [last, late] = [await preOrder(), await preOrder()];
    sandbox.advance(300_000 - 1);
    sandbox.authenticate(last);
    sandbox.advance(1);
    expect(() => sandbox.authenticate(late)).toThrow(`The token of ${late} died after 300 s`);
    expect((await result(late)).authenticate_state).toBe("AUTHENTICATE_PROCESSING");
  });

  test("happens once, for a number that there is, while the user is authorized", async () => {
    const { preOrder, sandbox } = await start();
    const number = await preOrder();
    sandbox.authenticate(number);
    expect(() => sandbox.authenticate(number)).toThrow("ended with AUTHENTICATE_SUCCESS");
    expect(() => sandbox.authenticate("nobody")).toThrow("There is no pre-order with the authenticate_number nobody.");
    expect(() => sandbox.authenticate(number, "AUTHENTICATE_PROCESSING" as never)).toThrow(/^state must be one of/);
    const another = await preOrder();
    sandbox.authorize(USER, "DEAUTHORIZED");
    expect(() => sandbox.authenticate(another)).toThrow("has taken back the authorization");
  });

  test("a number that there is not, or that is another sub-merchant's: 404", async () => {
    const { payrollCard, preOrder, sandbox } = await start();
    const own = { authenticate_number: await preOrder() };
    for (const [path, sub_mchid] of [
      [{ authenticate_number: "nobody" }, "1111111"],
      [own, "2222222"],
    ] as const) {
      const { error, response } = await payrollCard.authentications._authenticate_number_.get({
        params: { path, query: { sub_mchid } },
      });
      expect([response.status, error?.code]).toEqual([404, "RESOURCE_NOT_EXISTS"]);
      expect(error?.message).toBe("核身记录不存在 There is no such authentication.");
      expect(sandbox.requests.at(-1)?.reason).toEqual({
        zh: `核身记录不存在（authenticate_number ${path.authenticate_number}）。`,
        en: `There is no such authentication (authenticate_number ${path.authenticate_number}).`,
      });
    }
  });
});

describe("the list of a day (核身记录)", () => {
  test("has successes only, of that day in Beijing, of that user and sub-merchant", async () => {
    const { preOrder, list, sandbox } = await start();
    const passed = await preOrder();
    sandbox.authenticate(passed);
    sandbox.authenticate(await preOrder(), "AUTHENTICATE_FAILED");
    await preOrder();
    sandbox.authenticate(await preOrder({ openid: "oLiSi" }));
    sandbox.authenticate(await preOrder({ sub_mchid: "2222222" }));
    sandbox.advance(205 * MINUTE); // 23:59:20
    const overMidnight = await preOrder();
    sandbox.advance(MINUTE);
    sandbox.authenticate(overMidnight);

    const numbersOf = async (day: string) => {
      const { data = [], ...rest } = await list(day);
      return [data.map(({ authenticate_number }) => authenticate_number), rest];
    };
    expect(await numbersOf("2019-04-02")).toEqual([[passed], { total_count: 1, offset: 0, limit: 1 }]);
    expect(await numbersOf("2019-04-03")).toEqual([[overMidnight], { total_count: 1, offset: 0, limit: 1 }]);
    expect(await numbersOf("2019-04-01")).toEqual([[], { total_count: 0, offset: 0, limit: 0 }]);
  });

  test("is paged by 10, and says how many it gave", async () => {
    const { preOrder, list, sandbox } = await start();
    const numbers: string[] = [];
    for (let i = 0; i < 13; i++) {
      numbers.push(await preOrder());
      sandbox.advance(1000);
      sandbox.authenticate(numbers.at(-1) as string);
    }
    const numbersOf = async (more: object) => {
      const { data = [], total_count, offset, limit } = await list("2019-04-02", more);
      return { numbers: data.map(({ authenticate_number }) => authenticate_number), total_count, offset, limit };
    };
    expect(await numbersOf({})).toEqual({ numbers: numbers.slice(0, 10), total_count: 13, offset: 0, limit: 10 });
    expect(await numbersOf({ offset: 10 })).toEqual({
      numbers: numbers.slice(10),
      total_count: 13,
      offset: 10,
      limit: 3,
    });
    expect(await numbersOf({ offset: 2, limit: 3 })).toEqual({
      numbers: numbers.slice(2, 5),
      total_count: 13,
      offset: 2,
      limit: 3,
    });
    expect((await numbersOf({ offset: 13 })).numbers).toEqual([]);
    await expect(numbersOf({ limit: 11 })).rejects.toMatchObject({ code: "PARAM_ERROR" });
  });

  test.each(["2019-13-01", "2019-02-29", "2019-04-31"])("has no day %s", async (day) => {
    const { list } = await start();
    await expect(list(day)).rejects.toMatchObject({ code: "PARAM_ERROR", detail: { issue: "is no day" } });
  });

  test("goes back 90 days", async () => {
    const { list, preOrder, sandbox } = await start();
    sandbox.authenticate(await preOrder());
    sandbox.advance(90 * DAY);
    expect((await list("2019-04-02")).total_count).toBe(1);
    await expect(list("2019-04-01")).rejects.toMatchObject({
      code: "PARAM_ERROR",
      detail: { field: "authenticate_date", issue: "must be no more than 90 days ago", location: "query" },
    });
  });
});

describe("a transfer batch (批量转账)", () => {
  test("is accepted, processed after 10 s and finished after 60 s", async () => {
    const { send, batch, sandbox } = await start();
    const reply = await send();
    expect(reply).toEqual({
      out_batch_no: BATCH.out_batch_no,
      batch_id: expect.stringMatching(/^\d{37,64}$/),
      create_time: "2019-04-02T20:34:20+08:00",
    });
    const { out_batch_no, batch_name, batch_remark, authorization_type, total_amount, total_num } = BATCH;
    const pending = {
      sp_mchid: sandbox.credentials.mchid,
      ...SUB,
      ...{ out_batch_no, batch_name, batch_remark, authorization_type, total_amount, total_num },
      batch_id: reply.batch_id,
      batch_type: "API",
      transfer_scene: "PAYROLL_CARD_TRANSFER",
      create_time: "2019-04-02T20:34:20+08:00",
    };
    expect(await batch()).toEqual({ ...pending, batch_status: "ACCEPTED", update_time: "2019-04-02T20:34:20+08:00" });
    sandbox.advance(10_000);
    expect(await batch()).toEqual({ ...pending, batch_status: "PROCESSING", update_time: "2019-04-02T20:34:30+08:00" });
    sandbox.advance(50_000);
    const finished = await batch();
    expect(finished).toMatchObject({
      ...pending,
      batch_status: "FINISHED",
      update_time: "2019-04-02T20:35:20+08:00",
      ...{ success_amount: 300_00, success_num: 2, fail_amount: 0, fail_num: 0 },
    });
    expect(finished.transfer_detail_list).toEqual([
      { detail_id: expect.stringMatching(/^\d+$/), out_detail_no: "zhangsan", detail_status: "SUCCESS" },
      { detail_id: expect.stringMatching(/^\d+$/), out_detail_no: "lisi", detail_status: "SUCCESS" },
    ]);
  });

  test("sent again with the same parameters is the same batch; with others it is refused", async () => {
    const { send, sandbox } = await start();
    const first = await send();
    sandbox.advance(MINUTE);
    expect(await send()).toEqual(first);
    const { batch_name, ...rest } = BATCH;
    const inAnotherOrder = { ...rest, batch_name };
    expect(await send(inAnotherOrder)).toEqual(first);
    await expect(send({ batch_name: "5月工资" })).rejects.toMatchObject(refusal("INVALID_REQUEST", /批次单号重复/));
    expect((await send({ out_batch_no: "another" })).batch_id).not.toBe(first.batch_id);
  });

  const [zhangsan, lisi] = BATCH.transfer_detail_list as [
    (typeof BATCH.transfer_detail_list)[0],
    (typeof BATCH.transfer_detail_list)[0],
  ];
  test.each<[string, Partial<Batch>, field: string, issue: string]>([
    ["total_amount", { total_amount: 1 }, "/total_amount", "must be the sum of the details: 30000"],
    ["total_num", { total_num: 3 }, "/total_num", "must be the number of details: 2"],
    [
      "an out_detail_no twice",
      { transfer_detail_list: [zhangsan, { ...lisi, out_detail_no: "zhangsan" }] },
      "/transfer_detail_list/1/out_detail_no",
      "must be unique within the batch",
    ],
    [
      "no sub_appid",
      { sub_appid: undefined as never, sp_appid: "wxsp" },
      "/sub_appid",
      "is required with INFORMATION_AUTHORIZATION_TYPE",
    ],
    [
      "no sp_appid",
      { authorization_type: "FUND_AUTHORIZATION_TYPE" },
      "/sp_appid",
      "is required with FUND_AUTHORIZATION_TYPE",
    ],
  ])("%s is refused, and nothing is transferred", async (_what, changes, field, issue) => {
    const { send, batch } = await start();
    await expect(send(changes)).rejects.toMatchObject({
      code: "PARAM_ERROR",
      detail: { field, issue, location: "body" },
    });
    await expect(batch()).rejects.toMatchObject({ status: 404 });
  });

  test("a detail fails by choice, before the batch is sent or while it is under way", async () => {
    const { send, batch, detail, sandbox } = await start();
    sandbox.failTransfer({ out_batch_no: BATCH.out_batch_no, out_detail_no: "lisi" }, "PAY_ROLL_CARD_ALREADY_FROZEN");
    await send();
    sandbox.advance(59_999);
    sandbox.failTransfer({ out_batch_no: BATCH.out_batch_no, out_detail_no: "zhangsan" });
    expect(await detail("lisi")).not.toHaveProperty("fail_reason");
    sandbox.advance(1);
    expect(await batch()).toMatchObject({ success_amount: 0, success_num: 0, fail_amount: 300_00, fail_num: 2 });
    expect(await detail("lisi")).toMatchObject({ detail_status: "FAIL", fail_reason: "PAY_ROLL_CARD_ALREADY_FROZEN" });
    expect(await detail("zhangsan")).toMatchObject({ detail_status: "FAIL", fail_reason: "ACCOUNT_FROZEN" });
    const late = () => sandbox.failTransfer({ out_batch_no: BATCH.out_batch_no, out_detail_no: "lisi" });
    expect(late).toThrow("The batch plfk2020042013 is finished.");
    const nobody = () => sandbox.failTransfer({ out_batch_no: BATCH.out_batch_no, out_detail_no: "nobody" });
    expect(nobody).toThrow("The batch plfk2020042013 has no detail nobody.");
  });

  test("a user who has no card, or has not authorized, is not paid", async () => {
    const { send, batch, detail, sandbox } = await start({ authorized: false });
    sandbox.authorize({ openid: USER.openid, sub_mchid: "2222222" });
    sandbox.authorize({ openid: "oLiSi", sub_mchid: USER.sub_mchid });
    const wangwu = { ...zhangsan, out_detail_no: "wangwu", openid: "oWangWu", transfer_amount: 50_00 };
    await send({ transfer_detail_list: [zhangsan, lisi, wangwu], total_num: 3, total_amount: 350_00 });
    sandbox.advance(MINUTE);
    expect(await detail("zhangsan")).toMatchObject({ fail_reason: "PAY_ROLL_CARD_UNAUTHORIZED" });
    expect(await detail("wangwu")).toMatchObject({ fail_reason: "PAY_ROLL_CARD_USER_NOT_OPEN" });
    expect((await detail("lisi")).detail_status).toBe("SUCCESS");
    expect(await batch()).toMatchObject({ success_amount: 200_00, fail_amount: 150_00, success_num: 1, fail_num: 2 });
  });

  test("details are shown when it is finished and they are asked for, by state and page", async () => {
    const { send, batch, sandbox } = await start();
    const many = Array.from({ length: 45 }, (_, i) => ({ ...zhangsan, out_detail_no: `d${i}`, transfer_amount: 1 }));
    await send({ transfer_detail_list: many, total_num: 45, total_amount: 45 });
    sandbox.failTransfer({ out_batch_no: BATCH.out_batch_no, out_detail_no: "d3" });
    expect(await batch()).not.toHaveProperty("transfer_detail_list");
    sandbox.advance(MINUTE);
    expect(await batch({ need_query_detail: false })).not.toHaveProperty("transfer_detail_list");
    const numbersOf = async (query: object) =>
      (await batch({ need_query_detail: true, ...query })).transfer_detail_list?.map((each) => each.out_detail_no);
    const all = many.map(({ out_detail_no }) => out_detail_no);
    expect(await numbersOf({ detail_status: "ALL" })).toEqual(all.slice(0, 20));
    expect(await numbersOf({ detail_status: "ALL", offset: 20, limit: 100 })).toEqual(all.slice(20));
    expect(await numbersOf({ detail_status: "FAIL" })).toEqual(["d3"]);
    expect(await numbersOf({ detail_status: "SUCCESS", limit: 100 })).toHaveLength(44);
    expect(await numbersOf({ detail_status: "WAIT_PAY" })).toEqual([]);
  });

  // Official: 选填，不传没有明细状态信息返回.
  test("without detail_status no details come back, whatever need_query_detail says", async () => {
    const { send, sandbox, partnerTransfer } = await start();
    const { batch_id } = await send();
    sandbox.advance(MINUTE);
    const params = { path: { batch_id }, query: { need_query_detail: true } };
    const found = unwrap(await partnerTransfer.batches.batchId._batch_id_.get({ params }));
    expect(found).toMatchObject({ batch_status: "FINISHED", success_num: 2 });
    expect(found).not.toHaveProperty("transfer_detail_list");
  });

  // Official: WAIT_PAY 待确认，符合免密条件时自动转为转账中.
  test("a detail waits for confirmation, is being paid, and is paid: its own query shows that while the batch is under way", async () => {
    const { send, detail, sandbox, partnerTransfer } = await start();
    const { batch_id } = await send();
    expect(await detail("lisi")).toMatchObject({ detail_status: "WAIT_PAY" });
    const query = { need_query_detail: true, detail_status: "WAIT_PAY" } as const;
    const waiting = unwrap(
      await partnerTransfer.batches.batchId._batch_id_.get({ params: { path: { batch_id }, query } }),
    );
    expect(waiting.batch_status).toBe("ACCEPTED");
    sandbox.advance(10_000);
    expect(await detail("lisi")).toMatchObject({ detail_status: "PROCESSING" });
    sandbox.advance(50_000);
    expect(await detail("lisi")).toMatchObject({ detail_status: "SUCCESS" });
  });

  test("is found by WeChat Pay's numbers as well", async () => {
    const { send, batch, detail, partnerTransfer, sandbox } = await start();
    const { batch_id } = await send();
    sandbox.advance(MINUTE);
    const byNo = partnerTransfer.batches.batchId._batch_id_;
    const query = { need_query_detail: true, detail_status: "ALL" } as const;
    expect(unwrap(await byNo.get({ params: { path: { batch_id }, query } }))).toEqual(await batch());
    const { detail_id } = await detail("lisi");
    const path = { batch_id, detail_id };
    expect(unwrap(await byNo.details.detailId._detail_id_.get({ params: { path } }))).toEqual(await detail("lisi"));
  });

  test("a detail says whom it went to: the name comes encrypted, and arrives as it was", async () => {
    const { send, detail, sandbox, replies } = await start();
    const { batch_id, create_time } = await send();
    expect(sandbox.requests.at(-1)?.body).toEqual(BATCH);
    sandbox.advance(MINUTE);
    expect(await detail("lisi")).toEqual({
      sp_mchid: sandbox.credentials.mchid,
      out_batch_no: BATCH.out_batch_no,
      batch_id,
      appid: SUB.sub_appid,
      out_detail_no: "lisi",
      detail_id: expect.stringMatching(/^\d+$/),
      detail_status: "SUCCESS",
      transfer_amount: 200_00,
      transfer_remark: "工资",
      openid: "oLiSi",
      username: "李四",
      initiate_time: create_time,
      update_time: "2019-04-02T20:35:20+08:00",
    });
    expect((replies.at(-1) as { username: string }).username).toMatch(/^[\w+/]{342}==$/);
  });

  test("with FUND the AppID is the service provider's", async () => {
    const { send, batch, detail } = await start();
    await send({ authorization_type: "FUND_AUTHORIZATION_TYPE", sp_appid: "wxsp" });
    expect(await batch()).toMatchObject({ sp_appid: "wxsp" });
    expect(await detail("lisi")).toMatchObject({ appid: "wxsp" });
  });

  test("another number, another detail, or one of 31 days ago: 404", async () => {
    const { send, batch, detail, sandbox } = await start();
    const missing = { status: 404, code: "RESOURCE_NOT_EXISTS" };
    await expect(batch()).rejects.toMatchObject(missing);
    await send();
    await expect(detail("nobody")).rejects.toMatchObject(missing);
    expect(sandbox.requests.at(-1)?.reason?.en).toBe("There is no such detail in this batch (out_detail_no nobody).");
    sandbox.advance(30 * DAY);
    await batch();
    sandbox.advance(1);
    await expect(batch()).rejects.toMatchObject(missing);
  });
});

test("a client that keeps its own clock is served as well, after a day that took no time", async () => {
  const sandbox = await createSandbox();
  const { payrollCard } = createWeChatPayClient({ ...sandbox.credentials, fetch: sandbox.fetch }).v3;
  sandbox.advance(DAY);
  const params = { path: { openid: USER.openid }, query: SUB };
  const { data, response } = await payrollCard.relations._openid_.get({ params });
  expect(data?.authorize_state).toBe("AUTHORIZED");
  expect(Math.abs(Date.parse(response.headers.get("Date") ?? "") - Date.now())).toBeLessThan(MINUTE);
  const skewed = createWeChatPayClient({
    ...sandbox.credentials,
    fetch: sandbox.fetch,
    clock: () => Date.now() + DAY / 2,
  });
  const { error } = await skewed.v3.payrollCard.relations._openid_.get({ params });
  expect(error?.code).toBe("SIGN_ERROR");
});

test("time goes forward only", async () => {
  const { sandbox } = await start();
  for (const ms of [-1, Number.NaN, Number.POSITIVE_INFINITY, 1e15, "soon" as never]) {
    expect(() => sandbox.advance(ms)).toThrow("ms must be a number of milliseconds, 0 or more");
  }
  expect(sandbox.clock()).toBe(NOW);
});

test("whatever the sandbox answers is what the spec says", async () => {
  const { sandbox, replies, payrollCard, relation, preOrder, preOrderWithAuth, result, list, send, batch, detail } =
    await start({ authorized: false });
  await relation();
  sandbox.authorize(unwrap(await payrollCard.tokens.post({ body: { ...USER, ...IDENTITY } })));
  await relation();
  const numbers = [await preOrder(), await preOrderWithAuth()] as const;
  await result(numbers[0]);
  sandbox.authenticate(numbers[0]);
  sandbox.authenticate(numbers[1], "AUTHENTICATE_FAILED");
  for (const number of numbers) await result(number);
  await list("2019-04-02");
  await send();
  await batch();
  sandbox.advance(MINUTE);
  await batch();
  await detail("lisi");
  await detail("zhangsan");
  sandbox.authorize(USER, "DEAUTHORIZED");
  await relation();
  await expect(preOrder()).rejects.toThrow();
  await expect(result("nobody")).rejects.toThrow();

  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  const operationsById = new Map(
    Object.values(openapi.paths).flatMap((item) =>
      Object.values(item).map((operation) => [operation.operationId, operation] as const),
    ),
  );
  expect(replies).toHaveLength(sandbox.requests.length);
  for (const [i, { operationId = "", status }] of sandbox.requests.entries()) {
    const name = (operationsById.get(operationId) as { responses: Record<string, { $ref: string }> }).responses[status]
      ?.$ref;
    const response = openapi.components.responses[name?.split("/").at(-1) as keyof typeof openapi.components.responses];
    const check = ajv.compile({ ...response.content["application/json"].schema, components: openapi.components });
    expect([operationId, check(replies[i]), check.errors]).toEqual([operationId, true, null]);
  }
});
