import { build } from "esbuild";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createWeChatPayClient, unwrap } from "wechatpay-openapi-fetch";
import { createSandbox } from "wechatpay-openapi-fetch/sandbox";
import * as generated from "../../generated/operations.js";
import { createObservedClient, PRE_ORDER, signedReply, unsignedReply } from "../support/wechatpay.js";

const { listCertificates } = generated;
const sandboxReady = createSandbox();
type AnyClient = Record<"GET" | "POST", (path: string, init?: object) => Promise<unknown>>;

test("a list of operations is all that the client sends", async () => {
  const sandbox = await createSandbox();
  const options = { ...sandbox.credentials, fetch: sandbox.fetch };
  const wechatpay = createWeChatPayClient({ ...options, operations: [listCertificates] });
  expect((await wechatpay.GET("/v3/certificates")).response.status).toBe(200);
  expect((await wechatpay.v3.certificates.get()).response.status).toBe(200);
  await expect(wechatpay.POST("/v3/payroll-card/authentications/pre-order", { body: {} as never })).rejects.toThrow(
    "POST /v3/payroll-card/authentications/pre-order is not in the list of operations",
  );
  expect(sandbox.requests).toHaveLength(2);
});

test("a bundler leaves out the operations that are not listed", async () => {
  const bundle = async (contents: string) => {
    const stdin = { contents, resolveDir: "generated", loader: "ts" } as const;
    const { outputFiles } = await build({ stdin, bundle: true, minify: true, format: "esm", write: false });
    return outputFiles[0]?.text;
  };
  const one = await bundle(`import { listCertificates } from "./operations.js"; console.log([listCertificates])`);
  expect(one).toContain("/v3/certificates");
  expect(one).not.toContain("/v3/payroll-card");
  const all = await bundle(`import { operations } from "./operations.js"; console.log(operations)`);
  expect(all).toContain("/v3/payroll-card");
});

describe("a table that would not say what is encrypted is refused at construction", () => {
  const row = { operationId: "createX", sensitive: { request: ["/name"] } };
  test.each<[string, unknown, string]>([
    ["a method in lower case", { "post /v3/x": row }, "a key of operations must be a method and a path"],
    ["two blanks", { "POST  /v3/x": row }, "a key of operations must be a method and a path"],
    ["the module itself", generated, "a key of operations must be a method and a path"],
    ["null", null, "operations must be a table"],
    ["no row", { "POST /v3/x": null }, 'operations["POST /v3/x"] must be what the generator writes'],
    ["a field without its slash", { "POST /v3/x": { ...row, sensitive: { request: ["name"] } } }, "must be what the"],
    ["a field that is no list", { "POST /v3/x": { ...row, sensitive: { request: "/name" } } }, "must be what the"],
    [
      "a misspelt key of sensitive",
      { "POST /v3/x": { ...row, sensitive: { requests: ["/name"] } } },
      "must be what the",
    ],
    ["a misspelt key of a row", { "POST /v3/x": { operationId: "x", sensitives: row.sensitive } }, "must be what the"],
    ["sensitive that is no object", { "POST /v3/x": { ...row, sensitive: true } }, "must be what the"],
    [
      "a parameter that is no text",
      { "GET /v3/x": { operationId: "x", sensitive: { query: [5] } } },
      "must be what the",
    ],
    ["no operationId", { "POST /v3/x": { sensitive: row.sensitive } }, "must be what the"],
    [
      "an operation twice",
      [{ "POST /v3/x": row }, { "POST /v3/x": { operationId: "x" } }],
      "a list of its operations, each once",
    ],
    ["an empty list", [], "a list of its operations, each once"],
    ["a hole in the list", [undefined], "a list of its operations, each once"],
  ])("%s", async (_, operations, message) => {
    const { credentials } = await sandboxReady;
    expect(() => createWeChatPayClient({ ...credentials, operations: operations as never })).toThrow(message);
  });
});

