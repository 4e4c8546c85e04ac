import { createHash, createPrivateKey, privateDecrypt, webcrypto } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import {
  createWeChatPayClient,
  type KeyReason,
  type WeChatPayClient,
  type WeChatPayClientOptions,
} from "wechatpay-openapi-fetch";
import { createSandbox, type Sandbox, type SandboxOptions } from "wechatpay-openapi-fetch/sandbox";
import openapi from "../../generated/openapi.json" with { type: "json" };
import { main as generate } from "../../scripts/generate.js";
import { chainNames } from "../../src/client/chain.js";
import { generateKeys } from "../support/keys.js";
import { tablesOf } from "../support/markdown.js";
import { openPage, type Page } from "../support/page.js";
import { examples, freshRequest, options, PLATFORM_KEY_ID, PRE_ORDER } from "../support/wechatpay.js";

// The programs of the guide's pages, each used as its readers use it, and the tables that tell what can be asked of the package.

const log = vi.spyOn(console, "log");
beforeEach(() => void log.mockReset().mockImplementation(() => {}));
afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

const startUp = async (): Promise<{ sandbox: Sandbox; wechatpay: WeChatPayClient }> => {
  const sandbox = await createSandbox();
  return { sandbox, wechatpay: createWeChatPayClient({ ...sandbox.credentials, fetch: sandbox.fetch }) };
};

/** The description of guide/files.md, and what the generator makes of it. */
let media: string;
async function generateMedia({ folder }: Pick<Page, "folder">): Promise<Record<string, string>> {
  [, media = ""] = /^```yaml\n(.*?)^```$/ms.exec(await readFile("guide/files.md", "utf8")) ?? [];
  await writeFile(join(folder, "media.yaml"), media);
  await generate(["--spec", join(folder, "media.yaml"), "--out", join(folder, "api")]);
  return {};
}

/** Tells what is on a page, with its programs at hand. */
function describePage(
  name: string,
  tell: (run: Page["run"], page: () => Page) => void,
  opening?: Parameters<typeof openPage>[1],
): void {
  describe(name, () => {
    let page: Page;
    beforeAll(async () => {
      page = await openPage(name, opening);
    });
    afterAll(() => page.close());
    tell(
      (text) => page.run(text),
      () => page,
    );
  });
}

/** The table of a page, in both languages, that has this text in its head. */
const tables = (name: string, [english, chinese]: [string, string]) =>
  Promise.all(
    [
      [`guide/${name}.md`, english],
      [`guide/${name}.zh-CN.md`, chinese],
    ].map(async ([file = "", head = ""]) => {
      const [table = []] = tablesOf(await readFile(file, "utf8")).filter(([cells]) => cells?.[0] === head);
      return table.slice(1);
    }),
  );
