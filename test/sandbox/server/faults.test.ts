import { type ClientRequest, request as httpRequest } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { createSandbox, type Fault, type FaultOptions } from "wechatpay-openapi-fetch/sandbox";
import { holdTimers } from "../../support/timers.js";
import { freshRequest, PRE_ORDER } from "../../support/wechatpay.js";
import { isSigned, isVerified, ORIGIN, signedHeaders } from "../signed.js";

const sandbox = await createSandbox();
const { credentials } = sandbox;
const [platformKey = ""] = Object.values(credentials.platformKeys);
const { url, close } = await sandbox.listen();
afterAll(close);

type Init = RequestInit & { body?: string };
type Call = (init?: Init & { path?: string }) => Promise<Response>;

/** A signed pre-order, another one each time: in process, and over HTTP by Node's own fetch. */
const transports: [string, Call][] = [
  ["in process", ({ path = PRE_ORDER, ...init } = {}) => sandbox.fetch(ORIGIN + path, signed(path, init))],
  ["over HTTP", ({ path = PRE_ORDER, ...init } = {}) => fetch(url + path, signed(path, init))],
];

function signed(target: string, init: Init): Init {
  const { method = "POST", body = method === "GET" ? "" : JSON.stringify(freshRequest()) } = init;
  const headers = signedHeaders(credentials, { method, target, body });
  return { method, headers, ...(body && { body }), ...init };
}

const lastRequest = () => sandbox.requests.at(-1);

/** The sandbox's timers; fetch has its own. */
const timers = holdTimers((ms) => ms !== undefined && Boolean(new Error().stack?.includes("/src/sandbox/")));
afterEach(() => {
  expect(timers.size).toBe(0);
});

let before: number;
beforeEach(() => {
  before = sandbox.requests.length;
});

