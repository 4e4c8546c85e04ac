import { constants, createHash, type KeyObject, privateDecrypt } from "node:crypto";
import { maskOf } from "./mask.js";

/** What a key makes of a ciphertext, with the padding; undefined for a number beyond its modulus, or where the runtime cannot do it. */
function rawDecrypt(bytes: Uint8Array, key: KeyObject): Uint8Array | undefined {
  try {
    return privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, bytes);
  } catch {
    return undefined;
  }
}

/** OAEP with the hash of the label and that of the mask, which Java takes from two settings. */
export type Padding = "PKCS#1 v1.5" | "none" | `OAEP ${string}`;
/** The right one. */
export const OAEP: Padding = "OAEP sha1 sha1";
const HASHES = ["sha1", "sha256", "sha384", "sha512", "md5"];

/** The padding that was used, if the key is the right one. */
export function paddingOf(ciphertext: Uint8Array, key: KeyObject): Padding | undefined {
  const block = rawDecrypt(ciphertext, key);
  if (block === undefined) return undefined;
  // Eight random bytes at least, which are not 0, and then the text.
  const end = block.indexOf(0, 2);
  if (block[0] === 0 && block[1] === 2 && end >= 10 && isReadable(block.subarray(end + 1))) return "PKCS#1 v1.5";
  if (block.subarray(0, 32).every((byte) => byte === 0)) return "none";
  if (block[0] !== 0) return undefined;
  const both = HASHES.flatMap((hash) => [...new Set([hash, "sha1"])].map((mask) => [hash, mask] as const));
  const found = both.find(([hash, mask]) => isOaep(block, hash, mask));
  return found && `OAEP ${found.join(" ")}`;
}

/** RFC 8017, 7.1.2, with an empty label. */
function isOaep(block: Uint8Array, hash: string, maskHash: string): boolean {
  const label = createHash(hash).digest();
  const [seed, data] = [block.subarray(1, 1 + label.length), block.subarray(1 + label.length)];
  const unmask = (masked: Uint8Array, from: Uint8Array) => {
    const mask = maskOf(from, masked.length, maskHash);
    return masked.map((byte, i) => byte ^ (mask[i] as number));
  };
  return label.equals(unmask(data, unmask(seed, data)).subarray(0, label.length));
}

/** Whether it is text in UTF-8, which a ciphertext is not. */
export function isReadable(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
