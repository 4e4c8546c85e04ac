import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { inspect } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { ApiError, createWeChatPayClient, unwrap, VerificationError, WeChatPayError } from "wechatpay-openapi-fetch";
import { createSandbox } from "wechatpay-openapi-fetch/sandbox";
import packageJson from "../package.json" with { type: "json" };
import {
  createObservedClient,
  examples,
  merchant,
  options,
  PLATFORM_KEY_ID,
  PRE_ORDER,
  signedReply,
  unsignedReply,
} from "./support/wechatpay.js";

const body = examples.request;

describe("three ways of calling, on one client", () => {
  const { wechatpay, sent } = createObservedClient(() => signedReply());
  beforeEach(() => void sent.splice(0));

  test.each([
    ["by method and path", () => wechatpay.POST(PRE_ORDER, { body })],
    ["by path", () => wechatpay[PRE_ORDER].POST({ body })],
    ["by chain", () => wechatpay.v3.payrollCard.authentications.preOrder.post({ body })],
  ])("%s", async (_, call) => {
    const { data, error, response } = await call();
    expect(data).toEqual(examples.response);
    expect(error).toBeUndefined();
    expect(response.status).toBe(200);
    expect(sent).toHaveLength(1);
    expect(sent[0]?.method).toBe("POST");
    expect(sent[0]?.url).toBe(`https://api.mch.weixin.qq.com${PRE_ORDER}`);
    expect(await sent[0]?.json()).toEqual(body);
  });

  test("client and chain can be returned from an async function: they answer to no then", async () => {
    const returned = await (async () => wechatpay)();
    expect(returned).toBe(wechatpay);
    expect(await (async () => wechatpay.v3.payrollCard)()).toBe(wechatpay.v3.payrollCard);
    expect("then" in wechatpay.v3).toBe(false);
  });

  test("a path that the spec does not know is signed and verified like any other", async () => {
    const client = wechatpay as never as Record<string, (path: string, init?: unknown) => Promise<{ data: unknown }>>;
    const { data } = (await client.GET?.("/v3/certificates", { params: { query: { algorithm_type: "RSA" } } })) ?? {};
    expect(data).toEqual(examples.response);
    expect(sent[0]?.url).toBe("https://api.mch.weixin.qq.com/v3/certificates?algorithm_type=RSA");
    expect(sent[0]?.headers.get("Authorization")).toMatch(/^WECHATPAY2-SHA256-RSA2048 /);
  });

  test("a spec of one's own brings its operations, its chain, and nothing of ours", async () => {
    const client = createWeChatPayClient<
      Record<never, never>,
      { v3: { orders: { _id_: { close: { post(init: unknown): Promise<unknown> } } } } }
    >({
      ...options,
      operations: { "POST /v3/orders/{id}/close": { operationId: "closeOrder" } },
      fetch: async (request) => {
        sent.push(request);
        return signedReply({ status: 204, body: null });
      },
    });
    await client.v3.orders._id_.close.post({ params: { path: { id: "a/b" } } });
    expect(sent[0]?.url).toBe("https://api.mch.weixin.qq.com/v3/orders/a%2Fb/close");
    expect(Object.keys(client.v3)).toEqual(["orders"]);
  });
});

describe("headers", () => {
  test("Accept, an own User-Agent and Wechatpay-Serial are always sent", async () => {
    const { wechatpay, sent } = createObservedClient(() => signedReply());
    await wechatpay.POST(PRE_ORDER, { body });
    await wechatpay.POST(PRE_ORDER, {
      body,
      headers: { Accept: null, "User-Agent": "x", "Wechatpay-Serial": "" },
    });
    for (const { headers } of sent) {
      expect(headers.get("Accept")).toBe("application/json");
      expect(headers.get("Content-Type")).toBe("application/json");
      expect(headers.get("User-Agent")).toBe(`wechatpay-openapi-fetch/${packageJson.version}`);
      expect(headers.get("Wechatpay-Serial")).toBe(PLATFORM_KEY_ID);
    }
  });

  test("userAgent names the caller's program, and further headers are passed on", async () => {
    const { wechatpay, sent } = createObservedClient(() => signedReply(), { userAgent: "payroll/7" });
    await wechatpay.POST(PRE_ORDER, { body, headers: { "Accept-Language": "en" } });
    expect(sent[0]?.headers.get("User-Agent")).toBe("payroll/7");
    expect(sent[0]?.headers.get("Accept-Language")).toBe("en");
  });
});

