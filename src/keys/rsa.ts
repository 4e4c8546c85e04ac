import { type Bytes, hex } from "../bytes.js";
import {
  BIT_STRING,
  decode,
  type Element,
  encode,
  INTEGER,
  integers,
  KeyMistake,
  magnitude,
  OCTET_STRING,
  SEQUENCE,
  shape,
  time,
} from "./der.js";

/** A public key and what came with it. */
export interface PublicKey {
  /** SubjectPublicKeyInfo, DER. */
  spki: Bytes;
  /** Of the certificate around the key; absent for a bare key. `serialNo` is upper-case hex, leading zeros kept; times are ms since the epoch. */
  certificate?: { serialNo: string; notBefore: number; notAfter: number };
}

/** AlgorithmIdentifier of rsaEncryption (RFC 3279, 2.3.1): the OID, then NULL. */
const RSA = Uint8Array.of(SEQUENCE, 13, 0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0);

/** OIDs of other algorithms, DER in hex; the curves before EC itself, which stands beside them. */
const OTHERS = {
  "06082a811ccf5501822d": "SM2, 国密",
  "06082a8648ce3d030107": "EC P-256",
  "06052b81040022": "EC P-384",
  "06052b81040023": "EC P-521",
  "06072a8648ce3d0201": "EC",
  "06032b6570": "Ed25519",
  "06072a8648ce380401": "DSA",
  "06092a864886f70d01010a": "RSA-PSS",
};

/** Another algorithm's key was given; `der` holds its OID, or else `fallback` names it. */
export function notRsa(der: Bytes, fallback: string): KeyMistake {
  const [, name = fallback] = Object.entries(OTHERS).find(([oid]) => hex(der).includes(oid)) ?? [];
  return new KeyMistake("not-rsa", name);
}

function requireRsa({ value }: Element): void {
  const [wanted, found] = [hex(RSA.subarray(2)), hex(value)];
  if (!found.startsWith(wanted.slice(0, -4))) throw notRsa(value, "unknown algorithm");
  if (found !== wanted) throw new KeyMistake();
}

function requireStrength(modulus: bigint): void {
  const bits = modulus.toString(2).length;
  if (bits < 2048) throw new KeyMistake("too-short", `${bits}`);
}

/**
 * RSAPrivateKey (RFC 8017, A.1.2) → PKCS#8.
 * @throws {KeyMistake} also where the numbers do not belong together: a changed character mostly leaves good DER behind, and a refused
 *   signature would be the first to tell.
 */
export function wrapPrivateKey(pkcs1: Bytes): Bytes {
  const [version, n, e, d, p, q, dp, dq, qi] = integers(decode(pkcs1), 9) as [bigint, ...Nine];
  const isPrimeOf = (prime: bigint, exponent: bigint) =>
    exponent === d % (prime - 1n) && (e * exponent) % (prime - 1n) === 1n;
  const isSound =
    version === 0n && p > 1n && q > 1n && n === p * q && isPrimeOf(p, dp) && isPrimeOf(q, dq) && (qi * q) % p === 1n;
  if (!isSound) throw new KeyMistake();
  requireStrength(n);
  return encode(SEQUENCE, encode(INTEGER, Uint8Array.of(0)), RSA, encode(OCTET_STRING, pkcs1));
}

type Nine = [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];

/** PKCS#8 (RFC 5208) → RSAPrivateKey; attributes stay behind. */
export function unwrapPrivateKey(pkcs8: Bytes): Bytes {
  const [version, algorithm, key] = shape(decode(pkcs8), INTEGER, SEQUENCE, OCTET_STRING);
  if (magnitude(version)[0] !== 0) throw new KeyMistake();
  requireRsa(algorithm);
  return key.value;
}

/** RSAPublicKey (RFC 8017, A.1.1) → SubjectPublicKeyInfo. */
export function wrapPublicKey(pkcs1: Bytes): Bytes {
  const [n, e] = integers(decode(pkcs1), 2) as [bigint, bigint];
  if (n % 2n === 0n || e % 2n === 0n || e === 1n) throw new KeyMistake();
  requireStrength(n);
  return encode(SEQUENCE, RSA, encode(BIT_STRING, Uint8Array.of(0), pkcs1));
}

/** The parts of a SubjectPublicKeyInfo (RFC 5280, 4.1) → RSAPublicKey. */
export function unwrapPublicKey(spki: Element[]): Bytes {
  const [algorithm, { value }] = shape(spki, SEQUENCE, BIT_STRING);
  requireRsa(algorithm);
  if (value[0] !== 0) throw new KeyMistake();
  return value.subarray(1);
}

/** X.509 certificate (RFC 5280, 4.1) → its key, serial and validity. */
export function readCertificate(x509: Bytes): PublicKey {
  const [{ parts }] = shape(decode(x509), SEQUENCE, SEQUENCE, BIT_STRING);
  // A version 1 certificate begins with its serial.
  const fields = parts[0]?.tag === 0xa0 ? parts.slice(1) : parts;
  const [serial, , , validity, , spki] = shape(fields, INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE);
  const [notBefore, notAfter] = validity.parts.map(time);
  if (notBefore === undefined || notAfter === undefined) throw new KeyMistake();
  const serialNo = hex(magnitude(serial)).toUpperCase();
  return { spki: wrapPublicKey(unwrapPublicKey(spki.parts)), certificate: { serialNo, notBefore, notAfter } };
}
