import type { Bytes } from "../bytes.js";
import { KeyError } from "../errors.js";
import { readPublicKey } from "./pem.js";

/** A key of WeChat Pay's: verifies its responses, encrypts for it. Times are ms since the epoch; a public key has no end. */
export interface PlatformKey {
  /** What `Wechatpay-Serial` calls it. */
  readonly serial: string;
  /** The serial for comparing. */
  readonly id: string;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Bytes;
  readonly isPublicKey: boolean;
  /** Whether WeChat Pay's list names it. The list shows a replacement before the certificate expires. */
  readonly isListed: boolean;
  readonly notBefore: number;
  readonly notAfter: number;
  /** From when until when it is used to encrypt and to ask for signatures. */
  readonly usedFrom: number;
  readonly usedUntil: number;
}

/** The keys that a message may be signed with. */
export interface Keyring {
  /** The key to name in `Wechatpay-Serial`, so that WeChat Pay signs its response with one that is held; `named` is the request's own. */
  current(named?: string): Promise<PlatformKey | undefined>;
  /** The key of that serial, for a message with that body. */
  find(serial: string, body: Bytes): Promise<PlatformKey | undefined>;
  /** The serials held, for messages. */
  serials(): string;
}

/** What `platformKeys` is, for messages. */
export const PLATFORM_KEYS = "WeChat Pay's keys by their serial: { PUB_KEY_ID_…: pem } (商户平台 → API安全)";

/** Reads a platform key, `listed` from when until when by WeChat Pay, or given. Refuses another's certificate, and the merchant's own. */
export function readPlatformKey(
  name: string,
  pem: string,
  merchantSerialNo = "",
  listed?: readonly [from: number, until: number],
): PlatformKey {
  const serial = readId(name);
  const isPublicKey = isPublicKeyId(serial);
  const refuseName = (why: string) => new TypeError(`platformKeys must be ${PLATFORM_KEYS}. One name is ${why}`);
  if (name === "undefined") throw refuseName("undefined: is its variable set?");
  if (!SERIAL.test(serial) && !(isPublicKey && /^\w{12,75}$/.test(serial))) throw refuseName("no serial in hex.");
  const option = `platformKeys.${serial}`;
  const { spki, certificate } = readPublicKey(pem, option);
  if (certificate === undefined && /^\d+$/.test(serial)) throw refuseName("an ID without its PUB_KEY_ID_.");
  const { serialNo = serial, notBefore = -Infinity, notAfter = Infinity } = certificate ?? {};
  const [id, itsId, ownId] = [serial, serialNo, merchantSerialNo].map(normalizeSerial) as [string, string, string];
  if (id === ownId || itsId === ownId) {
    const message = `${option} is your own certificate: give WeChat Pay's key, such as PUB_KEY_ID_….`;
    throw new KeyError(message, "merchant-serial", option);
  }
  if (id !== itsId) {
    const message = `${option} holds the certificate with serial ${serialNo}. Name it by its own serial.`;
    throw new KeyError(message, "serial-mismatch", option);
  }
  const [usedFrom, usedUntil] = listed ?? [notBefore, notAfter];
  return { serial, id, spki, isPublicKey, isListed: listed !== undefined, notBefore, notAfter, usedFrom, usedUntil };
}

/** The key of that serial that is valid now. */
export function findKey(keys: readonly PlatformKey[], serial: string, now: number): PlatformKey | undefined {
  const id = normalizeSerial(serial);
  return keys.find((key) => key.id === id && key.notBefore <= now && now <= key.notAfter);
}

/** Whether a serial is a public key's ID: a public key is never among the certificates. */
export const isPublicKeyId = (serial: string): boolean => /^PUB_KEY_ID_/i.test(serial);

/** The serial of a certificate, in hex. It has 20 bytes at most (RFC 5280, 4.1.2.2): a longer one is in decimal. */
export const SERIAL = /^0*[\dA-F]{1,40}$/i;

/** An ID as it is sent, from what people paste: with white space or invisible characters, or as openssl and Windows print serials. */
export function readId(given: string): string {
  const id = given.replace(/^\s*serial=|\p{Cf}|(?<=[\da-f]{2})[:\s]+(?=[\da-f]{2})/giu, "").trim();
  return SERIAL.test(id) ? id.toUpperCase() : id;
}

/** A serial for comparing: tools print certificates' serials in either case and drop leading zeros. */
export const normalizeSerial = (serial: string): string => serial.toUpperCase().replace(/^0+(?=.)/, "");
