import { parsePointer } from "../../json-pointer.js";
import { checkFields, RECORD, type Rule, requireFit, TEXT } from "../checks.js";
import { placeOf } from "../reasons/parameters.js";
import { TOO_LARGE, unknownPath, wrongMethod } from "../reasons/routes.js";
import { listed, listedZh, type Reason, shown, type Why } from "../reasons/words.js";
import type { SandboxReply } from "./http.js";
import type { SignatureCheck } from "./signature-check.js";
import type { Verdict } from "./verdicts.js";

export type { Verdict };

/** Thrown where a check fails: the verdict, the reply, and why. */
export class Refusal extends Error {
  readonly verdict: Exclude<Verdict, "accepted">;
  readonly reply: SandboxReply;
  readonly why: Why & { signature?: SignatureCheck };

  constructor(verdict: Refusal["verdict"], reply: SandboxReply, why: Refusal["why"]) {
    super(verdict);
    this.verdict = verdict;
    this.reply = reply;
    this.why = why;
  }
}

const STATUSES = { "too-large": 413, "unknown-path": 404, "wrong-method": 405 };

/** Where a request leads to no operation, or is not read: an empty, unsigned answer. */
export function refuseRoute(
  verdict: keyof typeof STATUSES,
  { method, target }: { method: string; target: string },
  router: { templates: readonly string[]; methodsOf(path: string): readonly string[] },
): Refusal {
  const [path = ""] = target.split("?", 1);
  const reasons = {
    "too-large": () => TOO_LARGE,
    "unknown-path": () => unknownPath(path, router.templates),
    "wrong-method": () => wrongMethod(method, router.methodsOf(path)),
  };
  return new Refusal(verdict, { status: STATUSES[verdict], signed: false }, { reason: reasons[verdict]() });
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
  const reason = { zh: shown(message, LONGEST), en: shown(message, LONGEST) };
  return businessError(status, { code, message, ...(detail && { detail }) }, reason);
}

/** Of a message that somebody else wrote, in characters. */
const LONGEST = 200;

/** The operation itself refuses. */
export const businessError = (status: number, body: object, reason: Reason) =>
  new Refusal("business-error", { status, body, signed: true }, { reason });

/** An error of our own families in both languages: the caller gets `zh en`, and the reason is `zhmore。` or `en`. */
export const familyError = (status: number, code: string, zh: string, en: string, more = "") =>
  businessError(status, { code, message: `${zh} ${en}` }, { zh: `${zh}${more}。`, en });

/** A rule of the operation forbids it. Which code the real server has for that is not documented. */
export const ruleBroken = (zh: string, en: string, more?: string) => familyError(400, "INVALID_REQUEST", zh, en, more);

/** As {@link familyError}; the reason also names the numbers that were asked for. */
export function notFound(
  asked: Record<string, string | undefined>,
  zh: string,
  en: string,
  { more = "", code = "RESOURCE_NOT_EXISTS" } = {},
): Refusal {
  const numbers = Object.entries(asked).flatMap(([name, value]) => (value ? `${name} ${shown(value)}` : []));
  const reason = {
    zh: `${zh}（${listedZh(numbers)}）${more}。`,
    en: en.replace(/;|\.$/, (mark) => ` (${listed(numbers, " and ")})${mark}`),
  };
  return businessError(404, { code, message: `${zh} ${en}` }, reason);
}

/**
 * WeChat Pay's `PARAM_ERROR`: `field` is a JSON pointer in the body, and the parameter's name elsewhere.
 * Source: https://pay.weixin.qq.com/docs/partner/development/interface-rules/basic-rules.html
 * @param words what is wrong, to follow the name of the parameter; in English the `issue`, unless they say more
 */
export function parameterError(
  pointer: string,
  value: unknown,
  issue: string,
  location: "url" | "query" | "body",
  { zh, en = issue.replace("NOT", "not") }: Pick<Reason, "zh"> & Partial<Reason>,
): Refusal {
  const field = location === "body" ? pointer : (parsePointer(pointer)[0] ?? "");
  const place = placeOf(pointer, location);
  const reply = {
    status: 400,
    body: { code: "PARAM_ERROR", message: "参数错误", detail: { field, value: value ?? null, issue, location } },
    signed: true,
  };
  const isAsked = en.endsWith("?");
  const reason = {
    zh: `${place.zh}${zh}${isAsked && zh.includes("是否") ? "？" : "。"}`,
    en: `${place.en} ${en}${isAsked ? "" : "."}`,
  };
  return new Refusal("invalid-parameter", reply, { reason });
}
