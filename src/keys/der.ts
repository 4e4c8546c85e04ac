import { type Bytes, fromUtf8, hex } from "../bytes.js";
import { KeyError, type KeyReason } from "../errors.js";

export const INTEGER = 0x02;
export const BIT_STRING = 0x03;
export const OCTET_STRING = 0x04;
export const UTC_TIME = 0x17;
export const GENERALIZED_TIME = 0x18;
export const SEQUENCE = 0x30;
const CONSTRUCTED = 0x20;

/** RSA with 16384 bits, the most that WebCrypto's implementations take, and a sign byte. */
const LONGEST_INTEGER = 2049;
/** Certificates are some 6 levels deep; the limit keeps hostile bytes off the call stack. */
const DEEPEST = 16;

/** AlgorithmIdentifier of rsaEncryption (RFC 3279, 2.3.1): the OID, then NULL. */
const RSA = Uint8Array.of(SEQUENCE, 13, 0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0);

/** OIDs of other algorithms, in hex; the curves before EC itself, which stands beside them. */
const OTHERS = {
  "2a811ccf5501822d": "SM2, 国密",
  "2a8648ce3d030107": "EC P-256",
  "2b81040022": "EC P-384",
  "2a8648ce3d0201": "EC",
  "2b6570": "Ed25519",
  "2a8648ce380401": "DSA",
  "2a864886f70d01010a": "RSA-PSS",
};

/** A public key and what came with it. */
export interface PublicKey {
  /** SubjectPublicKeyInfo, DER. */
  spki: Bytes;
  /** Of the certificate around the key. `serialNo` is upper-case hex, leading zeros kept; times are ms since the epoch. */
  certificate?: { serialNo: string; notBefore: number; notAfter: number };
}

/** What was given in a key's place. Who catches it says which option it was given to. */
export const mistake = (reason: KeyReason, given: string): KeyError => new KeyError(given, reason, "");

/** @throws {KeyError} unless the bytes are what they must be. */
export function ensure(isRight: boolean): asserts isRight {
  if (!isRight) throw mistake("malformed", "a damaged PEM");
}

/** Another algorithm's key was given; `der` holds its OID, or else `fallback` names it. */
export function notRsa(der: Bytes, fallback = "unknown algorithm"): KeyError {
  const [, name = fallback] = Object.entries(OTHERS).find(([oid]) => hex(der).includes(oid)) ?? [];
  return mistake("not-rsa", `a key that is not RSA (${name})`);
}

/** RSAPrivateKey (RFC 8017, A.1.2) → PKCS#8. */
export function fromPrivatePkcs1(der: Bytes): Bytes {
  const [version, n, e, d, p, q, dp, dq, qi] = integers(der, 9) as [bigint, ...Eight];
  // A changed character mostly leaves good DER behind, and a refused signature would be the first to tell.
  const isPrimeOf = (prime: bigint, exponent: bigint) =>
    prime > 1n && exponent === d % (prime - 1n) && (e * exponent) % (prime - 1n) === 1n;
  ensure(version === 0n && n === p * q && isPrimeOf(p, dp) && isPrimeOf(q, dq) && (qi * q) % p === 1n);
  requireStrength(n);
  return encode(SEQUENCE, encode(INTEGER, Uint8Array.of(0)), RSA, encode(OCTET_STRING, der));
}

type Eight = [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];

/** PKCS#8 (RFC 5208), without its attributes. */
export function fromPkcs8(der: Bytes): Bytes {
  const [version, algorithm, key] = shape(decode(der), INTEGER, SEQUENCE, OCTET_STRING);
  ensure(digits(version) === "00");
  requireRsa(algorithm);
  return fromPrivatePkcs1(key.value);
}

/** RSAPublicKey (RFC 8017, A.1.1) → SubjectPublicKeyInfo. */
export function fromPublicPkcs1(der: Bytes): PublicKey {
  const [n, e] = integers(der, 2) as [bigint, bigint];
  ensure(n % 2n === 1n && e % 2n === 1n && e > 1n);
  requireStrength(n);
  return { spki: encode(SEQUENCE, RSA, encode(BIT_STRING, Uint8Array.of(0), der)) };
}

/** The parts of a SubjectPublicKeyInfo (RFC 5280, 4.1). */
export function fromSpki(parts: Element[]): PublicKey {
  const [algorithm, { value }] = shape(parts, SEQUENCE, BIT_STRING);
  requireRsa(algorithm);
  ensure(value[0] === 0);
  return fromPublicPkcs1(value.subarray(1));
}

