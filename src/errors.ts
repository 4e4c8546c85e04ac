import type { components } from "../generated/schema.js";

/** An error body as WeChat Pay writes it: `{ code, message, detail? }`. */
export type ErrorBody = components["schemas"]["Error"];

/** WeChat Pay's own error code: the values the spec knows, open to new ones. */
export type ErrorCode = ErrorBody["code"];

/** Everything this package throws, apart from the platform's own `TypeError`, `AbortError` and `TimeoutError`. */
export abstract class WeChatPayError extends Error {
  /** Tells the classes apart; a literal in each of them. */
  abstract override readonly name: string;

  constructor(message: string, details: object, cause?: unknown) {
    super(visible(message), cause === undefined ? undefined : { cause });
    Object.assign(this, details);
  }
}

/** For what a server wrote, however long: terminals obey control characters, and readers are fooled by those that reverse the text. */
const visible = (text: string): string => text.slice(0, 4_000).replace(/[\s\p{Cc}\p{Cf}]+/gu, " ");

/** Every error class of this package, for `switch (error.name)`. */
export type AnyWeChatPayError = ApiError | VerificationError | EncryptionError | KeyError;

/** An error about a response. */
abstract class ResponseError<Status> extends WeChatPayError {
  /** HTTP status of the response. */
  declare readonly status: Status;
  /** `Request-ID` of the response: what WeChat Pay's support asks for. */
  declare readonly requestId: string | undefined;
  /** operationId of the spec; absent for a path that the spec does not know. */
  declare readonly operationId: string | undefined;
}

/**
 * What became of a write, where that is not "nothing":
 * - `unknown`: it may have taken effect, so query before you repeat it;
 * - `done`: WeChat Pay accepted it, though its response could not be read.
 */
export type Outcome = "unknown" | "done";

const outcomes = new WeakMap<object, Outcome>();

/** Tells `outcomeOf` of an error, which may be the platform's or the caller's own. */
export function setOutcome(error: unknown, outcome: Outcome): void {
  if (error instanceof EncryptionError) Object.assign(error, { outcome });
  if (Object(error) === error) outcomes.set(error as object, outcome);
}

/**
 * What became of the write whose call rejected with `error`, resolved to it, or whose `unwrap` threw it, whatever its class; `undefined` where
 * nothing was sent, or the API refused it. The reason of an abort stands for all calls that it ended: it is `unknown` if one of them was
 * sent, and always if it is no object.
 *
 * ```ts
 * if (outcomeOf(error) !== undefined) await query(); // before it is repeated
 * ```
 */
export function outcomeOf(error: unknown): Outcome | undefined {
  return Object(error) === error ? outcomes.get(error as object) : "unknown";
}

/** WeChat Pay answered with an error (4xx or 5xx). Thrown by `unwrap`. */
export class ApiError extends ResponseError<number> {
  override readonly name = "ApiError";
  /** Whether WeChat Pay's signature covers this error. Errors before its check of our signature come unsigned, and so do a proxy's. */
  declare readonly verified: boolean;
  /** WeChat Pay's own code, e.g. `PARAM_ERROR`; `HTTP_<status>` where the response was no error body of the API (an empty 401, a gateway's 502 page). */
  declare readonly code: ErrorCode;
  /** What the API says about the error: for `PARAM_ERROR` the field, for `SIGN_ERROR` the message that was expected. */
  declare readonly detail: ErrorBody["detail"];
}

/**
 * Why a signature, or a file, was not accepted:
 * - `missing-header`: a `Wechatpay-*` header is missing or unusable, so the message is not signed;
 * - `unknown-serial`: `Wechatpay-Serial` names a platform key that was not configured;
 * - `clock-skew`: `Wechatpay-Timestamp` is more than 300 s from our clock;
 * - `not-base64`: the signature is not base64, as in WeChat Pay's `WECHATPAY/SIGNTEST/` probes;
 * - `mismatch`: the signature does not belong to this body, timestamp, nonce and key;
 * - `hash-mismatch`: a file is not the one whose hash was given, told at the end of its download.
 */
export type VerificationReason = SignatureReason | "hash-mismatch";
export type SignatureReason = "missing-header" | "unknown-serial" | "clock-skew" | "not-base64" | "mismatch";

/** A response or a notification cannot be shown to come from WeChat Pay, so it never becomes `data`. A notification has no status. */
export class VerificationError extends ResponseError<number | undefined> {
  override readonly name = "VerificationError";
  declare readonly reason: VerificationReason;
  /** `Wechatpay-Serial` of the response. */
  declare readonly serial: string | undefined;
  /** `"unknown"` when the call was a write: it may have taken effect, so query before you repeat it. */
  declare readonly outcome: "unknown" | undefined;

