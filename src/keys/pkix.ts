import type { Bytes } from "../bytes.js";
import { hex } from "../bytes.js";
import type { KeyReason } from "../errors.js";
import {
  BIT_STRING,
  DerError,
  decode,
  type Element,
  encode,
  INTEGER,
  integers,
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
  /** What the certificate around the key says; absent for a bare key. */
  certificate?: {
    /** Upper-case hex, leading zeros kept, as in `Wechatpay-Serial`. */
    serialNo: string;
    /** Milliseconds since the epoch. */
    notBefore: number;
    /** Milliseconds since the epoch. */
    notAfter: number;
  };
}

/** What was given in a key's place and what to do; which option it was given to is for the catcher to add. */
export class Mistake extends Error {
  readonly reason: KeyReason;
  readonly given: string;
  readonly advice: string;

  constructor(reason: KeyReason, given: string, advice: string) {
    super(reason);
    this.reason = reason;
    this.given = given;
    this.advice = advice;
  }
}

/** AlgorithmIdentifier of rsaEncryption (RFC 3279, 2.3.1): the OID, then NULL. */
const RSA = Uint8Array.of(SEQUENCE, 13, 0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0);
const RSA_OID = hex(RSA.subarray(2, 13));

/** OIDs of other algorithms, DER in hex; the curves before EC itself, which stands beside them. */
const OTHERS = [
  ["06082a811ccf5501822d", "SM2, 国密"],
  ["06082a8648ce3d030107", "EC P-256"],
  ["06052b81040022", "EC P-384"],
  ["06052b81040023", "EC P-521"],
  ["06072a8648ce3d0201", "EC"],
  ["06032b6570", "Ed25519"],
  ["06072a8648ce380401", "DSA"],
  ["06092a864886f70d01010a", "RSA-PSS"],
] as const;

/** The mistake of giving another algorithm's key; `der` holds its OID, or else `fallback` names it. */
export function notRsa(der: Bytes, fallback: string): Mistake {
  const text = hex(der);
  const name = OTHERS.find(([oid]) => text.includes(oid))?.[1] ?? fallback;
  return new Mistake("not-rsa", `a key that is not RSA (${name})`, "WECHATPAY2-SHA256-RSA2048 takes RSA keys only.");
}

function requireRsa({ value }: Element): void {
  const id = hex(value);
  if (!id.startsWith(RSA_OID)) throw notRsa(value, "unknown algorithm");
  if (id !== `${RSA_OID}0500`) throw new DerError();
}

function requireStrength(modulus: bigint): void {
  const bits = modulus.toString(2).length;
  if (bits >= 2048) return;
  throw new Mistake("too-short", `an RSA key of ${bits} bits`, "WeChat Pay's keys have 2048 bits or more.");
}

const PRIVATE_NUMBERS = ["version", "n", "e", "d", "p", "q", "dp", "dq", "qi"] as const;

/**
 * RSAPrivateKey (RFC 8017, A.1.2) → PKCS#8.
 *
 * @throws DerError also where the numbers do not belong together: a changed character mostly leaves good DER behind, and a refused
 *   signature would be the first to tell.
 */
export function wrapPrivateKey(pkcs1: Bytes): Bytes {
  const { version, n, e, d, p, q, dp, dq, qi } = integers(decode(pkcs1), PRIVATE_NUMBERS);
  const sound =
    version === 0n &&
    p > 1n &&
    q > 1n &&
    n === p * q &&
    dp === d % (p - 1n) &&
    dq === d % (q - 1n) &&
    (e * dp) % (p - 1n) === 1n &&
    (e * dq) % (q - 1n) === 1n &&
    (qi * q) % p === 1n;
  if (!sound) throw new DerError();
  requireStrength(n);
  return encode(SEQUENCE, encode(INTEGER, Uint8Array.of(0)), RSA, encode(OCTET_STRING, pkcs1));
}

/** PKCS#8 (RFC 5208) → RSAPrivateKey; attributes stay behind. */
export function unwrapPrivateKey(pkcs8: Bytes): Bytes {
  const [version, algorithm, key] = shape(decode(pkcs8), INTEGER, SEQUENCE, OCTET_STRING);
  if (magnitude(version)[0] !== 0) throw new DerError();
  requireRsa(algorithm);
  return key.value;
}

/** RSAPublicKey (RFC 8017, A.1.1) → SubjectPublicKeyInfo. */
export function wrapPublicKey(pkcs1: Bytes): Bytes {
  const { n, e } = integers(decode(pkcs1), ["n", "e"]);
  if (n % 2n === 0n || e % 2n === 0n || e === 1n) throw new DerError();
  requireStrength(n);
  return encode(SEQUENCE, RSA, encode(BIT_STRING, Uint8Array.of(0), pkcs1));
}

/** The parts of a SubjectPublicKeyInfo (RFC 5280, 4.1) → RSAPublicKey. */
export function unwrapPublicKey(spki: Element[]): Bytes {
  const [algorithm, { value }] = shape(spki, SEQUENCE, BIT_STRING);
  requireRsa(algorithm);
  if (value[0] !== 0) throw new DerError();
  return value.subarray(1);
}

/** X.509 certificate (RFC 5280, 4.1) → its key, serial and validity. */
export function readCertificate(x509: Bytes): PublicKey {
  const [{ parts }] = shape(decode(x509), SEQUENCE, SEQUENCE, BIT_STRING);
  const [version] = parts;
  // A version 1 certificate begins with its serial.
  const fields = version?.tag === 0xa0 ? parts.slice(1) : parts;
  const [serial, , , validity, , spki] = shape(fields, INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE);
  const [notBefore, notAfter] = validity.parts;
  return {
    spki: wrapPublicKey(unwrapPublicKey(spki.parts)),
    certificate: {
      serialNo: hex(magnitude(serial)).toUpperCase(),
      notBefore: time(notBefore),
      notAfter: time(notAfter),
    },
  };
}
