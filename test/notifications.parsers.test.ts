import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import express from "express";
import Fastify from "fastify";
import { Hono } from "hono";
import { afterEach, describe, expect, test } from "vitest";
import {
  createNotificationReceiver,
  type Notification,
  type NotificationRequest,
  VerificationError,
} from "wechatpay-openapi-fetch";
import { createSandbox } from "wechatpay-openapi-fetch/sandbox";

const sandbox = await createSandbox();
const receive = createNotificationReceiver({ ...sandbox.credentials, clock: sandbox.clock });
// What no parser would write again: a blank, an escape that need not be.
const event = { event_type: "TRANSACTION.SUCCESS", resource: { out_trade_no: "1" } };

/** What `receive` made of it. */
let outcome: Notification | Error | undefined;
afterEach(() => void (outcome = undefined));

/** Gives the receiver what a handler has, as a handler in JavaScript does. */
async function take(given: unknown): Promise<void> {
  outcome = await receive(given as NotificationRequest).catch((error: Error) => error);
}

/** The outcome of a notification that is sent to a server over HTTP. */
async function sentTo(listener: RequestListener): Promise<Notification | Error | undefined> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await sandbox.notify(`http://127.0.0.1:${port}/notify`, event);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  return outcome;
}

/** The outcome of a notification as frameworks that are not installed here would hand it on. */
async function handedOn(as: (headers: Record<string, string>, body: string) => unknown) {
  const fetch = async (request: Request) => {
    await take(as(Object.fromEntries(request.headers), await request.text()));
    return new Response();
  };
  await sandbox.notify("http://localhost/notify", event, { fetch });
  return outcome;
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const received = { event_type: "TRANSACTION.SUCCESS", resource: { out_trade_no: "1" } };
const HOW = 'Express: express.raw({ type: "*/*" }) on this route, before any express.json(). Koa: ctx.request.rawBody';

describe("a raw body is received from every framework", () => {
  test("Express: express.raw(), and its own request", async () => {
    const app = express().post("/notify", express.raw({ type: "*/*" }), async (req, res) => {
      await take(req);
      res.end();
    });
    expect(await sentTo(app)).toMatchObject(received);
  });

  test("Express: the verify option of express.json()", async () => {
    const verify = (request: object, _: unknown, bytes: Buffer) => void Object.assign(request, { rawBody: bytes });
    const app = express().post("/notify", express.json({ verify }), async (req, res) => {
      await take({ headers: req.headers, body: (req as unknown as { rawBody: Buffer }).rawBody });
      res.end();
    });
    expect(await sentTo(app)).toMatchObject(received);
  });

  test("Hono: its Request", async () => {
    const app = new Hono().post("/notify", async (context) => {
      await take(context.req.raw);
      return context.text("");
    });
    expect(await sentTo(getRequestListener(app.fetch) as RequestListener)).toMatchObject(received);
  });

  test("node:http: what was read", async () => {
    const listener: RequestListener = async (request, response) => {
      await take({ headers: request.headers, body: await readAll(request) });
      response.end();
    };
    expect(await sentTo(listener)).toMatchObject(received);
  });

  test.each<[string, (headers: Record<string, string>, body: string) => unknown]>([
    ["Koa's rawBody", (headers, rawBody) => ({ headers, body: rawBody })],
    ["NestJS' rawBody", (headers, text) => ({ headers, body: Buffer.from(text) })],
    ["Lambda, base64 decoded", (headers, text) => ({ headers, body: Buffer.from(btoa(text), "base64") })],
    [
      "API Gateway, which keeps the case of names",
      (headers, body) => ({
        headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value])),
        body,
      }),
    ],
    ["lists of values", (headers, body) => ({ headers: mapped(headers, (value) => [value]), body })],
    ["HTTP/2, with its pseudo-headers", (headers, body) => ({ headers: { ":method": "POST", ...headers }, body })],
    ["Headers", (headers, body) => ({ headers: new Headers(headers), body })],
  ])("%s", async (_, as) => {
    expect(await handedOn(as)).toMatchObject(received);
  });
});

