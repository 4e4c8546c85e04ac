import { type Bytes, toUtf8 } from "../../bytes.js";
import { sign } from "../../crypto.js";
import { BIT_STRING, encode, GENERALIZED_TIME, INTEGER, OCTET_STRING, SEQUENCE, UTC_TIME } from "../../keys/der.js";
import { type KeyPair, toDer } from "./keys.js";

const UTF8_STRING = 0x0c;
const SET = 0x31;
const VERSION = 0xa0;
const EXTENSIONS = 0xa3;

/** AlgorithmIdentifier of sha256WithRSAEncryption (RFC 4055): the OID, then NULL. */
const SHA256_WITH_RSA = encode(SEQUENCE, fromHex("06092a864886f70d01010b0500"));

/** One attribute: commonName. */
const nameOf = (text: string) =>
  sequence(encode(SET, sequence(fromHex("0603550403"), encode(UTF8_STRING, toUtf8(text)))));

/** The two that WeChat Pay's have, among others: basicConstraints, of no CA, and keyUsage, for signing and encrypting. */
const CONSTRAINTS = sequence(fromHex("0603551d13"), encode(OCTET_STRING, sequence()));
const USAGE = sequence(fromHex("0603551d0f"), encode(OCTET_STRING, fromHex("030204f0")));

/**
 * A self-signed X.509 certificate, DER (RFC 5280, 4.1).
 *
 * @param serialNo hex, with an even number of digits
 * @param notBefore ms since the epoch, as `notAfter`
 * @param name whose it is: a merchant's has the merchant number here
 */
export async function createCertificate(
  { publicKey, privateKey }: KeyPair,
  { serialNo, notBefore, notAfter }: { serialNo: string; notBefore: number; notAfter: number },
  name = "WeChat Pay sandbox",
): Promise<Bytes> {
  const subject = nameOf(name);
  const content = sequence(
    encode(VERSION, encode(INTEGER, Uint8Array.of(2))),
    encode(INTEGER, fromHex(serialNo)),
    SHA256_WITH_RSA,
    subject,
    sequence(time(notBefore), time(notAfter)),
    subject,
    await toDer(publicKey),
    encode(EXTENSIONS, sequence(CONSTRAINTS, USAGE)),
  );
  const signature = await sign(privateKey, content);
  return sequence(content, SHA256_WITH_RSA, encode(BIT_STRING, Uint8Array.of(0), signature));
}

function sequence(...parts: Bytes[]): Bytes {
  return encode(SEQUENCE, ...parts);
}

/** UTCTime has a year of two digits, and up to 2049 it must be used. */
function time(ms: number): Bytes {
  const text = new Date(ms).toISOString().replace(/\.\d+|[-:T]/g, "");
  return text < "2050" ? encode(UTC_TIME, toUtf8(text.slice(2))) : encode(GENERALIZED_TIME, toUtf8(text));
}

function fromHex(text: string): Bytes {
  return Uint8Array.from(text.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}
