import { type Bytes, fromBase64 } from "../bytes.js";
import { verify } from "../crypto.js";
import { VerificationError, type VerificationReason } from "../errors.js";
import type { PlatformKey } from "../keys/platform-keys.js";
import { responseMessage } from "../wire/message.js";
import { describe, fromNetwork, type Middleware } from "./call.js";

/** How far `Wechatpay-Timestamp` may be from our clock. Source: https://pay.weixin.qq.com/doc/v3/merchant/4013053420 */
const TOLERANCE_SECONDS = 300;

/** The keys that a reply may be signed with. */
export interface Keyring {
  /** The key to name in `Wechatpay-Serial`, so that WeChat Pay signs its reply with one that is held. */
  current(): Promise<Pick<PlatformKey, "serial"> | undefined>;
  /** The key of that serial, for a message with that body. */
  find(serial: string, body: Bytes): Promise<PlatformKey | undefined>;
  /** The serials held, for messages. */
  serials(): string;
}

/**
 * Verifies a reply over its raw bytes before anyone parses it, and asks for a signature by a key that we hold.
 *
 * A good reply (2xx) passes with a valid signature only, whatever its body, unless the spec marks the operation's reply as unsigned.
 * An error reply passes unsigned as well, for WeChat Pay signs only what comes after its own check of our signature; a signature
 * that is there and wrong is refused.
 */
export function withVerification(keys: Keyring, clock: () => number): Middleware {
  return (next) => async (call) => {
    const headers = new Headers(call.headers);
    // An encrypted field is for one key, which is named already.
    const serial = headers.get("Wechatpay-Serial") ?? (await keys.current())?.serial;
    if (serial !== undefined) headers.set("Wechatpay-Serial", serial);
    const reply = await next({ ...call, headers });
    // By the status alone: it is what the reply will have that is made of the bytes.
    const isGood = reply.status < 300;
    if (isGood && call.operation?.response === "unsigned") return reply;

    const body = await fromNetwork(() => readBody(reply, `The reply to ${describe(call)}`));
    const fault = await findFault(reply.headers, body, keys, clock());
    if (fault !== undefined && (isGood || isForged(fault.reason))) {
      const write = call.method !== "GET";
      const advice = write ? " It was a write, so it may have taken effect: query before you repeat it." : "";
      throw new VerificationError(
        `${describe(call)} was answered ${reply.status}, but the reply cannot be trusted: ${fault.message}.${advice}`,
        {
          reason: fault.reason,
          status: reply.status,
          serial: reply.headers.get("Wechatpay-Serial") ?? undefined,
          requestId: reply.headers.get("Request-ID") ?? undefined,
          operationId: call.operation?.operationId,
          outcome: write ? "unknown" : undefined,
        },
      );
    }
    return withBody(reply, body);
  };
}

/** Why a signature is not accepted, as half a sentence. */
export interface Fault {
  reason: VerificationReason;
  message: string;
}

/** What keeps a signed message, a reply or a notification, from being accepted; `undefined` where nothing does. */
export async function findFault(
  headers: Headers,
  body: Bytes,
  keys: Pick<Keyring, "find" | "serials">,
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
        "its Wechatpay-Timestamp, -Nonce, -Signature and -Serial headers are not all there. Likely cause: somebody else answered or called in WeChat Pay's place, or a proxy stripped the headers",
    };
  }
  const skew = Number(timestamp) - Math.floor(now / 1000);
  if (!(Math.abs(skew) <= TOLERANCE_SECONDS)) {
    return {
      reason: "clock-skew",
      message: `its Wechatpay-Timestamp is ${Math.abs(skew)} s ${skew < 0 ? "behind" : "ahead of"} our clock, and ${TOLERANCE_SECONDS} s are allowed. Likely cause: this machine's clock is off (check NTP), or an old message was replayed`,
    };
  }
  const key = await keys.find(serial, body);
  if (key === undefined) {
    return {
      reason: "unknown-serial",
      message: `it is signed with the platform key ${JSON.stringify(serial.slice(0, 80))}, and those held are: ${keys.serials()}. Likely cause: WeChat Pay's keys were changed, a certificate expired, or the public key is not switched on yet for this merchant number. Add that key to platformKeys`,
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
  if (!(await verify(await key.verifyingKey(), signatureBytes, responseMessage({ timestamp, nonce, body })))) {
    return {
      reason: "mismatch",
      message: `its signature does not belong to its body and ${key.serial}. Likely cause: it was changed on its way, or the key given for ${key.serial} in platformKeys is another one`,
    };
  }
  return undefined;
}

/** An error reply's signature that we could judge and that is wrong; without headers or key there is nothing to judge. */
function isForged(reason: VerificationReason): boolean {
  return reason !== "missing-header" && reason !== "unknown-serial";
}

/** Nothing of the API is longer; a compressed one may grow to anything. */
const LONGEST = 16 * 2 ** 20;

/**
 * The raw bytes of a message.
 * @throws {TypeError} if there are more than anything of the API has.
 */
export async function readBody({ body }: Request | Response, what: string): Promise<Bytes> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = body?.getReader();
  for (let read = await reader?.read(); read?.value !== undefined; read = await reader?.read()) {
    chunks.push(read.value);
    length += read.value.length;
    if (length <= LONGEST) continue;
    reader?.cancel().catch(() => {});
    throw new TypeError(`${what} has more than ${LONGEST} bytes, which nothing of the API has.`);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** The reply again, with other bytes for its body. */
export function withBody({ status, headers, url }: Response, body: Bytes): Response {
  const kept = new Headers(headers);
  // The bytes are decoded and whole: what these headers say of them no longer holds.
  for (const name of ["Content-Encoding", "Content-Length", "Transfer-Encoding"]) kept.delete(name);
  // Without its reason phrase, which may be anything, and the constructor refuses most of it.
  const hasBody = body.length > 0 && ![204, 205, 304].includes(status);
  const reply = new Response(hasBody ? body : null, { status, headers: kept });
  return Object.defineProperty(reply, "url", { value: url });
}
