// How to find the way in an OpenAPI document.
import { METHODS as CALLED } from "../src/client/operations.js";
import { escapeSegment, valueAt } from "../src/json-pointer.js";

/** A JSON object. */
export type Json = Record<string, unknown>;

/** The methods of the operations that are called, as a path names them. */
export const METHODS = CALLED.map((method) => method.toLowerCase() as Lowercase<typeof method>);
/** Those that OpenAPI has beside them. */
export const OTHER_METHODS = ["head", "options", "trace"] as const;

/** An operation of a document in one piece, and where it stands. */
export interface PlacedOperation<Operation> {
  method: (typeof METHODS)[number];
  path: string;
  operation: Operation;
  /** The path's and its own. */
  parameters: unknown[];
}

/** The operations that are called, in the order of the document. */
export function operationsOf<Operation>({ paths }: { paths?: unknown }): PlacedOperation<Operation>[] {
  return Object.entries((paths ?? {}) as Record<string, Json>).flatMap(([path, item]) =>
    METHODS.filter((method) => method in item).map((method) => {
      const { parameters = [] } = item[method] as { parameters?: unknown };
      return {
        method,
        path,
        operation: item[method] as Operation,
        parameters: [item.parameters ?? [], parameters].flat(),
      };
    }),
  );
}

/** The replies of an operation by which it succeeds. */
export function goodReplies({ responses }: { responses?: Json }): unknown[] {
  return Object.entries(responses ?? {}).flatMap(([status, reply]) => (status.startsWith("2") ? [reply] : []));
}

/** Whether a media type is JSON, in UTF-8 whatever it adds to that. https://www.rfc-editor.org/rfc/rfc8259#section-11 */
export function isJson(type: string): boolean {
  return /^application\/json\s*(;|$)/i.test(type);
}

/** Whether a media type is that of an upload, whatever it adds to that. */
export function isUpload(type: string): boolean {
  return /^multipart\/form-data\s*(;|$)/i.test(type);
}

/** The node that a `$ref` names in an OpenAPI document that is in one piece; undefined where there is none. */
export function follow(document: unknown, $ref: string): unknown {
  return $ref.startsWith("#/") ? valueAt(document, decodeURIComponent($ref.slice(1))) : undefined;
}

/**
 * Follows the `$ref`s of a node until there is none. What is absent is an empty object.
 * @throws {TypeError} if a `$ref` leads nowhere.
 */
export type Resolve = (node: unknown) => Json;

/** A {@link Resolve} for an OpenAPI document that is in one piece. */
export function resolver(document: unknown): Resolve {
  return function resolve(node): Json {
    const { $ref } = (node ?? {}) as { $ref?: string };
    if ($ref === undefined) return (node ?? {}) as Json;
    const target = follow(document, $ref);
    if (target === undefined) throw new TypeError(`The OpenAPI document has no ${$ref}; it must be in one piece.`);
    return resolve(target);
  };
}

/** The properties of an object, with those of its parts. */
export function propertiesOf(schema: unknown, resolve: Resolve): Json {
  const node = resolve(schema);
  const parts = ((node.allOf ?? []) as unknown[]).map((part) => propertiesOf(part, resolve));
  return Object.assign({}, ...parts, node.properties);
}

/** A schema that stands directly in another one. */
export interface Subschema {
  schema: unknown;
  /** The way to it from the outer schema. */
  keys: string[];
  /** The values that it describes, as the end of a JSON pointer: empty for the value itself, `/*` for any of its items or properties. */
  segment: string;
}

const ITSELF = ["allOf", "anyOf", "oneOf", "then", "else"];
const ANY_PART = ["items", "prefixItems", "unevaluatedItems", "additionalProperties", "unevaluatedProperties"];

/** The schemas directly in a schema. `$ref`s are not followed. */
export function* subschemas(schema: Json): Generator<Subschema> {
  for (const keyword of ITSELF) yield* held(schema, keyword, () => "");
  yield* held(schema, "properties", escapeSegment);
  for (const keyword of [...ANY_PART, "patternProperties"]) yield* held(schema, keyword, () => "/*");
}

/** A keyword holds one schema, a list, or schemas by name. */
function* held(outer: Json, keyword: string, segment: (name: string) => string): Generator<Subschema> {
  const value = outer[keyword] ?? [];
  if (Array.isArray(value) || keyword === "properties" || keyword === "patternProperties") {
    for (const [name, schema] of Object.entries(value)) yield { schema, keys: [keyword, name], segment: segment(name) };
  } else yield { schema: value, keys: [keyword], segment: segment("") };
}
