// @module-tag slow

import { execFile } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import { connect, createServer as createHttp2Server } from "node:http2";
import { createRequire } from "node:module";
import type { AddressInfo, Server } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { getRequestListener } from "@hono/node-server";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { createSandbox, type NotificationEvent, type Sandbox } from "wechatpay-openapi-fetch/sandbox";
import { openPage, type Page } from "../support/page.js";
import { installOnce } from "../support/project.js";

// Koa, NestJS and Next.js are installed by the first run, in this folder.

const here = fileURLToPath(new URL("./", import.meta.url));
const require = createRequire(import.meta.url);

/** The handler that says what the receiver made of a request, in the place of the page's own. */
const JUDGE = `
import { createNotificationReceiver, type NotificationRequest } from "wechatpay-openapi-fetch";
const receive = createNotificationReceiver({
  platformKeys: { [process.env.WECHATPAY_PLATFORM_KEY_ID!]: process.env.WECHATPAY_PLATFORM_KEY! },
  apiV3Key: process.env.WECHATPAY_API_V3_KEY!,
});
export const outcomes: unknown[] = [];
export async function handle(request: NotificationRequest): Promise<Response> {
  outcomes.push(await receive(request).catch((error) => error));
  return new Response(null, { status: 204 });
}
`;

let page: Page;
let sandbox: Sandbox;
const log = vi.spyOn(console, "log");
beforeAll(async () => {
  await installOnce(here);
  page = await openPage("guide/notifications.md", {
    within: "test/frameworks/out-",
    compilerOptions: { experimentalDecorators: true },
    apart: true,
    async beside({ blockWith }) {
      return { "handle.ts": blockWith("export async function handle("), "judge.ts": JUDGE };
    },
  });
  sandbox = await createSandbox();
  enter(sandbox.credentials);
});
afterAll(() => page.close());
beforeEach(() => void log.mockReset().mockImplementation(() => {}));

/** What handle.ts reads when it is imported. */
function enter({ platformKeys, apiV3Key }: Sandbox["credentials"]): void {
  const [[id, pem] = []] = Object.entries(platformKeys);
  vi.stubEnv("WECHATPAY_PLATFORM_KEY_ID", id);
  vi.stubEnv("WECHATPAY_PLATFORM_KEY", pem);
  vi.stubEnv("WECHATPAY_API_V3_KEY", apiV3Key);
}

/** What a sample exports. */
interface Sample {
  // biome-ignore lint/suspicious/noExplicitAny: what a framework calls its app
  app?: any;
  POST?(request: Request): Promise<Response>;
  default?: unknown;
  handler?(event: object): Promise<{ statusCode: number; headers: Record<string, string>; body: string }>;
  listener?: RequestListener;
}

/** Hands a request on as Next.js does with a route of the App Router. */
function nextRoute({ POST }: Sample): RequestListener {
  const { NodeNextRequest } = require("next/dist/server/base-http/node.js");
  const { NextRequestAdapter } = require("next/dist/server/web/spec-extension/adapters/next-request.js");
  return async (req, res) => {
    req.url = `http://localhost${req.url}`;
    const { signal } = new AbortController();
    const reply = await POST?.(NextRequestAdapter.fromNodeNextRequest(new NodeNextRequest(req), signal));
    res.writeHead(reply?.status ?? 500).end(await reply?.text());
  };
}

/** Hands a request on as Next.js does with a function of pages/api. */
function nextPage(module: Sample): RequestListener {
  const { apiResolver } = require("next/dist/server/api-utils/node/api-resolver.js");
  const context = { previewModeId: "", previewModeEncryptionKey: "", previewModeSigningKey: "" };
  return (req, res) => apiResolver(req, res, {}, module, context, false);
}

/** As AWS Lambda gives it: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html */
function lambda({ handler }: Sample, isBase64Encoded: boolean): RequestListener {
  return async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString(isBase64Encoded ? "base64" : "utf8");
    const reply = await handler?.({ version: "2.0", rawPath: req.url, headers: req.headers, body, isBase64Encoded });
    res.writeHead(reply?.statusCode ?? 500, reply?.headers).end(reply?.body);
  };
}

/** The samples by their frameworks: a text that each alone has, and how it becomes what a server calls. */
const SAMPLES: Record<
  string,
  [text: string, listenerOf: (sample: Sample) => RequestListener | Promise<RequestListener>]
