import { type Bytes, fromUtf8 } from "./bytes.js";
import type { ErrorBody } from "./errors.js";

/** What WeChat Pay tells about the message that it expected. */
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
  /** `Date` of the response. */
  date: string | null;
  /** Our clock when it came, in ms. */
  now: number;
}

const BY_WHOM = "by the transport given as fetch or by a proxy";
/** In ms: the 300 s that are allowed, less what a response may take to arrive. */
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
  const expected = detail?.sign_information as SignInformation | undefined;
  if (signed === undefined || typeof expected !== "object" || expected === null) return undefined;
  const text = fromUtf8(signed);
  const shown = typeof expected.truncated_sign_message === "string" ? expected.truncated_sign_message : "";
  return (
    explainChange(text.split("\n", 4), expected, shown.split("\n")) ??
    explainBody(text, signed.length, expected.sign_message_length, shown) ??
    "WeChat Pay seems to have expected the very message that was signed, so most likely privateKey and serialNo do not belong together, or not to this mchid: see openssl x509 -in apiclient_cert.pem -noout -serial"
  );
}

/** The first line of the message that arrived differently; one that is not closed may be cut. */
function explainChange(ours: string[], expected: SignInformation, lines: string[]): string | undefined {
  const [method, url, timestamp, nonce] = ours;
  // Shown only in the expected form: shifted lines could hold a part of the body.
  const changed = [
    ["the method", method, expected.method, /^[A-Z]{1,10}$/],
    ["the URL", url, expected.url, /^\//],
    ["the timestamp", timestamp, lines.length > 3 ? lines[2] : undefined, /^\d{10}$/],
    ["the nonce", nonce, lines.length > 4 ? lines[3] : undefined, /^$/],
  ] as const;
  const [what, , theirs, form] =
    changed.find(([, ours, theirs]) => typeof theirs === "string" && theirs !== ours) ?? [];
  if (what === undefined) return undefined;
  const saw = form?.test(`${theirs}`) ? ` (WeChat Pay saw ${JSON.stringify(visible(`${theirs}`))})` : "";
  return `${what} was changed after it was signed${saw}, ${BY_WHOM}`;
}

function explainBody(signed: string, length: number, counted: unknown, shown: string): string | undefined {
  if (typeof counted === "number" && counted !== length) {
    return `the message was signed with ${length} bytes, but WeChat Pay counted ${counted}: the body was changed after it was signed, ${BY_WHOM}`;
  }
  // The final LF ends the excerpt, not the message.
  if (signed.startsWith(shown.slice(0, -1))) return undefined;
  return `the body that arrived begins differently from the one that was signed: changed ${BY_WHOM}`;
}

/** Without control characters, which terminals obey. */
function visible(text: string): string {
  return text.slice(0, 200).replace(/[\p{Cc}\p{Cf}]/gu, "");
}
