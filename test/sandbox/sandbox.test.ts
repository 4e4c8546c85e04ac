import { beforeEach, describe, expect, test, vi } from "vitest";
import { createSandbox, type ReceivedRequest } from "wechatpay-openapi-fetch/sandbox";
import openapi from "../../generated/openapi.json" with { type: "json" };
import { generateKeys } from "../support/keys.js";
import { examples, freshRequest, NOW, PRE_ORDER } from "../support/wechatpay.js";
import { isHere, title, vectors } from "../vectors/published.js";
import { isSigned, isVerified, ORIGIN, type Parts, send, signedHeaders } from "./signed.js";

const SECONDS = NOW / 1000;
const good = JSON.stringify(examples.request);

const sandbox = await createSandbox({ clock: () => NOW });
const { credentials } = sandbox;
const [[platformKeyId, platformKey] = ["", ""]] = Object.entries(credentials.platformKeys);
const strangersKey = generateKeys().privateKey;

/** Sends a pre-order, another one each time; `sent` is what arrives, where that differs from what was signed. */
function preOrder(parts: Parts = {}, sent: { method?: string; target?: string; body?: string | Buffer } = {}) {
  return send(sandbox, { target: PRE_ORDER, body: JSON.stringify(freshRequest()), ...parts }, sent);
}

function lastRequest(): ReceivedRequest {
  return sandbox.requests.at(-1) as ReceivedRequest;
}

describe("a good pre-order", () => {
  test("gets its values back, with the caller's mchid, a token, and 300 s to use it", async () => {
    const { authenticate_number, openid, sub_mchid } = examples.request;
    const reply = await preOrder({ body: good });
    expect(reply.status).toBe(200);
    expect(reply.headers.get("Content-Type")).toBe("application/json; charset=utf-8");
    expect(reply.headers.get("Date")).toBe("Tue, 02 Apr 2019 12:34:20 GMT");
    expect(await reply.json()).toEqual({
      authenticate_number,
      openid,
      mchid: credentials.mchid,
      sub_mchid,
      token: expect.stringMatching(/^\w{32,1024}$/),
      expires_in: 300,
    });
  });

  test("gets another token each time", async () => {
    const replies = await Promise.all([preOrder(), preOrder()]);
    const [one, two] = await Promise.all(replies.map((reply) => reply.json()));
    expect(one.token).not.toBe(two.token);
  });

  test("gets a reply that WeChat Pay's public key verifies, over the raw bytes", async () => {
    const reply = await preOrder();
    expect(reply.headers.get("Wechatpay-Serial")).toBe(platformKeyId);
    expect(reply.headers.get("Wechatpay-Timestamp")).toBe(String(SECONDS));
    expect(reply.headers.get("Wechatpay-Nonce")).toMatch(/^\w{32}$/);
    expect(reply.headers.get("Wechatpay-Signature-Type")).toBe("WECHATPAY2-SHA256-RSA2048");
    expect(await isVerified(reply, platformKey)).toBe(true);
  });

  test("gets a Request-ID that ends in 0, where all is well", async () => {
    expect((await preOrder()).headers.get("Request-ID")).toMatch(/^[0-9A-F]{16,}-0$/);
    expect((await preOrder({ mchid: "1900000110" })).headers.get("Request-ID")).toMatch(/^[0-9A-F]{16,}-[1-9]\d+$/);
  });

  const requests = Object.entries(openapi.components.examples).filter(([name]) =>
    /^preOrderAuthentication\..*\.request$/.test(name),
  );
  test.each(requests)("%s of the spec is one", async (_name, { value }) => {
    const { authenticate_number } = freshRequest();
    expect((await preOrder({ body: JSON.stringify({ ...(value as object), authenticate_number }) })).status).toBe(200);
  });

  test.each([
    ["Accept is anything at all", { headers: { Accept: "*/*" } }],
    ["Content-Type is left out", { headers: { "Content-Type": null } }],
    ["Wechatpay-Serial names the public key", { headers: { "Wechatpay-Serial": platformKeyId } }],
    ["Wechatpay-Serial is empty, as some SDKs send it", { headers: { "Wechatpay-Serial": "" } }],
    ["the serial is in lower case", { serialNo: credentials.serialNo.toLowerCase() }],
    ["the serial has more leading zeros", { serialNo: `00${credentials.serialNo}` }],
    ["the clock is 300 s slow", { timestamp: SECONDS - 300 }],
    ["the clock is 300 s fast", { timestamp: SECONDS + 300 }],
    ["only sub_appid is given", { body: JSON.stringify({ ...freshRequest(), appid: undefined }) }],
    ["only appid is given", { body: JSON.stringify({ ...freshRequest(), sub_appid: undefined }) }],
    ["the type is left out", { body: JSON.stringify({ ...freshRequest(), authenticate_type: undefined }) }],
    ["texts have their full length", { body: JSON.stringify({ ...freshRequest(), project_name: "某".repeat(128) }) }],
    ["there are properties that the spec does not know", { body: JSON.stringify({ ...freshRequest(), extra: 1 }) }],
    ["the JSON is laid out in lines", { body: JSON.stringify(freshRequest(), null, 2) }],
  ])("is one too where %s", async (_what, parts) => {
    const reply = await preOrder(parts);
    expect([reply.status, lastRequest().verdict]).toEqual([200, "accepted"]);
  });
});

