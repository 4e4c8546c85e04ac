import type { ErrorBody } from "./errors.js";
import { explainSignError, type SignErrorContext } from "./sign-error.js";

/** Messages that name an ID, and what to do. WeChat Pay judges IDs before the signature, so a key is not to blame. */
const NAMED: readonly [form: RegExp, advice: string, code?: string][] = [
  [
    /Wechatpay-Serial|平台证书序列号|公钥ID/i,
    "platformKeys names a key that is another merchant's, or was replaced: compare it with 商户平台 → API安全",
  ],
  [
    /证书序列号|serial/i,
    "serialNo is of no API certificate that this mchid has now: openssl x509 -in apiclient_cert.pem -noout -serial prints it",
    "SIGN_ERROR",
  ],
  [
    /商户号|mchid/i,
    "mchid must be the caller's own merchant number: for a service provider its own, and not a sub-merchant's",
    "SIGN_ERROR",
  ],
];

/** What an error says: WeChat Pay's own text, and why, where our side can tell as well. Neither repeats the value that was refused. */
export function describeError(body: ErrorBody, context?: SignErrorContext): [message: string, why: string | undefined] {
  const { code, message, detail } = body;
  const [, advice] = NAMED.find(([form, , only = code]) => only === code && form.test(message)) ?? [];
  if (code === "SIGN_ERROR") return [message, advice ?? (context && explainSignError(body, context))];
  const { field, issue, value } = Object(detail) as NonNullable<typeof detail>;
  const parameter = [field, issue].filter((part) => part && typeof part === "string").join(": ");
  return [hide(value, message), advice ?? (hide(value, parameter.slice(0, 400)).replace(/[.。]$/, "") || undefined)];
}

/** Leaves a value out of a text where it stands alone: in "10 到 32", 1 is no value. */
function hide(value: unknown, text: string): string {
  const shown = ["string", "number"].includes(typeof value) ? `${value}` : "";
  if (shown === "") return text;
  const escaped = shown.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  return text.replace(new RegExp(`(?:(?<!\\w)|(?!\\w))${escaped}(?:(?!\\w)|(?<!\\w))`, "gu"), "…");
}
