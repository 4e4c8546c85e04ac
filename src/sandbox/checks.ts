import { kindOf, refuseUnknown } from "../checks.js";
import { ArgumentError } from "./action-error.js";

/** Whether a value is what is meant, and what it must be; in Chinese where the console lets people give it. */
export type Rule = readonly [fits: (value: unknown) => boolean, wanted: string, zh?: string];

export const TEXT: Rule = [
  (value) => typeof value === "string" && value !== "",
  "a text that is not empty",
  "非空文本",
];
export const BOOLEAN: Rule = [(value) => typeof value === "boolean", "true or false"];
export const FUNCTION: Rule = [(value) => typeof value === "function", "a function"];
export const COUNT: Rule = [
  (value) => value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && (value as number) > 0),
  "a whole number above 0, or Infinity",
  "大于 0 的整数，或 Infinity",
];
/** Not a list, and no `Map` or `Date`, whose contents are no fields. */
export const RECORD: Rule = [(value) => kindOf(value) === "Object", "an object"];

export function oneOf(allowed: Iterable<unknown>): Rule {
  const known = new Set(allowed);
  return [(value) => known.has(value), `one of ${[...known].join(", ")}`, `以下之一：${[...known].join("、")}`];
}

/**
 * Refuses a value that is not what is meant.
 * @throws {TypeError} naming it. It shows what was given: unlike the client's options, nothing that the sandbox is given is secret.
 */
export function requireFit(name: string, [fits, wanted, zh]: Rule, given: unknown): void {
  if (fits(given)) return;
  const inChinese = zh && `${name} 应为${zh}；给出的是 ${shown(given)}。`;
  throw new ArgumentError(inChinese, `${name} must be ${wanted}; given: ${shown(given)}.`);
}

/** Checks the fields of an argument. Others pass: it may be a response, which has more. */
export function checkFields(
  argument: string,
  given: object,
  rules: Readonly<Record<string, Rule>>,
  required: readonly string[] = [],
): void {
  requireFit(argument, RECORD, given);
  for (const [name, rule] of Object.entries(rules)) {
    const value = (given as Record<string, unknown>)[name];
    if (value !== undefined || required.includes(name)) requireFit(name, rule, value);
  }
}

/** As {@link checkFields}, for the options of a function: others would have no effect, so they are refused. */
export function checkOptions(
  of: string,
  given: object,
  rules: Readonly<Record<string, Rule>>,
  required?: readonly string[],
): void {
  const argument = `the options of ${of}`;
  requireFit(argument, RECORD, given);
  refuseUnknown(of, given, Object.keys(rules));
  checkFields(argument, given, rules, required);
}

/** A text by its beginning, an object by its kind. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  return Object(value) === value || typeof value === "symbol" ? kindOf(value) : String(value);
}