describe("without Accept or User-Agent", () => {
  test.each(["Accept", "User-Agent"])("no %s: unsigned 400 INVALID_REQUEST", async (name) => {
    for (const value of [null, ""]) {
      const reply = await preOrder({ headers: { [name]: value } });
      expect(reply.status).toBe(400);
      expect(isSigned(reply)).toBe(false);
      expect(await reply.json()).toEqual({ code: "INVALID_REQUEST", message: "Http头缺少Accept或User-Agent" });
      expect(lastRequest().verdict).toBe("missing-header");
    }
  });

  test.runIf(isHere)(`${title}: the same bytes as the real server`, async () => {
    const real = vectors<{ id: string; body: string }>("samples", "error-body").find(
      ({ id }) => id === "error-missing-ua",
    );
    expect(await (await preOrder({ headers: { Accept: null } })).text()).toBe(real?.body);
  });
});

describe("unsigned 401 SIGN_ERROR with what the server signed", () => {
  const authorization = signedHeaders(credentials, { target: PRE_ORDER, body: good, timestamp: SECONDS })
    .Authorization as string;
  const [scheme, values = ""] = authorization.split(" ");
  const malformed: [string, string | null][] = [
    ["no Authorization", null],
    ["an empty one", ""],
    ["the scheme alone", `${scheme}`],
    ["another scheme", authorization.replace("RSA2048", "RSA4096")],
    ["the scheme in lower case", authorization.toLowerCase()],
    ["a Bearer token", "Bearer abc"],
    ["the brand scheme", authorization.replace("WECHATPAY2-", "WECHATPAY-BRAND-")],
    ...["mchid", "nonce_str", "timestamp", "serial_no", "signature"].flatMap((name): [string, string][] => [
      [`no ${name}`, authorization.replace(new RegExp(`${name}="[^"]*",?`), "").replace(/,$/, "")],
      [`an empty ${name}`, authorization.replace(new RegExp(`${name}="[^"]*"`), `${name}=""`)],
    ]),
    ["a value twice", `${authorization},mchid="${credentials.mchid}"`],
    ["a value that is none", `${authorization},mch_id="${credentials.mchid}"`],
    ["single quotes", authorization.replaceAll('"', "'")],
    ["no quotes", authorization.replaceAll('"', "")],
    ["blanks after the commas", authorization.replaceAll(",", ", ")],
    ["two blanks after the scheme", `${scheme}  ${values}`],
    ["a comma at the end", `${authorization},`],
    ["the header twice, which HTTP joins by a comma", `${authorization}, ${authorization}`],
  ];

  test.each(malformed)("malformed Authorization: %s", async (_what, header) => {
    const reply = await preOrder({ headers: { Authorization: header } });
    expect(reply.status).toBe(401);
    expect(isSigned(reply)).toBe(false);
    expect(await reply.json()).toMatchObject({
      code: "SIGN_ERROR",
      message: expect.stringContaining("Authorization"),
      detail: { location: "authorization", sign_information: { method: "POST", url: PRE_ORDER } },
    });
    expect(lastRequest().verdict).toBe("malformed-authorization");
  });

  test.each<[string, ReceivedRequest["verdict"], string, Parts]>([
    ["another mchid", "unknown-mchid", "商户号", { mchid: "1900000110" }],
    ["the sub-merchant's mchid", "unknown-mchid", "商户号", { mchid: examples.request.sub_mchid }],
    [
      "another serial",
      "unknown-serial",
      "商户证书序列号有误",
      { serialNo: "444F4864EA9B34415D6E36A1F9D09C2FCE6CCF12" },
    ],
    ["the platform key's ID as serial", "unknown-serial", "商户证书序列号有误", { serialNo: platformKeyId }],
    ["a clock 301 s slow", "clock-skew", "timestamp", { timestamp: SECONDS - 301 }],
    ["a clock 301 s fast", "clock-skew", "timestamp", { timestamp: SECONDS + 301 }],
    ["milliseconds", "clock-skew", "timestamp", { timestamp: NOW }],
    ["a timestamp with a fraction", "clock-skew", "timestamp", { timestamp: `${SECONDS}.0` }],
    ["a timestamp with a sign", "clock-skew", "timestamp", { timestamp: `+${SECONDS}` }],
    ["a timestamp in hex", "clock-skew", "timestamp", { timestamp: `0x${SECONDS.toString(16)}` }],
    ["another private key", "wrong-signature", "错误的签名，验签失败", { privateKey: strangersKey }],
    [
      "a signature that is not base64",
      "wrong-signature",
      "错误的签名，验签失败",
      { signature: "WECHATPAY/SIGNTEST/!" },
    ],
    ["a signature of another length", "wrong-signature", "错误的签名，验签失败", { signature: "ZmFrZQ==" }],
  ])("%s", async (_what, verdict, message, parts) => {
    const reply = await preOrder(parts);
    expect(reply.status).toBe(401);
    expect(isSigned(reply)).toBe(false);
    const body = await reply.json();
    expect(body).toMatchObject({ code: "SIGN_ERROR", message: expect.stringContaining(message) });
    const timestamp = parts.timestamp ?? SECONDS;
    expect(body.detail.sign_information).toEqual({
      method: "POST",
      url: PRE_ORDER,
      sign_message_length:
        Buffer.byteLength(`POST\n${PRE_ORDER}\n${timestamp}\n593BEC0C930BF1AFEB40B4A08C8FB242\n\n`) +
        Buffer.byteLength(good),
      truncated_sign_message: `POST\n${PRE_ORDER}\n${timestamp}\n593BEC0C930BF1AFEB40B4A08C8FB242\n{"openid\n`,
    });
    expect(lastRequest().verdict).toBe(verdict);
  });

  test.each<[string, Parameters<typeof preOrder>[1] & object]>([
    ["the body", { body: good.replace("SIGN_IN", "CONTRACT") }],
    ["the body's last byte", { body: `${good}\n` }],
    ["the body's layout", { body: JSON.stringify(examples.request, null, 1) }],
    ["the body, which did not arrive", { body: "" }],
    ["the query", { target: `${PRE_ORDER}?a=1` }],
  ])("changed after signing: %s; the length counts bytes, not characters", async (_what, sent) => {
    const { target = PRE_ORDER, body = good } = sent;
    const reply = await preOrder({ body: good }, sent);
    expect(reply.status).toBe(401);
    const { detail } = await reply.json();
    const start = String(body).slice(0, 8);
    const head = `POST\n${target}\n${SECONDS}\n593BEC0C930BF1AFEB40B4A08C8FB242\n`;
    expect(detail.sign_information).toEqual({
      method: "POST",
      url: target,
      sign_message_length: Buffer.byteLength(`${head}${body}\n`),
      truncated_sign_message: `${head}${start}\n`,
    });
    expect(lastRequest().verdict).toBe("wrong-signature");
  });

  test("changed after signing: the timestamp and the nonce", async () => {
    for (const change of [{ timestamp: SECONDS - 1 }, { nonce: "another" }]) {
      const { Authorization } = signedHeaders(credentials, { target: PRE_ORDER, body: good, timestamp: SECONDS });
      const signature = /signature="([^"]+)"/.exec(Authorization ?? "")?.[1] ?? "";
      expect((await preOrder({ body: good, ...change, signature })).status).toBe(401);
      expect(lastRequest().verdict).toBe("wrong-signature");
    }
  });

  test.each([
    ["Chinese", "某某某某某某某某某某", "某某某某某某某某"],
    ["emoji", "😀😀😀😀😀😀😀😀😀😀", "😀😀😀😀😀😀😀😀"],
    ["a character's half at the end", `{"a":"某`, `{"a":"某`],
    ["a byte order mark", `\uFEFF{"a":1}`, `\uFEFF{"a":1}`],
  ])("the body is shown with its first eight characters: %s", async (_what, body, shown) => {
    const { detail } = await (await preOrder({ body, privateKey: strangersKey })).json();
    expect(detail.sign_information.truncated_sign_message).toBe(
      `POST\n${PRE_ORDER}\n${SECONDS}\n593BEC0C930BF1AFEB40B4A08C8FB242\n${shown}\n`,
    );
  });

  test("the reply has the shape of the real one, down to the order of its keys", async () => {
    const reply = await preOrder({ privateKey: strangersKey, body: "" });
    expect(await reply.text()).toBe(
      `{"code":"SIGN_ERROR","detail":{"detail":{"issue":"sign not match"},"field":"signature","location":"authorization","sign_information":{"method":"POST","sign_message_length":93,"truncated_sign_message":"POST\\n/v3/payroll-card/authentications/pre-order\\n1554208460\\n593BEC0C930BF1AFEB40B4A08C8FB242\\n\\n","url":"/v3/payroll-card/authentications/pre-order"}},"message":"错误的签名，验签失败"}`,
    );
  });

  test.runIf(isHere).each([
    ["error-sign-not-match", { privateKey: strangersKey, body: "" }],
    ["error-sign-serial", { serialNo: "00" }],
  ])(`${title}: %s is the same but for the request`, async (id, parts) => {
    const real = vectors<{ id: string; body: string }>("samples", "error-body").find((vector) => vector.id === id);
    const request = { method: "POST", sign_message_length: 0, truncated_sign_message: "", url: "" };
    const bare = (body: { detail: object }) => ({ ...body, detail: { ...body.detail, sign_information: request } });
    const ours = await (await preOrder(parts)).text();
    expect(JSON.stringify(bare(JSON.parse(ours)))).toBe(JSON.stringify(bare(JSON.parse(real?.body ?? ""))));
  });
});

