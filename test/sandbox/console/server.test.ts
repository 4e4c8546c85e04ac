import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSandbox, type Listening, type Sandbox } from "wechatpay-openapi-fetch/sandbox";
import type { ActionResult } from "../../../src/sandbox/console/messages.js";
import { type SentRequest, send as sendTo } from "./visitor.js";

/** Of the console, where it answers a GET. */
const PAGES = [
  "/",
  "/console/events",
  "/console/events?run=&after=1",
  "/console/requests.json",
  "/console/requests.har",
  "/console/requests/1.json",
];

describe("over HTTP, the console", () => {
  let sandbox: Sandbox;
  let listening: Listening;
  beforeAll(async () => {
    sandbox = await createSandbox();
    listening = await sandbox.listen({ console: true });
  });
  afterAll(() => listening.close());

  const send = (path: string, init?: SentRequest) => sendTo(listening.url, path, init);

  async function act(ask: object, headers: Record<string, string> = {}) {
    const all = { "Content-Type": "application/json", ...headers };
    return send("/console/actions", { method: "POST", headers: all, body: JSON.stringify(ask) });
  }

  test("is not there unless it is asked for, and nothing of it stands in WeChat Pay's way", async () => {
    const plain = await createSandbox();
    const { url, close } = await plain.listen();
    expect((await fetch(url)).status).toBe(404);
    expect(plain.requests).toHaveLength(1);
    await close();

    const before = sandbox.requests.length;
    for (const path of ["/constructor", "/v3/certificates"]) await send(path);
    expect(sandbox.requests.slice(before).map(({ path }) => path)).toEqual(["/constructor", "/v3/certificates"]);
  });

  test("answers whatever is asked of its paths, and what browsers ask of themselves: nothing is recorded, no fault used up", async () => {
    const end = sandbox.fail({ fault: "bad-gateway" });
    const before = sandbox.requests.length;
    const statuses = [];
    for (const [method, path] of [
      ["HEAD", "/"],
      ["OPTIONS", "/"],
      ["OPTIONS", "/console/actions"],
      ["GET", "/console/actions"],
      ["POST", "/console/events"],
      ["POST", "/console/requests.json"],
      ["DELETE", "/console/requests/1.json"],
      ["PUT", "/console/requests.har"],
      ["GET", "/console/requests/"],
      ["GET", "/console/requests/one.json"],
      ["GET", "/console/requests/1.json/"],
      ["GET", "/console/requests/1.har"],
      ["GET", "/console"],
      ["GET", "/console/index.js"],
      ["GET", "/apple-touch-icon-precomposed.png"],
      ["GET", "/.well-known/appspecific/com.chrome.devtools.json"],
    ] as const) {
      statuses.push((await send(path, { method })).status);
    }
    expect(statuses).toEqual([...Array(8).fill(405), ...Array(8).fill(404)]);
    expect(sandbox.requests).toHaveLength(before);
    expect((await send("/v3/certificates")).status).toBe(502);
    end();
  });

  test("from the source there is no page, and it says how to make one", async () => {
    const { status, text } = await send("/");
    expect([status, text]).toEqual([503, expect.stringContaining("`npm run build`")]);
  });

  test.each(["127.0.0.1:1", "localhost", "localhost:8787", "[::1]:8787", "192.168.0.7", "LOCALHOST"])(
    "answers as %s",
    async (host) => {
      expect((await act({ action: "advance", ms: 1 }, { Host: host })).status).toBe(200);
    },
  );

  test.each([
    "evil.example",
    "localhost.evil.example",
    "127.0.0.1.evil.example:8787",
    "127.0.0.1@evil.example",
    "evil.example:localhost",
    // A URL parser would find an address in them.
    "a@127.0.0.1",
    "a:b@127.0.0.1:8787",
    "127.0.0.1#evil.example",
    "127.0.0.1?evil.example",
    "127.0.0.1/evil.example",
    "127.0.0.1\\evil.example",
    "127.0.0.1:8787:8787",
    "127.0.0.1:evil",
    "[127.0.0.1]",
    "[::1",
    "127.1",
    "2130706433",
    "%31%32%37.0.0.1",
  ])("refuses another's name, which leads here by DNS rebinding: %j", async (host) => {
    const before = sandbox.clock();
    const responses = [
      await act({ action: "advance", ms: 86_400_000 }, { Host: host, Origin: `http://${host}` }),
      await act({ action: "connect" }, { Host: host, Origin: `http://${host}` }),
    ];
    for (const page of PAGES) responses.push(await send(page, { headers: { Host: host } }));
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([403]));
    expect(JSON.stringify(responses)).not.toContain(sandbox.credentials.apiV3Key);
    expect(sandbox.clock() - before).toBeLessThan(86_400_000);
  });

  test.each<[what: string, headers: Record<string, string>, status: number]>([
    ["a form of another site", { "Content-Type": "text/plain" }, 415],
    ["a form that pretends", { "Content-Type": "text/plain; application/json" }, 415],
    ["another site", { Origin: "https://evil.example" }, 403],
    ["another port", { Origin: "http://127.0.0.1:1" }, 403],
    ["an origin with a user name", { Host: "127.0.0.1", Origin: "http://evil@127.0.0.1" }, 403],
    ["an origin with a path", { Host: "127.0.0.1", Origin: "http://127.0.0.1/evil" }, 403],
    ["a sandboxed frame", { Origin: "null" }, 403],
    ["an action that is too large", { "Content-Length": "1048577" }, 413],
  ])("refuses %s, and gives it no key", async (_, headers, status) => {
    const before = sandbox.clock();
    expect((await act({ action: "advance", ms: 86_400_000 }, headers)).status).toBe(status);
    expect(sandbox.clock() - before).toBeLessThan(86_400_000);
    expect(await act({ action: "connect" }, headers)).toMatchObject({ status, text: expect.not.stringMatching(/KEY/) });
  });

  test("takes 64 KiB of an action, and 1 MiB of one that carries a body", async () => {
    const large = "a".repeat(65_536);
    expect((await act({ action: "pay", out_trade_no: large })).status).toBe(413);
    expect((await act({ action: "send", method: "POST", path: "/v3/nowhere", body: large })).status).toBe(200);
    const url = `${listening.url}/v3/nowhere`;
    expect((await act({ action: "notify", url, event_type: "A", resource: { large } })).status).toBe(200);
    const tooLarge = { action: "send", method: "POST", path: "/v3/nowhere", body: "a".repeat(1_048_576) };
    expect((await act(tooLarge)).status).toBe(413);
  });

  test.each<[ask: object, en: RegExp, zh: RegExp]>([
    [
      { action: "advance", ms: -1 },
      /^ms must be a number of milliseconds.*given: -1\.$/,
      /^ms 应为不小于 0 的毫秒数.*-1。$/,
    ],
    [{ action: "advance", ms: "soon" }, /^ms must be a number of milliseconds/, /^ms 应为/],
    [{ action: "advance", ms: 1e15 }, /before the year 9999/, /早于 9999 年/],
    [{ action: "advance" }, /^ms must be .*given: undefined/, /^ms 应为/],
    [
      { action: "advance", ms: 1, soon: true },
      /^The action advance has no field "soon"; it takes ms\.$/,
      /没有字段 "soon"，只有 ms。$/,
    ],
    [{ action: "clear", all: true }, /it takes none\.$/, /不需要字段。$/],
    [{ action: "fail", fault: "rain", times: 1 }, /^fault must be one of/, /^fault 应为以下之一/],
    [{ action: "fail", fault: "hang", times: 0 }, /^times must be a whole number above 0/, /^times 应为大于 0 的整数/],
    [
      { action: "fail", fault: "hang", times: 1, operation: "a" },
      /^operation must be one of/,
      /^operation 应为以下之一/,
    ],
    [{ action: "removeFault", id: 1e9 }, /has happened, or was cancelled/, /已经发生，或已取消/],
    [
      { action: "send", method: "get", path: "/v3/a" },
      /^method must be a method, such as POST/,
      /^method 应为请求方法/,
    ],
    [{ action: "send", method: "GET", path: "//evil.example/v3/a" }, /^path must be/, /^path 应为/],
    [{ action: "send", method: "GET", path: "https://evil.example/" }, /^path must be/, /^path 应为/],
    [{ action: "send", method: "GET", path: "/console/requests.json" }, /the console's own/, /控制台自己的路径/],
    [{ action: "example", operationId: "dance" }, /^operationId must be one of/, /^operationId 应为以下之一/],
    [
      { action: "example", operationId: "createToken", example: "x" },
      /has no example "x"; it has authorize/,
      /没有示例 "x"/,
    ],
    [
      { action: "notify", url: "file:///etc", event_type: "A" },
      /^url must be an http or https URL/,
      /^url 应为 http 或 https 地址/,
    ],
    [
      { action: "notify", url: "http://a", event_type: "A" },
      /no example of the event type A: give a resource/,
      /请给出 resource/,
    ],
    [
      { action: "notify", url: "http://a", event_type: "A", resource: [] },
      /^resource must be a JSON object/,
      /^resource 应为/,
    ],
    [
      { action: "dance" },
      /^action must be one of authorize, .*; given: "dance"/,
      /^action 应为以下之一：authorize、.*"dance"。$/,
    ],
    [[], /^action must be one of authorize, .*; given: undefined/, /^action 应为以下之一/],
    [{ action: "constructor" }, /^action must be one of/, /^action 应为以下之一/],
  ])("says in both languages why it cannot do %j", async (ask, en, zh) => {
    const answer: ActionResult = JSON.parse((await act(ask)).text);
    expect(answer).toEqual({ refused: { en: expect.stringMatching(en), zh: expect.stringMatching(zh) } });
  });

  test("tells the sandbox's own refusal", async () => {
    const ask = { action: "authenticate", number: "unknown", state: "AUTHENTICATE_SUCCESS" };
    const { refused } = JSON.parse((await act(ask)).text);
    expect(refused).toEqual({ en: expect.stringContaining("unknown"), zh: expect.stringContaining("unknown") });
  });

  test.each(["/console/events", "/console/requests.json", "/console/requests.har"])(
    "does nothing for a page of another site that loads %s, and a link there leads here",
    async (path) => {
      for (const [site, mode, status] of [
        ["cross-site", "no-cors", 403],
        ["same-site", "cors", 403],
        ["cross-site", "navigate", 200],
        ["same-origin", "cors", 200],
      ] as const) {
        const headers = { "Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode };
        expect((await send(path, { headers })).status).toBe(status);
      }
    },
  );

  test.each([...PAGES, "/console/actions", "/console/nothing"])(
    "lets nobody frame or read %s, and loads nothing from elsewhere",
    async (path) => {
      const { headers } = await send(path);
      expect(headers).toMatchObject({
        "content-security-policy": expect.stringMatching(
          /^default-src 'none';.* frame-ancestors 'none'; script-src 'self';/,
        ),
        "x-content-type-options": "nosniff",
        "cross-origin-resource-policy": "same-origin",
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
      });
    },
  );

  test("a failure of its own is the end of a connection, and not of the sandbox", async () => {
    let isBroken = false;
    const other = await createSandbox({
      clock() {
        if (isBroken) throw new Error("no time");
        return Date.now();
      },
    });
    const { url, close } = await other.listen({ console: true });
    isBroken = true;
    await expect(fetch(`${url}/console/events`).then((reply) => reply.text())).rejects.toThrow();
    isBroken = false;
    expect((await fetch(`${url}/v3/nowhere`)).status).toBe(404);
    await close();
  });

  test.each([
    [
      "that could not listen",
      async (other: Sandbox) =>
        expect(other.listen({ console: true, port: Number(new URL(listening.url).port) })).rejects.toThrow(),
    ],
    ["that is closed", async (other: Sandbox) => (await other.listen({ console: true })).close()],
  ])("watches no more where it belongs to a server %s", async (_, end) => {
    let shown = 0;
    const other = await createSandbox({
      onRequest(request) {
        request.body = { toJSON: () => ++shown };
      },
    });
    await end(other);
    await other.fetch("http://localhost/v3/nowhere");
    expect(shown).toBe(0);
  });

  test("close() ends a page that listens", async () => {
    const other = await createSandbox();
    const { url, close } = await other.listen({ console: true });
    const { body } = await fetch(`${url}/console/events`);
    const ended = text(body as never).catch((error) => error);
    await close();
    await ended;
  });
});
