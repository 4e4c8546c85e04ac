import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createSandbox } from "wechatpay-openapi-fetch/sandbox";
import { openInEditor } from "./support/language-service.js";
import { examples } from "./support/wechatpay.js";

/** The code blocks of a page, as a reader would copy them. */
async function blocksOf(page: string): Promise<string[]> {
  return Array.from((await readFile(page, "utf8")).matchAll(/^```ts\n(.*?)^```$/gms), ([, code = ""]) => code);
}

const pages = { english: await blocksOf("README.md"), chinese: await blocksOf("README.zh-CN.md") };
const order = `export const preOrder = ${JSON.stringify(examples.request)} as const;`;

test("the Chinese page shows the same code, but for the comments", () => {
  const withoutComments = (blocks: string[]) => blocks.map((code) => code.replace(/ *\/\/ .*$/gm, ""));
  expect(withoutComments(pages.chinese)).toEqual(withoutComments(pages.english));
  expect(pages.english.length).toBeGreaterThan(3);
});

describe("README.md", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp("test/readme-");
    await writeFile(join(folder, "order.ts"), order);
  });
  afterAll(() => rm(folder, { recursive: true }));

  test.each(
    pages.english.map((code) => [
      code.split("\n").find((line) => line !== "" && !line.startsWith("import")) ?? "",
      code,
    ]),
  )("compiles and runs: %s", async (_, code) => {
    // One declaration of the neighbour file is all that the language service would have to look up.
    const source = code.replace(
      /^import .* as body \} from "\.\/order\.js";$/m,
      order.replace("export const preOrder", "const body"),
    );
    expect(openInEditor(source).errors()).toEqual([]);

    const sandbox = await createSandbox();
    const [[id, pem] = []] = Object.entries(sandbox.credentials.platformKeys);
    vi.stubEnv("WECHATPAY_MCHID", sandbox.credentials.mchid);
    vi.stubEnv("WECHATPAY_SERIAL_NO", sandbox.credentials.serialNo);
    vi.stubEnv("WECHATPAY_PRIVATE_KEY", sandbox.credentials.privateKey);
    vi.stubEnv("WECHATPAY_PLATFORM_KEY_ID", id);
    vi.stubEnv("WECHATPAY_PLATFORM_KEY", pem);
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    const file = join(folder, `block-${Math.random()}.ts`);
    await writeFile(file, code);
    const exported = await import(/* @vite-ignore */ `../${file}`);

    if (code.includes("payrollCardLaunch")) {
      expect(log).toHaveBeenCalledWith({
        appId: "wxd24d9057cd83d47a",
        path: expect.stringMatching(/^\/pages\/card\/authenticate\?mchid=1900000109&/),
      });
    }
    if (code.includes("listen")) expect(log).toHaveBeenCalledWith("PARAM_ERROR", "invalid-parameter");
    if (exported.wechatpay) {
      vi.stubGlobal("fetch", sandbox.fetch);
      const { data } = await exported.wechatpay.v3.payrollCard.authentications.preOrder.post({
        body: examples.request,
      });
      expect(data.expires_in).toBe(300);
    }
    const { createWeChatPayClient } = await import("wechatpay-openapi-fetch");
    const wechatpay = createWeChatPayClient({ ...sandbox.credentials, fetch: sandbox.fetch });
    if (exported.preOrder) {
      await exported.preOrder(wechatpay, examples.request);
      expect(sandbox.requests.map(({ verdict }) => verdict)).toEqual(["accepted", "accepted", "accepted"]);
    }
    if (exported.tokenOf) expect(await exported.tokenOf(wechatpay)).toMatch(/^\w+$/);
    vi.unstubAllGlobals();
    vi.unstubAllEnvs();
    log.mockRestore();
  });
});
