import { build } from "esbuild";
import { describe, expect, test } from "vitest";
import { createWeChatPayClient } from "wechatpay-openapi-fetch";
import { createSandbox } from "wechatpay-openapi-fetch/sandbox";
import * as generated from "../../generated/operations.js";

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

describe("an operation that is written otherwise than in its table is not sent in plain text", () => {
  const operations = {
    "POST /v3/transfers/{id}": { operationId: "createTransfer", sensitive: { request: ["/name"] } },
    "POST /v3/x": { operationId: "createX", sensitive: { request: ["/name"] } },
    "GET /v3/plain/{id}": { operationId: "getPlain" },
  };
  test.each([
    "/v3/transfers/123",
    "/v3/transfers/{ID}",
    "/v3/%74ransfers/100%",
    "/v3/transfers/%ff",
    "/v3/x/",
    "/v3//x",
    "/V3/X",
    "/v3/%78",
    "/v3/x;a=1",
    "/v3/x?a=1",
  ])("%s", async (path) => {
    const { credentials, fetch, requests } = await sandboxReady;
    const before = requests.length;
    const wechatpay = createWeChatPayClient({ ...credentials, fetch, operations }) as unknown as AnyClient;
    const call = wechatpay.POST(path, { params: { path: { ID: "1" } }, body: { name: "张三" } });
    if (path.includes("?")) await call;
    else await expect(call).rejects.toThrow(/is written POST \/v3\/(transfers\/\{id\}|x), with its parameters/);
    expect(requests.slice(before).map(({ path }) => path)).toEqual(path.includes("?") ? [path] : []);
  });

  test.each<[string, object]>([
    ["/v3/{x}/1", { x: "transfers" }],
    ["/v3/{x}", { x: "X" }],
    ["/v3/transfers/{other}", { other: "a/b" }],
    ["/v3/transfers/a%2Fb", {}],
    ["/v3/transfers%2f1", {}],
  ])("%s with %j", async (path, params) => {
    const { credentials, fetch, requests } = await sandboxReady;
    const before = requests.length;
    const wechatpay = createWeChatPayClient({ ...credentials, fetch, operations }) as unknown as AnyClient;
    await expect(wechatpay.POST(path, { params: { path: params }, body: { name: "张三" } })).rejects.toThrow(
      /is written POST \/v3\/(transfers\/\{id\}|x), with its parameters/,
    );
    expect(requests).toHaveLength(before);
  });

  test("where nothing depends on it, a path is sent as it is", async () => {
    const { credentials, fetch, requests } = await sandboxReady;
    const wechatpay = createWeChatPayClient({ ...credentials, fetch, operations }) as unknown as AnyClient;
    await wechatpay.GET("/v3/plain/1");
    await wechatpay.POST("/v3/x/y", { body: {} });
    expect(requests.slice(-2).map(({ path }) => path)).toEqual(["/v3/plain/1", "/v3/x/y"]);
  });
});
