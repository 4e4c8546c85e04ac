import { Ajv2020, type ErrorObject, type Options, type ValidateFunction } from "ajv/dist/2020.js";
import { isUnsigned, OPEN_ENUM, sensitiveFields } from "../../spec/keys.js";
import { type Json, METHODS, resolver, valueAt } from "../../spec/refs.js";
import { escapeSegment, parsePointer } from "../json-pointer.js";
import { Refusal, type SandboxRequest } from "./http.js";

/** An OpenAPI 3.1 document, in one piece. */
export interface OpenApiDocument {
  paths: Record<string, object>;
  components?: object;
}

/** An operation of the document, ready to check requests. */
export interface SandboxOperation {
  /** Method and path, such as `POST /v3/payroll-card/tokens`. */
  name: string;
  /** Its name where the document gives none. */
  operationId: string;
  /**
   * A good reply: the example of the spec.
   * @throws {TypeError} if the spec describes a body and has no example of it.
   */
  example(): Example;
  /** Whether the spec says that a good reply carries no signature. */
  unsigned: boolean;
  /** Fields that are encrypted on the wire: JSON pointers into the bodies of the request and of a good reply. */
  sensitive: { request: string[]; response: string[] };
  /**
   * The request's parameters and body, as the spec describes them.
   * @throws {Refusal} 400 `PARAM_ERROR` naming the first value that the spec refuses.
   */
  read(request: SandboxRequest, path: Record<string, string>): OperationInput;
}

/** A reply as the spec shows it. */
export interface Example {
  status: number;
  /** Absent for an empty body. */
  body?: unknown;
  /** The media type of a body that is no JSON, but a text to send as it stands. */
  type?: string;
}

/** What a request says, once the spec has found no fault with it; a parameter has the type that its schema asks for. */
export interface OperationInput {
  path: Record<string, unknown>;
  query: Record<string, unknown>;
  /** Absent where there is none, or where the spec knows of none in JSON. */
  body: unknown;
}

/** Where a request leads: an operation, or no path (404), or no method (405). */
export type Route = { operation: SandboxOperation; path: Record<string, string> } | "unknown-path" | "wrong-method";

type MediaType = { schema?: object; example?: unknown; examples?: unknown };

const JSON_TYPE = "application/json";

/** Strict mode would refuse the keys that OpenAPI adds; without `ownProperties` every body would seem to have a `constructor`. */
const AJV: Options = { strict: false, validateFormats: false, ownProperties: true };

/** The document's name in references. */
const DOCUMENT = "openapi:document";

/** What the sandbox serves. */
export interface Router {
  operationIds: ReadonlySet<string>;
  route(method: string, pathname: string): Route;
}

/**
 * Reads an OpenAPI document into a router.
 * @throws {TypeError} if a reference of the document leads nowhere, or pointers cannot name its sensitive fields.
 */
