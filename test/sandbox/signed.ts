import type { SandboxCredentials } from "wechatpay-openapi-fetch/sandbox";
import { signText } from "../support/keys.js";

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
export function signedHeaders(credentials: SandboxCredentials, parts: Parts = {}): Record<string, string> {
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
