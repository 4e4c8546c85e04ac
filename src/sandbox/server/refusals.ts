import { parsePointer } from "../../json-pointer.js";
import { checkFields, RECORD, type Rule, requireFit, TEXT } from "../checks.js";
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

/** Of an error response. */
const STATUS: Rule = [
  (value) => Number.isInteger(value) && Number(value) >= 400 && Number(value) < 600,
  "from 400 to 599",
];

/**
 * What a {@link Behaviour} throws to answer an error, signed: the caller gets it as an `ApiError`.
 *
 * ```ts
 * throw apiError(404, "ORDER_NOT_EXIST", "订单不存在");
 * ```
 *
 * @param status from 400 to 599
 * @param code such as `ORDER_NOT_EXIST`
 * @param detail of a `PARAM_ERROR`: `{ field, value, issue, location }`
 * @throws {TypeError} naming what is of the wrong form.
 */
export function apiError(status: number, code: string, message: string, detail?: object): Error {
  requireFit("status", STATUS, status);
  checkFields("the error", { code, message }, { code: TEXT, message: TEXT }, ["code", "message"]);
  if (detail !== undefined) requireFit("detail", RECORD, detail);
  return new Refusal("business-error", { status, body: { code, message, ...(detail && { detail }) }, signed: true });
}

/** A rule of the operation forbids it. Which code the real server has for that is not documented. */
export const ruleBroken = (message: string) => apiError(400, "INVALID_REQUEST", message);

export const notFound = (message: string) => apiError(404, "RESOURCE_NOT_EXISTS", message);

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
