import { describe, expect, test } from "vitest";
import {
  ApiError,
  createWeChatPayClient,
  unwrap,
  VerificationError,
  type WeChatPayError,
} from "wechatpay-openapi-fetch";
import { createSandbox } from "wechatpay-openapi-fetch/sandbox";
import { createObservedClient, examples, options, PRE_ORDER, signedReply, unsignedReply } from "./support/wechatpay.js";

const body = examples.request;

/** The ApiError of a response with this body. */
async function errorOf(error: unknown, status = 400): Promise<ApiError> {
  const text = typeof error === "string" ? error : JSON.stringify(error);
  const { wechatpay } = createObservedClient(() => unsignedReply(status, text), { retry: false });
  const result = await wechatpay.POST(PRE_ORDER, { body });
  try {
    unwrap(result);
  } catch (thrown) {
    if (thrown instanceof ApiError) return thrown;
  }
  throw new Error("an ApiError was expected");
}

describe("an ApiError names the parameter and what is wrong with it", () => {
  const detail = { field: "/amount/total", value: 0, issue: "should be at least 1", location: "body" };

  test("beside WeChat Pay's own message", async () => {
    const error = await errorOf({ code: "PARAM_ERROR", message: "参数错误", detail });
    expect(error.message).toBe("参数错误 (/amount/total: should be at least 1.)");
    expect(error.detail).toEqual(detail);
  });

  test("with the field alone, where it says no more", async () => {
    const error = await errorOf({ code: "PARAM_ERROR", message: "参数错误", detail: { field: "openid" } });
    expect(error.message).toBe("参数错误 (openid.)");
  });

  test("with the issue alone, where the field is empty: of a POST without a body", async () => {
    const detail = { field: "", issue: "is required", location: "body" };
    const error = await errorOf({ code: "PARAM_ERROR", message: "参数错误", detail });
    expect(error.message).toBe("参数错误 (is required.)");
  });

  test.each<[string, unknown]>([
    ["without a detail", undefined],
    ["with a detail of another form", { field: 1, issue: { a: 1 } }],
    ["with a text for a detail", "x"],
    ["with null", null],
  ])("%s, the message stays as it is", async (_, detail) => {
    expect((await errorOf({ code: "PARAM_ERROR", message: "参数错误", detail })).message).toBe("参数错误");
  });

  test.each<[string, unknown, string, string]>([
    ["a name", "张三", "“张三”不是有效的姓名。", "参数错误：… (/x: “…”不是有效的姓名.)"],
    ["a number", 200_000, "200000 is over the limit of 100000", "参数错误：… (/x: … is over the limit of 100000.)"],
    ["a short number", 3, "3 is under the limit of 30", "参数错误：… (/x: … is under the limit of 30.)"],
    ["a text that a limit begins with", "1", "长度必须为 10 到 32", "参数错误：… (/x: 长度必须为 10 到 32.)"],
    ["an amount", 0.01, "0.01 is no whole number", "参数错误：… (/x: … is no whole number.)"],
    ["an empty text", "", "is missing", "参数错误： (/x: is missing.)"],
  ])("%s is not repeated, though the API's text does", async (_, value, issue, message) => {
    const error = await errorOf({
      code: "PARAM_ERROR",
      message: `参数错误：${value}`,
      detail: { field: "/x", value, issue },
    });
    expect(error.message).toBe(message);
  });

  test("as the sandbox says it", async () => {
    const sandbox = await createSandbox();
    const wechatpay = createWeChatPayClient({ ...sandbox.credentials, fetch: sandbox.fetch });
    const result = await wechatpay.POST(PRE_ORDER, { body: { ...body, sub_mchid: "张三".repeat(30) } });
    expect(() => unwrap(result)).toThrow(/^参数错误 \(\/sub_mchid: .*\.\)$/);
    expect(() => unwrap(result)).not.toThrow("张三");
  });
});

describe("an ID that the message names is explained by that ID, and not by a key", () => {
  test.each([
    ["SIGN_ERROR", "商户号有误。", /mchid must be the caller's own merchant number/],
    ["SIGN_ERROR", "mchid does not exist", /mchid must be the caller's own merchant number/],
    ["SIGN_ERROR", "商户证书序列号有误。", /serialNo is of no API certificate that this mchid has now: openssl x509/],
    ["PARAM_ERROR", "平台证书序列号Wechatpay-Serial错误", /platformKeys names a key/],
    ["INVALID_REQUEST", "Wechatpay-Serial is invalid", /platformKeys names a key/],
    ["SIGN_ERROR", "平台证书序列号错误", /platformKeys names a key/],
  ])("%s %s", async (code, message, explanation) => {
    const error = await errorOf({ code, message });
    expect(error.message.startsWith(`${message} (`)).toBe(true);
    expect(error.message).toMatch(explanation);
    expect(error.message).not.toContain("privateKey");
  });

  test.each([
    ["another mchid", { mchid: "1900000110" }, /^商户号有误。 \(mchid must be/],
    ["another serial", { serialNo: "5157F09EFDC096DE15EBE81A47057A7232F1B8E1" }, /^商户证书序列号有误。 \(serialNo is/],
    ["another platform key", { platformKeys: options.platformKeys }, /Wechatpay-Serial错误 \(platformKeys names/],
  ])("%s, as the sandbox says it", async (_, more, message) => {
    const sandbox = await createSandbox();
    const wechatpay = createWeChatPayClient({ ...sandbox.credentials, fetch: sandbox.fetch, ...more });
    const result = await wechatpay.POST(PRE_ORDER, { body });
    expect(() => unwrap(result)).toThrow(message);
    expect(() => unwrap(result)).not.toThrow("privateKey");
  });

  test("an error of the business that speaks of a merchant number is left alone", async () => {
    expect((await errorOf({ code: "NO_AUTH", message: "商户号未开通" })).message).toBe("商户号未开通");
  });
});

describe("what a server writes reaches no terminal raw", () => {
  const hostile = "\u001b[2J\u001b]0;pwn\u0007 ok\nFAKE LOG LINE\u009b1m\u202e\u2028";
  const RAW = /\p{Cc}|\p{Cf}|[\u2028\u2029]/u;

  test.each<[string, unknown]>([
    ["a message", { code: "PARAM_ERROR", message: hostile }],
    ["a field and an issue", { code: "PARAM_ERROR", message: "x", detail: { field: hostile, issue: hostile } }],
    ["a SIGN_ERROR", { code: "SIGN_ERROR", message: `商户号${hostile}` }],
    ["a page that is no JSON", `<html>${hostile}`],
  ])("%s", async (_, sent) => {
    const error = await errorOf(sent);
    expect(error.message).not.toMatch(RAW);
    expect(error.stack?.split("\n    at ")[0]).not.toMatch(RAW);
    if (typeof sent === "object") expect(error.message).not.toContain("\nFAKE");
  });

  test("a Content-Type", async () => {
    const { wechatpay } = createObservedClient(() => unsignedReply(502, "x", "text/\u009b2Jplain"), { retry: false });
    const { error } = await wechatpay.POST(PRE_ORDER, { body });
    expect(error?.message).toBe("HTTP 502 with text/ 2Jplain: x.");
  });

  test("a Wechatpay-Serial", async () => {
    const reply = signedReply({ headers: { "Wechatpay-Serial": "A\u009b2J\u00ad" } });
    const { wechatpay } = createObservedClient(() => reply);
    const error = await wechatpay.POST(PRE_ORDER, { body }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(VerificationError);
    expect((error as WeChatPayError).message).not.toMatch(RAW);
  });
});
