import { getEventListeners, once } from "node:events";
import { Agent, createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, connect, Socket } from "node:net";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { createWeChatPayClient, unwrap, type WireRequest } from "wechatpay-openapi-fetch";
import { nodeTransport } from "wechatpay-openapi-fetch/node";
import { createSandbox } from "wechatpay-openapi-fetch/sandbox";
import { serveTls } from "./support/tls.js";
import { freshRequest, PRE_ORDER } from "./support/wechatpay.js";

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;
const ok: Answer = (_, response) => response.end("{}");

let answer = ok;
const seen: { line: string; headers: Record<string, unknown>; body: string }[] = [];
const sockets = new Set<Socket>();
const server = createServer(async (request, response) => {
  const chunks = await request.toArray();
  const body = Buffer.concat(chunks).toString();
  seen.push({ line: `${request.method} ${request.url}`, headers: request.headers, body });
  answer(request, response, body);
});
server.on("connection", (socket) => {
  sockets.add(socket);
  socket.on("close", () => sockets.delete(socket));
});
await once(server.listen(0, "127.0.0.1"), "listening");
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

afterEach(() => {
  answer = ok;
  seen.length = 0;
  server.closeAllConnections();
});
afterAll(() => server.close());

const text = (body: unknown) => new TextDecoder().decode(body as Uint8Array);
const bytes = (body: string) => new TextEncoder().encode(body);

/** What the client gives to a transport. */
const request = (init: Partial<WireRequest> = {}): WireRequest => ({
  method: "GET",
  url: `${url}/v3/x`,
  headers: {},
  body: new Uint8Array(),
  signal: undefined,
  streamed: false,
  ...init,
});

test("the guide's line: a client sends over node:http and node:https, and verifies as ever", async () => {
  const sandbox = await createSandbox();
  const { url: baseUrl, close } = await sandbox.listen();
  const wechatpay = createWeChatPayClient({ ...sandbox.credentials, baseUrl, transport: nodeTransport() });
  const preOrder = () => wechatpay.POST(PRE_ORDER, { body: freshRequest() });
  expect(unwrap(await preOrder()).token).toMatch(/./);
  sandbox.fail({ fault: "tampered-body", times: 1 });
  await expect(preOrder()).rejects.toMatchObject({ name: "VerificationError", reason: "mismatch" });
  await close();
});

describe("what it sends", () => {
  test("the method, the URL, the headers and the bytes that it was given", async () => {
    const headers = { authorization: "signed", "content-type": "application/json", "x-a": "ü" };
    const given = { method: "POST", url: `${url}/v3/%E6%9F%90?a=1&b=%26`, headers, body: bytes('{"a":"某"}') };
    await nodeTransport()(request(given));
    expect(seen).toEqual([
      {
        line: "POST /v3/%E6%9F%90?a=1&b=%26",
        headers: { ...headers, host: new URL(url).host, "content-length": "11", connection: "keep-alive" },
        body: '{"a":"某"}',
      },
    ]);
  });

  test.each([
    ["POST", "", "0"],
    ["DELETE", "{}", "2"],
    ["GET", "", undefined],
  ])("%s with the body %j has a length of %j", async (method, body, length) => {
    await nodeTransport()(request({ method, body: bytes(body) }));
    expect(seen).toMatchObject([{ body }]);
    expect(seen[0]?.headers["content-length"]).toBe(length);
  });

  test("to an IPv6 address", async () => {
    const six = createServer((_, response) => response.end("six"));
    await once(six.listen(0, "::1"), "listening");
    const { port } = six.address() as AddressInfo;
    expect(text((await nodeTransport()(request({ url: `http://[::1]:${port}/` }))).body)).toBe("six");
    six.close();
    six.closeAllConnections();
  });
});

