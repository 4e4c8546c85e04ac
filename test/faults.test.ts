import { readFile } from "node:fs/promises";
import { afterAll, describe, expect, test } from "vitest";
import { createWeChatPayClient, unwrap, type WeChatPayClient } from "wechatpay-openapi-fetch";
import { nodeTransport } from "wechatpay-openapi-fetch/node";
import { createSandbox, type Fault } from "wechatpay-openapi-fetch/sandbox";
import { type FamilyPaths, family, familyOperations } from "./support/family.js";
import { tablesOf } from "./support/markdown.js";
import { holdTimers } from "./support/timers.js";
import { serveTls } from "./support/tls.js";

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

/** Of every attempt; over as soon as a request hangs, and never otherwise. */
const LIMIT = 12_345;
const timers = holdTimers((ms) => ms === LIMIT);
const sandbox = await createSandbox({
  openapi: family,
  onRequest({ fault }) {
    if (fault === "hang" || fault === "slow-body") setImmediate(timers.elapse);
  },
});
const { url, close } = await sandbox.listen();
afterAll(close);
const secure = await serveTls(url);
afterAll(secure.close);

/** The ways to a server. */
const WAYS = {
  "over HTTP": { baseUrl: url },
  "over HTTPS": { baseUrl: secure.url },
  "over HTTP by nodeTransport": { baseUrl: url, transport: nodeTransport() },
  "over HTTPS by nodeTransport": {
    baseUrl: secure.url,
    transport: nodeTransport({ ca: secure.ca, rejectUnauthorized: true }),
  },
};
// fetch has no option for a certificate of one's own. Node.js reads this at each connection.
process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";

async function outcome(fault: Fault, kind: Kind, times: number, transport: object): Promise<string> {
  const arrived = () => sandbox.requests.filter(({ operationId }) => operationId !== "listCertificates").length;
  const seen = arrived();
  const stop = sandbox.fail({ fault, times, retryAfter: 0 });
  const client = createWeChatPayClient<FamilyPaths, object>({
    ...sandbox.credentials,
    operations: familyOperations,
    retry: { baseDelay: 1 },
    timeout: LIMIT,
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
  describe.each(fault === "refused" ? [] : Object.entries(WAYS))("%s", (_, way) => {
    test.each(KINDS)("%s", async (kind) => {
      expect([await outcome(fault, kind, 1, way), await outcome(fault, kind, Number.POSITIVE_INFINITY, way)]).toEqual(
        expected[kind],
      );
    });
  });
});

test.each([
  ["fetch", {}],
  ["nodeTransport", { transport: nodeTransport() }],
])(
  "a port where nobody listens is a connection that was never made: the backup server is tried, by %s",
  async (_, way) => {
    const gone = await sandbox.listen();
    await gone.close();
    const client = createWeChatPayClient<FamilyPaths, object>({
      ...sandbox.credentials,
      operations: familyOperations,
      baseUrl: gone.url,
      backupUrl: url,
      ...way,
    });
    expect(unwrap(await calls["plain write"](client))).toEqual({ token: "abcdefghijklmn" });
  },
);

/** An outcome as a page says it in a language, without the code or reason of the one fault. */
const sayings: Record<string, (outcome: string) => string> = {
  en: (outcome) => outcome.replace(/^value/, "result").replace(/^(\w+Error)[^,]*/, "`$1`"),
  zh: (outcome) =>
    outcome
      .replace(/^value/, "成功")
      .replace(/^(\w+Error)[^,]*/, "`$1`")
      .replace(/(\d) requests?/, "$1 个请求")
      .replace("outcome unknown", "结果未知")
      .replaceAll(", ", "，"),
};
const faultsIn = (cell = "") => Array.from(cell.matchAll(/`([a-z-]+)`/g), ([, name]) => name as Fault);
/** The tables of a page whose rows begin with a fault, without their heads. */
const tablesIn = async (page: string) =>
  tablesOf(await readFile(page, "utf8"))
    .map(([, ...rows]) => rows)
    .filter(([first]) => faultsIn(first?.[0]).some((name) => name in TABLE));

describe.each([
  ["en", ".md"],
  ["zh", ".zh-CN.md"],
])("the guide, in %s", (language, end) => {
  const say = sayings[language] as (outcome: string) => string;

  test("tells in guide/errors what a caller gets of every fault", async () => {
    const rows = (await tablesIn(`guide/errors${end}`)).find(([first]) => first?.length === 1 + KINDS.length) ?? [];
    expect(rows.flatMap(([cell]) => faultsIn(cell)).sort()).toEqual(Object.keys(TABLE).sort());
    for (const [cell, ...outcomes] of rows)
      for (const fault of faultsIn(cell)) {
        const expected = KINDS.map((kind) => [...new Set(TABLE[fault][kind].map(say))].join(" → "));
        expect(outcomes, fault).toEqual(expected);
      }
  });

  test("tells in guide/sandbox what ends one attempt", async () => {
    const [rows = []] = await tablesIn(`guide/sandbox${end}`);
    expect(rows.flatMap(([cell]) => faultsIn(cell)).sort()).toEqual(Object.keys(TABLE).sort());
    for (const [cell, , end] of rows)
      for (const fault of faultsIn(cell)) {
        const [, staying] = TABLE[fault].query;
        expect(end, fault).toBe(staying.replace(/,.*/, "").replace(/\S+/g, "`$&`"));
      }
  });
});
