import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { transform } from "esbuild";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { createWeChatPayClient, type WeChatPayClient } from "wechatpay-openapi-fetch";
import { createSandbox } from "wechatpay-openapi-fetch/sandbox";
import openapi from "../generated/openapi.json" with { type: "json" };
import openapiOfPay from "../generated/pay/openapi.json" with { type: "json" };
import { chainNames } from "../src/client/chain.js";
import { verifyText } from "./support/keys.js";
import { openPage, type Page } from "./support/page.js";
import { examples, freshRequest, PRE_ORDER } from "./support/wechatpay.js";

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
  let page: Page;
  const sandboxReady = createSandbox();
  const log = vi.spyOn(console, "log");

  const run = (text: string) => page.run(text);

  beforeAll(async () => {
    const order = `export const body = ${JSON.stringify(examples.request)} as const;`;
    page = await openPage("README.md", { beside: async () => ({ "order.ts": order }) });
  });
  afterAll(() => page.close());
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

  test("the first call, which is JavaScript too: README has it saved as first.mjs", async () => {
    const code = /^```ts\n(.*?)^```$/ms.exec(await readFile("README.md", "utf8"))?.[1] ?? "";
    await transform(code, { loader: "js" });
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
    const [good, bad] = [join(page.folder, "good.csv"), join(page.folder, "bad.csv")];
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

  test("orders, refunds, bills and transfers", async () => {
    const { prepay, clientOfBoth } = await run("export async function prepay");
    const sandbox = await sandboxReady;
    const options = { ...sandbox.credentials, fetch: sandbox.fetch };
    const { value } = openapiOfPay.components.examples["createJsapiOrder.minimal.request"];
    const body = { ...value, mchid: sandbox.credentials.mchid };
    const prepay_id = await prepay(options, body);
    expect(prepay_id).toMatch(/^wx/);
    const both = clientOfBoth(options);
    expect(await both.POST("/v3/pay/transactions/jsapi", { body })).toMatchObject({ data: { prepay_id } });
    expect(await both.POST(PRE_ORDER, { body: freshRequest() })).toMatchObject({ data: { expires_in: 300 } });
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
});
