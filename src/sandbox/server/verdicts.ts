// Types and plain data: the console's page imports it.

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

/** The verdict on a request that failed a check, by the check, in the server's order. */
const VERDICTS = {
  path: ["unknown-path", "wrong-method"],
  headers: ["missing-header"],
  Authorization: ["malformed-authorization"],
  mchid: ["unknown-mchid"],
  serial_no: ["unknown-serial"],
  clock: ["clock-skew"],
  signature: ["wrong-signature"],
  "Wechatpay-Serial": ["unknown-platform-key"],
  parameters: ["invalid-parameter"],
  encryption: ["invalid-ciphertext"],
  "business rules": ["business-error", "sandbox-error"],
} as const satisfies Record<string, readonly Verdict[]>;

export type Check = keyof typeof VERDICTS;

/** What is checked of a request, in the server's order. */
export const CHECKS = Object.keys(VERDICTS) as readonly Check[];

/**
 * How many of {@link CHECKS} a request passed, so that `CHECKS[passed(verdict)]` is the one that it failed: all where it was accepted.
 * `undefined` where none was made: a fault was answered, or the body was too large to be read.
 */
export function passed(verdict: Verdict): number | undefined {
  if (verdict === "accepted") return CHECKS.length;
  const failed = CHECKS.findIndex((check) => (VERDICTS[check] as readonly Verdict[]).includes(verdict));
  return failed < 0 ? undefined : failed;
}
