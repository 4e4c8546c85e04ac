import { parsePointer } from "../../json-pointer.js";
import type { SandboxReply } from "./http.js";

/**
 * How the sandbox judged a request: `accepted`, or the first check that it failed. `fault`: a fault was answered before any check;
 * `business-error`: the operation itself refused; `sandbox-error`: the sandbox failed.
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

/** Thrown where a check fails: the verdict and the reply. */
export class Refusal extends Error {
  readonly verdict: Exclude<Verdict, "accepted">;
  readonly reply: SandboxReply;

  constructor(verdict: Exclude<Verdict, "accepted">, reply: SandboxReply) {
    super(verdict);
    this.verdict = verdict;
    this.reply = reply;
  }
}

/** A rule of the operation forbids it. Which code the real server has for that is not documented. */
export function ruleBroken(message: string): Refusal {
  return new Refusal("business-error", { status: 400, body: { code: "INVALID_REQUEST", message }, signed: true });
}

export function notFound(message: string): Refusal {
  return new Refusal("business-error", { status: 404, body: { code: "RESOURCE_NOT_EXISTS", message }, signed: true });
}

/**
 * WeChat Pay's `PARAM_ERROR`: `field` is a JSON pointer in the body, and the parameter's name elsewhere.
 * Source: https://pay.weixin.qq.com/docs/partner/development/interface-rules/basic-rules.html
 */
export function parameterError(
  pointer: string,
  value: unknown,
  issue: string,
  location: "url" | "query" | "body",
): Refusal {
  const field = location === "body" ? pointer : (parsePointer(pointer)[0] ?? "");
  return new Refusal("invalid-parameter", {
    status: 400,
    body: { code: "PARAM_ERROR", message: "参数错误", detail: { field, value: value ?? null, issue, location } },
    signed: true,
  });
}
