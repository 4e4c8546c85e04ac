import { type Bytes, closeLine, toBase64 } from "../bytes.js";
import { requireOption } from "../checks.js";
import type { Settings } from "../options.js";
import type { Step } from "./call.js";

/** The only scheme of this package: SHA-256 with RSA (PKCS#1 v1.5). */
export const SCHEME = "WECHATPAY2-SHA256-RSA2048";

/** What a request's signature covers. */
export interface RequestParts {
  /** HTTP method, upper case. */
  method: string;
  /** Path and query exactly as they go over the wire, percent-encoded. */
  target: string;
  /** Unix time in seconds. */
  timestamp: string;
  nonce: string;
  /** The body as sent; empty where there is none. */
  body: Bytes;
}

/** 1. The message: method, path with query, timestamp, nonce and body, each closed by LF. Source: https://pay.weixin.qq.com/doc/v3/merchant/4012365336 */
export function requestMessage({ method, target, timestamp, nonce, body }: RequestParts): Bytes {
  return closeLine(`${method}\n${target}\n${timestamp}\n${nonce}\n`, body);
}

/** 2. The signature: a new timestamp and nonce for every attempt. The message comes along for whoever explains a `SIGN_ERROR`. */
export async function authorize(
  request: Pick<RequestParts, "method" | "target" | "body">,
  { mchid, serialNo, sign, clock, nonce: makeNonce = randomNonce }: SigningSettings,
): Promise<{ authorization: string; message: Bytes }> {
  const timestamp = String(Math.floor(clock() / 1000));
  requireOption("clock", /^\d+$/.test(timestamp), "a function that returns ms since the epoch", timestamp);
  const nonce = makeNonce();
  requireOption(
    "nonce",
    typeof nonce === "string" && NONCE.test(nonce),
    "a function that returns 1 to 32 visible characters",
    nonce,
  );
  const message = requestMessage({ ...request, timestamp, nonce });
  const signature = toBase64(await sign(message));
  return { authorization: formatAuthorization({ mchid, nonce, timestamp, serialNo, signature }), message };
}

/** The five values of an `Authorization` header; the signature in base64. */
export type Authorization = Record<"mchid" | "nonce" | "timestamp" | "serialNo" | "signature", string>;

/** 3. The `Authorization` header. */
export function formatAuthorization({ mchid, nonce, timestamp, serialNo, signature }: Authorization): string {
  return `${SCHEME} mchid="${mchid}",nonce_str="${nonce}",timestamp="${timestamp}",serial_no="${serialNo}",signature="${signature}"`;
}

/** Signs an attempt, as the last hand on it: what is signed is what is sent. */
export function signing(settings: SigningSettings): Step {
  return (next) => async (call) => {
    const { method, target, body, headers } = call;
    const { authorization, message } = await authorize({ method, target, body }, settings);
    call.trace.signed = message;
    return next({ ...call, headers: { ...headers, authorization } });
  };
}

/** Who signs, and when. */
export type SigningSettings = Pick<Settings, "mchid" | "serialNo" | "sign" | "clock" | "nonce">;

/** Quotes and commas would make other values of the header. */
const NONCE = /^[\x21\x23-\x2b\x2d-\x7e]{1,32}$/;
const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** 32 base62 characters from the platform's CSPRNG, each equally likely: 248 is the largest multiple of 62 in a byte. */
function randomNonce(): string {
  const fair = crypto.getRandomValues(new Uint8Array(64)).filter((byte) => byte < 248);
  return Array.from(fair.subarray(0, 32), (byte) => BASE62[byte % 62]).join("");
}

/** @throws {TypeError} if the caller wrote the header that the signer writes. */
export function refuseAuthorization(headers: Headers): void {
  if (!headers.has("Authorization")) return;
  throw new TypeError("Authorization is written by the signer for every attempt: leave the header out of the call.");
}
