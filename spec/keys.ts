// What the keys mean that this project adds to OpenAPI. spec/README.md explains them.
import { type Json, type Resolve, subschemas } from "./refs.js";

/** On a schema: the text is encrypted on the wire. */
export const SENSITIVE = "x-wechatpay-sensitive";
/** On an operation: `unsigned` where a good reply carries no signature. */
export const RESPONSE = "x-wechatpay-response";
/** On an operation: the field of its body that makes it safe to repeat. */
export const IDEMPOTENT = "x-wechatpay-idempotent";
/** On a schema: the values known today. */
export const OPEN_ENUM = "x-extensible-enum";
/** On a tag: what the menu of the docs calls it. Other tools know this key, too. */
export const DISPLAY_NAME = "x-displayName";

/** Whether a schema marks its text as encrypted on the wire. */
export function isSensitive(schema: object): boolean {
  return (schema as Json)[SENSITIVE] === true;
}

/** Whether a good reply of the operation carries no signature. */
export function isUnsigned(operation: object): boolean {
  return (operation as Json)[RESPONSE] === "unsigned";
}

/**
 * The fields that a schema marks `x-wechatpay-sensitive: true`, at any depth, as JSON pointers.
 *
 * A `*` in a pointer is every item of a list and every property of a map, such as `/names/*`; none is left out, not even a tuple's
 * other items and the properties that are described beside `additionalProperties`. Nor is one named twice, as `/a` beside `/*`.
 *
 * @param resolve follows one `$ref` or several, and returns the same object for the same target.
 * @throws {TypeError} if pointers cannot name the fields: where a schema contains itself and they would repeat endlessly, and below a
 * property whose name is `*`.
 */
export function sensitiveFields(schema: unknown, resolve: Resolve): string[] {
  const found = new Set<string>();

  function visit(node: unknown, pointer: string, above: ReadonlyMap<Json, string>): void {
    // Asked at every step, for a recursion without sensitive fields is allowed and has no end.
    if (!isObject(node) || !holdsSensitive(node, resolve)) return;
    const before = above.get(node);
    if (before === pointer) return;
    if (before !== undefined) {
      throw new TypeError(
        `the schema at "${before}" comes again at "${pointer}", so its sensitive fields would repeat endlessly: write out the levels that there are.`,
      );
    }
    if (isSensitive(node)) found.add(pointer);
    if (holdsSensitive((node.properties as Json | undefined)?.["*"], resolve)) {
      throw new TypeError(`"${pointer}" has a property "*" with a sensitive field, and "*" is every property.`);
    }
    const trail = new Map(above).set(node, pointer);
    for (const [segment, inner] of parts(node, resolve)) visit(inner, pointer + segment, trail);
  }

  visit(schema, "", new Map());
  const pointers = [...found];
  return pointers.filter((pointer) => !pointers.some((other) => other !== pointer && covers(other, pointer)));
}

/** Whether a pointer's stars take in whatever the other one names: a field that is named twice would be encrypted twice. */
function covers(pointer: string, other: string): boolean {
  const [segments, others] = [pointer.split("/"), other.split("/")];
  return segments.length === others.length && segments.every((segment, i) => segment === "*" || segment === others[i]);
}

function holdsSensitive(node: unknown, resolve: Resolve, seen = new Set<Json>()): boolean {
  if (!isObject(node) || seen.has(node)) return false;
  seen.add(node);
  return isSensitive(node) || [...parts(node, resolve)].some(([, inner]) => holdsSensitive(inner, resolve, seen));
}

/** The schemas directly in a schema and, where it has a `$ref`, the one that this names. What stands beside a `$ref` holds as well. */
function* parts(node: Json, resolve: Resolve): Generator<[segment: string, schema: unknown]> {
  if ("$ref" in node) yield ["", resolve(node)];
  for (const { segment, schema } of subschemas(node)) yield [segment, schema];
}

/** A schema may also be `true` or `false`. */
function isObject(node: unknown): node is Json {
  return typeof node === "object" && node !== null;
}
