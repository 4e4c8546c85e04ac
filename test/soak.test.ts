import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  ApiError,
  createWeChatPayClient,
  unwrap,
  VerificationError,
  type WeChatPayClient,
} from "wechatpay-openapi-fetch";
import { createSandbox, FAULTS, type Fault, type ReceivedRequest, type Sandbox } from "wechatpay-openapi-fetch/sandbox";
import { type FamilyPaths, family, familyOperations } from "./support/family.js";
import { holdTimers } from "./support/timers.js";
import { createObservedClient, examples, PRE_ORDER, signedReply } from "./support/wechatpay.js";

const HOUR = 3_600_000;
type Client = WeChatPayClient<FamilyPaths, object>;

/** Random numbers that are the same in every run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Over as soon as a request hangs, for every call that is under way, and never otherwise. */
const LIMIT = 12_345;
const timers = holdTimers((ms) => ms === LIMIT);
const onRequest = ({ fault }: ReceivedRequest) => {
  if (fault === "hang" || fault === "slow-body") setImmediate(timers.elapse);
};

const rejections: unknown[] = [];
const collect = (reason: unknown) => void rejections.push(reason);
beforeEach(() => void process.on("unhandledRejection", collect));
afterEach(() => {
  process.off("unhandledRejection", collect);
  expect(rejections).toEqual([]);
});

function clientOf({ credentials, fetch, clock }: Sandbox, more: object = {}): Client {
  const { platformKeys: _, ...downloading } = credentials;
  return createWeChatPayClient<FamilyPaths, object>({
    ...downloading,
    fetch,
    clock,
    operations: familyOperations,
    retry: { baseDelay: 1 },
    timeout: LIMIT,
    ...more,
  });
}

const query = (client: Client) =>
  client.GET("/v3/transfers/{out_batch_no}", { params: { path: { out_batch_no: "1" } } });
const transfer = (client: Client, out_batch_no: string) =>
  client.POST("/v3/transfers", { body: { out_batch_no, list: [{ user_name: "张三" }] } });
const token = (client: Client, openid: string) => client.POST("/v3/tokens", { body: { openid, user_name: "李四" } });

test("thousands of calls of several merchants, at random faults and with certificates that rotate", {
  tags: ["slow"],
}, async () => {
  const random = seeded(20_261_123);
  const merchants = await Promise.all(
    (["certificate", "gray", "certificate"] as const).map(async (platformKeys) => {
      const requestLog = { maxEntries: Number.POSITIVE_INFINITY };
      const sandbox = await createSandbox({ openapi: family, platformKeys, requestLog, onRequest });
      const client = clientOf(sandbox);
      unwrap(await query(client));
      return { sandbox, client };
    }),
  );
  const tally: Record<string, number> = {};
  let number = 0;

  async function oneCall({ sandbox, client }: (typeof merchants)[number]): Promise<void> {
    const name = `n${++number}`;
    const kind = Math.floor(random() * 3);
    const call = [() => query(client), () => transfer(client, name), () => token(client, name)][
      kind
    ] as () => ReturnType<typeof query>;
    const expected = [
      { username: "张三", state: "SUCCESS" },
      { batch_id: "1030000071100999991182020050700019480001" },
      { token: "abcdefghijklmn" },
    ][kind];
    let result = "value";
    try {
      // No wrong value is accepted.
      expect(unwrap(await call())).toEqual(expected);
    } catch (error) {
      const isTyped =
        error instanceof ApiError ||
        error instanceof VerificationError ||
        ["TypeError", "TimeoutError"].includes((error as Error).name);
      if (!isTyped) throw error;
      result = (error as Error).name;
    }
    tally[result] = (tally[result] ?? 0) + 1;
    if (kind === 0) return;
    const key = kind === 1 ? "out_batch_no" : "openid";
    const seen = sandbox.requests.filter(({ body }) => (body as Record<string, unknown>)?.[key] === name);
    // What was said to have happened has; a write that is not safe to repeat was sent once at most, the others as it was given.
    if (result === "value") expect(seen.some(({ verdict }) => verdict === "accepted")).toBe(true);
    if (kind === 2) expect(seen.length).toBeLessThanOrEqual(1);
    expect(seen.length).toBeLessThanOrEqual(3);
    for (const { body } of seen.filter(({ verdict }) => verdict === "accepted"))
      expect(JSON.stringify(body)).toMatch(kind === 1 ? /张三/ : /李四/);
  }

  for (let batch = 0; batch < 60; batch++) {
    for (const { sandbox } of merchants) {
      sandbox.advance(7 * HOUR);
      if (batch % 10 === 3) await sandbox.rotate();
      // Those that end by time-out end other calls too, so they are rare.
      const faults = FAULTS.filter((fault) => batch % 30 === 7 || !["hang", "slow-body"].includes(fault));
      for (let i = 0; i < 6; i++) {
        const operation = ["getTransfer", "createTransfer", "createToken", "listCertificates"][
          Math.floor(random() * 4)
        ] as string;
        sandbox.fail({ fault: faults[Math.floor(random() * faults.length)] as Fault, operation, retryAfter: 0 });
      }
      if (batch % 30 === 7) sandbox.fail({ fault: "hang" });
    }
    await Promise.all(Array.from({ length: 45 }, (_, i) => oneCall(merchants[i % 3] as (typeof merchants)[number])));
  }
  const calls = Object.values(tally).reduce((sum, count) => sum + count, 0);
  expect(calls).toBe(number);
  expect(calls).toBeGreaterThan(1000);
  expect(tally.value).toBeGreaterThan(calls * 0.75);
  expect(Object.keys(tally).sort()).toEqual(["ApiError", "TimeoutError", "TypeError", "VerificationError", "value"]);
  // Nobody took another's keys. A refresh in the background may be under way when the test's time leaps.
  const isFine = ({ verdict, operationId }: ReceivedRequest) =>
    ["accepted", "fault"].includes(verdict) || (operationId === "listCertificates" && verdict === "clock-skew");
  for (const { sandbox } of merchants) expect(sandbox.requests.filter((request) => !isFine(request))).toEqual([]);
});