> = {
  Hono: ['from "hono"', ({ app }) => getRequestListener(app.fetch) as RequestListener],
  "Next.js, App Router": ["export const POST", nextRoute],
  "Next.js, Pages Router": ["bodyParser: false", nextPage],
  Express: ["express.raw(", ({ app }) => app],
  Fastify: ['from "fastify"', ({ app }) => app.ready().then(() => app.routing)],
  Koa: ['from "koa"', ({ app }) => app.callback()],
  NestJS: ['from "@nestjs/common"', ({ app }) => app.init().then(() => app.getHttpAdapter().getInstance())],
  "AWS Lambda, text": ["isBase64Encoded", (sample) => lambda(sample, false)],
  "AWS Lambda, base64": ["isBase64Encoded", (sample) => lambda(sample, true)],
  "Node.js": ["export async function listener", ({ listener }) => listener as RequestListener],
};

/** A server for as long as `use` takes, and its address. */
async function serving<T>(
  server: Server & { closeAllConnections?(): void },
  use: (url: string) => Promise<T>,
): Promise<T> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/notify`);
  } finally {
    server.closeAllConnections?.();
    server.close();
  }
}

// What no parser would write again as it came.
const paid: NotificationEvent = {
  event_type: "TRANSACTION.SUCCESS",
  resource: (example) => ({ ...example, out_trade_no: "张三 + 1" }),
};

describe("guide/notifications.md", () => {
  test("the handler, and what the sandbox sends it", async () => {
    await page.run("export async function handle(");
    const { send, inProcess } = await page.run("const sandbox = await createSandbox");
    const { handle } = await import(/* @vite-ignore */ `../../${page.folder}/handle.ts`);
    await serving(createServer(getRequestListener(handle) as RequestListener), async (url) => {
      const replies: Response[] = await send(url);
      expect(replies.map(({ status }) => status)).toEqual([204, 204, 204, 400]);
    });
    expect((await inProcess()).status).toBe(204);
    expect(log.mock.calls).toEqual([
      ["paid", "1217752501201407033233368018"],
      ["refund", "SUCCESS"],
      ["not known", "COUPON.USE"],
      ["paid", "1217752501201407033233368018"],
    ]);
    // The others are sent to with the keys of one sandbox.
    vi.resetModules();
    enter(sandbox.credentials);
  });

  test.each(Object.keys(SAMPLES))("a notification by way of %s", async (name) => {
    const [text, listenerOf] = SAMPLES[name] as (typeof SAMPLES)[string];
    const listener = await listenerOf(await page.run(text));
    await serving(createServer(listener), async (url) => {
      expect((await sandbox.notify(url, paid)).status).toBe(204);
      expect(log).toHaveBeenCalledWith("paid", "张三 + 1");
      const refused = await sandbox.notify(url, paid, { fault: "bad-signature" });
      expect([refused.status, await refused.json()]).toEqual([400, { code: "FAIL", message: "VerificationError" }]);
    });
  });

  test.each(["Hono", "Koa", "Node.js"])("over HTTP/2, by way of %s", async (name) => {
    const [text, listenerOf] = SAMPLES[name] as (typeof SAMPLES)[string];
    const listener = (await listenerOf(await page.run(text))) as never;
    const status = await serving(createHttp2Server(listener), notifyByHttp2);
    expect(status).toBe(204);
    expect(log).toHaveBeenCalledWith("paid", "张三 + 1");
  });

  test("over HTTP/2, by way of Fastify", async () => {
    const { app } = await variant('from "fastify"', { "Fastify()": "Fastify({ http2: true })" }, "handle");
    expect(await notifyByHttp2(`${await app.listen()}/notify`)).toBe(204);
    expect(log).toHaveBeenCalledWith("paid", "张三 + 1");
    await app.close();
  });

  test.each(["express()", "bridge(express)"])("Express does not run over HTTP/2: %s", async (app) => {
    const script = `
      import { connect, createServer } from "node:http2";
      import express from "express";
      import bridge from "http2-express-bridge";
      const app = ${app};
      app.post("/notify", (req, res) => res.end());
      const server = createServer(app).listen(0, () => {
        const stream = connect("http://localhost:" + server.address().port).request({ ":method": "POST", ":path": "/notify" });
        stream.on("response", () => process.exit(0));
        stream.end("{}");
      });`;
    const run = promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], { cwd: here });
    await expect(run).rejects.toThrow(
      /TypeError: Cannot read properties of undefined|TypeError: Cannot convert undefined/,
    );
  });
});

/** Sends the notification over HTTP/2, whose headers have names that no Headers take, and gives the status of the answer. */
async function notifyByHttp2(url: string): Promise<number> {
  const session = connect(url);
  const fetch = async (request: Request) => {
    const stream = session.request({ ":method": "POST", ":path": "/notify", ...Object.fromEntries(request.headers) });
    stream.end(await request.text());
    const [headers] = await once(stream, "response");
    stream.resume();
    return new Response(null, { status: headers[":status"] });
  };
  const { status } = await sandbox.notify(url, paid, { fetch });
  session.close();
  return status;
}

/** A sample with changes, such as its user's first mistake, which hands what it has to the `handle` of another file. */
let variants = 0;
async function variant(text: string, changes: Record<string, string>, by: "handle" | "judge") {
  let code = page.blockWith(text).replace("./handle.js", `./${by}.js`);
  for (const [from, to] of Object.entries(changes)) {
    if (!code.includes(from)) throw new Error(`${text} has no ${from}, so this case would prove nothing`);
    code = code.replace(from, to);
  }
  const file = `${page.folder}/variant-${++variants}.ts`;
  await writeFile(file, code);
  return import(/* @vite-ignore */ `../../${file}`);
}

describe("the first mistake is named, and how to keep the body raw", () => {
  const PARSED =
    /^A body parser has read the body already, and the signature covers its raw bytes: keep them\. Express: /;
  const NO_BODY = /^request must be a fetch Request, or \{ headers, body \} with the raw body \(Express: /;
  const EMPTY = /Likely cause: a body parser, for the body is empty\. Express: /;

  // biome-ignore format: a mistake in a line
  test.each<[name: string, sample: string, changes: Record<string, string>, message: RegExp, how: string]>([
    ["express.json() before", "Express", { "express().post(": "express().use(express.json()).post(" }, PARSED, "Express: express.raw"],
    ["its own parser", "Fastify", { "app.addContentTypeParser(": "void (" }, PARSED, 'Fastify: parseAs: "buffer"'],
    ["the parsed body", "Koa", { "ctx.request.rawBody": "ctx.request.body" }, PARSED, "Koa: ctx.request.rawBody"],
    ["its own request", "Koa", { "{ headers: ctx.headers, body: ctx.request.rawBody }": "ctx.request" }, PARSED, "Koa: ctx.request.rawBody"],
    ["no body parser", "Koa", { "app.use(bodyParser());": "" }, NO_BODY, "Koa: ctx.request.rawBody"],
    ["without rawBody", "NestJS", { "{ rawBody: true }": "{}" }, NO_BODY, "Nest: { rawBody: true } and req.rawBody"],
    ["the parsed body", "NestJS", { "req.rawBody!": "req.body" }, PARSED, "Nest: { rawBody: true } and req.rawBody"],
    ["its own request", "NestJS", { "{ headers: req.headers, body: req.rawBody! }": "req" }, PARSED, "Nest: { rawBody: true } and req.rawBody"],
    ["with the body parser", "Next.js, Pages Router", { "bodyParser: false": "" }, EMPTY, "Next.js pages: bodyParser: false"],
    ["the parsed body", "Next.js, Pages Router", { "bodyParser: false": "", "await buffer(req)": "req.body" }, PARSED, "Next.js pages: bodyParser: false"],
    ["its own request", "Next.js, Pages Router", { "bodyParser: false": "", "{ headers: req.headers, body: await buffer(req) }": "req" }, PARSED, "Next.js pages: bodyParser: false"],
    ["json() before", "Next.js, App Router", { "=> handle(": "=> request.json() && handle(" }, PARSED, ""],
    ["json() before", "Hono", { "=> handle(": "=> context.req.json() && handle(" }, PARSED, ""],
    ["base64 as it is", "AWS Lambda, base64", { 'event.isBase64Encoded ? "base64" : "utf8"': '"utf8"' }, /the body is in base64, as AWS Lambda gives it/, "Buffer.from(body, "],
  ])("%s: %s", async (_, name, changes, message, how) => {
    const [text, listenerOf] = SAMPLES[name] as (typeof SAMPLES)[string];
    const listener = await listenerOf(await variant(text, changes, "judge"));
    await serving(createServer(listener), (url) => sandbox.notify(url, paid));
    const { outcomes } = await import(/* @vite-ignore */ `../../${page.folder}/judge.ts`);
    const error = outcomes.pop();
    expect(error).toBeInstanceOf(Error);
    expect(error.message).toMatch(message);
    expect(error.message).toContain(how);
  });
});
