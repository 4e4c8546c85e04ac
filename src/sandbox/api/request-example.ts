import { examplesOf } from "../../../spec/examples.js";
import type { Json, Resolve } from "../../../spec/refs.js";
import { type Content, JSON_TYPE } from "./example.js";

/** A request as the spec shows it; sensitive fields in plain text. */
export interface RequestExample {
  path: Record<string, unknown>;
  query: Record<string, unknown>;
  /** Absent where there is none. */
  body?: unknown;
}

/**
 * The documented requests of an operation, by their names; one without a name where the body has none, or there is none. Empty where they
 * cannot be sent as JSON.
 */
export function requestExamples(parameters: Json[], content: Content, resolve: Resolve): Map<string, RequestExample> {
  const valuesIn = (place: string) => {
    const here = parameters.filter((parameter) => parameter.in === place);
    return Object.fromEntries(here.flatMap((parameter) => exampleOf(parameter, resolve)));
  };
  const shared = { path: valuesIn("path"), query: valuesIn("query") };
  const media = content[JSON_TYPE];
  if (media === undefined) return new Map(Object.keys(content).length === 0 ? [["", shared]] : []);
  const named = Object.entries((media.examples ?? {}) as Json);
  const [unnamed] = named.length > 0 ? [] : examplesOf(media, resolve);
  const bodies = named.map(([name, example]): [string, unknown] => [name, resolve(example).value]);
  const all = unnamed === undefined ? bodies : [["", unnamed] as const];
  return new Map(all.map(([name, body]) => [name, structuredClone({ ...shared, body })]));
}

/** What a parameter is in the example: a text that says so itself, or one that has to be there. */
function exampleOf(parameter: Json, resolve: Resolve): [name: string, value: unknown][] {
  const schema = resolve(parameter.schema);
  const isShown = [parameter, schema].some(({ example, examples }) => example !== undefined || examples !== undefined);
  // Where it can be left out, it makes a merchant's request one of a service provider, which the rest of the example is not.
  const isOfProvider = parameter.name === "sub_mchid";
  if (parameter.required !== true && (!isShown || isOfProvider)) return [];
  const [value] = examplesOf(parameter, resolve);
  return value === undefined ? [] : [[String(parameter.name), value]];
}