describe.each(transports)("%s", (name, call) => {
  test("there is none unless it is asked for", async () => {
    const reply = await call();
    expect([reply.status, await isVerified(reply, platformKey)]).toEqual([200, true]);
    expect(lastRequest()).not.toHaveProperty("fault");
  });

  const inPlace: [Fault, number, string, (reply: Response) => unknown, unknown][] = [
    [
      "system-error",
      500,
      "accepted",
      (reply) => reply.json(),
      { code: "SYSTEM_ERROR", message: "系统繁忙，请稍后重试" },
    ],
    ["rate-limited", 429, "fault", (reply) => reply.json(), { code: "FREQUENCY_LIMITED", message: "频率超限" }],
    ["bad-gateway", 502, "fault", (reply) => reply.text(), expect.stringMatching(/^<html>.+502 Bad Gateway.+nginx/s)],
    ["redirect", 302, "fault", (reply) => reply.text(), ""],
  ];
  test.each(inPlace)("%s: unsigned %i", async (fault, status, verdict, read, expected) => {
    sandbox.fail({ fault });
    const request = freshRequest();
    const reply = await call({ redirect: "manual", body: JSON.stringify(request) });
    expect([reply.status, isSigned(reply)]).toEqual([status, false]);
    expect(await read(reply)).toEqual(expected);
    expect(lastRequest()).toMatchObject({ fault, status, verdict, body: request });
  });

  test("rate-limited says when to come again", async () => {
    sandbox.fail({ fault: "rate-limited" });
    sandbox.fail({ fault: "rate-limited", retryAfter: 120 });
    const replies = [await call(), await call()];
    expect(replies.map(({ headers }) => headers.get("Retry-After"))).toEqual(["1", "120"]);
  });

  test("bad-gateway is HTML", async () => {
    sandbox.fail({ fault: "bad-gateway" });
    expect((await call()).headers.get("Content-Type")).toBe("text/html");
  });

  test("redirect leads to another host, which nobody should follow", async () => {
    sandbox.fail({ fault: "redirect", times: 3 });
    const { headers } = await call({ redirect: "manual" });
    expect(headers.get("Location")).toBe(`https://redirected.invalid${PRE_ORDER}`);
    await expect(call({ redirect: "error" })).rejects.toMatchObject({
      name: "TypeError",
      message: "fetch failed",
      cause: { message: "unexpected redirect" },
    });
    await expect(call({ redirect: "follow" })).rejects.toMatchObject({ name: "TypeError", message: "fetch failed" });
  });

  test.each<[Fault, boolean, (reply: Response) => unknown, unknown]>([
    ["unsigned", false, isSigned, false],
    [
      "bad-signature",
      false,
      ({ headers }) => headers.get("Wechatpay-Signature"),
      expect.stringMatching(/^[\w+/]{342}==$/),
    ],
    [
      "signature-probe",
      false,
      ({ headers }) => headers.get("Wechatpay-Signature"),
      expect.stringMatching(/^WECHATPAY\/SIGNTEST\/[\w+/]{334}==$/),
    ],
    ["unknown-serial", true, ({ headers }) => headers.get("Wechatpay-Serial"), expect.stringMatching(/^[\dA-F]{40}$/)],
    [
      "clock-skew",
      true,
      // Ten minutes, and what the test took.
      ({ headers }) => Math.floor((Date.now() / 1000 - Number(headers.get("Wechatpay-Timestamp"))) / 300),
      2,
    ],
    [
      "tampered-body",
      false,
      (reply) => reply.json(),
      expect.objectContaining({ expires_in: 300, token: expect.any(String) }),
    ],
  ])("%s: a good reply, and yet", async (fault, verifies, look, expected) => {
    sandbox.fail({ fault });
    const request = freshRequest();
    const reply = await call({ body: JSON.stringify(request) });
    expect([reply.status, await isVerified(reply, platformKey)]).toEqual([200, verifies]);
    expect(await look(reply.clone())).toEqual(expected);
    expect((await reply.json()).authenticate_number === request.authenticate_number).toBe(fault !== "tampered-body");
    expect(lastRequest()).toMatchObject({ fault, status: 200, verdict: "accepted" });
  });

  test("truncated-body: the connection is lost in the middle of the body", async () => {
    sandbox.fail({ fault: "truncated-body" });
    const reply = await call();
    expect([reply.status, isSigned(reply)]).toEqual([200, true]);
    const chunks: Uint8Array[] = [];
    const reading = (async () => {
      for await (const chunk of reply.body as never as AsyncIterable<Uint8Array>) chunks.push(chunk);
    })();
    await expect(reading).rejects.toMatchObject({ name: "TypeError", message: "terminated" });
    const length = Number(reply.headers.get("Content-Length"));
    expect(Buffer.concat(chunks).length).toBe(Math.ceil(length / 2));
    expect(lastRequest()).toMatchObject({ fault: "truncated-body", status: 200, verdict: "accepted" });
  });

  test("reset: after the operation, no answer", async () => {
    sandbox.fail({ fault: "reset" });
    const error = await call().catch((error) => error);
    expect(error).toMatchObject({ name: "TypeError", message: "fetch failed", cause: { code: "ECONNRESET" } });
    expect(sandbox.requests.slice(before)).toMatchObject([{ fault: "reset", status: 200, verdict: "accepted" }]);
  });

  test("refused: nothing arrives", async () => {
    sandbox.fail({ fault: "refused" });
    const code = name === "in process" ? "ECONNREFUSED" : expect.stringMatching(/^(UND_ERR_SOCKET|ECONNRESET)$/);
    const error = await call().catch((error) => error);
    expect(error).toMatchObject({ name: "TypeError", message: "fetch failed", cause: { code } });
    expect(sandbox.requests).toHaveLength(before);
  });

  test("hang: the caller gives up, and the operation was carried out", async () => {
    sandbox.fail({ fault: "hang" });
    const controller = new AbortController();
    const reason = new Error("enough");
    const reply = call({ signal: controller.signal });
    await expect.poll(() => sandbox.requests.length).toBe(before + 1);
    expect(await Promise.race([reply, sleep(100, "nothing yet")])).toBe("nothing yet");
    controller.abort(reason);
    await expect(reply).rejects.toBe(reason);
    expect(sandbox.requests.slice(before)).toMatchObject([{ fault: "hang", verdict: "accepted" }]);
  });

  test("slow-body: the headers at once, then the body byte by byte, until the caller gives up", async () => {
    sandbox.fail({ fault: "slow-body" });
    const controller = new AbortController();
    const reason = new Error("enough");
    const reply = await call({ signal: controller.signal });
    expect([reply.status, isSigned(reply)]).toEqual([200, true]);
    const reader = (reply.body as ReadableStream<Uint8Array>).getReader();
    const first = reader.read();
    await expect.poll(() => timers.size).toBe(1);
    timers.elapse();
    expect(Buffer.from((await first).value ?? []).toString()).toBe("{");
    const next = reader.read();
    await expect.poll(() => timers.size).toBe(1);
    controller.abort(reason);
    await expect(next).rejects.toBe(reason);
    await expect.poll(() => timers.size).toBe(0);
  });

  test("slow-body: cancelling the body ends it", async () => {
    sandbox.fail({ fault: "slow-body" });
    const reply = await call();
    const reader = (reply.body as ReadableStream<Uint8Array>).getReader();
    const first = reader.read();
    await expect.poll(() => timers.size).toBe(1);
    timers.elapse();
    await first;
    reader.read().catch(() => {});
    await expect.poll(() => timers.size).toBe(1);
    await reader.cancel();
    await expect.poll(() => timers.size).toBe(0);
  });

  test("a reply without a body cannot be cut: it is lost, or never comes", async () => {
    for (const fault of ["truncated-body", "slow-body"] as const) sandbox.fail({ fault });
    await expect(call({ path: "/v3/nowhere" })).rejects.toMatchObject({ cause: { code: "ECONNRESET" } });
    const controller = new AbortController();
    const late = call({ path: "/v3/nowhere", signal: controller.signal });
    await expect.poll(() => sandbox.requests.length).toBe(before + 2);
    controller.abort();
    await expect(late).rejects.toMatchObject({ name: "AbortError" });
    expect(sandbox.requests.slice(before)).toMatchObject([{ status: 404 }, { status: 404, fault: "slow-body" }]);
  });

  test("befalls a request that the sandbox refuses, too", async () => {
    sandbox.fail({ fault: "system-error" });
    sandbox.fail({ fault: "bad-signature" });
    const stranger = { headers: signedHeaders(credentials, { mchid: "1" }) };
    expect((await call(stranger)).status).toBe(500);
    const reply = await call(stranger);
    expect([reply.status, isSigned(reply)]).toEqual([401, false]);
    expect(sandbox.requests.slice(before)).toMatchObject([
      { verdict: "unknown-mchid", status: 500 },
      { verdict: "unknown-mchid", status: 401, fault: "bad-signature" },
    ]);
  });

  test("faults come in their order, as often as was said, to the operation that was said", async () => {
    sandbox.fail({ fault: "system-error", times: 2 });
    sandbox.fail({ fault: "rate-limited", operation: "listCertificates" });
    sandbox.fail({ fault: "bad-gateway", operation: "preOrderAuthentication" });
    const statuses: number[] = [];
    for (const [method, path] of [
      ["POST", "/v3/nowhere"],
      ["POST", PRE_ORDER],
      ["POST", PRE_ORDER],
      ["POST", PRE_ORDER],
      ["GET", "/v3/certificates"],
      ["GET", "/v3/certificates"],
    ] as const) {
      statuses.push((await call({ method, path })).status);
    }
    expect(statuses).toEqual([500, 500, 502, 200, 429, 200]);
  });

  test("for ever, until it is taken back", async () => {
    const mend = sandbox.fail({ fault: "rate-limited", times: Number.POSITIVE_INFINITY });
    for (let i = 0; i < 5; i++) expect((await call()).status).toBe(429);
    mend();
    expect((await call()).status).toBe(200);
    mend();
  });
});

