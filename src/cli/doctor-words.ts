import type { Texts } from "./command.js";
import { ROUND_TRIP } from "./round-trip-words.js";

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
  ...ROUND_TRIP,
} as const satisfies Record<string, readonly [Check, Status, en: string, zh: string]>;
export type Code = keyof typeof FINDINGS;

/** What was found, with what goes into its words. */
export type Finding = readonly [code: Code, ...values: (string | number)[]];
