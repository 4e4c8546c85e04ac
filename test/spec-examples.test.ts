import { constants, publicEncrypt } from "node:crypto";
import { describe, expect, test } from "vitest";
import { createWeChatPayClient, type Operations } from "wechatpay-openapi-fetch";
import { createSandbox, type OpenApiDocument } from "wechatpay-openapi-fetch/sandbox";
import openapi from "../generated/openapi.json" with { type: "json" };
import { operations as table } from "../generated/operations.js";
import openapiOfPay from "../generated/pay/openapi.json" with { type: "json" };
import { operations as tableOfPay } from "../generated/pay/operations.js";
import { resolver } from "../spec/refs.js";
import { type Editor, openAllInEditor } from "./support/language-service.js";
import { createObservedClient, merchant, signedReply, unsignedReply } from "./support/wechatpay.js";

const JSON_TYPE = "application/json";

type Content = Record<string, { examples?: Record<string, { $ref: string }> }>;
interface Parameter {
  name: string;
  in: string;
  example?: unknown;
  schema?: { example?: unknown };
}
interface Operation {
  operationId: string;
  parameters?: (Parameter | { $ref: string })[];
  requestBody?: { content: Content };
  responses: Record<string, { $ref: string }>;
}
type PathItem = Pick<Operation, "parameters"> & Record<string, Operation>;

/** Both families, each with the entry that has its types. */
const families = [
  familyOf("wechatpay-openapi-fetch", openapi, table),
  familyOf("wechatpay-openapi-fetch/pay", openapiOfPay, tableOfPay),
];
const operations = families.flatMap(operationsOf);

/** At other paths the sandbox has no behaviour for its operations: each answers its example, whatever went before. */
function elsewhere(path: string): string {
  return `${path}/example`;
}
function elsewhereAll<T>(byPath: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(byPath).map(([path, value]) => [elsewhere(path), value]));
}

function familyOf(entry: string, document: { paths: Record<string, object> }, table: Operations) {
  const ofExamples = { ...document, paths: elsewhereAll(document.paths) } as OpenApiDocument;
  return { entry, document, table, sandbox: createSandbox({ openapi: ofExamples }) };
}

/** Every operation with the examples of its parameters, its request and its replies, from the spec and nowhere else. */
function operationsOf(family: ReturnType<typeof familyOf>) {
  const resolve = resolver(family.document) as Resolve;
  return Object.entries(family.document.paths as Record<string, PathItem>).flatMap(
    ([path, { parameters: shared = [], ...item }]) =>
      Object.entries(item).map(([method, { operationId, parameters = [], requestBody, responses }]) => ({
        ...family,
        path,
        method: method.toUpperCase(),
        operationId,
        hasBody: requestBody !== undefined,
        params: examplesOfParameters([...shared, ...parameters], resolve),
        requests: requestBody
          ? examplesOf(resolve, requestBody.content).map(({ name, value }): [string, unknown] => [name, value])
          : [["without a body", undefined] as [string, unknown]],
        statuses: Object.keys(responses).map(Number),
        replies: Object.entries(responses).flatMap(([status, reference]) =>
          examplesOf(resolve, resolve<{ content?: Content }>(reference).content).map((example) => ({
            status: Number(status),
            ...example,
          })),
        ),
      })),
  );
}

type Resolve = <T>(node: unknown) => T;

function examplesOf(resolve: Resolve, content: Content = {}): { type: string; name: string; value: unknown }[] {
  return Object.entries(content).flatMap(([type, { examples = {} }]) =>
    Object.entries(examples).map(([name, reference]) => ({
      type,
      name,
      value: resolve<{ value: unknown }>(reference).value,
    })),
  );
}

type Params = Record<"path" | "query", Record<string, unknown>>;

/** Headers are the client's. */
function examplesOfParameters(parameters: unknown[], resolve: Resolve): Params {
  const params: Params = { path: {}, query: {} };
  for (const { name, in: place, example, schema } of parameters.map((each) => resolve<Parameter>(each))) {
    if (place === "path" || place === "query")
      params[place][name] = example ?? resolve<{ example?: unknown }>(schema).example;
  }
  return params;
}

/** Path and query as they are sent. */
function targetOf(template: string, { path, query }: Params): string {
  const pathname = template.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(String(path[name])));
  const pairs = Object.entries(query).map(([name, value]) => [name, String(value)]);
  return [pathname, new URLSearchParams(pairs).toString()].filter(Boolean).join("?");
}

/** The names that the spec marks as sensitive, wherever they stand. */
const sensitive = new Set<string>();
JSON.stringify([openapi, openapiOfPay], (name, node) => {
  if (node?.["x-wechatpay-sensitive"]) sensitive.add(name);
  return node;
});

