import type { components } from "../generated/schema.js";

/** An error body as WeChat Pay writes it: `{ code, message, detail? }`. */
export type ErrorBody = components["schemas"]["Error"];

/** WeChat Pay's own error code: the values the spec knows, open to new ones. */
export type ErrorCode = ErrorBody["code"];

/** Everything this package throws, apart from the platform's own `TypeError`, `AbortError` and `TimeoutError`. */
export abstract class WeChatPayError extends Error {
  /** Tells the classes apart; a literal in each of them. */
  abstract override readonly name: string;
}

/** Every error class of this package, for `switch (error.name)`. */
export type AnyWeChatPayError = ApiError | VerificationError | EncryptionError | KeyError;

/** What an {@link ApiError} is made of. */
export interface ApiErrorInit {
  /** HTTP status of the reply. */
  status: number;
  /** The error body, WeChat Pay's own or, where the reply had none, one made from the HTTP status. */
  body: ErrorBody;
  /** `Request-ID` of the reply: what WeChat Pay's support asks for. */
  requestId: string | undefined;
  /** operationId of the spec; absent for a path that the spec does not know. */
  operationId: string | undefined;
  /** Why, where that can be told from our side as well. */
  explanation?: string | undefined;
}

/** WeChat Pay answered with an error (4xx or 5xx). Thrown by {@link unwrap}. */
export class ApiError extends WeChatPayError {
  override readonly name = "ApiError";
  /** HTTP status of the reply. */
  readonly status: number;
  /** WeChat Pay's own code, e.g. `PARAM_ERROR`; `HTTP_<status>` where the reply was no error body of the API (an empty 401, a gateway's 502 page). */
  readonly code: ErrorCode;
  /** What the API says about the fault: for `PARAM_ERROR` the field, for `SIGN_ERROR` the message that was expected. */
  readonly detail: ErrorBody["detail"];
  /** `Request-ID` of the reply: what WeChat Pay's support asks for. */
  readonly requestId: string | undefined;
  /** operationId of the spec; absent for a path that the spec does not know. */
  readonly operationId: string | undefined;

  constructor(init: ApiErrorInit) {
    // What the API says comes first, for it is what people search for.
    super(init.explanation === undefined ? init.body.message : `${init.body.message} (${init.explanation}.)`);
    this.status = init.status;
    this.code = init.body.code;
    this.detail = init.body.detail;
    this.requestId = init.requestId;
    this.operationId = init.operationId;
  }
}

/**
 * Why a signature was not accepted:
 * - `missing-header`: a `Wechatpay-*` header is missing or unusable, so the message is not signed;
 * - `unknown-serial`: `Wechatpay-Serial` names a platform key that was not configured;
 * - `clock-skew`: `Wechatpay-Timestamp` is more than 300 s from our clock;
 * - `not-base64`: the signature is no base64, as in WeChat Pay's `WECHATPAY/SIGNTEST/` probes;
 * - `mismatch`: the signature does not belong to this body, timestamp, nonce and key.
 */
export type VerificationReason = "missing-header" | "unknown-serial" | "clock-skew" | "not-base64" | "mismatch";

/** What a {@link VerificationError} is made of. */
export interface VerificationErrorInit {
  reason: VerificationReason;
  /** HTTP status of the reply. */
  status: number | undefined;
  /** `Wechatpay-Serial` of the reply. */
  serial: string | undefined;
  /** `Request-ID` of the reply. */
  requestId: string | undefined;
  /** operationId of the spec. */
  operationId: string | undefined;
  outcome: "unknown" | undefined;
}

/** A reply cannot be shown to come from WeChat Pay, so it never becomes `data`. */
export class VerificationError extends WeChatPayError {
  override readonly name = "VerificationError";
  readonly reason: VerificationReason;
  /** HTTP status of the reply. */
  readonly status: number | undefined;
  /** `Wechatpay-Serial` of the reply. */
  readonly serial: string | undefined;
  /** `Request-ID` of the reply. */
  readonly requestId: string | undefined;
  /** operationId of the spec; absent for a path that the spec does not know. */
  readonly operationId: string | undefined;
  /** `"unknown"` when the call was a write: it may have taken effect, so query before you repeat it. */
  readonly outcome: "unknown" | undefined;

