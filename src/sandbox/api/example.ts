import { examplesOf } from "../../../spec/examples.js";
import type { Resolve } from "../../../spec/refs.js";

export const JSON_TYPE = "application/json";

/** The media types of a body, by their names. */
export type Content = Record<string, { schema?: object; example?: unknown; examples?: unknown }>;

/** A reply as the spec describes it. */
export interface Example {
  status: number;
  /** Absent for an empty body. */
  body?: unknown;
  /** The body to show, where it is another: its numbers as JavaScript has them, and bytes by their length. */
  plain?: unknown;
  /** The media type of a body that is text or bytes, and not JSON. */
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
  const [body] = examplesOf(described, resolve);
  if (body === undefined)
    throw new TypeError(`${name} has no example of its ${type} reply: add one to the spec, or give it a behaviour.`);
  if (type === JSON_TYPE) return { status, body };
  if (typeof body === "string") return { status, body, type };
  throw new TypeError(`${name} has an example of its ${type} reply that is no text: write it as one in the spec.`);
}
