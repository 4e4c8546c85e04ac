import { requireOption } from "../checks.js";
import { KeyError } from "../errors.js";
import {
  type Certificate,
  type HeldKey,
  isPublicKeyId,
  type Keyring,
  normalizeSerial,
  PLATFORM_KEYS,
  readPlatformKey,
} from "./platform-key.js";

/** The platform keys of one merchant, given or downloaded. */
export interface PlatformKeys extends Keyring {
  /**
   * The key to encrypt with and to name in `Wechatpay-Serial`: the public key if there is one, else the certificate that started last.
   * @throws {KeyError} if none is valid.
   */
  current(): Promise<HeldKey>;
}

/** The keys that are held without a download. */
export interface Held {
  publicKey(): HeldKey | undefined;
  find(serial: string): HeldKey | undefined;
}

/** Downloads the list of certificates. */
export type Download = (held: Held) => Promise<Certificate[]>;

/** Times are ms. WeChat Pay asks for less than 12 h between two downloads. Source: https://pay.weixin.qq.com/doc/v3/merchant/4012551764 */
const REFRESH_AFTER = 11 * 3_600_000;
/** A certificate is replaced at 24 h's notice: an older list may name one that is gone, so a new one is waited for, but not long. */
const STALE_AFTER = 24 * 3_600_000;
const GRACE = 300;
/** An unknown serial causes one download in this time, however often it comes. */
const PAUSE = 60_000;

/**
 * Reads `platformKeys`: WeChat Pay public keys (`PUB_KEY_ID_…`) and platform certificates, side by side. With `download`, certificates
 * are downloaded when a call first needs one, and again before 12 h have passed.
 *
 * @throws {KeyError} naming the entry that cannot be used.
 * @throws {TypeError} if there is neither a key nor a way to get one.
 */
export function createPlatformKeys(
  given: Readonly<Record<string, string>> = {},
  {
    clock,
    merchantSerialNo,
    download,
  }: { clock: () => number; merchantSerialNo?: string; download?: Download | undefined },
): PlatformKeys {
  requireOption("platformKeys", download !== undefined || Object.keys(given).length > 0, PLATFORM_KEYS, given);
  const fixed = Object.entries(given).map(([serial, pem]) => readPlatformKey(serial, pem, merchantSerialNo));
  const isNow = (from: number, until: number) => from <= clock() && clock() <= until;
  const all = (): HeldKey[] => [...fixed, ...(list?.entries() ?? [])];
  const valid = () => all().filter(({ notBefore, notAfter }) => isNow(notBefore, notAfter));
  const best = () =>
    valid()
      .filter(({ usedFrom, usedUntil }) => isNow(usedFrom, usedUntil))
      .sort(byPreference)[0];
  const find = (serial: string) => valid().find(({ id }) => id === normalizeSerial(serial));
  const held = { publicKey: () => fixed.find(({ isPublicKey }) => isPublicKey), find };
  const readListed = (listed: Certificate) => readPlatformKey(listed.serial, listed.pem, merchantSerialNo, listed);
  const list = download && createList(async () => (await download(held)).map(readListed), clock);

  return {
    serials: () => Array.from(all(), ({ serial }) => serial).join(", ") || "none",
    async current() {
      let key = best();
      if (list !== undefined && !key?.isPublicKey) {
        await list.keepFresh(key);
        key = best();
      }
      if (key !== undefined) return key;
      const message = "No platform key is valid now: add one to platformKeys, or check this machine's clock.";
      throw new KeyError(message, "expired", "platformKeys");
    },
    async find(serial) {
      const key = find(serial);
      if (key !== undefined || list === undefined || isPublicKeyId(serial)) return key;
      await list.lookAgain();
      return find(serial);
    },
  };
}

/** The downloaded list, and when it is downloaded again. */
function createList(download: () => Promise<HeldKey[]>, clock: () => number) {
  let entries: HeldKey[] = [];
  let downloadedAt = Number.NEGATIVE_INFINITY;
  let triedAt = Number.NEGATIVE_INFINITY;
  let refreshing: Promise<void> | undefined;

  /** One at a time: whoever needs a key while it is under way waits for the same. */
  function refresh(): Promise<void> {
    if (refreshing === undefined) triedAt = clock();
    refreshing ??= download()
      .then((downloaded) => {
        entries = downloaded;
        downloadedAt = clock();
      })
      .finally(() => {
        refreshing = undefined;
      });
    return refreshing;
  }
  const mayRefresh = () => refreshing !== undefined || Math.abs(clock() - triedAt) >= PAUSE;

  return {
    entries: (): readonly HeldKey[] => entries,
    /** While a key is held, a failure is no call's business: it shows when none is left. */
    async keepFresh(held: HeldKey | undefined): Promise<void> {
      if (held === undefined) return refresh();
      const age = clock() - downloadedAt;
      if (age < REFRESH_AFTER || !mayRefresh()) return;
      const refreshed = refresh().catch(() => {});
      if (age >= STALE_AFTER && held.isListed) await Promise.race([refreshed, elapsed(GRACE)]);
    },
    async lookAgain(): Promise<void> {
      if (mayRefresh()) await refresh().catch(() => {});
    },
  };
}

/** A public key is what WeChat Pay recommends; a listed certificate is known to be used still; one that started later stays longer. */
function byPreference(a: HeldKey, b: HeldKey): number {
  const rank = ({ isPublicKey, isListed }: HeldKey) => (isPublicKey ? 2 : isListed ? 1 : 0);
  return rank(b) - rank(a) || b.usedFrom - a.usedFrom || 0;
}

const elapsed = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
