import { CHECKS, type Check, passed, type Verdict } from "../../../server/verdicts.js";
import type { Text } from "../../messages.js";

/** What each check is called; those that are named after a header or a field are called so in every language. */
const NAMES: Partial<Record<Check, Text>> = {
  path: { zh: "路径", en: "path" },
  headers: { zh: "请求头", en: "headers" },
  clock: { zh: "时钟", en: "clock" },
  signature: { zh: "签名", en: "signature" },
  parameters: { zh: "参数", en: "parameters" },
  encryption: { zh: "加密", en: "encryption" },
  "business rules": { zh: "业务", en: "business" },
};

export const nameOf = (check: Check): Text => NAMES[check] ?? { zh: check, en: check };

/** Whether a request was refused by a check. */
export const isRefused = (verdict: Verdict) => verdict !== "accepted" && passed(verdict) !== undefined;

/** Whether a check was passed; `undefined` where it was not made. */
export function hasPassed(check: Check, verdict: Verdict): boolean | undefined {
  const many = passed(verdict) ?? 0;
  const index = CHECKS.indexOf(check);
  return index < many ? true : index === many && isRefused(verdict) ? false : undefined;
}