describe("no operation there: unsigned and empty, whoever asks", () => {
  test.each([
    ["another path", "/v3/payroll-card/authentication"],
    ["a slash at the end", `${PRE_ORDER}/`],
    ["two slashes at the start", `/${PRE_ORDER}`],
    ["another case", PRE_ORDER.toUpperCase()],
    ["the root", "/"],
  ])("%s: 404", async (_what, target) => {
    const reply = await preOrder({ target, headers: { Authorization: null, Accept: null } });
    expect([reply.status, await reply.text(), isSigned(reply)]).toEqual([404, "", false]);
    expect(lastRequest()).toMatchObject({ operationId: undefined, verdict: "unknown-path", path: target });
  });

  test.each(["GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])("%s: 405", async (method) => {
    const reply = await sandbox.fetch(ORIGIN + PRE_ORDER, { method });
    expect([reply.status, await reply.text(), isSigned(reply)]).toEqual([405, "", false]);
    expect(lastRequest()).toMatchObject({ operationId: undefined, verdict: "wrong-method", method });
  });
});

describe("Wechatpay-Serial that names no key of WeChat Pay: signed 400", () => {
  test.each([
    ["another public key", "PUB_KEY_ID_0114232134912410000000000000"],
    ["the merchant's own certificate", credentials.serialNo],
  ])("%s", async (_what, serial) => {
    const reply = await preOrder({ headers: { "Wechatpay-Serial": serial } });
    expect(reply.status).toBe(400);
    expect(await isVerified(reply, platformKey)).toBe(true);
    expect(await reply.json()).toEqual({ code: "PARAM_ERROR", message: "平台证书序列号Wechatpay-Serial错误" });
    expect(lastRequest().verdict).toBe("unknown-platform-key");
  });
});

