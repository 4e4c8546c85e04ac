import createClient from "openapi-fetch";
import { describe, expect, test } from "vitest";
import packageLock from "../package-lock.json" with { type: "json" };

// openapi-fetch gets no further releases (openapi-ts/openapi-typescript#2874), so it is pinned. This is all that we rely on: whoever
// replaces it makes these pass.
describe("what src/client.ts relies on in openapi-fetch 0.17.0", () => {
  const baseUrl = "https://api.mch.weixin.qq.com";

  async function send(reply: () => Response, init: object = {}, path = "/v3/x", method = "post") {
    const sent: Request[] = [];
    const client = createClient<Record<string, Record<string, never>>>({ baseUrl });
    const fetch = async (request: Request) => {
      sent.push(request);
      return reply();
    };
    const result: { data?: unknown; error?: unknown; response: Response } = await client.request(
      method as never,
      path as never,
      { ...init, fetch } as never,
    );
    return { ...result, request: sent[0] as Request };
  }
  const json = (text: string, status = 200) =>
    new Response(text, { status, headers: { "Content-Type": "application/json" } });

  test("it is the version that was examined", () => {
    expect(packageLock.packages["node_modules/openapi-fetch"].version).toBe("0.17.0");
  });

  test("a per-call fetch is given the finished Request, and its Response is handed out as it is", async () => {
    const reply = json("{}");
    const { request, response } = await send(() => reply, { body: { a: 1 }, headers: { "X-A": "b" } });
    expect(request).toBeInstanceOf(Request);
    expect(request.method).toBe("POST");
    expect(request.headers.get("Content-Type")).toBe("application/json");
    expect(request.headers.get("X-A")).toBe("b");
    expect(await request.text()).toBe('{"a":1}');
    expect(response).toBe(reply);
  });

  test("without a body there is no Content-Type", async () => {
    const { request } = await send(() => json("{}"));
    expect(request.headers.has("Content-Type")).toBe(false);
    expect(await request.text()).toBe("");
  });

  test("path and query are encoded once", async () => {
    const params = { path: { id: "a/b 某" }, query: { q: "某&=#?", list: ["x", "y"], none: undefined } };
    const { request } = await send(() => json("{}"), { params }, "/v3/x/{id}", "get");
    expect(request.url).toBe(`${baseUrl}/v3/x/a%2Fb%20%E6%9F%90?q=%E6%9F%90%26%3D%23%3F&list=x&list=y`);
  });

  test("a header set to null is left out", async () => {
    const { request } = await send(() => json("{}"), { headers: { Accept: null } });
    expect(request.headers.has("Accept")).toBe(false);
  });

  test("the signal reaches the Request", async () => {
    const controller = new AbortController();
    const { request } = await send(() => json("{}"), { signal: controller.signal });
    controller.abort();
    expect(request.signal.aborted).toBe(true);
  });

  test("what the fetch throws, the call rejects with", async () => {
    const failure = new Error("no");
    await expect(
      send(() => {
        throw failure;
      }),
    ).rejects.toBe(failure);
  });

  test.each([
    ["a body", () => json('{"a":1}'), { a: 1 }],
    ["an empty body", () => new Response(null), undefined],
    ["204", () => new Response(null, { status: 204 }), undefined],
  ])("a good reply with %s", async (_, reply, data) => {
    const result = await send(reply);
    expect(result.data).toEqual(data);
    expect(result.error).toBeUndefined();
  });

  test.each([
    ["JSON", () => json('{"code":"X"}', 400), { code: "X" }],
    ["text", () => new Response("<html>", { status: 502 }), "<html>"],
    ["an empty body: falsy, so client.ts looks at response.ok", () => new Response(null, { status: 401 }), ""],
    ["Content-Length: 0", () => new Response(null, { status: 401, headers: { "Content-Length": "0" } }), undefined],
  ])("an error reply with %s", async (_, reply, error) => {
    const result = await send(reply);
    expect(result.error).toEqual(error);
    expect(result.data).toBeUndefined();
  });
});
