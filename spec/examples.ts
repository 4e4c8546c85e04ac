// Where OpenAPI allows an example, and one function that finds it, for docs and sandbox.
import { OPEN_ENUM } from "./keys.js";
import type { Json, Resolve } from "./refs.js";

/** What may have examples of itself: a parameter, or a media type of a body. */
export interface Described {
  schema?: unknown;
  example?: unknown;
  examples?: unknown;
  content?: unknown;
}

/** Makes a value of a schema that is no object, no list and no choice, and has no example. */
export type MakeUp = (schema: Json) => unknown;

/** The examples of a parameter or a media type: those that it names, or else the one of its schema. */
export function examplesOf(described: Described, resolve: Resolve, makeUp?: MakeUp): unknown[] {
  const { example, examples, schema, content } = described;
  if (example !== undefined) return [example];
  const named = Object.values((examples ?? {}) as Json).map((each) => resolve(each).value);
  const given = named.filter((value) => value !== undefined);
  if (given.length > 0) return given;
  const [media] = Object.values((content ?? {}) as Record<string, Described>);
  if (media !== undefined) return examplesOf(media, resolve, makeUp);
  const sample = sampleOf(schema, resolve, makeUp);
  return sample === undefined ? [] : [sample];
}

/** The first value that a schema itself shows. */
function shownBy(schema: Json): unknown {
  const first = (values: unknown) => (Array.isArray(values) ? values[0] : undefined);
  const { example, examples, enum: values, [OPEN_ENUM]: known } = schema;
  const places = [example, first(examples), schema.const, first(values), first(known), schema.default];
  return places.find((value) => value !== undefined);
}

/** The example of a schema, or one made of its parts' examples; undefined where a required part has none. */
function sampleOf(schema: unknown, resolve: Resolve, makeUp?: MakeUp, above: readonly Json[] = []): unknown {
  const node = resolve(schema);
  // What stands beside a $ref holds as well, and is closer.
  const shown = shownBy((schema ?? {}) as Json) ?? shownBy(node);
  // A schema that contains itself has to end.
  if (shown !== undefined || above.includes(node)) return shown;
  const inner = (part: unknown, isNeeded = true) =>
    sampleOf(part, resolve, isNeeded ? makeUp : undefined, [...above, node]);

  const { items, allOf = [], anyOf, oneOf } = node as Record<string, unknown[]>;
  if (items !== undefined) return [inner(items)].filter(isKnown);
  for (const choice of oneOf ?? anyOf ?? [undefined]) {
    const sample = composed(node, [...allOf, choice].filter(isKnown), resolve, inner);
    if (sample !== undefined) return sample;
  }
  const [type] = [node.type].flat();
  if (makeUp === undefined || type === undefined || node.properties !== undefined) return undefined;
  return type === "object" ? {} : type === "array" ? [] : makeUp({ ...node, type });
}

/** A value of a schema and of all the parts that hold beside it. */
function composed(
  node: Json,
  parts: unknown[],
  resolve: Resolve,
  inner: (part: unknown, isNeeded?: boolean) => unknown,
): unknown {
  const samples = parts.map((part) => inner(part)).filter(isKnown);
  if (node.properties === undefined && !samples.every(isRecord)) return samples.find((sample) => !isRecord(sample));
  const holders = [node, ...parts.map(resolve)];
  const required = holders.flatMap((holder) => (holder.required ?? []) as string[]);
  const own = Object.entries((node.properties ?? {}) as Json).map(([name, part]) => [
    name,
    inner(part, required.includes(name)),
  ]);
  const described = Object.fromEntries(own.filter(([, sample]) => isKnown(sample)));
  const whole = [...samples, described].reduce(merge, {}) as Json;
  if (node.properties === undefined && samples.length === 0) return undefined;
  for (const name of required) {
    const part = holders.map(({ properties }) => (properties as Json | undefined)?.[name]).find(isKnown);
    whole[name] ??= inner(part) ?? (isTyped(resolve(part)) ? undefined : inner({ type: "string" }));
    if (whole[name] === undefined) return undefined;
  }
  return whole;
}

const TYPES = ["type", "properties", "items", "allOf", "anyOf", "oneOf"];
const isTyped = (schema: Json) => TYPES.some((keyword) => keyword in schema);
/** Two values of one thing, each of which knows a part of it. */
function merge(one: unknown, other: unknown): unknown {
  if (!isRecord(one) || !isRecord(other)) return other;
  const shared = Object.entries(other).map(([key, value]) => [key, key in one ? merge(one[key], value) : value]);
  return { ...one, ...Object.fromEntries(shared) };
}

const isKnown = (value: unknown) => value !== undefined;
const isRecord = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
