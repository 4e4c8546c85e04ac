// The walk through two OpenAPI documents at once. What a difference means is for the rules to say.
import { isDeepStrictEqual } from "node:util";
import { follow, type Json } from "../../spec/refs.js";
import { isRecord } from "../../src/checks.js";
import { escapeSegment } from "../../src/json-pointer.js";

/** One difference between two descriptions of an API, as its callers see it. */
export interface Change {
  /** `text` is a description, an example or the like: nothing that a program depends on. */
  kind: "breaking" | "compatible" | "text";
  /** `POST /v3/…`; empty where it concerns the whole API. */
  operation: string;
  /** Of the reply; empty elsewhere. */
  status: string;
  /** `request body`, `query parameter openid`, `header Request-ID` of a reply …; empty for the operation itself and a reply's body. */
  place: string;
  /** The field, as a JSON pointer in which a `*` is every item of a list and every property of a map. */
  pointer: string;
  /** The keyword that changed. */
  key: string;
  /** Old → new. */
  what: string;
  /** What it means for callers, where that is not plain to see. */
  why: string;
}

export type Pair<T> = readonly [before: T, after: T];

/** Who writes the value: requests may become freer and must not become stricter, replies the other way round. */
export type Side = "request" | "reply";

/** Where the walk stands. */
export interface At extends Pick<Change, "operation" | "status" | "place" | "pointer" | "key"> {
  documents: Pair<Json>;
  side: Side;
  /** The objects that hold the key. */
  holders: Pair<Json>;
  /** The pairs on the way here. */
  above: readonly Pair<unknown>[];
  /** Whether the two targets of a `$ref` are the same throughout, by target. */
  known: Map<unknown, Map<unknown, boolean>>;
}

/** What a change of a keyword's value means for callers. */
export type Rule = (before: unknown, after: unknown, at: At) => Iterable<Change>;

/** An object of OpenAPI, keyword by keyword. What no rule knows is breaking: it is for a human to judge. */
export function object(rules: Record<string, Rule>, view = (node: Json, _document: Json) => node): Rule {
  return function* (before, after, at) {
    const [old, now] = at.documents;
    const targets = [target(before, old), target(after, now)] as const;
    // A schema that contains itself was compared further up.
    if (at.above.some((pair) => pair[0] === targets[0] && pair[1] === targets[1])) return;
    // A shared schema stands in dozens of places, mostly unchanged.
    if (targets[0] !== before && targets[1] !== after && isSame(targets, at)) return;
    const holders = [view(objectOf(before, old), old), view(objectOf(after, now), now)] as const;
    const above = [...at.above, targets];
    for (const key of keysOf(...holders)) {
      const rule = (Object.hasOwn(rules, key) && rules[key]) || unknown;
      yield* rule(holders[0][key], holders[1][key], { ...at, key, holders, above });
    }
  };
}

/** Objects by name. One that is gone always breaks callers; `whyNewBreaks` says where a new one does. */
export function map(
  inner: Rule,
  into: (name: string, at: At) => Partial<At>,
  whyNewBreaks: (name: string, value: Json, at: At, before: Json) => string | undefined = () => undefined,
): Rule {
  return function* (before = {}, after = {}, outer) {
    const [old, now] = [before, after] as Pair<Json>;
    for (const name of keysOf(old, now)) {
      const at = { ...outer, ...into(name, outer) };
      if (!Object.hasOwn(old, name)) {
        const why = whyNewBreaks(name, objectOf(now[name], at.documents[1]), outer, old);
        yield change(why !== undefined, "new", at, why);
      } else if (!Object.hasOwn(now, name)) yield change(true, "gone", at);
      else yield* inner(old[name], now[name], at);
    }
  };
}

const unknown: Rule = function* (before, after, at) {
  for (const [pointer, old, now] of differences(before, after, at)) {
    yield change(true, `${at.key}${pointer} ${show(old)} → ${show(now)}`, at, "no rule knows this: judge it yourself");
  }
};

/** Words for people. */
export const text: Rule = function* (before, after, at) {
  const [found] = differences(before, after, at);
  // As it stands in the document, so that a shared text is one change wherever it is shown.
  if (found) yield change("text", `${at.key} ${JSON.stringify(found)}`, at);
};

export function change(breaks: boolean | "text", what: string, at: At, why = ""): Change {
  const { operation, status, place, pointer, key } = at;
  const kind = breaks === "text" ? breaks : breaks ? "breaking" : "compatible";
  return { kind, operation, status, place, pointer, key, what, why };
}

/** A value as it is shown to people. */
export function show(value: unknown): string {
  const json = JSON.stringify(value) ?? "none";
  return json.length > 120 ? `${json.slice(0, 119)}…` : json;
}

/** A node with what its `$ref` leads to. A schema may be `true` (anything) or `false` (nothing). */
export function objectOf(node: unknown, document: Json): Json {
  const found = resolve(node, document);
  return isRecord(found) ? found : found === false ? { not: {} } : {};
}

export function keysOf(before: object, after: object): string[] {
  return [...Object.keys(before), ...Object.keys(after).filter((key) => !Object.hasOwn(before, key))];
}

/** What a `$ref` that stands alone leads to: the node of the document itself. */
function target(node: unknown, document: Json): unknown {
  if (!isRecord(node) || typeof node.$ref !== "string" || Object.keys(node).length > 1) return node;
  const found = follow(document, node.$ref);
  return found === undefined ? node : target(found, document);
}

/** A `$ref` that leads nowhere stays as it is, so that it shows as a difference. */
function resolve(node: unknown, document: Json): unknown {
  if (!isRecord(node) || typeof node.$ref !== "string") return node;
  const { $ref, ...beside } = node;
  const found = target({ $ref }, document);
  if (!isRecord(found) || found.$ref === $ref) return node;
  return { ...(resolve(found, document) as Json), ...beside };
}

/** Where two values differ, whatever they mean. */
function* differences(
  before: unknown,
  after: unknown,
  { documents, above }: Pick<At, "documents" | "above">,
): Generator<[pointer: string, before: unknown, after: unknown]> {
  if (above.some(([old, now]) => old === before && now === after && isRecord(old))) return;
  const [old, now] = [resolve(before, documents[0]), resolve(after, documents[1])];
  if ([old, now].every(isRecord) || [old, now].every(Array.isArray)) {
    const inner = { documents, above: [...above, [before, after] as const] };
    for (const key of keysOf(old as Json, now as Json))
      for (const [pointer, ...pair] of differences((old as Json)[key], (now as Json)[key], inner))
        yield [escapeSegment(key) + pointer, ...pair];
  } else if (!isDeepStrictEqual(old, now)) {
    yield ["", old, now];
  }
}

function isSame([before, after]: Pair<unknown>, { documents, known }: At): boolean {
  const answers = known.get(before) ?? new Map<unknown, boolean>();
  known.set(before, answers);
  const same = answers.get(after) ?? differences(before, after, { documents, above: [] }).next().done === true;
  answers.set(after, same);
  return same;
}
