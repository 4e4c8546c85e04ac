import { KeyError } from "./errors.js";
import { isRecord, isWord, requireOption } from "./options.js";
import type { Bytes } from "./protocol/message.js";
import { readPublicKey } from "./protocol/pem.js";
import { importVerifyingKey } from "./protocol/rsa.js";

/** The platform keys of one merchant: which one verifies a reply, and which one a request names. */
export interface PlatformKeys {
  /** The serials held, as they were given. */
  readonly serials: readonly string[];
  /** The serial to send in `Wechatpay-Serial`, so that WeChat Pay signs its reply with a key that we hold. */
  current(now: number): string;
  /** The key that a reply's `Wechatpay-Serial` names; case and leading zeros do not matter. `undefined` where it is not held or not valid `now` (ms). */
  verifyingKey(serial: string, now: number): Promise<CryptoKey> | undefined;
}

interface PlatformKey {
  serial: string;
  spki: Bytes;
  /** ms since the epoch; a public key has no end. */
  notBefore: number;
  notAfter: number;
  key?: Promise<CryptoKey>;
}

const PUBLIC_KEY_ID = "PUB_KEY_ID_";
const WANTED =
  "WeChat Pay's keys by their Wechatpay-Serial, { PUB_KEY_ID_…: pem } (商户平台 → API安全 → 微信支付公钥) or { <certificate serial in hex>: pem }";

/**
 * Reads `platformKeys`: WeChat Pay public keys (`PUB_KEY_ID_…`) and platform certificates, side by side.
 * @throws {KeyError} naming the entry that cannot be used.
 */
export function createPlatformKeys(entries: Readonly<Record<string, string>>, merchantSerialNo: string): PlatformKeys {
  requireOption("platformKeys", isRecord(entries) && Object.keys(entries).length > 0, WANTED, entries);
  const keys = new Map(
    Object.entries(entries).map(([serial, pem]) => [canonical(serial), readEntry(serial, pem, merchantSerialNo)]),
  );
  // A public key is what WeChat Pay recommends; among certificates the one that started last is the one that stays.
  const preferred = [...keys.values()].sort((a, b) => rank(b) - rank(a));
  const valid = (key: PlatformKey, now: number) => key.notBefore <= now && now <= key.notAfter;

  return {
    serials: preferred.map(({ serial }) => serial),
    current: (now) => (preferred.find((key) => valid(key, now)) ?? (preferred[0] as PlatformKey)).serial,
    verifyingKey(serial, now) {
      const key = keys.get(canonical(serial));
      if (key === undefined || !valid(key, now)) return undefined;
      key.key ??= importVerifyingKey(key.spki);
      return key.key;
    },
  };
}

function readEntry(serial: string, pem: string, merchantSerialNo: string): PlatformKey {
  const option = `platformKeys.${serial}`;
  if (!isWord(serial)) throw new TypeError(`platformKeys must be ${WANTED}; one name is neither.`);
  if (canonical(serial) === canonical(merchantSerialNo)) {
    throw new KeyError(
      `${option} is your own certificate: its serial is serialNo. Replies are signed by WeChat Pay, so give WeChat Pay's public key (PUB_KEY_ID_…, 商户平台 → API安全) or its platform certificate.`,
      { reason: "merchant-serial", option },
    );
  }
  const { spki, certificate } = readPublicKey(pem, option);
  if (certificate === undefined)
    return { serial, spki, notBefore: Number.NEGATIVE_INFINITY, notAfter: Number.POSITIVE_INFINITY };
  if (canonical(certificate.serialNo) !== canonical(serial)) {
    throw new KeyError(
      `${option} holds the certificate with serial ${certificate.serialNo}. Name it by its own serial: platformKeys: { "${certificate.serialNo}": pem }.`,
      { reason: "serial-mismatch", option },
    );
  }
  return { serial, spki, ...certificate };
}

function rank({ serial, notBefore }: PlatformKey): number {
  return serial.startsWith(PUBLIC_KEY_ID) ? Number.POSITIVE_INFINITY : Math.max(notBefore, -Number.MAX_VALUE);
}

/** A serial for comparing: tools print certificates' serials in either case and drop leading zeros. */
export function canonical(serial: string): string {
  return serial.toUpperCase().replace(/^0+(?=.)/, "");
}
