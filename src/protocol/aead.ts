import type { Bytes } from "./message.js";
import { fromBase64, toBase64 } from "./rsa.js";

/** How WeChat Pay calls AES-256-GCM. Source: https://pay.weixin.qq.com/doc/v3/merchant/4012551764 */
export const AEAD = "AEAD_AES_256_GCM";

const encoder = new TextEncoder();

interface Parameters {
  /** The APIv3 key's 32 bytes; 16 make it AES-128-GCM, as in test data of other SDKs. */
  key: Bytes;
  /** 12 bytes in UTF-8; 16 are taken as well. */
  nonce: string;
  /** Default none, which is the same as an empty text. */
  associatedData?: string | undefined;
}

/**
 * What WeChat Pay encrypted with the APIv3 key: certificates and notifications. `undefined` where the key, the nonce or the base64 is
 * malformed, or where anything is not as it was encrypted.
 *
 * @param ciphertext base64, the tag of 16 bytes at the end
 */
export async function decryptAead({
  ciphertext,
  ...parameters
}: Parameters & { ciphertext: string }): Promise<Bytes | undefined> {
  const bytes = fromBase64(ciphertext);
  if (bytes === undefined) return undefined;
  try {
    const [key, algorithm] = await prepare(parameters, "decrypt");
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, key, bytes));
  } catch {
    return undefined;
  }
}

/** The reverse of {@link decryptAead}, as WeChat Pay does it: base64, the tag at the end. */
export async function encryptAead({ plaintext, ...parameters }: Parameters & { plaintext: Bytes }): Promise<string> {
  const [key, algorithm] = await prepare(parameters, "encrypt");
  return toBase64(new Uint8Array(await crypto.subtle.encrypt(algorithm, key, plaintext)));
}

async function prepare({ key, nonce, associatedData = "" }: Parameters, usage: "encrypt" | "decrypt") {
  const iv = encoder.encode(nonce);
  // Runtimes differ on other lengths, down to a crash in some SDKs.
  if (iv.length !== 12 && iv.length !== 16) throw new RangeError("An AEAD nonce has 12 or 16 bytes.");
  const name = "AES-GCM";
  const algorithm = { name, iv, additionalData: encoder.encode(associatedData), tagLength: 128 };
  return [await crypto.subtle.importKey("raw", key, name, false, [usage]), algorithm] as const;
}
