import { KeyError, type KeyReason } from "../errors.js";
import type { Texts } from "./command.js";

/** `problem`: calls will fail. `warning`: they will not yet. `skipped`: it could not be looked at. */
export type Status = "ok" | "warning" | "problem" | "skipped";

/** What is looked at, in this order. */
export const CHECKS = {
  credentials: { en: "credentials", zh: "配置" },
  "private-key": { en: "private key", zh: "商户私钥" },
  certificate: { en: "certificate", zh: "商户证书" },
  "api-v3-key": { en: "APIv3 key", zh: "APIv3密钥" },
  "platform-keys": { en: "platform keys", zh: "平台密钥" },
  server: { en: "server", zh: "服务器" },
  clock: { en: "clock", zh: "时钟" },
  "round-trip": { en: "round trip", zh: "签名往返" },
} satisfies Record<string, Texts>;
export type Check = keyof typeof CHECKS;

/** What can be found: the check, how bad it is, and what to say, with what to do behind a line end. `{0}` is the first value. */
export const FINDINGS = {
  given: ["credentials", "ok", "{0}", "{0}"],
  missing: ["credentials", "problem", "{0}", "{0}"],
  malformed: ["credentials", "problem", "{0}", "{0}"],

  readable: ["private-key", "ok", "RSA, {0} bits", "RSA，{0} 位"],
  unreadable: ["private-key", "problem", "{0}", "{1}"],
  escaped: [
    "private-key",
    "warning",
    'it has \\n as two characters. These commands read that, the client does not.\nIn your program: pem.replaceAll("\\\\n", "\\n")',
    '换行写成了 \\n 两个字符。本命令能读，客户端不能。\n在程序里：pem.replaceAll("\\\\n", "\\n")',
  ],

  belongs: [
    "certificate",
    "ok",
    "belongs to the private key and the serial; until {0}",
    "与私钥、序列号相符；有效期至 {0}",
  ],
  "certificate-not-given": [
    "certificate",
    "skipped",
    "not given; the round trip shows whether key and serial fit.\nTo compare them here: --certificate-file apiclient_cert.pem",
    "未提供；密钥与序列号是否相符看签名往返。\n要在本地核对：--certificate-file apiclient_cert.pem",
  ],
  "certificate-unreadable": [
    "certificate",
    "problem",
    "{0} is no certificate.\nGive apiclient_cert.pem, from -----BEGIN CERTIFICATE----- on.",
    "{0} 不是证书。\n请提供 apiclient_cert.pem，从 -----BEGIN CERTIFICATE----- 开始。",
  ],
  "other-key": [
    "certificate",
    "problem",
    "it does not belong to the private key.\nTake apiclient_cert.pem and apiclient_key.pem of one download (商户平台 → API安全).",
    "与商户私钥不是一对。\napiclient_cert.pem 和 apiclient_key.pem 要取自同一次下载（商户平台 → API安全）。",
  ],
  "other-serial": [
    "certificate",
    "problem",
    "its serial is {0}, and another is configured.\nSet WECHATPAY_SERIAL_NO={0}",
    "它的序列号是 {0}，与配置的不同。\n请设置 WECHATPAY_SERIAL_NO={0}",
  ],
  "other-merchant": [
    "certificate",
    "problem",
    "it is of merchant {0}, and another mchid is configured.\nTake the mchid and the certificate of one merchant.",
    "它属于商户 {0}，与配置的商户号不同。\n商户号和证书要属于同一个商户。",
  ],
  "certificate-expired": [
    "certificate",
    "problem",
    "it was valid until {0}.\nApply for another (商户平台 → API安全), and replace key and serial together.",
    "已于 {0} 过期。\n请重新申请（商户平台 → API安全），私钥和序列号一起更换。",
  ],
  "certificate-expires": [
    "certificate",
    "warning",
    "it is valid until {0}, less than 30 days.\nApply for another (商户平台 → API安全), and replace key and serial together.",
    "有效期至 {0}，不足 30 天。\n请重新申请（商户平台 → API安全），私钥和序列号一起更换。",
  ],

  "api-v3-key-length": [
    "api-v3-key",
    "problem",
    "it has {0} bytes, and 32 without blanks are wanted.\nCopy it again, or set another one (商户平台 → API安全).",
    "它有 {0} 个字节，应为 32 个，不含空白。\n请重新复制，或另设一个（商户平台 → API安全）。",
  ],
  "api-v3-key-right": ["api-v3-key", "ok", "decrypts WeChat Pay's certificates", "能解密微信支付的证书"],
  "api-v3-key-wrong": [
    "api-v3-key",
    "problem",
    "it does not decrypt WeChat Pay's certificates: it is another merchant's, or was replaced.\nSet another one (商户平台 → API安全).",
    "不能解密微信支付的证书：是别的商户的，或已被更换。\n请另设一个（商户平台 → API安全）。",
  ],
  "api-v3-key-not-given": [
    "api-v3-key",
    "skipped",
    "not given; notifications and the download of certificates need it",
    "未提供；接收通知、下载证书需要它",
  ],
  "api-v3-key-unproven": [
    "api-v3-key",
    "skipped",
    "has 32 bytes; only a certificate or a notification can prove it, and there was none",
    "长度正确；只有证书或通知能验证它，这次没有",
  ],

  verifies: ["platform-keys", "ok", "the response is signed by {0}", "应答由 {0} 签名，验签通过"],
  "platform-keys-unreadable": ["platform-keys", "problem", "{0}", "{1}"],
  "unknown-id": [
    "platform-keys",
    "problem",
    "WeChat Pay does not know the key that is named for this merchant: {0}\nCompare WECHATPAY_PLATFORM_KEY_ID with 商户平台 → API安全.",
    "微信支付不认识这个商户的该密钥：{0}\n请与 商户平台 → API安全 核对 WECHATPAY_PLATFORM_KEY_ID。",
  ],
  "wrong-platform-key": [
    "platform-keys",
    "problem",
    "the response is signed by {0}, and the key of that name does not verify it.\nDownload pub_key.pem again (商户平台 → API安全): it is another's, or changed.",
    "应答由 {0} 签名，但所给的同名密钥验签失败。\n请重新下载 pub_key.pem（商户平台 → API安全）：它是别人的，或被改过。",
  ],
  "key-not-held": [
    "platform-keys",
    "problem",
    "the response is signed by {0}, which is not among the keys given.\nAdd it, or set WECHATPAY_API_V3_KEY, which downloads certificates.",
    "应答由 {0} 签名，不在所给的密钥之中。\n请补上它，或设置 WECHATPAY_API_V3_KEY 来下载证书。",
  ],
  "no-certificates": [
    "platform-keys",
    "problem",
    "this merchant has no platform certificates.\nGive the public key: WECHATPAY_PLATFORM_KEY_ID and WECHATPAY_PLATFORM_KEY.",
    "这个商户没有平台证书。\n请提供微信支付公钥：WECHATPAY_PLATFORM_KEY_ID 和 WECHATPAY_PLATFORM_KEY。",
  ],
  unlisted: [
    "platform-keys",
    "warning",
    "WeChat Pay no longer lists the certificate {0}.\nwechatpay certificates downloads those in force.",
    "微信支付的证书列表里已没有 {0}。\n用 wechatpay certificates 下载现用的证书。",
  ],

  answers: ["server", "ok", "{0} answers, {1} ms", "{0} 有应答，{1} 毫秒"],
  unreachable: [
    "server",
    "problem",
    "{0} cannot be reached: {1}.\nCheck DNS, firewall and proxy. For the sandbox: is it running, on that port?",
    "无法连接 {0}：{1}。\n请检查 DNS、防火墙和代理。若是沙箱：它在运行吗，端口对吗？",
  ],
  "not-wechat-pay": [
    "server",
    "problem",
    "{0} answered, but not with WeChat Pay's signature ({1}).\nSomebody else answers there, or a proxy takes the Wechatpay- headers away.",
    "{0} 的应答没有微信支付的签名（{1}）。\n应答的不是微信支付，或代理去掉了 Wechatpay- 开头的应答头。",
  ],

  "clock-right": ["clock", "ok", "{0} s off", "相差 {0} 秒"],
  "clock-near": [
    "clock",
    "warning",
    "{0} s off; at 300 s every call fails.\nLet the system set its clock (NTP).",
    "相差 {0} 秒；达到 300 秒时所有调用都会失败。\n请让系统自动校时（NTP）。",
  ],
  "clock-ahead": [
    "clock",
    "problem",
    "this machine is {0} s ahead of the server, and 300 s are allowed.\nLet the system set its clock (NTP).",
    "本机比服务器快 {0} 秒，只允许 300 秒。\n请让系统自动校时（NTP）。",
  ],
  "clock-behind": [
    "clock",
    "problem",
    "this machine is {0} s behind the server, and 300 s are allowed.\nLet the system set its clock (NTP).",
    "本机比服务器慢 {0} 秒，只允许 300 秒。\n请让系统自动校时（NTP）。",
  ],
  "clock-unknown": ["clock", "skipped", "the server did not say its time", "服务器没有给出时间"],

  accepted: [
    "round-trip",
    "ok",
    "GET /v3/certificates: signed, accepted, verified",
    "GET /v3/certificates：签名被接受，应答验签通过",
  ],
  "accepted-none": [
    "round-trip",
    "ok",
    "GET /v3/certificates: signed and accepted; this merchant has a public key and no certificates",
    "GET /v3/certificates：签名被接受；这个商户只有公钥，没有平台证书",
  ],
  "wrong-mchid": [
    "round-trip",
    "problem",
    "WeChat Pay does not know the merchant: {0}\nWECHATPAY_MCHID must be the caller's own number: a service provider's own, not a sub-merchant's.",
    "微信支付不认识这个商户号：{0}\nWECHATPAY_MCHID 应为调用方自己的商户号：服务商用自己的，不用特约商户的。",
  ],
  "wrong-serial": [
    "round-trip",
    "problem",
    "the merchant has no certificate of that serial: {0}\nopenssl x509 -in apiclient_cert.pem -noout -serial prints the right one.",
    "该商户没有这个序列号的证书：{0}\n用 openssl x509 -in apiclient_cert.pem -noout -serial 查看正确的序列号。",
  ],
  "wrong-signature": [
    "round-trip",
    "problem",
    "the signature is refused: {0}\nMost likely the private key is not that of the serial: take both of one download.",
    "签名被拒绝：{0}\n多半是私钥与序列号不是一对：两者要取自同一次下载。",
  ],
  "not-accepted-clock": ["round-trip", "problem", "not accepted, because of the clock", "未被接受，原因是时钟"],
  refused: ["round-trip", "problem", "WeChat Pay refused: {0}", "微信支付拒绝：{0}"],
  "not-sent": ["round-trip", "skipped", "not sent: mend what is above first", "没有发出：请先解决上面的问题"],
} as const satisfies Record<string, readonly [Check, Status, en: string, zh: string]>;
export type Code = keyof typeof FINDINGS;

/** What was found, with what goes into its words. */
export type Finding = readonly [code: Code, ...values: (string | number)[]];

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
