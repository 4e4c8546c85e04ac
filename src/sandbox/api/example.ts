import { OPEN_ENUM } from "../../../spec/keys.js";
import type { Json, Resolve } from "../../../spec/refs.js";

export const JSON_TYPE = "application/json";

/** The media types of a body, by their names. */
export type Content = Record<string, { schema?: object; example?: unknown; examples?: unknown }>;

/** A reply as the spec shows it. */
export interface Example {
  status: number;
  /** Absent for an empty body. */
  body?: unknown;
  /** The media type of a body that is text and not JSON. */
  type?: string;
}

/**
 * The example of a reply, in JSON or else in the first of its media types.
 * @param name of the operation, for messages
 * @throws {TypeError} if the spec describes a body and has no example of it.
 */
export function exampleOf(name: string, status: number, content: Content, resolve: Resolve): Example {
  const [type = JSON_TYPE] = JSON_TYPE in content ? [] : Object.keys(content);
  const described = content[type];
  if (described === undefined || status === 204) return { status };
  const [first] = Object.values((described.examples ?? {}) as Json).map(resolve);
  const body = described.example ?? first?.value ?? sampleOf(described.schema, resolve);
  if (body === undefined) throw new TypeError(`${name} has no example of its ${type} reply: add one to the spec.`);
  if (type === JSON_TYPE) return { status, body };
  if (typeof body === "string") return { status, body, type };
  throw new TypeError(`${name} has an example of its ${type} reply that is no text: write it as one in the spec.`);
}

/** The example of a schema, or one made of its parts' examples; undefined where a required part has none. */
function sampleOf(schema: unknown, resolve: Resolve, above: readonly Json[] = []): unknown {
  const node = resolve(schema);
  const { allOf, anyOf, oneOf, properties, required = [], items } = node as Record<string, never[]>;
  const [value = node.const] = (node.enum ?? node[OPEN_ENUM] ?? node.examples ?? []) as unknown[];
  const own = node.example ?? value ?? node.default;
  // A schema that contains itself has to end.
  if (own !== undefined || above.includes(node)) return own;
  const inner = (part: unknown) => sampleOf(part, resolve, [...above, node]);
  if (items !== undefined) return [inner(items)].filter((item) => item !== undefined);
  if (properties === undefined && allOf === undefined) {
    const [branch] = oneOf ?? anyOf ?? [];
    return branch && inner(branch);
  }
  const parts = Object.entries(properties ?? {}).map(([name, part]) => [name, inner(part)] as const);
  const known = Object.fromEntries(parts.filter(([, sample]) => sample !== undefined));
  const whole = Object.assign({}, ...(allOf ?? []).map(inner), known);
  return required.every((name) => name in whole) ? whole : undefined;
}
