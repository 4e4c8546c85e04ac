import createClient, { type ClientOptions } from "openapi-fetch";
import { describe, expect, test, vi } from "vitest";
import packageLock from "../../package-lock.json" with { type: "json" };
import { openapiFetch, toResponse } from "../../src/client/staircase.js";
import type { Call, Send } from "../../src/wire/call.js";

const baseUrl = "https://api.mch.weixin.qq.com";
const json = (text: string, status = 200) =>
  new Response(text, { status, headers: { "Content-Type": "application/json" } });

// openapi-fetch gets no further releases (openapi-ts/openapi-typescript#2874), so it is pinned. This is all that we rely on: whoever
// replaces it makes these pass.
describe("what src/client/staircase.ts relies on in openapi-fetch 0.17.0", () => {
  class OwnRequest {
    [key: string]: unknown;
    readonly url: string;
    readonly given: Record<string, unknown>;
    constructor(url: string, given: Record<string, unknown>) {
      this.url = url;
      this.given = given;
    }
  }

  /** As the staircase calls it: an own `Request` class, an own serializer, and an early Response of a middleware. */
  async function send(reply: () => Response, init: object = {}, path = "/v3/x", method = "post") {
    const fetch = vi.fn();
    const serializers = {
      bodySerializer: vi.fn((body: unknown) => JSON.stringify(body)),
    } satisfies ClientOptions;
    const client = createClient<Record<string, Record<string, never>>>({
      baseUrl,
      fetch,
      Request: OwnRequest as never,
      ...serializers,
    });
    const sent: OwnRequest[] = [];
    const onRequest = async ({ request }: { request: unknown }) => {
      sent.push(request as OwnRequest);
      return reply();
    };
    const result: { data?: unknown; error?: unknown; response: Response } = await client.request(
      method as never,
      path as never,
      { ...init, middleware: [{ onRequest }] } as never,
    );
    expect(sent).toHaveLength(1);
    expect(fetch).not.toHaveBeenCalled();
    return { ...result, ...serializers, request: sent[0] as OwnRequest };
  }
  const headersOf = ({ given }: OwnRequest) => given.headers as Headers;

  test("it is the version that was examined", () => {
    expect(packageLock.packages["node_modules/openapi-fetch"].version).toBe("0.17.0");
  });

  test("an own Request class is given everything finished, and an early Response is handed out as it is", async () => {
    const reply = json("{}");
    const { request, response } = await send(() => reply, { body: { a: 1 }, headers: { "X-A": "b" } });
    expect(request).toBeInstanceOf(OwnRequest);
    expect(request.url).toBe(`${baseUrl}/v3/x`);
    expect(request.given.method).toBe("POST");
    expect(headersOf(request)).toBeInstanceOf(Headers);
    expect(headersOf(request).get("Content-Type")).toBe("application/json");
    expect(headersOf(request).get("X-A")).toBe("b");
    expect(request.given.body).toBe('{"a":1}');
    expect(response).toBe(reply);
  });

  test("without a body there is no Content-Type", async () => {
    const { request, bodySerializer } = await send(() => json("{}"));
    expect(headersOf(request).has("Content-Type")).toBe(false);
    expect(request.given.body).toBeUndefined();
    expect(bodySerializer).not.toHaveBeenCalled();
  });

  test("a body is serialized once", async () => {
    const body = { a: 1 };
    const { bodySerializer } = await send(() => json("{}"), { body });
    expect(bodySerializer).toHaveBeenCalledOnce();
    expect(bodySerializer.mock.calls[0]?.[0]).toBe(body);
  });

  test("without params, a path stays as it is: so its parameters are filled in before", async () => {
    const client = createClient<Record<string, Record<string, never>>>({ baseUrl, Request: OwnRequest as never });
    const onRequest = vi.fn(async (_: { request: unknown }) => json("{}"));
    const path = "/v3/%7Bid%7D/%2F?a=+%26&a=?";
    const init = { params: { header: {} }, middleware: [{ onRequest }] };
    await client.request("get" as never, path as never, init as never);
    expect(onRequest.mock.calls[0]?.[0].request).toHaveProperty("url", baseUrl + path);
  });

  test("a header set to null is left out", async () => {
    const { request } = await send(() => json("{}"), { headers: { Accept: null, "Content-Type": null }, body: {} });
    expect(headersOf(request).has("Accept")).toBe(false);
    expect(headersOf(request).has("Content-Type")).toBe(false);
  });

  test("params.header are headers too", async () => {
    const { request } = await send(() => json("{}"), { params: { header: { "Idempotency-Key": "1" } } });
    expect(headersOf(request).get("Idempotency-Key")).toBe("1");
  });

  test("a further key of init reaches the Request class, and is copied onto the request", async () => {
    const { request } = await send(() => json("{}"), { further: 1 });
    expect(request.given.further).toBe(1);
    expect(request.further).toBe(1);
  });

  test.each([[new Error("no")], [undefined], [0]])(
    "what onRequest throws (%s), the call rejects with",
    async (reason) => {
      await expect(
        send(() => {
          throw reason;
        }),
      ).rejects.toBe(reason);
    },
  );

  test.each([
    ["a body", () => json('{"a":1}'), { a: 1 }],
    ["an empty body", () => new Response(null), undefined],
    ["204", () => new Response(null, { status: 204 }), undefined],
    ["Content-Length: 0", () => new Response(null, { headers: { "Content-Length": "0" } }), undefined],
  ])("a good reply with %s", async (_, reply, data) => {
    const result = await send(reply);
    expect(result.data).toEqual(data);
    expect(result.error).toBeUndefined();
  });

  test("a good reply that is no JSON is a SyntaxError", async () => {
    await expect(send(() => json("<html>"))).rejects.toBeInstanceOf(SyntaxError);
  });

  test("parseAs: text, blob and arrayBuffer are read, a stream is handed out", async () => {
    const read = async (parseAs: string, reply = json("{}")) => (await send(() => reply, { parseAs })).data;
    expect(await read("text")).toBe("{}");
    expect(await ((await read("blob")) as Blob).text()).toBe("{}");
    expect(new TextDecoder().decode((await read("arrayBuffer")) as ArrayBuffer)).toBe("{}");
    const reply = json("{}");
    expect(await read("stream", reply)).toBe(reply.body);
  });

  test.each([
    ["JSON", () => json('{"code":"X"}', 400), { code: "X" }],
    ["text", () => new Response("<html>", { status: 502 }), "<html>"],
    ["an empty body: falsy, so client.ts looks at response.ok", () => new Response(null, { status: 401 }), ""],
    ["Content-Length: 0", () => new Response(null, { status: 401, headers: { "Content-Length": "0" } }), undefined],
  ])("an error reply with %s, whatever parseAs", async (_, reply, error) => {
    for (const parseAs of ["json", "text", "stream"]) {
      const result = await send(reply, { parseAs });
      expect(result.error).toEqual(error);
      expect(result.data).toBeUndefined();
    }
  });
});