describe("{ error } never hides a failure", () => {
  test.each([
    [
      "WeChat Pay's own error, signed",
      () => signedReply({ status: 403, body: '{"code":"NO_AUTH","message":"商户号没有权限"}' }),
      "NO_AUTH",
      "商户号没有权限",
    ],
    [
      "WeChat Pay's own error, unsigned",
      () => unsignedReply(500, '{"code":"SYSTEM_ERROR","message":"系统繁忙，请稍后重试"}'),
      "SYSTEM_ERROR",
      "系统繁忙，请稍后重试",
    ],
    ["an empty 401", () => unsignedReply(401, null), "HTTP_401", "an empty body"],
    [
      "an empty 401 with Content-Length: 0",
      () => new Response(null, { status: 401, headers: { "Content-Length": "0" } }),
      "HTTP_401",
      "an empty body",
    ],
    [
      "a gateway's HTML page",
      () => unsignedReply(502, "<html>\n<h1>502 Bad Gateway</h1></html>", "text/html"),
      "HTTP_502",
      "text/html: <html> <h1>502 Bad Gateway</h1></html>",
    ],
    [
      "a gateway's page that repeats the path, with a user's number in it",
      () => unsignedReply(404, "<pre>Cannot GET /v3/payroll-card/relations/ID110101?x=1</pre>", "text/html"),
      "HTTP_404",
      "text/html: <pre>Cannot GET /v3/…</pre>",
    ],
    ["JSON that is no error body", () => unsignedReply(503, "null"), "HTTP_503", "null"],
    [
      "an error body without a message",
      () => unsignedReply(404, '{"code":"ORDER_NOT_EXIST"}'),
      "ORDER_NOT_EXIST",
      "HTTP 404",
    ],
  ])("%s", async (_, reply, code, message) => {
    const { wechatpay } = createObservedClient(reply);
    const result = await wechatpay.POST(PRE_ORDER, { body });
    expect(result.data).toBeUndefined();
    expect(result.error?.code).toBe(code);
    expect(result.error?.message).toContain(message);
    expect(() => unwrap(result)).toThrow(ApiError);
  });
});

describe("unwrap", () => {
  test("gives the data", async () => {
    const { wechatpay } = createObservedClient(() => signedReply());
    expect(unwrap(await wechatpay.POST(PRE_ORDER, { body })).token).toBe("abcdefghijklmn");
  });

  test("throws an ApiError that says what the API said", async () => {
    const detail = { field: "/openid", value: "", issue: "is required", location: "body" };
    const { wechatpay } = createObservedClient(() =>
      signedReply({ status: 400, body: JSON.stringify({ code: "PARAM_ERROR", message: "参数错误", detail }) }),
    );
    const result = await wechatpay.POST(PRE_ORDER, { body });
    const error = thrownBy(() => unwrap(result)) as ApiError;
    expect(error).toBeInstanceOf(WeChatPayError);
    expect(error).toMatchObject({
      name: "ApiError",
      status: 400,
      code: "PARAM_ERROR",
      message: "参数错误 (/openid: is required.)",
      detail,
      requestId: "08F78BEDF20510E1B0011880D4D9E4CFBE05-0",
      operationId: "preOrderAuthentication",
    });
  });

  test("a 204 has no data and is no error", async () => {
    const { wechatpay } = createObservedClient(() => signedReply({ status: 204, body: null }));
    expect(unwrap(await wechatpay.POST(PRE_ORDER, { body }))).toBeUndefined();
  });
});

