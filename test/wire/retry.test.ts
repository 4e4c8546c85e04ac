import { describe, expect, test, vi } from "vitest";
import {
  type Attempt,
  createWeChatPayClient,
  type Operations,
  unwrap,
  type WeChatPayClientOptions,
} from "wechatpay-openapi-fetch";
import { createObservedClient, examples, NOW, options, PRE_ORDER, signedReply } from "../support/wechatpay.js";

const operations: Operations = {
  "POST /v3/transfers": { operationId: "transfer", idempotent: "/out_batch_no" },
  [`POST ${PRE_ORDER}`]: { operationId: "preOrderAuthentication" },
};
/** Quick enough for a test, and otherwise the default. */
const retry = { baseDelay: 1, maxDelay: 2000 };

type Reply = () => Response | Promise<Response>;
type AnyClient = Record<
  string,
  (path: string, init?: object) => Promise<{ data?: unknown; error?: { code: string }; response: Response }>
>;

const good: Reply = () => signedReply();
const status =
  (code: number, headers = {}) =>
  () =>
    new Response('{"code":"SYSTEM_ERROR","message":"系统繁忙"}', { status: code, headers });
const failure = (code: string) => () =>
  Promise.reject(new TypeError("fetch failed", { cause: Object.assign(new Error(code), { code }) }));
const refused = failure("ECONNREFUSED");
const reset = failure("ECONNRESET");
const probe: Reply = () => signedReply({ headers: { "Wechatpay-Signature": `WECHATPAY/SIGNTEST/${"A".repeat(336)}` } });

/** A client that gets these replies in turn, the last one for ever, and what it sent. */
function clientOf(replies: Reply[], more: Partial<WeChatPayClientOptions> = {}) {
  let count = 0;
  const observed = createObservedClient(() => (replies[Math.min(count++, replies.length - 1)] as Reply)(), {
    operations,
    retry,
    ...more,
  });
  return { client: observed.wechatpay as never as AnyClient, sent: observed.sent };
}

const calls = {
  query: (client: AnyClient) => client.GET?.("/v3/certificates"),
  "idempotent write": (client: AnyClient) => client.POST?.("/v3/transfers", { body: { out_batch_no: "1" } }),
  "plain write": (client: AnyClient) => client.POST?.(PRE_ORDER, { body: examples.request }),
};
const SAFE = ["query", "idempotent write"] as const;

describe.each(SAFE)("a %s is repeated", (name) => {
  test.each<[string, Reply[]]>([
    ["500", [status(500), good]],
    ["502", [status(502), good]],
    ["503", [status(503), good]],
    ["429", [status(429), good]],
    ["a connection that was reset", [reset, good]],
    ["two failures", [status(500), reset, good]],
    [
      "a body that breaks off",
      [() => new Response(new ReadableStream({ start: (c) => c.error(new TypeError("terminated")) })), good],
    ],
  ])("after %s", async (_, replies) => {
    const { client, sent } = clientOf(replies);
    expect((await calls[name](client))?.data).toEqual(examples.response);
    expect(sent).toHaveLength(replies.length);
  });

  test("twice at most, and the last reply is the answer", async () => {
    const { client, sent } = clientOf([status(500)]);
    expect((await calls[name](client))?.response.status).toBe(500);
    expect(sent).toHaveLength(3);
  });

  test.each([400, 401, 403, 404])("but not after %i", async (code) => {
    const { client, sent } = clientOf([status(code)]);
    expect((await calls[name](client))?.response.status).toBe(code);
    expect(sent).toHaveLength(1);
  });

  test("but not with retry: false", async () => {
    const { client, sent } = clientOf([status(500)], { retry: false });
    await calls[name](client);
    expect(sent).toHaveLength(1);
  });
});

describe("a plain write is sent once", () => {
  test.each<[string, Reply]>([
    ["500", status(500)],
    ["429", status(429)],
  ])("after %s", async (_, reply) => {
    const { client, sent } = clientOf([reply]);
    expect((await calls["plain write"](client))?.error?.code).toBe("SYSTEM_ERROR");
    expect(sent).toHaveLength(1);
  });

  test("after a connection that was reset", async () => {
    const { client, sent } = clientOf([reset]);
    await expect(calls["plain write"](client)).rejects.toMatchObject({
      name: "TypeError",
      message: expect.stringMatching(/^fetch failed: /),
    });
    expect(sent).toHaveLength(1);
  });
});

