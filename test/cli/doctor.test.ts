import { writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSandbox, createSandboxKeys, type Fault, type SandboxOptions } from "wechatpay-openapi-fetch/sandbox";
import { closedPort, prepareCommand, variablesOf } from "../support/command.js";
import { generateKeys } from "../support/keys.js";

const prepared = prepareCommand();
const keys = await createSandboxKeys();
const closing: (() => unknown)[] = [];
afterAll(() => Promise.all(closing.map((close) => close())));

async function start(options: SandboxOptions = {}) {
  const sandbox = await createSandbox({ keys, ...options });
  const { url, close } = await sandbox.listen();
  closing.push(close);
  const variables = variablesOf({ ...sandbox.credentials }, url);
  return { sandbox, env: { ...variables, WECHATPAY_CERTIFICATE: keys.certificate } as Record<string, string> };
}
const { env } = await start();

interface Said {
  check: string;
  status: string;
  code: string;
  message: string;
  advice?: string;
}

async function doctor(variables: Record<string, string>, language = "en") {
  const child = prepared.wechatpay(["doctor", "--json"], { env: { ...variables, LANG: language } });
  const { stdout, stderr, code } = await child.ended;
  expect(stderr).toBe("");
  const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: Said[] };
  expect(code).toBe(ok ? 0 : 1);
  for (const secret of [
    variables.WECHATPAY_API_V3_KEY,
    ...(variables.WECHATPAY_PRIVATE_KEY ?? "").split("\n").slice(1, -2),
  ]) {
    if (secret) expect(stdout).not.toContain(secret);
  }
  return { ok, findings, problems: findings.filter(({ status }) => status === "problem") };
}

describe("wechatpay doctor finds nothing", () => {
  test.each(["public-key", "certificate", "gray", undefined] as const)("wrong with %s keys", async (platformKeys) => {
    const { env } = await start(platformKeys && { platformKeys });
    const { ok, findings } = await doctor(env);
    expect(findings.map(({ check, status }) => [check, status])).toEqual(
      [
        ["credentials", "ok"],
        ["private-key", "ok"],
        ["certificate", "ok"],
        ["api-v3-key", platformKeys === "public-key" ? "skipped" : "ok"],
        ["platform-keys", "ok"],
        ["server", "ok"],
        ["clock", "ok"],
        ["round-trip", "ok"],
      ].filter(([check]) => platformKeys !== "public-key" || check !== "platform-keys"),
    );
    expect(ok).toBe(true);
  });

  test("with the APIv3 key and no platform key, and sends nothing but one query", async () => {
    const { sandbox, env } = await start();
    delete env.WECHATPAY_PLATFORM_KEY;
    delete env.WECHATPAY_PLATFORM_KEY_ID;
    expect(await doctor(env)).toMatchObject({ ok: true });
    expect(new Set(sandbox.requests.map(({ operationId }) => operationId))).toEqual(new Set(["listCertificates"]));
  });

  test("and prints a line for each, in the reader's language", async () => {
    const print = (LANG: string) => prepared.wechatpay(["doctor"], { env: { ...env, LANG } }).ended;
    const english = await print("en");
    expect(english).toMatchObject({ code: 0, stderr: "" });
    expect(english.stdout).toMatch(
      /^✓ credentials {4}env: MCHID.*\n✓ private key {4}RSA, 2048 bits\n✓ certificate {4}belongs.*\n✓ APIv3 key {5}.*\n✓ platform keys {2}.*\n✓ server {9}.*\n✓ clock {10}\d s off\n✓ round trip {5}.*\n$/,
    );
    expect((await print("zh_CN.UTF-8")).stdout).toMatch(/^✓ 配置 {11}env: MCHID.*\n✓ 商户私钥 {7}RSA，2048 位\n/);
  });
});