/** X.509 certificate (RFC 5280, 4.1). */
export function fromCertificate(der: Bytes): PublicKey {
  const [{ parts }] = shape(decode(der), SEQUENCE, SEQUENCE, BIT_STRING);
  // A version 1 certificate begins with its serial.
  const fields = parts[0]?.tag === 0xa0 ? parts.slice(1) : parts;
  const [serial, , , validity, , spki] = shape(fields, INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE);
  ensure(validity.parts.length === 2);
  const [notBefore, notAfter] = validity.parts.map(time) as [number, number];
  return { ...fromSpki(spki.parts), certificate: { serialNo: digits(serial).toUpperCase(), notBefore, notAfter } };
}

function requireRsa({ value }: Element): void {
  if (hex(value) !== hex(RSA.subarray(2))) throw notRsa(value);
}

function requireStrength(modulus: bigint): void {
  const bits = modulus.toString(2).length;
  if (bits < 2048) throw mistake("too-short", `an RSA key of ${bits} bits`);
}

/** One DER element (ITU-T X.690); a primitive one has no parts. */
type Element = { tag: number; value: Bytes; parts: Element[] };

/** The parts of the one SEQUENCE that `bytes` are, walked to the last leaf: no later step meets a wrong length. */
export function decode(bytes: Bytes): Element[] {
  const [root, ...more] = elements(bytes, 0);
  ensure(root?.tag === SEQUENCE && more.length === 0);
  return root.parts;
}

function elements(bytes: Bytes, depth: number): Element[] {
  ensure(depth <= DEEPEST);
  const found: Element[] = [];
  for (let at = 0; at < bytes.length; ) {
    const [tag = 0, first = 0x80, second] = bytes.subarray(at);
    const isShort = first < 0x80;
    const start = at + 2 + (isShort ? 0 : first - 0x80);
    const length = isShort ? first : Number(`0x${hex(bytes.subarray(at + 2, start))}`);
    const isShortest = isShort || (length >= 0x80 && second !== 0);
    at = start + length;
    // A length past the end also catches one that was itself cut off: `start` is past the end then.
    ensure((tag & 0x1f) !== 0x1f && isShortest && at <= bytes.length);
    const value = bytes.subarray(start, at);
    found.push({ tag, value, parts: tag & CONSTRUCTED ? elements(value, depth + 1) : [] });
  }
  return found;
}

/** `parts`, shown to begin with these tags. */
function shape<const Tags extends readonly number[]>(parts: Element[], ...tags: Tags) {
  ensure(tags.every((tag, index) => parts[index]?.tag === tag));
  return parts as { [Index in keyof Tags]: Element };
}

/** The numbers that a SEQUENCE of `count` of them is. */
function integers(der: Bytes, count: number): bigint[] {
  const parts = decode(der);
  ensure(parts.length === count);
  return parts.map((part) => BigInt(`0x${digits(part)}`));
}

/** An INTEGER that is not negative, in hex without the sign byte. */
function digits({ tag, value }: Element): string {
  ensure(tag === INTEGER && value.length <= LONGEST_INTEGER);
  const all = hex(value);
  // Of two zeros in front, one would do; from 8 on, it is negative.
  ensure(/^(?!00[0-7])[0-7]/.test(all));
  return all.replace(/^00(?=.)/, "");
}

/** A UTCTime or GeneralizedTime (RFC 5280, 4.1.2.5) as milliseconds since the epoch. */
function time({ tag, value }: Element): number {
  ensure(tag === UTC_TIME || tag === GENERALIZED_TIME);
  const text = fromUtf8(value);
  const full = tag === GENERALIZED_TIME ? text : (text < "5" ? "20" : "19") + text;
  const iso = full.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z");
  const milliseconds = Date.parse(iso);
  ensure(iso !== full && !Number.isNaN(milliseconds));
  return milliseconds;
}

/** An element as bytes, up to 65535 of them. */
export function encode(tag: number, ...contents: Bytes[]): Bytes {
  const content = contents.flatMap((part) => [...part]);
  const { length } = content;
  const size = length < 0x80 ? [] : length < 0x100 ? [0x81] : [0x82, length >> 8];
  return Uint8Array.from([tag, ...size, length & 0xff, ...content]);
}
