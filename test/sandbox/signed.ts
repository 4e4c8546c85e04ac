import type { Sandbox, SandboxCredentials } from "wechatpay-openapi-fetch/sandbox";
import { signText, verifyText } from "../support/keys.js";

export const ORIGIN = "https://api.mch.weixin.qq.com";

/** What a request is made of; whatever is left out is right. */
export interface Parts {
  method?: string;
  /** Path and query as signed. */
  target?: string;
  /** As signed. */
  body?: string | Uint8Array;
  mchid?: string;
  serialNo?: string;
  /** Seconds; default now. */
  timestamp?: number | string;
  nonce?: string;
  privateKey?: string;
  /** The signature itself, instead of the one that `privateKey` makes. */
  signature?: string;
  /** Replaces headers; `null` takes one away. */
  headers?: Record<string, string | null>;
}

/** The headers of a signed request as any SDK sends them: written and signed here, with node:crypto, and not by our client. */
export function signedHeaders(
  credentials: Pick<SandboxCredentials, "mchid" | "serialNo" | "privateKey">,
  parts: Parts = {},
): Record<string, string> {
  const {
    method = "POST",
    target = "/",
    body = "",
    mchid = credentials.mchid,
    serialNo = credentials.serialNo,
    timestamp = Math.floor(Date.now() / 1000),
    nonce = "593BEC0C930BF1AFEB40B4A08C8FB242",
    privateKey = credentials.privateKey,
  } = parts;
  const message = Buffer.concat([
    Buffer.from(`${method}\n${target}\n${timestamp}\n${nonce}\n`),
    Buffer.from(body),
    Buffer.from("\n"),
  ]);
  const signature = parts.signature ?? signText(privateKey, message);
  const headers: Record<string, string | null> = {
    Accept: "application/json",
    "User-Agent": "test/1.0",
    "Content-Type": "application/json",
    Authorization: `WECHATPAY2-SHA256-RSA2048 mchid="${mchid}",nonce_str="${nonce}",signature="${signature}",timestamp="${timestamp}",serial_no="${serialNo}"`,
    ...parts.headers,
  };
  return Object.fromEntries(Object.entries(headers).filter((header): header is [string, string] => header[1] !== null));
}

/** Sends a signed request in process; `sent` is what arrives, where that differs from what was signed. */
export function send(
  to: Pick<Sandbox, "credentials" | "fetch" | "clock">,
  parts: Parts = {},
  sent: { method?: string; target?: string; body?: string | Buffer } = {},
): Promise<Response> {
  const { method = "POST", target = "/", body } = { ...parts, ...sent };
  const headers = signedHeaders(to.credentials, { timestamp: Math.floor(to.clock() / 1000), ...parts });
  return to.fetch(ORIGIN + target, { method, headers, ...(body && { body: body as string }) });
}

/** Whether there is any `Wechatpay-` header. */
export function isSigned({ headers }: Response): boolean {
  return [...headers.keys()].some((name) => name.startsWith("wechatpay-"));
}

/** Verifies a reply or a notification as WeChat Pay's documents say, with node:crypto over the raw bytes. */
export async function isVerified(message: Response | Request, publicKeyOrCertificate: string): Promise<boolean> {
  const { headers } = message;
  const head = `${headers.get("Wechatpay-Timestamp")}\n${headers.get("Wechatpay-Nonce")}\n`;
  const bytes = [Buffer.from(head), Buffer.from(await message.clone().arrayBuffer()), Buffer.from("\n")];
  return verifyText(publicKeyOrCertificate, Buffer.concat(bytes), headers.get("Wechatpay-Signature") ?? "");
}
