import type { Bytes } from "../bytes.js";
import { requireOption } from "../checks.js";
import {
  decryptOaep,
  importDecryptingKey,
  importSigningKey,
  type Key,
  lazyKey,
  type RsaAlgorithm,
  sign,
} from "../crypto.js";
import { KeyError } from "../errors.js";
import { readPrivateKey } from "./pem.js";

/** Makes signatures where the private key is out of reach (KMS, HSM): SHA-256 with RSA, PKCS#1 v1.5, over `message`. */
export type Signer = (message: Bytes) => Promise<Uint8Array>;

/** Decrypts where the private key is out of reach (KMS, HSM): RSA-OAEP with SHA-1 and MGF1-SHA-1. */
export type Decrypter = (ciphertext: Bytes) => Promise<Uint8Array>;

type PrivateKey = string | Key | undefined;

/**
 * Signs with `privateKey`, or by `signer`.
 * @throws {TypeError} unless exactly one of them is given.
 * @throws {KeyError} if `privateKey` is no RSA private key.
 */
export function createSigner(privateKey: PrivateKey, signer: Signer | undefined): Signer {
  if ((privateKey === undefined) === (signer === undefined)) {
    throw new TypeError(
      "privateKey or signer, exactly one of them, is required: the text of apiclient_key.pem, or a function that signs.",
    );
  }
  if (signer !== undefined) {
    return async (message) => {
      const signature = await signer(message);
      const fits = signature instanceof Uint8Array && signature.length > 0;
      requireOption("signer", fits, "a function that resolves to the signature's bytes, a Uint8Array", signature);
      return signature;
    };
  }
  if (isCryptoKey(privateKey)) {
    checkCryptoKey(privateKey);
    return (message) => sign(privateKey, message);
  }
  const pkcs8 = readPrivateKey(privateKey as string, "privateKey");
  const key = lazyKey(() => importSigningKey(pkcs8));
  return async (message) => sign(await key(), message);
}

/** Decrypts with `privateKey` where it is a PEM, or by `decrypter`; `undefined` where neither can. */
export function createDecrypter(privateKey: PrivateKey, decrypter: Decrypter | undefined): Decrypter | undefined {
  if (decrypter !== undefined || typeof privateKey !== "string") return decrypter;
  // Read when a field first comes encrypted: createSigner has shown that it can be.
  const key = lazyKey(() => importDecryptingKey(readPrivateKey(privateKey, "privateKey")));
  return async (ciphertext) => {
    const plaintext = await decryptOaep(await key(), ciphertext);
    if (plaintext === undefined) throw new TypeError("It was not encrypted for this key.");
    return plaintext;
  };
}

// By shape: in Deno, Bun and tests a key may come from another realm's class.
function isCryptoKey(value: PrivateKey): value is Key {
  return typeof value === "object" && value !== null && "algorithm" in value && "usages" in value;
}

function checkCryptoKey({ type, usages, algorithm }: Key): void {
  const { name, hash, modulusLength } = algorithm as unknown as RsaAlgorithm;
  const isRsa = name === "RSASSA-PKCS1-v1_5" && hash.name === "SHA-256" && modulusLength >= 2048;
  if (isRsa && type === "private" && usages.includes("sign")) return;
  throw new KeyError(
    `privateKey is a CryptoKey for ${name} (${type}; ${usages.join(", ") || "no usages"}). Wanted: a private RSASSA-PKCS1-v1_5 key with SHA-256, 2048 bits or more, imported with the usage "sign".`,
    name?.startsWith("RSA") ? "wrong-usage" : "not-rsa",
    "privateKey",
  );
}