describe("a body that the spec refuses: signed 400 PARAM_ERROR with the first fault", () => {
  const request = examples.request;
  const long = (length: number) => "某".repeat(length);
  const rows: [string, unknown, { field: string; value?: unknown; issue: string }][] = [
    ...(["openid", "sub_mchid", "authenticate_number", "project_name", "employer_name"] as const).map(
      (name): (typeof rows)[number] => [
        `no ${name}`,
        { ...request, [name]: undefined },
        { field: `/${name}`, issue: "is required" },
      ],
    ),
    [
      "neither appid nor sub_appid",
      { ...request, appid: undefined, sub_appid: undefined },
      { field: "/appid", issue: "at least one of appid, sub_appid is required" },
    ],
    [
      "an appid that is too long",
      { ...request, appid: "a".repeat(33) },
      { field: "/appid", value: "a".repeat(33), issue: "must NOT have more than 32 characters" },
    ],
    [
      "an empty sub_appid",
      { ...request, appid: undefined, sub_appid: "" },
      { field: "/sub_appid", value: "", issue: "must NOT have fewer than 1 characters" },
    ],
    [
      "a project_name of 129 characters",
      { ...request, project_name: long(129) },
      { field: "/project_name", value: long(129), issue: "must NOT have more than 128 characters" },
    ],
    [
      "an empty employer_name",
      { ...request, employer_name: "" },
      { field: "/employer_name", value: "", issue: "must NOT have fewer than 1 characters" },
    ],
    [
      "an authenticate_number with a hyphen",
      { ...request, authenticate_number: "order-1" },
      { field: "/authenticate_number", value: "order-1", issue: 'must match pattern "^[0-9A-Za-z]{1,64}$"' },
    ],
    [
      "an authenticate_type that there is not",
      { ...request, authenticate_type: "SIGNIN" },
      {
        field: "/authenticate_type",
        value: "SIGNIN",
        issue: "must be equal to one of the allowed values: SIGN_IN, INSURANCE, CONTRACT, NORMAL",
      },
    ],
    [
      "a number where a text belongs",
      { ...request, sub_mchid: 1111111 },
      { field: "/sub_mchid", value: 1111111, issue: "must be string" },
    ],
    ["null", { ...request, authenticate_type: null }, { field: "/authenticate_type", issue: "must be string" }],
    [
      "an object where a text belongs",
      { ...request, openid: { a: 1 } },
      { field: "/openid", value: { a: 1 }, issue: "must be string" },
    ],
    ["a list", [request], { field: "", value: [request], issue: "must be object" }],
    ["JSON null", null, { field: "", issue: "must be object" }],
    ["a text", "text", { field: "", value: "text", issue: "must be object" }],
    [
      "an emoji, which WeChat Pay's UTF-8 does not have",
      { ...request, project_name: "项目😀" },
      {
        field: "/project_name",
        value: "项目😀",
        issue: "must NOT have characters of four bytes in UTF-8, such as emoji",
      },
    ],
    [
      "an emoji anywhere",
      { ...request, "a/b~": [{ c: "😀" }] },
      { field: "/a~1b~0/0/c", value: "😀", issue: "must NOT have characters of four bytes in UTF-8, such as emoji" },
    ],
    [
      "keys that every object inherits",
      JSON.parse(`{"__proto__":${good},"constructor":{},"toString":""}`),
      { field: "/appid", issue: "at least one of appid, sub_appid is required" },
    ],
  ];

  test.each(rows)("%s", async (_what, body, { field, value = null, issue }) => {
    const reply = await preOrder({ body: JSON.stringify(body) });
    expect(reply.status).toBe(400);
    expect(await isVerified(reply, platformKey)).toBe(true);
    expect(await reply.json()).toEqual({
      code: "PARAM_ERROR",
      message: "参数错误",
      detail: { field, value, issue, location: "body" },
    });
    expect(lastRequest().verdict).toBe("invalid-parameter");
  });

  test.each([
    ["half of it", good.slice(0, -1)],
    ["a form", "openid=a&appid=b"],
    ["XML", "<xml/>"],
    ["a blank", " "],
    ["GBK", Buffer.from(good.replace("某", "\xc4\xb3"), "latin1")],
    ["a byte order mark before it", `\uFEFF${good}`],
  ])("not JSON in UTF-8: %s", async (_what, body) => {
    const reply = await preOrder({ body }, { body: body as string });
    expect(reply.status).toBe(400);
    expect(await isVerified(reply, platformKey)).toBe(true);
    expect((await reply.json()).detail).toEqual({
      field: "",
      value: null,
      issue: "is not JSON in UTF-8",
      location: "body",
    });
  });

  test("no body at all", async () => {
    const reply = await preOrder({ body: "" });
    expect((await reply.json()).detail).toEqual({ field: "", value: null, issue: "is required", location: "body" });
    expect(lastRequest()).toMatchObject({ verdict: "invalid-parameter", body: undefined });
  });
});