test.each([{}, { out_batch_no: "" }, { out_batch_no: null }, undefined])(
  "an idempotent write without its number (%j) is sent once",
  async (body) => {
    const { client, sent } = clientOf([status(500)]);
    await client.POST?.("/v3/transfers", { body });
    expect(sent).toHaveLength(1);
  },
);

test("each attempt has a nonce and a signature of its own, and the same bytes", async () => {
  const { client, sent } = clientOf([status(500), status(500), good]);
  await calls["idempotent write"](client);
  expect(new Set(sent.map(({ headers }) => headers.get("Authorization"))).size).toBe(3);
  expect(new Set(await Promise.all(sent.map((request) => request.text())))).toEqual(new Set(['{"out_batch_no":"1"}']));
});

describe("a reply that fails verification", () => {
  test("is asked for once more where it was a query's, which cures a signature probe", async () => {
    const { client, sent } = clientOf([probe, good]);
    expect((await calls.query(client))?.data).toEqual(examples.response);
    expect(sent).toHaveLength(2);
  });

  test("and once only", async () => {
    const { client, sent } = clientOf([probe]);
    await expect(calls.query(client)).rejects.toMatchObject({ reason: "not-base64", outcome: undefined });
    expect(sent).toHaveLength(2);
  });

  test.each(["idempotent write", "plain write"] as const)("leaves a %s with an unknown outcome", async (name) => {
    const { client, sent } = clientOf([probe, good]);
    await expect(calls[name](client)).rejects.toMatchObject({ reason: "not-base64", outcome: "unknown" });
    expect(sent).toHaveLength(1);
  });
});

describe("the pause", () => {
  const pauses = async (replies: Reply[], more = {}) => {
    // The pauses are the only timers.
    const timers = vi
      .spyOn(globalThis, "setTimeout")
      .mockImplementation(((run: () => void) => setImmediate(run)) as never);
    const { client, sent } = clientOf(replies, { timeout: false, ...more });
    await calls.query(client);
    const found = timers.mock.calls.map(([, ms]) => ms ?? 0);
    timers.mockRestore();
    return { found, sent };
  };

  test("is random up to a limit that doubles", async () => {
    const random = vi.spyOn(Math, "random").mockReturnValue(0.999);
    const { found } = await pauses([status(500)], { retry: { repeats: 4, baseDelay: 10, maxDelay: 30 } });
    expect(found.map(Math.round)).toEqual([10, 20, 30, 30]);
    random.mockReturnValue(0);
    expect((await pauses([status(500)], { retry: { repeats: 2, baseDelay: 10 } })).found).toEqual([0, 0]);
    random.mockRestore();
  });

  test("is as long as Retry-After asks, in seconds or by date", async () => {
    expect((await pauses([status(429, { "Retry-After": "1" }), good])).found).toEqual([1000]);
    vi.useFakeTimers({ now: NOW, toFake: ["Date"] });
    const date = new Date(NOW + 2000).toUTCString();
    const { found } = await pauses([status(503, { "Retry-After": date }), good]);
    vi.useRealTimers();
    expect(found).toEqual([2000]);
  });

  test("is none where Retry-After asks for more than maxDelay: the reply is the answer", async () => {
    const { found, sent } = await pauses([status(429, { "Retry-After": "3600" }), good]);
    expect(found).toEqual([]);
    expect(sent).toHaveLength(1);
  });

  test("ends with the caller's signal", async () => {
    const { client, sent } = clientOf([status(500)], { retry: { baseDelay: 60_000, maxDelay: 60_000 } });
    vi.spyOn(Math, "random").mockReturnValueOnce(0.9);
    const controller = new AbortController();
    const call = client.GET?.("/v3/certificates", { signal: controller.signal });
    call?.catch(() => {});
    await expect.poll(() => sent.length).toBe(1);
    controller.abort(new Error("enough"));
    await expect(call).rejects.toThrow("enough");
    expect(sent).toHaveLength(1);
  });
});

test("a client has a budget: a server that is down is not asked three times as often", async () => {
  const { client, sent } = clientOf([status(503)], { retry: { baseDelay: 0 } });
  for (let i = 0; i < 100; i++) await calls.query(client);
  expect(sent.length).toBe(200);
});

