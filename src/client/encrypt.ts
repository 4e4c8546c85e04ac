import { fromBase64, fromUtf8, parseJson, toBase64, toUtf8 } from "../bytes.js";
import { isWellFormed, requireOption } from "../checks.js";
import { encryptOaep, keyOf, type RsaAlgorithm } from "../crypto.js";
import { EncryptionError, type EncryptionReason, KeyError } from "../errors.js";
import { type Place, placesIn, replaceAt } from "../json-pointer.js";
import type { MerchantKey } from "../keys/merchant-key.js";
import type { PlatformKey } from "../keys/platform-key.js";
import type { Call } from "../wire/call.js";
import { type Pair, pairsOf, withPairs } from "./url.js";

/**
 * Makes what a call sends where that takes longer than JSON: its bytes and its target, if they are others, and headers that go with them.
 * `named` is the key that the caller named in `Wechatpay-Serial`.
 */
export type Seal = (
  named?: string,
) => Promise<Partial<Pick<Call, "body" | "covered" | "target">> & Pick<Call, "headers">>;

/** What two of them make. */
export const both =
  (one: Seal, other: Seal): Seal =>
  async (named) => {
    const [a, b] = [await one(named), await other(named)];
    return { ...a, ...b, headers: { ...a.headers, ...b.headers } };
  };

/** What is encrypted of a request: JSON pointers into its body, and names of its query's parameters. */
type SealedFields = { readonly request?: readonly string[]; readonly query?: readonly string[] };

/** Where a request has sensitive fields. */
export function sensitivePlaces(body: unknown, pairs: Pair[], fields: SealedFields = {}, mismatch?: typeof refuse) {
  const { request = [], query = [] } = fields;
  const names = query.map(loosely);
  const marked = pairs.filter(({ name, value }) => names.includes(loosely(name)) && value !== "");
  const inQuery = Array.from(
    marked,
    (pair): Place => ({ parent: pair, name: "value", pointer: `params.query.${pair.name}` }),
  );
  return [...placesIn(body, request, mismatch), ...inQuery];
}

/** A name as a server may take it, though the spec has it otherwise: `Mobile`, `mobile[]`. */
const loosely = (name: unknown) => `${name}`.toLowerCase().replace(/\s|\[.*/g, "");

/** Finds a request's sensitive fields (敏感信息字段), to encrypt them later. Source: https://pay.weixin.qq.com/doc/v3/merchant/4013053257 */
export function sealFields(body: unknown, target: string, fields: SealedFields | undefined, keyFor: KeyFor) {
  const pairs = fields?.query ? pairsOf(target) : [];
  // Where a parameter begins here, servers differ, and so what would be encrypted.
  const unclear = pairs.some(({ name, text }) => name === undefined || /[;?]/.test(text));
  if (unclear) refuse("params.query", "has ; or ? or a name that is no UTF-8 in it: percent-encode it as UTF-8");
  const encrypt = encryptionOf(sensitivePlaces(body, pairs, fields, refuse), keyFor);
  if (encrypt === undefined) return undefined;
  return async (named?: string): ReturnType<Seal> => {
    // The key that encrypts is the key that is named.
    const headers = { "wechatpay-serial": await encrypt(named) };
    const made = body === undefined ? {} : { body: toUtf8(JSON.stringify(body)) };
    return { ...made, headers, target: pairs.length > 0 ? withPairs(target, pairs) : target };
  };
}

/** Encrypts what stands at places, and gives the serial of its key; `undefined` where there are none. */
function encryptionOf(places: Place[], keyFor: KeyFor) {
  const other = places.find(({ parent, name }) => !isWellFormed(parent[name]));
  if (other) refuse(other.pointer, "is no text, or has a lone surrogate in it", "not-text");
  const [first] = places;
  if (first === undefined) return undefined;
  return async (named?: string): Promise<string> => {
    const { spki, serial } = await keyFor(named).catch((cause) => {
      if (!(cause instanceof KeyError)) throw cause;
      return refuse(first.pointer, `cannot be encrypted: ${cause.message.slice(0, -1)}`, "no-platform-key", cause);
    });
    const key = await keyOf(spki, "encrypt");
    const limit = (key.algorithm as unknown as RsaAlgorithm).modulusLength / 8 - 42;
    await replaceAt(places, async (value, field) => {
      const plaintext = toUtf8(value as string);
      const tooLong = `has ${plaintext.length} bytes in UTF-8, and at most ${limit} can be encrypted`;
      if (plaintext.length > limit) refuse(field, tooLong, "too-long");
      return toBase64(await encryptOaep(key, plaintext));
    });
    return serial;
  };
}

type KeyFor = (named?: string) => Promise<PlatformKey>;

/** A text that WeChat Pay can decrypt. */
export interface EncryptedText {
  /** In base64. */
  ciphertext: string;
  /** The key that it is encrypted with, for the request's header `Wechatpay-Serial`. */
  serial: string;
}

/** Encrypts a text of its own, as a field of that name. */
export async function encryptText(text: unknown, keyFor: KeyFor): Promise<EncryptedText> {
  requireOption("text", typeof text === "string", "a text", text);
  const root = { text };
  const serial = await encryptionOf(placesIn(root, ["/text"]), keyFor)?.();
  // What is empty stays so, as a field does.
  return { ciphertext: root.text, serial: serial ?? (await keyFor()).serial };
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
