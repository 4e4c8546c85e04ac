import type { Bytes } from "../protocol/message.js";
import { toBase64 } from "../protocol/rsa.js";

/** A fresh RSA-2048 pair for SHA-256 signatures. */
export async function generateKeyPair(): Promise<CryptoKeyPair> {
  const algorithm = {
    name: "RSASSA-PKCS1-v1_5",
    hash: "SHA-256",
    modulusLength: 2048,
    publicExponent: Uint8Array.of(1, 0, 1),
  };
  return crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}

/** A key as PEM: PKCS#8 for a private key, SPKI for a public one. */
export async function toPem(key: CryptoKey): Promise<string> {
  const [label, format] =
    key.type === "private" ? (["PRIVATE KEY", "pkcs8"] as const) : (["PUBLIC KEY", "spki"] as const);
  const base64 = toBase64(new Uint8Array(await crypto.subtle.exportKey(format, key)));
  return `-----BEGIN ${label}-----\n${base64.replace(/.{64}(?=.)/g, "$&\n")}\n-----END ${label}-----\n`;
}

/** Random bytes in upper-case hex. */
export function randomHex(bytes: number): string {
  return hex(crypto.getRandomValues(new Uint8Array(bytes)));
}

function hex(bytes: Bytes): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"))
    .join("")
    .toUpperCase();
}