describe("rotation", () => {
  test.each(["certificate", "gray", undefined] as const)(
    "under load loses no call (platformKeys: %s)",
    { tags: ["slow"] },
    async (platformKeys) => {
      const sandbox = await createSandbox({ openapi: family, ...(platformKeys && { platformKeys }) });
      const client = clientOf(sandbox, { retry: false });
      for (let step = 0; step < 30; step++) {
        if (step % 12 === 2) await sandbox.rotate();
        sandbox.advance(6 * HOUR);
        const results = await Promise.all(
          Array.from({ length: 10 }, (_, i) => (i % 2 ? query(client) : token(client, `${step}-${i}`))),
        );
        for (const result of results) unwrap(result);
      }
      const downloads = sandbox.requests.filter(({ operationId }) => operationId === "listCertificates").length;
      expect(downloads).toBeGreaterThan(5);
      expect(downloads).toBeLessThanOrEqual(31);
    },
  );

  test("a client that slept through it wakes up and downloads", async () => {
    const sandbox = await createSandbox({ openapi: family, platformKeys: "certificate" });
    const client = clientOf(sandbox, { retry: false });
    unwrap(await query(client));
    await sandbox.rotate();
    for (let hours = 0; hours < 60; hours += 6) sandbox.advance(6 * HOUR);
    const results = await Promise.all(Array.from({ length: 10 }, (_, i) => token(client, `${i}`)));
    for (const result of results) expect(unwrap(result)).toEqual({ token: "abcdefghijklmn" });
    expect(sandbox.requests.filter(({ operationId }) => operationId === "listCertificates")).toHaveLength(2);
  });
});

test("memory is flat over thousands of calls", { tags: ["slow"] }, async () => {
  setFlagsFromString("--expose_gc");
  const gc = runInNewContext("gc") as () => void;
  const reply = signedReply();
  const bytes = await reply.text();
  const controller = new AbortController();
  const { wechatpay, sent } = createObservedClient(() => new Response(bytes, { headers: reply.headers }));
  const heapAfter = async (calls: number) => {
    for (let i = 0; i < calls; i++) {
      await wechatpay.POST(PRE_ORDER, { body: examples.request, signal: controller.signal });
      sent.length = 0;
    }
    // What waits for finalizers goes after a turn of the loop.
    for (let i = 0; i < 3; i++) {
      gc();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return process.memoryUsage().heapUsed;
  };
  const before = await heapAfter(1000);
  const after = await heapAfter(2000);
  expect((after - before) / 2000).toBeLessThan(500);
});
