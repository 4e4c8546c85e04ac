import { type Bytes, toBase64 } from "../bytes.js";
import { type AeadParameters, prepareAead } from "../crypto.js";

/** The reverse of `decryptAead`, as WeChat Pay does it: base64, the tag at the end. */
export async function encryptAead({
  plaintext,
  ...parameters
}: AeadParameters & { plaintext: Bytes }): Promise<string> {
  const [algorithm, key] = await prepareAead(parameters, "encrypt");
  return toBase64(new Uint8Array(await crypto.subtle.encrypt(algorithm, key, plaintext)));
}
