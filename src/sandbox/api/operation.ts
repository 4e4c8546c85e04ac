import { IDEMPOTENT, isUnsigned, sensitiveFields } from "../../../spec/keys.js";
import { isJson, type Json, propertiesOf, type Resolve } from "../../../spec/refs.js";
import { escapeSegment } from "../../json-pointer.js";
import type { SandboxRequest } from "../server/http.js";
import { parameterError } from "../server/refusals.js";
import { answerer } from "./answer.js";
import { type Content, type Example, exampleOf, JSON_TYPE } from "./example.js";
import { readJson, refuseFourBytes } from "./json-body.js";
import { type RequestExample, requestExamples } from "./request-example.js";
import { readUpload, UPLOAD_TYPE } from "./upload.js";
import type { Check, Validation } from "./validation.js";

/** An operation of the document, ready to check requests. */
export interface SandboxOperation {
  /** Method and path, such as `POST /v3/payroll-card/tokens`. */
  name: string;
  /** Its name where the document gives none. */
  operationId: string;
  /** As the spec has it, often in two languages. */
  summary: string;
  /** The field of the body that makes it safe to repeat, as a JSON pointer. */
  idempotent: string | undefined;
  /** Documented requests, by their names. */
  requests(): ReadonlyMap<string, RequestExample>;
  /**
   * The example of a good reply.
   * @throws {TypeError} if the spec describes a body and has no example of it.
   */
  example(): Example;
  /**
   * The good reply of what a behaviour returns.
   * @throws {TypeError} if it is not what the spec describes.
   */
  answer(returned: unknown): Example;
  /** Whether the spec says that a good reply carries no signature. */
  unsigned: boolean;
  /** Fields that are encrypted on the wire: JSON pointers into the bodies of the request and of a good reply, and into the query. */
  sensitive: { request: string[]; response: string[]; query: string[] };
  /**
   * The request's parameters and body, as the spec describes them.
   * @throws {Refusal} 400 `PARAM_ERROR` naming the first value that the spec refuses.
   */
  read(request: SandboxRequest, path: Record<string, string>): Promise<OperationInput>;
}

/** The values of a request that the spec has accepted. A parameter has the type that its schema asks for. */
export interface OperationInput {
  path: Record<string, unknown>;
  query: Record<string, unknown>;
  /** Absent where there is none, or where the spec describes none in JSON. Of an upload `{ file, meta }`, its file with `bytes`. */
  body: unknown;
}

/**
 * Reads an operation of the document.
 * @param shared the parameters of its path
 */
export function readOperation(
  name: string,
  operation: Json,
  shared: unknown,
  validation: Validation,
  resolve: Resolve,
): SandboxOperation {
  const parameters = parametersOf(shared, operation.parameters, resolve);
  const checkPath = validation.ofParameters(parameters, "path");
  const checkQuery = validation.ofParameters(parameters, "query");
  const requestBody = resolve(operation.requestBody);
  const content = contentOf(requestBody);
  const { schema } = content[JSON_TYPE] ?? {};
  const readBody = bodyReader(content, requestBody.required === true, validation, resolve);
  const { status, content: answers } = goodResponse(resolve(operation.responses), resolve);
  const answerSchema = answers[JSON_TYPE]?.schema;
  return {
    name,
    operationId: String(operation.operationId ?? name),
    summary: String(operation.summary ?? ""),
    idempotent: operation[IDEMPOTENT] as string | undefined,
    requests: () => requestExamples(parameters, content, resolve),
    answer: answerer(status, answers, answerSchema && validation.violationOf(answerSchema)),
    example: () => exampleOf(name, status, answers, resolve),
    unsigned: isUnsigned(operation),
    sensitive: {
      request: sensitiveFields(schema, resolve),
      response: sensitiveFields(answerSchema, resolve),
      query: parameters
        .filter((parameter) => parameter.in === "query")
        .flatMap(({ name, schema }) =>
          sensitiveFields(schema, resolve).map((field) => escapeSegment(String(name)) + field),
        ),
    },
    async read(request, path) {
      const query = readQuery(request.target);
      checkPath(path);
      checkQuery(query);
      return { path, query, body: await readBody(request) };
    },
  };
}

/** An operation's own parameter replaces the path's of the same name and place. */
function parametersOf(shared: unknown, own: unknown, resolve: Resolve): Json[] {
  const all = [shared, own].flatMap((list) => (Array.isArray(list) ? list.map(resolve) : []));
  return [...new Map(all.map((parameter) => [`${parameter.in} ${parameter.name}`, parameter])).values()];
}

function goodResponse(responses: Json, resolve: Resolve): { status: number; content: Content } {
  const [code = "default"] = Object.keys(responses)
    .filter((each) => each.startsWith("2"))
    .sort();
  // OpenAPI allows 2XX as well.
  return { status: Number(code) || 200, content: contentOf(resolve(responses[code])) };
}

function contentOf(node: Json): Content {
  const types = Object.entries((node.content ?? {}) as Content);
  return Object.fromEntries(types.map(([type, media]) => [isJson(type) ? JSON_TYPE : type, media]));
}

/** A parameter that is given several times is a list. */
function readQuery(target: string): Record<string, unknown> {
  const parameters = new URLSearchParams(target.replace(/^[^?]*/, ""));
  return Object.fromEntries(
    [...new Set(parameters.keys())].map((name) => {
      const values = parameters.getAll(name);
      return [name, values.length > 1 ? values : values[0]];
    }),
  );
}

/** Reads a request's body as the spec describes it: an upload, JSON, or not at all. */
function bodyReader(content: Content, isRequired: boolean, validation: Validation, resolve: Resolve) {
  const upload = content[UPLOAD_TYPE]?.schema;
  if (upload !== undefined && "meta" in propertiesOf(upload, resolve)) {
    const check = validation.ofBody(upload, "upload");
    return (request: SandboxRequest): unknown => readUpload(request, check);
  }
  const schema = content[JSON_TYPE]?.schema;
  const check = schema && validation.ofBody(schema);
  return ({ body }: SandboxRequest): unknown => check && readJsonBody(body, isRequired, check);
}

function readJsonBody(body: SandboxRequest["body"], isRequired: boolean, check: Check): unknown {
  if (body.length === 0) {
    if (isRequired) throw parameterError("", undefined, "is required", "body", { zh: "是空的", en: "is empty" });
    return undefined;
  }
  const json = readJson(body);
  check(json);
  refuseFourBytes(json);
  return json;
}