  constructor(message: string, init: VerificationErrorInit) {
    super(message);
    this.reason = init.reason;
    this.status = init.status;
    this.serial = init.serial;
    this.requestId = init.requestId;
    this.operationId = init.operationId;
    this.outcome = init.outcome;
  }
}

/**
 * Why a sensitive field could not be encrypted or decrypted:
 * - `not-text`: it was given as something else than a text;
 * - `too-long`: it has more bytes in UTF-8 than the platform key takes, 214 for RSA-2048;
 * - `no-platform-key`: no platform key is valid now;
 * - `no-private-key`: there is neither `privateKey` as PEM nor `decrypter`;
 * - `decrypt-failed`: it was not encrypted for our key;
 * - `unsupported`: a body or a notification of another form than is known.
 */
export type EncryptionReason =
  | "not-text"
  | "too-long"
  | "no-platform-key"
  | "no-private-key"
  | "decrypt-failed"
  | "unsupported";

/** A sensitive field (敏感信息字段) or a notification could not be encrypted or decrypted. It names the field and never holds its value. */
export class EncryptionError extends WeChatPayError {
  override readonly name = "EncryptionError";
  readonly reason: EncryptionReason;
  /** JSON pointer of the field, e.g. `/user_name`. */
  readonly field: string;

  constructor(message: string, init: { reason: EncryptionReason; field: string; cause?: unknown }) {
    super(message, init.cause === undefined ? undefined : { cause: init.cause });
    this.reason = init.reason;
    this.field = init.field;
  }
}

/** What is wrong with a key that was given. */
export type KeyReason =
  | "not-text"
  | "not-pem"
  | "file-path"
  | "escaped-newlines"
  | "truncated"
  | "encrypted"
  | "certificate-given"
  | "private-key-given"
  | "public-key-given"
  | "other-given"
  | "not-rsa"
  | "too-short"
  | "wrong-usage"
  | "malformed"
  | "serial-mismatch"
  | "merchant-serial"
  | "expired"
  | "no-certificates"
  | "wrong-key";

/** A key or certificate that was given cannot be what the option asks for. Thrown by the constructor; it never holds key material. */
export class KeyError extends WeChatPayError {
  override readonly name = "KeyError";
  readonly reason: KeyReason;
  /** The option at fault, e.g. `privateKey` or `platformKeys.PUB_KEY_ID_0114…`. */
  readonly option: string;

  constructor(message: string, init: { reason: KeyReason; option: string }) {
    super(message);
    this.reason = init.reason;
    this.option = init.option;
  }
}

/** An error reply's body, and where somebody else answered in the API's place, what can be said of it: `{ error }` never hides a failure. */
export function errorBodyOf(error: unknown, { status, headers }: Response): ErrorBody {
  const { code, message } = (error ?? {}) as Partial<ErrorBody>;
  if (typeof code === "string" && typeof message === "string") return error as ErrorBody;
  const text = typeof error === "string" ? error : error === undefined ? "" : safely(() => JSON.stringify(error));
  // Terminals obey control characters, and readers are fooled by those that turn the text round.
  const excerpt = text
    .slice(0, 400)
    .replace(/[\s\p{Cc}\p{Cf}]+/gu, " ")
    .slice(0, 200);
  const found = text === "" ? "an empty body" : `${headers.get("Content-Type") ?? "no Content-Type"}: ${excerpt}`;
  return {
    code: typeof code === "string" ? code : `HTTP_${status}`,
    message: `HTTP ${status} with ${found}, and no error body of the API.`,
  };
}

/** A text, whatever it costs: JSON that is nested too deeply cannot be written again. */
function safely(write: () => string): string {
  try {
    return write();
  } catch {
    return "JSON";
  }
}
