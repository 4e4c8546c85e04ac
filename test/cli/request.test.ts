import { once } from "node:events";
import { symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { createSandbox } from "wechatpay-openapi-fetch/sandbox";
import { compact, lossyNumber } from "../../src/cli/json-text.js";
import { pathOf } from "../../src/cli/request.js";
import { type CommandOptions, prepareCommand, variablesOf } from "../support/command.js";
import { examples, freshRequest, PRE_ORDER } from "../support/wechatpay.js";

const prepared = prepareCommand();
const sandbox = await createSandbox();
const { url, close } = await sandbox.listen();
afterAll(close);
afterEach(() => sandbox.clearRequests());
const env = variablesOf({ ...sandbox.credentials }, url);

const request = (args: readonly string[], options: CommandOptions = {}) =>
  prepared.wechatpay(["request", ...args], { ...options, env: { ...env, ...options.env } }).ended;
const json = (value: unknown) => ({ input: JSON.stringify(value) });

describe("wechatpay request", () => {
  test("prints the verified response as JSON", async () => {
    const end = await request(["POST", PRE_ORDER, "--body", "-"], json(examples.request));
    expect(end).toMatchObject({ code: 0, stderr: "" });
    const { token, ...rest } = JSON.parse(end.stdout);
    expect(rest).toMatchObject({ authenticate_number: examples.request.authenticate_number, expires_in: 300 });
    expect(end.stdout).toBe(`${JSON.stringify(JSON.parse(end.stdout), null, 2)}\n`);
    expect(sandbox.requests[0]).toMatchObject({ operationId: "preOrderAuthentication", verdict: "accepted" });
  });

  test("parameters stand in the path, in a shell of Windows without its slash, and in --query", async () => {
    const args = ["get", "v3/payroll-card/relations/o%2FX?sub_mchid=1111111", "--query", "sub_appid=wx+ä=1"];
    expect(await request(args)).toMatchObject({ code: 0, stderr: "" });
    expect(sandbox.requests[0]).toMatchObject({
      operationId: "getRelation",
      path: "/v3/payroll-card/relations/o%2FX?sub_mchid=1111111&sub_appid=wx%2B%C3%A4%3D1",
    });
  });

  test("encrypts what the API wants encrypted", async () => {
    const { openid, sub_mchid, sub_appid } = examples.request as unknown as Record<string, string>;
    const token = { openid, sub_mchid, sub_appid, user_name: "张三", id_card_number: "110101199003070012" };
    expect(await request(["POST", "/v3/payroll-card/tokens", "--body=-"], json(token))).toMatchObject({ code: 0 });
    expect(sandbox.requests[0]).toMatchObject({ verdict: "accepted", body: { user_name: "张三" } });
  });

  test("--json: one line, of a failure as well", async () => {
    const good = await request(["POST", PRE_ORDER, "--json", "--body=-"], json(freshRequest()));
    expect(good.stdout).toMatch(/^\{"status":200,"requestId":"\w+-0","data":\{.*\}\}\n$/);
    const bad = await request(["POST", PRE_ORDER, "--json", "--body=-"], json({}));
    expect(JSON.parse(bad.stdout)).toEqual({
      error: {
        name: "ApiError",
        message: expect.stringContaining("参数错误"),
        code: "PARAM_ERROR",
        status: 400,
        requestId: expect.any(String),
        operationId: "preOrderAuthentication",
        detail: expect.anything(),
      },
    });
  });

  test("numbers keep their digits, and what a terminal obeys is escaped", async () => {
    const body = '{"id":12345678901234567890,"rate":1.10,"empty":{},"list":[],"of":[1,{"a":"{,}\\"\\u202e\u202e"}]}';
    const document = {
      paths: { "/v3/x": { get: { operationId: "x", responses: { 200: { content: { "application/json": {} } } } } } },
    };
    // The client does not know this path; the sandbox signs the text as it stands.
    const other = await createSandbox({ openapi: answering(document, body) });
    const { url: baseUrl, close } = await other.listen();
    const options = { env: variablesOf({ ...other.credentials }, baseUrl) };
    const { stdout } = await request(["GET", "/v3/x"], options);
    expect(stdout).toBe(`{
  "id": 12345678901234567890,
  "rate": 1.10,
  "empty": {},
  "list": [],
  "of": [
    1,
    {
      "a": "{,}\\"\\u202e\\u202e"
    }
  ]
}
`);
    const { stdout: line } = await request(["GET", "/v3/x", "--json"], options);
    expect(line).toContain('"data":{"id":12345678901234567890,"rate":1.10,');
    await close();
  });

  test.each([
    ["WeChat Pay refused", 2, ["GET", "/v3/nowhere"], "404 HTTP_404"],
    [
      "a write whose outcome is unknown",
      3,
      ["POST", PRE_ORDER, "--body=-"],
      "The write may have taken effect: query before",
    ],
    ["a query without an answer to trust", 1, ["GET", "/v3/certificates"], "cannot be trusted"],
  ])("exit code: %s is %i", async (_, code, args, words) => {
    const mend = code === 2 ? () => {} : sandbox.fail({ fault: "bad-signature", times: 5 });
    const end = await request(args, code === 3 ? json(freshRequest()) : {});
    mend();
    expect(end).toMatchObject({ code, stdout: "", stderr: expect.stringContaining(words) });
  });

  test("says what it waits for, on stderr, where that takes longer than a second", async () => {
    const mend = sandbox.fail({ fault: "hang" });
    const { child, printed } = prepared.wechatpay(["request", "GET", "/v3/certificates"], { env });
    expect(await printed(/\n/, "stderr")).toBe("Waiting for WeChat Pay…\n");
    child.kill("SIGKILL");
    mend();
  });

  test("a write that is not answered in time may have been done", async () => {
    const file = join(prepared.folder, "late.mjs");
    // The time of the attempt is up as soon as it is sent.
    await writeFile(
      file,
      `const { setTimeout } = globalThis;
let expire;
globalThis.setTimeout = (run, ms) => {
  if (ms === 10_000) expire = run;
  return setTimeout(run, ms);
};
globalThis.fetch = () => new Promise(() => expire());`,
    );
    const options = { ...json(freshRequest()), node: [`--import=${new URL(`file://${file}`)}`] };
    const end = await request(["POST", PRE_ORDER, "--body=-"], options);
    expect(end).toMatchObject({ code: 3, stdout: "" });
    expect(end.stderr).toBe(
      `wechatpay: POST ${PRE_ORDER} was not answered within 10000 ms. The write may have taken effect: query before you repeat it.\n`,
    );
  });

  test("--json: what a terminal obeys is escaped in an error, too", async () => {
    const server = createServer((_, response) => {
      const body = { code: "X", message: "m", detail: { field: "\u009b2J\u202e" } };
      response
        .writeHead(400, { "Content-Type": "application/json", "Request-ID": "\u009b2J" })
        .end(JSON.stringify(body));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const end = await request(["GET", "/v3/x", "--json", `--base-url=http://127.0.0.1:${port}`]);
    server.close();
    expect(end.stdout).toContain('"requestId":"\\u009b2J"');
    expect(JSON.parse(end.stdout).error.detail).toEqual({ field: "\u009b2J\u202e" });
    expect(end.stdout).toMatch(/^[\x20-\x7e]+\n$/);
  });

  test("in Chinese, what to do about an unknown outcome", async () => {
    sandbox.fail({ fault: "system-error" });
    const options = { ...json(freshRequest()), env: { LC_ALL: "zh_CN.UTF-8" } };
    const end = await request(["POST", PRE_ORDER, "--body=-"], options);
    expect(end).toMatchObject({ code: 3, stderr: expect.stringContaining("先查询，再决定是否重发") });
  });
});

/** A document whose one operation answers with this text. */
function answering(document: object, text: string) {
  const copy = structuredClone(document) as never as Record<"paths", Record<string, { get: { responses: object } }>>;
  (copy.paths["/v3/x"] as { get: { responses: object } }).get.responses = {
    200: { description: "", content: { "text/json": { example: text } } },
  };
  return copy as never;
}

describe("a write to WeChat Pay itself", () => {
  // Whatever a call is sent to, it arrives at the sandbox.
  const redirect = async () => {
    const file = join(prepared.folder, "redirect.mjs");
    await writeFile(
      file,
      `const { fetch } = globalThis;
globalThis.fetch = (url, init) => fetch(String(url).replace(/^https:\\/\\/[^/]+/, ${JSON.stringify(url)}), init);`,
    );
    return [`--import=${new URL(`file://${file}`)}`];
  };

  test.each([
    undefined,
    "https://api.mch.weixin.qq.com",
    "https://api2.mch.weixin.qq.com",
    "https://API2.wechatpay.cn",
  ])("is not sent where nobody can be asked: %s", async (baseUrl) => {
    const options = { ...json(freshRequest()), env: { WECHATPAY_BASE_URL: baseUrl ?? "" }, node: await redirect() };
    const end = await request(["POST", PRE_ORDER, "--body=-"], options);
    expect(end).toMatchObject({ code: 1, stdout: "" });
    expect(end.stderr).toBe(
      `wechatpay: POST ${PRE_ORDER} is a write to WeChat Pay itself, and nobody is there to be asked: say --yes. Nothing was sent.\n`,
    );
    expect(sandbox.requests).toEqual([]);
  });

  test("--yes sends it, and a query needs none", async () => {
    const options = { env: { WECHATPAY_BASE_URL: "" }, node: await redirect() };
    const write = await request(["POST", PRE_ORDER, "--yes", "--body=-"], { ...options, ...json(freshRequest()) });
    expect(write).toMatchObject({ code: 0, stderr: "" });
    expect(await request(["GET", "/v3/certificates"], options)).toMatchObject({ code: 0, stderr: "" });
    expect(sandbox.requests.map(({ verdict }) => verdict)).toEqual(["accepted", "accepted"]);
  });
});

describe.concurrent("what is given wrongly is refused, and nothing is sent", () => {
  test.each<[string[], string, CommandOptions?]>([
    [["FETCH", "/v3/x"], "METHOD must be one of GET, PUT, POST, PATCH, DELETE."],
    [["GET"], "request lacks an argument. See wechatpay help request."],
    [["GET", "https://api.mch.weixin.qq.com/v3/x"], "The path must be that of the API, without a server"],
    [["GET", "C:/Program Files/Git/v3/certificates"], "The path was rewritten by the shell: leave out the slash"],
    [["GET", "/v3/payroll-card/relations/%"], "The path has a % that begins no percent-encoding"],
    [["GET", "/v3/x", "--query", "a"], "--query must be <name>=<value>"],
    [["POST", PRE_ORDER, "--body=none.json"], '--body: there is no file "none.json".'],
    [["POST", PRE_ORDER, "--body=-"], "--body is no JSON."],
    [
      ["POST", PRE_ORDER, "--body=-"],
      "--body has a whole number beyond 2^53",
      { input: '{"id":12345678901234567890}' },
    ],
    [["GET", "/v3/x", "--env=none.env"], '--env: there is no file "none.env".'],
    [["GET", "/v3/x"], "privateKey: the merchant's RSA", { env: { WECHATPAY_PRIVATE_KEY: "x" } }],
    [
      ["GET", "/v3/x"],
      "WECHATPAY_PRIVATE_KEY and WECHATPAY_PRIVATE_KEY_FILE are both set",
      { env: { WECHATPAY_PRIVATE_KEY_FILE: "x" } },
    ],
    [["GET", "/v3/x", "--private-key-file=x.pem"], "--private-key-file names a file that is not there."],
    [
      ["GET", "/v3/x", "--api-v3-key-file=5Ku8mPzVq2Wn4Xy6Ab9Cd3Ef7Gh1Jk0L"],
      "--api-v3-key-file names a file that is not there.",
    ],
    [
      ["GET", "/v3/x", "--private-key-file=-----BEGIN PRIVATE KEY-----"],
      "--private-key-file must be the path of a file",
    ],
  ])("wechatpay request %j", async (args, message, options) => {
    const end = await request(args, options);
    expect(end).toMatchObject({ code: 1, stdout: "" });
    expect(end.stderr).toContain(message);
    expect(end.stderr).not.toMatch(/5Ku8mPzVq2Wn4|BEGIN PRIVATE KEY/);
  });

  test("where nothing is configured, the message lists what is missing, in the reader's language", async () => {
    const end = await prepared.wechatpay(["request", "GET", "/v3/certificates"], { env: { LANG: "zh_CN" } }).ended;
    expect(end).toMatchObject({ code: 1, stdout: "" });
    expect(end.stderr.match(/WECHATPAY_\w+/g)).toEqual([
      "WECHATPAY_MCHID",
      "WECHATPAY_SERIAL_NO",
      "WECHATPAY_PRIVATE_KEY",
      "WECHATPAY_PLATFORM_KEY_ID",
      "WECHATPAY_PLATFORM_KEY",
    ]);
    expect(end.stderr).toContain("都没有");
  });
});

describe(".env", () => {
  const pem = sandbox.credentials.privateKey.trim();
  test.each([
    ["a PEM over several lines, in double quotes", `"${pem}"`],
    ["a PEM in single quotes", `'${pem}'`],
    ["\\n as two characters, in double quotes", `"${pem.replaceAll("\n", "\\n")}"`],
    ["\\n as two characters, without quotes", pem.replaceAll("\n", "\\n")],
    ["line ends of Windows", `"${pem.replaceAll("\n", "\r\n")}"`],
  ])("%s", async (_, value) => {
    const rest = Object.entries(env).filter(([name]) => name !== "WECHATPAY_PRIVATE_KEY");
    const lines = rest.map(([name, text]) => `${name}="${text.trim()}"`);
    const text = `\uFEFF# mine\n${[...lines, `WECHATPAY_PRIVATE_KEY=${value}`].join("\n")}\n`;
    const name = `${Math.random()}.env`;
    await writeFile(join(prepared.folder, name), text);
    const end = await prepared.wechatpay(["request", "GET", "/v3/certificates", "--env", name]).ended;
    expect(end).toMatchObject({ code: 0, stderr: "" });
  });

  test("_FILE names a file; the environment comes before .env, and a flag before both", async () => {
    await writeFile(join(prepared.folder, "key.pem"), pem);
    await writeFile(join(prepared.folder, "order.env"), "WECHATPAY_MCHID=1\nWECHATPAY_PRIVATE_KEY_FILE=key.pem\n");
    const { WECHATPAY_PRIVATE_KEY: _, WECHATPAY_SERIAL_NO: serial = "", ...own } = env;
    const args = ["request", "GET", "/v3/certificates", "--env=order.env", "--serial-no", serial];
    expect(await prepared.wechatpay(args, { env: { ...own, WECHATPAY_SERIAL_NO: "AB" } }).ended).toMatchObject({
      code: 0,
    });
  });
});

test.each(["privatekey".repeat(40), `loop${"key".repeat(9)}`, "private\0key"])(
  "a key that is given as the path of its file is not repeated, whatever the system says of it",
  async (secret) => {
    if (secret.startsWith("loop")) await symlink(secret, join(prepared.folder, secret));
    await writeFile(join(prepared.folder, "secret.env"), `WECHATPAY_PRIVATE_KEY_FILE=${secret}\n`);
    const { WECHATPAY_PRIVATE_KEY: _, ...own } = env;
    const args = ["request", "GET", "/v3/certificates", "--env=secret.env", "--json"];
    const end = await prepared.wechatpay(args, { env: own }).ended;
    expect(end).toMatchObject({ code: 1, stderr: expect.stringContaining("WECHATPAY_PRIVATE_KEY_FILE (secret.env)") });
    expect(end.stdout + end.stderr).not.toMatch(/keykey|privatekey|private\\?.?key/);
  },
);

test("a text of 16 MiB is printed, and its numbers found", () => {
  const json = `{"a":"${"x".repeat(2 ** 24)}","b":12345678901234567890}`;
  expect([compact(json) === json, lossyNumber(json)]).toEqual([true, "12345678901234567890"]);
});

test("the path that Git's shell for Windows rewrites is named, and any other is kept", () => {
  expect(pathOf("/v3/certificates")).toBe("/v3/certificates");
  expect(pathOf("v3/certificates")).toBe("/v3/certificates");
  expect(() => pathOf("C:\\Program Files\\Git\\v3\\certificates")).toThrow("rewritten by the shell");
});