test("a request with several faults gets the answer to the first one", async () => {
  const order: [ReceivedRequest["verdict"], number, Parts][] = [
    ["unknown-path", 404, { target: "/v3/nowhere" }],
    ["wrong-method", 405, { method: "PUT" }],
    ["missing-header", 400, { headers: { "User-Agent": null } }],
    ["malformed-authorization", 401, { headers: { Authorization: "Bearer abc" } }],
    ["unknown-mchid", 401, { mchid: "1900000110" }],
    ["unknown-serial", 401, { serialNo: "00" }],
    ["clock-skew", 401, { timestamp: SECONDS - 301 }],
    ["wrong-signature", 401, { privateKey: strangersKey }],
    ["unknown-platform-key", 400, { headers: { "Wechatpay-Serial": "00" } }],
    ["invalid-parameter", 400, { body: "{}" }],
  ];
  for (const [i, [verdict, status]] of order.entries()) {
    const faults = order.slice(i).map(([, , parts]) => parts);
    const headers = Object.assign({}, ...faults.map((parts) => parts.headers));
    const reply = await preOrder({ ...Object.assign({}, ...faults), headers });
    expect([lastRequest().verdict, reply.status]).toEqual([verdict, status]);
  }
});

describe("sandbox.requests", () => {
  let before: number;
  beforeEach(() => {
    before = sandbox.requests.length;
  });

  test("keeps what arrived, and how it was judged", async () => {
    const request = freshRequest();
    const body = JSON.stringify(request);
    await preOrder({ body }, { target: `${PRE_ORDER}?a=%27` });
    await preOrder({ body });
    await preOrder({ body: "{}" });
    await preOrder({ body: "text" });
    await preOrder({ body, target: "/v3/nowhere?b=1", method: "PUT" });
    const operationId = "preOrderAuthentication";
    expect(sandbox.requests.slice(before)).toEqual([
      {
        operationId,
        method: "POST",
        path: `${PRE_ORDER}?a=%27`,
        verdict: "wrong-signature",
        body: request,
        status: 401,
        signature: expect.objectContaining({ differsAt: `POST\n${PRE_ORDER}`.length }),
      },
      { operationId, method: "POST", path: PRE_ORDER, verdict: "accepted", body: request, status: 200 },
      { operationId, method: "POST", path: PRE_ORDER, verdict: "invalid-parameter", body: {}, status: 400 },
      { operationId, method: "POST", path: PRE_ORDER, verdict: "invalid-parameter", body: "text", status: 400 },
      {
        operationId: undefined,
        method: "PUT",
        path: "/v3/nowhere?b=1",
        verdict: "unknown-path",
        body: request,
        status: 404,
      },
    ]);
  });

  test("never keeps the Authorization header", async () => {
    await preOrder();
    expect(JSON.stringify(lastRequest())).not.toContain("WECHATPAY2");
  });
});

