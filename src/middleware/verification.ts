import { VerificationError, type VerificationReason } from "../errors.js";
import type { PlatformKeys } from "../platform-keys.js";
import { type Bytes, responseMessage } from "../protocol/message.js";
import { fromBase64, verify } from "../protocol/rsa.js";
import { describe, type Send } from "./call.js";

/** How far `Wechatpay-Timestamp` may be from our clock. Source: https://pay.weixin.qq.com/doc/v3/merchant/4013053420 */
const TOLERANCE_SECONDS = 300;

/**
 * Verifies a reply over its raw bytes before anyone parses it, and asks for a signature by a key that we hold.
 *
 * A good reply (2xx) passes with a valid signature only, whatever its body, unless the spec marks the operation's reply as unsigned.
 * An error reply passes unsigned as well, for WeChat Pay signs only what comes after its own check of our signature; a signature
 * that is there and wrong is refused.
 */
export function withVerification(platformKeys: PlatformKeys, clock: () => number): (next: Send) => Send {
  return (next) => async (call) => {
    const headers = new Headers(call.headers);
    headers.set("Wechatpay-Serial", platformKeys.current(clock()));
    const reply = await next({ ...call, headers });
    if (reply.ok && call.operation?.response === "unsigned") return reply;

    const body = new Uint8Array(await reply.arrayBuffer());
    const fault = await findFault(reply.headers, body, platformKeys, clock());
    if (fault !== undefined && (reply.ok || isForged(fault.reason))) {
      const write = call.method !== "GET";
      throw new VerificationError(
        `${describe(call)} was answered ${reply.status}, but the reply cannot be trusted: ${fault.message}.${write ? " It was a write, so it may have taken effect: query before you repeat it." : ""}`,
        {
          reason: fault.reason,
          status: reply.status,
          serial: reply.headers.get("Wechatpay-Serial") ?? undefined,
          requestId: reply.headers.get("Request-ID") ?? undefined,
          operationId: call.operation?.operationId,
          // Whatever the reply says, a write that reached WeChat Pay may have taken effect.
          outcome: write ? "unknown" : undefined,
        },
      );
    }
    return withBody(reply, body);
  };
}

interface Fault {
  reason: VerificationReason;
  message: string;
}

/** What keeps a signature from being accepted; `undefined` where nothing does. */
async function findFault(
  headers: Headers,
  body: Bytes,
  platformKeys: PlatformKeys,
  now: number,
): Promise<Fault | undefined> {
  const timestamp = headers.get("Wechatpay-Timestamp") ?? "";
  const nonce = headers.get("Wechatpay-Nonce");
  const signature = headers.get("Wechatpay-Signature");
  const serial = headers.get("Wechatpay-Serial");
  if (!/^\d{1,15}$/.test(timestamp) || !nonce || !signature || !serial) {
    return {
      reason: "missing-header",
      message:
        "its Wechatpay-Timestamp, -Nonce, -Signature and -Serial headers are not all there. Likely cause: a proxy or gateway answered in WeChat Pay's place, or stripped the headers",
    };
  }
  const skew = Number(timestamp) - Math.floor(now / 1000);
  if (Math.abs(skew) > TOLERANCE_SECONDS) {
    return {
      reason: "clock-skew",
      message: `its Wechatpay-Timestamp is ${Math.abs(skew)} s ${skew < 0 ? "behind" : "ahead of"} our clock, and ${TOLERANCE_SECONDS} s are allowed. Likely cause: this machine's clock is off (check NTP), or an old reply was replayed`,
    };
  }
  const key = platformKeys.verifyingKey(serial, now);
  if (key === undefined) {
    return {
      reason: "unknown-serial",
      message: `it is signed with the platform key ${JSON.stringify(serial.slice(0, 80))}, and platformKeys holds ${platformKeys.serials.join(", ")}. Likely cause: WeChat Pay's keys were changed, a certificate expired, or the public key is not switched on yet for this merchant number. Add that key to platformKeys`,
    };
  }
  const signatureBytes = fromBase64(signature);
  if (signatureBytes === undefined) {
    return {
      reason: "not-base64",
      message:
        "its Wechatpay-Signature is no base64. Likely cause: one of the probes (WECHATPAY/SIGNTEST/…) by which WeChat Pay checks that we verify",
    };
  }
  if (!(await verify(await key, signatureBytes, responseMessage({ timestamp, nonce, body })))) {
    return {
      reason: "mismatch",
      message: `its signature does not belong to its body and ${serial}. Likely cause: the reply was changed on its way, or the key given for ${serial} in platformKeys is another one`,
    };
  }
  return undefined;
}

/** An error reply's signature that we could judge and that is wrong; without headers or key there is nothing to judge. */
function isForged(reason: VerificationReason): boolean {
  return reason !== "missing-header" && reason !== "unknown-serial";
}

/** The reply again, with the bytes that were verified. */
function withBody({ status, statusText, headers, url }: Response, body: Bytes): Response {
  const kept = new Headers(headers);
  // The bytes are decoded and whole: what these headers say of them no longer holds.
  for (const name of ["Content-Encoding", "Content-Length", "Transfer-Encoding"]) kept.delete(name);
  const reply = new Response(body.length > 0 ? body : null, { status, statusText, headers: kept });
  return Object.defineProperty(reply, "url", { value: url });
}
