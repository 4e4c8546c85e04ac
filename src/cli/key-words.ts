import { KeyError, type KeyReason } from "../errors.js";

/** What was given in place of a key, in Chinese; in English, the error says it. */
const KEYS_ZH: Partial<Record<KeyReason, string>> = {
  "not-pem": "不是 PEM。请提供文件内容，从 -----BEGIN 开始。",
  "file-path": "给的是文件路径，应给内容；路径放在名称以 _FILE 结尾的变量里。",
  truncated: "PEM 不完整。请复制整个文件；.env 里的值要用双引号括起来。",
  encrypted: "私钥有密码保护。openssl pkey -in key.pem -out apiclient_key.pem 可以去掉。",
  malformed: "PEM 已损坏。请重新复制，用 openssl pkey -check -noout -in key.pem 检查。",
  "certificate-given": "给的是证书，应为私钥 apiclient_key.pem。",
  "private-key-given": "给的是私钥，这很危险：私钥不应出现在这里。如已外传，请更换。",
  "public-key-given": "给的是公钥，应为私钥 apiclient_key.pem。",
  "not-rsa": "不是 RSA 密钥。微信支付只用 RSA。",
  "too-short": "RSA 密钥太短，微信支付要求 2048 位以上。",
  "serial-mismatch": "证书的序列号与所给的名称不同：以证书自己的序列号为名。",
  "merchant-serial": "给的是商户自己的证书，应为微信支付公钥或平台证书。",
  expired: "现在没有一个平台密钥在有效期内。",
};

/** Why a key cannot be used, in English and in Chinese. */
export function inBoth(error: Error): [en: string, zh: string] {
  const zh = error instanceof KeyError ? KEYS_ZH[error.reason] : undefined;
  return [error.message, zh ? `${(error as KeyError).option}：${zh}` : error.message];
}