describe("a path that is not written as the table has it never carries a sensitive field in plain text", () => {
  const operations = {
    "POST /v3/transfers/{id}": { operationId: "createTransfer", sensitive: { request: ["/name", "/list/*/name"] } },
    "POST /v3/x": { operationId: "createX", sensitive: { request: ["/name"] } },
    "GET /v3/details/{id}": { operationId: "getDetail", sensitive: { response: ["/name"] } },
    "POST /v3/plain/{id}": { operationId: "createPlain" },
    "GET /v3/plain/{id}": { operationId: "getPlain" },
  };

  /** The error of a call, and the paths of what arrived. */
  async function call(method: "GET" | "POST", path: string, init: object) {
    const { credentials, fetch, requests } = await sandboxReady;
    const before = requests.length;
    const wechatpay = createWeChatPayClient({ ...credentials, fetch, operations }) as unknown as AnyClient;
    const error = await wechatpay[method](path, init).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    return { error, arrived: requests.slice(before).map(({ path }) => path) };
  }

  test.each<[string, object?]>([
    ["/v3/x/"],
    ["/v3//x"],
    ["/V3/X"],
    ["/v3/%78"],
    ["/v3/%2578"],
    ["/v3/x;a=1"],
    ["/v3/x%20"],
    ["/v3/x%00"],
    ["/v3/x%3fa"],
    ["/v3/x%23a"],
    ["/v3/x.json"],
    ["/v3/%78;%zz"],
    ["/v3/%EF%BD%98"],
    ["/proxy/v3/x"],
    ["/v3/{x}", { x: "X" }],
    ["/v3/x/{y}", { y: ".json" }],
    ["/v3/%74ransfers/100%"],
    ["/v3/transfers%2f1"],
    ["/v3/transfers/1/2"],
    ["/v3/quite/another"],
    ["/v3/plain/1"],
  ])("%s", async (path, params = {}) => {
    for (const body of [
      { name: "张三" },
      { list: [{}, { name: "张三" }] },
      { name: { first: "张三" } },
      { toJSON: () => ({ name: "张三" }) },
    ]) {
      const { error, arrived } = await call("POST", path, { params: { path: params }, body });
      expect(error).toBeInstanceOf(TypeError);
      expect(String(error)).toMatch(
        /is not in the list of operations.*, so (\/list\/1)?\/name would not be encrypted: /,
      );
      expect(String(error)).not.toContain("张三");
      expect(arrived).toEqual([]);
    }
  });

  test.each<[string, string, string, object?]>([
    ["POST", "/v3/transfers/123", "POST /v3/transfers/{id}"],
    ["POST", "/v3/transfers/{ID}", "POST /v3/transfers/{id}", { ID: "1" }],
    ["POST", "/v3/{x}/1", "POST /v3/transfers/{id}", { x: "transfers" }],
    ["POST", "/v3/transfers/{other}", "POST /v3/transfers/{id}", { other: "a/b" }],
    ["POST", "/v3/transfers/a%2Fb?c=d", "POST /v3/transfers/{id}"],
    ["GET", "/v3/details/zhangsan", "GET /v3/details/{id}"],
  ])("%s %s, whose parameters are filled in, is told how it is written", async (method, path, meant, params = {}) => {
    const { error, arrived } = await call(method as "GET", path, { params: { path: params } });
    expect(String(error)).toBe(`TypeError: This call is written ${meant}, with its parameters in params.path.`);
    expect(arrived).toEqual([]);
  });

  test.each<["GET" | "POST", string, object]>([
    ["GET", "/v3/plain/1", {}],
    ["POST", "/v3/pay/transactions/jsapi", { description: "x", payer: { openid: "o" } }],
    ["POST", "/v3/x%20", { names: "张三", list: [], other: { name: "not that field" } }],
    ["POST", "/v3/x/y", { name: "", list: "none" }],
    ["POST", "/v3/x/z", { name: Buffer.alloc(256).toString("base64") }],
  ])(
    "%s %s is sent where no field of the body is one that is encrypted, or it is encrypted already",
    async (method, path, body) => {
      const { error, arrived } = await call(method, path, method === "POST" ? { body } : {});
      expect(error).toBeUndefined();
      expect(arrived).toEqual([path]);
    },
  );

  describe("nor a sensitive parameter of a query", () => {
    const table = { "GET /v3/guides": { operationId: "listGuides", sensitive: { query: ["mobile"] } } };

    test.each<[string, object?]>([
      ["/v3/guides/", { query: { mobile: "13900000000" } }],
      ["/v3/guides/", { query: { store_id: 1, mobile: ["", "13900000000"] } }],
      ["/v3/GUIDES", { query: new URLSearchParams({ mobile: "13900000000" }) }],
      ["/v3/quite/another?mobile=13900000000"],
      ["/v3/quite/another?a=1;mobile=13900000000"],
      ["/v3/quite/another?a=b?mobile=13900000000"],
      ["/v3/quite/another?%6Dobile=13900000000"],
      ["/v3/guides%3fmobile=13900000000"],
      ["/v3/quite/another?Mobile[]=13900000000"],
      ["/v3/guides%3Fa=1%26mobile=13900000000"],
    ])("%s %j", async (path, params = {}) => {
      const { wechatpay, sent } = createObservedClient(() => signedReply({ body: "{}" }), { operations: table });
      const error = await (wechatpay as unknown as AnyClient).GET(path, { params }).catch(String);
      expect(error).toMatch(
        /is not in the list of operations.*, so params\.query\.[mM]obile(\[\])? would not be encrypted: /,
      );
      expect(error).not.toContain("13900000000");
      expect(sent).toEqual([]);
    });

    test.each<[string, object]>([
      ["/v3/other", { query: { mobiles: "13900000000", name: "mobile" } }],
      ["/v3/other", { query: { mobile: "" } }],
      ["/v3/other", { query: { mobile: Buffer.alloc(256, 0xfb).toString("base64") } }],
    ])("%s %j has none, or ciphertext", async (path, params) => {
      const { wechatpay, sent } = createObservedClient(() => signedReply({ body: "{}" }), { operations: table });
      await (wechatpay as unknown as AnyClient).GET(path, { params });
      expect(sent).toHaveLength(1);
    });
  });

  test("whatever is put into it", async () => {
    const { wechatpay, sent } = createObservedClient(() => signedReply({ body: "{}" }), { operations });
    const client = wechatpay as unknown as AnyClient;
    const path = fc.tuple(fc.nat(5), fc.nat(2), fc.oneof(fc.string(), fc.stringMatching(/^[\w%/;.~-]{0,4}$/)));
    await fc.assert(
      fc.asyncProperty(path, async ([at, cut, text]) => {
        const path = "/v3/x".slice(0, at) + text + "/v3/x".slice(at + cut);
        await client.POST(path, { body: { name: "张三" } }).catch(() => {});
        for (const request of sent.splice(0)) expect(await request.text()).not.toContain("张三");
      }),
      { seed: 20_261_125, numRuns: 300 },
    );
  });

  test("a query behind a path changes nothing", async () => {
    const { error, arrived } = await call("POST", "/v3/x?a=1", { body: { name: "张三" } });
    expect([error, arrived]).toEqual([undefined, ["/v3/x?a=1"]]);
  });
});