const inCode = (cell = "") => Array.from(cell.matchAll(/`([^`]+)`/g), ([, text = ""]) => text);

describePage("guide/flow.md", (run) => {
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

  test("three ways of calling", async () => {
    const { sandbox, wechatpay } = await startUp();
    for (const [way, call] of Object.entries(await run("export const byMethod"))) {
      const body = { ...examples.request, authenticate_number: way };
      await (call as (wechatpay: WeChatPayClient, body: object) => Promise<unknown>)(wechatpay, body);
    }
    expect(sandbox.requests.map(({ verdict }) => verdict)).toEqual(["accepted", "accepted", "accepted"]);
  });

  test("all operations, by the calls that they have, in both languages", async () => {
    const calls = Object.entries(openapi.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, { operationId }]) => [operationId, [...chainNames(path), method].join(".")]),
    );
    for (const table of await tables("flow", ["operation", "接口"])) {
      const listed = table.map(([id, call]) => [...inCode(id), ...inCode(call)]);
      expect(new Map(listed as [string, string][])).toEqual(new Map(calls as [string, string][]));
    }
  });
});

const tellFiles = (run: Page["run"], page: () => Page) => {
  test("a download is a file only if its hash is right", async () => {
    const { save } = await run("export async function save");
    const text = "交易时间,商户号\n";
    const wechatpay = createWeChatPayClient({ ...options, fetch: async () => new Response(text) });
    const bill = {
      download_url: "https://api.mch.weixin.qq.com/v3/billdownload/file?token=a",
      hash_type: "SHA1",
      hash_value: createHash("sha1").update(text).digest("hex"),
    };
    const [good, bad] = [join(page().folder, "good.csv"), join(page().folder, "bad.csv")];
    await save(wechatpay, bill, good);
    expect(await readFile(good, "utf8")).toBe(text);
    await expect(save(wechatpay, { ...bill, hash_value: "0".repeat(40) }, bad)).rejects.toThrow("its SHA1 is not");
    await expect(readFile(bad)).rejects.toThrow("ENOENT");
  });

  test("an upload, by the description of the page, arrives with its name and its hash", async () => {
    const { upload } = await run("export async function upload");
    const { default: openapi } = await import(/* @vite-ignore */ `../../${page().folder}/api/openapi.json`);
    const sandbox = await createSandbox({ openapi });
    const path = join(page().folder, "license.png");
    await writeFile(path, "a picture");
    expect(await upload({ ...sandbox.credentials, fetch: sandbox.fetch }, path)).toMatch(/^[\w-]+$/);
    const sha256 = createHash("sha256").update("a picture").digest("hex");
    expect(sandbox.requests[0]?.body).toMatchObject({ meta: { filename: "license.png", sha256 } });
  });
};
describePage("guide/files.md", tellFiles, { beside: generateMedia });

describePage("guide/keys.md", (run) => {
  test("the keys, as variables", async () => {
    const { sandbox } = await startUp();
    const { mchid, serialNo, privateKey, platformKeys, apiV3Key } = sandbox.credentials;
    const [[id, pem] = []] = Object.entries(platformKeys);
    const [names = []] = await tables("keys", ["from the merchant platform (商户平台)", "商户平台上的"]);
    const variables = names.flatMap(([, , cell]) => inCode(cell));
    for (const [index, text] of [mchid, serialNo, privateKey, id, pem, apiV3Key].entries())
      vi.stubEnv(variables[index] as string, text);
    const { wechatpay } = await run("export const wechatpay");
    vi.stubGlobal("fetch", sandbox.fetch);
    const { data } = await wechatpay.v3.payrollCard.authentications.preOrder.post({ body: examples.request });
    expect(data.expires_in).toBe(300);
  });

  test("encrypting by hand, for the key that is named", async () => {
    const { encrypted } = await run("wechatpay.encrypt(text)");
    const { privateKey, publicKey } = generateKeys();
    const wechatpay = createWeChatPayClient({ ...options, platformKeys: { [PLATFORM_KEY_ID]: publicKey } });
    const { value, headers } = await encrypted(wechatpay, "张三");
    expect(headers).toEqual({ "Wechatpay-Serial": PLATFORM_KEY_ID });
    const key = { key: createPrivateKey(privateKey), oaepHash: "sha1" };
    expect(privateDecrypt(key, Buffer.from(value, "base64")).toString()).toBe("张三");
  });

  test("a KMS signs and decrypts", async () => {
    const { createClient } = await run("interface Kms");
    const name = "GET /v3/partner-transfer/batches/batch-id/{batch_id}/details/detail-id/{detail_id}";
    const { credentials, fetch } = await createSandbox({ behaviours: { [name]: undefined } });
    const { privateKey, ...rest } = credentials;
    const pkcs8 = createPrivateKey(privateKey);
    const bytes = pkcs8.export({ format: "der", type: "pkcs8" });
    const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
    const key = await webcrypto.subtle.importKey("pkcs8", bytes, algorithm, false, ["sign"]);
    const asked: string[] = [];
    const wechatpay = createClient(
      { ...rest, fetch },
      {
        async sign(name: string, message: Uint8Array<ArrayBuffer>) {
          asked.push(name);
          return new Uint8Array(await webcrypto.subtle.sign(algorithm, key, message));
        },
        async decrypt(name: string, ciphertext: Uint8Array) {
          asked.push(name);
          return new Uint8Array(privateDecrypt({ key: pkcs8, oaepHash: "sha1" }, ciphertext));
        },
      },
    );
    const detail = openapi.components.examples["getTransferDetailByNo.success.response"].value;
    const params = { path: { batch_id: detail.batch_id, detail_id: detail.detail_id } };
    const { data } = await wechatpay.v3.partnerTransfer.batches.batchId._batch_id_.details.detailId._detail_id_.get({
      params,
    });
    expect([...new Set(asked)]).toEqual(["RSASSA_PKCS1_V1_5_SHA_256", "RSAES_OAEP_SHA_1"]);
    expect(data.username).toMatch(/^\p{L}+$/u);
  });

  test("the mistakes, by the reasons that they have, in both languages", async () => {
    const { credentials } = await createSandbox({ platformKeys: "certificate" });
    const { privateKey, serialNo } = credentials;
    const [[serial = "", certificate = ""] = []] = Object.entries(credentials.platformKeys);
    const encrypted = createPrivateKey(privateKey).export({
      type: "pkcs8",
      format: "pem",
      cipher: "aes-256-cbc",
      passphrase: "secret",
    });
    const other = serial.replace(/^./, (digit) => (digit === "1" ? "2" : "1"));
    const mistakes: Partial<Record<KeyReason, Partial<WeChatPayClientOptions>>> = {
      "escaped-newlines": { privateKey: privateKey.replaceAll("\n", "\\n") },
      "file-path": { privateKey: "keys/apiclient_key.pem" },
      truncated: { privateKey: privateKey.slice(0, 400) },
      encrypted: { privateKey: String(encrypted) },
      "certificate-given": { privateKey: certificate },
      "merchant-serial": { platformKeys: { [serialNo]: certificate } },
      "serial-mismatch": { platformKeys: { [other]: certificate } },
    };
    for (const [reason, mistake] of Object.entries(mistakes))
      expect(() => createWeChatPayClient({ ...credentials, ...mistake })).toThrow(expect.objectContaining({ reason }));
    for (const table of await tables("keys", ["mistake", "错误"]))
      expect(table.map(([, reason]) => inCode(reason)[0])).toEqual(Object.keys(mistakes));
  });
});

describePage("guide/errors.md", (run) => {
  test("what is caught", async () => {
    const { tokenOf } = await run("export async function tokenOf");
    const { sandbox, wechatpay } = await startUp();
    const error = vi.spyOn(console, "error").mockImplementation(() => {});
    expect(await tokenOf(wechatpay, freshRequest())).toMatch(/^\w+$/);
    expect(error).not.toHaveBeenCalled();
    sandbox.fail({ fault: "bad-signature" });
    await expect(tokenOf(wechatpay, freshRequest())).rejects.toThrow();
    expect(error.mock.calls).toEqual([["mismatch", "unknown"], ["query before you repeat it"]]);
    error.mockClear();
    await expect(tokenOf(wechatpay, { ...freshRequest(), openid: "" })).rejects.toThrow();
    expect(error.mock.calls).toEqual([[expect.objectContaining({ field: "/openid" }), expect.any(String)]]);
    error.mockRestore();
  });
});

describePage("guide/options.md", (run) => {
  test("a log of attempts", async () => {
    const { createClient } = await run("onAttempt");
    const { sandbox } = await startUp();
    sandbox.fail({ fault: "system-error" });
    const { credentials, fetch } = sandbox;
    await createClient({ ...credentials, fetch, retry: { baseDelay: 1 } }).GET("/v3/certificates");
    const [duration, id] = [expect.stringMatching(/^\d+ ms$/), expect.any(String)];
    expect(log.mock.calls).toEqual([
      ["listCertificates", 1, 500, duration, id],
      ["listCertificates", 2, 200, duration, id],
    ]);
  });

  test("signing alone, for a client of one's own", async () => {
    const { createSigningClient } = await run("client.use(signing(");
    const { sandbox } = await startUp();
    const { url, close } = await sandbox.listen();
    const { mchid, serialNo, privateKey } = sandbox.credentials;
    const client = createSigningClient(url, { mchid, serialNo, privateKey });
    const { data } = await client.POST(PRE_ORDER, { body: freshRequest() });
    expect(data.expires_in).toBe(300);
    await close();
  });

  test("every option, in both languages", async () => {
    const all: Record<keyof WeChatPayClientOptions, true> = {
      mchid: true,
      serialNo: true,
      privateKey: true,
      signer: true,
      decrypter: true,
      platformKeys: true,
      apiV3Key: true,
      baseUrl: true,
      backupUrl: true,
      timeout: true,
      concurrency: true,
      retry: true,
      onAttempt: true,
      fetch: true,
      transport: true,
      userAgent: true,
      operations: true,
      clock: true,
      nonce: true,
    };
    for (const table of await tables("options", ["option", "选项"]))
      expect(table.flatMap(([names]) => inCode(names))).toEqual(Object.keys(all));
  });
});

describePage("guide/performance.md", (run) => {
  test("the fast transport", async () => {
    const { createClient } = await run("transport: nodeTransport()");
    const { sandbox } = await startUp();
    const { url: baseUrl, close } = await sandbox.listen();
    const { data } = await createClient({ ...sandbox.credentials, baseUrl }).POST(PRE_ORDER, { body: freshRequest() });
    expect(data.expires_in).toBe(300);
    await close();
  });
});

describePage("guide/sandbox.md", (run) => {
  test("over HTTP", async () => {
    await run("sandbox.listen");
    expect(log).toHaveBeenCalledWith("PARAM_ERROR", "invalid-parameter");
  });

  test("every option, in both languages", async () => {
    const all: Record<keyof SandboxOptions, true> = {
      authorized: true,
      platformKeys: true,
      keys: true,
      notifications: true,
      openapi: true,
      behaviours: true,
      clock: true,
      onRequest: true,
      onUnconnected: true,
      requestLog: true,
    };
    for (const table of await tables("sandbox", ["option of `createSandbox`", "`createSandbox` 的选项"]))
      expect(table.flatMap(([names]) => inCode(names))).toEqual(Object.keys(all));
  });

  test("functions that there are, in both languages", async () => {
    const sandbox = (await startUp()).sandbox;
    for (const table of await tables("sandbox", ["function", "函数"])) {
      const names = table.map(([cell]) => /^`sandbox\.(\w+)/.exec(cell ?? "")?.[1] ?? cell);
      expect(names.length).toBeGreaterThan(10);
      expect(names.filter((name) => !(name && name in sandbox))).toEqual([]);
    }
  });
});
