import { isDeepStrictEqual } from "node:util";
import { IDEMPOTENT, OPEN_ENUM, RESPONSE, SENSITIVE } from "../spec/keys.js";
import { follow, type Json } from "../spec/refs.js";
import { escapeSegment } from "../src/json-pointer.js";

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

type Pair<T> = readonly [before: T, after: T];
/** Who writes the value: a caller may be asked for less and must not be asked for more, a reply the other way round. */
type Side = "request" | "reply";
interface At extends Pick<Change, "operation" | "status" | "place" | "pointer" | "key"> {
  documents: Pair<Json>;
  side: Side;
  /** The objects that hold the key. */
  holders: Pair<Json>;
  /** The pairs on the way here. */
  above: readonly Pair<unknown>[];
  /** Whether a pair that `$ref`s lead to is the same throughout. */
  known: Map<unknown, Map<unknown, boolean>>;
}
type Handler = (before: unknown, after: unknown, at: At) => Iterable<Change>;

/** Every difference between two OpenAPI 3.1 documents but `info.version`. What is not understood is breaking: it is for a human to judge. */
export function compare(before: Json, after: Json): Iterable<Change> {
  const documents = [before, after] as const;
  const nowhere = { operation: "", status: "", place: "", pointer: "", key: "" };
  const at: At = { ...nowhere, documents, side: "request", holders: documents, above: [], known: new Map() };
  return api(before, after, at);
}

/** The operations of a document by method and path. */
export function operationNames(document: Json): string[] {
  return Object.keys(operationsOf((document.paths ?? {}) as Json, [], document));
}

// The rules for a keyword that has one value.

type Breaks<T> = (before: T | undefined, after: T | undefined, side: Side) => boolean;

function rule<T>(breaks: Breaks<T>, why: string | ((...args: Parameters<Breaks<T>>) => string) = ""): Handler {
  return function* (before, after, at) {
    if (isDeepStrictEqual(before, after)) return;
    const args = [before as T | undefined, after as T | undefined, at.side] as const;
    const what = `${at.key} ${show(before)} → ${show(after)}`;
    yield change(breaks(...args), what, at, typeof why === "string" ? why : why(...args));
  };
}

const never = (): false => false;
const always = () => true;
/** Less of it is better for callers: added or changed, it breaks. */
const burden: Breaks<unknown> = (_, after) => after !== undefined;
/** More of it is better for callers: changed or removed, it breaks. */
const promise: Breaks<unknown> = (before) => before !== undefined;
/** What narrows the values down: a burden on those who send them, a promise to those who receive them. */
const constraint: Breaks<unknown> = (before, after, side) =>
  side === "request" ? burden(before, after, side) : promise(before, after, side);
/** A constraint whose `false` is the same as none. */
const flag: Handler = (before = false, after = false, at) =>
  rule((old, now, side) => constraint(old || undefined, now || undefined, side))(before, after, at);

/** A tighter limit refuses what callers send today. In a reply it is harmless, since every value still fits. */
function limit(none: number, tighter: (before: number, after: number) => boolean, loosened = ""): Handler {
  return rule<number>(
    (before = none, after = none, side) => side === "request" && tighter(before, after),
    (before = none, after = none, side) => (side === "reply" && tighter(after, before) ? loosened : ""),
  );
}
const upper = limit(
  Number.POSITIVE_INFINITY,
  (before, after) => after < before,
  // A warning alone: callers' types and code stand, but a database column may not.
  "see that the place where you keep it can hold it",
);
const lower = limit(Number.NEGATIVE_INFINITY, (before, after) => after > before);
const least = limit(0, (before, after) => after > before);

const type = rule<string | string[]>((before, after, side) =>
  side === "request" ? !takes(after, before) : !takes(before, after),
);
function takes(wide: string | string[] | undefined, narrow: string | string[] | undefined): boolean {
  if (wide === undefined || narrow === undefined) return wide === undefined;
  const types = [wide].flat();
  return [narrow].flat().every((name) => types.includes(name) || (name === "integer" && types.includes("number")));
}

// The rules for what holds more than one value.

/** A map: what goes always breaks callers, what comes only now and then. */
function names(
  inner: Handler,
  into: (name: string, at: At) => Partial<At>,
  comes: (name: string, value: Json, at: At, before: Json) => string | false = never,
): Handler {
  return function* (before = {}, after = {}, outer) {
    const [old, now] = [before as Json, after as Json];
    for (const name of keysOf(old, now)) {
      const at = { ...outer, ...into(name, outer) };
      const isNew = !Object.hasOwn(old, name);
      const why = isNew && comes(name, objectOf(now[name], at.documents[1]), outer, old);
      if (isNew) yield change(why !== false, "new", at, why || "");
      else if (!Object.hasOwn(now, name)) yield change(true, "gone", at);
      else yield* inner(old[name], now[name], at);
    }
  };
}

