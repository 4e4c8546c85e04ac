import { fromBase64, fromUtf8, parseJson, toBase64, toUtf8 } from "../bytes.js";
import { isWellFormed } from "../checks.js";
import { encryptOaep, keyOf, type RsaAlgorithm } from "../crypto.js";
import { EncryptionError, type EncryptionReason, KeyError } from "../errors.js";
import { placesIn, replaceAt } from "../json-pointer.js";
import type { MerchantKey } from "../keys/merchant-key.js";
import type { PlatformKey } from "../keys/platform-key.js";
import type { Call } from "../wire/call.js";

/** Makes the bytes of a body that takes longer than JSON, and the headers that go with them. */
export type Seal = () => Promise<Pick<Call, "body" | "covered" | "headers">>;

/** Finds a body's sensitive fields (敏感信息字段), to encrypt them later. Source: https://pay.weixin.qq.com/doc/v3/merchant/4013053257 */
export function sealFields(body: unknown, fields: readonly string[] = [], currentKey: () => Promise<PlatformKey>) {
  const places = placesIn(body, fields, refuse);
  const other = places.find(({ parent, name }) => !isWellFormed(parent[name]));
  if (other) refuse(other.pointer, "is no text, or has a lone surrogate in it", "not-text");
  const [first] = places;
  if (first === undefined) return undefined;
  return async (): ReturnType<Seal> => {
    const { spki, serial } = await currentKey().catch((cause) => {
      if (!(cause instanceof KeyError)) throw cause;
      return refuse(first.pointer, "cannot be encrypted: there is no platform key", "no-platform-key", cause);
    });
    const key = await keyOf(spki, "encrypt");
    const limit = (key.algorithm as unknown as RsaAlgorithm).modulusLength / 8 - 42;
    await replaceAt(places, async (value, field) => {
      const plaintext = toUtf8(value as string);
      const tooLong = `has ${plaintext.length} bytes in UTF-8, and at most ${limit} can be encrypted`;
      if (plaintext.length > limit) refuse(field, tooLong, "too-long");
      return toBase64(await encryptOaep(key, plaintext));
    });
    // The key that encrypts is the key that is named.
    return { body: toUtf8(JSON.stringify(body)), headers: serial ? { "wechatpay-serial": serial } : {} };
  };
}

/** A response's data with its sensitive fields decrypted: in place, or in its text, whose numbers keep their digits. */
export async function decryptFields(
  data: unknown,
  fields: readonly string[] = [],
  decrypt: MerchantKey["decrypt"],
  isText: boolean,
): Promise<unknown> {
  if (fields.length === 0 || data === undefined) return data;
  const json = isText ? parseJson(toUtf8(data as string)) : data;
  const plain = new Map<unknown, string>();
  await replaceAt(placesIn(json, fields, refuse), async (value, field) => {
    const wanted = "needs privateKey as PEM, or a decrypter beside the signer";
    if (decrypt === undefined) return refuse(field, wanted, "no-private-key");
    const ciphertext = fromBase64(value as string) ?? refuse(field, "is no base64", "decrypt-failed");
    try {
      const plaintext = await decrypt(ciphertext);
      if (plaintext === undefined) throw new TypeError("It is for another key.");
      plain.set(value, fromUtf8(plaintext));
    } catch (cause) {
      const likely = "cannot be decrypted. Likely cause: it is for another merchant API certificate";
      return refuse(field, likely, "decrypt-failed", cause);
    }
    return plain.get(value);
  });
  if (!isText) return json;
  // No two texts have one ciphertext. A base64 text may have \/ and \u002b in it.
  return (data as string).replace(/"(?:[\w+/=]|\\[/u])+"/g, (token) => {
    const text = plain.get(JSON.parse(token));
    return text === undefined ? token : JSON.stringify(text);
  });
}

function refuse(
  field: string,
  what = "is not what the spec says",
  reason: EncryptionReason = "unsupported",
  cause?: unknown,
): never {
  throw new EncryptionError(`${field || "The body"} ${what}.`, reason, field, cause);
}
