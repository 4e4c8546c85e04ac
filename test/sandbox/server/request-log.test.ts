import { describe, expect, test } from "vitest";
import { createSandbox, type RequestLogOptions, type Sandbox } from "wechatpay-openapi-fetch/sandbox";
import { generateKeys } from "../../support/keys.js";
import { examples, freshRequest, PRE_ORDER } from "../../support/wechatpay.js";
import { ORIGIN, send } from "../signed.js";

const MIB = 2 ** 20;
const strangersKey = generateKeys().privateKey;

/** An unsigned request, which is refused, to a path that there is not. */
const lost = (sandbox: Sandbox, number: number, body?: string) =>
  sandbox.fetch(`${ORIGIN}/v3/nowhere/${number}`, { method: "POST", ...(body !== undefined && { body }) });

const numbers = ({ requests }: Sandbox) => requests.map(({ path }) => Number(path.split("/").at(-1)));

/** What is kept of this many requests with this body. */
async function kept(requestLog: RequestLogOptions | undefined, count: number, body?: string): Promise<number[]> {
  const sandbox = await createSandbox(requestLog && { requestLog });
  for (let number = 0; number < count; number++) await lost(sandbox, number, body);
  expect(sandbox.droppedRequests + sandbox.requests.length).toBe(count);
  return numbers(sandbox);
}

describe("sandbox.requests keeps", () => {
  test("the last 1,000, and counts those that it dropped", async () => {
    const sandbox = await createSandbox();
    for (let number = 0; number < 1000; number++) await lost(sandbox, number);
    expect([sandbox.requests.length, sandbox.droppedRequests]).toEqual([1000, 0]);
    for (let number = 1000; number < 1234; number++) await lost(sandbox, number);
    expect([sandbox.requests.length, sandbox.droppedRequests]).toEqual([1000, 234]);
    expect([numbers(sandbox)[0], numbers(sandbox).at(-1)]).toEqual([234, 1233]);
  });

  test("as many as requestLog.maxEntries says; Infinity is no limit", async () => {
    expect(await kept({ maxEntries: 2 }, 4)).toEqual([2, 3]);
    expect(await kept({ maxEntries: 1 }, 4)).toEqual([3]);
    expect(await kept({ maxEntries: Number.POSITIVE_INFINITY }, 1100)).toHaveLength(1100);
  });

  test("bodies of 64 MiB together, whatever they are sent to", async () => {
    expect(await kept(undefined, 6, "a".repeat(15 * MIB))).toEqual([2, 3, 4, 5]);
  });

  test("as many bytes as requestLog.maxBodyBytes says, and always the newest request", async () => {
    expect(await kept({ maxBodyBytes: 3500 }, 6, "a".repeat(1000))).toEqual([3, 4, 5]);
    expect(await kept({ maxBodyBytes: 1 }, 3, "a".repeat(1000))).toEqual([2]);
  });

  test("of long paths no more", async () => {
    const sandbox = await createSandbox({ requestLog: { maxBodyBytes: 3500 } });
    for (let i = 0; i < 6; i++) await sandbox.fetch(`${ORIGIN}/v3/${"a".repeat(1000)}`);
    expect([sandbox.requests.length, sandbox.droppedRequests]).toEqual([3, 3]);
  });

  test("of JSON what it takes in memory, which may be twenty times its text", async () => {
    const [text, values] = [JSON.stringify("a".repeat(3000)), JSON.stringify(Array(1000).fill({}))];
    expect(values.length).toBeLessThan(text.length);
    expect(await kept({ maxBodyBytes: 10_000 }, 6, text)).toHaveLength(3);
    expect(await kept({ maxBodyBytes: 10_000 }, 6, values)).toHaveLength(1);
  });

  test("of a wrong signature the messages too, which repeat the body", async () => {
    const sandbox = await createSandbox({ requestLog: { maxBodyBytes: 10_000 } });
    const body = JSON.stringify({ ...examples.request, project_name: "a".repeat(3000) });
    for (let i = 0; i < 4; i++) await send(sandbox, { target: PRE_ORDER, body, privateKey: strangersKey });
    expect(sandbox.requests).toMatchObject([{ verdict: "wrong-signature" }]);
    expect(sandbox.droppedRequests).toBe(3);
  });
});

describe("sandbox.requests is one array for good", () => {
  test("a reference sees what comes, and what was taken from it stays", async () => {
    const sandbox = await createSandbox({ requestLog: { maxEntries: 2 } });
    const { requests } = sandbox;
    await lost(sandbox, 0, '{"a":1}');
    const [first] = requests;
    for (const number of [1, 2]) await lost(sandbox, number);
    expect(requests).toBe(sandbox.requests);
    expect(numbers({ ...sandbox, requests })).toEqual([1, 2]);
    expect(first).toMatchObject({ path: "/v3/nowhere/0", body: { a: 1 } });
  });

  test("what came since is found by the index of its arrival less droppedRequests", async () => {
    const sandbox = await createSandbox({ requestLog: { maxEntries: 3 } });
    for (const number of [0, 1]) await lost(sandbox, number);
    const before = sandbox.droppedRequests + sandbox.requests.length;
    for (const number of [2, 3]) await lost(sandbox, number);
    const since = sandbox.requests.slice(before - sandbox.droppedRequests);
    expect(since.map(({ path }) => path)).toEqual(["/v3/nowhere/2", "/v3/nowhere/3"]);
  });

  test("clearRequests() empties it, counts from 0, and undoes nothing", async () => {
    const sandbox = await createSandbox({ requestLog: { maxEntries: 2, maxBodyBytes: 3500 } });
    const { requests } = sandbox;
    const order = freshRequest();
    const body = JSON.stringify(order);
    expect((await send(sandbox, { target: PRE_ORDER, body })).status).toBe(200);
    for (const number of [1, 2]) await lost(sandbox, number, "a".repeat(1500));
    expect([requests.length, sandbox.droppedRequests]).toEqual([2, 1]);
    sandbox.clearRequests();
    expect([requests.length, sandbox.droppedRequests]).toEqual([0, 0]);
    for (const number of [3, 4]) await lost(sandbox, number, "a".repeat(1500));
    expect([numbers(sandbox), sandbox.droppedRequests]).toEqual([[3, 4], 0]);
    expect(sandbox.authenticate(order.authenticate_number)).toBe("AUTHENTICATE_SUCCESS");
  });

  test("somebody who empties it by its length gets the whole room back", async () => {
    const sandbox = await createSandbox({ requestLog: { maxBodyBytes: 3500 } });
    for (const number of [0, 1, 2]) await lost(sandbox, number, "a".repeat(1000));
    (sandbox.requests as unknown[]).length = 0;
    for (const number of [3, 4, 5]) await lost(sandbox, number, "a".repeat(1000));
    expect([numbers(sandbox), sandbox.droppedRequests]).toEqual([[3, 4, 5], 0]);
  });

  test("a request that is being answered while it is cleared is the first of the next", async () => {
    const sandbox = await createSandbox();
    const sent = [0, 1, 2].map((number) => lost(sandbox, number));
    sandbox.clearRequests();
    await Promise.all(sent);
    expect(numbers(sandbox).sort()).toEqual([0, 1, 2]);
  });
});