describe("what it gives", () => {
  test("status, headers and the bytes", async () => {
    answer = (_, response) => response.writeHead(404, { "Request-ID": "08F7", "X-A": ["1", "2"] }).end('{"a":1}');
    const { status, headers, body, redirected, url: its } = await nodeTransport()(request());
    expect([
      status,
      new Headers(headers as Headers).get("request-id"),
      new Headers(headers as Headers).get("X-A"),
      text(body),
      redirected,
      its,
    ]).toEqual([404, "08F7", "1, 2", '{"a":1}', false, `${url}/v3/x`]);
  });

  test("a redirect, which it does not follow", async () => {
    answer = (_, response) => response.writeHead(302, { Location: "/v3/elsewhere" }).end("moved");
    expect(await nodeTransport()(request())).toMatchObject({ status: 302, redirected: true, body: null });
    expect(seen).toHaveLength(1);
  });

  test.each([
    ["gzip", gzipSync("{}")],
    ["x-gzip", gzipSync("{}")],
    ["deflate", deflateSync("{}")],
    ["BR", brotliCompressSync("{}")],
    ["identity", Buffer.from("{}")],
    // As fetch does: what it is, the signature tells.
    ["UTF-8", Buffer.from("{}")],
  ])("a body in %s, decoded", async (encoding, encoded) => {
    answer = (_, response) => response.writeHead(200, { "Content-Encoding": encoding }).end(encoded);
    expect(text((await nodeTransport()(request())).body)).toBe("{}");
  });

  test("an empty body that claims to be compressed", async () => {
    answer = (_, response) => response.writeHead(502, { "Content-Encoding": "gzip" }).end();
    expect((await nodeTransport()(request())).body).toEqual(new Uint8Array());
  });

  test.each([
    ["more than 16 MiB", "identity", Buffer.alloc(16 * 2 ** 20 + 1), "more than 16777216 bytes"],
    ["more than 16 MiB once decoded", "gzip", gzipSync(Buffer.alloc(16 * 2 ** 20 + 1)), "more than 16777216 bytes"],
    ["something else than gzip", "gzip", "text", "incorrect header check"],
  ])("%s is refused", async (_, encoding, body, message) => {
    answer = (_, response) => response.writeHead(200, { "Content-Encoding": encoding }).end(body);
    const error = await nodeTransport()(request()).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TypeError);
    expect(`${error} ${(error as Error).cause}`).toContain(message);
  });

  test("a body that is too long is not read to its end", async () => {
    answer = (_, response) => response.write(Buffer.alloc(17 * 2 ** 20));
    await expect(nodeTransport()(request())).rejects.toThrow("more than 16777216 bytes");
    await expect.poll(() => sockets.size).toBe(0);
  });

  test("a download as a stream, which ends the connection when it is cancelled", async () => {
    answer = (_, response) => response.write("first");
    const { body } = await nodeTransport()(request({ streamed: true }));
    const reader = (body as ReadableStream<Uint8Array>).getReader();
    expect(text((await reader.read()).value)).toBe("first");
    expect(sockets.size).toBe(1);
    await reader.cancel();
    await expect.poll(() => sockets.size).toBe(0);
  });
});

describe("what goes wrong", () => {
  test("a call that was aborted while node:http was loaded is not sent", async () => {
    const controller = new AbortController();
    const sent = nodeTransport()(request({ signal: controller.signal }));
    controller.abort(new Error("the user left"));
    await expect(sent).rejects.toThrow("the user left");
    await nodeTransport()(request());
    expect(seen).toHaveLength(1);
  });

  test("a download that breaks is a TypeError too", async () => {
    answer = ({ socket }, response) => {
      response.write("first");
      setTimeout(() => socket.destroy(), 20);
    };
    const { body } = await nodeTransport()(request({ streamed: true }));
    await expect(new Response(body as ReadableStream).text()).rejects.toThrow(TypeError);
  });

  test.each([
    ["a connection that is refused", "http://127.0.0.1:1/", "ECONNREFUSED", "connect"],
    ["a name that is unknown", "http://nowhere.invalid/", "ENOTFOUND|EAI_AGAIN", "getaddrinfo"],
  ])("%s is a TypeError, and its cause says that nothing was sent", async (_, url, code, syscall) => {
    const error = await nodeTransport()(request({ url })).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TypeError);
    const { cause } = error as { cause: { code: string; syscall: string } };
    expect([cause.code, cause.syscall]).toEqual([expect.stringMatching(code), syscall]);
    expect(String(error)).toContain("connection failed");
  });

  test.each([
    ["before its response", () => {}],
    ["within its headers", (socket: Socket) => socket.write("HTTP/1.1 200 OK\r\nContent-Le")],
    ["within its body", (socket: Socket) => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}")],
    [
      "by changing the protocol",
      (socket: Socket) => socket.write("HTTP/1.1 101 OK\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
    ],
  ])("a server that ends the connection %s", async (_, write) => {
    answer = ({ socket }) => {
      write(socket);
      setTimeout(() => socket.destroy(), 20);
    };
    await expect(nodeTransport()(request())).rejects.toThrow(TypeError);
  });

  test("an abort ends the connection, with the caller's reason, and leaves no listener", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const listeners = () => getEventListeners(signal, "abort").length;
    await nodeTransport()(request({ signal }));
    await expect.poll(listeners).toBe(0);

    answer = () => controller.abort(new Error("the user left"));
    await expect(nodeTransport({ keepAlive: false })(request({ signal }))).rejects.toThrow("the user left");
    await expect.poll(listeners).toBe(0);
    await expect.poll(() => seen.length).toBe(2);
  });

  test("a certificate that is not trusted: nothing is sent", async () => {
    const secure = await serveTls(url);
    const call = request({ url: `${secure.url}/v3/x` });
    const error = await nodeTransport()(call).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: "TypeError", cause: { code: "DEPTH_ZERO_SELF_SIGNED_CERT" } });
    expect(seen).toEqual([]);
    expect(text((await nodeTransport({ ca: secure.ca })(call)).body)).toBe("{}");
    secure.close();
  });
});

