import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { outcomeOf, type WeChatPayClientOptions } from "wechatpay-openapi-fetch";
import { createObservedClient, examples, PRE_ORDER, signedReply } from "../support/wechatpay.js";

const body = examples.request;

/** A client whose server answers when it is told to, and how many requests it holds. */
function createBusy(options: Partial<WeChatPayClientOptions>) {
  const held: (() => void)[] = [];
  const { wechatpay, sent } = createObservedClient(
    () => new Promise<Response>((resolve) => held.push(() => resolve(signedReply()))),
    options,
  );
  const answer = async () => {
    await expect.poll(() => held.length).toBeGreaterThan(0);
    held.shift()?.();
    await settled();
  };
  return { wechatpay, sent, held, answer };
}

/** What should not happen had its time; what should is waited for. */
async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve, 2));
}

describe("concurrency", () => {
  test("is how many calls are under way; the next begins when one has ended, in the order they came", async () => {
    const { wechatpay, sent, answer } = createBusy({ concurrency: 2 });
    const ended: number[] = [];
    const calls = Array.from({ length: 5 }, (_, i) => wechatpay.POST(PRE_ORDER, { body }).then(() => ended.push(i)));
    await expect.poll(() => sent.length).toBe(2);
    await settled();
    expect(sent).toHaveLength(2);
    await answer();
    await expect.poll(() => sent.length).toBe(3);
    for (let i = 0; i < 4; i++) await answer();
    await Promise.all(calls);
    expect(sent).toHaveLength(5);
    expect(ended[4]).toBe(4);
  });

  test("a burst: each time-out runs from when its call was sent, not from when it waited", async () => {
    let underway = 0;
    let most = 0;
    const { wechatpay, sent } = createObservedClient(
      async () => {
        most = Math.max(most, ++underway);
        await new Promise((resolve) => setTimeout(resolve, 5));
        underway--;
        return signedReply();
      },
      { concurrency: 8, timeout: 30_000 },
    );
    const results = await Promise.all(Array.from({ length: 400 }, () => wechatpay.POST(PRE_ORDER, { body })));
    expect([results.length, sent.length, most]).toEqual([400, 400, 8]);
  });

  test("no time-out runs while a call waits", async () => {
    const { wechatpay, sent, answer } = createBusy({ concurrency: 1, timeout: 2 ** 31 - 1 });
    const timers: unknown[] = [];
    const first = wechatpay.POST(PRE_ORDER, { body });
    const second = wechatpay.POST(PRE_ORDER, { body }).finally(() => timers.push("ended"));
    await expect.poll(() => sent.length).toBe(1);
    await settled();
    expect([sent.length, timers]).toEqual([1, []]);
    await answer();
    await answer();
    await Promise.all([first, second]);
  });

  test("a call that is aborted while it waits sends nothing, says so, and leaves its place to the next", async () => {
    const { wechatpay, sent, answer } = createBusy({ concurrency: 1 });
    const controller = new AbortController();
    const first = wechatpay.POST(PRE_ORDER, { body });
    const second = wechatpay.POST(PRE_ORDER, { body, signal: controller.signal }).catch((reason: unknown) => reason);
    const third = wechatpay.POST(PRE_ORDER, { body });
    await settled();
    controller.abort();
    const error = await second;
    expect(error).toMatchObject({ name: "AbortError" });
    expect(outcomeOf(error)).toBeUndefined();
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
    await answer();
    await answer();
    await Promise.all([first, third]);
    expect(sent).toHaveLength(2);
  });

  test("a call that fails gives its place back", async () => {
    let count = 0;
    const { wechatpay } = createObservedClient(
      () => (count++ === 0 ? Promise.reject(new Error("broken")) : signedReply()),
      { concurrency: 1 },
    );
    const calls = await Promise.allSettled([wechatpay.POST(PRE_ORDER, { body }), wechatpay.POST(PRE_ORDER, { body })]);
    expect(calls.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
    await wechatpay.POST(PRE_ORDER, { body });
  });

  test("256 unless said otherwise, and false for any number", async () => {
    for (const [more, expected] of [
      [{}, 256],
      [{ concurrency: false }, 300],
    ] as const) {
      const { wechatpay, sent, held } = createBusy(more);
      const calls = Array.from({ length: 300 }, () => wechatpay.POST(PRE_ORDER, { body }));
      await expect.poll(() => sent.length).toBe(expected);
      while (sent.length < 300 || held.length > 0) {
        for (const answer of held.splice(0)) answer();
        await settled();
      }
      await Promise.all(calls);
    }
  });

  test.each([0, -1, 1.5, Number.NaN, "5", null, true])("%j is refused at construction", (concurrency) => {
    const create = () => createObservedClient(() => signedReply(), { concurrency: concurrency as never });
    expect(create).toThrow("concurrency must be a whole number above 0, or false");
  });
});
