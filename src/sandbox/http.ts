import type { Bytes } from "../bytes.js";

/** A request as it came over the wire, or would have. */
export interface SandboxRequest {
  method: string;
  /** Path and query as sent: what the signature covers. */
  target: string;
  headers: Headers;
  body: Bytes;
}

/** A request of which only the head has come. */
export interface ArrivingRequest extends Omit<SandboxRequest, "body"> {
  /** What is beyond {@link LARGEST_BODY} may be left out, but not that there is something. */
  readBody(): Promise<Bytes>;
  /** Ends what the reply's body still has to do. */
  signal?: AbortSignal;
}

/** Of a request, in bytes. */
export const LARGEST_BODY = 2 ** 24;

/** A reply, or what happens to the connection instead. */
export type Outcome = Response | "refused" | "reset" | "hang";

/** Where the sandbox listens. */
export interface ListenOptions {
  /** Default 0: one that is free. */
  port?: number;
  /** Default `127.0.0.1`: nobody else's machine reaches the sandbox. */
  host?: string;
  /** Whether the sandbox's console is served at `/`. Default false: as with the real server, nothing is there. */
  console?: boolean;
}

/** A sandbox on the network. */
export interface Listening {
  /** Origin, for `baseUrl`. */
  url: string;
  /** Ends every connection, that of a request which hangs as well. */
  close(): Promise<void>;
}

/** A reply before it is signed. */
export interface SandboxReply {
  status: number;
  /** Sent as JSON, or as it stands where there is a `type`; absent for an empty body. */
  body?: unknown;
  /** The media type of a body that is a text and no JSON. */
  type?: string;
  /** The body before its sensitive fields were encrypted. */
  plain?: unknown;
  headers?: Record<string, string>;
  /** Unsigned is what comes before WeChat Pay has accepted the request's signature, and what the spec says is. */
  signed: boolean;
}

/**
 * How the sandbox judged a request: `accepted`, or the first check that it did not pass. `fault`: a fault was answered before anything
 * was looked at; `business-error`: the operation itself said no; `sandbox-error`: the sandbox failed.
 */
export type Verdict =
  | "accepted"
  | "too-large"
  | "unknown-path"
  | "wrong-method"
  | "missing-header"
  | "malformed-authorization"
  | "unknown-mchid"
  | "unknown-serial"
  | "clock-skew"
  | "wrong-signature"
  | "unknown-platform-key"
  | "invalid-parameter"
  | "invalid-ciphertext"
  | "business-error"
  | "fault"
  | "sandbox-error";

/** Thrown where a check fails: the reply and the verdict. */
export class Refusal extends Error {
  readonly verdict: Exclude<Verdict, "accepted">;
  readonly reply: SandboxReply;

  constructor(verdict: Exclude<Verdict, "accepted">, reply: SandboxReply) {
    super(verdict);
    this.verdict = verdict;
    this.reply = reply;
  }
}

/** A rule of the operation's says no; which code the real server has for it is not documented. */
export function refused(message: string): Refusal {
  return new Refusal("business-error", { status: 400, body: { code: "INVALID_REQUEST", message }, signed: true });
}

export function notFound(message: string): Refusal {
  return new Refusal("business-error", { status: 404, body: { code: "RESOURCE_NOT_EXISTS", message }, signed: true });
}
