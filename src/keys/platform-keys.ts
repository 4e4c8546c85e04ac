import { importEncryptingKey, importVerifyingKey, type Key, lazyKey } from "../crypto.js";
import { KeyError } from "../errors.js";
import { isRecord, isSerial, requireOption } from "../options.js";
import { type PublicKey, readPublicKey } from "./pem.js";

/** A key of WeChat Pay's: verifies its replies, encrypts for it. */
export interface PlatformKey {
  /** What `Wechatpay-Serial` calls it. */
  readonly serial: string;
  verifyingKey(): Promise<Key>;
  encryptingKey(): Promise<Key>;
}

/** The platform keys of one merchant, given or downloaded. */
export interface PlatformKeys {
  /** The serials held, for messages. */
  serials(): string;
  /**
   * The key to encrypt with and to name in `Wechatpay-Serial`: the public key if there is one, else the certificate that started last.
   * @throws {KeyError} if none is valid.
   */
  current(): Promise<PlatformKey>;
  /** The key that a reply's `Wechatpay-Serial` names; case and leading zeros do not matter. */
  find(serial: string): Promise<PlatformKey | undefined>;
}

/** A certificate of WeChat Pay's list. */
export interface Certificate {
  serial: string;
  pem: string;
  /** From when on it is used, and until when, in ms since the epoch: the list knows sooner than the certificate when one is replaced. */
  usedFrom: number;
  usedUntil: number;
}

/** Fetches the list. `held` are the keys there are without it. */
export type Download = (held: {
  publicKey(): PlatformKey | undefined;
  find(serial: string): PlatformKey | undefined;
}) => Promise<Certificate[]>;

/** WeChat Pay asks for less than 12 h between two downloads. Source: https://pay.weixin.qq.com/doc/v3/merchant/4012551764 */
const REFRESH_AFTER = 11 * 3_600_000;
/** A certificate is replaced at 24 h's notice: an older list may name one that is gone, so a new one is waited for, but not long. */
const STALE_AFTER = 24 * 3_600_000;
const GRACE = 300;
/** A serial that nobody knows makes us ask once in this time, in ms, however often it comes. */
const PAUSE = 60_000;

/** What tells a public key's ID from a certificate's serial. */
const PUBLIC_KEY_ID = /^PUB_KEY_ID_/i;
const WANTED =
  "WeChat Pay's keys by their Wechatpay-Serial, { PUB_KEY_ID_…: pem } (商户平台 → API安全 → 微信支付公钥) or { <certificate serial in hex>: pem }";

interface Entry extends PlatformKey {
  isPublicKey: boolean;
  /** Whether it came with the list. */
  isListed: boolean;
  notBefore: number;
  notAfter: number;
  usedFrom: number;
  usedUntil: number;
}

/**
 * Reads `platformKeys`: WeChat Pay public keys (`PUB_KEY_ID_…`) and platform certificates, side by side. With `download`, certificates
 * are fetched when a call first needs one, and again before 12 h have passed.
 *
 * @throws {KeyError} naming the entry that cannot be used.
 * @throws {TypeError} if there is neither a key nor a way to get one.
 */
