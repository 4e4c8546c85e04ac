// What a change of one keyword means for callers.
import { isDeepStrictEqual } from "node:util";
import { change, type Rule, type Side, show, text } from "./walk.js";

/** Whether a change breaks callers. A value is undefined where the keyword is absent. */
type Breaks<T> = (before: T | undefined, after: T | undefined, side: Side) => boolean;

/** The rule of a keyword that has one value. */
export function value<T>(breaks: Breaks<T>, why: string | ((...args: Parameters<Breaks<T>>) => string) = ""): Rule {
  return function* (before, after, at) {
    if (isDeepStrictEqual(before, after)) return;
    const args = [before as T | undefined, after as T | undefined, at.side] as const;
    const what = `${at.key} ${show(before)} → ${show(after)}`;
    yield change(breaks(...args), what, at, typeof why === "string" ? why : why(...args));
  };
}

export const never = (): boolean => false;
export const always = (): boolean => true;
/** Callers are better off without it: added or changed, it breaks them. */
export const burden: Breaks<unknown> = (_, after) => after !== undefined;
/** Callers rely on it: changed or removed, it breaks them. */
export const promise: Breaks<unknown> = (before) => before !== undefined;
/** It narrows the values: a burden on those who send them, a promise to those who receive them. */
export const constraint: Breaks<unknown> = (before, after, side) =>
  side === "request" ? burden(before, after, side) : promise(before, after, side);

/** A constraint whose `false` is the same as none. */
export const flag: Rule = (before = false, after = false, at) =>
  value((old, now, side) => constraint(old || undefined, now || undefined, side))(before, after, at);

/** A tighter limit refuses what callers send today. In a reply it is harmless, since every value still fits. */
function limit(none: number, isTighter: (before: number, after: number) => boolean, whyLoosened = ""): Rule {
  return value<number>(
    (before = none, after = none, side) => side === "request" && isTighter(before, after),
    (before = none, after = none, side) => (side === "reply" && isTighter(after, before) ? whyLoosened : ""),
  );
}

export const upperLimit: Rule = limit(
  Number.POSITIVE_INFINITY,
  (before, after) => after < before,
  // Only a warning: callers' types and code still fit, but a database column may be too short.
  "check that the place where you store it has room",
);
export const lowerLimit: Rule = limit(Number.NEGATIVE_INFINITY, (before, after) => after > before);
/** A lower limit of a length or a number of items, which are 0 or more anyway. */
export const lowerLimitOfSize: Rule = limit(0, (before, after) => after > before);

/** It is the object's name, or part of it, by which the two objects were found. */
export const unseen: Rule = () => [];

/** The keywords for people, of any object. */
export const TEXTS: Record<string, Rule> = {
  title: text,
  summary: text,
  description: text,
  example: text,
  examples: text,
  externalDocs: text,
  $comment: text,
  tags: text,
};
