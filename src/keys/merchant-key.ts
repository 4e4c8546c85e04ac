import type { Bytes } from "../bytes.js";
import { requireOption } from "../checks.js";
import { decryptOaep, type Key, type RsaAlgorithm, sign } from "../crypto.js";
import { KeyError } from "../errors.js";
import { readPrivateKey } from "./pem.js";

/** Makes signatures where the private key is out of reach (KMS, HSM): SHA-256 with RSA, PKCS#1 v1.5, over `message`. */
export type Signer = (message: Bytes) => Promise<Uint8Array>;

/** Decrypts where the private key is out of reach (KMS, HSM): RSA-OAEP with SHA-1 and MGF1-SHA-1. */
export type Decrypter = (ciphertext: Bytes) => Promise<Uint8Array>;

/** Signs and decrypts, by the private key or the caller's functions; `undefined` for bytes that are for another key. */
export type MerchantKey = {
  sign: Signer;
  decrypt: ((ciphertext: Bytes) => Promise<Uint8Array | undefined>) | undefined;
};

/** Reads the private key, or takes those who have it: exactly one of `privateKey` and `signer`. */
export function readMerchantKey(privateKey?: string | Key, signer?: Signer, decrypter?: Decrypter): MerchantKey {
  if ((privateKey === undefined) === (signer === undefined)) {
    throw new TypeError(
      `privateKey or signer, exactly one of them, is required; given: ${signer ? "both" : "neither"}.`,
    );
  }
  if (signer !== undefined) {
    const wanted = "a function that resolves to a Uint8Array";
    const checked: Signer = async (message) => {
      const signature = await signer(message);
      requireOption("signer", signature instanceof Uint8Array && signature.length > 0, wanted, signature);
      return signature;
    };
    return { sign: checked, decrypt: decrypter };
  }
  if (isCryptoKey(privateKey)) {
    requireSigningKey(privateKey);
    return { sign: (message) => sign(privateKey, message), decrypt: decrypter };
  }
  const pkcs8 = readPrivateKey(privateKey as string, "privateKey");
  return { sign: (message) => sign(pkcs8, message), decrypt: decrypter ?? ((bytes) => decryptOaep(pkcs8, bytes)) };
}

// By shape: in Deno, Bun and tests a key may come from another realm's class.
function isCryptoKey(value: string | Key | undefined): value is Key {
  return typeof value === "object" && value !== null && "algorithm" in value && "usages" in value;
}

function requireSigningKey({ type, usages, algorithm }: Key): void {
  const { name, hash, modulusLength } = algorithm as unknown as RsaAlgorithm;
  const isRsa = name === "RSASSA-PKCS1-v1_5" && hash.name === "SHA-256" && modulusLength >= 2048;
  if (isRsa && type === "private" && usages.includes("sign")) return;
  const message = `privateKey is a CryptoKey (${type}, ${name}, ${usages}), not to sign with RSASSA-PKCS1-v1_5 and SHA-256.`;
  throw new KeyError(message, name?.startsWith("RSA") ? "wrong-usage" : "not-rsa", "privateKey");
}
