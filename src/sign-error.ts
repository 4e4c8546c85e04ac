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
  /** The call, as the spec writes it: `GET /v3/x/{id}`. */
  name: string;
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
 * of the body or of a parameter is repeated.
 */
export function explainSignError({ detail }: ErrorBody, { name, signed, date, now }: SignErrorContext) {
  const skew = Date.parse(date ?? "") - now;
  if (Math.abs(skew) > CLOCK_IS_OFF) {
    const seconds = Math.round(Math.abs(skew) / 1000);
    return `this machine's clock is ${seconds} s ${skew > 0 ? "behind" : "ahead of"} WeChat Pay's (Date: ${date}), and 300 s are allowed: check NTP`;
  }
  const expected = detail?.sign_information as SignInformation | undefined;
  if (signed === undefined || typeof expected !== "object" || expected === null) return undefined;
  const text = fromUtf8(signed);
  const shown = typeof expected.truncated_sign_message === "string" ? expected.truncated_sign_message : "";
  const { issue = MISMATCH } = Object(detail?.detail) as { issue?: unknown };
  return (
    explainChange(text.split("\n", 4), expected, shown.split("\n"), name) ??
    explainBody(text, signed.length, expected.sign_message_length, shown) ??
    (issue === MISMATCH ? WRONG_KEY : undefined)
  );
}

/** What `detail.detail.issue` says of a signature that does not fit the message. */
const MISMATCH = "sign not match";
const WRONG_KEY =
  "WeChat Pay seems to have expected the very message that was signed, so most likely privateKey and serialNo do not belong together, or not to this mchid: see openssl x509 -in apiclient_cert.pem -noout -serial";

/** The first line of the message that arrived differently; one that is not closed may be cut. */
function explainChange(ours: string[], expected: SignInformation, lines: string[], name: string): string | undefined {
  const [method, url = "", timestamp, nonce] = ours;
  const theirs = typeof expected.url === "string" ? expected.url : url;
  const [path, query] = halves(url);
  const [theirPath, theirQuery] = halves(theirs);
  // Shown only in the expected form: shifted lines could hold a part of the body.
  const changed = [
    ["the method", method, expected.method, /^[A-Z]{1,10}$/],
    ["the URL", path, theirPath, /^\//],
    ["the query", query, theirQuery, /^$/],
    ["the timestamp", timestamp, lines.length > 3 ? lines[2] : undefined, /^\d{10}$/],
    ["the nonce", nonce, lines.length > 4 ? lines[3] : undefined, /^$/],
  ] as const;
  const [what, , found, form] = changed.find(([, ours, theirs]) => typeof theirs === "string" && theirs !== ours) ?? [];
  if (what === undefined) return undefined;
  const seen = found === theirPath ? withoutValues(theirPath, path, name) : `${found}`;
  return `${what} was changed after it was signed${form?.test(`${found}`) ? ` (WeChat Pay saw "${seen}")` : ""}, ${BY_WHOM}`;
}

/** A URL's path and query. */
function halves(url: string): [path: string, query: string] {
  const [path = ""] = url.split("?", 1);
  return [path, url.slice(path.length)];
}

/** A path in which only what looks like a name of the API is shown, and nothing that we filled in. */
function withoutValues(path: string, ours: string, name: string): string {
  const names = name.split(/[ /]/);
  const values = ours.split("/").filter((each) => !names.includes(each));
  const isName = (each: string) => /^([a-z][a-z-]*|v\d|)$/.test(each) && !values.includes(each);
  return Array.from(path.slice(0, 200).split("/"), (each) => (isName(each) ? each : "…")).join("/");
}

function explainBody(signed: string, length: number, counted: unknown, shown: string): string | undefined {
  if (typeof counted === "number" && counted !== length) {
    return `the message was signed with ${length} bytes, but WeChat Pay counted ${counted}: the body was changed after it was signed, ${BY_WHOM}`;
  }
  // The final LF ends the excerpt, not the message.
  if (signed.startsWith(shown.slice(0, -1))) return undefined;
  return `the body that arrived begins differently from the one that was signed: changed ${BY_WHOM}`;
}
