import { fromBase64, fromUtf8, toBase64, toUtf8 } from "../bytes.js";
import { encryptOaep, keyOf, type RsaAlgorithm } from "../crypto.js";
import { EncryptionError, KeyError } from "../errors.js";
import { replaceAt } from "../json-pointer.js";
import type { Decrypter } from "../keys/merchant-key.js";
import type { PlatformKey } from "../keys/platform-key.js";

/**
 * Encrypts the sensitive fields (敏感信息字段) of a request's body, all with one platform key. What was given stays as it is.
 * Source: https://pay.weixin.qq.com/doc/v3/merchant/4013053257
 *
 * @returns the body as sent, and the key's serial, to be named in `Wechatpay-Serial`; no serial where nothing was encrypted
 */
export async function encryptFields(
  body: unknown,
  fields: readonly string[] | undefined,
  currentKey: () => Promise<PlatformKey>,
): Promise<{ body: unknown; serial?: string }> {
  if (fields === undefined || body === undefined) return { body };
  let key: Promise<PlatformKey> | undefined;
  const encrypt = async (value: unknown, field: string) => {
    if (typeof value !== "string") {
      const message = `${field} is a sensitive field and must be a text, but was ${typeof value}.`;
      throw new EncryptionError(message, "not-text", field);
    }
    key ??= currentKey();
    return encryptField(value, field, await key.catch((cause) => refuseWithoutKey(cause, field)));
  };
  const encrypted = await replaceAt(body, fields, encrypt, refuseMismatch);
  return key === undefined ? { body: encrypted } : { body: encrypted, serial: (await key).serial };
}

async function encryptField(value: string, field: string, platformKey: PlatformKey): Promise<string> {
  const plaintext = toUtf8(value);
  const key = await keyOf(platformKey.spki, "encrypt");
  const limit = (key.algorithm as unknown as RsaAlgorithm).modulusLength / 8 - 42;
  if (plaintext.length <= limit) return toBase64(await encryptOaep(key, plaintext));
  const message = `${field} has ${plaintext.length} bytes in UTF-8, and at most ${limit} can be encrypted.`;
  throw new EncryptionError(message, "too-long", field);
}

function refuseWithoutKey(cause: unknown, field: string): never {
  if (!(cause instanceof KeyError)) throw cause;
  throw new EncryptionError(
    `${field} cannot be encrypted, for there is no platform key.`,
    "no-platform-key",
    field,
    cause,
  );
}

function refuseMismatch(field: string): never {
  const message = `${field || "The body"} is not what the spec says, so its sensitive fields cannot be found.`;
  throw new EncryptionError(message, "unsupported", field);
}

/** Decrypts the sensitive fields of a response's data. */
export async function decryptFields(
  data: unknown,
  fields: readonly string[] | undefined,
  decrypt: Decrypter | undefined,
): Promise<unknown> {
  if (fields === undefined) return data;
  return replaceAt(data, fields, (value, field) => decryptField(value, field, decrypt), refuseMismatch);
}

async function decryptField(value: unknown, field: string, decrypt: Decrypter | undefined): Promise<string> {
  if (decrypt === undefined) {
    const advice = "Give privateKey as PEM, or a decrypter beside the signer.";
    const message = `${field} came encrypted for the merchant's private key. ${advice}`;
    throw new EncryptionError(message, "no-private-key", field);
  }
  try {
    const ciphertext = typeof value === "string" ? fromBase64(value) : undefined;
    if (ciphertext === undefined) throw new TypeError("It is not base64.");
    return fromUtf8(await decrypt(ciphertext));
  } catch (cause) {
    const message = `${field} cannot be decrypted. Likely cause: it was encrypted for another merchant API certificate than serialNo's.`;
    throw new EncryptionError(message, "decrypt-failed", field, cause);
  }
}