describe("backupUrl", () => {
  const hosts = (sent: Request[]) => sent.map(({ url }) => new URL(url).host);
  const [MAIN, BACKUP] = ["api.mch.weixin.qq.com", "api2.mch.weixin.qq.com"];

  test.each(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"])(
    "takes even a plain write where the connection was never made (%s)",
    async (code) => {
      const { client, sent } = clientOf([failure(code), good]);
      expect((await calls["plain write"](client))?.data).toEqual(examples.response);
      expect(hosts(sent)).toEqual([MAIN, BACKUP]);
      const [first, second] = sent.map(({ headers }) => headers.get("Authorization"));
      expect(first).not.toBe(second);
    },
  );

  test("takes no write that may have been sent", async () => {
    const { client, sent } = clientOf([reset, good]);
    await expect(calls["plain write"](client)).rejects.toThrow("fetch failed");
    expect(hosts(sent)).toEqual([MAIN]);
  });

  test("is remembered for a minute, and then the main server has its turn", async () => {
    let now = NOW;
    const { client, sent } = clientOf([refused, good, good, () => signedReply({ timestamp: NOW / 1000 + 61 })], {
      clock: () => now,
    });
    await calls["plain write"](client);
    await calls["plain write"](client);
    now += 61_000;
    await calls["plain write"](client);
    expect(hosts(sent)).toEqual([MAIN, BACKUP, BACKUP, MAIN]);
  });

  test("the way leads back at once where the backup is dead as well", async () => {
    const { client, sent } = clientOf([refused, good, refused, good, good]);
    for (let i = 0; i < 3; i++) await calls["plain write"](client);
    expect(hosts(sent)).toEqual([MAIN, BACKUP, BACKUP, MAIN, MAIN]);
  });

  test.each<[string, Partial<WeChatPayClientOptions>, string[]]>([
    ["false: nowhere", { backupUrl: false }, [MAIN]],
    ["a server of one's own has no backup", { baseUrl: "http://127.0.0.1:8080" }, ["127.0.0.1:8080"]],
    ["unless it is named", { baseUrl: "http://a.example", backupUrl: "http://b.example" }, ["a.example", "b.example"]],
  ])("%s", async (_, more, expected) => {
    const { client, sent } = clientOf([refused], more);
    await expect(calls["plain write"](client)).rejects.toThrow("fetch failed");
    expect(hosts(sent)).toEqual(expected);
  });

  test.each([
    ["EHOSTUNREACH", "connect", 2],
    ["EHOSTUNREACH", "read", 1],
    ["ETIMEDOUT", "connect", 2],
    ["ETIMEDOUT", "read", 1],
  ])("%s on %s: %i requests, for a route may be lost after the body was sent", async (code, syscall, count) => {
    const lost = () =>
      Promise.reject(new TypeError("fetch failed", { cause: Object.assign(new Error(code), { code, syscall }) }));
    const { client, sent } = clientOf([lost, good]);
    await calls["plain write"](client)?.catch(() => {});
    expect(sent).toHaveLength(count);
  });

  test("where a name has several addresses, each must have been refused", async () => {
    const aggregate =
      (...codes: string[]) =>
      () =>
        Promise.reject(
          new TypeError("fetch failed", {
            cause: Object.assign(
              new AggregateError(codes.map((code) => Object.assign(new Error(code), { code, syscall: "connect" }))),
              {
                code: codes[0],
              },
            ),
          }),
        );
    const both = clientOf([aggregate("ECONNREFUSED", "ENETUNREACH"), good]);
    await calls["plain write"](both.client);
    expect(both.sent).toHaveLength(2);
    const one = clientOf([aggregate("ECONNREFUSED", "ECONNRESET"), good]);
    await expect(calls["plain write"](one.client)).rejects.toThrow("fetch failed");
    expect(one.sent).toHaveLength(1);
  });

  test.each([
    [
      "a connection that was refused",
      "): client error (Connect): tcp connect error: Connection refused (os error 111)",
      2,
    ],
    ["a name that is unknown", "): client error (Connect): dns error: failed to lookup address information", 2],
    ["a TLS that failed", "): client error (Connect): tls handshake eof", 1],
    [
      "a connection that was lost later",
      "): client error (SendRequest): connection closed before message completed",
      1,
    ],
  ])("on Deno, %s: %s, %i requests of a plain write", async (_, ending, count) => {
    const cause = new Error(`error sending request for url (https://api.mch.weixin.qq.com/v3/x?token=secret${ending}`);
    const { client, sent } = clientOf([() => Promise.reject(new TypeError("fetch failed", { cause })), good]);
    const error = await calls["plain write"](client)?.catch((reason: unknown) => reason);
    expect(sent).toHaveLength(count);
    expect(String(error)).not.toContain("secret");
  });

  test("on Workers, which say the same of every lost connection, only what may be repeated goes there", async () => {
    const fetch = vi.spyOn(globalThis, "fetch");
    for (const [name, expected] of [
      ["query", [MAIN, BACKUP]],
      ["idempotent write", [MAIN, BACKUP]],
      ["plain write", [MAIN]],
    ] as const) {
      fetch.mockReset().mockRejectedValueOnce(new Error("Network connection lost."));
      fetch.mockImplementation(async () => signedReply());
      const client = createWeChatPayClient({ ...options, operations, retry: false }) as never as AnyClient;
      const error = await calls[name](client)?.catch((reason: unknown) => reason);
      expect(fetch.mock.calls.map(([url]) => new URL(String(url)).host)).toEqual(expected);
      if (name === "plain write") expect(error).toMatchObject({ name: "TypeError" });
    }
    fetch.mockRestore();
  });

  test.each<[string, object]>([
    ["an empty list of them", { errors: [] }],
    ["something else than a list", { errors: "ECONNREFUSED" }],
    ["errors of the outermost error, which fetch does not write", { errors: undefined }],
  ])("%s says of no connection that it was refused", async (_, cause) => {
    const lost = () =>
      Promise.reject(
        Object.assign(new TypeError("fetch failed", { cause: Object.assign(new Error("x"), cause) }), {
          errors: [{ code: "ECONNREFUSED" }],
        }),
      );
    const { client, sent } = clientOf([lost, good]);
    await expect(calls["plain write"](client)).rejects.toThrow("fetch failed");
    expect(sent).toHaveLength(1);
  });
});

