import { type Bytes, fromBase64, toUtf8 } from "./bytes.js";

const { subtle } = crypto;

/** `CryptoKey`, by a name that is known without the DOM's types as well. */
export type Key = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

/** What a key says of itself, where it is RSA. */
export interface RsaAlgorithm {
  name: string;
  hash: { name: string };
  modulusLength: number;
}

const RSA = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
/** Of sensitive fields; MGF1 is with SHA-1 too. Source: https://pay.weixin.qq.com/doc/v3/merchant/4013053257 */
const OAEP = { name: "RSA-OAEP", hash: "SHA-1" };

/** Makes a key when it is first asked for, and then the same one; a failure is not kept. */
export function lazyKey(make: () => Promise<Key>): () => Promise<Key> {
  let key: Promise<Key> | undefined;
  return () => {
    key ??= make().catch((error) => {
      key = undefined;
      throw error;
    });
    return key;
  };
}

/** Imports a private key (PKCS#8 DER), which cannot be exported again. */
export const importSigningKey = (pkcs8: Bytes): Promise<Key> => subtle.importKey("pkcs8", pkcs8, RSA, false, ["sign"]);
export const importDecryptingKey = (pkcs8: Bytes): Promise<Key> =>
  subtle.importKey("pkcs8", pkcs8, OAEP, false, ["decrypt"]);

/** Imports a public key (SPKI DER). */
export const importVerifyingKey = (spki: Bytes): Promise<Key> => subtle.importKey("spki", spki, RSA, false, ["verify"]);
export const importEncryptingKey = (spki: Bytes): Promise<Key> =>
  subtle.importKey("spki", spki, OAEP, false, ["encrypt"]);

/** SHA-256 with RSA, PKCS#1 v1.5: the signature's bytes. */
export const sign = async (key: Key, message: Bytes): Promise<Bytes> =>
  new Uint8Array(await subtle.sign(RSA.name, key, message));

/** Whether `signature` is the key's signature of `message`. */
export const verify = (key: Key, signature: Bytes, message: Bytes): Promise<boolean> =>
  subtle.verify(RSA.name, key, signature, message);

/**
 * RSA-OAEP: as many bytes as the key has. It takes 42 bytes fewer: 214 with a key of 2048 bits.
 * @throws {DOMException} `OperationError` if there are more.
 */
export const encryptOaep = async (key: Key, plaintext: Bytes): Promise<Bytes> =>
  new Uint8Array(await subtle.encrypt(OAEP.name, key, plaintext));

/** What was encrypted for the key; `undefined` where the bytes are something else, or were encrypted for another key. */
export const decryptOaep = (key: Key, ciphertext: Bytes): Promise<Bytes | undefined> =>
  subtle.decrypt(OAEP.name, key, ciphertext).then(
    (plaintext) => new Uint8Array(plaintext),
    () => undefined,
  );

/** WeChat Pay's name for AES-256-GCM. Source: https://pay.weixin.qq.com/doc/v3/merchant/4012551764 */
export const AEAD = "AEAD_AES_256_GCM";

/** What encrypts and decrypts with the APIv3 key. */
export interface AeadParameters {
  /** The APIv3 key's 32 bytes; 16 make it AES-128-GCM, as in test data of other SDKs. */
  key: Bytes;
  /** 12 bytes in UTF-8; 16 are accepted as well. */
  nonce: string;
  /** Default none, which is the same as an empty text. */
  associatedData?: string | undefined;
}

/** The algorithm and the key of {@link AeadParameters}, for WebCrypto. */
export async function prepareAead({ key, nonce, associatedData = "" }: AeadParameters, usage: "encrypt" | "decrypt") {
  const iv = toUtf8(nonce);
  // Runtimes differ on other lengths, down to a crash in some SDKs.
  if (iv.length !== 12 && iv.length !== 16) throw new RangeError("An AEAD nonce has 12 or 16 bytes.");
  const algorithm = { name: "AES-GCM", iv, additionalData: toUtf8(associatedData) };
  return [algorithm, await subtle.importKey("raw", key, algorithm.name, false, [usage])] as const;
}

/**
 * Decrypts what WeChat Pay encrypted with the APIv3 key: certificates and notifications. `undefined` where the key, the nonce or the
 * base64 is malformed, or where anything was changed.
 *
 * @param ciphertext base64, the tag of 16 bytes at the end
 */
export async function decryptAead({
  ciphertext,
  ...parameters
}: AeadParameters & { ciphertext: string }): Promise<Bytes | undefined> {
  try {
    const [algorithm, key] = await prepareAead(parameters, "decrypt");
    return new Uint8Array(await subtle.decrypt(algorithm, key, fromBase64(ciphertext) as Bytes));
  } catch {
    return undefined;
  }
}
