import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { describe, expect, test } from "vitest";
import { FAULTS } from "wechatpay-openapi-fetch/sandbox";
import type { Entry, Message } from "../../../src/sandbox/console/messages.js";
import { examples, freshRequest, PRE_ORDER } from "../../support/wechatpay.js";
import { start as startPay } from "../family/pay.js";
import { send as sendSigned } from "../signed.js";
import { listen, messages, openConsole, visit } from "./visitor.js";

type Start = Extract<Message, { type: "start" }>;

const startOf = async (url: string, query?: string) => (await messages(url, query))[0] as Start;
/** A request that is refused: nowhere leads nowhere. */
const lose = (sandbox: { fetch: typeof fetch }, number: number | string, init?: RequestInit) =>
  sandbox.fetch(`http://localhost/v3/nowhere/${number}`, init);

describe("a page that opens is told", () => {
  test("what the sandbox is: its operations with their examples, faults and event types", async () => {
    const { sandbox, url, close } = await openConsole();
    const start = await startOf(url);
    const { mchid, serialNo } = sandbox.credentials;
    expect(start).toMatchObject({ type: "start", mchid, serialNo, faults: FAULTS, arrived: 0, dropped: 0, last: 0 });
    expect(start.events).toContain("TRANSACTION.SUCCESS");
    expect(start.operations).toContainEqual({
      operationId: "createToken",
      method: "POST",
      path: "/v3/payroll-card/tokens",
      summary: { zh: "生成授权token", en: "Create an authorization token" },
      examples: ["authorize", "minimal"],
    });
    expect(start.operations.find(({ operationId }) => operationId === "listCertificates")?.examples).toEqual([""]);
    for (const { summary } of start.operations) {
      expect(summary.zh).toMatch(/[\u4e00-\u9fff]/);
      expect(summary.en).toMatch(/^[\x20-\x7e]+$/);
    }
    await close();
  });

  test("what came before, each as a row: little enough for 10,000", async () => {
    const { sandbox, url, rows, close } = await openConsole();
    const body = { ...freshRequest(), project_name: "项目".repeat(60) };
    const response = await sendSigned(sandbox, { target: PRE_ORDER, body: JSON.stringify(body) });
    await lose(sandbox, "a".repeat(9_999));
    expect(await rows("request")).toEqual([
      {
        seq: 1,
        kind: "request",
        id: 1,
        at: expect.closeTo(sandbox.clock(), -7),
        took: expect.any(Number),
        operationId: "preOrderAuthentication",
        method: "POST",
        path: PRE_ORDER,
        verdict: "accepted",
        status: 200,
        words: expect.stringContaining(body.authenticate_number.toLowerCase()),
      },
      expect.objectContaining({ seq: 2, id: 2, path: `/v3/nowhere/${"a".repeat(488)}`, verdict: "unknown-path" }),
    ]);
    const [{ words } = { words: "" }] = await rows("request");
    expect(words).toContain(body.openid.toLowerCase());
    expect(words).toContain(response.headers.get("Request-ID")?.toLowerCase());
    expect(words.length).toBeLessThanOrEqual(600);
    expect(await startOf(url)).toMatchObject({ arrived: 2, last: 2 });
    await close();
  });

  test("the code of an error, and nothing that a key could be read from", async () => {
    const { sandbox, url, rows, close } = await openConsole();
    await sendSigned(sandbox, { target: PRE_ORDER, mchid: "1" });
    expect(await rows("request")).toMatchObject([{ verdict: "unknown-mchid", status: 401, code: "SIGN_ERROR" }]);
    const told = JSON.stringify(await messages(url));
    expect(told).not.toContain(sandbox.credentials.apiV3Key);
    expect(told).not.toMatch(/PRIVATE KEY|signature=/);
    await close();
  });

  test("only what came after the last that it has, unless that was of another run", async () => {
    const { sandbox, url, close } = await openConsole();
    for (const number of [1, 2, 3]) await lose(sandbox, number);
    const { run } = await startOf(url);
    const seqs = async (query: string) =>
      (await messages(url, query))
        .flatMap((message) => (message.type === "entries" ? message.entries : []))
        .map(({ seq }) => seq);
    expect(await seqs(`?run=${run}&after=2`)).toEqual([3]);
    expect(await seqs(`?run=${run}&after=3`)).toEqual([]);
    expect(await startOf(url, `?run=${run}&after=3`)).toMatchObject({ run, last: 3 });
    for (const after of ["0", "", "-1", "4", "x", "Infinity"])
      expect(await seqs(`?run=${run}&after=${after}`)).toEqual([1, 2, 3]);
    expect(await seqs("?run=other&after=2")).toEqual([1, 2, 3]);
    await close();
  });

  test("how many requests arrived, and how many of them the sandbox dropped", async () => {
    const { sandbox, url, close } = await openConsole({ requestLog: { maxEntries: 2 } });
    for (let i = 0; i < 5; i++) await lose(sandbox, i);
    expect(await startOf(url)).toMatchObject({ arrived: 5, dropped: 3, last: 5 });
    await close();
  });
});