describe("onAttempt", () => {
  test("is told of each attempt, with nothing secret or personal", async () => {
    const attempts: Attempt[] = [];
    const { client } = clientOf([status(500, { "Request-ID": "08A-1" }), reset, probe], {
      onAttempt: (attempt) => attempts.push(attempt),
    });
    await calls.query(client)?.catch(() => {});
    const common = {
      operationId: undefined,
      method: "GET",
      host: "api.mch.weixin.qq.com",
      duration: expect.any(Number),
    };
    expect(attempts).toEqual([
      { ...common, attempt: 1, status: 500, requestId: "08A-1", error: undefined },
      { ...common, attempt: 2, status: undefined, requestId: undefined, error: "TypeError" },
      { ...common, attempt: 3, status: 200, requestId: "08F78BEDF20510E1B0011880D4D9E4CFBE05-0", error: "not-base64" },
    ]);
  });

  test("nor does one that rejects", async () => {
    const { client } = clientOf([good], { onAttempt: (async () => Promise.reject(new Error("log is full"))) as never });
    expect(unwrap((await calls["plain write"](client)) as never)).toEqual(examples.response);
  });

  test("a listener that throws does no harm", async () => {
    const { client } = clientOf([good], {
      onAttempt: () => {
        throw new Error("log is full");
      },
    });
    expect(unwrap((await calls["plain write"](client)) as never)).toEqual(examples.response);
  });
});

test("options fail at construction", () => {
  const create = (more: object) => () => createObservedClient(good, more);
  expect(create({ retry: true })).toThrow("retry must be { repeats, baseDelay, maxDelay } or false");
  expect(create({ retry: { maxRetries: 3 } })).toThrow(
    '"maxRetries" is not an option of retry; it takes repeats, baseDelay, maxDelay.',
  );
  expect(create({ retry: { repeats: -1 } })).toThrow("retry.repeats");
  expect(create({ retry: { repeats: 1.5 } })).toThrow("retry.repeats must be a whole number");
  expect(create({ retry: { baseDelay: Number.NaN } })).toThrow("retry.baseDelay");
  expect(create({ retry: { maxDelay: "1s" } })).toThrow("retry.maxDelay");
  expect(create({ backupUrl: "api2" })).toThrow("backupUrl");
  expect(create({ onAttempt: "log" })).toThrow("onAttempt");
  expect(create({ fetch: undefined, transport: "node" })).toThrow("transport must be a function; given: string of ");
  expect(create({ fetch, transport: fetch })).toThrow("transport must be left out beside fetch");
});
