import { Ajv, type SchemaObject } from "ajv";
import draft6 from "ajv/dist/refs/json-schema-draft-06.json" with { type: "json" };
// @ts-expect-error: it has no types
import har from "har-schema";
import { describe, expect, test } from "vitest";
import { createWeChatPayClient } from "wechatpay-openapi-fetch";
import type { Fault, SandboxOptions } from "wechatpay-openapi-fetch/sandbox";
import openapi from "../../../generated/openapi.json" with { type: "json" };
import type { ShownExchange } from "../../../src/sandbox/console/messages.js";
import { freshRequest, PRE_ORDER } from "../../support/wechatpay.js";
import { send as sendSigned, signedHeaders } from "../signed.js";
import { openConsole } from "./visitor.js";

const TOKENS = "/v3/payroll-card/tokens";
const { value: tokenRequest } = openapi.components.examples["createToken.authorize.request"];

describe("/console/requests/<id>.json tells of an exchange", () => {
  test("its headers as they were sent, Authorization read, and its signature by the beginning", async () => {
    const { sandbox, url, detail, send, close } = await openConsole();
    const body = JSON.stringify(freshRequest(), null, 1);
    const { Authorization = "", ...headers } = signedHeaders(sandbox.credentials, { target: PRE_ORDER, body });
    const { headers: answered } = await send(PRE_ORDER, {
      method: "POST",
      headers: { AUTHORIZATION: Authorization, ...headers },
      body,
    });
    const told = await detail(1);
    const [, signature = ""] = /signature="([^"]+)"/.exec(Authorization) ?? [];
    const shortened = `${signature.slice(0, 12)}…`;
    expect(told.requestHeaders).toEqual(
      expect.arrayContaining([
        ["AUTHORIZATION", Authorization.replace(signature, shortened)],
        ["User-Agent", "test/1.0"],
      ]),
    );
    const { mchid, serialNo } = sandbox.credentials;
    const [, timestamp] = /timestamp="(\d+)"/.exec(Authorization) ?? [];
    const nonce_str = "593BEC0C930BF1AFEB40B4A08C8FB242";
    expect(told.authorization).toEqual({ mchid, serial_no: serialNo, timestamp, nonce_str, signature: shortened });
    expect(JSON.stringify(told)).not.toContain(signature);
    expect(told.responseHeaders).toEqual(
      expect.arrayContaining([
        ["Request-ID", answered["request-id"]],
        ["Wechatpay-Signature", answered["wechatpay-signature"]],
      ]),
    );
    expect(told).toMatchObject({
      id: 1,
      origin: url,
      method: "POST",
      path: PRE_ORDER,
      status: 200,
      verdict: "accepted",
    });
    expect(told.took).toBeGreaterThan(0);
    // With its own white space.
    expect(told.sentBody).toBe(body);
    expect(told.body).toEqual(JSON.parse(body));
    expect(told.expected).toBe(`POST\n${PRE_ORDER}\n${timestamp}\n${nonce_str}\n${body}\n`);
    await close();
  });

  test("what was encrypted on its way, decrypted and as it was sent", async () => {
    const { sandbox, detail, close } = await openConsole();
    const wechatpay = createWeChatPayClient({ ...sandbox.credentials, fetch: sandbox.fetch });
    await wechatpay.POST(TOKENS, { body: tokenRequest as never });
    const { body, sentBody = "", decrypted, sentResponse } = await detail(1);
    expect(body).toEqual(tokenRequest);
    expect(decrypted).toEqual({ request: ["/user_name", "/id_card_number"], response: [] });
    expect(JSON.parse(sentBody)).toEqual({
      ...tokenRequest,
      user_name: expect.stringMatching(/^[\w+/]{342}==$/),
      id_card_number: expect.stringMatching(/^[\w+/]{342}==$/),
    });
    expect(sentResponse).toBeUndefined();
    await close();
  });

  test("why it was refused and what to change, of which its row has the beginning", async () => {
    const reason = { zh: "错".repeat(1_000), en: "wrong ".repeat(200) };
    const onRequest: SandboxOptions["onRequest"] = (request) => Object.assign(request, { reason, fix: "- a\n+ b" });
    const { sandbox, rows, detail, close } = await openConsole({ onRequest });
    await sandbox.fetch("http://localhost/v3/nowhere");
    expect(await detail(1)).toMatchObject({ reason, fix: "- a\n+ b" });
    const [row] = await rows("request");
    expect(row?.reason).toEqual({ zh: reason.zh.slice(0, 500), en: reason.en.slice(0, 500) });
    expect(row).not.toHaveProperty("fix");
    await close();
  });

  test.each([
    ['Other signature="abcdefghijklmnopqrstuvwxyz"', "…"],
    ["Bearer SECRETTOKEN123456789", "Bearer …"],
    ["SECRETTOKEN123456789", "…"],
    ['WECHATPAY2-SHA256-RSA2048 mchid="1",sign="WHOLE"', 'WECHATPAY2-SHA256-RSA2048 mchid="1",…'],
    ['WECHATPAY2-SHA256-RSA2048 serial_no="A",signature="AAAA BBBB REST"', 'WECHATPAY2-SHA256-RSA2048 serial_no="A",…'],
  ])("of an Authorization that cannot be read, no secret: %s", async (Authorization, shown) => {
    const { detail, send, close } = await openConsole();
    await send("/v3/certificates", { headers: { Authorization, Cookie: "session=1" } });
    const told = await detail(1);
    expect(told).not.toHaveProperty("authorization");
    expect(told).not.toHaveProperty("expected");
    expect(told.requestHeaders).toContainEqual(["Authorization", shown]);
    expect(told.requestHeaders).toContainEqual(["Cookie", "…"]);
    await close();
  });

  /** A pre-order that meets a fault. */
  async function faulty(fault: Fault): Promise<ShownExchange> {
    const now = Date.now();
    const { sandbox, detail, close } = await openConsole({ clock: () => now });
    sandbox.fail({ fault });
    const body = JSON.stringify(freshRequest());
    const sending = sendSigned(sandbox, { target: PRE_ORDER, body });
    if (fault !== "hang")
      await sending.then(
        (response) => response.body?.cancel(),
        () => {},
      );
    await expect.poll(() => sandbox.requests.length).toBe(1);
    const told = await detail(1);
    await close();
    return told;
  }
  const names = ({ responseHeaders }: ShownExchange) => responseHeaders.map(([name]) => name);
  const token = expect.stringMatching(/^\w{64}$/);

  test("what the caller got, where a fault changed it", async () => {
    const tampered = await faulty("tampered-body");
    expect(tampered.response).toMatchObject({ token });
    expect(JSON.parse(tampered.sentResponse ?? "")).not.toEqual(tampered.response);
    const unsigned = await faulty("unsigned");
    expect(unsigned).not.toHaveProperty("sentResponse");
    expect(names(unsigned).filter((name) => name.startsWith("Wechatpay-"))).toEqual([]);
    const truncated = await faulty("truncated-body");
    const whole = JSON.stringify(truncated.response);
    expect(truncated.sentResponse).toBe(whole.slice(0, Math.ceil(whole.length / 2)));
    const skewed = await faulty("clock-skew");
    const [, timestamp] = skewed.responseHeaders.find(([name]) => name === "Wechatpay-Timestamp") ?? [];
    expect(Math.floor(skewed.at / 1000) - Number(timestamp)).toBe(600);
  });

  test("what the operation answered, where a fault put something in its place", async () => {
    const failed = await faulty("system-error");
    expect(failed).toMatchObject({ status: 500, verdict: "accepted", code: "SYSTEM_ERROR", response: { token } });
    expect(failed.sentResponse).toMatch(/^\{"code":"SYSTEM_ERROR"/);
    const gateway = await faulty("bad-gateway");
    expect(gateway).toMatchObject({ status: 502, verdict: "fault", response: expect.stringContaining("nginx") });
    expect(gateway).not.toHaveProperty("sentResponse");
  });

  test.each(["reset", "hang"] as const)("that nothing came, where the fault was %s", async (fault) => {
    expect(await faulty(fault)).toMatchObject({
      status: 200,
      response: { token },
      sentResponse: "",
      responseHeaders: [],
    });
  });

  test("of texts and bodies that are too long the beginning", async () => {
    const { detail, close, sandbox } = await openConsole();
    const lose = (body: string) => sandbox.fetch("http://localhost/v3/nowhere", { method: "POST", body });
    await lose("\x01".repeat(10_000_000));
    await lose(JSON.stringify(Array(1_100_000).fill(1)));
    for (const id of [1, 2]) {
      const told = await detail(id);
      expect(told.body).toHaveLength(200_000);
      expect(JSON.stringify(told).length).toBeLessThan(8_000_000);
    }
    await close();
  });

  test("that there is none, or that it was dropped: 64 MiB are kept", { tags: ["slow"] }, async () => {
    const { sandbox, url, rows, close } = await openConsole();
    // As JSON each takes six times as much, and it is there twice.
    for (let i = 0; i < 60; i++)
      await sandbox.fetch("http://localhost/v3/nowhere", { method: "POST", body: `${i} ${"\x01".repeat(200_000)}` });
    const answer = async (id: string) => {
      const response = await fetch(`${url}/console/requests/${id}.json`);
      return [response.status, await response.text()];
    };
    expect(await rows("request")).toHaveLength(60);
    expect(await answer("1")).toEqual([404, expect.stringMatching(/^dropped: /)]);
    expect(await answer("60")).toEqual([200, expect.stringContaining('"body":"59 ')]);
    expect(await answer("61")).toEqual([404, "There is no request 61."]);
    expect(await answer("0")).toEqual([404, "There is no request 0."]);
    const list = await (await fetch(`${url}/console/requests.json`)).text();
    expect(list.length).toBeLessThan(2 ** 26 + 200);
    expect(JSON.parse(list).length).toBeGreaterThan(10);
    await close();
  });
});