/** A body with something else in the place of every sensitive field. */
function withSensitive(body: unknown, replace: (text: string) => unknown): unknown {
  if (typeof body !== "object" || body === null) return body;
  if (Array.isArray(body)) return body.map((item) => withSensitive(item, replace));
  const entries = Object.entries(body).map(([name, value]) => [
    name,
    sensitive.has(name) ? replace(value) : withSensitive(value, replace),
  ]);
  return Object.fromEntries(entries);
}

/** As WeChat Pay encrypts a field of a reply: by node:crypto, for the merchant. */
function encrypt(text: string): string {
  const key = { key: merchant.publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING };
  return publicEncrypt(key, Buffer.from(text)).toString("base64");
}

type AnyClient = Record<string, (path: string, init: object) => Promise<{ data?: unknown; error?: unknown }>>;

describe.each(operations)("$method $path", (operation) => {
  const { table, path, method, operationId, hasBody, params, requests, statuses, replies } = operation;
  const [good = 0] = statuses;
  const goodReply = replies.find(({ status }) => status === good);
  /** A file comes as text, since it is no JSON. */
  const parseAs = (type = JSON_TYPE) => type !== JSON_TYPE && { parseAs: "text" };

  test("has an example of every body", () => {
    expect(requests.length).toBeGreaterThan(0);
    expect(good).toBeGreaterThanOrEqual(200);
    expect(good).toBeLessThan(300);
    expect(statuses).toEqual(expect.arrayContaining([400, 401, 403, 404, 429, 500, 502, 503]));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set(statuses.filter((status) => status !== 204)));
  });

  const target = targetOf(elsewhere(path), params);

  test.each(requests)("the request %s passes client and sandbox", async (_, body) => {
    const sandbox = await operation.sandbox;
    const sent: string[] = [];
    const wechatpay = createWeChatPayClient({
      ...sandbox.credentials,
      operations: elsewhereAll(table),
      fetch: async (request) => {
        sent.push(await request.clone().text());
        return sandbox.fetch(request);
      },
    }) as never as AnyClient;
    const init = { params, ...(hasBody && { body }), ...parseAs(goodReply?.type) };
    const { data, error } = (await wechatpay[method]?.(elsewhere(path), init)) ?? {};
    expect(error).toBeUndefined();
    const received = { operationId, method, path: target, verdict: "accepted", body, status: good };
    expect(sandbox.requests.at(-1)).toEqual(received);
    const encrypted = withSensitive(body, () => expect.stringMatching(/^[\w+/]{342}==$/));
    expect(sent.map((text) => (text === "" ? undefined : JSON.parse(text)))).toEqual([encrypted]);
    expect(data).toEqual(goodReply?.value);
  });

  test.each(replies)("the reply $status $name comes out as it is", async ({ status, type, value }) => {
    const text = type === JSON_TYPE ? JSON.stringify(withSensitive(value, encrypt)) : String(value);
    const { wechatpay } = createObservedClient(
      () => (status < 300 ? signedReply({ status, body: text }) : unsignedReply(status, text)),
      { retry: false, operations: table },
    );
    const init = { params, ...(hasBody && { body: {} }), ...parseAs(type) };
    const { data, error } = (await (wechatpay as never as AnyClient)[method]?.(path, init)) ?? {};
    expect(status < 300 ? data : error).toEqual(value);
  });

  test("the examples are what the types say", () => {
    editor ??= openAllInEditor(Object.fromEntries(operations.map((each) => [fileOf(each), typedExamplesOf(each)])));
    expect(editor.errors(fileOf(operation))).toEqual([]);
  });
});

let editor: Editor | undefined;
function fileOf({ operationId }: (typeof operations)[number]): string {
  return `test/examples-of-${operationId}.ts`;
}

/** A file that compiles if the operation's examples are what its types say, and the same with a key misspelt are not. */
function typedExamplesOf({ entry, path, method, hasBody, requests, replies }: (typeof operations)[number]): string {
  const type = `paths["${path}"]["${method.toLowerCase()}"]`;
  const typed = [
    ...(hasBody ? requests : []).map(([, value]) => [value, `${type}["requestBody"]["content"]["${JSON_TYPE}"]`]),
    ...replies.map((reply) => [reply.value, `${type}["responses"][${reply.status}]["content"]["${reply.type}"]`]),
  ].map(([value, itsType]) => [JSON.stringify(value), itsType] as const);
  const source = typed.map(([value, itsType]) => {
    const misspelt = value.startsWith("{") && value.replace(/"(\w+)":/, '"$1_":');
    return `
      void (${value} satisfies ${itsType});
      ${misspelt ? `// @ts-expect-error -- the first key misspelt\nvoid (${misspelt} satisfies ${itsType});` : ""}`;
  });
  return `import type { paths } from "${entry}";${source.join("")}`;
}
