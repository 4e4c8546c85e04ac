import { requireOption } from "../checks.js";

/** As {@link requireOption}, for a text that is not empty. */
export function requireText(option: string, given: unknown): asserts given is string {
  requireOption(option, typeof given === "string" && given !== "", "a text that is not empty", given);
}

/**
 * As {@link requireOption}, for one of a few words. It shows what was given, so it is not for an option into whose place a secret may
 * be pasted.
 * @throws {TypeError} naming the option, and what it takes.
 */
export function requireOneOf(option: string, given: unknown, allowed: Iterable<unknown>): void {
  const known = [...allowed];
  if (known.includes(given)) return;
  throw new TypeError(`${option} must be one of ${known.join(", ")}; given: ${JSON.stringify(given)}.`);
}