/** An object of the description, key by key. */
function fields(handlers: Record<string, Handler>, view = (node: Json, _document: Json) => node): Handler {
  return function* (before, after, at) {
    const [old, now] = at.documents;
    const here = [target(before, old), target(after, now)] as const;
    // A schema that contains itself was compared further up.
    if (at.above.some((pair) => pair[0] === here[0] && pair[1] === here[1])) return;
    // A shared schema stands in dozens of places, mostly unchanged.
    if (here[0] !== before && here[1] !== after && isSame(here, at)) return;
    const holders = [view(objectOf(before, old), old), view(objectOf(after, now), now)] as const;
    const above = [...at.above, here];
    for (const key of keysOf(...holders)) {
      const handler = (Object.hasOwn(handlers, key) && handlers[key]) || judge;
      yield* handler(holders[0][key], holders[1][key], { ...at, key, holders, above });
    }
  };
}

const unseen: Handler = () => [];
const judge: Handler = function* (before, after, at) {
  for (const [pointer, old, now] of differences(before, after, at)) {
    yield change(true, `${at.key}${pointer} ${show(old)} → ${show(now)}`, at, "no rule knows this: judge it yourself");
  }
};
const text: Handler = function* (before, after, at) {
  const [found] = differences(before, after, at);
  // As it stands in the document, so that a shared text is one change wherever it is shown.
  if (found) yield change("text", `${at.key} ${JSON.stringify(found)}`, at);
};

const required: Handler = function* (before = [], after = [], at) {
  const [old, now] = [before as string[], after as string[]];
  // Of a property that comes or goes, `properties` says all there is to say.
  const holding = (name: string) => at.holders.filter(({ properties = {} }) => Object.hasOwn(properties as Json, name));
  for (const name of new Set([...old, ...now])) {
    if (old.includes(name) === now.includes(name) || holding(name).length === 1) continue;
    const [breaks, what] = now.includes(name)
      ? [at.side === "request", "optional → required"]
      : [at.side === "reply", "required → optional"];
    yield change(breaks, what, { ...at, pointer: at.pointer + escapeSegment(name) });
  }
};

const properties = names(
  (before, after, at) => schema(before, after, at),
  (name, { pointer }) => ({ pointer: pointer + escapeSegment(name) }),
  (name, _, { side, holders: [, now] }) =>
    side === "request" && (now.required as string[] | undefined)?.includes(name) === true && "required",
);

/** Values that are not listed: refused, left open, or described. The generated types know the last ones only. */
const additionalProperties: Handler = function* (before, after, at) {
  const openness = (value: unknown) => (value === false ? 0 : value === undefined ? 1 : 2);
  const [old, now] = [openness(before), openness(after)];
  if (old !== now) yield change(now < old, `additionalProperties ${show(before)} → ${show(after)}`, at);
  if (old > 0 && now === 2) yield* items(before, after, at);
};

const items: Handler = (before, after, at) => schema(before, after, { ...at, pointer: `${at.pointer}/*` });

interface Values {
  /** The keyword: it says whether other values are possible. */
  key: string;
  list: unknown[];
}

/** `enum`, `const` and `x-extensible-enum`. A value that goes breaks either side: callers compare with it. */
const values: Handler = function* (before, after, at) {
  const [old, now] = [before as Values | undefined, after as Values | undefined];
  const isOpen = (some: Values | undefined) => some === undefined || some.key === OPEN_ENUM;
  const outward = at.side === "reply";
  if (old?.key !== now?.key) {
    const breaks = now === undefined ? outward : isOpen(old) !== isOpen(now) && outward === isOpen(now);
    yield change(breaks, `${shown(old)} → ${shown(now)}`, at);
  }
  if (old === undefined || now === undefined) return;
  const among = (list: unknown[], value: unknown) => list.some((one) => isDeepStrictEqual(one, value));
  const why = outward && !isOpen(old) ? "a switch over the values no longer knows them all" : "";
  for (const value of old.list)
    if (!among(now.list, value)) yield change(true, `${old.key} ${show(value)} is gone`, at);
  for (const value of now.list)
    if (!among(old.list, value)) yield change(why !== "", `${now.key} ${show(value)} is new`, at, why);
};
const shown = (some?: Values) => (some === undefined ? "any value" : `${some.key} ${show(some.list)}`);

