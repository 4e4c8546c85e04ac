import { fromBase64, fromUtf8, toBase64, toUtf8 } from "../../bytes.js";
import { encryptOaep, type Key } from "../../crypto.js";
import { copyJson, placesIn, replaceAt } from "../../json-pointer.js";
import type { Why } from "../reasons/words.js";
import type { Ciphertext } from "./ciphertext-mistakes.js";
import type { PlatformKeyPair } from "./platform.js";
import { Refusal } from "./refusals.js";

/**
 * The body of a request with its sensitive fields as plain text. One that cannot be decrypted stays as it is, and is refused.
 * @param key what `Wechatpay-Serial` names; absent where it names none
 */
export async function decryptFields(
  body: unknown,
  pointers: readonly string[],
  key: PlatformKeyPair | undefined,
  explain: (ciphertext: Ciphertext) => Promise<Why>,
): Promise<{ plain: unknown; refusal?: Refusal }> {
  // In the order of the fields, whichever is decrypted first.
  const failed: Ciphertext[] = [];
  let count = 0;
  const plain = await changeTexts(body, pointers, async (text, pointer) => {
    const index = count++;
    const ciphertext = fromBase64(text);
    const plaintext = ciphertext && (await key?.decrypt(ciphertext));
    if (plaintext !== undefined) return fromUtf8(plaintext);
    failed[index] = { text, pointer, key };
    return text;
  });
  const wrong = failed.find(Boolean);
  if (wrong === undefined) return { plain };
  const reply = {
    status: 400,
    body: { code: "PARAM_ERROR", message: "请确认待处理的消息是否为加密后的密文" },
    signed: true,
  };
  return { plain, refusal: new Refusal("invalid-ciphertext", reply, await explain(wrong)) };
}

/** The body of a reply with its sensitive fields encrypted for the merchant. */
export function encryptFields(body: unknown, pointers: readonly string[], key: Key): Promise<unknown> {
  return changeTexts(body, pointers, async (text) => toBase64(await encryptOaep(key, toUtf8(text))));
}

/** Other values than texts stay as they are: the spec refuses them. */
async function changeTexts(
  body: unknown,
  pointers: readonly string[],
  change: (text: string, pointer: string) => Promise<string>,
): Promise<unknown> {
  const changed = copyJson(body);
  await replaceAt(placesIn(changed, pointers), async (value, pointer) =>
    typeof value === "string" ? change(value, pointer) : value,
  );
  return changed;
}
