import { describe, expect, test } from "vitest";
import { apiError, createSandbox, type ReceivedRequest } from "wechatpay-openapi-fetch/sandbox";
import { CHECKS, passed } from "../../../src/sandbox/server/verdicts.js";
import { examples, PRE_ORDER } from "../../support/wechatpay.js";
import { ORIGIN, send, signedHeaders } from "../signed.js";
import { lastRefused } from "./refused.js";

const sandbox = await createSandbox();
const body = JSON.stringify(examples.request);

describe("where no operation is, the nearest is named", () => {
  const near = (path: string, en = "", zh = "") => ({
    en: `No operation has this path; the nearest is ${path}${en}.`,
    zh: `没有这个路径的接口，最接近的是 ${path}${zh}。`,
  });
  const relation = near(
    "/v3/payroll-card/relations/{openid}",
    " (parameters percent-encoded)",
    "（路径参数要做百分号编码）",
  );
  test.each([
    ["a letter too few", "/v3/payroll-card/authentication", near("/v3/payroll-card/authentications")],
    ["a slash at the end", `${PRE_ORDER}/`, near(PRE_ORDER)],
    ["another case", PRE_ORDER.toUpperCase(), near(PRE_ORDER)],
    ["no version", PRE_ORDER.slice(3), near(PRE_ORDER)],
    ["no openid", "/v3/payroll-card/relations", near("/v3/payroll-card/relations/{openid}")],
    ["a slash in the openid", "/v3/payroll-card/relations/o/1", relation],
    [
      "a misspelt segment before an encoded openid",
      "/v3/payroll-card/relation/o%2F1",
      near("/v3/payroll-card/relations/{openid}"),
    ],
    ["what cannot be decoded", "/v3/payroll-card/relations/100%", relation],
    ["nothing alike", "/pay/unifiedorder", { en: "No operation has this path.", zh: "没有这个路径的接口。" }],
    ["a very long path", `/${"a/".repeat(4000)}`, { en: "No operation has this path.", zh: "没有这个路径的接口。" }],
  ])("%s", async (_what, target, reason) => {
    await sandbox.fetch(ORIGIN + target);
    expect(lastRefused(sandbox)).toMatchObject({ verdict: "unknown-path", reason });
  });

  test("another method: those that there are", async () => {
    await sandbox.fetch(ORIGIN + PRE_ORDER);
    expect(lastRefused(sandbox)).toMatchObject({
      verdict: "wrong-method",
      reason: { en: "This path has no GET; it has POST.", zh: "这个路径没有 GET 方法，只有 POST。" },
    });
  });
});

test("a body that is too large", async () => {
  await send(sandbox, { target: PRE_ORDER, body: "x".repeat(2 ** 24 + 1) });
  expect(lastRefused(sandbox)).toMatchObject({
    verdict: "too-large",
    reason: {
      en: "The body has more than 16 MiB, the most that the sandbox takes.",
      zh: "请求体超过沙箱的上限 16 MiB。",
    },
  });
});

test("a fault that was asked for; one that comes after the operation is no refusal", async () => {
  sandbox.fail({ fault: "rate-limited" });
  await send(sandbox, { target: PRE_ORDER, body });
  expect(lastRefused(sandbox)).toMatchObject({
    verdict: "fault",
    reason: { en: "You asked for this fault: rate-limited.", zh: "这是你要求的故障：rate-limited。" },
  });
  sandbox.fail({ fault: "system-error" });
  await send(sandbox, { target: "/v3/certificates", method: "GET" });
  expect(sandbox.requests.at(-1)).toMatchObject({ verdict: "accepted", status: 500 });
  expect(sandbox.requests.at(-1)).not.toHaveProperty("reason");
});

describe("what a behaviour of one's own throws", () => {
  const thrown = async (error: unknown) => {
    const own = await createSandbox({
      behaviours: {
        "GET /v3/certificates": () => {
          throw error;
        },
      },
    });
    await send(own, { target: "/v3/certificates", method: "GET" });
    return own.requests.at(-1) as ReceivedRequest;
  };

  test("an error of the API is its own reason, in whatever language it is", async () => {
    const { verdict, reason } = await thrown(apiError(404, "ORDER_NOT_EXIST", "订单\u202e不存在"));
    expect([verdict, reason]).toEqual(["business-error", { en: "订单不存在", zh: "订单不存在" }]);
  });

  test("anything else is a failure of the sandbox, with its words", async () => {
    const { verdict, reason } = await thrown(new Error(`no database${"!".repeat(1000)}`));
    expect(verdict).toBe("sandbox-error");
    expect(reason?.en).toMatch(/^The sandbox failed: the behaviour of GET \/v3\/certificates: Error: no database!+…$/);
    expect(reason?.zh).toMatch(/^沙箱出错：/);
    expect(reason?.en.length).toBeLessThan(250);
  });
});

describe("the order of the checks", () => {
  /** A request that fails each check but the last, and the ones after it as well. */
  const failing = signedHeaders(
    { mchid: "1", serialNo: "1", privateKey: sandbox.credentials.privateKey },
    { target: PRE_ORDER, timestamp: 1, headers: { Accept: null, "Wechatpay-Serial": "1" } },
  );
  const { mchid, serialNo } = sandbox.credentials;

  test("is that in which they are made: mended one by one, a request fails the next", async () => {
    const headers: Record<string, string> = { ...failing, Authorization: "x" };
    const seen: (string | undefined)[] = [];
    const fails = async (target = PRE_ORDER, sent = "{}") => {
      await sandbox.fetch(ORIGIN + target, { method: "POST", headers, body: sent });
      const { verdict } = lastRefused(sandbox);
      seen.push(CHECKS[passed(verdict) as number]);
    };
    const values = (change: object) => signedHeaders(sandbox.credentials, { target: PRE_ORDER, body: "{}", ...change });
    const authorization = (change: object) => {
      headers.Authorization = values(change).Authorization as string;
    };
    await fails("/v3/nowhere");
    await fails();
    headers.Accept = "application/json";
    await fails();
    authorization({ mchid: "1", serialNo: "1", timestamp: 1, signature: "x" });
    await fails();
    authorization({ mchid, serialNo: "1", timestamp: 1, signature: "x" });
    await fails();
    authorization({ mchid, serialNo, timestamp: 1, signature: "x" });
    await fails();
    authorization({ signature: "x" });
    await fails();
    authorization({});
    await fails();
    delete headers["Wechatpay-Serial"];
    await fails();
    const TOKENS = "/v3/payroll-card/tokens";
    const plain = JSON.stringify({ ...examples.request, user_name: "张三", id_card_number: "1" });
    headers.Authorization = values({ target: TOKENS, body: plain }).Authorization as string;
    await fails(TOKENS, plain);
    const used = JSON.stringify(examples.request);
    await send(sandbox, { target: PRE_ORDER, body: used });
    headers.Authorization = values({ body: used }).Authorization as string;
    await fails(PRE_ORDER, used);
    expect(seen).toEqual(CHECKS);
  });

  test("ends with what was accepted, and says nothing of what was not checked", () => {
    expect(passed("accepted")).toBe(CHECKS.length);
    expect([passed("fault"), passed("too-large")]).toEqual([undefined, undefined]);
    expect(CHECKS[passed("sandbox-error") as number]).toBe("business rules");
  });
});