describe("clearing", () => {
  test("empties the list of every page and sandbox.requests, and counts from 1", async () => {
    const one = await openConsole({ requestLog: { maxEntries: 2 } });
    const two = await visit(one.sandbox);
    for (let i = 0; i < 3; i++) await lose(one.sandbox, i);
    const { run } = await startOf(two.url);
    await one.act({ action: "clear" });
    expect([one.sandbox.requests.length, one.sandbox.droppedRequests]).toEqual([0, 0]);
    await lose(one.sandbox, 3);
    for (const { rows, close, url } of [one, two]) {
      expect(await rows("request")).toMatchObject([{ id: 1, path: "/v3/nowhere/3" }]);
      expect((await fetch(`${url}/console/requests/2.json`)).status).toBe(404);
      expect(await startOf(url, `?run=${run}&after=1`)).not.toMatchObject({ run });
      await close();
    }
  });

  test("tells an open page to begin anew", async () => {
    const { sandbox, url, close } = await openConsole();
    await lose(sandbox, 1);
    const told: Message[] = [];
    for await (const message of listen(url)) {
      told.push(message);
      if (message.type === "state") sandbox.clearRequests();
      if (told.filter(({ type }) => type === "start").length === 2) break;
    }
    const [first, second] = told.filter((message): message is Start => message.type === "start");
    expect(second?.run).not.toBe(first?.run);
    expect(second).toMatchObject({ arrived: 0, last: 0 });
    await close();
  });
});

