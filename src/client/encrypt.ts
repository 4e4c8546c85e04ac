import { fromBase64, fromUtf8, toBase64, toUtf8 } from "../bytes.js";
import { encryptOaep, keyOf, type RsaAlgorithm } from "../crypto.js";
import { EncryptionError, type EncryptionReason, KeyError } from "../errors.js";
import { replaceAt } from "../json-pointer.js";
import type { MerchantKey } from "../keys/merchant-key.js";
import type { PlatformKey } from "../keys/platform-key.js";

/**
 * Encrypts the sensitive fields (敏感信息字段) of a request's body, all with one platform key. What was given stays as it is.
 * Source: https://pay.weixin.qq.com/doc/v3/merchant/4013053257
 *
 * @returns the body as sent, and the key's serial, to be named in `Wechatpay-Serial`; no serial where nothing was encrypted
 */
export async function encryptFields(
  given: unknown,
  fields: readonly string[] = [],
  currentKey: () => Promise<PlatformKey>,
): Promise<{ body: unknown; serial: string | undefined }> {
  let platformKey: Promise<PlatformKey> | undefined;
  const encrypt = async (value: unknown, field: string) => {
    if (typeof value !== "string") refuse(field, "is no text", "not-text");
    platformKey ??= currentKey().catch((cause) => {
      if (!(cause instanceof KeyError)) throw cause;
      return refuse(field, "cannot be encrypted: there is no platform key", "no-platform-key", cause);
    });
    const key = await keyOf((await platformKey).spki, "encrypt");
    const plaintext = toUtf8(value);
    const limit = (key.algorithm as unknown as RsaAlgorithm).modulusLength / 8 - 42;
    const tooLong = `has ${plaintext.length} bytes in UTF-8, and at most ${limit} can be encrypted`;
    if (plaintext.length > limit) refuse(field, tooLong, "too-long");
    return toBase64(await encryptOaep(key, plaintext));
  };
  const body = await replaceAt(given, fields, encrypt, refuse);
  return { body, serial: (await platformKey)?.serial };
}

/** Decrypts the sensitive fields of a response's data. */
export function decryptFields(data: unknown, fields: readonly string[] = [], decrypt: MerchantKey["decrypt"]) {
  const decryptField = async (value: unknown, field: string) => {
    const advice = "cannot be decrypted: give privateKey as PEM, or a decrypter beside the signer";
    if (decrypt === undefined) return refuse(field, advice, "no-private-key");
    const ciphertext = fromBase64(value as string) ?? refuse(field, "is no base64", "decrypt-failed");
    try {
      const plaintext = await decrypt(ciphertext);
      if (plaintext === undefined) throw new TypeError("It is for another key.");
      return fromUtf8(plaintext);
    } catch (cause) {
      const likely = "cannot be decrypted. Likely cause: it is for another merchant API certificate";
      return refuse(field, likely, "decrypt-failed", cause);
    }
  };
  return replaceAt(data, fields, decryptField, refuse);
}

function refuse(
  field: string,
  what = "is not of the form in the spec",
  reason: EncryptionReason = "unsupported",
  cause?: unknown,
): never {
  throw new EncryptionError(`${field || "The body"} ${what}.`, reason, field, cause);
}
