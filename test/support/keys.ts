import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";

/** An RSA key pair by node:crypto, which the client does not use. */
export interface TestKeys {
  privateKey: string;
  publicKey: string;
}

export function generateKeys(): TestKeys {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { privateKey: pem(privateKey, "pkcs8"), publicKey: pem(publicKey, "spki") };
}

function pem(key: KeyObject, type: "pkcs8" | "spki"): string {
  return String(key.export({ type, format: "pem" } as never));
}

/** A signature as WeChat Pay makes it, in base64. */
export function signText(privateKey: string, text: string | Uint8Array): string {
  return sign("sha256", Buffer.from(text), createPrivateKey(privateKey)).toString("base64");
}

export function verifyText(publicKey: string, text: string | Uint8Array, signature: string): boolean {
  return verify("sha256", Buffer.from(text), createPublicKey(publicKey), Buffer.from(signature, "base64"));
}