describe("a fault is refused", () => {
  test.each<[string, object, string]>([
    ["that there is not", { fault: "hung" }, 'fault must be one of system-error, rate-limited, .+; given: "hung"'],
    ["of no operation", { fault: "reset", operation: "preorder" }, 'preOrderAuthentication.*; given: "preorder"'],
    [
      "with a header in its pause",
      { fault: "rate-limited", retryAfter: "1\nX: y" },
      "retryAfter must be a whole number of seconds",
    ],
    [
      "with a header in its pause",
      { fault: "rate-limited", retryAfter: "1\nX: y" },
      "retryAfter must be a whole number",
    ],
    ["zero times", { fault: "reset", times: 0 }, "times must be a whole number above 0, or Infinity; given: 0"],
    ["one and a half times", { fault: "reset", times: 1.5 }, "given: 1.5"],
    ["who knows how often", { fault: "reset", times: Number.NaN }, "given: NaN"],
  ])("%s", async (_, options, message) => {
    expect(() => sandbox.fail(options as FaultOptions)).toThrow(new RegExp(message));
    expect((await transports[0]?.[1]())?.status).toBe(200);
  });
});

test("a body that has no text to change is tampered with as well", async () => {
  const content = { "application/json": { example: [1, 2] } };
  const own = await createSandbox({
    openapi: {
      paths: {
        "/list": { get: { responses: { 200: { content } } } },
        "/none": { get: { responses: { 204: {} } } },
      },
    },
  });
  const [key = ""] = Object.values(own.credentials.platformKeys);
  own.fail({ fault: "tampered-body", times: 2 });
  for (const [target, status] of [
    ["/list", 200],
    ["/none", 204],
  ] as const) {
    const reply = await own.fetch(ORIGIN + target, {
      headers: signedHeaders(own.credentials, { method: "GET", target }),
    });
    expect([reply.status, isSigned(reply), await isVerified(reply, key)]).toEqual([status, true, false]);
  }
});

