import { fromBase64, fromUtf8, toUtf8 } from "../../bytes.js";
import { verify } from "../../crypto.js";
import { normalizeSerial } from "../../keys/platform-key.js";
import { requestMessage, SCHEME } from "../../wire/sign.js";
import { explainAuthorization } from "../reasons/authorization.js";
import {
  clockSkew,
  type Known,
  missingHeaders,
  unknownMchid,
  unknownPlatformKey,
  unknownSerial,
} from "../reasons/callers.js";
import type { Why } from "../reasons/words.js";
import { parseAuthorization } from "./authorization.js";
import { asText, type SandboxRequest } from "./http.js";
import type { Merchant } from "./merchant.js";
import type { Platform } from "./platform.js";
import { Refusal } from "./refusals.js";
import { explainSignature } from "./signed-message.js";

const TOLERANCE_SECONDS = 300;

/**
 * Checks what the real server checks before it reads a request, in its order: headers, `Authorization`'s form, merchant, serial,
 * clock, signature. Source of the messages: https://pay.weixin.qq.com/doc/v3/merchant/4012072670
 * @throws {Refusal} with the unsigned 400 or 401 that the real server sends.
 */
export async function authenticate(
  request: SandboxRequest,
  merchant: Merchant,
  platform: Platform,
  now: number,
): Promise<void> {
  const { headers } = request;
  const missing = ["Accept", "User-Agent"].filter((name) => !headers.get(name));
  if (missing.length > 0) {
    const body = { code: "INVALID_REQUEST", message: "Http头缺少Accept或User-Agent" };
    throw new Refusal("missing-header", { status: 400, body, signed: false }, missingHeaders(missing));
  }

  const header = headers.get("Authorization") ?? "";
  const authorization = parseAuthorization(header);
  const refuse = (verdict: Refusal["verdict"], message: string, field: string, issue: string, why: Why) => {
    const { timestamp = "", nonce = "" } = authorization ?? {};
    const sign_information = signInformation(request, timestamp, nonce);
    const detail = { detail: { issue }, field, location: "authorization", sign_information };
    return new Refusal(verdict, { status: 401, body: { code: "SIGN_ERROR", detail, message }, signed: false }, why);
  };

  if (authorization === undefined) {
    const message =
      header === "" || header.startsWith(`${SCHEME} `)
        ? "Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》"
        : "Http头Authorization认证类型不正确";
    throw refuse("malformed-authorization", message, "authorization", "malformed", explainAuthorization(header));
  }
  const { mchid, serialNo, timestamp, nonce, signature } = authorization;
  if (mchid !== merchant.mchid) {
    const why = unknownMchid(mchid, merchant.mchid, asText(request.covered));
    throw refuse("unknown-mchid", "商户号有误。", "mchid", "unknown", why);
  }
  if (normalizeSerial(serialNo) !== normalizeSerial(merchant.serialNo)) {
    const why = unknownSerial(serialNo, await knownTo(merchant, platform));
    throw refuse("unknown-serial", "商户证书序列号有误。", "signature", "sign not match", why);
  }
  if (!/^\d+$/.test(timestamp) || Math.abs(Number(timestamp) - Math.floor(now / 1000)) > TOLERANCE_SECONDS) {
    const message = "Http头Authorization中的timestamp与发起请求的时间不得超过5分钟";
    throw refuse("clock-skew", message, "timestamp", "expired", clockSkew(timestamp, now, TOLERANCE_SECONDS));
  }
  const { method, target, covered: body } = request;
  const message = requestMessage({ method, target, timestamp, nonce, body });
  const bytes = fromBase64(signature);
  if (bytes === undefined || !(await verify(merchant.verifyingKey, bytes, message))) {
    const why = await explainSignature(request, merchant);
    throw refuse("wrong-signature", "错误的签名，验签失败", "signature", "sign not match", why);
  }
}

/** What the real server says about the message it expected: its length in bytes, and its text with the body cut after 8 characters. */
function signInformation({ method, target, covered: body }: SandboxRequest, timestamp: string, nonce: string): object {
  const parts = { method, target, timestamp, nonce };
  // Eight characters have 32 bytes at most; the rest of a large body need not be decoded.
  const start = asText(body.subarray(0, 32));
  const shown = toUtf8(Array.from(start).slice(0, 8).join(""));
  return {
    method,
    sign_message_length: requestMessage({ ...parts, body }).length,
    truncated_sign_message: fromUtf8(requestMessage({ ...parts, body: shown })),
    url: target,
  };
}

const knownTo = async ({ mchid, serialNo }: Merchant, platform: Platform): Promise<Known> => {
  return { mchid, serialNo, platform: await platform.known() };
};

/** @param serial what `Wechatpay-Serial` names: no key that is in force */
export async function refusePlatformKey(serial: string, merchant: Merchant, platform: Platform): Promise<Refusal> {
  const body = { code: "PARAM_ERROR", message: "平台证书序列号Wechatpay-Serial错误" };
  const why = unknownPlatformKey(serial, await knownTo(merchant, platform));
  return new Refusal("unknown-platform-key", { status: 400, body, signed: true }, why);
}