describe("rows beside requests", () => {
  test("what was done to the sandbox, by code or by the console", async () => {
    const { sandbox, ...merchant } = await startPay({ authorized: false });
    const { rows, act, close } = await visit(sandbox);
    const user = { openid: "o1", sub_mchid: "1900000110" };
    sandbox.authorize(user);
    sandbox.authorize(user, "DEAUTHORIZED");
    sandbox.failTransfer({ out_batch_no: "b1", out_detail_no: "d1" });
    await act({ action: "advance", ms: 86_400_000 });
    const { out_trade_no } = await merchant.paid();
    const refund = merchant.refundOf({ out_trade_no, amount: { total: 100 } }, 1);
    await merchant.refund(refund);
    await sandbox.finishRefund(refund, "CLOSED");
    const transfer = merchant.transfer();
    await merchant.send(transfer);
    await sandbox.confirm(transfer, "PAYEE_ACCOUNT_ABNORMAL");
    const serial = await sandbox.rotate();
    sandbox.fail({ fault: "hang", operation: "createToken", times: 2 })();
    sandbox.fail({ fault: "reset", times: Number.POSITIVE_INFINITY })();
    // What could not be done was not done.
    expect(() => sandbox.authorize(user, "DEAUTHORIZED")).toThrow();
    expect((await rows("deed")).map(({ deed, given }) => [deed, given])).toEqual([
      ["authorize", { ...user, state: "AUTHORIZED" }],
      ["authorize", { ...user, state: "DEAUTHORIZED" }],
      ["failTransfer", { out_batch_no: "b1", out_detail_no: "d1" }],
      ["advance", { ms: 86_400_000 }],
      ["pay", { out_trade_no }],
      ["finishRefund", { out_refund_no: refund.out_refund_no, status: "CLOSED" }],
      ["confirm", { out_bill_no: transfer.out_bill_no, fail_reason: "PAYEE_ACCOUNT_ABNORMAL" }],
      ["rotate", { serial }],
      ["fail", { fault: "hang", operation: "createToken", times: 2 }],
      ["fail", { fault: "reset" }],
    ]);
    await close();
  });

  test("how an identity verification ended", async () => {
    const { sandbox, rows, close } = await openConsole();
    const body = freshRequest();
    await sendSigned(sandbox, { target: PRE_ORDER, body: JSON.stringify(body) });
    sandbox.authenticate(body.authenticate_number, "AUTHENTICATE_FAILED");
    const given = { number: body.authenticate_number, state: "AUTHENTICATE_FAILED" };
    expect(await rows("deed")).toMatchObject([{ deed: "authenticate", given, at: expect.any(Number) }]);
    await close();
  });

  test("a request that met the fault refused: it is no request that arrived, and onUnconnected is told", async () => {
    const told: unknown[] = [];
    const { sandbox, url, entries, close } = await openConsole({ onUnconnected: (request) => told.push(request) });
    sandbox.fail({ fault: "refused" });
    await expect(fetch(`${url}/v3/certificates?a=1`)).rejects.toThrow();
    const request = {
      operationId: "listCertificates",
      method: "GET",
      path: "/v3/certificates?a=1",
      at: expect.any(Number),
    };
    expect((await entries())[1]).toEqual({ seq: 2, kind: "unconnected", ...request });
    expect(told).toEqual([request]);
    expect(sandbox.requests).toEqual([]);
    await close();
  });

  test("notifications, with their answers or why none came", async () => {
    const { sandbox, rows, close } = await openConsole();
    const event = { event_type: "TRANSACTION.SUCCESS" };
    const resource = expect.objectContaining({ trade_state: "SUCCESS" });
    const answer = await sandbox.notify("https://a.example/notify", event, {
      fetch: () => new Response(`${"失".repeat(3_000)}`, { status: 500 }),
    });
    // Its body is the caller's: the console reads a copy.
    expect((await answer.text()).length).toBe(3_000);
    await sandbox.notify("https://b.example/notify", event, { fetch: () => new Response(null, { status: 204 }) });
    const cause = new Error("connect ECONNREFUSED 127.0.0.1:9");
    const fail = () => Promise.reject(new TypeError("fetch failed", { cause }));
    await expect(sandbox.notify("https://c.example/notify", event, { fetch: fail })).rejects.toThrow();
    await expect.poll(async () => (await rows("notification")).length).toBe(3);
    const shared = { kind: "notification", ...event, resource, at: expect.any(Number), took: expect.any(Number) };
    const told = (await rows("notification"))
      .map(({ seq, id, ...row }) => row)
      .sort((a, b) => (a.url < b.url ? -1 : 1));
    expect(told).toEqual([
      { ...shared, url: "https://a.example/notify", status: 500, body: expect.stringMatching(/^失+$/) },
      { ...shared, url: "https://b.example/notify", status: 204 },
      {
        ...shared,
        url: "https://c.example/notify",
        error: { zh: `没有应答：${cause.message}`, en: `There was no answer: ${cause.message}` },
      },
    ]);
    expect(told[0]?.body?.length).toBeLessThanOrEqual(2_000);
    await close();
  });

  test("those to a notify_url too, and that it was not sent to another machine", async () => {
    const { sandbox, ...merchant } = await startPay({ notifications: "loopback" });
    const { entries, rows, close } = await visit(sandbox);
    const { out_trade_no } = await merchant.paid();
    // What users do is told before what comes of it.
    expect((await entries()).map(({ kind }) => kind)).toEqual(["request", "deed", "notification"]);
    expect(await rows("notification")).toMatchObject([
      {
        id: 1,
        event_type: "TRANSACTION.SUCCESS",
        url: "https://www.example.com/notify",
        resource: { out_trade_no },
        error: {
          zh: expect.stringMatching(/^没有发送：这不是本机地址/),
          en: expect.stringMatching(/^It was not sent: it is no/),
        },
      },
    ]);
    await close();
  });
});

describe("an attempt is counted", () => {
  test("where the same call failed before: by a fault, a 429 or a 5xx, within a minute", async () => {
    let now = Date.now();
    const { sandbox, rows, close } = await openConsole({ clock: () => now });
    const attempts = async () => (await rows("request")).map(({ attempt }) => attempt);
    for (const fault of ["bad-gateway", "rate-limited", "unsigned"] as const) sandbox.fail({ fault });
    const body = "{}";
    for (let i = 0; i < 5; i++) await lose(sandbox, 1, { method: "POST", body });
    // The fourth arrived well, so the fifth is new.
    expect(await attempts()).toEqual([undefined, 2, 3, 4, undefined]);
    sandbox.clearRequests();

    sandbox.fail({ fault: "bad-gateway", times: 6 });
    await lose(sandbox, 1, { method: "POST", body });
    await lose(sandbox, 1, { method: "POST", body: "{ }" });
    await lose(sandbox, 1, { method: "PUT", body });
    await lose(sandbox, 2, { method: "POST", body });
    now += 60_000;
    await lose(sandbox, 1, { method: "POST", body });
    now += 60_001;
    await lose(sandbox, 1, { method: "POST", body });
    expect(await attempts()).toEqual([undefined, undefined, undefined, undefined, 2, undefined]);
    await close();
  });
});

