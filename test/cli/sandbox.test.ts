import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { createWeChatPayClient, unwrap } from "wechatpay-openapi-fetch";
import { createWeChatPayClient as createPayClient } from "wechatpay-openapi-fetch/pay";
import { createSandbox, type SandboxKeys } from "wechatpay-openapi-fetch/sandbox";
import openapiOfPay from "../../generated/pay/openapi.json" with { type: "json" };
import { columns } from "../../src/cli/terminal.js";
import { type Parts, signedHeaders } from "../sandbox/signed.js";
import { prepareCommand, variablesOf } from "../support/command.js";
import { examples, PRE_ORDER } from "../support/wechatpay.js";

const prepared = prepareCommand();
const { wechatpay } = prepared;

describe.concurrent("wechatpay sandbox --json", () => {
  test.each(["SIGTERM", "SIGINT"] as const)("one line of JSON makes a client; %s ends it well", async (signal) => {
    const { child, ended, printed } = wechatpay(["sandbox", "--port", "0", "--json"]);
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

test("wechatpay sandbox --notifications loopback tells this machine of a payment", async () => {
  const told: string[] = [];
  const server = createServer(async (request, response) => {
    told.push(JSON.parse(await text(request)).event_type);
    response.writeHead(204).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const { child, printed } = wechatpay(["sandbox", "--port=0", "--json", "--notifications=loopback"]);
  const { url, ...credentials } = JSON.parse(await printed(/\n/));
  const { value } = openapiOfPay.components.examples["createJsapiOrder.minimal.request"];
  const body = { ...value, notify_url: `http://127.0.0.1:${port}/notify` };
  unwrap(await createPayClient({ ...credentials, baseUrl: url }).v3.pay.transactions.jsapi.post({ body }));
  const pay = { action: "pay", out_trade_no: body.out_trade_no };
  const init = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(pay) };
  expect(await (await fetch(`${url}/console/actions`, init)).json()).toHaveProperty("done");
  expect(told).toEqual(["TRANSACTION.SUCCESS"]);
  child.kill();
  server.closeAllConnections();
  server.close();
});

describe("wechatpay sandbox", () => {
  test("prints what a client needs, its URL and what to do next last, then each request with its verdict", async () => {
    const { child, ended, printed } = wechatpay(["sandbox", "--port", "0", "--keys", "printed"]);
    const start = await printed(/Requests:\n/);
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(start)?.[0] ?? "";
    expect(start).toMatch(
      /\nWeChat Pay sandbox at \S+\n {2}console {3}\S+\/ \(open it in a browser\)\n {2}keys {6}\S+\/#\/connect\n {2}next {6}npx --no wechatpay sandbox --keys keys --env .env\n.*\nRequests:\n$/,
    );
    const pemOf = (name: string) => readFile(join(prepared.folder, "printed", name), "utf8");
    const client = createWeChatPayClient({
      mchid: /mchid +(\d+)/.exec(start)?.[1] ?? "",
      serialNo: /serialNo +(\w+)/.exec(start)?.[1] ?? "",
      privateKey: await pemOf("apiclient_key.pem"),
      platformKeys: { [/PUB_KEY_ID_\d+/.exec(start)?.[0] ?? ""]: await pemOf("pub_key.pem") },
      baseUrl: url,
    });

    unwrap(await client.POST(PRE_ORDER, { body: examples.request }));
    await fetch(`${url}/v3/nowhere?openid=${examples.request.openid}`);
    const stdout = await printed(/nowhere.*\n.*\n/);
    // Not a terminal: neither time nor colour. And nothing of what a request held.
    expect(stdout.slice(start.length)).toBe(
      `POST ${PRE_ORDER} → 200 accepted\nGET /v3/nowhere → 404 unknown-path\n  No operation has this path. ${url}/#/requests/2\n`,
    );

    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ code: 0, stderr: "" });
  });

  test("numbers requests as the console does, also after its Clear, and tells of one that was never connected", async () => {
    const { child, printed } = wechatpay(["sandbox", "--port=0", "--fail=refused"]);
    const started = await printed(/Requests:\n/);
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(started)?.[0] ?? "";
    await expect(fetch(`${url}/v3/zero?openid=1`)).rejects.toThrow();
    for (const name of ["one", "two"]) await fetch(`${url}/v3/${name}`);
    await printed(/requests\/2\n/);
    const init = { method: "POST", headers: { "Content-Type": "application/json" }, body: '{"action":"clear"}' };
    await fetch(`${url}/console/actions`, init);
    await fetch(`${url}/v3/three`);
    const lines = (await printed(/three.*\n.*\n/)).slice(started.length).split("\n");
    expect(lines.filter((line) => line.includes("→"))).toEqual([
      "GET /v3/zero → no connection (refused)",
      ...["one", "two", "three"].map((name) => `GET /v3/${name} → 404 unknown-path`),
    ]);
    expect(lines.flatMap((line) => /#\/requests\/(\d+)$/.exec(line)?.[1] ?? [])).toEqual(["1", "2", "1"]);
    expect(await (await fetch(`${url}/console/requests/1.json`)).json()).toMatchObject({ path: "/v3/three" });
    child.kill("SIGKILL");
  });

  test("fits a terminal of 80 columns and 24 lines: keys are in files or in the console", async () => {
    for (const LANG of ["en_US.UTF-8", "zh_CN.UTF-8"]) {
      const { child, printed } = wechatpay(["sandbox", "--port=0", "--platform-keys=gray"], { env: { LANG } });
      const lines = (await printed(/(Requests:|请求：)\n/)).split("\n");
      expect(lines.length).toBeLessThan(24);
      expect(lines.filter((line) => columns(line) > 80)).toEqual([]);
      expect(lines.join("\n")).not.toContain("-----BEGIN");
      child.kill("SIGKILL");
    }
  });

  test("explains every refusal in one line, in the reader's language", async () => {
    for (const [LANG, words] of [
      [
        "en_US.UTF-8",
        {
          requests: /Requests:\n/,
          empty: "/openid must not be empty.",
          mchid: "You sent mchid 1; the sandbox's is 1900000109.",
          number: "This authenticate_number was used before: every pre-order needs a new one.",
        },
      ],
      [
        "zh_CN.UTF-8",
        {
          requests: /请求：\n/,
          empty: "/openid 不能为空。",
          mchid: "你发送的 mchid 是 1，沙箱的是 1900000109。",
          number: "商家核身单号重复：每次预下单都要用新的单号。",
        },
      ],
    ] as const) {
      const { child, printed } = wechatpay(["sandbox", "--port=0", "--keys=explained"], { env: { LANG } });
      const started = await printed(words.requests);
      const baseUrl = /http:\/\/127\.0\.0\.1:\d+/.exec(started)?.[0] ?? "";
      const { keys } = await openSaved("explained");
      const sandbox = await createSandbox({ keys });
      const client = createWeChatPayClient({ ...sandbox.credentials, baseUrl, retry: false });
      await client.POST(PRE_ORDER, { body: { ...examples.request, openid: "" } });
      await createWeChatPayClient({ ...sandbox.credentials, mchid: "1", baseUrl }).v3.certificates.get();
      await client.POST(PRE_ORDER, { body: examples.request });
      await client.POST(PRE_ORDER, { body: { ...examples.request, employer_name: "另一单位" } });
      const lines = (await printed(/business-error\n.*\n/)).slice(started.length).split("\n");
      expect(lines).toEqual([
        `POST ${PRE_ORDER} → 400 invalid-parameter`,
        `  ${words.empty} ${baseUrl}/#/requests/1`,
        "GET /v3/certificates → 401 unknown-mchid",
        `  ${words.mchid} ${baseUrl}/#/requests/2`,
        `POST ${PRE_ORDER} → 200 accepted`,
        `POST ${PRE_ORDER} → 400 business-error`,
        `  ${words.number} ${baseUrl}/#/requests/4`,
        "",
      ]);
      child.kill("SIGKILL");
    }
  });
});

describe("wechatpay sandbox --keys --env", () => {
  const run = promisify(execFile);
  const inFolder = (...names: string[]) => join(prepared.folder, ...names);

  test("keeps its keys in a folder, and starts with them again", async () => {
    const credentials = [];
    for (const _ of [1, 2]) {
      const { child, ended, printed } = wechatpay(["sandbox", "--port=0", "--json", "--keys=kept"]);
      const { url, ...rest } = JSON.parse(await printed(/\n/));
      credentials.push(rest);
      child.kill("SIGTERM");
      await ended;
    }
    expect(credentials[1]).toEqual(credentials[0]);
    const modes = await Promise.all(
      (await readdir(inFolder("kept"))).map(async (name) => (await stat(inFolder("kept", name))).mode & 0o777),
    );
    if (process.platform !== "win32") expect(new Set(modes)).toEqual(new Set([0o600]));
  });

  test("holds what other SDKs insist on, as OpenSSL reads it", async () => {
    const { child, printed } = wechatpay(["sandbox", "--port=0", "--json", "--keys=sdk", "--platform-keys=gray"]);
    const { serialNo, mchid, platformKeys } = JSON.parse(await printed(/\n/));
    child.kill("SIGKILL");
    const openssl = async (...args: string[]) => (await run("openssl", args, { cwd: inFolder("sdk") })).stdout.trim();
    const modulus = await openssl("rsa", "-in", "apiclient_key.pem", "-noout", "-modulus");
    expect(await openssl("rsa", "-in", "apiclient_key_pkcs1.pem", "-noout", "-modulus")).toBe(modulus);
    expect(await openssl("x509", "-in", "apiclient_cert.pem", "-noout", "-modulus")).toBe(modulus);
    expect(await readFile(inFolder("sdk", "apiclient_key.pem"), "utf8")).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    expect(await readFile(inFolder("sdk", "apiclient_key_pkcs1.pem"), "utf8")).toMatch(
      /^-----BEGIN RSA PRIVATE KEY-----\n/,
    );
    expect(await openssl("x509", "-in", "apiclient_cert.pem", "-noout", "-serial")).toBe(`serial=${serialNo}`);
    expect(await openssl("x509", "-in", "apiclient_cert.pem", "-noout", "-subject")).toMatch(
      new RegExp(`CN ?= ?${mchid}$`),
    );
    const [, serial = ""] = Object.keys(platformKeys);
    expect(await readFile(inFolder("sdk", `wechatpay_${serial}.pem`), "utf8")).toBe(platformKeys[serial]);
    expect(await readFile(inFolder("sdk", "pub_key.pem"), "utf8")).toBe(Object.values(platformKeys)[0]);
  });

  test.each(["public-key", "certificate", "gray"])("its variables make a client: %s", async (mode) => {
    const env = `${mode}.env`;
    const { child, printed } = wechatpay([
      "sandbox",
      "--port=0",
      "--keys=kept",
      `--env=${env}`,
      `--platform-keys=${mode}`,
    ]);
    await printed(/Requests:\n/);
    const program = `console.log(Object.entries(process.env).filter(([name]) => name.startsWith("WECHATPAY_")).flat().join("\\n"))`;
    const { stdout } = await run(process.execPath, [`--env-file=${inFolder(env)}`, "-e", program]);
    expect(stdout.match(/^WECHATPAY_\w+/gm)?.sort()).toEqual(Object.keys(variablesOf(sandboxLike, "")).sort());
    // Of a second terminal.
    const second = await wechatpay(["request", "POST", PRE_ORDER, "--env", env, "--body=-"], {
      input: JSON.stringify(examples.request),
    }).ended;
    expect(second).toMatchObject({ code: 0, stderr: "", stdout: expect.stringContaining('"expires_in": 300') });
    child.kill("SIGKILL");
  });

  test("ends where it cannot write --env, and where the folder holds something else than keys", async () => {
    const env = await wechatpay(["sandbox", "--port=0", "--env=nowhere/my.env"]).ended;
    expect(env).toMatchObject({ code: 1, stderr: expect.stringContaining("my.env cannot be written") });
    await mkdir(inFolder("other"));
    for (const text of ["x", "null", '{"__proto__":{}}']) {
      await writeFile(inFolder("other", "sandbox.json"), text);
      const { code, stderr } = await wechatpay(["sandbox", "--port=0", "--keys=other"]).ended;
      expect([code, stderr]).toEqual([1, expect.stringContaining("sandbox.json holds no keys of a sandbox")]);
    }
  });

  test("writes over nothing that it did not write", async () => {
    await writeFile(inFolder("mine.env"), "DATABASE_PASSWORD=1\n");
    const refused = await wechatpay(["sandbox", "--port=0", "--env=mine.env"]).ended;
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toBe(
      "wechatpay: --env mine.env was not written by wechatpay sandbox. Give another name, or --force to lose what it holds.\n",
    );
    expect(await readFile(inFolder("mine.env"), "utf8")).toBe("DATABASE_PASSWORD=1\n");
    const forced = wechatpay(["sandbox", "--port=0", "--json", "--env=mine.env", "--force"]);
    await forced.printed(/\n/);
    forced.child.kill("SIGKILL");
    expect(await readFile(inFolder("mine.env"), "utf8")).toMatch(/^# Written by wechatpay sandbox/);

    await mkdir(inFolder("mine"));
    await writeFile(inFolder("mine", "apiclient_key.pem"), "the real one");
    const keys = await wechatpay(["sandbox", "--port=0", "--keys=mine"]).ended;
    expect(keys).toMatchObject({ code: 1, stderr: expect.stringContaining("apiclient_key.pem is there already") });
    expect(await readFile(inFolder("mine", "apiclient_key.pem"), "utf8")).toBe("the real one");
  });
});

const sandboxLike = { mchid: "", serialNo: "", privateKey: "", platformKeys: {}, apiV3Key: "" };
const openSaved = async (folder: string): Promise<{ keys: SandboxKeys }> => ({
  keys: JSON.parse(await readFile(join(prepared.folder, folder, "sandbox.json"), "utf8")),
});

test("wechatpay sandbox --unauthorized: users start as real ones do, and a wrong signature is explained", async () => {
  const { child, printed } = wechatpay(["sandbox", "--port=0", "--unauthorized", "--keys=unauthorized"]);
  const start = await printed(/Requests:\n/);
  const {
    url = "",
    mchid = "",
    serialNo = "",
  } = /mchid +(?<mchid>\d+)\nserialNo +(?<serialNo>\w+)[\s\S]+ at (?<url>http\S+)/.exec(start)?.groups ?? {};
  const privateKey = (await openSaved("unauthorized")).keys.privateKey;
  const credentials = { mchid, serialNo, privateKey };
  const send = async (parts: Parts) => {
    const headers = signedHeaders(credentials, { target: PRE_ORDER, ...parts });
    return fetch(url + PRE_ORDER, { method: "POST", headers, body: JSON.stringify(examples.request) });
  };
  const reply = await send({ body: JSON.stringify(examples.request) });
  expect(await reply.json()).toMatchObject({ code: "INVALID_REQUEST", message: expect.stringContaining("用户未授权") });
  await send({ body: "" });
  expect(await printed(/wrong-signature\n.*\n/)).toContain(
    "  The body was not signed. Your private key is right. http",
  );
  child.kill("SIGKILL");
});

describe.concurrent("wechatpay sandbox --fail", () => {
  test("makes the next requests fail, and says which did", async () => {
    const faults = ["rate-limited:listCertificates", "system-error*2", "bad-gateway:preOrderAuthentication*Infinity"];
    const { child, ended, printed } = wechatpay(["sandbox", "--port=0", ...faults.map((fault) => `--fail=${fault}`)]);
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
    const { child, ended, printed } = wechatpay(["sandbox", "--port=0", "--fail=hang"]);
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(await printed(/Requests:\n/))?.[0] ?? "";
    const hung = fetch(`${url}/v3/certificates`).catch((error: unknown) => error);
    await printed(/\(hang\)/);
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ code: 0, stderr: "" });
    expect(await hung).toBeInstanceOf(TypeError);
  });
});

test("wechatpay sandbox --platform-keys", async () => {
  const { child, printed } = wechatpay(["sandbox", "--port=0", "--json", "--platform-keys=gray"]);
  const { platformKeys } = JSON.parse(await printed(/\n/));
  expect(Object.values(platformKeys)).toEqual([
    expect.stringContaining("BEGIN PUBLIC KEY"),
    expect.stringContaining("BEGIN CERTIFICATE"),
  ]);
  child.kill();
  const other = wechatpay(["sandbox", "--port=0", "--platform-keys", "certificate"]);
  expect(await other.printed(/Requests:\n/)).toMatch(/\nplatformKeys [0-9A-F]{40}\n/);
  other.child.kill();
});
