import { requireOption } from "../checks.js";
import { KeyError } from "../errors.js";
import {
  type HeldKey,
  isPublicKeyId,
  type Keyring,
  normalizeSerial,
  PLATFORM_KEYS,
  type PlatformKey,
  readPlatformKey,
} from "./platform-key.js";

/** The platform keys of one merchant, given or downloaded. */
export interface PlatformKeys extends Keyring {
  /**
   * The key to encrypt with and to name in `Wechatpay-Serial`: the public key if there is one, else the certificate that started last.
   * @throws {KeyError} if none is valid.
   */
  current(): Promise<PlatformKey>;
}

/** A certificate of WeChat Pay's list. */
export interface Certificate {
  serial: string;
  pem: string;
  /** From when until when it is used, in ms since the epoch: the list knows sooner than the certificate when one is replaced. */
  usedFrom: number;
  usedUntil: number;
}

/** Downloads the list. `held` are the keys there are without it. */
export type Download = (held: Held) => Promise<Certificate[]>;

interface Held {
  publicKey(): PlatformKey | undefined;
  find(serial: string): PlatformKey | undefined;
}

/** In ms. WeChat Pay asks for less than 12 h between two downloads. Source: https://pay.weixin.qq.com/doc/v3/merchant/4012551764 */
const REFRESH_AFTER = 11 * 3_600_000;
/** In ms. A certificate is replaced at 24 h's notice: an older list may name one that is gone, so a new one is waited for, but not long. */
const STALE_AFTER = 24 * 3_600_000;
const GRACE = 300;
/** In ms. An unknown serial causes one download in this time, however often it comes. */
const PAUSE = 60_000;

/** What platform keys are held by. */
export interface PlatformKeysOptions {
  clock: () => number;
  merchantSerialNo?: string;
  download?: Download | undefined;
}

type Entry = HeldKey & Omit<Certificate, "pem"> & { isListed: boolean };

/**
 * Reads `platformKeys`: WeChat Pay public keys (`PUB_KEY_ID_…`) and platform certificates, side by side. With `download`, certificates
 * are downloaded when a call first needs one, and again before 12 h have passed.
 *
 * @throws {KeyError} naming the entry that cannot be used.
 * @throws {TypeError} if there is neither a key nor a way to get one.
 */
export function createPlatformKeys(
  given: Readonly<Record<string, string>> = {},
  { clock, merchantSerialNo, download }: PlatformKeysOptions,
): PlatformKeys {
  const isEnough = download !== undefined || Object.keys(given).length > 0;
  requireOption("platformKeys", isEnough, PLATFORM_KEYS, given);
  const read = (serial: string, pem: string) => readPlatformKey(serial, pem, merchantSerialNo);
  const fixed = Object.entries(given).map(([serial, pem]): Entry => {
    const key = read(serial, pem);
    return { ...key, isListed: false, usedFrom: key.notBefore, usedUntil: key.notAfter };
  });
  const list = createList(clock, async () => {
    const certificates = (await download?.(held)) ?? [];
    return certificates.map(({ serial, pem, ...used }) => ({ ...read(serial, pem), ...used, isListed: true }));
  });

  const all = () => [...fixed, ...list.entries()];
  const isNow = (from: number, until: number) => from <= clock() && clock() <= until;
  const held = {
    publicKey: () => all().find(({ isPublicKey }) => isPublicKey),
    find(serial: string) {
      const id = normalizeSerial(serial);
      return all().find((key) => key.id === id && isNow(key.notBefore, key.notAfter));
    },
  };
  const best = () =>
    all()
      .filter((key) => isNow(key.notBefore, key.notAfter) && isNow(key.usedFrom, key.usedUntil))
      .sort(byPreference)[0];

  return {
    serials: () => Array.from(all(), ({ serial }) => serial).join(", ") || "none",
    async current() {
      let key = best();
      if (download !== undefined && !key?.isPublicKey) {
        await list.keepFresh(key);
        key = best();
      }
      if (key !== undefined) return key;
      throw new KeyError(
        "platformKeys holds no certificate that is valid now, so no response could be verified. Give WeChat Pay's public key (PUB_KEY_ID_…) or a new certificate, or apiV3Key to have certificates downloaded. If they should be valid, check this machine's clock.",
        "expired",
        "platformKeys",
      );
    },
    async find(serial) {
      const key = held.find(serial);
      if (key !== undefined || download === undefined || isPublicKeyId(serial)) return key;
      await list.lookAgain();
      return held.find(serial);
    },
  };
}

/** The downloaded list, and when it is downloaded again. */
function createList(clock: () => number, download: () => Promise<Entry[]>) {
  let entries: Entry[] = [];
  let downloadedAt = Number.NEGATIVE_INFINITY;
  let triedAt = Number.NEGATIVE_INFINITY;
  let refreshing: Promise<void> | undefined;

  /** One at a time: whoever needs a key while it is under way waits for the same. */
  async function refresh(): Promise<void> {
    triedAt = clock();
    try {
      entries = await download();
      downloadedAt = clock();
    } finally {
      refreshing = undefined;
    }
  }
  const refreshed = () => (refreshing ??= refresh());
  const mayRefresh = () => refreshing !== undefined || Math.abs(clock() - triedAt) >= PAUSE;

  return {
    entries: (): readonly Entry[] => entries,
    /** While a key is held, a failure is no call's business: it shows when none is left. */
    async keepFresh(held: Entry | undefined): Promise<void> {
      if (held === undefined) return refreshed();
      const age = clock() - downloadedAt;
      if (age < REFRESH_AFTER || !mayRefresh()) return;
      const fresh = refreshed().catch(() => {});
      if (age >= STALE_AFTER && held.isListed) await atMost(GRACE, fresh);
    },
    async lookAgain(): Promise<void> {
      if (mayRefresh()) await refreshed().catch(() => {});
    },
  };
}

/** A public key is what WeChat Pay recommends; a listed certificate is known to be used still; one that started later stays longer. */
function byPreference(a: Entry, b: Entry): number {
  const [isPublicKey, isListed] = [
    Number(b.isPublicKey) - Number(a.isPublicKey),
    Number(b.isListed) - Number(a.isListed),
  ];
  return isPublicKey || isListed || b.usedFrom - a.usedFrom || 0;
}

/** Waits for that many ms at most. */
async function atMost(ms: number, promise: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const elapsed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([promise, elapsed]);
  clearTimeout(timer);
}