describe("the state", () => {
  test("has relations, tokens, verifications and how many of a day's pre-orders are used", async () => {
    const { sandbox, state, close } = await openConsole();
    const order = freshRequest();
    const { openid, sub_mchid, authenticate_number: number } = order;
    await sendSigned(sandbox, { target: PRE_ORDER, body: JSON.stringify(order) });
    sandbox.authorize({ openid, sub_mchid }, "DEAUTHORIZED");
    const told = await state();
    expect(told.startsAuthorized).toBe(true);
    expect(told.relations).toEqual([{ openid, sub_mchid, state: "DEAUTHORIZED", at: expect.any(Number) }]);
    expect(told.tokens).toEqual([
      expect.objectContaining({
        operationId: "preOrderAuthentication",
        openid,
        sub_mchid,
        number,
        token: expect.stringMatching(/^\w{64}$/),
      }),
    ]);
    const [{ expiresAt } = { expiresAt: 0 }] = told.tokens;
    expect(expiresAt - sandbox.clock()).toBeLessThanOrEqual(300_000);
    expect(told.authentications).toEqual([{ number, openid, sub_mchid, state: "AUTHENTICATE_PROCESSING", expiresAt }]);
    expect(told.preOrders).toEqual([{ openid, used: 1, limit: 20 }]);

    sandbox.advance(86_400_000);
    expect(await state()).toMatchObject({ tokens: [], preOrders: [], authentications: [{ number }] });
    await close();
  });

  test("has orders, refunds and transfers, the newest first", async () => {
    const { sandbox, ...merchant } = await startPay();
    const { state, close } = await visit(sandbox);
    const [order, transfer] = [merchant.order(), merchant.transfer()];
    await merchant.place(order);
    sandbox.advance(1);
    await merchant.send(transfer);
    expect((await state()).records.map(({ kind, number, state }) => [kind, number, state])).toEqual([
      ["transfer", transfer.out_bill_no, "WAIT_USER_CONFIRM"],
      ["order", order.out_trade_no, "NOTPAY"],
    ]);
    await sandbox.pay(order);
    expect((await state()).records.at(-1)).toMatchObject({ number: order.out_trade_no, state: "SUCCESS", amount: 100 });
    await close();
  });

  test("has batches with their transfers, and how far they are", async () => {
    const { sandbox, act, state, close } = await openConsole();
    const result = await act({ action: "example", operationId: "createTransferBatch" });
    const request = JSON.parse("done" in result ? result.done : "");
    await act({ action: "send", ...request });
    const { out_batch_no, transfer_detail_list } = request.body;
    const [{ out_detail_no, transfer_amount: amount }] = transfer_detail_list;
    sandbox.failTransfer({ out_batch_no, out_detail_no });
    expect((await state()).batches).toMatchObject([
      { out_batch_no, state: "ACCEPTED", transfers: [{ out_detail_no, amount, state: "WAIT_PAY" }, {}] },
    ]);
    sandbox.advance(60_000);
    const [batch] = (await state()).batches;
    expect(batch).toMatchObject({ state: "FINISHED", transfers: [{ state: "FAIL" }, { state: "SUCCESS" }] });
    expect(batch?.finishesAt).toBeLessThanOrEqual(sandbox.clock());
    await close();
  });

  test("has the faults that wait, and the keys of WeChat Pay", async () => {
    const { sandbox, state, close } = await openConsole({ platformKeys: "gray" });
    sandbox.fail({ fault: "hang", operation: "createToken", times: 2 });
    sandbox.fail({ fault: "reset", times: Number.POSITIVE_INFINITY });
    expect(await state()).toMatchObject({
      faults: [
        { id: 1, fault: "hang", operation: "createToken", times: 2 },
        { id: 2, fault: "reset" },
      ],
      platformKeys: [
        { serial: expect.stringMatching(/^PUB_KEY_ID_/), kind: "public-key" },
        { kind: "certificate", startsAt: expect.any(Number), expiresAt: expect.any(Number) },
      ],
    });
    await sandbox.rotate();
    expect((await state()).platformKeys).toHaveLength(3);
    await close();
  });

  test("is told again when it has changed, and the time when it was set forward", async () => {
    const { sandbox, url, close } = await openConsole();
    const told: Message[] = [];
    for await (const message of listen(url)) {
      told.push(message);
      const states = told.filter(({ type }) => type === "state").length;
      if (message.type === "state" && states === 1) {
        sandbox.fail({ fault: "hang" });
        sandbox.advance(86_400_000);
      }
      if (states === 2) break;
    }
    const times = told.flatMap((message) => (message.type === "time" ? message.now : []));
    expect(Math.max(...times)).toBeGreaterThan(Date.now() + 86_000_000);
    expect(told.at(-1)).toMatchObject({ state: { faults: [{ fault: "hang" }] } });
    await close();
  });
});

