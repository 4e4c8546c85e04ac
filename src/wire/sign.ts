import { type Bytes, closeLine, toBase64 } from "../bytes.js";
import { requireOption } from "../checks.js";
import type { Settings } from "../options.js";
import type { Step } from "./call.js";

/** The only scheme of this package: SHA-256 with RSA (PKCS#1 v1.5). */
export const SCHEME = "WECHATPAY2-SHA256-RSA2048";

/** What is signed: the target is path and query as sent, the timestamp Unix time in seconds. */
type Parts = Record<"method" | "target" | "timestamp" | "nonce", string> & { body: Bytes };

/** 1. The message: method, target, timestamp, nonce and body, each closed by LF. Source: https://pay.weixin.qq.com/doc/v3/merchant/4012365336 */
export function requestMessage({ method, target, timestamp, nonce, body }: Parts): Bytes {
  return closeLine(`${method}\n${target}\n${timestamp}\n${nonce}\n`, body);
}

/** Who signs, and when. */
type SigningSettings = Pick<Settings, "mchid" | "serialNo" | "sign" | "clock" | "nonce">;

/** What makes a signature one of its own: Unix time in seconds, and a nonce. */
export function stamp({ clock, nonce: makeNonce = randomNonce }: Pick<SigningSettings, "clock" | "nonce">) {
  const timestamp = String(Math.floor(clock() / 1000));
  const nonce = makeNonce();
  // Visible ASCII except quotes and commas, which would break the header.
  const isNonce = typeof nonce === "string" && /^[!#-+\--~]{1,32}$/.test(nonce);
  requireOption("clock", /^\d+$/.test(timestamp), "a function that gives ms since the epoch", timestamp);
  requireOption("nonce", isNonce, "a function that gives 1 to 32 visible characters", nonce);
  return { timestamp, nonce };
}

/** 2. The `Authorization` header, signed with a timestamp and a nonce of its own. The message is returned too, to explain a `SIGN_ERROR`. */
export async function authorize(request: Omit<Parts, "timestamp" | "nonce">, settings: SigningSettings) {
  const parts = { ...request, ...stamp(settings) };
  const message = requestMessage(parts);
  const signature = toBase64(await settings.sign(message));
  return [formatAuthorization({ ...settings, ...parts, signature }), message] as const;
}

/** The five values of an `Authorization` header; the signature in base64. */
export type Authorization = Record<"mchid" | "nonce" | "timestamp" | "serialNo" | "signature", string>;

/** 3. The `Authorization` header. */
export function formatAuthorization({ mchid, nonce, timestamp, serialNo, signature }: Authorization): string {
  return `${SCHEME} mchid="${mchid}",nonce_str="${nonce}",timestamp="${timestamp}",serial_no="${serialNo}",signature="${signature}"`;
}

/** Signs each attempt just before it is sent: what is signed is what is sent. */
export function signing(settings: SigningSettings): Step {
  return (next) => async (call) => {
    const [authorization, signed] = await authorize({ ...call, body: call.covered ?? call.body }, settings);
    const response = await next({ ...call, headers: { ...call.headers, authorization } });
    return { ...response, signed };
  };
}

let pool = new Uint8Array();

/** 32 base62 characters, each equally likely: of 64 base64 characters, those that are neither + nor /. */
function randomNonce(): string {
  // Asking the system takes a twentieth of a call.
  if (pool.length === 0) pool = crypto.getRandomValues(new Uint8Array(48 * 64));
  const random = toBase64(pool.subarray(0, 48));
  pool = pool.subarray(48);
  return random.replace(/[+/]/g, "").slice(0, 32);
}

/** What the signer or the transport writes; a foreign Host would even choose the certificate that TLS accepts. */
const RESERVED = /^(authorization|host|connection|content-length|transfer-encoding|te|trailer|expect|upgrade)$/i;

/** @throws {TypeError} if the caller wrote a header that is not a caller's to write. */
export function refuseReserved(names: Iterable<string>): void {
  const name = Array.from(names).find((each) => RESERVED.test(each));
  if (name === undefined) return;
  const shown = name.replace(/\b\w/g, (letter) => letter.toUpperCase());
  throw new TypeError(`${shown} is written by the signer or the transport: leave it out.`);
}