export function createPlatformKeys(
  entries: Readonly<Record<string, string>> | undefined,
  {
    clock,
    merchantSerialNo,
    download,
  }: { clock: () => number; merchantSerialNo?: string; download?: Download | undefined },
): PlatformKeys {
  const table = entries ?? {};
  const isEnough = download !== undefined || Object.keys(table).length > 0;
  requireOption("platformKeys", entries !== null && isRecord(table) && isEnough, WANTED, entries);
  const given = byCanonical(Object.entries(table).map(([serial, pem]) => readEntry(serial, pem, merchantSerialNo)));
  let downloaded = byCanonical([]);
  let downloadedAt = Number.NEGATIVE_INFINITY;
  let triedAt = Number.NEGATIVE_INFINITY;
  let refreshing: Promise<void> | undefined;

  const all = () => [...given.values(), ...downloaded.values()];
  const isValid = ({ notBefore, notAfter }: Entry) => notBefore <= clock() && clock() <= notAfter;
  const isUsed = (entry: Entry) => isValid(entry) && entry.usedFrom <= clock() && clock() <= entry.usedUntil;
  const lookUp = (serial: string) => {
    const entry = given.get(canonical(serial)) ?? downloaded.get(canonical(serial));
    return entry && isValid(entry) ? entry : undefined;
  };
  const best = () =>
    all()
      .filter(isUsed)
      .sort((a, b) => compare(b, a))[0];

  /** One at a time: whoever needs a key while it is under way waits for the same. */
  function refresh(by: Download): Promise<void> {
    if (refreshing === undefined) triedAt = clock();
    refreshing ??= by({ publicKey: () => all().find(({ isPublicKey }) => isPublicKey), find: lookUp })
      .then((certificates) => {
        downloaded = byCanonical(
          certificates.map((row) => ({ ...readEntry(row.serial, row.pem, merchantSerialNo), ...row, isListed: true })),
        );
        downloadedAt = clock();
      })
      .finally(() => {
        refreshing = undefined;
      });
    return refreshing;
  }
  const mayRefresh = () => refreshing !== undefined || Math.abs(clock() - triedAt) >= PAUSE;

  return {
    serials: () =>
      all()
        .map(({ serial }) => serial)
        .join(", ") || "none",
    async current() {
      const held = best();
      if (download !== undefined && !held?.isPublicKey) {
        const age = clock() - downloadedAt;
        if (held === undefined) await refresh(download);
        // While what is held serves, a failure is no call's business: it shows when nothing serves any more.
        else if (age >= STALE_AFTER && held.isListed && mayRefresh()) await atMost(GRACE, refresh(download));
        else if (age >= REFRESH_AFTER && mayRefresh()) refresh(download).catch(() => {});
      }
      const key = best();
      if (key !== undefined) return key;
      throw new KeyError(
        "platformKeys holds no certificate that is valid now, so no reply could be verified. Give WeChat Pay's public key (PUB_KEY_ID_…) or a new certificate, or apiV3Key to have certificates downloaded. If they should be valid, check this machine's clock.",
        { reason: "expired", option: "platformKeys" },
      );
    },
    async find(serial) {
      const key = lookUp(serial);
      // A public key is never among the certificates.
      if (key !== undefined || download === undefined || PUBLIC_KEY_ID.test(serial)) return key;
      if (mayRefresh()) await refresh(download).catch(() => {});
      return lookUp(serial);
    },
  };
}

function byCanonical(entries: Entry[]): Map<string, Entry> {
  return new Map(entries.map((entry) => [canonical(entry.serial), entry]));
}

function readEntry(serial: string, pem: string, merchantSerialNo: string | undefined): Entry {
  if (!isSerial(serial) && !(PUBLIC_KEY_ID.test(serial) && /^\w{12,75}$/.test(serial))) {
    throw new TypeError(`platformKeys must be ${WANTED}; one name is neither. Is its environment variable set?`);
  }
  const option = `platformKeys.${serial}`;
  const { spki, certificate }: PublicKey = readPublicKey(pem, option);
  const serials = [serial, certificate?.serialNo ?? serial].map(canonical);
  if (merchantSerialNo !== undefined && serials.includes(canonical(merchantSerialNo))) {
    throw new KeyError(
      `${option} is your own certificate: its serial is serialNo. Replies are signed by WeChat Pay, so give WeChat Pay's public key (PUB_KEY_ID_…, 商户平台 → API安全) or its platform certificate.`,
      { reason: "merchant-serial", option },
    );
  }
  if (certificate !== undefined && canonical(certificate.serialNo) !== canonical(serial)) {
    throw new KeyError(
      `${option} holds the certificate with serial ${certificate.serialNo}. Name it by its own serial: platformKeys: { "${certificate.serialNo}": pem }.`,
      { reason: "serial-mismatch", option },
    );
  }
  const { notBefore, notAfter } = certificate ?? {
    notBefore: Number.NEGATIVE_INFINITY,
    notAfter: Number.POSITIVE_INFINITY,
  };
  return {
    serial,
    isPublicKey: PUBLIC_KEY_ID.test(serial),
    isListed: false,
    notBefore,
    notAfter,
    usedFrom: notBefore,
    usedUntil: notAfter,
    verifyingKey: lazyKey(() => importVerifyingKey(spki)),
    encryptingKey: lazyKey(() => importEncryptingKey(spki)),
  };
}

/** A public key is what WeChat Pay recommends; a listed certificate is known to be used still; one that started later stays longer. */
function compare(a: Entry, b: Entry): number {
  return (
    Number(a.isPublicKey) - Number(b.isPublicKey) ||
    Number(a.isListed) - Number(b.isListed) ||
    a.usedFrom - b.usedFrom ||
    0
  );
}

/** Waits for that many ms, whether it fails or not. */
async function atMost(ms: number, promise: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const elapsed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([promise.catch(() => {}), elapsed]);
  clearTimeout(timer);
}

/** A serial for comparing: tools print certificates' serials in either case and drop leading zeros. */
export function canonical(serial: string): string {
  return serial.toUpperCase().replace(/^0+(?=.)/, "");
}
