import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createWeChatPayClient, unwrap } from "wechatpay-openapi-fetch";
import { FAULTS } from "wechatpay-openapi-fetch/sandbox";
import own from "../../package.json" with { type: "json" };
import { type Parts, signedHeaders } from "../sandbox/signed.js";
import { makeProgram } from "../support/program.js";
import { examples, PRE_ORDER } from "../support/wechatpay.js";

type Child = ChildProcessByStdio<null, Readable, Readable>;
const children: Child[] = [];
let folder: string;
let program: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cli-"));
  program = await makeProgram("src/cli/main.ts", folder);
});
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await rm(folder, { recursive: true });
});

/** The command `wechatpay`. */
function wechatpay(...args: string[]) {
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  const out = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    out.stderr += text;
  });
  const ended = once(child, "close").then(([code, signal]) => ({ ...out, code, signal }));
  return {
    child,
    ended,
    /** stdout, as soon as it matches. */
    async printed(pattern: RegExp): Promise<string> {
      while (!pattern.test(out.stdout)) await Promise.race([once(child.stdout, "data"), ended.then(fail)]);
      return out.stdout;
    },
  };

  function fail(end: object): never {
    throw new Error(`It ended: ${JSON.stringify(end)}`);
  }
}

describe.concurrent("wechatpay sandbox --json", () => {
  test.each(["SIGTERM", "SIGINT"] as const)("one line of JSON makes a client; %s ends it well", async (signal) => {
    const { child, ended, printed } = wechatpay("sandbox", "--port", "0", "--json");
    const { url, ...credentials } = JSON.parse(await printed(/\n/));
    expect(Object.keys(credentials)).toEqual(["mchid", "serialNo", "privateKey", "platformKeys", "apiV3Key"]);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);

    const client = createWeChatPayClient({ ...credentials, baseUrl: url });
    const { expires_in } = unwrap(await client.POST(PRE_ORDER, { body: examples.request }));
    expect(expires_in).toBe(300);

    child.kill(signal);
    const end = await ended;
    expect(end).toMatchObject({ code: 0, signal: null, stderr: "" });
    expect(end.stdout).toMatch(/^\{[^\n]+\}\n$/);
  });
});

describe("wechatpay sandbox", () => {
  test("prints what a client needs, then each request with its verdict, and nothing of what it held", async () => {
    const { child, ended, printed } = wechatpay("sandbox", "--port", "0");
    const start = await printed(/Requests:\n/);
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(start)?.[0] ?? "";
    expect(start).toContain(`console     ${url}/ (open it in a browser)\n`);
    expect(start).toContain("-----BEGIN PRIVATE KEY-----");
    expect(start).toMatch(/PUB_KEY_ID_\d{28}\n-----BEGIN PUBLIC KEY-----/);
    const pem = /-----BEGIN PRIVATE KEY-----[\s\S]+-----END PRIVATE KEY-----/.exec(start)?.[0] ?? "";
    const client = createWeChatPayClient({
      mchid: /mchid +(\d+)/.exec(start)?.[1] ?? "",
      serialNo: /serialNo +(\w+)/.exec(start)?.[1] ?? "",
      privateKey: pem,
      platformKeys: {
        [/PUB_KEY_ID_\d+/.exec(start)?.[0] ?? ""]: /-----BEGIN PUBLIC KEY-----[\s\S]+/.exec(start)?.[0] ?? "",
      },
      baseUrl: url,
    });

    unwrap(await client.POST(PRE_ORDER, { body: examples.request }));
    await fetch(`${url}${PRE_ORDER}?openid=${examples.request.openid}`, { method: "POST", body: "{}" });
    await fetch(`${url}/v3/nowhere`);
    const stdout = await printed(/nowhere.*\n/);
    expect(stdout.slice(start.length)).toBe(
      `POST ${PRE_ORDER} → 200 accepted\nPOST ${PRE_ORDER} → 401 malformed-authorization\nGET /v3/nowhere → 404 unknown-path\n`,
    );

    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ code: 0, stderr: "" });
  });
});

test("wechatpay sandbox --unauthorized: users start as real ones do, and a wrong signature is explained", async () => {
  const { child, printed } = wechatpay("sandbox", "--port=0", "--unauthorized");
  const start = await printed(/Requests:\n/);
  const {
    url = "",
    mchid = "",
    serialNo = "",
  } = /at (?<url>http\S+)[\s\S]+mchid +(?<mchid>\d+)\nserialNo +(?<serialNo>\w+)/.exec(start)?.groups ?? {};
  const privateKey = /-----BEGIN PRIVATE KEY-----[\s\S]+-----END PRIVATE KEY-----/.exec(start)?.[0] ?? "";
  const credentials = { mchid, serialNo, privateKey };
  const send = async (parts: Parts) => {
    const headers = signedHeaders(credentials, { target: PRE_ORDER, ...parts });
    return fetch(url + PRE_ORDER, { method: "POST", headers, body: JSON.stringify(examples.request) });
  };
  const reply = await send({ body: JSON.stringify(examples.request) });
  expect(await reply.json()).toMatchObject({ code: "INVALID_REQUEST", message: expect.stringContaining("用户未授权") });
  await send({ body: "" });
  expect(await printed(/wrong-signature\n.*\n.*\n/)).toMatch(/请求报文主体没有参与签名.*\n.*the body was not signed/);
  child.kill("SIGKILL");
});