describe("of many requests", () => {
  test("what happens at once is told at once", async () => {
    const { sandbox, url, close } = await openConsole();
    const told: Entry[][] = [];
    for await (const message of listen(url)) {
      if (message.type === "state" && told.length === 0) for (let i = 0; i < 50; i++) sandbox.fail({ fault: "hang" })();
      if (message.type === "entries") told.push(message.entries);
      if (told.flat().length === 50) break;
    }
    expect(told.map((entries) => entries.map(({ seq }) => seq))).toEqual([Array.from({ length: 50 }, (_, i) => i + 1)]);
    await close();
  });

  test("the last 10,000 are kept, in few messages; a page resumes; the details of those before them are gone", {
    tags: ["slow"],
  }, async () => {
    const { sandbox, url, close } = await openConsole();
    const page = listen(url);
    await page.next();
    for (let i = 1; i <= 10_100; i++) await lose(sandbox, i);
    const told = await messages(url);
    const entries = told.flatMap((message) => (message.type === "entries" ? message.entries : []));
    expect([entries.length, entries[0]?.seq, entries.at(-1)?.seq]).toEqual([10_000, 101, 10_100]);
    expect(told.length).toBeLessThan(20);
    expect(JSON.stringify(entries).length).toBeLessThan(10_000 * 400);
    // What was not read yet is not told twice.
    const { run } = told[0] as Start;
    expect(await messages(url, `?run=${run}&after=10099`)).toMatchObject([
      { type: "start", run },
      { type: "entries", entries: [{ seq: 10_100 }] },
      { type: "state" },
    ]);
    const statuses = [100, 101].map(async (id) => (await fetch(`${url}/console/requests/${id}.json`)).status);
    expect(await Promise.all(statuses)).toEqual([404, 200]);
    await page.return(undefined);
    await close();
  });

  test("a page that does not read costs no memory, and is told of what is kept once it reads", async () => {
    const { sandbox, url, close } = await openConsole();
    const stalled = await stall(url);
    for (let i = 0; i < 2_000; i++) await lose(sandbox, `${i}/${"\x7f".repeat(480)}`);
    sandbox.clearRequests();
    for (let i = 0; i < 1_000; i++) sandbox.clearRequests();
    await lose(sandbox, "last");
    let told = "";
    for await (const chunk of stalled.setEncoding("utf8")) {
      told += chunk;
      if (told.includes('"path":"/v3/nowhere/last"')) break;
    }
    // Of many clearings by one, and of what was cleared by what the connection held.
    expect(told.split('"type":"start"').length - 1).toBeLessThan(10);
    await close();
  });
});

/** A page that is open, and reads nothing. */
async function stall(url: string): Promise<IncomingMessage> {
  const [response] = await once(request(`${url}/console/events`, { agent: false }).end(), "response");
  return response as IncomingMessage;
}

describe("no answer is changed", () => {
  test("by an onRequest that leaves nothing to show", async () => {
    const { sandbox, rows, close } = await openConsole({
      onRequest: (request) => Object.assign(request, { path: undefined }),
    });
    expect((await lose(sandbox, 1)).status).toBe(404);
    expect(await rows("request")).toEqual([]);
    await close();
  });

  test("by a list of 200,000 items, which is shown", async () => {
    const { sandbox, rows, detail, close } = await openConsole();
    const body = JSON.stringify({ ...examples.request, authenticate_number: "wide", more: Array(200_000).fill("a") });
    expect((await sendSigned(sandbox, { target: PRE_ORDER, body })).status).toBe(200);
    expect(await rows("request")).toMatchObject([{ verdict: "accepted" }]);
    expect(await detail(1)).toMatchObject({ decrypted: { request: [] }, body: { more: { length: 200_000 } } });
    await close();
  });

  test("by what cannot be shown: it says so", async () => {
    const { sandbox, rows, detail, close } = await openConsole({
      onRequest(request) {
        const { path } = request;
        request.body = path.endsWith("/1")
          ? { itself: request }
          : {
              get a() {
                throw new Error("no");
              },
            };
      },
    });
    for (const number of [1, 2]) {
      expect((await lose(sandbox, number)).status).toBe(404);
      expect((await rows("request")).at(-1)).toMatchObject({ path: `/v3/nowhere/${number}`, status: 404 });
      expect((await detail(number)).body).toMatch(/^The console cannot show it: /);
    }
    await close();
  });
});
