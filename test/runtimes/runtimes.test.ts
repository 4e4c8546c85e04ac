// @module-tag slow
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createSandbox, type Sandbox } from "wechatpay-openapi-fetch/sandbox";
import { openAllInEditor } from "../support/language-service.js";
import { installBuilt } from "../support/project.js";
import { serveTls } from "../support/tls.js";
import { freshRequest, PRE_ORDER } from "../support/wechatpay.js";
import { binaryOf, installRuntimes } from "./processes.js";

// What needs the installed runtimes, beside `npm run test:runtimes`. In one file, so that they are installed once.

const run = promisify(execFile);
const here = import.meta.dirname;
const root = join(here, "../..");

/** A forward proxy: it joins whoever asks to the host that they name, and says which. */
const asked: string[] = [];
const proxy = createServer((_, response) => response.writeHead(501).end());
proxy.on("connect", ({ url = "", headers }, socket) => {
  asked.push(url);
  socket.on("error", () => {});
  if (headers["proxy-authorization"] !== `Basic ${btoa("user:password")}`) {
    return void socket.end("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
  }
  const target = connect(Number(url.split(":")[1]), "127.0.0.1", () => {
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    socket.pipe(target).pipe(socket);
  });
  socket.on("error", () => target.destroy());
  target.on("error", () => socket.destroy());
});

/** What a program of the guide's exports, called as a user would: a write, and what became of it. */
const MAIN = `
import { outcomeOf } from "wechatpay-openapi-fetch";
import { createClient } from "./block.js";
const { options, path, body } = JSON.parse(process.argv[2]);
createClient(options).POST(path, { body }).then(
  ({ data, error }) => console.log(data ? "data" : error.code),
  (error) => console.log(error.name + ": " + error.message, outcomeOf(error) ?? "nothing was sent"),
);`;
const DEFAULT = `
import { createWeChatPayClient } from "wechatpay-openapi-fetch";
export const createClient = createWeChatPayClient;`;
const PROXY_ENV = `
import { createWeChatPayClient } from "wechatpay-openapi-fetch";
import { nodeTransport } from "wechatpay-openapi-fetch/node";
export const createClient = (options) =>
  createWeChatPayClient({ ...options, transport: nodeTransport({ proxyEnv: process.env }) });`;

let folder: string;
let blocks: string[];
let proxyUrl: string;
let secure: Awaited<ReturnType<typeof serveTls>>;
let sandbox: Sandbox;
const ends: (() => unknown)[] = [];

beforeAll(async () => {
  await installRuntimes();
  // In this place the programs find the packages that the guide names.
  folder = await mkdtemp(join(here, "guide-"));
  await installBuilt(folder);
  // Those of this repository are of another version than Bun's want.
  await rm(join(folder, "node_modules/@types"));
  await writeFile(join(folder, "package.json"), '{ "private": true, "type": "module" }');
  await writeFile(join(folder, "tsconfig.json"), "{}");
  blocks = await blocksOf("guide/proxies.md");
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  proxyUrl = `http://user:password@127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  sandbox = await createSandbox();
  const { url, close } = await sandbox.listen();
  secure = await serveTls(url);
  await writeFile(join(folder, "ca.pem"), secure.ca);
  ends.push(
    close,
    secure.close,
    () => proxy.close(),
    () => rm(folder, { recursive: true }),
  );
});
afterAll(() => Promise.all(ends.map((end) => end())));
beforeEach(() => {
  asked.splice(0);
  sandbox.clearRequests();
});

/** The programs of a page. */
async function blocksOf(page: string): Promise<string[]> {
  const text = await readFile(join(root, page), "utf8");
  return Array.from(text.matchAll(/^```ts\n(.*?)^```$/gms), ([, code = ""]) => code);
}

/** What a program says on a runtime, with these variables. */
async function say(runtime: string, code: string, variables: Record<string, string>): Promise<string> {
  await writeFile(join(folder, "block.ts"), code);
  await writeFile(join(folder, "main.ts"), MAIN);
  const outfile = join(folder, "main.mjs");
  const external = ["undici", "https-proxy-agent", "node:*"];
  await build({
    entryPoints: [join(folder, "main.ts")],
    outfile,
    bundle: true,
    format: "esm",
    target: "es2022",
    external,
  });
  const ca = join(folder, "ca.pem");
  const { PATH = "" } = process.env;
  const env = { PATH, NODE_EXTRA_CA_CERTS: ca, DENO_CERT: ca, ...deno(), ...variables };
  const options = { ...sandbox.credentials, baseUrl: secure.url, retry: false };
  const job = JSON.stringify({ options, path: PRE_ORDER, body: freshRequest() });
  const flags = runtime === "deno" ? ["run", "--no-prompt", "--allow-net", "--allow-env"] : [];
  const { stdout } = await run(binaryOf(runtime), [...flags, outfile, job], { cwd: folder, env });
  return stdout.trim();
}

const blockWith = (text: string) => blocks.find((code) => code.includes(text)) as string;
/** It would ask for its own newest version as well, through the proxy. */
const deno = () => ({ DENO_DIR: join(folder, ".deno"), DENO_NO_UPDATE_CHECK: "1" });
const hostOf = (url: string) => new URL(url).host;

describe("a call goes through the proxy", () => {
  test.each<[string, string, () => string, (url: string) => Record<string, string>]>([
    ["node24", "fetch, by the environment", () => DEFAULT, (HTTPS_PROXY) => ({ NODE_USE_ENV_PROXY: "1", HTTPS_PROXY })],
    ["node24", "nodeTransport, by proxyEnv", () => PROXY_ENV, (HTTPS_PROXY) => ({ HTTPS_PROXY })],
    ["node20", "fetch, by a ProxyAgent", () => blockWith("undici"), (HTTPS_PROXY) => ({ HTTPS_PROXY })],
    ["node26", "fetch, by a ProxyAgent", () => blockWith("undici"), (HTTPS_PROXY) => ({ HTTPS_PROXY })],
    [
      "node20",
      "nodeTransport, by an HttpsProxyAgent",
      () => blockWith("https-proxy-agent"),
      (HTTPS_PROXY) => ({ HTTPS_PROXY }),
    ],
    [
      "node26",
      "nodeTransport, by an HttpsProxyAgent",
      () => blockWith("https-proxy-agent"),
      (HTTPS_PROXY) => ({ HTTPS_PROXY }),
    ],
    ["bun", "fetch, by the environment", () => DEFAULT, (HTTPS_PROXY) => ({ HTTPS_PROXY })],
    ["bun", "fetch, by proxy", () => blockWith("PAYMENT_PROXY"), (PAYMENT_PROXY) => ({ PAYMENT_PROXY })],
    ["deno", "fetch, by the environment", () => DEFAULT, (HTTPS_PROXY) => ({ HTTPS_PROXY })],
  ])("%s: %s", async (runtime, _, code, variables) => {
    expect(await say(runtime, code(), variables(proxyUrl))).toBe("data");
    expect(asked).toEqual([hostOf(secure.url)]);
    expect(sandbox.requests).toHaveLength(1);
    // A proxy that does not let it through: nothing goes past it.
    const refused = await say(runtime, code(), variables(proxyUrl.replace("password", "wrong")));
    expect(refused).toMatch(/^(\w*Error: .|HTTP_407$)/);
    expect(sandbox.requests).toHaveLength(1);
    // One that is down: so says who may try the backup server.
    expect(await say(runtime, code(), variables("http://127.0.0.1:9"))).toMatch(/ nothing was sent$/);
  });
});

test("the guide's programs compile, and both languages have the same", async () => {
  const chinese = await readFile(join(root, "guide/proxies.zh-CN.md"), "utf8");
  for (const code of blocks) expect(chinese).toContain(code);
  const paths = Object.fromEntries(blocks.map((code, index) => [join(folder, `block-${index}.ts`), code]));
  const editor = openAllInEditor(paths);
  for (const path of Object.keys(paths)) expect(editor.errors(path)).toEqual([]);
});

describe("the types need those of the runtime, and nothing else", () => {
  const file = () => join(folder, "first.ts");
  beforeAll(async () => {
    const [first = ""] = await blocksOf("README.md");
    const own =
      "export const own = createWeChatPayClient({ ...sandbox.credentials, fetch: (request) => fetch(request) });";
    await writeFile(file(), `${first}\n${own}`);
  });

  async function compile(lib: string[], types: string[]): Promise<string> {
    const options = {
      strict: true,
      target: "es2022",
      module: "nodenext",
      noEmit: true,
      exactOptionalPropertyTypes: true,
    };
    const tsconfig = { compilerOptions: { ...options, lib: ["es2022", ...lib], types }, files: ["first.ts"] };
    await writeFile(join(folder, "tsconfig.types.json"), JSON.stringify(tsconfig));
    const tsc = join(root, "node_modules/typescript/lib/tsc.js");
    return run(process.execPath, [tsc, "-p", "tsconfig.types.json"], { cwd: folder }).then(
      () => "",
      ({ stdout }) => stdout,
    );
  }

  test.each<[string, string[], string[]]>([
    ["Node.js: @types/node", [], ["node"]],
    ["Bun: @types/bun", [], [join(here, "node_modules/@types/bun")]],
    ["Workers: @cloudflare/workers-types", [], [join(here, "node_modules/@cloudflare/workers-types")]],
    ["anywhere: the library dom", ["dom"], []],
  ])("%s", async (_, lib, types) => {
    expect(await compile(lib, types)).toBe("");
  });

  test("without any, the compiler names what is missing", async () => {
    expect(await compile([], [])).toMatch(/Cannot find name 'Request'.*Cannot find name 'AbortSignal'/s);
  });

  test("Deno has its own", async () => {
    const env = { PATH: process.env.PATH, NO_COLOR: "1", ...deno() };
    const check = (name: string) =>
      run(binaryOf("deno"), ["check", "--node-modules-dir=manual", name], { cwd: folder, env });
    await check("first.ts");
    await writeFile(
      join(folder, "wrong.ts"),
      (await readFile(file(), "utf8")).replace(/console\.log\((.*)\);/, "export const token: number = $1.token;"),
    );
    await expect(check("wrong.ts")).rejects.toThrow("Type 'string' is not assignable to type 'number'");
  });
});
