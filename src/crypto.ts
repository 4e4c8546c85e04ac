import { type Bytes, fromBase64, toUtf8 } from "./bytes.js";

/** `CryptoKey`, by a name that is known without the DOM's types as well. */
export type Key = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

/** The algorithm of an RSA CryptoKey. */
export type RsaAlgorithm = { name: string; hash: { name: string }; modulusLength: number };

const RSA = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
/** Of sensitive fields; MGF1 is with SHA-1 too. Source: https://pay.weixin.qq.com/doc/v3/merchant/4013053257 */
const OAEP = { name: "RSA-OAEP", hash: "SHA-1" };

/** What keys are for, and the DER that they are read from. */
const USES = {
  sign: ["pkcs8", RSA],
  verify: ["spki", RSA],
  encrypt: ["spki", OAEP],
  decrypt: ["pkcs8", OAEP],
} as const;

type Use = keyof typeof USES;

const imported = new WeakMap<Bytes, Partial<Record<Use, Promise<Key>>>>();

/** Imports a DER key when it is first needed (Node.js then loads WebCrypto) and caches it, not extractable. A failure is not cached. */
export async function keyOf(der: Bytes | Key, use: Use): Promise<Key> {
  if (!(der instanceof Uint8Array)) return der;
  const keys = imported.get(der) ?? {};
  imported.set(der, keys);
  const [format, algorithm] = USES[use];
  keys[use] ??= crypto.subtle.importKey(format, der, algorithm, false, [use]).catch((error) => {
    delete keys[use];
    throw error;
  });
  return keys[use];
}

/** SHA-256 with RSA, PKCS#1 v1.5: the signature's bytes. */
export async function sign(key: Bytes | Key, message: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.sign(RSA.name, await keyOf(key, "sign"), message));
}

/** Whether `signature` is the key's signature of `message`. */
export const verify = async (key: Bytes | Key, signature: Bytes, message: Bytes): Promise<boolean> =>
  crypto.subtle.verify(RSA.name, await keyOf(key, "verify"), signature, message);

/** RSA-OAEP, as many bytes as the key has. @throws {DOMException} `OperationError` for more than 42 bytes fewer: 214 with 2048 bits. */
export async function encryptOaep(key: Bytes | Key, plaintext: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.encrypt(OAEP.name, await keyOf(key, "encrypt"), plaintext));
}

/** What was encrypted for the key; `undefined` where the bytes are something else, or were encrypted for another key. */
export async function decryptOaep(key: Bytes | Key, ciphertext: Bytes): Promise<Bytes | undefined> {
  const plaintext = crypto.subtle.decrypt(OAEP.name, await keyOf(key, "decrypt"), ciphertext);
  return plaintext.then((bytes) => new Uint8Array(bytes)).catch(() => undefined);
}

/** WeChat Pay's name for AES-256-GCM. Source: https://pay.weixin.qq.com/doc/v3/merchant/4012551764 */
export const AEAD = "AEAD_AES_256_GCM";

/** The APIv3 key's 32 bytes (16 make it AES-128-GCM, as in test data of other SDKs), and a nonce of 12 or 16 bytes in UTF-8. */
export type AeadParameters = { key: Bytes; nonce: string; associatedData?: string | null | undefined };

/** What WeChat Pay encrypted, in base64 with the tag of 16 bytes at its end. `undefined` if it is malformed, or anything was changed. */
export async function decryptAead({ key, ciphertext, ...parameters }: AeadParameters & { ciphertext: string }) {
  try {
    const algorithm = aesGcm(parameters);
    const aesKey = await crypto.subtle.importKey("raw", key, algorithm.name, false, ["decrypt"]);
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, aesKey, fromBase64(ciphertext) as Bytes));
  } catch {
    return undefined;
  }
}

/** AES-GCM for WebCrypto. Runtimes differ on other lengths of the nonce, down to a crash in some SDKs. */
export function aesGcm({ nonce, associatedData }: Omit<AeadParameters, "key">) {
  const iv = toUtf8(nonce);
  if (iv.length !== 12 && iv.length !== 16) throw new RangeError("nonce: 12 or 16 bytes");
  return { name: "AES-GCM", iv, additionalData: toUtf8(associatedData ?? "") };
}