describe("what hangs in process", () => {
  test("ends also if nobody but the caller's controller holds anything of it", async () => {
    setFlagsFromString("--expose-gc");
    const collectGarbage = runInNewContext("gc");
    sandbox.fail({ fault: "hang" });
    sandbox.fail({ fault: "slow-body" });
    const controller = new AbortController();
    const { signal } = controller;
    const call = () => sandbox.fetch(new Request(ORIGIN + PRE_ORDER, { ...signed(PRE_ORDER, {}), signal }));
    const reason = new Error("enough");
    const hung = expect(call()).rejects.toBe(reason);
    const slow = expect(call().then((reply) => reply.text())).rejects.toBe(reason);
    for (let i = 0; i < 3; i++) {
      await sleep(30);
      collectGarbage();
    }
    controller.abort(reason);
    await Promise.all([hung, slow]);
  });

  test("leaves no timer, while it hangs or after", async () => {
    sandbox.fail({ fault: "hang" });
    const controller = new AbortController();
    const hung = sandbox.fetch(ORIGIN + PRE_ORDER, { ...signed(PRE_ORDER, {}), signal: controller.signal });
    hung.catch(() => {});
    await expect.poll(() => sandbox.requests.length).toBe(before + 1);
    await sleep(10);
    expect(timers.size).toBe(0);
    controller.abort();
    await expect(hung).rejects.toMatchObject({ name: "AbortError" });
    expect(timers.size).toBe(0);
  });

  test("an abort while the operation is carried out is not answered", async () => {
    const controller = new AbortController();
    const reply = sandbox.fetch(ORIGIN + PRE_ORDER, { ...signed(PRE_ORDER, {}), signal: controller.signal });
    controller.abort();
    await expect(reply).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("what hangs over HTTP", () => {
  async function open(to: string): Promise<{ outgoing: ClientRequest; ended: Promise<unknown> }> {
    const { method, headers, body } = signed(PRE_ORDER, {});
    const outgoing = httpRequest(to + PRE_ORDER, { method, headers: headers as never, agent: false });
    const ended = new Promise((resolve) => {
      outgoing.on("error", resolve).on("response", (incoming) => incoming.on("error", resolve).resume());
    });
    outgoing.end(body);
    await expect.poll(() => sandbox.requests.length).toBe(before + 1);
    await sleep(20);
    return { outgoing, ended };
  }

  test.each<Fault>(["hang", "slow-body"])("%s ends with close()", async (fault) => {
    const listening = await sandbox.listen();
    sandbox.fail({ fault });
    const { ended } = await open(listening.url);
    await listening.close();
    expect(await ended).toMatchObject({ code: "ECONNRESET" });
    await expect.poll(() => timers.size).toBe(0);
  });

  test.each<Fault>(["hang", "slow-body"])("%s leaves nothing when the client goes away", async (fault) => {
    const listening = await sandbox.listen();
    sandbox.fail({ fault });
    const { outgoing } = await open(listening.url);
    outgoing.destroy();
    await expect.poll(() => timers.size).toBe(0);
    await listening.close();
  });
});
