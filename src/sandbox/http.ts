import type { Bytes } from "../protocol/message.js";

/** A request as it came over the wire, or would have. */
export interface SandboxRequest {
  method: string;
  /** Path and query as sent: what the signature covers. */
  target: string;
  headers: Headers;
  body: Bytes;
}

/** A reply before it is signed. */
export interface SandboxReply {
  status: number;
  /** Sent as JSON; absent for an empty body. */
  body?: unknown;
  /** Unsigned is what comes before WeChat Pay has accepted the request's signature, and what the spec says is. */
  signed: boolean;
}

/** How the sandbox judged a request: `accepted`, or the first check that it did not pass; `sandbox-error` where the sandbox itself failed. */
export type Verdict =
  | "accepted"
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
