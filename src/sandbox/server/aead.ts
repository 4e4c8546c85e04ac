import { type Bytes, toBase64, toUtf8 } from "../../bytes.js";
import { AEAD, type AeadParameters, aesGcm } from "../../crypto.js";
import { randomHex } from "./keys.js";

/** The reverse of `decryptAead`, as WeChat Pay does it: base64, the tag at the end. */
export async function encryptAead({
  plaintext,
  ...parameters
}: AeadParameters & { plaintext: Bytes }): Promise<string> {
  const algorithm = aesGcm(parameters);
  const key = await crypto.subtle.importKey("raw", parameters.key, algorithm.name, false, ["encrypt"]);
  return toBase64(new Uint8Array(await crypto.subtle.encrypt(algorithm, key, plaintext)));
}

/** A text encrypted with the APIv3 key, in the form that certificates and notifications have. */
export async function encryptResource(text: string, associatedData: string, apiV3Key: string): Promise<object> {
  const nonce = randomHex(6).toLowerCase();
  const ciphertext = await encryptAead({ key: toUtf8(apiV3Key), nonce, associatedData, plaintext: toUtf8(text) });
  return { algorithm: AEAD, ciphertext, associated_data: associatedData, nonce };
}
