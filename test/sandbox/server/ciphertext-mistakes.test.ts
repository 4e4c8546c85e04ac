import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { createSandbox } from "wechatpay-openapi-fetch/sandbox";
import openapi from "../../../generated/openapi.json" with { type: "json" };
import { generateKeys } from "../../support/keys.js";
import { send } from "../signed.js";

const sandbox = await createSandbox({ platformKeys: "gray" });
const { credentials } = sandbox;
const [[id, publicKey], [serial, certificate]] = Object.entries(credentials.platformKeys) as [
  [string, string],
  [string, string],
];
const TOKENS = "/v3/payroll-card/tokens";
const request = openapi.components.examples["createToken.minimal.request"].value;

const folder = mkdtempSync(join(tmpdir(), "ciphertexts-"));
afterAll(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const KEYS = {
  public: ["-pubin", "-inkey", write("public.pem", publicKey)],
  certificate: ["-certin", "-inkey", write("certificate.pem", certificate)],
  merchant: ["-inkey", write("merchant.pem", credentials.privateKey)],
  stranger: ["-pubin", "-inkey", write("stranger.pem", generateKeys().publicKey)],
};
const OAEP = ["rsa_padding_mode:oaep"];

/** What OpenSSL's command line makes of a name: neither the sandbox nor the client wrote it. */
function encrypt(key: keyof typeof KEYS = "public", options = OAEP, input: string | Buffer = "张三"): Buffer {
  const pkeyopt = options.flatMap((option) => ["-pkeyopt", option]);
  return execFileSync("openssl", ["pkeyutl", "-encrypt", ...KEYS[key], ...pkeyopt], { input });
}
const base64 = (bytes: Buffer) => bytes.toString("base64");
const right = base64(encrypt());

/** Sends a token's request with this `user_name`. */
async function refuse(user_name: string, named: string | null = id) {
  const body = { ...request, id_card_number: base64(encrypt("public", OAEP, "110101199003070012")), user_name };
  const reply = await send(sandbox, {
    target: TOKENS,
    body: JSON.stringify(body),
    headers: { "Wechatpay-Serial": named },
  });
  return { status: reply.status, ...sandbox.requests.at(-1) };
}

test("what OpenSSL encrypts by OAEP with SHA-1 is read", async () => {
  expect(await refuse(right)).toMatchObject({ status: 200, body: { user_name: "张三" } });
});

/** An RSA operation on a number of its own, without padding. */
const bare = Buffer.concat([Buffer.alloc(250), Buffer.from("张三")]);

describe("a ciphertext that cannot be decrypted: what it is, is decided", () => {
  const kinds: [what: string, sent: string, en: string, zh: string, fix: string | RegExp, named?: string | null][] = [
    [
      "plain text",
      "张三",
      "is plain text: encrypt it.",
      "是明文，应先加密。",
      /^- user_name: text\n\+ user_name: publicEncrypt/,
    ],
    [
      "plain text that is base64 as well",
      "zhangsan",
      "is plain text: encrypt it.",
      "是明文，应先加密。",
      /^- user_name: text/,
    ],
    [
      "no Wechatpay-Serial",
      right,
      "is encrypted, but the header Wechatpay-Serial, which names the key, is missing.",
      "已加密，但缺少请求头 Wechatpay-Serial，无法得知用哪个密钥解密。",
      `+ Wechatpay-Serial: ${id}`,
      null,
    ],
    [
      "hex",
      encrypt().toString("hex"),
      "is a ciphertext in hex: it must be in standard base64 with padding.",
      "的密文是十六进制，应为标准 base64（带 = 填充）。",
      '- user_name: ciphertext.toString("hex")\n+ user_name: ciphertext.toString("base64")',
    ],
    [
      "base64 twice",
      btoa(right),
      "is a ciphertext in base64 twice: it must be in standard base64 with padding.",
      "的密文做了两次 base64 编码，应为标准 base64（带 = 填充）。",
      /^- user_name: btoa\(/,
    ],
    [
      "no padding of base64",
      right.replace(/=+$/, ""),
      "is a ciphertext without the padding of base64: it must be in standard base64 with padding.",
      "的密文缺少 = 填充，应为标准 base64（带 = 填充）。",
      /^- user_name: ciphertext\n/,
    ],
    [
      "percent-encoding",
      encodeURIComponent(right),
      "is a ciphertext that is percent-encoded: it must be in standard base64 with padding.",
      "的密文做了 URL 编码，应为标准 base64（带 = 填充）。",
      /^- user_name: encodeURIComponent\(/,
    ],
    [
      "lines of 64 characters, as openssl base64 writes them",
      execFileSync("openssl", ["base64"], { input: encrypt() }).toString(),
      "is a ciphertext with line feeds or blanks: it must be in standard base64 with padding.",
      "的密文中有换行符或空格，应为标准 base64（带 = 填充）。",
      /^- user_name: wrapped/,
    ],
    [
      "half of it",
      base64(encrypt().subarray(0, 250)),
      "is a ciphertext of 250 bytes, not 256: it was cut.",
      "的密文有 250 字节，应为 256 字节：被截断了。",
      /^- user_name: ciphertext\.slice/,
    ],
    [
      "PKCS#1 v1.5",
      base64(encrypt("public", ["rsa_padding_mode:pkcs1"])),
      "was encrypted with PKCS#1 v1.5: the padding must be OAEP, with SHA-1.",
      "的密文使用了 PKCS#1 v1.5 填充，应为 OAEP（SHA-1）。",
      "- padding: RSA_PKCS1_PADDING\n+ padding: RSA_PKCS1_OAEP_PADDING",
    ],
    [
      "no padding of RSA",
      base64(encrypt("public", ["rsa_padding_mode:none"], bare)),
      "was encrypted without padding: it must be OAEP, with SHA-1.",
      "的密文没有使用填充，应为 OAEP（SHA-1）。",
      "- padding: RSA_NO_PADDING\n+ padding: RSA_PKCS1_OAEP_PADDING",
    ],
    ...["256", "384", "512"].map((bits): (typeof kinds)[number] => [
      `OAEP with SHA-${bits}`,
      base64(encrypt("public", [...OAEP, `rsa_oaep_md:sha${bits}`])),
      `was encrypted by OAEP with SHA-${bits}: the hash must be SHA-1.`,
      `的密文使用了 OAEP 和 SHA-${bits}，哈希应为 SHA-1。`,
      `- oaepHash: "sha${bits}"\n+ oaepHash: "sha1"`,
    ]),
    [
      "Java's OAEPWithSHA-256AndMGF1Padding, whose mask has SHA-1",
      base64(encrypt("public", [...OAEP, "rsa_oaep_md:sha256", "rsa_mgf1_md:sha1"])),
      "was encrypted by OAEP with SHA-256 and MGF1 of SHA-1: the hash must be SHA-1.",
      "的密文使用了 OAEP 和 SHA-256、MGF1 SHA-1，哈希应为 SHA-1。",
      '- oaepHash: "sha256"\n+ oaepHash: "sha1"',
    ],
    [
      "another key of WeChat Pay's than is named",
      base64(encrypt("certificate")),
      `was encrypted with the key of ${serial}, but Wechatpay-Serial names ${id}.`,
      `是用 ${serial} 的公钥加密的，但 Wechatpay-Serial 是 ${id}。`,
      `- Wechatpay-Serial: ${id}\n+ Wechatpay-Serial: ${serial}`,
    ],
    [
      "the public key, where the certificate is named",
      right,
      `was encrypted with the key of ${id}, but Wechatpay-Serial names ${serial}.`,
      `是用 ${id} 的公钥加密的，但 Wechatpay-Serial 是 ${serial}。`,
      `- Wechatpay-Serial: ${serial}\n+ Wechatpay-Serial: ${id}`,
      serial,
    ],
    [
      "the merchant's own key",
      base64(encrypt("merchant")),
      "was encrypted with the merchant's own public key, not WeChat Pay's.",
      "是用商户自己的公钥加密的，应使用微信支付公钥或平台证书。",
      "- key: merchantPublicKey\n+ key: platformPublicKey",
    ],
    [
      "a stranger's key",
      base64(encrypt("stranger")),
      `was encrypted with another key than ${id}, which Wechatpay-Serial names.`,
      `不是用 Wechatpay-Serial 指定的 ${id} 的公钥加密的。`,
      "- key: otherPublicKey\n+ key: platformPublicKey",
    ],
  ];

  test.each(kinds)("%s", async (_what, sent, en, zh, fix, named) => {
    const { status, verdict, reason, fix: told } = await refuse(sent, named);
    expect([status, verdict]).toEqual([400, "invalid-ciphertext"]);
    expect(reason).toEqual({ en: `/user_name ${en}`, zh: `/user_name ${zh}` });
    if (typeof fix === "string") expect(told).toBe(fix);
    else expect(told).toMatch(fix);
    expect(told).toMatch(/^(?:[-+ ] [\x20-\x7e]+\n?)+$/);
  });

  test("of several fields the first is told, and never what it holds", async () => {
    const body = { ...request, user_name: "张三", id_card_number: "110101199003070012" };
    await send(sandbox, { target: TOKENS, body: JSON.stringify(body), headers: { "Wechatpay-Serial": id } });
    const { reason, fix } = sandbox.requests.at(-1) ?? {};
    expect(reason?.en).toMatch(/^\/(user_name|id_card_number) is plain text/);
    expect(JSON.stringify({ reason, fix })).not.toMatch(/张三|1101/);
  });
});
