import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import { connect } from "node:http2";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { getRequestListener } from "@hono/node-server";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { createWeChatPayClient, type WeChatPayClient } from "wechatpay-openapi-fetch";
import { createSandbox } from "wechatpay-openapi-fetch/sandbox";
import openapi from "../generated/openapi.json" with { type: "json" };
import { chainNames } from "../src/client/chain.js";
import { verifyText } from "./support/keys.js";
import { type Editor, openAllInEditor } from "./support/language-service.js";
import { examples, PRE_ORDER } from "./support/wechatpay.js";

/** The code blocks of a page, as a reader would copy them. */
async function blocksOf(page: string): Promise<string[]> {
  return Array.from((await readFile(page, "utf8")).matchAll(/^```ts\n(.*?)^```$/gms), ([, code = ""]) => code);
}

const pages = { english: await blocksOf("README.md"), chinese: await blocksOf("README.zh-CN.md") };

test("the Chinese page shows the same code, but for the comments", () => {
  const withoutComments = (blocks: string[]) => blocks.map((code) => code.replace(/ *\/\/ .*$/gm, ""));
  expect(withoutComments(pages.chinese)).toEqual(withoutComments(pages.english));
});

test.each(["README.md", "README.zh-CN.md"])("%s names operations by the call that each has", async (page) => {
  const table = Array.from((await readFile(page, "utf8")).matchAll(/^\| `(\w+)` \| `(v3\.[\w.]+)` \|/gm), (row) =>
    row.slice(1),
  );
  const calls = Object.entries(openapi.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, { operationId }]) => [operationId, [...chainNames(path), method].join(".")]),
  );
  expect(table.length).toBeGreaterThan(10);
  expect(calls).toEqual(expect.arrayContaining(table));
});

