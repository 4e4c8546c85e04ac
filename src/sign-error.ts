import type { Bytes } from "./bytes.js";
import type { ErrorBody } from "./errors.js";

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
  const expected = typeof information.truncated_sign_message === "string" ? information.truncated_sign_message : "";
  const lines = expected.split("\n");
  const changed = (what: string, theirs: unknown, form = /^/) => {
    // Only what looks like it is repeated: where the lines are shifted, it could be a part of the body.
    const shown = form.test(String(theirs)) ? ` (WeChat Pay saw ${JSON.stringify(visible(String(theirs)))})` : "";
    return `${what} was changed after it was signed${shown}, by the transport given as fetch or by a proxy`;
  };
  if (typeof information.method === "string" && information.method !== method)
    return changed("the method", information.method, /^[A-Z]{1,10}$/);
  if (typeof information.url === "string" && information.url !== url) return changed("the URL", information.url, /^\//);
  // A line that is not closed may be cut.
  if (lines.length > 3 && lines[2] !== timestamp) return changed("the timestamp", lines[2], /^\d{10}$/);
  if (lines.length > 4 && lines[3] !== nonce) return changed("the nonce", lines[3], /^$/);
  const { sign_message_length: length } = information;
  if (typeof length === "number" && length !== signed.length) {
    return `the message was signed with ${signed.length} bytes, but WeChat Pay counted ${length}: the body was changed after it was signed (the transport given as fetch, a proxy)`;
  }
  // Its last line break closes the text that was cut, not the message.
  const shown = expected.slice(0, -1);
  if (shown !== "" && !text.startsWith(shown)) {
    return "the body that arrived begins otherwise than the one that was signed: something changes it on its way (the transport given as fetch, a proxy)";
  }
  return "as far as WeChat Pay shows it, it expected the very message that was signed, so most likely privateKey and serialNo do not belong together, or serialNo is not a certificate of this mchid: openssl x509 -in apiclient_cert.pem -noout -serial prints the one beside apiclient_key.pem";
}

/** A text that a terminal takes for nothing else. */
function visible(text: string): string {
  return text.slice(0, 200).replace(/[\p{Cc}\p{Cf}]/gu, "");
}
