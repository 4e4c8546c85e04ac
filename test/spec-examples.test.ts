import { describe, expect, test } from "vitest";
import { createWeChatPayClient } from "wechatpay-openapi-fetch";
import { createSandbox } from "wechatpay-openapi-fetch/sandbox";
import openapi from "../generated/openapi.json" with { type: "json" };
import { openInEditor } from "./support/language-service.js";
import { createObservedClient, signedReply, unsignedReply } from "./support/wechatpay.js";

interface Content {
  "application/json"?: { examples?: Record<string, { $ref: string }> };
}
interface Operation {
  operationId: string;
  requestBody?: { content: Content };
  responses: Record<string, { $ref: string }>;
}

/** Every operation with the examples of its request and of its replies, from the spec and nowhere else. */
const operations = Object.entries(openapi.paths).flatMap(([path, item]) =>
  Object.entries(item as Record<string, Operation>).map(([method, { operationId, requestBody, responses }]) => ({
    path,
    method: method.toUpperCase(),
    operationId,
    requests: examplesOf(requestBody?.content),
    replies: Object.entries(responses).flatMap(([status, reference]) =>
      examplesOf(resolve<{ content?: Content }>(reference).content).map(([name, value]) => ({
        status: Number(status),
        name,
        value,
      })),
    ),
  })),
);

function resolve<T>({ $ref }: { $ref: string }): T {
  return $ref
    .slice(2)
    .split("/")
    .reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], openapi) as T;
}

function examplesOf(content: Content | undefined): [string, unknown][] {
  const examples = Object.entries(content?.["application/json"]?.examples ?? {});
  return examples.map(([name, reference]) => [name, resolve<{ value: unknown }>(reference).value]);
}

type AnyClient = Record<string, (path: string, init: object) => Promise<{ data?: unknown; error?: unknown }>>;

describe.each(operations)("$method $path", ({ path, method, operationId, requests, replies }) => {
  test("has an example of every body", () => {
    expect(requests.length).toBeGreaterThan(0);
    expect(replies.map(({ status }) => status)).toEqual(
      expect.arrayContaining([200, 400, 401, 403, 404, 429, 500, 502, 503]),
    );
  });

  test.each(requests)("the request %s passes client and sandbox", async (_, body) => {
    const sandbox = await createSandbox();
    const wechatpay = createWeChatPayClient({ ...sandbox.credentials, fetch: sandbox.fetch }) as never as AnyClient;
    const { data, error } = (await wechatpay[method]?.(path, { body })) ?? {};
    expect(error).toBeUndefined();
    expect(sandbox.requests).toEqual([{ operationId, method, path, verdict: "accepted", body, status: 200 }]);
    const [documented] = replies.filter(({ status }) => status === 200);
    expect(Object.keys(data as object).sort()).toEqual(Object.keys(documented?.value as object).sort());
  });

  test.each(replies)("the reply $status $name comes out as it is", async ({ status, value }) => {
    const text = JSON.stringify(value);
    const { wechatpay } = createObservedClient(() =>
      status < 300 ? signedReply({ body: text }) : unsignedReply(status, text),
    );
    const { data, error } = (await (wechatpay as never as AnyClient)[method]?.(path, { body: {} })) ?? {};
    expect(status < 300 ? data : error).toEqual(value);
  });

  test("the examples are what the types say", () => {
    const type = `paths["${path}"]["${method.toLowerCase()}"]`;
    const typed = [
      ...requests.map(([, value]) => [value, `${type}["requestBody"]["content"]["application/json"]`]),
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
