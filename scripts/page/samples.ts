// The samples of an operation: a call with each of its examples, or with one that is made up.
import { sample } from "openapi-sampler";
import { type Described, examplesOf } from "../../spec/examples.js";
import { isSensitive, sensitiveFields } from "../../spec/keys.js";
import { goodReplies, type Json, type PlacedOperation, type Resolve } from "../../spec/refs.js";
import { UPLOAD } from "../generate/uploads.js";
import { codeSamples, FileContent, type Form } from "./code-samples.js";
import { curlSample } from "./curl.js";
import { title } from "./html.js";
import { both, type Text } from "./languages.js";

/** One operation of the document, and where it stands. */
export type PageOperation = PlacedOperation<Json & { operationId: string; responses: Json }>;

/** An example of a body, by the name that the description gives it. */
export interface Example {
  name?: string;
  summary?: Text;
  value: unknown;
}

/** A call with one example, in every form. */
export interface Sample extends Omit<Example, "value"> {
  forms: Partial<Record<Form | "curl" | "payload", Text>>;
}

export function samplesOf(each: PageOperation, place: string[] | undefined, resolve: Resolve): Sample[] {
  const { method, path, operation } = each;
  const params = paramsOf(each.parameters, resolve);
  const parseAs = parseAsOf(operation, resolve);
  const media = bodyOf(operation, resolve);
  const raw = {
    method,
    path,
    ...params,
    sensitive: sensitiveOf(each, resolve),
    headers: headersOf(each.parameters, resolve),
  };
  const { isUpload, examples } = media;
  return (examples.length > 0 ? examples : [{ value: undefined }]).map(({ value, ...named }): Sample => {
    const upload = isUpload ? uploadOf(value) : undefined;
    const body = upload ?? value;
    const init = { ...params, ...(body !== undefined && { body }), ...parseAs };
    const forms = codeSamples({ method, path, place, ...(Object.keys(init).length > 0 && { init }) });
    const sent = upload ? { body: Object(value).meta, file: upload.file.name } : { body: value };
    return {
      ...named,
      forms: {
        ...Object.fromEntries(Object.entries(forms).map(([form, code]) => [form, both(code)])),
        curl: curlSample({ ...raw, ...sent }),
        ...(body !== undefined && { payload: both(JSON.stringify(value, null, 2)) }),
      },
    };
  });
}

/** What is encrypted: fields of the body, and parameters of the query by their names. */
function sensitiveOf({ operation, parameters }: PageOperation, resolve: Resolve) {
  const { schema } = jsonOf(operation.requestBody, resolve);
  const query = parameters.map(resolve).filter((each) => each.in === "query" && isSensitive(resolve(each.schema)));
  return { body: sensitiveFields(schema, resolve), query: query.map(({ name }) => String(name)) };
}

/** The headers that an operation has beside those of every request. Which key is meant stands where the others stand, in the environment. */
function headersOf(parameters: unknown[], resolve: Resolve): Record<string, string> {
  const headers = parameters.map(resolve).filter((each) => each.in === "header");
  return Object.fromEntries(
    headers.flatMap(({ name, required, ...described }) => {
      if (name === "Wechatpay-Serial") return [[name, "$WECHATPAY_PLATFORM_KEY_ID"]];
      const [value] = required === true ? examplesOf(described, resolve, makeUp) : [];
      return value === undefined ? [] : [[String(name), String(value)]];
    }),
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

/** The examples of the body that is sent; of a required one that has none, one that is made up. */
function bodyOf({ requestBody }: PageOperation["operation"], resolve: Resolve) {
  const body = resolve(requestBody);
  const upload = ((body.content ?? {}) as Record<string, Described>)[UPLOAD];
  const media = upload ?? jsonOf(body, resolve);
  return {
    isUpload: upload !== undefined,
    examples: namedExamples(media, resolve, body.required ? makeUp : undefined),
  };
}

/** The examples of a media type with their names, or else the one of its schema. */
export function namedExamples(media: Described, resolve: Resolve, made?: typeof makeUp): Example[] {
  const named = Object.entries((media.examples ?? {}) as Json).flatMap(([name, each]) => {
    const { summary, value } = resolve(each);
    return value === undefined
      ? []
      : [{ name, ...(typeof summary === "string" && { summary: title(summary) }), value }];
  });
  return named.length > 0 ? named : examplesOf(media, resolve, made).map((value) => ({ value }));
}

/** An upload as callers write it: the client computes the hash. */
function uploadOf(example: unknown): { file: FileContent; meta: Json } {
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