describe("README.md, block by block, compiles and runs", () => {
  let folder: string;
  let editor: Editor;
  const seen = new Set<string>();
  const sandboxReady = createSandbox();
  const log = vi.spyOn(console, "log");

  beforeAll(async () => {
    folder = await mkdtemp("test/readme-");
    // The files that the blocks import from beside them.
    await writeFile(join(folder, "order.ts"), `export const body = ${JSON.stringify(examples.request)} as const;`);
    await writeFile(join(folder, "handle.ts"), blockWith("export async function handle"));
    editor = openAllInEditor(Object.fromEntries(pages.english.map((code) => [fileOf(code), code])));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
    expect([...seen].sort(), "a block that no test runs").toEqual([...pages.english].sort());
  });
  beforeEach(async () => {
    const { credentials } = await sandboxReady;
    const [[id, pem] = []] = Object.entries(credentials.platformKeys);
    vi.stubEnv("WECHATPAY_MCHID", credentials.mchid);
    vi.stubEnv("WECHATPAY_SERIAL_NO", credentials.serialNo);
    vi.stubEnv("WECHATPAY_PRIVATE_KEY", credentials.privateKey);
    vi.stubEnv("WECHATPAY_PLATFORM_KEY_ID", id);
    vi.stubEnv("WECHATPAY_PLATFORM_KEY", pem);
    vi.stubEnv("WECHATPAY_API_V3_KEY", credentials.apiV3Key);
    log.mockReset();
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.unstubAllGlobals();
  });

  function blockWith(text: string): string {
    const found = pages.english.filter((code) => code.includes(text));
    if (found.length !== 1) throw new Error(`${found.length} blocks of README.md have ${text}`);
    return found[0] as string;
  }

  function fileOf(code: string): string {
    return join(folder, `block-${pages.english.indexOf(code)}.ts`);
  }

  /** Checks the block's types, runs it, and gives what it exports. */
  async function run(text: string) {
    const code = blockWith(text);
    seen.add(code);
    const file = fileOf(code);
    expect(editor.errors(file)).toEqual([]);
    await writeFile(file, code);
    return import(/* @vite-ignore */ `../${file}`);
  }

  test("the first call", async () => {
    await run("const sandbox = await createSandbox(); // a WeChat Pay");
    const path = expect.stringMatching(/^\/pages\/card\/authenticate\?mchid=1900000109&sub_mchid=1111111&/);
    expect(log).toHaveBeenCalledWith({ appId: "wxd24d9057cd83d47a", path });
  });

  test("the real server", async () => {
    const { wechatpay } = await run("export const wechatpay");
    vi.stubGlobal("fetch", (await sandboxReady).fetch);
    const { data } = await wechatpay.v3.payrollCard.authentications.preOrder.post({ body: examples.request });
    expect(data.expires_in).toBe(300);
  });

  test("the fast transport", async () => {
    const { createClient } = await run("transport: nodeTransport()");
    const sandbox = await sandboxReady;
    const { url: baseUrl, close } = await sandbox.listen();
    const body = { ...examples.request, authenticate_number: "fast" };
    const { data } = await createClient({ ...sandbox.credentials, baseUrl }).POST(PRE_ORDER, { body });
    expect(data.expires_in).toBe(300);
    await close();
  });

  test("the whole flow", async () => {
    await run("createSandbox({ authorized: false })");
    expect(log.mock.calls).toEqual([
      [expect.stringMatching(/^\/pages\/card\/auth\?mchid=1900000109&.*&token=\w+$/)],
      [
        expect.stringMatching(
          /^\/pages\/card\/authenticate\?mchid=1900000109&.*&authenticate_number=20260401zhangsan&/,
        ),
      ],
      ["FINISHED", 200_000, "SUCCESS"],
    ]);
  });

  test("downloads", async () => {
    const { save } = await run("export async function save");
    const { credentials } = await sandboxReady;
    const text = "交易时间,商户号\n";
    const wechatpay = createWeChatPayClient({ ...credentials, fetch: async () => new Response(text) });
    const bill = {
      download_url: "https://api.mch.weixin.qq.com/v3/billdownload/file?token=a",
      hash_type: "SHA1",
      hash_value: createHash("sha1").update(text).digest("hex"),
    };
    const [good, bad] = [join(folder, "good.csv"), join(folder, "bad.csv")];
    await save(wechatpay, bill, good);
    expect(await readFile(good, "utf8")).toBe(text);
    await expect(save(wechatpay, { ...bill, hash_value: "0".repeat(40) }, bad)).rejects.toThrow("its SHA1 is not");
    await expect(readFile(bad)).rejects.toThrow("ENOENT");
  });

  test("three ways of calling", async () => {
    const sandbox = await sandboxReady;
    const wechatpay = createWeChatPayClient({ ...sandbox.credentials, fetch: sandbox.fetch });
    const before = sandbox.requests.length;
    for (const [way, call] of Object.entries(await run("export const byMethod"))) {
      const body = { ...examples.request, authenticate_number: way };
      await (call as (wechatpay: WeChatPayClient, body: object) => Promise<unknown>)(wechatpay, body);
    }
    expect(sandbox.requests.slice(before).map(({ verdict }) => verdict)).toEqual(["accepted", "accepted", "accepted"]);
  });

  test("errors", async () => {
    const { tokenOf } = await run("export async function tokenOf");
    const startUp = async () => {
      const sandbox = await createSandbox();
      return { sandbox, wechatpay: createWeChatPayClient({ ...sandbox.credentials, fetch: sandbox.fetch }) };
    };
    expect(await tokenOf((await startUp()).wechatpay)).toMatch(/^\w+$/);
    const error = vi.spyOn(console, "error").mockImplementation(() => {});
    const { sandbox, wechatpay } = await startUp();
    sandbox.fail({ fault: "bad-signature" });
    await expect(tokenOf(wechatpay)).rejects.toThrow();
    expect(error).toHaveBeenCalledWith("mismatch", "unknown");
    error.mockRestore();
  });

  test("opening a payment", async () => {
    const { payments, transfer } = await run("paySign({ mchid, privateKey })");
    const { privateKey } = (await sandboxReady).credentials;
    const { page, miniProgram, app } = await payments("wx2421b1c4370ec43b", "wx201410272009395522657a690389285100");
    const line = "prepay_id=wx201410272009395522657a690389285100";
    const signed = ({ timeStamp, nonceStr }: typeof page, last: string) =>
      `wx2421b1c4370ec43b\n${timeStamp}\n${nonceStr}\n${last}\n`;
    expect(verifyText(privateKey, signed(page, line), page.paySign)).toBe(true);
    expect(verifyText(privateKey, signed(miniProgram, line), miniProgram.paySign)).toBe(true);
    expect(verifyText(privateKey, signed(app, app.prepayId), app.sign)).toBe(true);
    expect(transfer("wxf636efh567hg4356", "affffddafdfafddffda==")).toEqual({
      mchId: "1900000109",
      appId: "wxf636efh567hg4356",
      package: "affffddafdfafddffda==",
    });
  });

  test("the sandbox over HTTP", async () => {
    await run("sandbox.listen");
    expect(log).toHaveBeenCalledWith("PARAM_ERROR", "invalid-parameter");
  });

  test("the handler of notifications", async () => {
    const { handle } = await run("export async function handle");
    const sandbox = await sandboxReady;
    const event = { event_type: "TRANSACTION.SUCCESS", resource: { out_trade_no: "1" } };
    expect((await sandbox.notify("http://localhost/notify", event, { fetch: handle })).status).toBe(204);
    expect(log).toHaveBeenCalledWith(expect.any(String), "TRANSACTION.SUCCESS", "1");
    const refused = await sandbox.notify("http://localhost/notify", event, { fetch: handle, fault: "tampered-body" });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toEqual({ code: "FAIL", message: "VerificationError" });
  });

  test.each<[string, string, (app: never) => Promise<RequestListener>]>([
    [
      "Hono",
      'from "hono"',
      async (app: { fetch: Parameters<typeof getRequestListener>[0] }) =>
        getRequestListener(app.fetch) as RequestListener,
    ],
    ["Express", 'from "express"', async (app: RequestListener) => app],
    [
      "Fastify",
      'from "fastify"',
      async (app: { ready(): Promise<unknown>; routing: RequestListener }) => {
        await app.ready();
        return app.routing;
      },
    ],
  ])("a notification by way of %s", async (_, text, listenerOf) => {
    const { app } = await run(text);
    const server: Server = createServer(await listenerOf(app as never));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/notify`;
    const sandbox = await sandboxReady;
    // White space and key order that no parser would write again.
    const event = { event_type: "TRANSACTION.SUCCESS", resource: { out_trade_no: "张三 + 1", a: 1.0 } };
    expect((await sandbox.notify(url, event)).status).toBe(204);
    expect(log).toHaveBeenCalledWith(expect.any(String), "TRANSACTION.SUCCESS", "张三 + 1");
    const refused = await sandbox.notify(url, event, { fault: "bad-signature" });
    expect([refused.status, await refused.json()]).toEqual([400, { code: "FAIL", message: "VerificationError" }]);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  test("a notification by way of Fastify over HTTP/2, whose headers have names that no Headers take", async () => {
    const file = join(folder, "http2.ts");
    await writeFile(file, blockWith('from "fastify"').replace("Fastify()", "Fastify({ http2: true })"));
    const { app } = await import(/* @vite-ignore */ `../${file}`);
    const session = connect(await app.listen());
    const fetch = async (request: Request) => {
      const stream = session.request({ ":method": "POST", ":path": "/notify", ...Object.fromEntries(request.headers) });
      stream.end(await request.text());
      const [headers] = await once(stream, "response");
      stream.resume();
      return new Response(null, { status: headers[":status"] });
    };
    const event = { event_type: "TRANSACTION.SUCCESS", resource: { out_trade_no: "2" } };
    const sandbox = await sandboxReady;
    expect((await sandbox.notify("http://localhost/notify", event, { fetch })).status).toBe(204);
    expect(log).toHaveBeenCalledWith(expect.any(String), "TRANSACTION.SUCCESS", "2");
    session.close();
    await app.close();
  });
});
