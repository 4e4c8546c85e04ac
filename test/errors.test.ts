import { describe, expect, test, vi } from "vitest";
import { ApiError, type Operations, outcomeOf, unwrap, type WeChatPayClientOptions } from "wechatpay-openapi-fetch";
import { createObservedClient, examples, PRE_ORDER, signedReply } from "./support/wechatpay.js";

const operations = {
  [`POST ${PRE_ORDER}`]: { operationId: "preOrderAuthentication", sensitive: { response: ["/token"] } },
  "GET /v3/x": { operationId: "getX" },
};
type Any = Record<"GET" | "POST", (path: string, init?: object) => Promise<never>>;

/** What a call rejected with, or what unwrap threw. */
async function errorOf(
  reply: () => Response | Promise<Response>,
  more: Partial<WeChatPayClientOptions> = {},
  init: object = {},
): Promise<unknown> {
  const { wechatpay } = createObservedClient(reply, { retry: false, ...more });
  const { POST } = wechatpay as never as Any;
  return POST(PRE_ORDER, { body: examples.request, ...init }).then(
    (result) => {
      try {
        return unwrap(result);
      } catch (error) {
        return error;
      }
    },
    (error: unknown) => error,
  );
}

const lost = (code: string) => () =>
  Promise.reject(new TypeError("fetch failed", { cause: Object.assign(new Error(code), { code }) }));
const answered = (status: number) => () => new Response('{"code":"SYSTEM_ERROR","message":"系统异常"}', { status });

const unsigned: Operations = { [`POST ${PRE_ORDER}`]: { operationId: "preOrderAuthentication", response: "unsigned" } };
const broken = () => new ReadableStream({ pull: (into) => into.error(new TypeError("terminated")) });

const leaving = new AbortController();
function abortAndHang(): Promise<Response> {
  leaving.abort();
  return new Promise(() => {});
}

describe("outcomeOf tells what became of a write", () => {
  test.each<[string, Parameters<typeof errorOf>]>([
    ["a connection that was lost", [lost("ECONNRESET")]],
    ["an error of the caller's own fetch", [() => Promise.reject(Object.freeze(new Error("mine")))]],
    ["an abort after it was sent", [abortAndHang, {}, { signal: leaving.signal }]],
    ["a response that cannot be trusted", [() => signedReply({ headers: { "Wechatpay-Nonce": "other" } })]],
    ["a redirect", [() => new Response(null, { status: 302 })]],
    ["a server's error", [answered(500)]],
    ["a gateway's error", [() => new Response("<html>", { status: 502 })]],
    ["a gateway's time-out", [() => new Response("<html>", { status: 408 })]],
    ["somebody's page, where nobody signs", [() => new Response("<html>"), { operations: unsigned }]],
    ["a body that breaks off, where nobody signs", [() => new Response(broken()), { operations: unsigned }]],
  ])("%s: unknown", async (_, given) => {
    const error = await errorOf(...given);
    expect(error).toBeInstanceOf(Error);
    expect(outcomeOf(error)).toBe("unknown");
  });

  test("a time-out: unknown", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const late = () => {
      vi.advanceTimersByTime(1_000);
      return new Promise<Response>(() => {});
    };
    const error = await errorOf(late, { timeout: 1_000 });
    vi.useRealTimers();
    expect(error).toMatchObject({ name: "TimeoutError" });
    expect(outcomeOf(error)).toBe("unknown");
  });

  test.each<[string, Parameters<typeof errorOf>]>([
    ["a response that is no JSON", [() => signedReply({ body: "<html>" })]],
    ["a response whose field cannot be decrypted", [() => signedReply({ body: '{"token":"AAAA"}' }), { operations }]],
  ])("%s: done", async (_, given) => {
    const error = await errorOf(...given);
    expect(error).toBeInstanceOf(Error);
    expect(outcomeOf(error)).toBe("done");
  });

  test.each<[string, Parameters<typeof errorOf>]>([
    ["a connection that was refused", [lost("ECONNREFUSED")]],
    ["a call that was aborted before", [() => signedReply(), {}, { signal: AbortSignal.abort() }]],
    ["a body that is none", [() => signedReply(), {}, { body: 5 }]],
    ["an error that the API decided", [answered(400)]],
    ["too many requests", [answered(429)]],
  ])("%s: nothing was done", async (_, given) => {
    const error = await errorOf(...given);
    expect(error).toBeInstanceOf(Error);
    expect(outcomeOf(error)).toBeUndefined();
  });

  test("a write that was repeated is unknown if any attempt may have arrived", async () => {
    const replies = [lost("ECONNRESET"), lost("ECONNREFUSED")];
    const transfer = { operationId: "transfer", idempotent: "/out_batch_no" };
    const { wechatpay } = createObservedClient(() => (replies.shift() as () => Promise<Response>)(), {
      operations: { "POST /v3/transfers": transfer },
      backupUrl: false,
      retry: { repeats: 1, baseDelay: 0 },
    });
    const call = (wechatpay as never as Any).POST("/v3/transfers", { body: { out_batch_no: "1" } });
    const error = await call.catch((reason: unknown) => reason);
    expect(String(error)).toContain("ECONNREFUSED");
    expect(String(error)).not.toContain("Nothing was sent");
    expect(outcomeOf(error)).toBe("unknown");
  });

  test.each([429, 400, 401])(
    "a write whose first attempt was lost is unknown, though the next was answered %i",
    async (status) => {
      const text = '{"code":"FREQUENCY_LIMITED","message":"请求过于频繁"}';
      const replies = [lost("ECONNRESET"), async () => new Response(text, { status })];
      const transfer = { operationId: "transfer", idempotent: "/out_batch_no" };
      const { wechatpay } = createObservedClient(() => (replies.shift() as () => Promise<Response>)(), {
        operations: { "POST /v3/transfers": transfer },
        retry: { repeats: 1, baseDelay: 0 },
      });
      const result = await (wechatpay as never as Any).POST("/v3/transfers", { body: { out_batch_no: "1" } });
      expect(outcomeOf((result as { error: unknown }).error)).toBe("unknown");
      expect(() => unwrap(result)).toThrow(expect.toSatisfy((error: unknown) => outcomeOf(error) === "unknown"));
    },
  );

  test("a signer that hangs: nothing was sent, and the message says so", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const signer = () => {
      vi.advanceTimersByTime(1_000);
      return new Promise<Uint8Array<ArrayBuffer>>(() => {});
    };
    const error = await errorOf(() => signedReply(), { timeout: 1_000, privateKey: undefined, signer });
    vi.useRealTimers();
    expect(error).toMatchObject({
      name: "TimeoutError",
      message: `POST ${PRE_ORDER} waited for its signer or for platform certificates, and was not sent within 1000 ms. Nothing was sent.`,
    });
    expect(outcomeOf(error)).toBeUndefined();
  });

  test("an abort whose reason is another server's refused connection does not hide that it was sent", async () => {
    const controller = new AbortController();
    const transport = ({ signal }: { signal: AbortSignal | undefined }) =>
      new Promise<never>((_, reject) => {
        signal?.addEventListener("abort", () => reject(signal.reason));
        controller.abort(Object.assign(new Error("another's"), { code: "ECONNREFUSED" }));
      });
    const error = await errorOf(() => signedReply(), { fetch: undefined, transport }, { signal: controller.signal });
    expect(error).toBe(controller.signal.reason);
    expect(outcomeOf(error)).toBe("unknown");
  });

  test("a query has no outcome; a reason of abort that is no object may be a write's", async () => {
    const { wechatpay } = createObservedClient(lost("ECONNRESET"), { retry: false });
    const error = await (wechatpay as never as Any).GET("/v3/x").catch((reason: unknown) => reason);
    expect(outcomeOf(error)).toBeUndefined();
    expect(outcomeOf("the user left")).toBe("unknown");
  });

  test("EncryptionError and VerificationError have it as a property too", async () => {
    const undecrypted = await errorOf(() => signedReply({ body: '{"token":"AAAA"}' }), { operations });
    expect(undecrypted).toMatchObject({ name: "EncryptionError", reason: "decrypt-failed", outcome: "done" });
    const unverified = await errorOf(() => signedReply({ headers: { "Wechatpay-Nonce": "other" } }));
    expect(unverified).toMatchObject({ name: "VerificationError", outcome: "unknown" });
  });
});