describe("sandbox.fetch is a transport like fetch", () => {
  test("takes a Request, a URL or a text, whatever the host, and needs no `this`", async () => {
    const { fetch } = sandbox;
    const init = () => {
      const body = JSON.stringify(freshRequest());
      const headers = signedHeaders(credentials, { target: PRE_ORDER, body, timestamp: SECONDS });
      return { method: "POST", body, headers };
    };
    for (const origin of ["https://api2.mch.weixin.qq.com", "http://localhost:1"]) {
      expect((await fetch(origin + PRE_ORDER, init())).status).toBe(200);
      expect((await fetch(new URL(origin + PRE_ORDER), init())).status).toBe(200);
      expect((await fetch(new Request(origin + PRE_ORDER, init()))).status).toBe(200);
    }
  });

  test("an aborted request rejects with the signal's reason and does not arrive", async () => {
    const before = sandbox.requests.length;
    const reason = new Error("changed my mind");
    const aborted = sandbox.fetch(ORIGIN + PRE_ORDER, { method: "POST", signal: AbortSignal.abort(reason) });
    await expect(aborted).rejects.toBe(reason);
    expect(sandbox.requests.length).toBe(before);
  });
});

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
    expect((await send(own, { method: "GET", target: "/v3/file", privateKey: strangersKey })).status).toBe(401);
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

