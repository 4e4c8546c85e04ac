// The code samples of an operation: a call with each of its examples, or with one that is made up.
import { sample } from "openapi-sampler";
import { type Described, examplesOf } from "../../spec/examples.js";
import { goodReplies, type Json, type PlacedOperation, type Resolve } from "../../spec/refs.js";
import { type CodeSample, codeSamples, FileContent } from "./code-samples.js";

/** One operation of the document, and where it stands. */
export type PageOperation = PlacedOperation<Json & { operationId: string; responses: Json }>;

export function samplesOf({ method, path, ...rest }: PageOperation, place: string[] | undefined, resolve: Resolve) {
  const params = paramsOf(rest.parameters, resolve);
  const parseAs = parseAsOf(rest.operation, resolve);
  const bodies = bodiesOf(rest.operation, resolve);
  const inits =
    bodies.length > 0 ? bodies.map((body) => ({ ...params, body, ...parseAs })) : [{ ...params, ...parseAs }];
  return inits.flatMap((init): CodeSample[] =>
    codeSamples({ method, path, place, ...(Object.keys(init).length > 0 && { init }) }),
  );
}

/** A text, number or truth value that fits its schema. openapi-sampler does not know all patterns: what it makes of one is checked. */
function makeUp({ pattern, ...schema }: Json): unknown {
  if (typeof pattern !== "string") return sample(schema, { quiet: true });
  const known = pattern.replaceAll("\\d", "[0-9]").replaceAll("\\w", "[A-Za-z0-9_]");
  try {
    const made = sample({ ...schema, pattern: known }, { quiet: true, enablePatterns: true });
    if (new RegExp(pattern).test(String(made))) return made;
  } catch {
    // A pattern of another language.
  }
  return makeUp(schema);
}

/** A value of every path and query parameter that is required or has an example. The client writes the headers itself. */
function paramsOf(parameters: unknown[], resolve: Resolve): { params?: Json } {
  const params: Record<string, Json> = {};
  for (const { in: place, name, required, ...described } of parameters.map(resolve)) {
    if (place !== "path" && place !== "query") continue;
    const [value = required ? "…" : undefined] = examplesOf(described, resolve, required ? makeUp : undefined);
    if (value !== undefined) params[place] = { ...params[place], [name as string]: value };
  }
  return Object.keys(params).length > 0 ? { params } : {};
}

/** What the page shows of a required body that has no example is what the code sends. */
function bodiesOf({ requestBody }: PageOperation["operation"], resolve: Resolve): unknown[] {
  const body = resolve(requestBody);
  const upload = ((body.content ?? {}) as Record<string, Described>)["multipart/form-data"];
  const media = upload ?? jsonOf(body, resolve);
  const bodies = examplesOf(media, resolve, body.required ? makeUp : undefined);
  if (bodies.length > 0 && media.examples === undefined && media.example === undefined) media.example = bodies[0];
  return upload ? bodies.map(uploadOf) : bodies;
}

/** An upload as callers write it: the client computes the hash. */
function uploadOf(example: unknown): object {
  const { file, meta } = Object(example) as { file?: unknown; meta?: unknown };
  const { sha256: _, ...rest } = Object(meta) as Json;
  const name = [rest.filename, file].find((each) => typeof each === "string" && /^[^/\\\s]{1,60}$/.test(each));
  return { file: new FileContent(String(name ?? "file")), meta: rest };
}

/** A reply that is not JSON needs `parseAs`. */
function parseAsOf(operation: Json, resolve: Resolve): { parseAs?: "text" | "arrayBuffer" } {
  const replies = goodReplies(operation).flatMap((reply) => Object.entries((resolve(reply).content ?? {}) as Json));
  if (replies.length === 0 || replies.some(([type]) => type === "application/json")) return {};
  const isText = replies.every(([type, media]) => {
    const { format } = resolve((media as Described).schema);
    return format !== "binary" && !BYTES.test(type);
  });
  return { parseAs: isText ? "text" : "arrayBuffer" };
}

/** The media types whose bytes are no text. */
const BYTES = /^(image|audio|video|font)\/|zip|pdf/;

/** The JSON of a request body or a reply. */
export function jsonOf(body: unknown, resolve: Resolve): Described & { schema?: Json } {
  return ((resolve(body).content ?? {}) as Json)["application/json"] ?? {};
}
