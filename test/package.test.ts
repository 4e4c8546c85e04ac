// @module-tag slow
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { blocksOf } from "./support/page.js";
import { installBuilt } from "./support/project.js";
import { examples } from "./support/wechatpay.js";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../", import.meta.url));
const tsc = join(root, "node_modules/typescript/lib/tsc.js");

/** A project that has installed the package, with nothing else of the repository in it. */
let project: string;
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "project-"));
  await installBuilt(project);
});
afterAll(() => rm(project, { recursive: true }));

/** What `tsc` says of a file with these options. */
async function compile(name: string, text: string, ...options: string[]): Promise<string> {
  await mkdir(join(project, dirname(name)), { recursive: true });
  await writeFile(join(project, name), text);
  return tscOf([name], ...options);
}

async function tscOf(files: string[], ...options: string[]): Promise<string> {
  const strict = ["--strict", "--target", "es2022", "--types", "node", "--outDir", join(project, "out")];
  return run(process.execPath, [tsc, ...strict, ...options, ...files], { cwd: project }).then(
    () => "",
    ({ stdout }) => stdout as string,
  );
}

const EXPORTS = `
import { type Chain, createNotificationReceiver, createWeChatPayClient, operations, type paths, paySign, signing } from "wechatpay-openapi-fetch";
import { nodeTransport } from "wechatpay-openapi-fetch/node";
import * as pay from "wechatpay-openapi-fetch/pay";
import { createSandbox } from "wechatpay-openapi-fetch/sandbox";

const options = { mchid: "1900000109", serialNo: "44", privateKey: "", platformKeys: {} };
export const wechatpay = createWeChatPayClient(options);
export const createClient = () => createWeChatPayClient(options);
export class Payments {
  client = createWeChatPayClient(options);
  preOrder = this.client.v3.payrollCard.authentications.preOrder.post;
  byPath = this.client["/v3/payroll-card/authentications/pre-order"].POST;
}
export const preOrder = (body: never) => wechatpay.POST("/v3/payroll-card/authentications/pre-order", { body });
export const receive = createNotificationReceiver({ apiV3Key: "", platformKeys: {} });
export const payments = pay.createWeChatPayClient(options);
export const prepay = (body: never) => payments.POST("/v3/pay/transactions/jsapi", { body });
export const close = payments.v3.pay.transactions.outTradeNo._out_trade_no_.close.post;
export const both = createWeChatPayClient<paths & pay.paths, Chain & pay.Chain>({ ...options, operations: [operations, pay.operations] });
export const received = createNotificationReceiver<pay.webhooks>({ apiV3Key: "", platformKeys: {} });
export const { jsapi } = paySign(options);
export const middleware = signing(options);
export const transport = nodeTransport();
export const sandbox = createSandbox();
`;

describe("a user's own exports have types that can be written down (declaration: true)", () => {
  test.each([
    ["bundler", ["--module", "esnext", "--moduleResolution", "bundler"]],
    ["nodenext", ["--module", "nodenext"]],
    [
      "node10, by TypeScript's own main, types and typesVersions",
      ["--module", "commonjs", "--moduleResolution", "node10"],
    ],
  ])("%s", async (_, options) => {
    expect(await compile("exports.ts", EXPORTS, "--declaration", ...options)).toBe("");
    const written = await readFile(join(project, "out/exports.d.ts"), "utf8");
    expect(written).toContain("WeChatPayClient<");
    expect(written).not.toContain("node_modules");
  });
});

// Those of other frameworks and runtimes are compiled where these are installed, test/frameworks and test/runtimes, and what a description
// is made into where it is made: test/guide.
const ELSEWHERE = ["notifications.md", "proxies.md", "files.md"];
const guides = (await readdir(join(root, "guide"))).filter((name) => /^[\w-]+\.md$/.test(name));
const pages = ["README.md", ...guides.filter((name) => !ELSEWHERE.includes(name)).map((name) => `guide/${name}`)];

test("what README and guide show compiles in a project that writes declarations", async () => {
  await mkdir(join(project, "pages"), { recursive: true });
  await writeFile(join(project, "pages/package.json"), '{ "type": "module" }');
  const files: string[] = [];
  for (const [number, page] of pages.entries()) {
    const blocks = await blocksOf(join(root, page));
    const folder = join("pages", `${number}`);
    await mkdir(join(project, folder), { recursive: true });
    const order = `export const body = ${JSON.stringify(examples.request)} as const;`;
    await writeFile(join(project, folder, "order.ts"), order);
    for (const [index, code] of blocks.entries()) {
      files.push(join(folder, `block-${index}.ts`));
      await writeFile(join(project, folder, `block-${index}.ts`), code);
    }
  }
  expect(files.length).toBeGreaterThan(10);
  expect(await tscOf(files, "--module", "nodenext", "--declaration", "--skipLibCheck")).toBe("");
});

test("each family is published with its description, and is imported by itself", async () => {
  const text = `
import { createSandbox } from "wechatpay-openapi-fetch/sandbox";
import openapi from "wechatpay-openapi-fetch/openapi.json" with { type: "json" };
import openapiOfPay from "wechatpay-openapi-fetch/pay/openapi.json" with { type: "json" };
import { createWeChatPayClient } from "wechatpay-openapi-fetch/pay";

const { credentials, fetch } = await createSandbox({ openapi: openapiOfPay });
const { mchid } = credentials;
const body = { appid: "wx1", mchid, description: "公仔", out_trade_no: "families", notify_url: "https://a.cn/n", amount: { total: 1 } };
const { data } = await createWeChatPayClient({ ...credentials, fetch }).v3.pay.transactions.native.post({ body });
console.log(Object.keys(openapi.paths).length, Object.keys(openapiOfPay.paths).length, data?.code_url.slice(0, 7));
`;
  await writeFile(join(project, "families.mjs"), text);
  const { stdout } = await run(process.execPath, ["--no-warnings", "families.mjs"], { cwd: project });
  expect(stdout).toBe("12 23 weixin:\n");
});

test("CommonJS TypeScript, as NestJS sets it up, compiles and runs", async () => {
  const text = `
import { createWeChatPayClient, unwrap } from "wechatpay-openapi-fetch";
import { createSandbox } from "wechatpay-openapi-fetch/sandbox";

async function main(): Promise<void> {
  const sandbox = await createSandbox();
  const wechatpay = createWeChatPayClient({ ...sandbox.credentials, fetch: sandbox.fetch });
  const body = { openid: "onqOjjmo8wmTOOtSKwXtGjg9Gb58", sub_appid: "wxa1111111", sub_mchid: "1111111", authenticate_number: "1",
    project_name: "某项目", employer_name: "某单位名称", authenticate_type: "SIGN_IN" } as const;
  console.log(typeof unwrap(await wechatpay.v3.payrollCard.authentications.preOrder.post({ body })).token);
}
void main();
`;
  expect(await compile("main.ts", text, "--module", "commonjs", "--moduleResolution", "node10")).toBe("");
  expect(await readFile(join(project, "out/main.js"), "utf8")).toContain('require("wechatpay-openapi-fetch")');
  const { stdout } = await run(process.execPath, ["--no-warnings", "out/main.js"], { cwd: project });
  expect(stdout).toBe("string\n");
});
