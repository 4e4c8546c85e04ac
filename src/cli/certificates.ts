import { mkdir } from "node:fs/promises";
import nodePath from "node:path";
import { createWeChatPayClient } from "../client.js";
import type { Command, Language, Texts, Values } from "./command.js";
import { CREDENTIAL_FLAGS, CREDENTIAL_HELP, clientOptions, readCredentials } from "./credentials.js";
import { writeNew } from "./files.js";
import { downloadCertificates } from "./platform-certificates.js";
import { withProgress } from "./terminal.js";

const help: Texts = {
  en: `wechatpay certificates [--out <folder>] [--force] [--json]

  Downloads WeChat Pay's platform certificates: verified, decrypted with the
  APIv3 key, and written as wechatpay_<serial>.pem. With the APIv3 key, the
  client downloads and rotates them by itself; this is for other programs.

  --out    where to; default this folder
  --force  write over a file that holds something else
  --json   one line: [{ serial, expires, file }]
${CREDENTIAL_HELP.en}`,
  zh: `wechatpay certificates [--out <文件夹>] [--force] [--json]

  下载微信支付平台证书：验签，用 APIv3 密钥解密，写成 wechatpay_<序列号>.pem。
  给了 APIv3 密钥的客户端会自己下载和更新证书，本命令供其他程序使用。

  --out    写到哪个文件夹；默认当前文件夹
  --force  同名文件内容不同时也覆盖
  --json   输出一行：[{ serial, expires, file }]
${CREDENTIAL_HELP.zh}`,
};

export const command: Command = {
  help,
  options: {
    out: { type: "string", default: "." },
    force: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    ...CREDENTIAL_FLAGS,
  },
  run: certificates,
};

/** Where a certificate goes. A serial is hex, so it is a name on every system. */
export const certificateFile = (folder: string, serial: string, path: Pick<typeof nodePath, "join"> = nodePath) =>
  path.join(folder, `wechatpay_${serial}.pem`);

async function certificates(values: Values, _: readonly string[], language: Language): Promise<void> {
  const credentials = await readCredentials(values, process.env);
  const options = clientOptions(credentials, language);
  if (options.apiV3Key === undefined) throw new TypeError(NEEDS_KEY[language]);
  const waiting = { en: "Downloading the certificates", zh: "正在下载证书" };
  const downloading = downloadCertificates(createWeChatPayClient(options), options.apiV3Key);
  const found = await withProgress(waiting, language, downloading);

  const folder = values.out as string;
  await mkdir(folder, { recursive: true });
  const rows = [];
  for (const { serial, pem, notAfter } of found) {
    const file = certificateFile(folder, serial);
    const written = await writeNew(file, pem, 0o644, () => values.force === true);
    rows.push({ serial, expires: new Date(notAfter).toISOString(), file, written });
  }
  if (values.json) return void console.log(JSON.stringify(rows.map(({ written, ...row }) => row)));
  const words = { en: { written: "written", unchanged: "was there" }, zh: { written: "已写入", unchanged: "已存在" } };
  for (const { serial, expires, file, written } of rows) {
    console.log(`${serial}\n  ${UNTIL[language]} ${expires.slice(0, 10)}\n  ${words[language][written]} ${file}`);
  }
}

const UNTIL: Texts = { en: "expires", zh: "有效期至" };
const NEEDS_KEY: Texts = {
  en: "WECHATPAY_API_V3_KEY is missing: certificates come encrypted with the APIv3 key (商户平台 → API安全).",
  zh: "缺少 WECHATPAY_API_V3_KEY：证书是用 APIv3 密钥加密的（商户平台 → API安全）。",
};