describe("wechatpay doctor finds each fault, and says what to do", () => {
  const other = generateKeys();
  let another: Awaited<ReturnType<typeof createSandboxKeys>>;
  beforeAll(async () => {
    another = await createSandboxKeys();
  });
  const without = ({ ...variables }: Record<string, string>, ...names: string[]) => {
    for (const name of names) delete variables[`WECHATPAY_${name}`];
    return variables;
  };

  test.each<[string, code: string, advice: string, () => Record<string, string> | Promise<Record<string, string>>]>([
    ["a variable that is missing", "missing", "WECHATPAY_SERIAL_NO", () => without(env, "SERIAL_NO")],
    [
      "no key of WeChat Pay's",
      "missing",
      "PLATFORM_KEY_ID",
      () => without(env, "PLATFORM_KEY", "API_V3_KEY", "PLATFORM_KEY_ID"),
    ],
    ["a serial in decimal", "malformed", "serialNo must be", () => ({ ...env, WECHATPAY_SERIAL_NO: "9".repeat(48) })],
    [
      "a certificate for the key",
      "unreadable",
      "apiclient_key.pem",
      () => ({ ...env, WECHATPAY_PRIVATE_KEY: keys.certificate }),
    ],
    [
      "a path for the key",
      "unreadable",
      "a file path",
      () => ({ ...env, WECHATPAY_PRIVATE_KEY: "./apiclient_key.pem" }),
    ],
    [
      "a key that .env cut",
      "unreadable",
      "double quotes",
      () => ({ ...env, WECHATPAY_PRIVATE_KEY: "-----BEGIN PRIVATE KEY-----" }),
    ],
    [
      "another key than the certificate's",
      "other-key",
      "one download",
      () => ({ ...env, WECHATPAY_PRIVATE_KEY: other.privateKey }),
    ],
    [
      "another certificate than the serial's",
      "other-serial",
      "WECHATPAY_SERIAL_NO=",
      () => ({ ...env, WECHATPAY_SERIAL_NO: "7F".repeat(20) }),
    ],
    [
      "a certificate of another merchant",
      "other-merchant",
      "one merchant",
      () => ({ ...env, WECHATPAY_MCHID: "1900009191" }),
    ],
    [
      "no certificate, but a key",
      "certificate-unreadable",
      "apiclient_cert.pem",
      () => ({ ...env, WECHATPAY_CERTIFICATE: other.publicKey }),
    ],
    ["31 characters", "api-v3-key-length", "Copy it again", () => ({ ...env, WECHATPAY_API_V3_KEY: "a".repeat(31) })],
    [
      "another merchant's APIv3 key",
      "api-v3-key-wrong",
      "API安全",
      () => ({ ...env, WECHATPAY_API_V3_KEY: "a".repeat(32) }),
    ],
    [
      "another merchant's key and serial",
      "wrong-serial",
      "openssl x509",
      () => ({ ...without(env, "CERTIFICATE"), WECHATPAY_SERIAL_NO: "7F".repeat(20) }),
    ],
    [
      "another key than the serial's",
      "wrong-signature",
      "one download",
      () => ({ ...without(env, "CERTIFICATE"), WECHATPAY_PRIVATE_KEY: other.privateKey }),
    ],
    [
      "a sub-merchant's number",
      "wrong-mchid",
      "sub-merchant",
      () => ({ ...without(env, "CERTIFICATE"), WECHATPAY_MCHID: "1111111" }),
    ],
    [
      "a public key without its ID",
      "platform-keys-unreadable",
      "WECHATPAY_PLATFORM_KEY_ID is missing",
      () => without(env, "PLATFORM_KEY_ID"),
    ],
    [
      "the merchant's own certificate for WeChat Pay's",
      "platform-keys-unreadable",
      "your own certificate",
      () => ({ ...without(env, "PLATFORM_KEY_ID"), WECHATPAY_PLATFORM_KEY: keys.certificate }),
    ],
    [
      "the public key of another merchant's view",
      "unknown-id",
      "Compare WECHATPAY_PLATFORM_KEY_ID",
      () => ({ ...env, WECHATPAY_PLATFORM_KEY_ID: "PUB_KEY_ID_0114000000000000000000000001" }),
    ],
    [
      "another public key under the right ID",
      "wrong-platform-key",
      "Download pub_key.pem again",
      () => ({ ...env, WECHATPAY_PLATFORM_KEY: other.publicKey }),
    ],
    [
      "a merchant that has no certificates",
      "no-certificates",
      "Give the public key",
      async () => without((await start({ platformKeys: "public-key" })).env, "PLATFORM_KEY", "PLATFORM_KEY_ID"),
    ],
    [
      "a server that is not there",
      "unreachable",
      "ECONNREFUSED",
      async () => ({ ...env, WECHATPAY_BASE_URL: `http://127.0.0.1:${await closedPort()}` }),
    ],
    [
      "a clock that is slow",
      "clock-behind",
      "NTP",
      async () => (await start({ clock: () => Date.now() + 700_000 })).env,
    ],
    [
      "a clock that is fast",
      "clock-ahead",
      "NTP",
      async () => (await start({ clock: () => Date.now() - 700_000 })).env,
    ],
    ["a signature that is taken away", "not-wechat-pay", "Wechatpay- headers", () => failing("unsigned")],
    ["a server that is in trouble", "refused", "500 SYSTEM_ERROR", () => failing("system-error")],
    [
      "a certificate that WeChat Pay replaced",
      "unlisted",
      "wechatpay certificates",
      async () => {
        const { env: gray } = await start({ platformKeys: "gray" });
        const pem = `${gray.WECHATPAY_PLATFORM_KEY}${another.platform.certificate}`;
        return { ...gray, WECHATPAY_PLATFORM_KEY: pem };
      },
    ],
    [
      "a proxy's page",
      "refused",
      "HTTP_502",
      async () => ({ ...env, WECHATPAY_BASE_URL: await serve((_, answer) => answer.writeHead(502).end("<html>")) }),
    ],
  ])("%s: %s", async (_, code, advice, makeEnv) => {
    const variables = await makeEnv();
    const { findings, ok } = await doctor(variables);
    const found = findings.find((each) => each.code === code);
    expect(found, JSON.stringify(findings, null, 1)).toBeDefined();
    expect(`${found?.message}\n${found?.advice}`).toContain(advice);
    expect(ok).toBe(found?.status !== "problem");
    const chinese = (await doctor(variables, "zh_CN")).findings.find((each) => each.code === code);
    expect(`${chinese?.message}${chinese?.advice}`).toMatch(/[\u4e00-\u9fff]|serialNo/);
  });

  async function failing(fault: Fault) {
    const { sandbox, env } = await start();
    sandbox.fail({ fault, times: Number.POSITIVE_INFINITY });
    return env;
  }

  async function serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closing.push(() => server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  test("a \\n that the client would not read", async () => {
    const escaped = keys.privateKey.replaceAll("\n", "\\n");
    const { ok, findings } = await doctor({ ...env, WECHATPAY_PRIVATE_KEY: escaped });
    expect([ok, findings.find(({ code }) => code === "escaped")?.status]).toEqual([true, "warning"]);
  });

  test("and says where each credential was found", async () => {
    await writeFile(join(prepared.folder, "half.env"), `WECHATPAY_MCHID=${env.WECHATPAY_MCHID}\n`);
    const args = ["doctor", "--json", "--env=half.env", "--serial-no", env.WECHATPAY_SERIAL_NO ?? ""];
    const { stdout } = await prepared.wechatpay(args, { env: without(env, "MCHID", "SERIAL_NO") }).ended;
    expect(JSON.parse(stdout).findings[0].message).toMatch(/half\.env: MCHID.*--serial-no/);
  });
});
