import { expect, test, vi } from "vitest";
import { createWeChatPayClient, type Transport, type WireRequest } from "wechatpay-openapi-fetch";
import { createSandbox } from "wechatpay-openapi-fetch/sandbox";
import { freshRequest, PRE_ORDER } from "../support/wechatpay.js";

const sandbox = await createSandbox();

/** What the sandbox answers, as a transport gives it. */
async function answered({ url, body, method, headers }: WireRequest) {
  const init = { method, headers, ...(body.length > 0 && { body }) };
  const response = await sandbox.fetch(new Request(url, init));
  return { status: response.status, headers: response.headers, body: new Uint8Array(await response.arrayBuffer()) };
}

function callWith(transport: Transport) {
  const wechatpay = createWeChatPayClient({ ...sandbox.credentials, transport, retry: { baseDelay: 0 } });
  return wechatpay.POST(PRE_ORDER, { body: freshRequest() });
}

test("a transport is given plain data, and what it gives is verified", async () => {
  const transport = vi.fn(answered);
  const { data } = await callWith(transport);
  expect(data?.expires_in).toBe(300);
  expect(transport).toHaveBeenCalledExactlyOnceWith({
    method: "POST",
    url: `https://api.mch.weixin.qq.com${PRE_ORDER}`,
    headers: expect.objectContaining({ authorization: expect.stringMatching(/^WECHATPAY2-SHA256-RSA2048 /) }),
    body: expect.any(Uint8Array),
    signal: expect.any(AbortSignal),
    streamed: false,
  });
  const changed = async (request: WireRequest) => ({ ...(await answered(request)), body: new Uint8Array([123, 125]) });
  await expect(callWith(changed)).rejects.toMatchObject({ reason: "mismatch", outcome: "unknown" });
});

test.each<[string, (answer: Awaited<ReturnType<typeof answered>>) => unknown]>([
  ["headers as an object", (answer) => ({ ...answer, headers: Object.fromEntries(answer.headers) })],
  ["headers as pairs", (answer) => ({ ...answer, headers: [...answer.headers] })],
  ["a Response, whose properties are no own ones", ({ body, ...init }) => new Response(body, init)],
  ["a stream", (answer) => ({ ...answer, body: new Response(answer.body).body })],
])("%s will do", async (_, give) => {
  const { data } = await callWith(async (request) => give(await answered(request)) as never);
  expect(data?.expires_in).toBe(300);
});

const wanted = "transport must be a function that resolves to { status, headers, body }";
test.each<[string, unknown, string]>([
  ["nothing", undefined, "transport must be a function that resolves to { status, headers, body }; given: undefined."],
  ["a text as its body", { status: 200, headers: {}, body: "{}" }, wanted],
  ["no body", { status: 200, headers: {} }, wanted],
  ["a status that is no number", { status: "200", headers: {}, body: null }, "no status of HTTP"],
  ["a status that changes when it is read", { status: { valueOf: () => 200 }, headers: {}, body: null }, "no status"],
  ["a redirect that it does not call one", { status: 302, headers: {}, body: null }, "a redirect, not followed"],
  ["an unsigned body", { status: 200, headers: {}, body: new Uint8Array([123, 125]) }, "cannot be trusted"],
])("what never becomes data: %s", async (_, answer, message) => {
  await expect(callWith(async () => answer as never)).rejects.toThrow(message);
});

test("what a transport throws at once is lost on the way as well: a query is repeated", async () => {
  let calls = 0;
  const transport: Transport = (request) => {
    if (calls++ === 0) throw new TypeError("no");
    return answered(request);
  };
  const wechatpay = createWeChatPayClient({ ...sandbox.credentials, transport, retry: { baseDelay: 0 } });
  const { response } = await wechatpay.GET("/v3/certificates");
  expect([response.status, calls]).toEqual([200, 2]);
});

test("what Workers say of a lost connection is a TypeError, by a fetch that was given too", async () => {
  const cause = new Error("Network connection lost.");
  const wechatpay = createWeChatPayClient({ ...sandbox.credentials, retry: false, fetch: () => Promise.reject(cause) });
  const error = await wechatpay.POST(PRE_ORDER, { body: freshRequest() }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(TypeError);
  expect(error).toMatchObject({ message: expect.stringContaining(`POST ${PRE_ORDER} got no whole response`), cause });
});

test("on Deno, whose fetch sends again what a kept connection lost, each write has connections of its own", async () => {
  const close = vi.fn();
  const client = { close };
  vi.stubGlobal("Deno", { createHttpClient: () => client });
  const fetch = vi.fn((url: string, init: RequestInit) => sandbox.fetch(url, init));
  vi.stubGlobal("fetch", fetch);
  const wechatpay = createWeChatPayClient({ ...sandbox.credentials, retry: false });
  await wechatpay.POST(PRE_ORDER, { body: freshRequest() });
  expect(fetch).toHaveBeenLastCalledWith(expect.any(String), expect.objectContaining({ client }));
  expect(close).toHaveBeenCalledOnce();
  fetch.mockRejectedValueOnce(new TypeError("fetch failed"));
  await expect(wechatpay.POST(PRE_ORDER, { body: freshRequest() })).rejects.toThrow("fetch failed");
  expect(close).toHaveBeenCalledTimes(2);
  const query = { sub_mchid: "1111111", sub_appid: "wxa1111111" };
  await wechatpay.v3.payrollCard.relations._openid_.get({ params: { path: { openid: "o" }, query } });
  expect(fetch).toHaveBeenLastCalledWith(expect.any(String), expect.not.objectContaining({ client }));
  vi.unstubAllGlobals();
});
