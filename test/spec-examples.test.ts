import { describe, expect, test } from "vitest";
import { createWeChatPayClient } from "wechatpay-openapi-fetch";
import { createSandbox } from "wechatpay-openapi-fetch/sandbox";
import openapi from "../generated/openapi.json" with { type: "json" };
import { openInEditor } from "./support/language-service.js";
import { createObservedClient, signedReply, unsignedReply } from "./support/wechatpay.js";

interface Content {
  "application/json"?: { examples?: Record<string, { $ref: string }> };
}
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

/** Every operation with the examples of its parameters, its request and its replies, from the spec and nowhere else. */
const operations = Object.entries(openapi.paths as unknown as Record<string, PathItem>).flatMap(
  ([path, { parameters: shared = [], ...item }]) =>
    Object.entries(item).map(([method, { operationId, parameters = [], requestBody, responses }]) => ({
      path,
      method: method.toUpperCase(),
      operationId,
      hasBody: requestBody !== undefined,
      params: examplesOfParameters([...shared, ...parameters].map((each) => resolve<Parameter>(each))),
      requests: requestBody ? examplesOf(requestBody.content) : [["without a body", undefined] as [string, unknown]],
      replies: Object.entries(responses).flatMap(([status, reference]) =>
        examplesOf(resolve<{ content?: Content }>(reference).content).map(([name, value]) => ({
          status: Number(status),
          name,
          value,
        })),
      ),
    })),
);

function resolve<T extends object>(node: T | { $ref: string }): T {
  if (!("$ref" in node)) return node;
  const keys = node.$ref.slice(2).split("/");
  return keys.reduce<unknown>((each, key) => (each as Record<string, unknown>)[key], openapi) as T;
}

function examplesOf(content: Content | undefined): [string, unknown][] {
  const examples = Object.entries(content?.["application/json"]?.examples ?? {});
  return examples.map(([name, reference]) => [name, resolve<{ value: unknown }>(reference).value]);
}

type Params = Record<"path" | "query", Record<string, string>>;

/** Headers are the client's. */
function examplesOfParameters(parameters: Parameter[]): Params {
  const params: Params = { path: {}, query: {} };
  for (const { name, in: place, example, schema } of parameters) {
    if (place === "path" || place === "query") params[place][name] = String(example ?? resolve(schema ?? {}).example);
  }
  return params;
}

/** Path and query as they are sent. */
function targetOf(template: string, { path, query }: Params): string {
  const pathname = template.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(path[name] ?? ""));
  return [pathname, new URLSearchParams(query).toString()].filter(Boolean).join("?");
}

type AnyClient = Record<string, (path: string, init: object) => Promise<{ data?: unknown; error?: unknown }>>;

describe.each(operations)("$method $path", ({ path, method, operationId, hasBody, params, requests, replies }) => {
  test("has an example of every body", () => {
    expect(requests.length).toBeGreaterThan(0);
    expect(replies.map(({ status }) => status)).toEqual(
      expect.arrayContaining([200, 400, 401, 403, 404, 429, 500, 502, 503]),
    );
  });

  const target = targetOf(path, params);

  test.each(requests)("the request %s passes client and sandbox", async (_, body) => {
    const sandbox = await createSandbox();
    const wechatpay = createWeChatPayClient({ ...sandbox.credentials, fetch: sandbox.fetch }) as never as AnyClient;
    const { data, error } = (await wechatpay[method]?.(path, { params, ...(hasBody && { body }) })) ?? {};
    expect(error).toBeUndefined();
    expect(sandbox.requests).toEqual([{ operationId, method, path: target, verdict: "accepted", body, status: 200 }]);
    const [documented] = replies.filter(({ status }) => status === 200);
    expect(Object.keys(data as object).sort()).toEqual(Object.keys(documented?.value as object).sort());
  });

  test.each(replies)("the reply $status $name comes out as it is", async ({ status, value }) => {
    const text = JSON.stringify(value);
    const { wechatpay } = createObservedClient(
      () => (status < 300 ? signedReply({ body: text }) : unsignedReply(status, text)),
      { retry: false },
    );
    const init = { params, ...(hasBody && { body: {} }) };
    const { data, error } = (await (wechatpay as never as AnyClient)[method]?.(path, init)) ?? {};
    expect(status < 300 ? data : error).toEqual(value);
  });

  test("the examples are what the types say", () => {
    const type = `paths["${path}"]["${method.toLowerCase()}"]`;
    const typed = [
      ...(hasBody ? requests : []).map(([, value]) => [value, `${type}["requestBody"]["content"]["application/json"]`]),
      ...replies.map(({ status, value }) => [value, `${type}["responses"][${status}]["content"]["application/json"]`]),
    ].map(([value, itsType]) => [JSON.stringify(value), itsType] as const);
    const source = typed.map(
      ([value, itsType]) => `
        void (${value} satisfies ${itsType});
        // @ts-expect-error -- the first key misspelt
        void (${value.replace(/"(\w+)":/, '"$1_":')} satisfies ${itsType});`,
    );
    expect(openInEditor(`import type { paths } from "wechatpay-openapi-fetch";${source.join("")}`).errors()).toEqual(
      [],
    );
  });
});
