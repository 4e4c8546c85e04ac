import { describe, expect, test } from "vitest";
import { createSandbox } from "wechatpay-openapi-fetch/sandbox";
import { generateKeys } from "../../support/keys.js";
import { NOW } from "../../support/wechatpay.js";
import { isSigned, isVerified, send } from "../signed.js";

test.each([{}, null, "openapi.json", { "GET /v3/x": { operationId: "getX" } }])(
  "an API that is no document is refused: %j",
  async (given) => {
    await expect(createSandbox({ openapi: given as never })).rejects.toThrow("openapi must be an OpenAPI document");
  },
);

describe("an API of one's own", async () => {
  const item = (operationId: string, more: object = {}) => ({
    operationId,
    responses: { 200: { description: "", content: { "application/json": { example: { operationId } } } } },
    ...more,
  });
  const body = (schema: object, more: object = {}) => ({
    requestBody: { content: { "application/json": { schema } }, ...more },
  });
  const parameter = (place: string, name: string, schema: object, more: object = {}) => ({
    name,
    in: place,
    schema,
    ...more,
  });
  const required = { required: true };

  const own = await createSandbox({
    clock: () => NOW,
    openapi: {
      paths: {
        "/v3/cards/{card_id}": {
          parameters: [
            { $ref: "#/components/parameters/CardId" },
            parameter("query", "limit", { type: "integer" }, required),
          ],
          get: item("getCard", {
            parameters: [
              parameter("query", "limit", { type: "integer", maximum: 100 }),
              parameter("query", "deep", { type: "boolean" }),
              parameter("query", "state", { $ref: "#/components/schemas/State" }),
              parameter("query", "tag", { type: "array", items: { type: "string", maxLength: 3 } }),
              parameter("query", "note", { type: "string" }),
            ],
          }),
          delete: { operationId: "deleteCard", responses: { 204: { description: "" } } },
        },
        "/v3/cards/mine": { get: item("getMyCard") },
        "/v3/cards/{card_id}:close/{reason}": { post: item("closeCard") },
        "/v3/trees": { post: item("plant", body({ $ref: "#/components/schemas/Tree" })) },
        "/v3/shared": { $ref: "#/components/pathItems/Shared" },
        "/v3/inline": {
          put: item("inline", body({ $ref: "#/paths/~1v3~1cards~1%7Bcard_id%7D/get/parameters/0/schema" }, required)),
        },
        "/v3/strict": {
          post: item("strict", body({ type: "object", properties: { a: {} }, additionalProperties: false })),
        },
        "/v3/inherited": {
          post: item(
            "constructor",
            body({
              type: "object",
              required: ["toString"],
              properties: { toString: { type: "string" }, valueOf: { type: "string" } },
            }),
          ),
        },
        "/v3/proto": { get: item("__proto__") },
        "/v3/file": {
          get: item("download", { "x-wechatpay-response": "unsigned" }),
          post: item("upload", { requestBody: { content: { "multipart/form-data": { schema: {} } } } }),
        },
        "/v3/nameless": {
          get: { responses: { "2XX": { description: "" } } },
          post: { responses: { 201: { description: "", content: { "application/json": { examples: {} } } } } },
        },
        "/v3/sheets": {
          get: item("getSheet", {
            responses: { 200: { description: "", content: { "text/csv": { example: "账单,1\n" }, "text/html": {} } } },
          }),
          post: item("postSheet", {
            responses: { 200: { description: "", content: { "text/csv": { example: { rows: 1 } } } } },
          }),
        },
        "/v3/tokens": { post: item("createToken") },
        "/v3/accepted": {
          post: {
            operationId: "accept",
            responses: { 400: { description: "" }, 202: { $ref: "#/components/responses/Accepted" } },
          },
        },
      },
      components: {
        parameters: { CardId: parameter("path", "card_id", { type: "string", maxLength: 8 }, required) },
        pathItems: { Shared: { get: item("shared") } },
        responses: {
          Accepted: {
            description: "",
            content: { "application/json": { examples: { first: { $ref: "#/components/examples/accepted" } } } },
          },
        },
        examples: { accepted: { value: { taken: "是" } } },
        schemas: {
          State: { type: "string", enum: ["ON", "OFF"] },
          Tree: {
            type: "object",
            required: ["name"],
            properties: {
              name: { type: "string", minLength: 1 },
              branches: { type: "array", items: { $ref: "#/components/schemas/Tree" } },
            },
          },
        },
      },
    },
  });
  const [ownKey = ""] = Object.values(own.credentials.platformKeys);
  const call = (method: string, target: string, sent = "") => send(own, { method, target, body: sent });

  test("an operation answers the example of the spec, signed", async () => {
    const reply = await call("GET", "/v3/cards/c1?limit=5");
    expect(await reply.clone().json()).toEqual({ operationId: "getCard" });
    expect(await isVerified(reply, ownKey)).toBe(true);
  });

  test("an operation of another API answers its example, whatever its operationId", async () => {
    expect(await (await call("POST", "/v3/tokens")).json()).toEqual({ operationId: "createToken" });
  });

  test("with the example's status, references followed", async () => {
    const reply = await call("POST", "/v3/accepted");
    expect([reply.status, await reply.clone().json()]).toEqual([202, { taken: "是" }]);
    expect(await isVerified(reply, ownKey)).toBe(true);
    expect(await (await call("GET", "/v3/shared")).json()).toEqual({ operationId: "shared" });
  });

  test("204 is empty, and signed", async () => {
    const reply = await call("DELETE", "/v3/cards/c1?limit=5");
    expect([reply.status, reply.body]).toEqual([204, null]);
    expect(await isVerified(reply, ownKey)).toBe(true);
  });

  test("x-wechatpay-response: unsigned", async () => {
    const reply = await call("GET", "/v3/file");
    expect([reply.status, isSigned(reply)]).toEqual([200, false]);
    expect((await send(own, { method: "GET", target: "/v3/file", privateKey: generateKeys().privateKey })).status).toBe(
      401,
    );
  });

  test("an operation without operationId goes by method and path; where no body is described, its reply is empty", async () => {
    const reply = await call("GET", "/v3/nameless");
    expect([reply.status, await reply.text()]).toEqual([200, ""]);
    expect(own.requests.at(-1)?.operationId).toBe("GET /v3/nameless");
  });

  test("without an example of the whole, one is made of those of its parts", async () => {
    const text = (example: unknown) => ({ type: "string", example });
    const schema = {
      required: ["id", "list"],
      allOf: [{ properties: { id: text("1") } }],
      properties: {
        list: { type: "array", items: { $ref: "#/components/schemas/Part" } },
        state: { type: "string", "x-extensible-enum": ["READY", "DONE"] },
        note: { type: "string" },
      },
    };
    const part = { type: "object", properties: { name: text("张三"), parts: { $ref: "#/components/schemas/Part" } } };
    const responses = { 200: { content: { "application/json": { schema } } } };
    const assembled = await createSandbox({
      openapi: { paths: { "/v3/parts": { get: { responses } } }, components: { schemas: { Part: part } } },
    });
    const reply = await send(assembled, { method: "GET", target: "/v3/parts" });
    expect(await reply.json()).toEqual({ list: [{ name: "张三" }], state: "READY", id: "1" });
  });

  test("JSON with a charset is JSON, and `default` the good reply where there is no other", async () => {
    const schema = { type: "object", required: ["a"], properties: { a: { type: "integer" } } };
    const responses = { 400: {}, default: { content: { "application/json; charset=utf-8": { example: { b: 1 } } } } };
    const requestBody = { required: true, content: { "Application/JSON;charset=UTF-8": { schema } } };
    const loose = await createSandbox({ openapi: { paths: { "/v3/loose": { post: { requestBody, responses } } } } });
    const replies = [{ a: 1 }, { a: "1" }].map(async (given) => {
      const reply = await send(loose, { method: "POST", target: "/v3/loose", body: JSON.stringify(given) });
      return [reply.status, await reply.json()];
    });
    expect(await Promise.all(replies)).toEqual([
      [200, { b: 1 }],
      [400, expect.objectContaining({ code: "PARAM_ERROR" })],
    ]);
  });

  test("a reply that is no JSON is the example as it stands, in the first of its media types", async () => {
    const reply = await call("GET", "/v3/sheets");
    expect([reply.headers.get("Content-Type"), await reply.text()]).toEqual(["text/csv", "账单,1\n"]);
    expect(isSigned(reply)).toBe(true);
  });

  test.each([
    ["that is missing", "/v3/nameless", "POST /v3/nameless has no example of its application/json reply"],
    ["of a file that is no text", "/v3/sheets", "POST /v3/sheets has an example of its text/csv reply that is no text"],
  ])("an example %s is an error of the sandbox: an unsigned 500 names it", async (_, path, message) => {
    const reply = await call("POST", path);
    expect([reply.status, isSigned(reply)]).toEqual([500, false]);
    expect(await reply.json()).toEqual({ code: "SYSTEM_ERROR", message: expect.stringContaining(message) });
    expect(own.requests.at(-1)).toMatchObject({ verdict: "sandbox-error", status: 500 });
  });

  test("a path without parameters comes before one that matches as well", async () => {
    expect(await (await call("GET", "/v3/cards/mine")).json()).toEqual({ operationId: "getMyCard" });
    expect(await (await call("POST", "/v3/cards/a.b:close/%E6%9F%90%2F")).json()).toEqual({ operationId: "closeCard" });
    expect((await call("DELETE", "/v3/cards/mine")).status).toBe(405);
    expect((await call("GET", "/v3/cards/")).status).toBe(404);
    expect((await call("GET", "/v3/cards/%FF?limit=1")).status).toBe(404);
  });

  test.each([
    ["a path parameter that is too long", "/v3/cards/123456789?limit=5", "card_id", "123456789", "url"],
    ["not so in percent-encoding", "/v3/cards/%E6%9F%90%E6%9F%90?limit=x", "limit", "x", "query"],
    ["a text for an integer", "/v3/cards/c1?limit=five", "limit", "five", "query"],
    ["a fraction for an integer", "/v3/cards/c1?limit=1.5", "limit", "1.5", "query"],
    ["an empty integer", "/v3/cards/c1?limit=", "limit", "", "query"],
    ["an integer that is too large", "/v3/cards/c1?limit=101", "limit", 101, "query"],
    ["an integer that is given twice", "/v3/cards/c1?limit=1&limit=2", "limit", ["1", "2"], "query"],
    ["a text for a boolean", "/v3/cards/c1?deep=yes", "deep", "yes", "query"],
    ["a value that there is not", "/v3/cards/c1?state=on", "state", "on", "query"],
    ["a list with one that is too long", "/v3/cards/c1?tag=abc&tag=abcd", "tag", "abcd", "query"],
    ["none where one is required", "/v3/cards/c1", "limit", null, "query", "DELETE"],
  ])(
    "parameters are checked, and named by their name: %s",
    async (_what, target, field, value, location, method = "GET") => {
      const reply = await call(method, target);
      expect(reply.status).toBe(400);
      expect(await reply.json()).toMatchObject({ code: "PARAM_ERROR", detail: { field, value, location } });
    },
  );

  test("an operation's own parameter replaces the path's: limit is not required here", async () => {
    expect((await call("GET", "/v3/cards/c1?deep=true&state=ON&tag=abc&tag=def&unknown=1&__proto__=1")).status).toBe(
      200,
    );
    expect((await call("GET", "/v3/cards/c1?tag=abc")).status).toBe(200);
  });

  test.each([
    ["a schema that refers to itself", "/v3/trees", { name: "a", branches: [{ name: "b" }, {}] }, "/branches/1/name"],
    ["a deep value", "/v3/trees", { name: "a", branches: [{ name: "" }] }, "/branches/0/name"],
    ["additionalProperties: false", "/v3/strict", { a: 1, "b/c": 2 }, "/b~1c"],
    ["names that every object inherits: missing", "/v3/inherited", {}, "/toString"],
    ["names that every object inherits: wrong", "/v3/inherited", { toString: 1 }, "/toString"],
  ])("bodies are checked: %s", async (_what, target, sent, field) => {
    const { detail } = await (await call("POST", target, JSON.stringify(sent))).json();
    expect(detail).toMatchObject({ field, location: "body" });
  });

  test("bodies are checked: a reference into another path", async () => {
    expect((await call("PUT", "/v3/inline", "100")).status).toBe(200);
    expect((await (await call("PUT", "/v3/inline", "101")).json()).detail).toMatchObject({ field: "", value: 101 });
  });

  test("bodies are not checked where they are optional and left out, or not JSON in the spec", async () => {
    expect((await call("POST", "/v3/trees")).status).toBe(200);
    expect((await call("POST", "/v3/file", "--boundary")).status).toBe(200);
    expect((await call("DELETE", "/v3/cards/c1?limit=1", "text")).status).toBe(204);
  });

  test("operationIds that every object inherits are like any other", async () => {
    const inherited = await call("POST", "/v3/inherited", '{"toString":"a"}');
    expect(await inherited.json()).toEqual({ operationId: "constructor" });
    expect(await (await call("GET", "/v3/proto")).json()).toEqual({ operationId: "__proto__" });
  });

  test.each([
    ["percent-encoded Chinese", "?note=%E6%9F%90%E9%A1%B9%E7%9B%AE"],
    ["lower-case percent-encoding", "?note=%e6%9f%90"],
    ["a plus, which is not made a blank", "?note=a+b%2B"],
    ["a bar, brackets and braces", "?note=a|b[]{}^`"],
    ["JSON", "?note=%7B%22a%22%3A%5B1%2C2%5D%7D"],
    ["what is no percent-encoding", "?note=100%&x=%zz"],
    ["a double quote as fetch writes it", "?note=%22"],
    ["empty values and names", "?note=&=&&x"],
    ["a second question mark", "?note=?&a=b=c"],
  ])("a query is verified as it is sent: %s", async (_what, query) => {
    const target = `/v3/cards/c1${query}`;
    expect([(await call("GET", target)).status, own.requests.at(-1)?.path]).toEqual([200, target]);
  });

  test("a single quote is sent as %27 by fetch, so that is what must be signed", async () => {
    expect((await call("GET", "/v3/cards/c1?note=%27a%27")).status).toBe(200);
    expect((await call("GET", "/v3/cards/c1?note='a'")).status).toBe(401);
  });

  test.each([
    ["of a schema", { paths: { "/a": { post: body({ $ref: "#/components/schemas/Nowhere" }) } } }],
    ["of a parameter", { paths: { "/a": { get: { parameters: [{ $ref: "#/components/parameters/Nowhere" }] } } } }],
    ["to another file", { paths: { "/a": { $ref: "./a.yaml" } } }],
  ])("a reference %s that leads nowhere is refused at once", async (_what, document) => {
    await expect(createSandbox({ openapi: document })).rejects.toThrow(/Nowhere|a\.yaml/);
  });
});
