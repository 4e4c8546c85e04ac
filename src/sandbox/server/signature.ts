import { type Bytes, fromUtf8, toBase64, toUtf8 } from "../../bytes.js";
import { sign } from "../../crypto.js";
import { SCHEME } from "../../wire/sign.js";
import { responseMessage } from "../../wire/verify.js";
import { randomHex, randomSerial } from "./keys.js";
import type { PlatformKeyPair } from "./platform.js";

/** What can be wrong with a signature, or with what it covers. */
export const SIGNATURE_FAULTS = [
  "bad-signature",
  "signature-probe",
  "unknown-serial",
  "clock-skew",
  "tampered-body",
] as const;
export type SignatureFault = (typeof SIGNATURE_FAULTS)[number];

/** Twice the tolerance. */
const SKEW_SECONDS = 600;

/**
 * The headers by which WeChat Pay signs a body, and the body to send with them.
 * Source: https://pay.weixin.qq.com/doc/v3/merchant/4013053420
 */
export async function signBody(
  body: Bytes,
  { serial, signingKey }: PlatformKeyPair,
  now: number,
  fault?: string,
): Promise<{ body: Bytes; headers: Record<string, string> }> {
  const timestamp = String(Math.floor(now / 1000) - (fault === "clock-skew" ? SKEW_SECONDS : 0));
  const nonce = randomHex(16);
  const sent = fault === "tampered-body" ? tamper(body) : body;
  // An empty body has nothing to change.
  const isOfAnotherMessage = fault === "bad-signature" || (fault === "tampered-body" && body.length === 0);
  const message = responseMessage({ timestamp, nonce: isOfAnotherMessage ? randomHex(16) : nonce, body });
  const signature = toBase64(await sign(signingKey, message));
  const headers = {
    "Wechatpay-Timestamp": timestamp,
    "Wechatpay-Nonce": nonce,
    // A real one had 355 characters, so it was not base64: https://github.com/wechatpay-apiv3/wechatpay-java/issues/319
    "Wechatpay-Signature": fault === "signature-probe" ? `WECHATPAY/SIGNTEST/${signature.slice(8)}` : signature,
    "Wechatpay-Serial": fault === "unknown-serial" ? randomSerial() : serial,
    "Wechatpay-Signature-Type": SCHEME,
  };
  return { body: sent, headers };
}

/** Changes the first character of the first text: it is still JSON, and only the signature shows the change. */
function tamper(body: Bytes): Bytes {
  if (body.length === 0) return body;
  const text = fromUtf8(body);
  const changed = text.replace(/(:\s*")([^"\\])/u, (_, start, char) => start + (char === "0" ? "1" : "0"));
  return toUtf8(changed === text ? `${text} ` : changed);
}