describe("a body parser before the receiver is named, and how to keep the body raw", () => {
  const isParsed = { name: "TypeError", message: expect.stringMatching(/^A body parser has read the body already, /) };

  test("Express: a global express.json(), its request handed on", async () => {
    const app = express().use(express.json());
    app.post("/notify", express.raw({ type: "*/*" }), async (req, res) => {
      await take(req);
      res.end();
    });
    expect(await sentTo(app)).toMatchObject(isParsed);
    expect((outcome as Error).message).toContain(HOW);
  });

  test("Express: a global express.json(), its object made a Request's body", async () => {
    const app = express().use(express.json());
    app.post("/notify", async (req, res) => {
      const headers = new Headers(req.headers as Record<string, string>);
      headers.delete("content-length");
      await take(new Request("http://localhost/notify", { method: "POST", headers, body: req.body }));
      res.end();
    });
    expectMismatch(await sentTo(app), 'a body parser, for the body is the text "[object Object]". Express:');
  });

  test("Express: the stream that express.json() has read", async () => {
    const app = express().use(express.json());
    app.post("/notify", async (req, res) => {
      await take({ headers: req.headers, body: await readAll(req) });
      res.end();
    });
    expectMismatch(await sentTo(app), "a body parser, for the body is empty. Express:");
  });

  test("Fastify: its own parser", async () => {
    const app = Fastify();
    app.post("/notify", async (request) => {
      await take(request);
      return "";
    });
    await app.ready();
    expect(await sentTo(app.routing)).toMatchObject(isParsed);
    expect((outcome as Error).message).toContain('Fastify: parseAs: "buffer".');
  });

  test("Hono: context.req.json() before", async () => {
    const app = new Hono().post("/notify", async (context) => {
      await context.req.json();
      await take(context.req.raw);
      return context.text("");
    });
    expect(await sentTo(getRequestListener(app.fetch) as RequestListener)).toMatchObject(isParsed);
  });

  test.each<[string, (headers: Record<string, string>, body: string) => unknown]>([
    ["Koa: ctx.request, after a body parser", (headers, body) => ({ headers, body: JSON.parse(body), method: "POST" })],
    ["NestJS: req, without rawBody", (headers, body) => ({ headers, body: JSON.parse(body), url: "/notify" })],
    [
      "a body that is being read",
      (headers, body) => locked(new Request("http://x", { method: "POST", headers, body })),
    ],
  ])("%s", async (_, as) => {
    expect(await handedOn(as)).toMatchObject(isParsed);
  });

  test("AWS Lambda: base64", async () => {
    const event = await handedOn((headers, body) => ({ headers, body: btoa(body), isBase64Encoded: true }));
    expectMismatch(event, 'the body is in base64, as AWS Lambda gives it: Buffer.from(body, "base64").');
  });

  test("JSON that was written again is suspected, for a wrong key would look the same", async () => {
    const rewritten = (body: string) => JSON.stringify({ ...JSON.parse(body), summary: "x" });
    const event = await handedOn((headers, body) => ({ headers, body: rewritten(body) }));
    expectMismatch(
      event,
      "a body parser, after which JSON.stringify wrote the body anew, or a wrong key in platformKeys.",
    );
  });

  test.each<[string, (body: string) => string]>([
    ["a blank that JSON.stringify would not write", (body) => body.replace(":", ": ")],
    ["JSON that is cut", (body) => body.slice(0, -1)],
    ["JSON nested too deeply to be written", () => "[".repeat(30_000) + "]".repeat(30_000)],
    ["16 MiB", () => `"${"x".repeat(16 * 2 ** 20 - 2)}"`],
  ])("but no parser where the body shows none: %s", async (_, change) => {
    expectMismatch(
      await handedOn((headers, body) => ({ headers, body: change(body) })),
      "a changed body, or a wrong key in platformKeys.",
    );
  });

  /** The signature was judged, and its sentence ends with this cause. */
  function expectMismatch(error: unknown, cause: string): void {
    expect(error).toBeInstanceOf(VerificationError);
    expect(error).toMatchObject({ reason: "mismatch" });
    expect((error as Error).message).toContain(`Likely cause: ${cause}`);
  }
});

describe("what is no request is told what is wanted", () => {
  const isRefused = {
    name: "TypeError",
    message: expect.stringMatching(
      /^request must be a fetch Request, or \{ headers, body \} with the raw body \(Express: /,
    ),
  };

  test("Express' and node:http's request, whose body nobody has read", async () => {
    const listener: RequestListener = async (request, response) => {
      await take(request);
      response.end();
    };
    expect(await sentTo(listener)).toMatchObject(isRefused);
    expect(await sentTo(express().post("/notify", listener as never))).toMatchObject(isRefused);
  });

  test.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["a text", "{}"],
    ["bytes", new Uint8Array(2)],
    ["Koa's context", { headers: {}, request: { body: {} }, body: undefined }],
    ["a body without headers", { body: "{}" }],
    ["a Node.js stream for the body, as node-fetch has it", { headers: new Headers(), body: { pipe() {} } }],
    ["a Blob for the body", { headers: {}, body: new Blob([]) }],
    ["a promise", Promise.resolve({ headers: {}, body: "" })],
  ])("%s", async (_, given) => {
    await take(given);
    expect(outcome).toMatchObject(isRefused);
  });
});

function mapped<Value>(record: Record<string, string>, change: (value: string) => Value): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}

function locked(request: Request): Request {
  request.body?.getReader();
  return request;
}
