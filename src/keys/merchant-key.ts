import type { Bytes } from "../bytes.js";
import { requireOption } from "../checks.js";
import { decryptOaep, type Key, type RsaAlgorithm, sign } from "../crypto.js";
import { KeyError } from "../errors.js";
import { readPrivateKey } from "./pem.js";

/** Makes signatures where the private key is out of reach (KMS, HSM): SHA-256 with RSA, PKCS#1 v1.5, over `message`. */
export type Signer = (message: Bytes) => Promise<Uint8Array>;

/** Decrypts where the private key is out of reach (KMS, HSM): RSA-OAEP with SHA-1 and MGF1-SHA-1. */
export type Decrypter = (ciphertext: Bytes) => Promise<Uint8Array>;

/** What the merchant's private key does, or those who have it. */
export interface MerchantKey {
  sign: Signer;
  /** Absent where nobody can. */
  decrypt: Decrypter | undefined;
}

/**
 * Reads the private key, or takes those who have it.
 * @throws {TypeError} unless exactly one of `privateKey` and `signer` is given.
 * @throws {KeyError} if `privateKey` is no RSA private key.
 */
export function readMerchantKey(
  privateKey: string | Key | undefined,
  signer: Signer | undefined,
  decrypter: Decrypter | undefined,
): MerchantKey {
  if ((privateKey === undefined) === (signer === undefined)) {
    throw new TypeError(
      "privateKey or signer, exactly one of them, is required: the text of apiclient_key.pem, or a function.",
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
  const decrypt: Decrypter = async (ciphertext) => {
    const plaintext = await decryptOaep(pkcs8, ciphertext);
    if (plaintext === undefined) throw new TypeError("It was not encrypted for this key.");
    return plaintext;
  };
  return { sign: (message) => sign(pkcs8, message), decrypt: decrypter ?? decrypt };
}

// By shape: in Deno, Bun and tests a key may come from another realm's class.
function isCryptoKey(value: string | Key | undefined): value is Key {
  return typeof value === "object" && value !== null && "algorithm" in value && "usages" in value;
}

function requireSigningKey({ type, usages, algorithm }: Key): void {
  const { name, hash, modulusLength } = algorithm as unknown as RsaAlgorithm;
  const isRsa = name === "RSASSA-PKCS1-v1_5" && hash.name === "SHA-256" && modulusLength >= 2048;
  if (isRsa && type === "private" && usages.includes("sign")) return;
  const message = `privateKey is a CryptoKey for ${name} (${type}; ${usages}). Wanted: a private key for RSASSA-PKCS1-v1_5 with SHA-256, 2048 bits or more, and the usage "sign".`;
  throw new KeyError(message, name?.startsWith("RSA") ? "wrong-usage" : "not-rsa", "privateKey");
}