export function readDocument(document: OpenApiDocument): Router {
  const resolve = resolver(document);
  // Once, for all schemas to refer to: as a part of each, the document would be read through for every one of them.
  const branches = { components: document.components, paths: document.paths };
  const ajv = new Ajv2020(AJV).addSchema(branches, DOCUMENT);
  // Parameters come as text, and "array" takes one value for a list of one.
  const ajvOfText = new Ajv2020({ ...AJV, coerceTypes: "array" }).addSchema(branches, DOCUMENT);
  // Now, and not when the schema that holds it is first asked for.
  JSON.stringify(branches, (key, value) => {
    if (key === "$ref" && typeof value === "string") resolve({ $ref: value });
    return value;
  });

  const paths = Object.entries(document.paths).map(([template, value]) => {
    const item = resolve(value);
    const names = [...template.matchAll(/\{([^{}]+)\}/g)].map(([, name = ""]) => name);
    const source = template
      .split(/\{[^{}]+\}/)
      .map((literal) => literal.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
      .join("([^/]+)");
    const operations = new Map(
      METHODS.filter((method) => method in item).map((method) => [
        method.toUpperCase(),
        readOperation(`${method.toUpperCase()} ${template}`, resolve(item[method]), item.parameters),
      ]),
    );
    return { pattern: new RegExp(`^${source}$`), names, operations };
  });
  // As OpenAPI has it: a path without parameters comes before one that could match as well.
  paths.sort((a, b) => a.names.length - b.names.length);

  const operationIds = new Set(
    paths.flatMap(({ operations }) => Array.from(operations.values(), ({ operationId }) => operationId)),
  );
  return { operationIds, route };

  function route(method: string, pathname: string): Route {
    for (const { pattern, names, operations } of paths) {
      const match = pattern.exec(pathname);
      if (match === null) continue;
      const operation = operations.get(method);
      if (operation === undefined) return "wrong-method";
      try {
        return {
          operation,
          path: Object.fromEntries(names.map((name, i) => [name, decodeURIComponent(match[i + 1] ?? "")])),
        };
      } catch {
        return "unknown-path";
      }
    }
    return "unknown-path";
  }

  function readOperation(name: string, operation: Json, shared: unknown): SandboxOperation {
    // An operation's own parameter replaces the path's of the same name and place.
    const parameters = new Map(
      [shared, operation.parameters]
        .flatMap((list) => (Array.isArray(list) ? list.map(resolve) : []))
        .map((parameter) => [`${parameter.in} ${parameter.name}`, parameter]),
    );
    const checkPath = compileParameters([...parameters.values()].filter((parameter) => parameter.in === "path"));
    const checkQuery = compileParameters([...parameters.values()].filter((parameter) => parameter.in === "query"));
    const requestBody = resolve(operation.requestBody);
    const { schema } = contentOf(requestBody)[JSON_TYPE] ?? {};
    const { status, content } = readGoodResponse(resolve(operation.responses));
    const checkBody = schema === undefined ? undefined : compile(ajv, schema);

    return {
      name,
      operationId: String(operation.operationId ?? name),
      example: () => readExample(name, status, content),
      unsigned: isUnsigned(operation),
      sensitive: {
        request: sensitiveFields(schema, resolve),
        response: sensitiveFields(content[JSON_TYPE]?.schema, resolve),
      },
      read({ target, body }, path) {
        const query = readQuery(target);
        check(checkPath(), path, "url");
        check(checkQuery(), query, "query");
        if (checkBody === undefined) return { path, query, body: undefined };
        if (body.length === 0) {
          if (requestBody.required === true) throw parameterError("", undefined, "is required", "body");
          return { path, query, body: undefined };
        }
        const json = readJson(body);
        check(checkBody(), json, "body");
        refuseFourBytes(json, "");
        return { path, query, body: json };
      },
    };
  }

  function compileParameters(parameters: Json[]): () => ValidateFunction {
    return compile(ajvOfText, {
      type: "object",
      properties: Object.fromEntries(parameters.map(({ name, schema }) => [name, schema ?? {}])),
      required: parameters.filter(({ required }) => required === true).map(({ name }) => name),
    });
  }

  /** When it is first asked for: most tests call a few operations. */
  function compile(by: Ajv2020, schema: object): () => ValidateFunction {
    const inDocument = JSON.parse(JSON.stringify(schema), (key, value) =>
      key === "$ref" && typeof value === "string" && value.startsWith("#") ? DOCUMENT + value : value,
    );
    let validate: ValidateFunction | undefined;
    return () => (validate ??= by.compile(inDocument));
  }

  function readGoodResponse(responses: Json): { status: number; content: Record<string, MediaType> } {
    const [code = "200"] = Object.keys(responses)
      .filter((each) => each.startsWith("2"))
      .sort();
    // OpenAPI allows 2XX as well.
    return { status: Number(code) || 200, content: contentOf(resolve(responses[code])) };
  }

  /** In JSON, or else in the first of its media types. */
  function readExample(name: string, status: number, content: Record<string, MediaType>): Example {
    const [type = JSON_TYPE] = JSON_TYPE in content ? [] : Object.keys(content);
    const described = content[type];
    if (described === undefined || status === 204) return { status };
    const [first] = Object.values((described.examples ?? {}) as Json).map(resolve);
    const body = described.example ?? first?.value ?? sampleOf(described.schema);
    if (body === undefined) throw new TypeError(`${name} has no example of its ${type} reply: add one to the spec.`);
    if (type === JSON_TYPE) return { status, body };
    if (typeof body === "string") return { status, body, type };
    throw new TypeError(`${name} has an example of its ${type} reply that is no text: write it as one in the spec.`);
  }

  /** The example of a schema, or one made of its parts' examples; undefined where a required part has none. */
  function sampleOf(schema: unknown, above: readonly Json[] = []): unknown {
    const node = resolve(schema);
    const { allOf, anyOf, oneOf, properties, required = [], items } = node as Record<string, never[]>;
    const [value = node.const] = (node.enum ?? node[OPEN_ENUM] ?? node.examples ?? []) as unknown[];
    const own = node.example ?? value ?? node.default;
    // One that contains itself has to end.
    if (own !== undefined || above.includes(node)) return own;
    const inner = (part: unknown) => sampleOf(part, [...above, node]);
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

  function contentOf(node: Json): Record<string, MediaType> {
    return (node.content ?? {}) as Record<string, MediaType>;
  }
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

function readJson(body: Uint8Array): unknown {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body));
  } catch {
    throw parameterError("", undefined, "is not JSON in UTF-8", "body");
  }
  if (!isNestedTooDeeply(json)) return json;
  throw parameterError("", undefined, `is nested too deeply: more than ${DEEPEST} levels`, "body");
}

