import { createCipheriv, X509Certificate } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join, posix, win32 } from "node:path";
import { afterAll, expect, test } from "vitest";
import { createSandbox, createSandboxKeys } from "wechatpay-openapi-fetch/sandbox";
import { certificateFile } from "../../src/cli/certificates.js";
import { filesOf } from "../../src/cli/key-folder.js";
import { downloadCertificates } from "../../src/cli/platform-certificates.js";
import type { WeChatPayClient } from "../../src/types.js";
import { prepareCommand, variablesOf } from "../support/command.js";

const prepared = prepareCommand();
const sandbox = await createSandbox({ platformKeys: "certificate" });
const { url, close } = await sandbox.listen();
afterAll(close);
const [[serial = "", pem = ""] = []] = Object.entries(sandbox.credentials.platformKeys);
const env = variablesOf({ ...sandbox.credentials }, url);

test("wechatpay certificates writes what it has verified and decrypted, named by serial, and says until when", async () => {
  const certificates = () => prepared.wechatpay(["certificates", "--out", join("new", "folder")], { env }).ended;
  const file = join(prepared.folder, "new", "folder", `wechatpay_${serial}.pem`);
  const until = new Date(new X509Certificate(pem).validTo).toISOString().slice(0, 10);
  const words = (written: string) =>
    `${serial}\n  expires ${until}\n  ${written} ${join("new", "folder", `wechatpay_${serial}.pem`)}\n`;
  expect(await certificates()).toMatchObject({ code: 0, stderr: "", stdout: words("written") });
  expect(await readFile(file, "utf8")).toBe(pem);
  expect(await certificates()).toMatchObject({ code: 0, stderr: "", stdout: words("was there") });

  // Never over something else, unless it is said.
  await writeFile(file, "something else");
  const refused = await certificates();
  expect(refused).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("is there already") });
  expect(await readFile(file, "utf8")).toBe("something else");
  const forced = await prepared.wechatpay(["certificates", "--out=new/folder", "--force", "--json"], { env }).ended;
  expect(JSON.parse(forced.stdout)).toEqual([{ serial, expires: expect.any(String), file: expect.any(String) }]);
  expect(await readFile(file, "utf8")).toBe(pem);
});

test.each([
  ["another APIv3 key", { WECHATPAY_API_V3_KEY: "a".repeat(32) }, "apiV3Key does not decrypt the certificates"],
  ["no APIv3 key", { WECHATPAY_API_V3_KEY: "" }, "WECHATPAY_API_V3_KEY is missing"],
])("with %s nothing is written", async (_, variables, message) => {
  const all = { ...env, ...variables };
  const end = await prepared.wechatpay(["certificates", "--out=none"], { env: all }).ended;
  expect(end).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining(message) });
  await expect(readdir(join(prepared.folder, "none"))).rejects.toThrow("ENOENT");
});

test("a list whose signature is wrong is not written", async () => {
  const mend = sandbox.fail({ fault: "bad-signature", times: Number.POSITIVE_INFINITY });
  const end = await prepared.wechatpay(["certificates", "--out=none"], { env }).ended;
  mend();
  expect(end).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("cannot be trusted") });
  await expect(readdir(join(prepared.folder, "none"))).rejects.toThrow("ENOENT");
});

test("of what was encrypted, only the certificate is written", async () => {
  const apiV3Key = "k".repeat(32);
  const cipher = createCipheriv("aes-256-gcm", apiV3Key, "n".repeat(12)).setAAD(Buffer.from("certificate"));
  const text = `\x1b[2J# what others wrote\n${pem}-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n`;
  const bytes = Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
  const encrypt_certificate = {
    algorithm: "AEAD_AES_256_GCM",
    nonce: "n".repeat(12),
    associated_data: "certificate",
    ciphertext: bytes.toString("base64"),
  };
  const data = { data: [{ serial_no: "../../x", encrypt_certificate }] };
  const wechatpay = { GET: async () => ({ data, response: new Response() }) } as unknown as WeChatPayClient;
  expect(await downloadCertificates(wechatpay, apiV3Key)).toEqual([{ serial, pem, notAfter: expect.any(Number) }]);
});

test("paths are built for the system that it runs on, of names that Windows takes too", async () => {
  expect(certificateFile("C:\\keys", "6CF8", win32)).toBe("C:\\keys\\wechatpay_6CF8.pem");
  expect(certificateFile("keys", "6CF8", posix)).toBe("keys/wechatpay_6CF8.pem");
  const files = filesOf("C:\\keys", await createSandboxKeys(), win32).map(([file]) => file);
  expect(files).toContain("C:\\keys\\apiclient_key.pem");
  for (const file of files) expect(win32.basename(file)).toMatch(/^\w+\.pem$/);
});
