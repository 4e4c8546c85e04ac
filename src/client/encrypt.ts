import { fromBase64, fromUtf8, toBase64, toUtf8 } from "../bytes.js";
import { encryptOaep, keyOf, type RsaAlgorithm } from "../crypto.js";
import { EncryptionError, type EncryptionReason, KeyError } from "../errors.js";
import { replaceAt } from "../json-pointer.js";
import type { MerchantKey } from "../keys/merchant-key.js";
import type { PlatformKey } from "../keys/platform-key.js";

type Fields = readonly string[] | undefined;

/**
 * The body of a request with its sensitive fields (敏感信息字段) encrypted, all with one platform key, and that key's serial for
 * `Wechatpay-Serial`; none where nothing was encrypted. Source: https://pay.weixin.qq.com/doc/v3/merchant/4013053257
 */
export async function encryptFields(given: unknown, fields: Fields, currentKey: () => Promise<PlatformKey>) {
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
  const body = await replaceAt(given, fields ?? [], encrypt, refuse);
  return { body, serial: (await platformKey)?.serial };
}

/** Decrypts the sensitive fields of a response's data. */
export function decryptFields(data: unknown, fields: Fields, decrypt: MerchantKey["decrypt"]) {
  const decryptField = async (value: unknown, field: string) => {
    const wanted = "needs privateKey as PEM, or a decrypter beside the signer";
    if (decrypt === undefined) return refuse(field, wanted, "no-private-key");
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
  return replaceAt(data, fields ?? [], decryptField, refuse);
}

function refuse(
  field: string,
  what = "is not what the spec says",
  reason: EncryptionReason = "unsupported",
  cause?: unknown,
): never {
  throw new EncryptionError(`${field || "The body"} ${what}.`, reason, field, cause);
}
