import type { Bytes } from "../bytes.js";
import { importEncryptingKey, importVerifyingKey, type Key, lazyKey } from "../crypto.js";
import { KeyError } from "../errors.js";
import { readPublicKey } from "./pem.js";

/** A key of WeChat Pay's: verifies its responses, encrypts for it. */
export interface PlatformKey {
  /** What `Wechatpay-Serial` calls it. */
  readonly serial: string;
  verifyingKey(): Promise<Key>;
  encryptingKey(): Promise<Key>;
}

/** The keys that a message may be signed with. */
export interface Keyring {
  /** The key to name in `Wechatpay-Serial`, so that WeChat Pay signs its response with one that is held. */
  current(): Promise<Pick<PlatformKey, "serial"> | undefined>;
  /** The key of that serial, for a message with that body. */
  find(serial: string, body: Bytes): Promise<PlatformKey | undefined>;
  /** The serials held, for messages. */
  serials(): string;
}

/** A platform key that is held. */
export interface HeldKey extends PlatformKey {
  /** The serial for comparing. */
  readonly id: string;
  readonly isPublicKey: boolean;
  /** When a certificate is valid, in ms since the epoch; always for a public key. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/** What `platformKeys` is, for messages. */
export const PLATFORM_KEYS =
  "WeChat Pay's keys by their Wechatpay-Serial, { PUB_KEY_ID_…: pem } (商户平台 → API安全 → 微信支付公钥) or { <certificate serial in hex>: pem }";

/**
 * Reads an entry of `platformKeys`.
 * @throws {TypeError} if its name is neither a public key's ID nor a certificate's serial.
 * @throws {KeyError} if it is no RSA public key, the merchant's own certificate, or another certificate than its name says.
 */
export function readPlatformKey(serial: string, pem: string, merchantSerialNo?: string): HeldKey {
  const isPublicKey = isPublicKeyId(serial);
  if (!isSerial(serial) && !(isPublicKey && /^\w{12,75}$/.test(serial))) {
    throw new TypeError(`platformKeys must be ${PLATFORM_KEYS}; one name is neither. Is its environment variable set?`);
  }
  const option = `platformKeys.${serial}`;
  const { spki, certificate } = readPublicKey(pem, option);
  const id = normalizeSerial(serial);
  const { serialNo = serial, notBefore = -Infinity, notAfter = Infinity } = certificate ?? {};
  const itsId = normalizeSerial(serialNo);
  if (merchantSerialNo !== undefined && [id, itsId].includes(normalizeSerial(merchantSerialNo))) {
    throw new KeyError(
      `${option} is your own certificate: its serial is serialNo. Responses are signed by WeChat Pay: give its public key (PUB_KEY_ID_…, 商户平台 → API安全) or its platform certificate.`,
      "merchant-serial",
      option,
    );
  }
  if (id !== itsId) {
    const advice = `Name it by its own serial: platformKeys: { "${serialNo}": pem }.`;
    throw new KeyError(`${option} holds the certificate with serial ${serialNo}. ${advice}`, "serial-mismatch", option);
  }
  const verifyingKey = lazyKey(() => importVerifyingKey(spki));
  const encryptingKey = lazyKey(() => importEncryptingKey(spki));
  return { serial, id, isPublicKey, notBefore, notAfter, verifyingKey, encryptingKey };
}

/** Whether a serial is a public key's ID: a public key is never among the certificates. */
export const isPublicKeyId = (serial: string): boolean => /^PUB_KEY_ID_/i.test(serial);

/** Whether `value` is the serial of a certificate: hex, without colons. */
export const isSerial = (value: unknown): boolean => typeof value === "string" && /^[0-9A-Fa-f]{1,64}$/.test(value);

/** A serial for comparing: tools print certificates' serials in either case and drop leading zeros. */
export const normalizeSerial = (serial: string): string => serial.toUpperCase().replace(/^0+(?=.)/, "");