/** In levels; whoever walks through JSON by recursion needs to know where it ends. */
const DEEPEST = 100;

/** Whether JSON has more levels than anybody means. */
export function isNestedTooDeeply(json: unknown): boolean {
  let level = [json];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEEPEST) return true;
    level = level.flatMap((node) => (typeof node === "object" && node !== null ? Object.values(node) : []));
  }
  return false;
}

/** WeChat Pay takes characters of one to three bytes only. Source: https://pay.weixin.qq.com/doc/v3/partner/4012081726 */
function refuseFourBytes(value: unknown, pointer: string): void {
  if (typeof value === "string" && /[\u{10000}-\u{10FFFF}]/u.test(value)) {
    throw parameterError(pointer, value, "must NOT have characters of four bytes in UTF-8, such as emoji", "body");
  }
  if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value)) refuseFourBytes(inner, pointer + escapeSegment(key));
  }
}

function check(validate: ValidateFunction, value: unknown, location: "url" | "query" | "body"): void {
  if (validate(value)) return;
  const { pointer, issue } = describe(validate.errors ?? []);
  throw parameterError(pointer, valueAt(value, pointer), issue, location);
}

/** The first fault, in words. */
function describe(errors: ErrorObject[]): { pointer: string; issue: string } {
  const [first] = errors;
  if (first === undefined) return { pointer: "", issue: "is invalid" };
  const { keyword, instancePath: pointer, params, message } = first;
  if (keyword === "required") {
    const names = errors.flatMap((error) => (error.keyword === "required" ? [error.params.missingProperty] : []));
    const issue =
      errors.at(-1)?.keyword === "anyOf" ? `at least one of ${names.join(", ")} is required` : "is required";
    return { pointer: pointer + escapeSegment(names[0]), issue };
  }
  if (keyword === "additionalProperties") {
    return { pointer: pointer + escapeSegment(params.additionalProperty), issue: "is not known" };
  }
  return { pointer, issue: keyword === "enum" ? `${message}: ${params.allowedValues.join(", ")}` : `${message}` };
}

/**
 * WeChat Pay's `PARAM_ERROR`: `field` is a JSON pointer in the body, and the parameter's name elsewhere.
 * Source: https://pay.weixin.qq.com/docs/partner/development/interface-rules/basic-rules.html
 */
export function parameterError(
  pointer: string,
  value: unknown,
  issue: string,
  location: "url" | "query" | "body",
): Refusal {
  const field = location === "body" ? pointer : (parsePointer(pointer)[0] ?? "");
  return new Refusal("invalid-parameter", {
    status: 400,
    body: { code: "PARAM_ERROR", message: "参数错误", detail: { field, value: value ?? null, issue, location } },
    signed: true,
  });
}