describe("/console/requests.json", () => {
  test("is a list of all that is kept, or of what came after one: for tests in any language", async () => {
    const { sandbox, url, close } = await openConsole();
    const list = async (query = "") => (await fetch(`${url}/console/requests.json${query}`)).json();
    expect(await list()).toEqual([]);
    for (const number of [1, 2, 3]) await sandbox.fetch(`http://localhost/v3/nowhere/${number}`);
    expect(await list()).toMatchObject(
      [1, 2, 3].map((id) => ({ id, path: `/v3/nowhere/${id}`, verdict: "unknown-path" })),
    );
    expect(await list("?after=2")).toMatchObject([{ id: 3 }]);
    expect(await list("?after=3")).toEqual([]);
    const response = await fetch(`${url}/console/requests.json?after=x`);
    expect([response.status, await response.text()]).toEqual([400, "after is the id of a request, such as 12."]);
    await close();
  });
});

describe("/console/requests.har", () => {
  const ajv = new Ajv({
    strict: false,
    formats: { "date-time": true, uri: (text: string) => URL.canParse(text), ipv4: true, ipv6: true },
  });
  ajv.addMetaSchema(draft6);
  const { har: whole, ...parts } = har as Record<string, SchemaObject>;
  ajv.addSchema(Object.values(parts));

  test("is HAR 1.2, of what was on the wire", async () => {
    const { sandbox, url, send, close } = await openConsole();
    const wechatpay = createWeChatPayClient({ ...sandbox.credentials, baseUrl: url });
    await wechatpay.POST(TOKENS, { body: tokenRequest as never });
    await send("/v3/payroll-card/relations/o1?sub_mchid=1&a=%20", { headers: { "X-A": "1" } });
    sandbox.fail({ fault: "reset" });
    await fetch(`${url}/v3/certificates`).catch(() => {});
    sandbox.fail({ fault: "redirect" });
    await fetch(`${url}/v3/certificates`, { redirect: "manual" });
    const response = await fetch(`${url}/console/requests.har`);
    expect(response.headers.get("Content-Disposition")).toBe('attachment; filename="wechatpay-sandbox.har"');
    const archive = await response.json();
    expect([ajv.validate(whole as SchemaObject, archive), ajv.errors]).toEqual([true, null]);

    const [encrypted, read, reset, redirected] = archive.log.entries;
    expect(encrypted).toMatchObject({
      startedDateTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      request: { method: "POST", url: `${url}${TOKENS}`, postData: { mimeType: "application/json" } },
      response: { status: 200, statusText: "OK", content: { mimeType: "application/json; charset=utf-8" } },
    });
    expect(JSON.parse(encrypted.request.postData.text).user_name).toMatch(/^[\w+/]{342}==$/);
    expect(encrypted.response.content.size).toBe(Buffer.byteLength(encrypted.response.content.text));
    expect(encrypted.time).toBe(encrypted.timings.wait);
    expect(read.request).toMatchObject({
      queryString: [
        { name: "sub_mchid", value: "1" },
        { name: "a", value: " " },
      ],
      headers: expect.arrayContaining([{ name: "X-A", value: "1" }]),
      bodySize: 0,
    });
    expect(reset).toMatchObject({
      response: { status: 0, content: { size: 0 } },
      comment: expect.stringContaining("fault: reset"),
    });
    expect(redirected.response).toMatchObject({
      status: 302,
      redirectURL: "https://redirected.invalid/v3/certificates",
    });
    expect(JSON.stringify(archive)).not.toMatch(/PRIVATE KEY|signature=\\"[^"…]{13}/);
    expect(JSON.stringify(archive)).not.toContain(sandbox.credentials.apiV3Key);
    await close();
  });
});
