import { getEventListeners } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createWeChatPayClient, type Operations } from "wechatpay-openapi-fetch";
import { type HeldTimers, holdTimers } from "../support/timers.js";
import { createObservedClient, examples, options, PRE_ORDER, signedReply } from "../support/wechatpay.js";

const body = examples.request;
const operations: Operations = { "GET /v3/billdownload/file": { operationId: "downloadBill", response: "unsigned" } };

/** Long, and over when a test says so. */
const LIMIT = 12_345;
let timers: HeldTimers;
beforeEach(() => {
  timers = holdTimers((ms) => ms === LIMIT);
});
afterEach(() => timers.release());

/** A transport that is never done, and heeds its signal or not. */
const hanging =
  (heeds: boolean) =>
  ({ signal }: Request) =>
    new Promise<Response>((_, reject) => {
      if (heeds) signal.addEventListener("abort", () => reject(signal.reason));
    });

/** A body that begins and never ends. */
function stalled(): Response {
  return new Response(new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(8)) }), {
    headers: signedReply().headers,
  });
}

describe("an attempt ends after timeout ms", () => {
  test.each([
    ["without an answer", hanging(true)],
    ["in a transport that does not heed its signal", hanging(false)],
    ["in the middle of the body", stalled],
  ])("%s", async (_, reply) => {
    const { wechatpay, sent } = createObservedClient(reply, { timeout: LIMIT });
    const call = wechatpay.POST(PRE_ORDER, { body });
    call.catch(() => {});
    await expect.poll(() => sent.length).toBe(1);
    timers.elapse();
    await expect(call).rejects.toMatchObject({
      name: "TimeoutError",
      message: `POST ${PRE_ORDER} was not answered within ${LIMIT} ms. The write may have taken effect: query before you repeat it.`,
    });
  });

  test("each attempt has its own", async () => {
    const late = (request: Request) => {
      setImmediate(timers.elapse);
      return hanging(true)(request);
    };
    const { wechatpay, sent } = createObservedClient(late, { timeout: LIMIT, retry: { baseDelay: 0 } });
    const get = wechatpay as never as { GET(path: string): Promise<unknown> };
    await expect(get.GET("/v3/certificates")).rejects.toMatchObject({ name: "TimeoutError" });
    expect(sent).toHaveLength(3);
  });

  test("a download's body is covered as well, though nobody verifies it", async () => {
    const { wechatpay, sent } = createObservedClient(stalled, { timeout: LIMIT, operations });
    const get = wechatpay as never as { GET(path: string, init: object): Promise<{ data: ReadableStream }> };
    const text = get.GET("/v3/billdownload/file", { parseAs: "text" });
    text.catch(() => {});
    await expect.poll(() => sent.length).toBe(1);
    timers.elapse();
    await expect(text).rejects.toMatchObject({ name: "TimeoutError" });
    const { data } = await get.GET("/v3/billdownload/file", { parseAs: "stream" });
    const reader = data.getReader();
    expect((await reader.read()).value).toHaveLength(8);
    timers.elapse();
    await expect(reader.read()).rejects.toMatchObject({ name: "TimeoutError" });
  });

  test("false is no limit", async () => {
    const set = vi.spyOn(globalThis, "setTimeout");
    const { wechatpay } = createObservedClient(() => signedReply(), { timeout: false });
    await wechatpay.POST(PRE_ORDER, { body });
    expect(set).not.toHaveBeenCalled();
    set.mockRestore();
  });

  test.each([0, -1, Number.NaN, 2 ** 31, "10s", true])("%j is refused at construction", (timeout) => {
    expect(() => createObservedClient(() => signedReply(), { timeout: timeout as never })).toThrow(
      "timeout must be a number of ms",
    );
  });
});

