// What a change of a schema means for callers.
import { isDeepStrictEqual } from "node:util";
import { OPEN_ENUM, SENSITIVE } from "../../spec/keys.js";
import type { Json } from "../../spec/refs.js";
import { isRecord } from "../../src/checks.js";
import { escapeSegment } from "../../src/json-pointer.js";
import * as rules from "./rules.js";
import { change, keysOf, map, object, objectOf, type Pair, type Rule, show } from "./walk.js";

const type = rules.value<string | string[]>((before, after, side) =>
  side === "request" ? !takes(after, before) : !takes(before, after),
);
function takes(wide: string | string[] | undefined, narrow: string | string[] | undefined): boolean {
  if (wide === undefined || narrow === undefined) return wide === undefined;
  const types = [wide].flat();
  return [narrow].flat().every((name) => types.includes(name) || (name === "integer" && types.includes("number")));
}

const required: Rule = function* (before = [], after = [], at) {
  const [old, now] = [before, after] as Pair<string[]>;
  // A property that comes or goes is reported by `properties`.
  const holding = (name: string) => at.holders.filter(({ properties = {} }) => Object.hasOwn(properties as Json, name));
  for (const name of new Set([...old, ...now])) {
    if (old.includes(name) === now.includes(name) || holding(name).length === 1) continue;
    const [breaks, what] = now.includes(name)
      ? [at.side === "request", "optional → required"]
      : [at.side === "reply", "required → optional"];
    yield change(breaks, what, { ...at, pointer: at.pointer + escapeSegment(name) });
  }
};

const properties = map(
  (before, after, at) => schema(before, after, at),
  (name, { pointer }) => ({ pointer: pointer + escapeSegment(name) }),
  (name, _, { side, holders: [, now] }) =>
    side === "request" && (now.required as string[] | undefined)?.includes(name) ? "required" : undefined,
);

const items: Rule = (before, after, at) => schema(before, after, { ...at, pointer: `${at.pointer}/*` });

/** Properties that are not listed are refused, left open, or described. The generated types know them only where they are described. */
const additionalProperties: Rule = function* (before, after, at) {
  const openness = (value: unknown) => (value === false ? 0 : value === undefined ? 1 : 2);
  const [old, now] = [openness(before), openness(after)];
  if (old !== now) yield change(now < old, `additionalProperties ${show(before)} → ${show(after)}`, at);
  if (old > 0 && now === 2) yield* items(before, after, at);
};

/** The values that a schema lists, and the keyword that lists them. */
interface Values {
  key: "enum" | "const" | typeof OPEN_ENUM;
  list: unknown[];
}

/** A value that is removed breaks both sides: callers compare with it. */
const values: Rule = function* (before, after, at) {
  const [old, now] = [before, after] as Pair<Values | undefined>;
  const isOpen = (some: Values | undefined) => some === undefined || some.key === OPEN_ENUM;
  const name = (some: Values | undefined) => (some === undefined ? "any value" : `${some.key} ${show(some.list)}`);
  const isReply = at.side === "reply";
  if (old?.key !== now?.key) {
    const breaks = now === undefined ? isReply : isOpen(old) !== isOpen(now) && isReply === isOpen(now);
    yield change(breaks, `${name(old)} → ${name(now)}`, at);
  }
  if (old === undefined || now === undefined) return;
  const isAmong = (list: unknown[], value: unknown) => list.some((one) => isDeepStrictEqual(one, value));
  const why = isReply && !isOpen(old) ? "a switch over the values no longer knows them all" : "";
  for (const value of old.list)
    if (!isAmong(now.list, value)) yield change(true, `${old.key} ${show(value)} is gone`, at);
  for (const value of now.list)
    if (!isAmong(old.list, value)) yield change(why !== "", `${now.key} ${show(value)} is new`, at, why);
};