describe("the staircase", () => {
  const received = (text: string) => ({ status: 200, headers: new Headers(), body: new TextEncoder().encode(text) });
  const callWith = (send: Send, path: string, init: object) =>
    openapiFetch("GET", path, { name: "GET /v3/x", ...init } as never, send);

  async function wireOf(init: object, path = "/v3/x") {
    let wire: Call | undefined;
    const send: Send = async (call) => {
      wire = call;
      return received("{}");
    };
    await callWith(send, path, init);
    return wire;
  }

  test("a path and its query, both encoded, stay as they are", async () => {
    const target = "/v3/x/a%2Fb%20%E6%9F%90?q=%E6%9F%90%26%3D%23%3F&list=x&list=y+z";
    expect((await wireOf({}, target))?.target).toBe(target);
  });

  test("a body becomes its JSON in UTF-8, and no body no bytes", async () => {
    const headers = { "Content-Type": "application/x-www-form-urlencoded" };
    expect((await wireOf({ body: { a: "某" }, headers }))?.body).toEqual(new TextEncoder().encode('{"a":"某"}'));
    expect((await wireOf({}))?.body).toEqual(new Uint8Array());
  });

  test("what is encrypted is told which Wechatpay-Serial the caller wrote, and says which one is sent", async () => {
    const headers = { "Wechatpay-Serial": "mine" };
    expect((await wireOf({ headers }))?.headers).toMatchObject({ "wechatpay-serial": "mine" });
    const body = new TextEncoder().encode('{"a":"encrypted"}');
    const seal = async (named?: string) => ({
      body,
      target: "/v3/x?a=encrypted",
      headers: { "wechatpay-serial": `that of ${named}` },
    });
    const sealed = await wireOf({ headers, body: { a: "plain" }, seal });
    expect(sealed?.headers).toMatchObject({ "wechatpay-serial": "that of mine", "content-type": "application/json" });
    expect(sealed?.target).toBe("/v3/x?a=encrypted");
    expect(new TextDecoder().decode(sealed?.body)).toBe('{"a":"encrypted"}');
  });

  test("the error for a response that is no JSON quotes neither it nor the query", async () => {
    const promise = callWith(async () => received("<secret>"), "/v3/x?openid=secret", {});
    const error = await promise.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TypeError);
    expect(error).not.toHaveProperty("cause");
    expect(String(error)).toContain('GET /v3/x is no JSON: read it with parseAs: "text" or "stream"');
    expect(String(error)).not.toContain("secret");
  });

  test("a SyntaxError of the sender's own stays what it is", async () => {
    const failure = new SyntaxError("a signer's");
    await expect(callWith(() => Promise.reject(failure), "/v3/x", {})).rejects.toBe(failure);
  });

  test.each([
    [200, '{"a":"某"}', { a: "某" }],
    [500, '{"a":1}', { a: 1 }],
  ])("a response of status %i may be read again in every way, though its body was", async (status, body, parsed) => {
    const answer = { ...received(body), status, headers: new Headers({ "Request-ID": "08F7" }) };
    const { data, error, response } = await callWith(async () => answer, "/v3/x", { parseAs: "json" });
    expect(data ?? error).toEqual(parsed);
    for (const each of [response, response.clone()]) {
      const buffer = new TextDecoder().decode(await each.arrayBuffer());
      const texts = [await response.text(), await (await response.blob()).text(), buffer];
      expect(texts).toEqual([body, body, body]);
      expect([each.status, each.headers.get("Request-ID")]).toEqual([status, "08F7"]);
    }
    expect(await response.json()).toEqual(parsed);
    expect(await new Response(response.body).text()).toBe(body);
    expect(response).toBeInstanceOf(Response);
    // Node.js has `bytes` since 22.
    const younger = response as { bytes?: () => Promise<Uint8Array> };
    if (younger.bytes) expect(new TextDecoder().decode(await younger.bytes())).toBe(body);
  });

  test.each([200, 204, 205, 500])("a response of status %i without a body", (status) => {
    const response = toResponse({ status, headers: new Headers({ "Content-Length": "9" }), body: new Uint8Array() });
    expect([response.status, response.url, response.headers.has("Content-Length")]).toEqual([status, "", false]);
  });
});
