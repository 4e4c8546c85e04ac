import { type Bytes, closeLine, fromBase64 } from "../bytes.js";
import { verify } from "../crypto.js";
import { type SignatureReason, VerificationError } from "../errors.js";
import { explainVerification } from "../explain.js";
import type { Keyring } from "../keys/platform-key.js";
import type { Settings } from "../options.js";
import { QUERY_FIRST, type Step } from "./call.js";

/** The message that a response's or a notification's signature covers. Source: https://pay.weixin.qq.com/doc/v3/merchant/4013053420 */
export function responseMessage({ timestamp, nonce, body }: { timestamp: string; nonce: string; body: Bytes }): Bytes {
  return closeLine(`${timestamp}\n${nonce}\n`, body);
}

/** What carries a signature, and what an error tells of it; `suspect` looks into a body whose signature does not fit. */
type Signed = Pick<VerificationError, "status" | "operationId" | "outcome"> & {
  headers: Headers;
  body: Bytes;
  suspect?: (body: Bytes) => string | undefined;
};

/** Why raw bytes are not accepted, such as 300 s from our clock (same source); `undefined` where they are. */
async function judgeSignature({ headers, body }: Signed, keys: Pick<Keyring, "find">, now: number) {
  const read = (name: string) => headers.get(`Wechatpay-${name}`) ?? "";
  const [timestamp, nonce, signature, serial] = [read("Timestamp"), read("Nonce"), read("Signature"), read("Serial")];
  if (!/^\d{1,15}$/.test(timestamp) || !nonce || !signature || !serial) return "missing-header";
  if (!(Math.abs(Number(timestamp) - Math.floor(now / 1000)) <= 300)) return "clock-skew";
  const key = await keys.find(serial, body);
  if (key === undefined) return "unknown-serial";
  const bytes = fromBase64(signature);
  if (bytes === undefined) return "not-base64";
  const message = responseMessage({ timestamp, nonce, body });
  return (await verify(key.spki, bytes, message)) ? undefined : "mismatch";
}

/** Whether a response or a notification is signed; `what` begins the sentence that says why it is not accepted. @throws {VerificationError} */
export async function requireSignature(
  what: string,
  signed: Signed,
  keys: Pick<Keyring, "find" | "serials">,
  now: number,
  mayBeUnsigned = false,
): Promise<boolean> {
  const reason: SignatureReason | undefined = await judgeSignature(signed, keys, now);
  const isUnsigned = reason === "missing-header" || reason === "unknown-serial";
  if (reason === undefined || (isUnsigned && mayBeUnsigned)) return reason === undefined;
  const { body, suspect, ...about } = signed;
  const why = explainVerification(reason, { ...about, likely: suspect?.(body) }, now, keys.serials());
  const advice = signed.outcome ? QUERY_FIRST : "";
  throw new VerificationError(`${what} cannot be trusted: ${why}.${advice}`, { ...about, reason });
}

/**
 * Asks for a signature by a key that we hold, and verifies the response before anyone parses it. An error may come unsigned, for WeChat
 * Pay signs only what comes after its own check of our signature; what is signed wrongly is refused.
 */
export function verification(keys: Keyring, { clock }: Pick<Settings, "clock">): Step {
  return (next) => async (call) => {
    // If something is encrypted, the request already names the key.
    const serial = (await keys.current(call.headers["wechatpay-serial"]))?.serial;
    const named = { ...call.headers, ...(serial && { "wechatpay-serial": serial }) };
    const response = await next({ ...call, headers: named });
    const { status, headers } = response;
    if (status < 300 && call.streamed) return response;
    const outcome = call.method === "GET" ? undefined : "unknown";
    const signed = { status, headers, body: response.body as Bytes, operationId: call.operationId, outcome } as const;
    const what = `${call.name} was answered ${status}, but that`;
    return { ...response, verified: await requireSignature(what, signed, keys, clock(), status >= 300) };
  };
}
