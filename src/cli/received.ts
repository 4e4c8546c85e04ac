import type { ErrorBody } from "../errors.js";
import type { ReceivedRequest, SandboxCredentials, Verdict } from "../sandbox/index.js";
import type { Language, Texts } from "./command.js";
import { paint, visible } from "./terminal.js";

/** A request as a line, and under it why it was refused, with the console's view of it. No query and no body: they may hold personal data. */
export function describe(
  request: ReceivedRequest,
  error: ErrorBody | undefined,
  language: Language,
  credentials: SandboxCredentials,
  link: string,
): string {
  const { method, path, status, verdict, fault } = request;
  const out = process.stdout;
  const time = out.isTTY ? `${paint(out, "dim", new Date().toLocaleTimeString("sv"))} ` : "";
  const colour = verdict === "accepted" && fault === undefined ? "green" : status < 400 ? "yellow" : "red";
  const judged = paint(out, colour, `${status} ${verdict}${fault ? ` (${fault})` : ""}`);
  const line = `${time}${visible(`${method} ${path.split("?", 1)[0]}`)} → ${judged}`;
  const why = whyRefused(request, error, language, credentials);
  return why === undefined ? line : `${line}\n  ${visible(why).replaceAll("\n", " ")} ${paint(out, "dim", link)}`;
}

function whyRefused(
  { verdict, signature }: ReceivedRequest,
  error: ErrorBody | undefined,
  language: Language,
  { mchid, serialNo }: SandboxCredentials,
): string | undefined {
  if (signature) return signature.cause[language];
  const { field, issue } = Object(error?.detail) as { field?: unknown; issue?: unknown };
  if (verdict === "invalid-parameter" && typeof issue === "string") return `${field}: ${issue}`;
  if (verdict === "business-error" || verdict === "sandbox-error") return error?.message;
  return REASONS[verdict]?.[language].replace("{mchid}", mchid).replace("{serialNo}", serialNo);
}

/** What to do, by verdict, where neither the signature nor the response says more. */
const REASONS: Partial<Record<Verdict, Texts>> = {
  "too-large": { en: "The body has more than 16 MiB.", zh: "请求体超过 16 MiB。" },
  "unknown-path": {
    en: "No operation has this path. Parameters in it must be percent-encoded.",
    zh: "没有这个路径的接口。路径参数要做百分号编码。",
  },
  "wrong-method": { en: "The path exists, with another method.", zh: "路径存在，但方法不对。" },
  "missing-header": {
    en: "The headers Accept and User-Agent must both be sent.",
    zh: "Accept 和 User-Agent 两个请求头都必须发送。",
  },
  "malformed-authorization": {
    en: "Authorization is missing or malformed. It begins with WECHATPAY2-SHA256-RSA2048.",
    zh: "请求头 Authorization 缺失，或格式不对。它以 WECHATPAY2-SHA256-RSA2048 开头。",
  },
  "unknown-mchid": {
    en: "mchid in Authorization must be {mchid} here.",
    zh: "这里 Authorization 中的 mchid 应为 {mchid}。",
  },
  "unknown-serial": {
    en: "serial_no in Authorization must be {serialNo} here. Keys are fresh at each start without --keys.",
    zh: "这里 Authorization 中的 serial_no 应为 {serialNo}。不用 --keys 时，每次启动都换新密钥。",
  },
  "clock-skew": {
    en: "The timestamp is more than 5 min off. It must be in seconds; if it is, set the clock.",
    zh: "时间戳相差超过 5 分钟。单位应为秒；若单位正确，请校准时钟。",
  },
  "unknown-platform-key": {
    en: "Wechatpay-Serial names neither the public key nor a certificate that is in force.",
    zh: "Wechatpay-Serial 不是有效的微信支付公钥ID 或平台证书序列号。",
  },
  "invalid-ciphertext": {
    en: "A sensitive field cannot be decrypted: RSA-OAEP with SHA-1, by the key that Wechatpay-Serial names, in base64.",
    zh: "敏感信息字段无法解密：应以 Wechatpay-Serial 指明的密钥做 RSA-OAEP（SHA-1）加密，再做 Base64 编码。",
  },
};
