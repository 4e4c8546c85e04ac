import { createCipheriv, createDecipheriv, randomBytes, X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { decryptAead } from "../../src/crypto.js";
import { encryptAead } from "../../src/sandbox/server/aead.js";
import * as published from "../vectors/published.js";

const utf8 = (text: string) => new TextEncoder().encode(text);
const parameters = { key: utf8("a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb"), nonce: "61f9c719728a", associatedData: "微工卡" };

/** What node:crypto makes of it: base64 with the tag at the end. */
function encryptByNode(text: string, { key, nonce, associatedData } = parameters): string {
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(associatedData));
  return Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]).toString("base64");
}

describe("AEAD_AES_256_GCM", () => {
  it.each(["", "a", "微信支付", "😀".repeat(10_000)])("is node:crypto's, both ways: %.10s", async (text) => {
    const ciphertext = encryptByNode(text);
    expect(await encryptAead({ ...parameters, plaintext: utf8(text) })).toBe(ciphertext);
    expect(await decryptAead({ ...parameters, ciphertext })).toEqual(utf8(text));
  });

  it("keeps every byte, with a nonce of 16 bytes and without associated data", async () => {
    const plaintext = new Uint8Array(randomBytes(1000));
    const bare = { key: parameters.key, nonce: "0123456789abcdef" };
    const ciphertext = await encryptAead({ ...bare, plaintext });
    expect(await decryptAead({ ...bare, associatedData: "", ciphertext })).toEqual(plaintext);

    const bytes = Buffer.from(ciphertext, "base64");
    const decipher = createDecipheriv("aes-256-gcm", bare.key, bare.nonce).setAuthTag(bytes.subarray(-16));
    expect(Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()])).toEqual(Buffer.from(plaintext));
  });

  it("is not decrypted with one bit changed, wherever it is", async () => {
    const bytes = Buffer.from(encryptByNode("ok"), "base64");
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes);
      (changed[bit >> 3] as number) ^= 1 << (bit & 7);
      expect(await decryptAead({ ...parameters, ciphertext: changed.toString("base64") })).toBeUndefined();
    }
  });

  const ciphertext = encryptByNode("text");
  it.each<[string, Partial<Parameters<typeof decryptAead>[0]>]>([
    ["another key", { key: utf8("0".repeat(32)) }],
    ["a key of another length", { key: utf8("0".repeat(31)) }],
    ["no key", { key: new Uint8Array() }],
    ["another nonce", { nonce: "61f9c719728b" }],
    ["a nonce of 11 bytes", { nonce: "61f9c719728" }],
    ["a nonce of 12 characters and more bytes", { nonce: "微".repeat(12) }],
    ["an empty nonce", { nonce: "" }],
    ["other associated data", { associatedData: "微工" }],
    ["no associated data", { associatedData: "" }],
    ["an empty ciphertext", { ciphertext: "" }],
    ["half a tag", { ciphertext: "AAAAAAAAAAA=" }],
    ["the tag alone", { ciphertext: Buffer.from(ciphertext, "base64").subarray(-16).toString("base64") }],
    ["no tag", { ciphertext: Buffer.from(ciphertext, "base64").subarray(0, -16).toString("base64") }],
    ["what is no base64", { ciphertext: "!!!" }],
    ["base64 with a line break", { ciphertext: `${ciphertext}\n` }],
    ["base64 without padding", { ciphertext: ciphertext.replace(/=+$/, "") }],
    ["a number", { ciphertext: 1234 as never }],
    ["nothing", { ciphertext: undefined as never, nonce: null as never }],
  ])("is not decrypted with %s, and nothing is thrown", async (_, change) => {
    expect(await decryptAead({ ...parameters, ciphertext, ...change })).toBeUndefined();
  });

  it("is not encrypted with a nonce that others could not read", async () => {
    await expect(encryptAead({ ...parameters, nonce: "short", plaintext: utf8("") })).rejects.toThrow(RangeError);
  });
});

describe.skipIf(!published.isHere)(published.title, () => {
  interface Vector {
    id: string;
    key: string;
    nonce: string;
    associatedData: string;
    ciphertext: string;
    plaintext: string;
    negatives?: Partial<Record<"key" | "nonce" | "associatedData" | "ciphertext", string>>[];
  }
  const all = published.vectors<Vector>("aead", "aes-gcm");

  it("are read", () => {
    expect(all).not.toEqual([]);
  });

  it.each(all)("$id", async ({ key, plaintext, negatives = [], ...vector }) => {
    const given = { nonce: vector.nonce, associatedData: vector.associatedData, key: utf8(key) };
    expect(await decryptAead({ ...given, ciphertext: vector.ciphertext })).toEqual(utf8(plaintext));
    expect(await encryptAead({ ...given, plaintext: utf8(plaintext) })).toBe(vector.ciphertext);
    for (const negative of negatives) {
      const changed = { ...vector, ...negative, key: utf8(negative.key ?? key) };
      expect(await decryptAead(changed)).toBeUndefined();
    }
  });

  interface Malformed {
    id: string;
    apiV3Key: string;
    associatedData: string;
    cases: { nonce: string; ciphertext: string }[];
  }
  it.each(published.vectors<Malformed>("aead", "aes-gcm-malformed"))("$id", async (vector) => {
    const { apiV3Key, associatedData, cases } = vector;
    for (const each of cases) {
      expect(await decryptAead({ key: utf8(apiV3Key), associatedData, ...each })).toBeUndefined();
    }
  });

  interface Certificates {
    id: string;
    apiV3Key: string;
    body: string;
    expectedSerials: string[];
    decrypted: string[];
  }
  it.each(published.vectors<Certificates>("responses", "certificates-response"))("$id", async (vector) => {
    const { data } = JSON.parse(vector.body) as {
      data: { encrypt_certificate: { nonce: string; associated_data: string; ciphertext: string } }[];
    };
    const pems = await Promise.all(
      data.map(async ({ encrypt_certificate: { nonce, associated_data, ciphertext } }) => {
        const given = { key: utf8(vector.apiV3Key), nonce, associatedData: associated_data, ciphertext };
        return new TextDecoder().decode(await decryptAead(given));
      }),
    );
    expect(pems).toEqual(vector.decrypted);
    expect(pems.map((pem) => new X509Certificate(pem).serialNumber)).toEqual(vector.expectedSerials);
  });

  interface Notification {
    id: string;
    apiV3Key: string;
    body: string;
    plaintext: string;
  }
  it.each(published.vectors<Notification>("notifications", "notification", "notification-resource"))(
    "$id",
    async ({ apiV3Key, body, plaintext }) => {
      const { nonce, associated_data: associatedData, ciphertext } = JSON.parse(body).resource;
      expect(await decryptAead({ key: utf8(apiV3Key), nonce, associatedData, ciphertext })).toEqual(utf8(plaintext));
    },
  );
});
