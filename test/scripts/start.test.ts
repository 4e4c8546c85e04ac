import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSandbox } from "wechatpay-openapi-fetch/sandbox";
import { variablesOf } from "../support/command.js";
import { makeProgram } from "../support/program.js";
import { examples, PRE_ORDER } from "../support/wechatpay.js";

let folder: string;
let program: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "start-"));
  program = await makeProgram("scripts/start.ts", folder);
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs what `npm start -- …` runs. */
async function start(args: string[] = [], env: Record<string, string> = {}, script = [program]) {
  const run = promisify(execFile)(process.execPath, [...script, ...args], {
    env: { PATH: process.env.PATH, ...env } as never,
  });
  return run.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code: code as number, stdout: stdout as string, stderr: stderr as string }),
  );
}

async function file(name: string, text: string): Promise<string> {
  await writeFile(join(folder, name), text);
  return join(folder, name);
}

describe.concurrent("npm start", () => {
  test("pre-orders the documented example, and prints request, reply and launch path", async () => {
    const { code, stdout, stderr } = await start([], {}, ["--import", "tsx", "scripts/start.ts"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(
      /^POST \/v3\/payroll-card\/authentications\/pre-order \(embedded sandbox\)\n {2}✓ signed with the merchant's key, serial [\dA-F]{40}\n {2}✓ 200, verified with PUB_KEY_ID_\w+\n/,
    );
    expect(stdout).toMatch(/ {2}authenticate_number +mcdhehfgisdhfjghed39384564i83\n/);
    expect(stdout).toMatch(/ {2}expires_in +300 s\n/);
    const [, token] = /^ {2}token +(\w+)$/m.exec(stdout) ?? [];
    expect(stdout).toContain(
      `/pages/card/authenticate?mchid=1900000109&sub_mchid=1111111&appid=wxa1111111&sub_appid=wxa1111111&openid=onqOjjmo8wmTOOtSKwXtGjg9Gb58&authenticate_number=mcdhehfgisdhfjghed39384564i83&token=${token}`,
    );
    expect(stdout).toMatch(/\nNext\n {2}npm run sandbox -- --keys keys --env \.env\n.*\n {2}npm start -- --live .*\n/);
  });

  test.each(["--help", "-h"])("%s says what it takes", async (flag) => {
    const { code, stdout, stderr } = await start([flag]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    for (const word of ["--body", "--live", "WECHATPAY_PLATFORM_KEY_ID"]) expect(stdout).toContain(word);
  });

  test("--body sends another body, with a byte order mark or without", async () => {
    const body = { ...examples.request, authenticate_number: "another1" };
    const { code, stdout } = await start(["--body", await file("order.json", `\uFEFF${JSON.stringify(body)}`)]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/ {2}authenticate_number +another1\n/);
  });

  test("a body that WeChat Pay refuses is answered with what is wrong", async () => {
    const { code, stderr } = await start(["--body", await file("bad.json", '{"openid":"o","appid":"a"}')]);
    expect(code).toBe(1);
    expect(stderr).toContain("400 PARAM_ERROR 参数错误");
    expect(stderr).toContain('"field": "/sub_mchid"');
  });

  test.each<[string, () => Promise<string[]>, RegExp]>([
    [
      "no such file",
      async () => ["--body", "nowhere.json"],
      /^nowhere.json cannot be read: there is no such file\.\n$/,
    ],
    ["a folder", async () => ["--body", "src"], /^src cannot be read: /],
    ["no JSON", async () => ["--body", await file("x.json", "{")], /x\.json is not JSON: /],
    ["an unknown option", async () => ["--bdy", "x"], /^Unknown option '--bdy'/],
  ])("%s: one line", async (_, args, message) => {
    const { code, stderr } = await start(await args());
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  test("--live names each credential that is missing", async () => {
    const { code, stderr } = await start(["--live"], { WECHATPAY_MCHID: "1900000109" });
    expect(code).toBe(1);
    for (const name of ["SERIAL_NO", "PRIVATE_KEY", "PLATFORM_KEY_ID", "PLATFORM_KEY"])
      expect(stderr).toContain(`  WECHATPAY_${name} `);
    expect(stderr).not.toContain("WECHATPAY_MCHID");
  });

  test("--live goes to WECHATPAY_BASE_URL, where that is set", async () => {
    const sandbox = await createSandbox();
    const { url, close } = await sandbox.listen();
    const { code, stdout } = await start(["--live"], variablesOf({ ...sandbox.credentials }, url));
    await close();
    expect([code, stdout.split("\n")[0]]).toEqual([0, `POST ${PRE_ORDER} (${url})`]);
    expect(sandbox.requests).toMatchObject([{ path: PRE_ORDER, verdict: "accepted" }]);
  });

  test("--live before the two dashes is npm's, and no rehearsal", async () => {
    const { code, stderr } = await start([], { npm_config_live: "true" });
    expect(code).toBe(1);
    expect(stderr).toContain("npm start -- --live");
  });
});