describe("connections", () => {
  test("are used again", async () => {
    const transport = nodeTransport();
    for (let i = 0; i < 3; i++) await transport(request());
    expect(sockets.size).toBe(1);
  });

  test("are closed when they were not used for a while", async () => {
    await nodeTransport({ timeout: 30 })(request());
    await expect.poll(() => sockets.size).toBe(0);
    // A response that takes longer is waited for.
    answer = (_, response) => setTimeout(() => response.end("late"), 90);
    expect(text((await nodeTransport({ timeout: 30 })(request())).body)).toBe("late");
  });

  test("as many as maxSockets allows", async () => {
    let most = 0;
    answer = (_, response) => {
      most = Math.max(most, sockets.size);
      response.end("{}");
    };
    const transport = nodeTransport({ maxSockets: 2 });
    await Promise.all(Array.from({ length: 20 }, () => transport(request())));
    expect([most, seen.length]).toEqual([2, 20]);
  });

  test("by an agent of one's own", async () => {
    let made = 0;
    const agent = new Agent({ keepAlive: true });
    agent.createConnection = (options) => {
      made++;
      return connect(options as never);
    };
    await nodeTransport({ agent })(request());
    expect(made).toBe(1);
  });

  test.each([
    ["no agent", { agent: {} }],
    ["null", { agent: null }],
    ["a number", { agent: 5 }],
    ["other options beside it", { agent: new Agent(), maxSockets: 2 }],
  ])("agent: %s is refused", (_, options) => {
    expect(() => nodeTransport(options as never)).toThrow(/^agent must be an Agent of node:http or node:https/);
  });

  test("other options of the wrong form are refused, and undefined ones left out", () => {
    expect(() => nodeTransport(null as never)).toThrow("options of nodeTransport must be an object; given: null.");
    expect(() => nodeTransport({ maxSockets: "2" as never })).toThrow("maxSockets must be a number above 0");
    expect(() => nodeTransport({ timeout: 0 })).toThrow("timeout must be a number above 0");
    nodeTransport({ agent: new Agent(), maxSockets: undefined as never });
  });

  test("that are not made in time are connections that were never made", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    // An agent whose connections are never made.
    const agent = new Agent();
    agent.createConnection = () => Object.assign(new Socket(), { connecting: true });
    const failed = nodeTransport({ agent })(request()).catch((reason: unknown) => reason);
    await expect.poll(() => vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await failed).toMatchObject({ name: "TypeError", cause: { code: "ETIMEDOUT", syscall: "connect" } });
    vi.useRealTimers();
  });
});

test("on Deno, whose node:http may send a write twice, there is none", () => {
  vi.stubGlobal("Deno", {});
  expect(() => nodeTransport()).toThrow("Leave transport out.");
  vi.unstubAllGlobals();
});