  constructor(message: string, { headers, ...details }: Judged, cause?: unknown) {
    const read = (name: string) => headers.get(name) ?? undefined;
    super(message, { ...details, serial: read("Wechatpay-Serial"), requestId: read("Request-ID") }, cause);
  }
}

/** What was judged. */
type Judged = Pick<VerificationError, "reason" | "status" | "operationId" | "outcome"> & { headers: Headers };

/**
 * Why a sensitive field could not be encrypted or decrypted:
 * - `not-text`: it was given as something other than text;
 * - `too-long`: it has more bytes in UTF-8 than the platform key takes, 214 for RSA-2048;
 * - `no-platform-key`: no platform key is valid now;
 * - `no-private-key`: there is neither `privateKey` as PEM nor `decrypter`;
 * - `decrypt-failed`: it was not encrypted for our key;
 * - `unsupported`: a body or a notification of another form than is known.
 */
export type EncryptionReason = EncryptReason | DecryptReason | "unsupported";
type EncryptReason = "not-text" | "too-long" | "no-platform-key";
type DecryptReason = "no-private-key" | "decrypt-failed";

/** A sensitive field (敏感信息字段) or a notification could not be encrypted or decrypted. It names the field and never holds its value. */
export class EncryptionError extends WeChatPayError {
  override readonly name = "EncryptionError";
  declare readonly reason: EncryptionReason;
  /** JSON pointer of the field, e.g. `/user_name`. */
  declare readonly field: string;
  /** `"done"` where the write was accepted, and its response could not be decrypted; otherwise nothing was sent. */
  declare readonly outcome: "done" | undefined;

  constructor(message: string, reason: EncryptionReason, field: string, cause?: unknown) {
    super(message, { reason, field }, cause);
  }
}

/** What is wrong with a key that was given: with its text, with the key, or with its use. */
export type KeyReason = PemReason | Given | UseReason;
type PemReason = "not-text" | "not-pem" | "file-path" | "escaped-newlines" | "truncated" | "encrypted" | "malformed";
type Given = "certificate-given" | "private-key-given" | "public-key-given" | "other-given" | "not-rsa" | "too-short";
type UseReason = "wrong-usage" | "wrong-key" | SerialReason | "expired" | "no-certificates";
type SerialReason = "serial-mismatch" | "merchant-serial" | "unknown-serial";

/** A key or certificate that was given cannot be what the option asks for. It never holds key material. */
export class KeyError extends WeChatPayError {
  override readonly name = "KeyError";
  declare readonly reason: KeyReason;
  /** The option at fault, e.g. `privateKey` or `platformKeys.PUB_KEY_ID_0114…`. */
  declare readonly option: string;

  constructor(message: string, reason: KeyReason, option: string) {
    super(message, { reason, option });
  }
}

/** What an `ApiError` takes from its call. */
export type ErrorContext = {
  operationId?: string | undefined;
  verified?: boolean | undefined;
  outcome?: Outcome | undefined;
};

/** @param explanation why, where our side can tell as well */
export function apiErrorOf(body: ErrorBody, answer: Answer, call: ErrorContext = {}, explanation?: string): ApiError {
  const { code, detail } = body;
  // What the API says comes first, for it is what people search for.
  const message = explanation === undefined ? body.message : `${body.message} (${explanation}.)`;
  const requestId = answer.headers.get("Request-ID") ?? undefined;
  const { operationId, verified = false, outcome } = call;
  const error = new ApiError(message, { status: answer.status, code, detail, requestId, operationId, verified });
  if (outcome) setOutcome(error, outcome);
  return error;
}

/** What errors take from a response. */
type Answer = Pick<Response, "status" | "headers">;

/** An error response's body; if a proxy answered instead, a description of its answer and `advice`: `{ error }` never hides a failure. */
export function errorBodyOf(error: unknown, { status, headers }: Answer, advice?: string): ErrorBody {
  const { code, message } = (error ?? {}) as Partial<ErrorBody>;
  if (typeof code === "string" && typeof message === "string") return error as ErrorBody;
  const type = headers.get("Content-Type") ?? "no Content-Type";
  const found = error === undefined || error === "" ? "an empty body" : `${type}: ${excerptOf(error)}`;
  const text = visible(`HTTP ${status} with ${found}.${advice ? ` ${advice}.` : ""}`);
  return { code: typeof code === "string" ? code : `HTTP_${status}`, message: text };
}

/** The beginning of a body. Gateways repeat the path, whose parameters may be personal. */
function excerptOf(body: unknown): string {
  try {
    const text = (typeof body === "string" ? body : JSON.stringify(body)).slice(0, 1_000);
    return text.replace(/\/v3\/[^\s"'<>]*/g, "/v3/…").slice(0, 200);
  } catch {
    // Nested too deeply to be written again.
    return "JSON";
  }
}
