import { constants, createPrivateKey, createPublicKey, privateDecrypt, publicEncrypt } from "node:crypto";
import { describe, expect, it } from "vitest";
import { fromBase64 } from "../../src/bytes.js";
import { decryptOaep, encryptOaep, keyOf } from "../../src/crypto.js";
import { readPrivateKey, readPublicKey } from "../../src/keys/pem.js";
import { generateKeys } from "../support/keys.js";
import * as published from "../vectors/published.js";

const utf8 = (text: string) => new TextEncoder().encode(text);
const pair = generateKeys();
const encrypting = await keyOf(readPublicKey(pair.publicKey, "").spki, "encrypt");
const decrypting = await keyOf(readPrivateKey(pair.privateKey, ""), "decrypt");
/** With SHA-1 and MGF1 with SHA-1, node:crypto's default. */
const padding = constants.RSA_PKCS1_OAEP_PADDING;

describe("RSA-OAEP", () => {
  it.each(["", "张三", "x".repeat(214)])("is node:crypto's with SHA-1, both ways: %.10s", async (text) => {
    const encrypted = await encryptOaep(encrypting, utf8(text));
    expect(encrypted).toHaveLength(256);
    expect(privateDecrypt({ key: createPrivateKey(pair.privateKey), padding }, encrypted).toString()).toBe(text);
    const byNode = publicEncrypt({ key: createPublicKey(pair.publicKey), padding }, Buffer.from(text));
    expect(await decryptOaep(decrypting, new Uint8Array(byNode))).toEqual(utf8(text));
  });

  it("takes 214 bytes at most, with a key of 2048 bits", async () => {
    await expect(encryptOaep(encrypting, new Uint8Array(215))).rejects.toMatchObject({ name: "OperationError" });
  });

  it("is not decrypted where it is something else, and nothing is thrown", async () => {
    const encrypted = await encryptOaep(encrypting, utf8("张三"));
    const stranger = await keyOf(readPrivateKey(generateKeys().privateKey, ""), "decrypt");
    expect(await decryptOaep(stranger, encrypted)).toBeUndefined();
    for (const bytes of [utf8(""), utf8("张三"), encrypted.subarray(0, -1), new Uint8Array(256), new Uint8Array(512)]) {
      expect(await decryptOaep(decrypting, bytes)).toBeUndefined();
    }
    const sha256 = { key: createPublicKey(pair.publicKey), padding, oaepHash: "sha256" };
    const byNode = publicEncrypt(sha256, Buffer.from("张三"));
    expect(await decryptOaep(decrypting, new Uint8Array(byNode))).toBeUndefined();
  });

  it("keeps the private key in the process", async () => {
    expect([decrypting.extractable, decrypting.usages]).toEqual([false, ["decrypt"]]);
  });
});

describe.skipIf(!published.isHere)(published.title, () => {
  interface Vector {
    id: string;
    key: string;
    ciphertext: string;
    plaintext: string;
    negativeCiphertexts?: string[];
  }
  const all = published.vectors<Vector>("rsa", "rsa-oaep-sha1-decrypt");

  it("are read", () => {
    expect(all).not.toEqual([]);
  });

  it.each(all)("$id", async ({ key: name, ciphertext, plaintext, negativeCiphertexts = [] }) => {
    const key = await keyOf(readPrivateKey(published.keys[name]?.privateKeyPkcs8 ?? "", name), "decrypt");
    const decrypt = async (text: string) => decryptOaep(key, fromBase64(text) ?? new Uint8Array());
    expect(await decrypt(ciphertext)).toEqual(utf8(plaintext));
    for (const negative of negativeCiphertexts) expect(await decrypt(negative)).toBeUndefined();
  });
});
