import type { ErrorBody } from "./errors.js";
import type { Bytes } from "./protocol/message.js";

/** What WeChat Pay tells of the message that it expected. */
interface SignInformation {
  method?: unknown;
  url?: unknown;
  sign_message_length?: unknown;
  truncated_sign_message?: unknown;
}

/** What a `SIGN_ERROR` is explained from. */
export interface SignErrorContext {
  /** The message that was signed. */
  signed: Bytes | undefined;
  /** `Date` of the reply. */
  date: string | null;
  /** Our clock when it came, in ms. */
  now: number;
}

/** More than the real server grants minus what a reply takes to arrive. */
const CLOCK_IS_OFF = 290_000;

/**
 * Why WeChat Pay did not accept a signature: the first difference between the message that was signed and the one it expected. Nothing
 * of the body is repeated.
 */
export function explainSignError({ detail }: ErrorBody, { signed, date, now }: SignErrorContext): string | undefined {
  const skew = Date.parse(date ?? "") - now;
  if (Math.abs(skew) > CLOCK_IS_OFF) {
    const seconds = Math.round(Math.abs(skew) / 1000);
    return `this machine's clock is ${seconds} s ${skew > 0 ? "behind" : "ahead of"} WeChat Pay's (Date: ${date}), and 300 s are allowed: check NTP`;
  }
  const information = detail?.sign_information as SignInformation | undefined;
  if (signed === undefined || typeof information !== "object" || information === null) return undefined;

  const text = new TextDecoder().decode(signed);
  const [method, url, timestamp, nonce] = text.split("\n", 4);
  const expected = String(information.truncated_sign_message ?? "");
  const [, , theirTimestamp, theirNonce] = expected.split("\n", 4);
  const changed = (what: string, ours: unknown, theirs: unknown) =>
    `${what} was signed as ${JSON.stringify(ours)}, but arrived as ${JSON.stringify(theirs)}: something changes the request after it was signed (the transport given as fetch, a proxy)`;
  if (typeof information.method === "string" && information.method !== method)
    return changed("the method", method, information.method);
  if (typeof information.url === "string" && information.url !== url) return changed("the URL", url, information.url);
  if (theirTimestamp !== undefined && theirTimestamp !== timestamp)
    return changed("the timestamp", timestamp, theirTimestamp);
  if (theirNonce !== undefined && theirNonce !== nonce) return changed("the nonce", nonce, theirNonce);
  const { sign_message_length: length } = information;
  if (typeof length === "number" && length !== signed.length) {
    return `the message was signed with ${signed.length} bytes, but WeChat Pay counted ${length}: the body was changed after it was signed (the transport given as fetch, a proxy)`;
  }
  // Its last line break closes the text that was cut, not the message.
  const shown = expected.slice(0, -1);
  if (shown !== "" && !text.startsWith(shown)) {
    return "the body that arrived begins otherwise than the one that was signed: something changes it on its way (the transport given as fetch, a proxy)";
  }
  return "WeChat Pay expected the very message that was signed, so privateKey and serialNo do not belong together, or serialNo is not a certificate of this mchid: openssl x509 -in apiclient_cert.pem -noout -serial prints the one beside apiclient_key.pem";
}
