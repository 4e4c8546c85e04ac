import { type Bytes, fromUtf8, hex } from "../bytes.js";
import { KeyError, type KeyReason } from "../errors.js";

export const INTEGER = 0x02;
export const BIT_STRING = 0x03;
export const OCTET_STRING = 0x04;
export const UTC_TIME = 0x17;
export const GENERALIZED_TIME = 0x18;
export const SEQUENCE = 0x30;

/** AlgorithmIdentifier of rsaEncryption (RFC 3279, 2.3.1): the OID, then NULL, which some tools leave out. */
const OID = [0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const RSA = [SEQUENCE, 13, ...OID, 0x05, 0];

/** A public key and what came with it. */
export interface PublicKey {
  /** SubjectPublicKeyInfo, DER. */
  spki: Bytes;
  /** Of the certificate around the key. `serialNo` is upper-case hex, leading zeros kept; times are ms since the epoch. */
  certificate?: { serialNo: string; notBefore: number; notAfter: number };
}

/** @throws {KeyError} saying what was given in place of a key, unless that is right. The caller adds the option's name. */
export function ensure(isRight: boolean, reason: KeyReason = "malformed", given = "a damaged PEM"): asserts isRight {
  if (!isRight) throw new KeyError(given, reason, "");
}

/** PKCS#8 (RFC 5958) without its attributes, or RSAPrivateKey (RFC 8017, A.1.1), as PKCS#8: tools confuse their labels. */
export function fromPrivateKey(der: Bytes): Bytes {
  const [version, algorithm, key] = shape(decode(der), INTEGER);
  if (algorithm?.tag !== SEQUENCE) return fromPrivatePkcs1(der);
  ensure(/^0[01]$/.test(digits(version)) && key?.tag === OCTET_STRING);
  requireRsa(algorithm);
  return fromPrivatePkcs1(key.value);
}

function fromPrivatePkcs1(der: Bytes): Bytes {
  const [version, n, e, d, p, q, dp, dq, qi] = integers(der, 9) as [bigint, ...Eight];
  // A changed character often still gives valid DER; without this check, the first sign would be a refused signature.
  const isPrimeOf = (prime: bigint, exponent: bigint) =>
    prime > 1n && exponent === d % (prime - 1n) && (e * exponent) % (prime - 1n) === 1n;
  ensure(version === 0n && n === p * q && isPrimeOf(p, dp) && isPrimeOf(q, dq) && (qi * q) % p === 1n);
  requireStrength(n);
  return encode(SEQUENCE, [INTEGER, 1, 0], RSA, encode(OCTET_STRING, der));
}

type Eight = [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];

/** SubjectPublicKeyInfo (RFC 5280, 4.1), or RSAPublicKey (RFC 8017, A.1.1). */
export function fromPublicKey(der: Bytes): PublicKey {
  const [algorithm, key] = decode(der);
  if (algorithm?.tag !== SEQUENCE) return fromPublicPkcs1(der);
  requireRsa(algorithm);
  ensure(key?.tag === BIT_STRING && key.value[0] === 0);
  return fromPublicPkcs1(key.value.subarray(1));
}

function fromPublicPkcs1(der: Bytes): PublicKey {
  const [n, e] = integers(der, 2) as [bigint, bigint];
  ensure(n % 2n === 1n && e % 2n === 1n && e > 1n);
  requireStrength(n);
  return { spki: encode(SEQUENCE, RSA, encode(BIT_STRING, [0], der)) };
}

/** X.509 certificate (RFC 5280, 4.1). */
export function fromCertificate(der: Bytes): PublicKey {
  const [{ parts }] = shape(decode(der), SEQUENCE, SEQUENCE, BIT_STRING);
  // A version 1 certificate begins with its serial.
  if (parts[0]?.tag === 0xa0) parts.shift();
  const [serial, , , validity, , spki] = shape(parts, INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE);
  ensure(validity.parts.length === 2);
  const [notBefore, notAfter] = validity.parts.map(time) as [number, number];
  const certificate = { serialNo: digits(serial).toUpperCase(), notBefore, notAfter };
  return { ...fromPublicKey(encode(SEQUENCE, spki.value)), certificate };
}

/** OIDs of other algorithms, DER in hex; the curves before EC itself, which stands beside them. */
const OTHERS = {
  "06082a811ccf5501822d": "SM2, 国密",
  "06082a8648ce3d030107": "EC P-256",
  "06052b81040022": "EC P-384",
  "06072a8648ce3d0201": "EC",
  "06032b6570": "Ed25519",
  "06072a8648ce380401": "DSA",
  "06092a864886f70d01010a": "RSA-PSS",
};

function requireRsa({ value }: Element): void {
  if (![OID, RSA.slice(2)].some((known) => known.join() === value.join())) refuseAlgorithm(value, "unknown algorithm");
}

/** Refuses a key of another algorithm than RSA, which its DER names. */
export function refuseAlgorithm(der: Bytes, otherwise: string): never {
  const [, name = otherwise] = Object.entries(OTHERS).find(([oid]) => hex(der).includes(oid)) ?? [];
  throw new KeyError(`a key that is not RSA (${name})`, "not-rsa", "");
}

function requireStrength(modulus: bigint): void {
  const bits = modulus.toString(2).length;
  ensure(bits >= 2048, "too-short", `an RSA key of ${bits} bits`);
}

/** One DER element (ITU-T X.690); a primitive one has no parts. */
type Element = { tag: number; value: Bytes; parts: Element[] };

/** The parts of the one SEQUENCE that `bytes` are, walked to the last leaf: no later step meets a wrong length. */
function decode(bytes: Bytes): Element[] {
  const [root, ...more] = elements(bytes, 0);
  ensure(root?.tag === SEQUENCE && more.length === 0);
  return root.parts;
}

function* elements(bytes: Bytes, depth: number): Generator<Element> {
  // Certificates are some 6 levels deep; hostile bytes must stay off the call stack.
  ensure(depth <= 16);
  for (let rest = bytes; rest.length > 0; ) {
    const [tag = 0, first = 0, second = 0, third = 0] = rest;
    const [start, length] = first < 0x80 ? [2, first] : first === 0x81 ? [3, second] : [4, second * 256 + third];
    const value = rest.subarray(start, start + length);
    // Encoding it again must give the same bytes: this excludes lengths that are indefinite, too long, or past the end.
    const written = encode(tag, value);
    ensure((tag & 0x1f) !== 0x1f && written.join() === rest.subarray(0, written.length).join());
    const isConstructed = tag & 0x20;
    yield { tag, value, parts: isConstructed ? [...elements(value, depth + 1)] : [] };
    rest = rest.subarray(written.length);
  }
}

/** Checks that `parts` begins with these tags. */
function shape<const Tags extends readonly number[]>(parts: Element[], ...tags: Tags) {
  ensure(tags.every((tag, index) => parts[index]?.tag === tag));
  return parts as [...{ [Index in keyof Tags]: Element }, ...(Element | undefined)[]];
}

/** The integers of a SEQUENCE of `count` integers. */
function integers(der: Bytes, count: number): bigint[] {
  const parts = decode(der);
  ensure(parts.length === count);
  return parts.map((part) => BigInt(`0x${digits(part)}`));
}

/** An INTEGER that is not negative, in hex without the sign byte. */
function digits({ tag, value }: Element): string {
  const [first = 0x80, second = 0x80] = value;
  // RSA with 16384 bits, the most that WebCrypto's implementations take, and a sign byte only where it has to be.
  ensure(tag === INTEGER && value.length <= 2049 && first < 0x80 && (first > 0 || second >= 0x80));
  return hex(value).replace(/^00(?=.)/, "");
}

/** A UTCTime or GeneralizedTime (RFC 5280, 4.1.2.5) as milliseconds since the epoch. */
function time({ tag, value }: Element): number {
  ensure(tag === UTC_TIME || tag === GENERALIZED_TIME);
  const text = fromUtf8(value);
  const full = tag === GENERALIZED_TIME ? text : (text < "5" ? "20" : "19") + text;
  const milliseconds = Date.parse(full.replace(/(....)(..)(..)(..)(..)/, "$1-$2-$3T$4:$5:"));
  ensure(/^\d{14}Z$/.test(full) && !Number.isNaN(milliseconds));
  return milliseconds;
}

/** An element as bytes, up to 65535 of them. */
export function encode(tag: number, ...contents: Iterable<number>[]): Bytes {
  const content = contents.flatMap((part) => [...part]);
  const { length } = content;
  const size = length < 0x80 ? [] : length < 0x100 ? [0x81] : [0x82, length >> 8];
  return Uint8Array.from([tag, ...size, length & 0xff, ...content]);
}
