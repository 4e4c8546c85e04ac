import { createPrivateKey, createPublicKey, type KeyObject, sign, verify, webcrypto } from "node:crypto";
import keys from "./keys.json" with { type: "json" };

/** An RSA key pair by node:crypto, which the client does not use. */
export interface TestKeys {
  privateKey: string;
  publicKey: string;
}

const der = (base64: string) => Buffer.from(base64, "base64");
const dealt = { test: 0, sandbox: 0 };

/** A pair that was made before: one takes 200 ms to make, and hundreds are needed. A test file gets each once. */
export function generateKeys(): TestKeys {
  const made = keys.test[dealt.test++];
  if (made === undefined) throw new Error(`A test file gets ${keys.test.length} keys: add some to keys.json.`);
  const privateKey = createPrivateKey({ key: der(made), format: "der", type: "pkcs8" });
  return { privateKey: pem(privateKey, "pkcs8"), publicKey: pem(createPublicKey(privateKey), "spki") };
}

/** What the sandbox's own function makes, of keys that were made before: never those of `generateKeys`, and the same again in the end. */
export async function generateKeyPair(): Promise<webcrypto.CryptoKeyPair> {
  const pkcs8 = der(keys.sandbox[dealt.sandbox++ % keys.sandbox.length] as string);
  const spki = createPublicKey({ key: pkcs8, format: "der", type: "pkcs8" } as never).export({
    type: "spki",
    format: "der",
  });
  const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  const [privateKey, publicKey] = await Promise.all([
    webcrypto.subtle.importKey("pkcs8", pkcs8, algorithm, true, ["sign"]),
    webcrypto.subtle.importKey("spki", spki, algorithm, true, ["verify"]),
  ]);
  return { privateKey, publicKey };
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
