import { type Bytes, hex, toBase64 } from "../../bytes.js";
import type { Key } from "../../crypto.js";
import type { PublicKey } from "../../keys/der.js";
import { readPrivateKey, readPublicKey } from "../../keys/pem.js";

/** As `CryptoKeyPair`, which only the DOM's types have. */
export interface KeyPair {
  publicKey: Key;
  privateKey: Key;
}

const ALGORITHM = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };

/** A fresh RSA-2048 pair for SHA-256 signatures. */
export async function generateKeyPair(): Promise<KeyPair> {
  const size = { modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1) };
  return crypto.subtle.generateKey({ ...ALGORITHM, ...size }, true, ["sign", "verify"]);
}

/** The pair of a private key as PEM. @throws {KeyError} naming the `option`. */
export async function readKeyPair(pem: string, option: string): Promise<KeyPair> {
  const der = readPrivateKey(pem, option);
  const privateKey = await crypto.subtle.importKey("pkcs8", der, ALGORITHM, true, ["sign"]);
  const { n, e } = await crypto.subtle.exportKey("jwk", privateKey);
  const jwk = { kty: "RSA", n: n as string, e: e as string };
  return { privateKey, publicKey: await crypto.subtle.importKey("jwk", jwk, ALGORITHM, true, ["verify"]) };
}

/** What a certificate says of itself. @throws {TypeError} naming the `option`, unless it is the key's. */
export async function readCertificate(
  pem: string,
  { publicKey }: KeyPair,
  option: string,
): Promise<NonNullable<PublicKey["certificate"]>> {
  const { certificate, spki } = readPublicKey(pem, option);
  const isOfKey = hex(spki) === hex(await toDer(publicKey));
  if (certificate === undefined || !isOfKey) throw new TypeError(`${option} must be a certificate of its private key.`);
  return certificate;
}

/** A key as DER: PKCS#8 for a private key, SPKI for a public one. */
export async function toDer(key: Key): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.exportKey(key.type === "private" ? "pkcs8" : "spki", key));
}

export function toPem(label: "PRIVATE KEY" | "PUBLIC KEY" | "CERTIFICATE", der: Bytes): string {
  return `-----BEGIN ${label}-----\n${toBase64(der).replace(/.{64}(?=.)/g, "$&\n")}\n-----END ${label}-----\n`;
}

/** Random bytes in upper-case hex. */
export function randomHex(bytes: number): string {
  return hex(crypto.getRandomValues(new Uint8Array(bytes))).toUpperCase();
}

/** A certificate's serial: 40 hex digits, which may begin with 0. RFC 5280 allows it 20 bytes, and no sign bit. */
export function randomSerial(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(20));
  bytes[0] = (bytes[0] as number) & 0x7f || 1;
  return hex(bytes).toUpperCase();
}