describe("ApiError.verified", () => {
  const text = '{"code":"PARAM_ERROR","message":"参数错误"}';

  test("whether WeChat Pay's signature covers the error", async () => {
    const signed = await errorOf(() => signedReply({ status: 400, body: text }));
    expect(signed).toBeInstanceOf(ApiError);
    expect(signed).toMatchObject({ code: "PARAM_ERROR", verified: true });
    const unsigned = await errorOf(() => new Response(text, { status: 400 }));
    expect(unsigned).toMatchObject({ code: "PARAM_ERROR", verified: false });
  });

  test("an unsigned error with Wechatpay-* headers of an unknown serial is not", async () => {
    const headers = { "Wechatpay-Serial": "PUB_KEY_ID_0000000000000000000000000000000" };
    const forged = await errorOf(() => signedReply({ status: 404, body: text, headers }));
    expect(forged).toMatchObject({ name: "ApiError", verified: false });
  });

  test("a result that is not ours is not", () => {
    const response = new Response(null, { status: 400 });
    expect(() => unwrap({ error: { code: "X", message: "y" }, response })).toThrow(
      expect.objectContaining({ verified: false }),
    );
  });
});

describe("a network error names the operation and the server", () => {
  test.each([
    ["ECONNRESET", "The write may have taken effect: query before you repeat it."],
    ["ECONNREFUSED", "Nothing was sent."],
  ])("%s: %s", async (code, advice) => {
    const error = await errorOf(lost(code), { backupUrl: false });
    const what = `POST ${PRE_ORDER} got no whole response from api.mch.weixin.qq.com (${code})`;
    expect(error).toEqual(new TypeError(`fetch failed: ${what}. ${advice}`));
    expect(error).toMatchObject({ cause: { code } });
  });

  test.each(["a fetch of one's own", "the platform's"])(
    "by %s, a message of more than 16 MiB is no lost connection: a query is not repeated",
    async (by) => {
      const reply = () => signedReply({ body: " ".repeat(2 ** 24 + 1) });
      const fetch = vi.spyOn(globalThis, "fetch").mockImplementation(async () => reply());
      const { wechatpay, sent } = createObservedClient(reply, by.startsWith("a ") ? {} : { fetch: undefined });
      await expect((wechatpay as never as Any).GET("/v3/x")).rejects.toThrow(/^A message has more than 16777216 bytes/);
      expect(sent.length + fetch.mock.calls.length).toBe(1);
      fetch.mockRestore();
    },
  );

  test("a download that breaks off names its operation and server", async () => {
    const broken = new TypeError("terminated", { cause: new Error("other side closed") });
    const source = () => new Response(new ReadableStream({ pull: (into) => into.error(broken) }));
    const { wechatpay } = createObservedClient(source, {
      operations: { "GET /v3/bill": { operationId: "downloadBill", response: "unsigned" } },
    });
    const call = (wechatpay as never as Any).GET("/v3/bill", { parseAs: "text" });
    const what = "GET /v3/bill got no whole response from api.mch.weixin.qq.com (other side closed)";
    await expect(call).rejects.toEqual(new TypeError(`terminated: ${what}.`));
  });
});