describe("nothing is left when a call has ended", () => {
  test.each<[string, () => Response | Promise<Response>, boolean]>([
    ["well", () => signedReply(), true],
    ["with an error reply", () => signedReply({ status: 500, body: '{"code":"X","message":"y"}' }), true],
    ["with a failed verification", () => signedReply({ headers: { "Wechatpay-Nonce": "x" } }), false],
    ["with a lost connection", () => Promise.reject(new TypeError("fetch failed")), false],
    ["with a whole download", () => new Response("bill"), true],
  ])("%s: no timer, no listener", async (name, reply, resolves) => {
    const set = vi.spyOn(globalThis, "setTimeout");
    const cleared = vi.spyOn(globalThis, "clearTimeout");
    const controller = new AbortController();
    const { wechatpay } = createObservedClient(reply, { operations });
    const any = wechatpay as never as Record<string, (path: string, init: object) => Promise<unknown>>;
    const call = name.includes("download")
      ? any.GET?.("/v3/billdownload/file", { parseAs: "text", signal: controller.signal })
      : any.POST?.(PRE_ORDER, { body, signal: controller.signal });
    await (resolves ? expect(call).resolves.toBeDefined() : expect(call).rejects.toThrow());
    const timers = set.mock.results.map(({ value }) => value);
    expect(timers).toHaveLength(1);
    const ended = cleared.mock.calls.map(([timer]) => timer);
    for (const timer of timers) expect(ended).toContain(timer);
    set.mockRestore();
    cleared.mockRestore();
  });

  test.each([
    ["a time-out", () => timers.elapse(), "TimeoutError"],
    ["an abort", (controller: AbortController) => controller.abort(), "AbortError"],
  ])("%s closes the connection", async (_, end, name) => {
    let open = 0;
    const server = createServer((_request, reply) => {
      open++;
      reply.on("close", () => open--);
      reply.writeHead(200).write("{");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const wechatpay = createWeChatPayClient({ ...options, baseUrl, timeout: LIMIT });
    const controller = new AbortController();
    const { signal } = controller;
    const calls = Promise.allSettled(Array.from({ length: 5 }, () => wechatpay.POST(PRE_ORDER, { body, signal })));
    await expect.poll(() => open).toBe(5);
    end(controller);
    expect(await calls).toMatchObject(Array(5).fill({ status: "rejected", reason: { name } }));
    await expect.poll(() => open).toBe(0);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  test("a signal that lives for ever gathers no listeners", async () => {
    const { signal } = new AbortController();
    const { wechatpay } = createObservedClient(() => signedReply());
    for (let i = 0; i < 50; i++) await wechatpay.POST(PRE_ORDER, { body, signal });
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  test("a signal that was aborted before ends even a signer that is never done", async () => {
    const { privateKey: _, ...noKey } = options;
    const wechatpay = createWeChatPayClient({ ...noKey, signer: () => new Promise(() => {}), timeout: false });
    await expect(wechatpay.POST(PRE_ORDER, { body, signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: "AbortError",
    });
  });

  test("the caller's reason is the rejection, though a time-out was set", async () => {
    const { wechatpay } = createObservedClient(hanging(false), { timeout: LIMIT });
    const controller = new AbortController();
    const call = wechatpay.POST(PRE_ORDER, { body, signal: controller.signal });
    setTimeout(() => controller.abort(), 10);
    await expect(call).rejects.toMatchObject({ name: "AbortError" });
  });

  test("a download that is given up is cancelled", async () => {
    const cancelled = vi.fn();
    const source = () =>
      new Response(new ReadableStream({ pull: (c) => c.enqueue(new Uint8Array(1)), cancel: cancelled }));
    const { wechatpay } = createObservedClient(source, { operations });
    const get = wechatpay as never as { GET(path: string, init: object): Promise<{ data: ReadableStream }> };
    const { data } = await get.GET("/v3/billdownload/file", { parseAs: "stream" });
    await data.cancel("enough");
    await expect.poll(() => cancelled.mock.calls).toEqual([["enough"]]);
  });

  test("downloads that nobody reads end at their time-out, and leave no listener", async () => {
    const { signal } = new AbortController();
    const cancelled = vi.fn();
    const source = () => new Response(new ReadableStream({ cancel: cancelled }));
    const { wechatpay } = createObservedClient(source, { operations, timeout: LIMIT });
    const get = wechatpay as never as { GET(path: string, init: object): Promise<{ data: ReadableStream }> };
    const init = { parseAs: "stream", signal };
    const calls = await Promise.all(Array.from({ length: 15 }, () => get.GET("/v3/billdownload/file", init)));
    expect(getEventListeners(signal, "abort")).toEqual([]);
    timers.elapse();
    await expect.poll(() => cancelled.mock.calls.length).toBe(15);
    expect(getEventListeners(signal, "abort")).toEqual([]);
    await expect(calls[0]?.data.getReader().read()).rejects.toMatchObject({ name: "TimeoutError" });
  });

  test("200 downloads that nobody reads leave no listener, though they have no time-out", async () => {
    const { signal } = new AbortController();
    const source = () => new Response(new ReadableStream());
    const { wechatpay } = createObservedClient(source, { operations, timeout: false });
    const get = wechatpay as never as { GET(path: string, init: object): Promise<{ data: ReadableStream }> };
    const init = { parseAs: "stream", signal };
    await Promise.all(Array.from({ length: 200 }, () => get.GET("/v3/billdownload/file", init)));
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  test.each([
    ["before it is read", 0],
    ["while it is read", 1],
  ])("a download that is aborted %s ends with the caller's reason", async (_, chunks) => {
    const controller = new AbortController();
    const cancelled = vi.fn();
    const source = () =>
      new Response(new ReadableStream({ start: (into) => into.enqueue(new Uint8Array(8)), cancel: cancelled }));
    const { wechatpay } = createObservedClient(source, { operations, timeout: false });
    const get = wechatpay as never as { GET(path: string, init: object): Promise<{ data: ReadableStream }> };
    const { data } = await get.GET("/v3/billdownload/file", { parseAs: "stream", signal: controller.signal });
    const reader = data.getReader();
    for (let i = 0; i < chunks; i++) expect((await reader.read()).value).toHaveLength(8);
    const next = chunks > 0 ? reader.read() : undefined;
    controller.abort(new Error("the user left"));
    await expect(next ?? reader.read()).rejects.toThrow("the user left");
    expect(cancelled).toHaveBeenCalledWith(controller.signal.reason);
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  });

  test("a download holds no chunk once it was read", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const chunks: WeakRef<Uint8Array>[] = [];
    const pull = (into: ReadableStreamDefaultController) => {
      const chunk = new Uint8Array(2 ** 16);
      chunks.push(new WeakRef(chunk));
      into.enqueue(chunk);
    };
    const { wechatpay } = createObservedClient(() => new Response(new ReadableStream({ pull })), { operations });
    const get = wechatpay as never as { GET(path: string, init: object): Promise<{ data: ReadableStream }> };
    const { data } = await get.GET("/v3/billdownload/file", { parseAs: "stream" });
    const reader = data.getReader();
    for (let i = 0; i < 100; i++) await reader.read();
    await new Promise((resolve) => setTimeout(resolve));
    collect();
    expect(chunks.filter((chunk) => chunk.deref() !== undefined).length).toBeLessThan(10);
    await reader.cancel();
  });

  test("100 calls at once with one signal: Node.js warns of no leak, and an abort ends them all", async () => {
    const warn = vi.spyOn(process, "emitWarning");
    const controller = new AbortController();
    const { wechatpay } = createObservedClient(hanging(false));
    const init = { body, signal: controller.signal };
    const pending = Array.from({ length: 100 }, () =>
      wechatpay.POST(PRE_ORDER, init).catch((reason: unknown) => reason),
    );
    await expect.poll(() => getEventListeners(controller.signal, "abort").length).toBe(1);
    controller.abort(new Error("the user left"));
    expect(new Set(await Promise.all(pending))).toEqual(new Set([controller.signal.reason]));
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });

  test("a body that the transport has locked is an error of the call", async () => {
    const { signal } = new AbortController();
    const source = () => {
      const response = new Response("x");
      response.body?.getReader();
      return response;
    };
    const { wechatpay } = createObservedClient(source, { operations });
    const get = wechatpay as never as { GET(path: string, init: object): Promise<unknown> };
    const call = get.GET("/v3/billdownload/file", { parseAs: "stream", signal });
    await expect(call).rejects.toBeInstanceOf(TypeError);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });
});
