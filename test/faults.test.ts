import { readFile } from "node:fs/promises";
import { afterAll, describe, expect, test } from "vitest";
import { createWeChatPayClient, unwrap, type WeChatPayClient } from "wechatpay-openapi-fetch";
import { createSandbox, type Fault } from "wechatpay-openapi-fetch/sandbox";
import { type FamilyPaths, family, familyOperations } from "./support/family.js";

type Client = WeChatPayClient<FamilyPaths, object>;
const calls = {
  query: (client: Client) => client.GET("/v3/transfers/{out_batch_no}", { params: { path: { out_batch_no: "1" } } }),
  "idempotent write": (client: Client) =>
    client.POST("/v3/transfers", { body: { out_batch_no: "1", list: [{ user_name: "张三" }] } }),
  "plain write": (client: Client) => client.POST("/v3/tokens", { body: { openid: "o", user_name: "张三" } }),
};
type Kind = keyof typeof calls;
const KINDS = Object.keys(calls) as Kind[];

/** What the caller gets, and how many requests WeChat Pay saw: when the fault passes after one request, and when it stays. */
type Expected = readonly [passing: string, staying: string];
const unverified = (reason: string, seen: number) =>
  `VerificationError ${reason}, ${seen} request${seen > 1 ? "s" : ""}`;
const probe = (reason: string): Record<Kind, Expected> => ({
  query: ["value, 2 requests", unverified(reason, 2)],
  "idempotent write": [`${unverified(reason, 1)}, outcome unknown`, `${unverified(reason, 1)}, outcome unknown`],
  "plain write": [`${unverified(reason, 1)}, outcome unknown`, `${unverified(reason, 1)}, outcome unknown`],
});
const error = (code: string): Record<Kind, Expected> => ({
  query: ["value, 2 requests", `ApiError ${code}, 3 requests`],
  "idempotent write": ["value, 2 requests", `ApiError ${code}, 3 requests`],
  "plain write": [`ApiError ${code}, 1 request`, `ApiError ${code}, 1 request`],
});
const lost = (name: string): Record<Kind, Expected> => ({
  query: ["value, 2 requests", `${name}, 3 requests`],
  "idempotent write": ["value, 2 requests", `${name}, 3 requests`],
  "plain write": [`${name}, 1 request`, `${name}, 1 request`],
});

const TABLE: Record<Fault, Record<Kind, Expected>> = {
  "system-error": error("SYSTEM_ERROR"),
  "rate-limited": error("FREQUENCY_LIMITED"),
  "bad-gateway": error("HTTP_502"),
  unsigned: probe("missing-header"),
  "bad-signature": probe("mismatch"),
  "signature-probe": probe("not-base64"),
  "unknown-serial": probe("unknown-serial"),
  "clock-skew": probe("clock-skew"),
  "tampered-body": probe("mismatch"),
  "truncated-body": lost("TypeError"),
  reset: lost("TypeError"),
  hang: lost("TimeoutError"),
  "slow-body": lost("TimeoutError"),
  // Nothing was sent: the backup server is tried at once, by every call.
  refused: {
    query: ["value, 1 request", "TypeError, 0 requests"],
    "idempotent write": ["value, 1 request", "TypeError, 0 requests"],
    "plain write": ["value, 1 request", "TypeError, 0 requests"],
  },
  redirect: {
    query: ["TypeError, 1 request", "TypeError, 1 request"],
    "idempotent write": ["TypeError, 1 request", "TypeError, 1 request"],
    "plain write": ["TypeError, 1 request", "TypeError, 1 request"],
  },
};

const sandbox = await createSandbox({ openapi: family });
const { url, close } = await sandbox.listen();
afterAll(close);

async function outcome(fault: Fault, kind: Kind, times: number, transport: object): Promise<string> {
  const arrived = () => sandbox.requests.filter(({ operationId }) => operationId !== "listCertificates").length;
  const seen = arrived();
  const stop = sandbox.fail({ fault, times, retryAfter: 0 });
  const client = createWeChatPayClient<FamilyPaths, object>({
    ...sandbox.credentials,
    operations: familyOperations,
    retry: { baseDelay: 1 },
    timeout: fault === "hang" || fault === "slow-body" ? 150 : 5000,
    ...transport,
  });
  const text = await calls[kind](client)
    .then((result) => {
      unwrap(result);
      return "value";
    })
    .catch(({ name, code, reason, outcome: known }) => {
      const what = name === "ApiError" ? ` ${code}` : name === "VerificationError" ? ` ${reason}` : "";
      return [`${name}${what}`, known];
    });
  stop();
  const count = arrived() - seen;
  const [first, known] = [text].flat();
  return [first, `${count} request${count === 1 ? "" : "s"}`, ...(known ? [`outcome ${known}`] : [])].join(", ");
}

describe.each(Object.entries(TABLE) as [Fault, Record<Kind, Expected>][])("%s", (fault, expected) => {
  test.each(KINDS)("%s, in process", async (kind) => {
    const transport = { fetch: sandbox.fetch };
    expect([
      await outcome(fault, kind, 1, transport),
      await outcome(fault, kind, Number.POSITIVE_INFINITY, transport),
    ]).toEqual(expected[kind]);
  });

  // Over HTTP a server cannot refuse a connection, and a redirect's target does not exist.
  test.skipIf(fault === "refused").each(KINDS)("%s, over HTTP", async (kind) => {
    expect([
      await outcome(fault, kind, 1, { baseUrl: url }),
      await outcome(fault, kind, Number.POSITIVE_INFINITY, { baseUrl: url }),
    ]).toEqual(expected[kind]);
  });
});

test("a port where nobody listens is a connection that was never made: the backup server is tried", async () => {
  const gone = await sandbox.listen();
  await gone.close();
  const client = createWeChatPayClient<FamilyPaths, object>({
    ...sandbox.credentials,
    operations: familyOperations,
    baseUrl: gone.url,
    backupUrl: url,
  });
  expect(unwrap(await calls["plain write"](client))).toEqual({ token: "abcdefghijklmn" });
});

test("README.md and README.zh-CN.md show this table", async () => {
  const rows = (Object.entries(TABLE) as [Fault, Record<Kind, Expected>][]).map(
    ([fault, expected]) =>
      `| \`${fault}\` | ${KINDS.map((kind) => [...new Set(expected[kind])].join(" → ")).join(" | ")} |`,
  );
  for (const page of ["README.md", "README.zh-CN.md"]) {
    const text = await readFile(page, "utf8");
    for (const row of rows) expect(text, page).toContain(row);
  }
});