/** `anyOf` and `oneOf`: branches are told apart by what they say, not by where they stand. Fewer of them narrow the values down. */
const branches: Handler = function* (before, after, at) {
  if (before === undefined || after === undefined) return yield* rule(constraint)(before, after, at);
  const old = [...(before as unknown[])];
  const now = [...(after as unknown[])];
  const equal = (one: unknown, other: unknown) => [...schema(one, other, at)].every(({ kind }) => kind === "text");
  for (const branch of before as unknown[]) {
    const match = now.findIndex((one) => equal(branch, one));
    if (match < 0) continue;
    old.splice(old.indexOf(branch), 1);
    yield* schema(branch, now.splice(match, 1)[0], at);
  }
  // One branch that became another is read field by field, but no field of a list of alternatives is required by itself.
  const alternatives = [...old, ...now].some((branch) => isObject(branch) && Object.keys(branch).join() === "required");
  while (!alternatives && old.length > 0 && now.length > 0) yield* schema(old.shift(), now.shift(), at);
  for (const branch of old) yield change(at.side === "request", `${at.key} ${show(branch)} is gone`, at);
  for (const branch of now) yield change(at.side === "reply", `${at.key} ${show(branch)} is new`, at);
};

/** What is left of `allOf` when its plain properties are taken out: a part that is missing says nothing. */
const parts: Handler = function* (before = [], after = [], at) {
  const [old, now] = [before as unknown[], after as unknown[]];
  for (const index of (old.length > now.length ? old : now).keys()) yield* schema(old[index], now[index], at);
};

// What each object of an OpenAPI document holds.

const TEXTS = {
  title: text,
  summary: text,
  description: text,
  example: text,
  examples: text,
  externalDocs: text,
  $comment: text,
  tags: text,
};

const schema: Handler = (before, after, at) => SCHEMA(before, after, at);
const SCHEMA = fields(
  {
    ...TEXTS,
    type,
    properties,
    required,
    additionalProperties,
    items,
    enum: values,
    anyOf: branches,
    oneOf: branches,
    allOf: parts,
    maxLength: upper,
    maxItems: upper,
    maxProperties: upper,
    maximum: upper,
    exclusiveMaximum: upper,
    minLength: least,
    minItems: least,
    minProperties: least,
    minimum: lower,
    exclusiveMinimum: lower,
    pattern: rule(constraint),
    format: rule(constraint),
    multipleOf: rule(constraint),
    uniqueItems: flag,
    default: rule(promise, "it applies where the value is left out"),
    deprecated: rule(never),
    [SENSITIVE]: rule(always, "earlier versions of this package send and read the other form"),
  },
  (node, document) => {
    const { enum: closed, ...rest } = withoutAllOf(node, document);
    if (closed !== undefined) return { ...rest, enum: { key: "enum", list: closed } };
    const key = ["const", OPEN_ENUM].find((name) => name in rest);
    if (key === undefined) return rest;
    const { [key]: value, ...others } = rest;
    return { ...others, enum: { key, list: key === "const" ? [value] : value } };
  },
);

const media = fields({ ...TEXTS, schema });
const content = names(
  media,
  (name, { place }) => (name === "application/json" ? {} : { place: `${place} (${name})`.trim() }),
  (_name, _value, { side }, before) =>
    side === "reply" && Object.keys(before).length > 0 && "the reply may come in another form",
);
const parameter = fields({
  ...TEXTS,
  name: unseen,
  in: unseen,
  required: flag,
  deprecated: rule(never),
  schema,
  content,
});
const header = fields({ ...TEXTS, required: flag, deprecated: rule(never), schema, content });
const reply = fields({
  ...TEXTS,
  content,
  headers: names(header, (name) => ({ place: `header ${name}` })),
});
const ifRequired = (_: string, value: Json) => value.required === true && "required";
const body = fields({ ...TEXTS, required: flag, content });

