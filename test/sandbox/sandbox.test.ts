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
    const reason = { zh: expect.any(String), en: expect.any(String) };
    const refused = { operationId, method: "POST", path: PRE_ORDER, verdict: "invalid-parameter", status: 400, reason };
    expect(sandbox.requests.slice(before)).toEqual([
      {
        operationId,
        method: "POST",
        path: `${PRE_ORDER}?a=%27`,
        verdict: "wrong-signature",
        reason: {
          zh: "查询参数没有参与签名。私钥是对的。",
          en: "The query string was not signed. Your private key is right.",
        },
        fix: expect.stringContaining("+ sign(method, url.pathname + url.search,"),
        body: request,
        status: 401,
        signature: expect.objectContaining({ differsAt: `POST\n${PRE_ORDER}`.length }),
      },
      { operationId, method: "POST", path: PRE_ORDER, verdict: "accepted", body: request, status: 200 },
      { ...refused, body: {} },
      { ...refused, body: "text" },
      {
        operationId: undefined,
        method: "PUT",
        path: "/v3/nowhere?b=1",
        verdict: "unknown-path",
        reason: { zh: "没有这个路径的接口。", en: "No operation has this path." },
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