describe("an unknown path is named, as the spec would write it, with the nearest one that there is", () => {
  const answer404 = () => unsignedReply(404, null);
  const hint = "is not in the list of operations (the nearest there is";

  test.each<["GET" | "POST", string, string]>([
    [
      "POST",
      "/v3/payroll-card/authentications/preorder",
      `POST /v3/payroll-card/authentications/preorder ${hint} POST ${PRE_ORDER})`,
    ],
    ["GET", "/v3/certificate?algorithm_type=RSA", `GET /v3/certificate ${hint} GET /v3/certificates)`],
    ["GET", PRE_ORDER, `GET ${PRE_ORDER} ${hint} POST ${PRE_ORDER})`],
    [
      "GET",
      "/v3/payroll-card/relation/oX-1SECRET",
      `GET /v3/payroll-card/relation/… ${hint} GET /v3/payroll-card/relations/{openid})`,
    ],
    [
      "GET",
      "/v3/pay/transactions/id/1217752501201407033233368018",
      "GET /v3/pay/transactions/id/… is not in the list of operations",
    ],
  ])("%s %s", async (method, path, message) => {
    const { wechatpay } = createObservedClient(answer404);
    const call = (wechatpay as unknown as AnyClient)[method](path, method === "POST" ? { body: {} } : {});
    const { error } = (await call) as { error: { message: string } };
    expect(error.message).toBe(`HTTP 404 with an empty body. ${message}.`);
    expect(() => unwrap({ error, response: answer404() } as never)).toThrow(message);
  });

  test("so is one whose method is not allowed", async () => {
    const { credentials, fetch } = await sandboxReady;
    const wechatpay = createWeChatPayClient({ ...credentials, fetch }) as unknown as AnyClient;
    const { error } = (await wechatpay.GET("/v3/payroll-card/tokens")) as { error: { message: string } };
    expect(error.message).toBe(
      `HTTP 405 with an empty body. GET /v3/payroll-card/tokens ${hint} POST /v3/payroll-card/tokens).`,
    );
  });

  test("a known one that is not found gets no such hint", async () => {
    const { wechatpay } = createObservedClient(answer404);
    const { error } = await wechatpay.GET("/v3/certificates");
    expect(error?.message).toBe("HTTP 404 with an empty body.");
  });
});