describe.concurrent("wechatpay sandbox --fail", () => {
  test("makes the next requests fail, and says which did", async () => {
    const faults = ["rate-limited:listCertificates", "system-error*2", "bad-gateway:preOrderAuthentication*Infinity"];
    const { child, ended, printed } = wechatpay("sandbox", "--port=0", ...faults.map((fault) => `--fail=${fault}`));
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(await printed(/Requests:\n/))?.[0] ?? "";
    const statuses: number[] = [];
    for (const path of [PRE_ORDER, "/v3/nowhere", PRE_ORDER, PRE_ORDER, "/v3/nowhere"]) {
      statuses.push((await fetch(url + path, { method: "POST", body: "{}" })).status);
    }
    expect(statuses).toEqual([500, 500, 502, 502, 404]);
    expect(await printed(/nowhere → 404.*\n/)).toContain(`POST ${PRE_ORDER} → 502 fault (bad-gateway)\n`);
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ code: 0, stderr: "" });
  });

  test("a request that hangs does not keep it from ending", async () => {
    const { child, ended, printed } = wechatpay("sandbox", "--port=0", "--fail=hang");
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(await printed(/Requests:\n/))?.[0] ?? "";
    const hung = fetch(`${url}/v3/certificates`).catch((error: unknown) => error);
    await printed(/\(hang\)/);
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ code: 0, stderr: "" });
    expect(await hung).toBeInstanceOf(TypeError);
  });
});

test("wechatpay sandbox --platform-keys", async () => {
  const { child, printed } = wechatpay("sandbox", "--port=0", "--json", "--platform-keys=gray");
  const { platformKeys } = JSON.parse(await printed(/\n/));
  expect(Object.values(platformKeys)).toEqual([
    expect.stringContaining("BEGIN PUBLIC KEY"),
    expect.stringContaining("BEGIN CERTIFICATE"),
  ]);
  child.kill();
  const other = wechatpay("sandbox", "--port=0", "--platform-keys", "certificate");
  expect(await other.printed(/Requests:\n/)).toMatch(/platformKeys [0-9A-F]{40}\n-----BEGIN CERTIFICATE-----/);
  other.child.kill();
});

describe.concurrent("help", () => {
  test.each([[["help", "sandbox"]], [["--help", "sandbox"]], [["sandbox", "-h"]], [["sandbox", "--help"]]])(
    "wechatpay %j",
    async (args) => {
      const end = await wechatpay(...args).ended;
      expect(end).toMatchObject({ code: 0, stderr: "" });
      const options = ["sandbox", "--port", "--host", "--platform-keys", "--fail", "--json"];
      for (const word of [...options, ...FAULTS]) expect(end.stdout).toContain(word);
    },
  );

  test.each([[["--help"]], [["-h"]], [["help"]]])(
    "wechatpay %j names the commands, with a line for each",
    async (args) => {
      expect(await wechatpay(...args).ended).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^ {2}sandbox +a WeChat Pay/m),
      });
    },
  );

  test("wechatpay --version", async () => {
    expect((await wechatpay("--version").ended).stdout).toBe(`${own.version}\n`);
  });
});

describe.concurrent("a mistake is one line on stderr, and exit code 1", () => {
  test.each([
    [[], "Name a command: sandbox, generate, lint, docs. See wechatpay --help."],
    [["sandbocks"], 'There is no command "sandbocks", but sandbox, generate, lint, docs. See wechatpay --help.'],
    [["sandbox", "now"], "sandbox takes no argument 'now'. See wechatpay help sandbox."],
    [["sandbox", "--prot", "0"], "Unknown option '--prot'. See wechatpay --help."],
    [["sandbox", "--port"], "Option '--port <value>' argument missing. See wechatpay --help."],
    [["sandbox", "--port", "-1"], "Option '--port' argument is ambiguous. See wechatpay --help."],
    ...["65536", "http", "", "1.5"].map((port): [string[], string] => [
      ["sandbox", `--port=${port}`],
      `--port must be a whole number from 0 to 65535; given: ${JSON.stringify(port)}.`,
    ]),
    // For Node, each of them is every network.
    ...["", "0"].map((host): [string[], string] => [
      ["sandbox", "--port=0", "--host", host],
      `--host must be an IP address or a host name; given: ${JSON.stringify(host)}.`,
    ]),
    ...["grey", ""].map((keys): [string[], string] => [
      ["sandbox", "--platform-keys", keys],
      `--platform-keys must be one of public-key, certificate, gray; given: ${JSON.stringify(keys)}.`,
    ]),
    [["sandbox", "--fail=hung"], `--fail hung: fault must be one of ${FAULTS.join(", ")}; given: "hung".`],
    [["sandbox", "--fail=hang*0"], "--fail hang*0: times must be a whole number above 0, or Infinity; given: 0."],
    ...["", "hang:*2", "hang*often"].map((fault): [string[], string] => [
      ["sandbox", `--fail=${fault}`],
      `--fail must be <fault>[:<operationId>][*<times>], such as reset or 'hang*3'; given: ${JSON.stringify(fault)}.`,
    ]),
    [["sandbox", "--json=yes"], "Option '--json' does not take an argument. See wechatpay --help."],
    [
      ["sandbox", "--port=0", "--host=192.0.2.1"],
      "--host 192.0.2.1 is no address of this machine: leave it out for this machine only, or give an address of its own, such as 0.0.0.0 for all of them.",
    ],
  ])("wechatpay %j", async (args, message) => {
    const end = await wechatpay(...args).ended;
    expect(end).toEqual({ code: 1, signal: null, stdout: "", stderr: `wechatpay: ${message}\n` });
  });

  test("a port that is taken", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as { port: number };
    const end = await wechatpay("sandbox", "--port", String(port)).ended;
    other.close();
    expect(end).toMatchObject({ code: 1, stdout: "" });
    expect(end.stderr).toBe(
      `wechatpay: 127.0.0.1:${port} is taken by another program: choose another --port, or 0 for one that is free.\n`,
    );
  });
});