describe("guards", () => {
  const { wechatpay, sent } = createObservedClient(() => signedReply());
  const post = wechatpay.POST as unknown as (path: string, init?: unknown) => Promise<unknown>;
  beforeEach(() => void sent.splice(0));

  test("the caller's Authorization is refused", async () => {
    await expect(wechatpay.POST(PRE_ORDER, { body, headers: { Authorization: "Bearer x" } })).rejects.toThrow(
      "Authorization is written by the signer",
    );
    expect(sent).toEqual([]);
  });

  test.each(["Host", "connection", "Content-Length", "Transfer-Encoding", "TE", "Trailer", "Expect", "Upgrade"])(
    "a caller's %s, which would choose the certificate or frame another body, is refused",
    async (name) => {
      await expect(post(PRE_ORDER, { body, headers: { [name]: "x" } })).rejects.toThrow(
        / is written by the signer or the transport: leave it out\.$/,
      );
      expect(sent).toEqual([]);
    },
  );

  test.each(["fetch", "middleware", "baseUrl", "Request", "bodySerializer", "redirect", "bdoy"])(
    "a per-call %s cannot get round the signature",
    async (name) => {
      await expect(post(PRE_ORDER, { body, [name]: vi.fn() })).rejects.toThrow(`"${name}" is not an option of a call`);
      expect(sent).toEqual([]);
    },
  );

  test.each([
    "@evil.example/v3",
    "https://evil.example/v3",
    "//evil.example/v3",
    "/\\evil.example/v3",
    "v3/x",
    "/v3/../x",
    "/v3/%2E%2e/x",
    "/v3/./x",
    "/v3/.\t./x",
    "/v3/x\\..\\y",
    "",
  ])("the path %j is refused", async (path) => {
    await expect(post(path, { body })).rejects.toThrow("path must be one such as /v3/x");
    expect(sent).toEqual([]);
  });

  test.each([
    [".."],
    ["."],
    ["../x"],
    ["x/.."],
    ["a;.."],
    ["..\\x"],
    ["%2e%2e"],
    [Number.NaN],
    [""],
    [undefined],
    [null],
    [{ a: 1 }],
    [["a", "b"]],
  ])("the path parameter %j is refused", async (openid) => {
    await expect(post("/v3/payroll-card/relations/{openid}", { params: { path: { openid } } })).rejects.toThrow(
      "params.path.openid of",
    );
    expect(sent).toEqual([]);
  });

  test("a path parameter that was forgotten is refused", async () => {
    await expect(post("/v3/payroll-card/relations/{openid}")).rejects.toThrow("params.path.openid");
    await expect(post("/v3/{constructor}", { params: { path: {} } })).rejects.toThrow("params.path.constructor");
  });

  test("what two parameters make together is looked at as well", async () => {
    await expect(post("/v3/%2{a}%2{a}", { params: { path: { a: "e" } } })).rejects.toThrow(
      "path must be one such as /v3/x",
    );
    await expect(post("/v3/{a}{b}", { params: { path: { a: ".", b: "." } } })).rejects.toThrow();
    await expect(post("/v3/{x*}", { params: { path: { x: "a" } } })).rejects.toThrow("params.path.x*");
  });

  test("a query parameter stays one parameter: its names are encoded too", async () => {
    await post("/v3/x", { params: { query: { "a&b#c": "d&e", list: [1, true], none: undefined, nil: null } } });
    expect(sent[0]?.url).toBe("https://api.mch.weixin.qq.com/v3/x?a%26b%23c=d%26e&list=1&list=true");
    for (const value of [{ "x&sub_mchid=evil": 1 }, new Date(), [[1]], Number.NaN]) {
      await expect(post("/v3/x", { params: { query: { openid: value } } })).rejects.toThrow(
        "params.query.openid must be a text",
      );
    }
  });

  test.each<[string, unknown]>([
    ["a text", "a=b"],
    ["a Map", new Map([["a", "b"]])],
    ["pairs", [["a", "b"]]],
    ["null", null],
    ["an object that inherits its fields", Object.create({ a: "b" })],
    ["an object that inherits one of its fields", Object.assign(Object.create({ a: "b" }), { c: "d" })],
  ])("a query that is %s is refused instead of left out", async (_, query) => {
    await expect(post("/v3/x", { params: { query } })).rejects.toThrow(
      "params.query must be a plain object or URLSearchParams",
    );
    expect(sent).toEqual([]);
  });

  test("a query may be URLSearchParams, and is signed and sent as it writes itself", async () => {
    const query = new URLSearchParams([
      ["a", "b c"],
      ["a", "某&"],
    ]);
    await post("/v3/x", { params: { query } });
    expect(sent[0]?.url).toBe("https://api.mch.weixin.qq.com/v3/x?a=b+c&a=%E6%9F%90%26");
  });

  test.each([
    ["/v3/x?a=1", { b: 2 }, "/v3/x?a=1&b=2"],
    ["/v3/x?a=1", new URLSearchParams("b=2"), "/v3/x?a=1&b=2"],
    ["/v3/x?", { b: 2 }, "/v3/x?b=2"],
    ["/v3/x?a=1", {}, "/v3/x?a=1"],
    ["/v3/x?a=what?", { b: 2 }, "/v3/x?a=what?&b=2"],
  ])("the query of the path %s and params.query are one", async (path, query, target) => {
    await post(path, { params: { query } });
    expect(sent[0]?.url).toBe(`https://api.mch.weixin.qq.com${target}`);
  });

  test.each<[string, string, object]>([
    [
      "params.path.openid of /v3/payroll-card/relations/{openid}",
      "/v3/payroll-card/relations/{openid}",
      { path: { openid: "\ud83d" } },
    ],
    ["params.query.openid", "/v3/x", { query: { openid: "\ud83d" } }],
    ["params.query.openid", "/v3/x", { query: { openid: ["a", "\ud83d"] } }],
    ["params.query.\ud83d", "/v3/x", { query: { "\ud83d": 1 } }],
    ["path", "/v3/\ud83d", {}],
    ["path", "/v3/x?a=\ud83d", {}],
  ])("half an emoji: %s is named", async (option, path, params) => {
    const error = await post(path, { params }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toContain(`TypeError: ${option} must be `);
    expect(String(error)).toContain("lone surrogates");
    expect(sent).toEqual([]);
  });

  class Getters {
    get openid() {
      return "o";
    }
  }
  test.each<[string, unknown]>([
    ["Promise: is an await missing?", Promise.resolve(body)],
    ["Map.", new Map()],
    ["FormData.", new FormData()],
    ["URLSearchParams.", new URLSearchParams("a=b")],
    ["Blob.", new Blob(["{}"])],
    ["Uint8Array.", Buffer.from("{}")],
    ["DataView.", new DataView(new ArrayBuffer(1))],
    ["ArrayBuffer.", new ArrayBuffer(1)],
    ["SharedArrayBuffer.", new SharedArrayBuffer(1)],
    ["Error.", new Error("x")],
    ["RegExp.", /x/],
    ["Date.", new Date(0)],
    ["Request.", new Request("https://x")],
    ["Response.", new Response()],
    ["WeakMap.", new WeakMap()],
    ["Array Iterator.", [body].values()],
    ["Generator.", (function* () {})()],
    ["Object.", Object.create(body)],
    ["Object.", new Getters()],
    ["function.", () => body],
    ["symbol.", Symbol("x")],
    ["string of 2 characters.", "{}"],
    ["number.", 5],
    ["boolean.", true],
    ["bigint.", 5n],
    ["null.", null],
    ["undefined.", { toJSON: () => undefined }],
    ["string of 2 characters.", { toJSON: () => "{}" }],
  ])("a body is an object or a list, and no %s", async (kind, value) => {
    const error = await post(PRE_ORDER, { body: value }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toMatch(/^TypeError: body must be /);
    expect(String(error)).toContain(`; given: ${kind}`);
    expect(sent).toEqual([]);
  });

  const self: Record<string, unknown> = {};
  self.list = [{ self }];
  test.each<[string, object]>([
    ["/total_amount of body must be a text, finite number, .*; given: NaN.", { total_amount: Number("1,000") }],
    ["/list/1/amount of body must be .*; given: Infinity.", { list: [{}, { amount: Number.POSITIVE_INFINITY }] }],
    ["/a~1b/0 of body must be .*; given: bigint.", { "a/b": [10n] }],
    ["/order of body must be .*; given: Promise: is an await missing\\?", { order: Promise.resolve({}) }],
    ["/at of body must be .*; given: Date.", { at: new Date("31.2.2026") }],
    ["/file of body must be .*; given: Uint8Array.", { file: Buffer.from("x") }],
    ["/tags of body must be .*; given: Set.", { tags: new Set(["x"]) }],
    ["/amount of body must be .*; given: function.", { amount: () => 5 }],
    ["/user of body must be .*; given: Object.", { user: Object.create({ name: "x" }) }],
    ["(/list/0/self)+ of body must be an object that does not contain itself", self],
  ])("what JSON would leave out or change is named: %s", async (message, value) => {
    const error = await post(PRE_ORDER, { body: value }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toMatch(new RegExp(`^TypeError: ${message}`));
    expect(sent).toEqual([]);
  });

  test("dates, instances and whatever else has a toJSON are what it gives", async () => {
    class Order {
      readonly at = new Date(0);
      readonly link = new URL("https://x.example/");
      readonly none = undefined;
      readonly amount = Object(5);
    }
    await post(PRE_ORDER, { body: { order: new Order(), bare: Object.assign(Object.create(null), { a: 1 }) } });
    expect(await sent[0]?.json()).toEqual({
      order: { at: "1970-01-01T00:00:00.000Z", link: "https://x.example/", amount: 5 },
      bare: { a: 1 },
    });
  });

  test.each<[option: string, keys: string, given: unknown[]]>([
    ["init", "", ["x", 5, null, true, [5], new Map(), Promise.resolve({})]],
    ["params", "params", ["", "x", 5, null, true, [5], new Map()]],
    ["params.path", "params.path", ["", "x", 5, null, true, [5], new Map()]],
    ["params.query", "params.query", ["", 5, true, [5]]],
    ["params.header", "params.header", ["", "x", 5, null, true, Promise.resolve({})]],
    ["headers", "headers", ["", "x", 5, null, true, Promise.resolve({})]],
    ["headers.undefined", "headers", [[5], ["X-A"]]],
    ["signal", "signal", ["", "x", 5, true, [5], new AbortController(), { aborted: false, addEventListener() {} }]],
    ["parseAs", "parseAs", ["", "txt", 5, null, true, ["json"]]],
  ])("%s of the wrong kind is named", async (option, keys, values) => {
    for (const value of values) {
      const init = keys.split(".").reduceRight<unknown>((inner, key) => (key === "" ? inner : { [key]: inner }), value);
      const error = await post("/v3/x", init).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(TypeError);
      expect(String(error)).toContain(`TypeError: ${option} must be `);
    }
    expect(sent).toEqual([]);
  });

  test.each([undefined, null, "", 5, true, ["/v3/x"]])("the path %j is no text, and refused", async (path) => {
    await expect(post(path as never)).rejects.toThrow("path must be one such as /v3/x");
  });

  test("what params do not have is refused", async () => {
    await expect(post("/v3/x", { params: { qery: {} } })).rejects.toThrow('"qery" is not an option of params');
  });

  test("a header that HTTP does not allow is named, and its value is not", async () => {
    for (const value of ["a\r\nAuthorization: secret", "secret\0", "密secret", { secret: 1 }, Number.NaN]) {
      for (const init of [
        { headers: { "X-A": value } },
        { headers: [["X-A", value]] },
        { params: { header: { "X-A": value } } },
      ]) {
        const error = await post("/v3/x", init).catch((reason: unknown) => reason);
        expect(error).toBeInstanceOf(TypeError);
        expect(String(error)).toMatch(/(headers|params\.header)\.X-A must be a name and a text that HTTP allows/);
        expect(String(error)).not.toContain("secret");
      }
    }
    await expect(post("/v3/x", { headers: { "a b": "c" } })).rejects.toThrow("headers.a b must be a name and a text");
    expect(sent).toEqual([]);
  });

  test("signal: null is none, as fetch has it", async () => {
    await post(PRE_ORDER, { body, signal: null });
    expect(sent).toHaveLength(1);
  });

  test("headers given as pairs are headers", async () => {
    await expect(post(PRE_ORDER, { body, headers: [["Authorization", "x"]] })).rejects.toThrow(
      "Authorization is written by the signer",
    );
    for (const headers of [[["Accept-Language", "en"]], new Map([["Accept-Language", "en"]])]) {
      await post(PRE_ORDER, { body, headers });
      expect(sent.pop()?.headers.get("Accept-Language")).toBe("en");
    }
  });

  test("a path parameter stays one segment", async () => {
    await post("/v3/payroll-card/relations/{openid}", { params: { path: { openid: "a/b?c#d%2e" } } });
    expect(sent[0]?.url).toBe("https://api.mch.weixin.qq.com/v3/payroll-card/relations/a%2Fb%3Fc%23d%252e");
  });

  test.each([301, 302, 303, 307, 308])("a redirect (%i) is refused and not followed", async (status) => {
    const redirected = createObservedClient(
      () => new Response(null, { status, headers: { Location: "https://evil.example/" } }),
    );
    await expect(redirected.wechatpay.POST(PRE_ORDER, { body })).rejects.toThrow(
      /answered \d+, a redirect, not followed/,
    );
    expect(redirected.sent).toHaveLength(1);
    expect(redirected.sent[0]?.redirect).toBe("manual");
  });

  test("a transport that followed a redirect by itself is refused", async () => {
    const { wechatpay: client } = createObservedClient(() =>
      Object.defineProperty(signedReply(), "redirected", { value: true }),
    );
    await expect(client.POST(PRE_ORDER, { body })).rejects.toThrow("redirect");
  });
});

test("a reply that is no JSON says how to read it, and parseAs reads it", async () => {
  const { wechatpay } = createObservedClient(() => signedReply({ body: "`交易时间" }));
  await expect(wechatpay.POST(PRE_ORDER, { body })).rejects.toThrow(
    'is no JSON: read it with parseAs: "text" or "stream"',
  );
  expect((await wechatpay.POST(PRE_ORDER, { body, parseAs: "text" })).data).toBe("`交易时间");
  await expect(wechatpay.POST(PRE_ORDER, { body, parseAs: "txt" as never })).rejects.toThrow(
    "parseAs must be json, text",
  );
});

test("a download whose parseAs was forgotten says so, without the token in its query", async () => {
  const operations = { "GET /v3/billdownload/file": { operationId: "downloadBill", response: "unsigned" } } as const;
  const { wechatpay } = createObservedClient(() => unsignedReply(200, "`交易时间", "text/plain"), { operations });
  const get = wechatpay.GET as unknown as (path: string, init?: unknown) => Promise<unknown>;
  for (const [path, init] of [
    ["/v3/billdownload/file?token=secret"],
    ["/v3/billdownload/file", { params: { query: { token: "secret" } } }],
  ] as const) {
    const error = await get(path, init).catch((reason: unknown) => reason);
    expect(String(error)).toBe(
      'TypeError: The response to GET /v3/billdownload/file is no JSON: read it with parseAs: "text" or "stream".',
    );
  }
});

test("unwrap of a promise says that it must be awaited", () => {
  const { wechatpay } = createObservedClient(() => signedReply());
  expect(() => unwrap(wechatpay.POST(PRE_ORDER, { body }) as never)).toThrow("unwrap(await …)");
  for (const result of [undefined, null, "", 5, [5], true, {}, { response: null }]) {
    expect(() => unwrap(result as never)).toThrow("result must be what a call resolved to");
  }
});

describe("abort", () => {
  test("the caller's signal ends the call with its reason, before and during it", async () => {
    const { wechatpay, sent } = createObservedClient(
      ({ signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    );
    await expect(wechatpay.POST(PRE_ORDER, { body, signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: "AbortError",
    });
    const controller = new AbortController();
    const call = wechatpay.POST(PRE_ORDER, { body, signal: controller.signal });
    const reason = new Error("enough");
    await expect.poll(() => sent.length).toBe(1);
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
    expect(sent).toHaveLength(1);
  });
});

test("an abort is not lost when the garbage is collected", async () => {
  setFlagsFromString("--expose_gc");
  const gc = runInNewContext("gc") as () => void;
  const server = createServer((_, reply) => reply.writeHead(200, { "Content-Type": "application/json" }).write("{"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const wechatpay = createWeChatPayClient({ ...options, baseUrl: `http://127.0.0.1:${port}`, timeout: false });
  const controller = new AbortController();
  const call = wechatpay.POST(PRE_ORDER, { body, signal: controller.signal });
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    gc();
  }
  controller.abort();
  await expect(call).rejects.toMatchObject({ name: "AbortError" });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe("a network failure stays the platform's own error", () => {
  test("TypeError with its cause", async () => {
    const { wechatpay } = createObservedClient(() =>
      Promise.reject(new TypeError("fetch failed", { cause: new Error("ECONNREFUSED") })),
    );
    await expect(wechatpay.POST(PRE_ORDER, { body })).rejects.toMatchObject({
      name: "TypeError",
      message: expect.stringMatching(
        /^fetch failed: POST .* got no whole response from api\.mch\.weixin\.qq\.com \(ECONNREFUSED\)/,
      ),
      cause: { message: "ECONNREFUSED" },
    });
  });
});

describe("transport", () => {
  test("without the option fetch, the global one is looked up for each call", async () => {
    const wechatpay = createWeChatPayClient(options);
    const spy = vi.spyOn(globalThis, "fetch").mockImplementation(async () => signedReply());
    expect(unwrap(await wechatpay.POST(PRE_ORDER, { body })).expires_in).toBe(300);
    expect(spy).toHaveBeenCalledOnce();
    spy.mockRestore();
  });

  test.each<[string, (request: Request) => unknown]>([
    [
      "npm's undici, which knows only its own Request",
      (request) => Promise.reject(new TypeError(`Failed to parse URL from ${request}`)),
    ],
    ["node-fetch 3", async (request) => new URL(`${request}`)],
    ["node-fetch 2", () => Promise.reject(new TypeError("Only absolute URLs are supported"))],
    [
      "node-fetch's Response, whose body is a stream of Node.js",
      async () => ({ status: 200, headers: new Headers(), body: Readable.from(["{}"]) }),
    ],
    ["a mock with only some of a Response", async () => ({ ok: true, status: 200, json: async () => ({}) })],
    ["nothing", async () => undefined],
    ["the data", () => ({ token: "x" })],
    [
      "a log that has read the body",
      async () => {
        const response = signedReply();
        await response.text();
        return response;
      },
    ],
  ])("what is given as fetch is named where it is no fetch: %s", async (_, fetch) => {
    const wechatpay = createWeChatPayClient({ ...options, fetch: fetch as never, retry: false });
    await expect(wechatpay.POST(PRE_ORDER, { body })).rejects.toThrow(
      /^fetch must be a function from the platform's Request to a Response that nobody has read \(wrap any other\)/,
    );
  });

  test("a proxy's refusal that speaks of a URL is not taken for one of fetch", async () => {
    const failure = new Error("egress proxy: URL not in allow list");
    const failing = createWeChatPayClient({ ...options, fetch: () => Promise.reject(failure) });
    await expect(failing.POST(PRE_ORDER, { body })).rejects.toBe(failure);
  });

  test("what a fetch throws otherwise stays what it is, and a Response of another class is one", async () => {
    const failure = new TypeError("fetch failed");
    const failing = createWeChatPayClient({ ...options, fetch: () => Promise.reject(failure) });
    await expect(failing.POST(PRE_ORDER, { body })).rejects.toBe(failure);
    const { status, headers, body: stream } = signedReply();
    const other = createWeChatPayClient({
      ...options,
      fetch: async () => ({ status, headers, body: stream }) as Response,
    });
    expect(unwrap(await other.POST(PRE_ORDER, { body })).expires_in).toBe(300);
  });

  test("two merchants in one process share nothing", async () => {
    const [one, two] = await Promise.all([createSandbox(), createSandbox()]);
    const right = createWeChatPayClient({ ...one.credentials, fetch: one.fetch });
    const wrong = createWeChatPayClient({ ...one.credentials, fetch: two.fetch });
    expect(unwrap(await right.POST(PRE_ORDER, { body })).expires_in).toBe(300);
    expect((await wrong.POST(PRE_ORDER, { body })).error?.code).toBe("SIGN_ERROR");
  });
});

describe("options fail at construction, naming the option", () => {
  const create = (more: object) => () => createWeChatPayClient({ ...options, ...more } as never);
  test.each([
    ["mchid", { mchid: undefined }],
    ["mchid", { mchid: 1900000109 }],
    ["mchid", { mchid: '1900000109",x="' }],
    ["serialNo", { serialNo: "" }],
    ["serialNo", { serialNo: PLATFORM_KEY_ID }],
    ["privateKey or signer", { privateKey: undefined }],
    ["privateKey or signer", { signer: async () => new Uint8Array() }],
    ["signer", { privateKey: undefined, signer: "kms" }],
    ["platformKeys", { platformKeys: undefined }],
    ["platformKeys", { platformKeys: {} }],
    ["platformKeys", { platformKeys: { "a b": merchant.publicKey } }],
    ["baseUrl", { baseUrl: "api.mch.weixin.qq.com" }],
    ["baseUrl", { baseUrl: "https://proxy.example/wechat" }],
    ["baseUrl", { baseUrl: "https://user:secret@proxy.example" }],
    ["baseUrl", { baseUrl: "ftp://proxy.example" }],
    ["userAgent", { userAgent: "a\nb" }],
    ["userAgent", { userAgent: "" }],
    ["fetch", { fetch: "undici" }],
    ["clock", { clock: 1 }],
    ["nonce", { nonce: "n" }],
    ["operations", { operations: [] }],
    ["apiV3Key", { apiV3Key: "too short" }],
    ["baseURL is written baseUrl", { baseURL: "https://api.mch.weixin.qq.com" }],
    ["private_key is written privateKey", { private_key: merchant.privateKey }],
    ["platformKeys", { platformKeys: { undefined: merchant.publicKey } }],
    ["serialNo", { serialNo: "undefined" }],
    ["mchid", { mchid: "undefined" }],
  ])("%s", (option, more) => {
    expect(create(more)).toThrow(TypeError);
    expect(create(more)).toThrow(option);
  });

  test.each([
    "mchid",
    "serialNo",
    "privateKey",
    "signer",
    "decrypter",
    "platformKeys",
    "apiV3Key",
    "baseUrl",
    "backupUrl",
    "fetch",
    "transport",
    "timeout",
    "retry",
    "retry.repeats",
    "retry.baseDelay",
    "retry.maxDelay",
    "userAgent",
    "onAttempt",
    "clock",
    "nonce",
    "operations",
  ])("%s as an empty text, null, a number's text, a list, true or a Map", (option) => {
    const [name = "", inner] = option.split(".");
    for (const value of ["", null, "5", [5], true, Number.NaN, new Map(), Promise.resolve()]) {
      const given = { [name]: inner ? { [inner]: value } : value, ...(name === "signer" && { privateKey: undefined }) };
      if (option === "mchid" && value === "5") continue;
      if (option === "serialNo" && value === "5") continue;
      if (option === "userAgent" && value === "5") continue;
      const error = thrownBy(create(given)) as Error;
      expect(error.message).toContain(option);
    }
  });

  test.each([undefined, null, "", 5, true, [5], new Map(), Promise.resolve(options)])("no options: %s", (given) => {
    expect(() => createWeChatPayClient(given as never)).toThrow("options must be an object");
  });

  test("no message holds a secret", () => {
    const secret = merchant.privateKey.split("\n")[1];
    for (const option of [
      "mchid",
      "serialNo",
      "baseUrl",
      "userAgent",
      "apiV3Key",
      "privateKey",
      "clock",
      "platformKeys",
    ]) {
      for (const value of [merchant.privateKey, { [merchant.privateKey]: "" }, { a: merchant.privateKey }]) {
        const error = thrownBy(
          create({ [option]: option === "privateKey" ? `${value}x`.replace("BEGIN", "") : value }),
        );
        expect(inspect(error, { showHidden: true })).not.toContain(secret);
      }
    }
  });

  test("what is no option is let through: options may be spread from the line that wechatpay sandbox --json prints", () => {
    expect(create({ url: "http://127.0.0.1:8787" })).not.toThrow();
  });

  test("a trailing slash of baseUrl does no harm", async () => {
    const { wechatpay, sent } = createObservedClient(() => signedReply(), {
      baseUrl: "https://wechatpay.example:8443/",
    });
    await wechatpay.POST(PRE_ORDER, { body });
    expect(sent[0]?.url).toBe(`https://wechatpay.example:8443${PRE_ORDER}`);
  });
});

test("a client that is printed shows no secret", () => {
  const { wechatpay } = createObservedClient(() => signedReply());
  const secret = merchant.privateKey.split("\n")[1] ?? "";
  expect(inspect(wechatpay, { depth: 9, showHidden: true })).not.toContain(secret);
});

test("VerificationError is one of ours, told apart by its name", async () => {
  const { wechatpay } = createObservedClient(() => unsignedReply(200, "{}"));
  const error = await wechatpay.POST(PRE_ORDER, { body }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(VerificationError);
  expect(error).toBeInstanceOf(WeChatPayError);
  expect(error).toHaveProperty("name", "VerificationError");
});

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

test("a GET with a body is refused", async () => {
  const { wechatpay, sent } = createObservedClient(() => signedReply());
  const client = wechatpay as never as Record<string, (path: string, init?: unknown) => Promise<unknown>>;
  await expect(client.GET?.("/v3/certificates", { body: { a: 1 } })).rejects.toThrow("body must be left out of a GET");
  expect(sent).toEqual([]);
});