describe("no value of a parameter stands in a message", () => {
  const secrets = ["ID110101199003077475", "oX-1_secret", "张三", "zhangsan"];
  const { wechatpay } = createObservedClient(() => unsignedReply(200, "{}"));
  const client = wechatpay as unknown as AnyClient;
  const errorOf = (call: Promise<unknown>) => call.then(() => expect.unreachable(), String);

  test.each(secrets)("%s", async (secret) => {
    const query = `?openid=${encodeURIComponent(secret)}`;
    const path = `/v3/payroll-card/relations/${encodeURIComponent(secret)}`;
    const template = "/v3/payroll-card/relations/{openid}";
    const messages = await Promise.all([
      errorOf(client.GET(path)),
      errorOf(client.GET(path + query)),
      errorOf(client.GET(template + query, { params: { path: { openid: secret } } })),
      errorOf(client.GET(template, { params: { path: { openid: secret }, query: { sub_mchid: secret } } })),
      errorOf(client.GET(`${path}#`)),
      errorOf(client.GET(`/v3/payroll-card/relations/${secret}/..`)),
      errorOf(client.GET(`${template}/{other}${query}`, { params: { path: { openid: secret, other: "" } } })),
      errorOf(client.GET(template, { params: { path: { openid: [secret] } } })),
      errorOf(client.GET(template, { params: { path: { openid: secret }, query: { a: { secret } } } })),
      errorOf(client.GET("/v3/x", { params: { path: secret } })),
      errorOf(client.GET(`/v3/partner-transfer/batches/batch-id/1/details/detail-id/${encodeURIComponent(secret)}`)),
      errorOf(client.POST("/v3/payroll-card/tokens/", { body: { user_name: secret } })),
      errorOf(client.POST("/v3/payroll-card/tokens", { body: { user_name: [secret] } })),
    ]);
    expect(messages[0]).toContain("GET /v3/payroll-card/relations/{openid} was answered 200");
    for (const message of messages) {
      for (const each of [secret, encodeURIComponent(secret)]) expect(message).not.toContain(each);
    }
  });

  test("the segments of an unknown path that no spec would write are left out", async () => {
    for (const secret of secrets.slice(0, 3)) {
      const message = await errorOf(client.GET(`/v3/unknown/${encodeURIComponent(secret)}/h5?a=${secret}`));
      expect(message).toContain("GET /v3/unknown/…/h5 was answered 200");
    }
  });
});