const operation = fields({
  ...TEXTS,
  operationId: rule(always, "sandbox.fail() and the operations table know the operation by it"),
  deprecated: rule(never),
  parameters: names(parameter, (place) => ({ place }), ifRequired),
  requestBody: names(body, (place) => ({ place }), ifRequired),
  responses: names(
    reply,
    (status) => ({ status, side: "reply" }),
    (status) => status.startsWith("2") && "the result may have another shape",
  ),
  security: names(unseen, (name) => ({ place: `security ${name}` })),
  [RESPONSE]: rule(burden, "it says whether a reply can be trusted"),
  [IDEMPOTENT]: rule(promise, "it says whether a write may be repeated"),
});
/** An operation that is new under one path and gone under another, by its operationId, has moved. */
const operations: Handler = function* (before, after, at) {
  const [old, now] = [before, after] as Pair<Record<string, Json>>;
  for (const one of names(operation, (name) => ({ operation: name }))(before, after, at)) {
    if (one.key !== at.key) {
      yield one;
      continue;
    }
    const [here, there, word] = Object.hasOwn(now, one.operation) ? [now, old, "was"] : [old, now, "now"];
    const id = here[one.operation]?.operationId;
    const other = Object.keys(there).find((name) => id !== undefined && there[name]?.operationId === id);
    yield other === undefined ? one : { ...one, why: `${word} ${other}` };
  }
};
const api = fields(
  {
    ...TEXTS,
    info: fields({ ...TEXTS, version: unseen, license: text, contact: text, termsOfService: text }),
    operations,
    servers: names(fields({ ...TEXTS, url: unseen }), (url) => ({ place: `server ${url}` })),
    "default server": rule(always),
    securitySchemes: names(fields(TEXTS), (name) => ({ place: `security scheme ${name}` })),
  },
  // Other components are compared where they are used.
  ({ paths, servers = [], security, components, ...rest }, document) => ({
    ...rest,
    securitySchemes: (components as Json | undefined)?.securitySchemes,
    operations: operationsOf((paths ?? {}) as Json, security, document),
    servers: Object.fromEntries((servers as Json[]).map((server) => [server.url, server])),
    "default server": (servers as Json[])[0]?.url,
  }),
);

const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/** The operations by method and path, each with what it has from its path and from the document. */
function operationsOf(paths: Json, security: unknown, document: Json): Json {
  const operations = Object.entries(paths).flatMap(([path, node]) => {
    const item = objectOf(node, document);
    const shared = Object.fromEntries(Object.entries(item).filter(([key]) => !METHODS.includes(key)));
    return METHODS.filter((method) => method in item).map((method) => {
      const own = objectOf(item[method], document);
      const parameters = [shared.parameters ?? [], own.parameters ?? []].flat().map((node) => {
        const { in: place, name } = objectOf(node, document);
        return [`${place} parameter ${name}`, node];
      });
      const alternatives = ((own.security ?? security ?? []) as unknown[]).map((one) => [JSON.stringify(one), one]);
      return [
        `${method.toUpperCase()} ${path}`,
        {
          ...shared,
          ...own,
          parameters: Object.fromEntries(parameters),
          requestBody: own.requestBody === undefined ? {} : { "request body": own.requestBody },
          security: Object.fromEntries(alternatives.length > 0 ? alternatives : [["none", {}]]),
        },
      ];
    });
  });
  return Object.fromEntries(operations);
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

// Reading.

function isObject(node: unknown): node is Json {
  return typeof node === "object" && node !== null && !Array.isArray(node);
}

/** What a `$ref` that stands alone leads to: the node of the document itself. */
function target(node: unknown, document: Json): unknown {
  if (!isObject(node) || typeof node.$ref !== "string" || Object.keys(node).length > 1) return node;
  const found = follow(document, node.$ref);
  return found === undefined ? node : target(found, document);
}

function resolve(node: unknown, document: Json): unknown {
  if (!isObject(node) || typeof node.$ref !== "string") return node;
  const { $ref, ...beside } = node;
  const found = target({ $ref }, document);
  if (!isObject(found) || found.$ref === $ref) return node;
  return { ...(resolve(found, document) as Json), ...beside };
}

/** A schema may be `true` (anything) or `false` (nothing). */
function objectOf(node: unknown, document: Json): Json {
  const found = resolve(node, document);
  return isObject(found) ? found : found === false ? { not: {} } : {};
}

/** Where two values differ, whatever they mean. */
function* differences(
  before: unknown,
  after: unknown,
  { documents, above }: Pick<At, "documents" | "above">,
): Generator<[pointer: string, before: unknown, after: unknown]> {
  if (above.some(([old, now]) => old === before && now === after && isObject(old))) return;
  const [old, now] = [resolve(before, documents[0]), resolve(after, documents[1])];
  if ([old, now].every(isObject) || [old, now].every(Array.isArray)) {
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

function keysOf(before: object, after: object): string[] {
  return [...Object.keys(before), ...Object.keys(after).filter((key) => !Object.hasOwn(before, key))];
}

function change(kind: boolean | "text", what: string, at: At, why = ""): Change {
  const { operation, status, place, pointer, key } = at;
  return {
    kind: kind === "text" ? kind : kind ? "breaking" : "compatible",
    operation,
    status,
    place,
    pointer,
    key,
    what,
    why,
  };
}

function show(value: unknown): string {
  const json = JSON.stringify(value) ?? "none";
  return json.length > 120 ? `${json.slice(0, 119)}…` : json;
}