/** `anyOf` and `oneOf`, in any order: schemas are matched by what they say. Fewer of them narrow the values. */
const alternatives: Rule = function* (before, after, at) {
  if (before === undefined || after === undefined) return yield* rules.value(rules.constraint)(before, after, at);
  const old = [...(before as unknown[])];
  const now = [...(after as unknown[])];
  const isEqual = (one: unknown, other: unknown) => [...schema(one, other, at)].every(({ kind }) => kind === "text");
  for (const one of before as unknown[]) {
    const match = now.findIndex((other) => isEqual(one, other));
    if (match < 0) continue;
    old.splice(old.indexOf(one), 1);
    yield* schema(one, now.splice(match, 1)[0], at);
  }
  // One that became another is compared field by field, but where they only say `required`, no field is required by itself.
  const isChoice = [...old, ...now].some((one) => isRecord(one) && Object.keys(one).join() === "required");
  while (!isChoice && old.length > 0 && now.length > 0) yield* schema(old.shift(), now.shift(), at);
  for (const one of old) yield change(at.side === "request", `${at.key} ${show(one)} is gone`, at);
  for (const one of now) yield change(at.side === "reply", `${at.key} ${show(one)} is new`, at);
};

/** What is left of `allOf` when its plain properties are taken out. */
const allOf: Rule = function* (before = [], after = [], at) {
  const [old, now] = [before, after] as Pair<unknown[]>;
  for (const index of (old.length > now.length ? old : now).keys()) yield* schema(old[index], now[index], at);
};

const RULES: Record<string, Rule> = {
  ...rules.TEXTS,
  type,
  properties,
  required,
  additionalProperties,
  items,
  enum: values,
  anyOf: alternatives,
  oneOf: alternatives,
  allOf,
  maxLength: rules.upperLimit,
  maxItems: rules.upperLimit,
  maxProperties: rules.upperLimit,
  maximum: rules.upperLimit,
  exclusiveMaximum: rules.upperLimit,
  minLength: rules.lowerLimitOfSize,
  minItems: rules.lowerLimitOfSize,
  minProperties: rules.lowerLimitOfSize,
  minimum: rules.lowerLimit,
  exclusiveMinimum: rules.lowerLimit,
  pattern: rules.value(rules.constraint),
  format: rules.value(rules.constraint),
  multipleOf: rules.value(rules.constraint),
  uniqueItems: rules.flag,
  default: rules.value(rules.promise, "it applies where the value is left out"),
  deprecated: rules.value(rules.never),
  [SENSITIVE]: rules.value(rules.always, "earlier versions of this package send and read the other form"),
};
const compareSchemas = object(RULES, (node, document) => withValues(withoutAllOf(node, document)));

export const schema: Rule = (before, after, at) => compareSchemas(before, after, at);

/** The schema with the values that it lists as its `enum`, whichever keyword lists them. */
function withValues(schema: Json): Json {
  const key = (["enum", "const", OPEN_ENUM] as const).find((name) => name in schema);
  if (key === undefined) return schema;
  const { [key]: list, ...rest } = schema;
  return { ...rest, enum: { key, list: key === "const" ? [list] : list } };
}

/** The schema with the properties of its `allOf`: to callers it is one object, however it was put together. */
function withoutAllOf({ allOf = [], ...whole }: Json, document: Json): Json {
  const left: unknown[] = [];
  for (const part of allOf as unknown[]) {
    const { properties = {}, required = [], type, ...rest } = withoutAllOf(objectOf(part, document), document);
    const own = (whole.properties ?? {}) as Json;
    const conflicts = [own, properties as Json].flatMap(Object.keys).length > keysOf(own, properties as Json).length;
    if (conflicts || (type !== undefined && whole.type !== undefined && !isDeepStrictEqual(type, whole.type))) {
      left.push(part);
      continue;
    }
    const all = [...((whole.required ?? []) as string[]), ...(required as string[])];
    const merged = { type: whole.type ?? type, properties: { ...own, ...(properties as Json) }, required: all };
    Object.assign(whole, merged);
    if (Object.keys(rest).length > 0) left.push(rest);
  }
  return left.length > 0 ? { ...whole, allOf: left } : whole;
}