describe("other sandboxes", () => {
  test("share nothing with this one", async () => {
    const other = await createSandbox({ clock: () => NOW });
    expect(other.credentials.serialNo).not.toBe(credentials.serialNo);
    expect(other.credentials.privateKey).not.toBe(credentials.privateKey);
    expect(other.credentials.apiV3Key).not.toBe(credentials.apiV3Key);
    expect(other.credentials.platformKeys).not.toHaveProperty(platformKeyId);

    const headers = signedHeaders(credentials, { target: PRE_ORDER, body: good, timestamp: SECONDS });
    expect((await other.fetch(ORIGIN + PRE_ORDER, { method: "POST", headers, body: good })).status).toBe(401);
    expect(other.requests).toHaveLength(1);
  });

  test("a serial that starts with zero may lose it, as it does in many SDKs", async () => {
    const random = vi
      .spyOn(crypto, "getRandomValues")
      .mockImplementation((array) => (array as never as Uint8Array).fill(10) as never);
    const other = await createSandbox({ clock: () => NOW });
    random.mockRestore();
    expect(other.credentials.serialNo).toMatch(/^0A0A/);
    const parts = { target: PRE_ORDER, body: good, serialNo: other.credentials.serialNo.slice(1) };
    expect((await send(other, parts)).status).toBe(200);
  });
});
