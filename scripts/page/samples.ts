// The code samples of an operation: a call with each of its documented examples.
import { goodReplies, type Json, type PlacedOperation, type Resolve } from "../../spec/refs.js";
import { type CodeSample, codeSamples } from "./code-samples.js";

/** One operation of the document, and where it stands. */
export type PageOperation = PlacedOperation<Json & { operationId: string; responses: Json }>;

/** @throws {Error} if a required parameter or body has no example */
export function samplesOf({ method, path, ...rest }: PageOperation, resolve: Resolve): CodeSample[] {
  const params = paramsOf(rest, resolve);
  const parseAs = parseAsOf(rest.operation, resolve);
  const bodies = bodiesOf(rest.operation, resolve);
  const inits =
    bodies.length > 0 ? bodies.map((body) => ({ ...params, body, ...parseAs })) : [{ ...params, ...parseAs }];
  return inits.flatMap((init) => codeSamples({ method, path, ...(Object.keys(init).length > 0 && { init }) }));
}

/** An example of every path and query parameter that has one. The client writes the headers itself. */
function paramsOf(
  { operation, parameters }: Pick<PageOperation, "operation" | "parameters">,
  resolve: Resolve,
): { params?: Json } {
  const params: Record<string, Json> = {};
  for (const { in: place, name, required, schema, ...parameter } of parameters.map(resolve) as Json[]) {
    if (place !== "path" && place !== "query") continue;
    const value = parameter.example ?? valuesOf(parameter.examples, resolve)[0] ?? resolve(schema).example;
    if (value !== undefined) params[place] = { ...params[place], [name as string]: value };
    else if (required) throw new Error(`${operation.operationId} needs an example of its parameter ${name}.`);
  }
  return Object.keys(params).length > 0 ? { params } : {};
}

function bodiesOf({ operationId, requestBody }: PageOperation["operation"], resolve: Resolve): unknown[] {
  const bodies = valuesOf(jsonOf(requestBody, resolve).examples, resolve);
  if (bodies.length === 0 && resolve(requestBody).required)
    throw new Error(`${operationId} needs an example of its request body.`);
  return bodies;
}

/** A reply that is not JSON needs `parseAs`. */
function parseAsOf(operation: Json, resolve: Resolve): { parseAs?: "text" } {
  const types = goodReplies(operation).flatMap((reply) => Object.keys(resolve(reply).content ?? {}));
  return types.length > 0 && !types.includes("application/json") ? { parseAs: "text" } : {};
}

function valuesOf(examples: unknown, resolve: Resolve): unknown[] {
  const values = Object.values((examples ?? {}) as Json).map((example) => resolve(example).value);
  return values.filter((value) => value !== undefined);
}

/** The JSON of a request body or a reply. */
export function jsonOf(body: unknown, resolve: Resolve): { schema?: Json; examples?: Json } {
  return ((resolve(body).content ?? {}) as Json)["application/json"] ?? {};
}
