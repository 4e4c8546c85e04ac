import { requireOption } from "../checks.js";
import { KeyError } from "../errors.js";
import {
  findKey,
  isPublicKeyId,
  type Keyring,
  PLATFORM_KEYS,
  type PlatformKey,
  readPlatformKey,
} from "./platform-key.js";

/** The platform keys of one merchant, given or downloaded. */
export interface PlatformKeys extends Keyring {
  /** The key to encrypt with and to name: the one that was asked for by its serial, the public key, or the certificate that started last. */
  current(named?: string): Promise<PlatformKey>;
}

/** Downloads the list of certificates. `held` are the keys there are already. */
export type Download = (held: readonly PlatformKey[]) => Promise<PlatformKey[]>;

/** Times are ms. WeChat Pay asks for less than 12 h between two downloads. Source: https://pay.weixin.qq.com/doc/v3/merchant/4012551764 */
const REFRESH_AFTER = 11 * 3_600_000;
/** Certificates are replaced at 24 h notice. After that, a call waits briefly for a new list. */
const STALE_AFTER = 24 * 3_600_000;
const GRACE = 300;
/** An unknown serial causes one download in this time, however often it comes. */
const PAUSE = 60_000;
/** Where no key is held, each call downloads the list. Once that failed twice, its error stands for this time, then for twice as long, up to `PAUSE`. */
const FIRST_PAUSE = 1_000;

/** Reads `platformKeys`. With `download`, certificates are downloaded when a call first needs one, and again before 12 h have passed. */
export function createPlatformKeys(
  given: Readonly<Record<string, string>> = {},
  clock: () => number,
  merchantSerialNo?: string,
  download?: Download,
): PlatformKeys {
  const fixed = Object.entries(given).map(([serial, pem]) => readPlatformKey(serial, pem, merchantSerialNo));
  requireOption("platformKeys", download !== undefined || fixed.length > 0, PLATFORM_KEYS, given);
  const list = download && createList(() => download(held()), clock);

  const held = (): PlatformKey[] => [...fixed, ...(list?.keys() ?? [])];
  const best = () => {
    const now = clock();
    const isUsed = (key: PlatformKey) =>
      Math.max(key.notBefore, key.usedFrom) <= now && now <= Math.min(key.notAfter, key.usedUntil);
    return held().filter(isUsed).sort(byPreference)[0];
  };
  const serials = () => Array.from(held(), ({ serial }) => serial).join(", ") || "none";
  const find = async (serial: string) => {
    const key = findKey(held(), serial, clock());
    if (key !== undefined || list === undefined || isPublicKeyId(serial)) return key;
    await list.tryRefresh();
    return findKey(held(), serial, clock());
  };
  return {
    serials,
    find,
    async current(named) {
      if (named) {
        const message = `Wechatpay-Serial names no platform key that is held (${serials()}): name the one that encrypt gave, or none.`;
        return (await find(named)) ?? throwKeyError(message, "unknown-serial", "Wechatpay-Serial");
      }
      const held = best();
      if (!held?.isPublicKey) await list?.keepFresh(held);
      const message = "No platform key is valid now: check platformKeys and this machine's clock.";
      return best() ?? throwKeyError(message, "expired", "platformKeys");
    },
  };
}

function throwKeyError(...about: ConstructorParameters<typeof KeyError>): never {
  throw new KeyError(...about);
}

/** The downloaded list, and when it is downloaded again. */
function createList(download: () => Promise<PlatformKey[]>, clock: () => number) {
  let keys: readonly PlatformKey[] = [];
  let downloadedAt = -Infinity;
  let triedAt = -Infinity;
  let refreshing: Promise<void> | undefined;
  let failed: { error: unknown; pause: number } | undefined;

  /** One at a time: whoever needs a key while it is under way waits for the same. */
  async function refresh(): Promise<void> {
    if (refreshing === undefined) triedAt = clock();
    refreshing ??= download()
      .then((downloaded) => {
        keys = downloaded;
        downloadedAt = clock();
        failed = undefined;
      })
      .catch((error) => {
        failed = { error, pause: failed ? Math.min(failed.pause * 2 || FIRST_PAUSE, PAUSE) : 0 };
        throw error;
      })
      .finally(() => {
        refreshing = undefined;
      });
    return refreshing;
  }
  const isEarly = (pause: number) => refreshing === undefined && Math.abs(clock() - triedAt) < pause;
  /** While a key is held, calls ignore a failed download. */
  async function tryRefresh(): Promise<void> {
    if (!isEarly(PAUSE)) await refresh().catch(() => {});
  }
  async function keepFresh(held: PlatformKey | undefined): Promise<void> {
    if (held === undefined) {
      if (failed && isEarly(failed.pause)) throw failed.error;
      return refresh();
    }
    const age = clock() - downloadedAt;
    if (age < REFRESH_AFTER) return;
    const refreshed = tryRefresh();
    if (age >= STALE_AFTER && held.isListed)
      await Promise.race([refreshed, new Promise((resolve) => setTimeout(resolve, GRACE))]);
  }
  return { keys: () => keys, keepFresh, tryRefresh };
}

/** A public key is what WeChat Pay recommends; a listed certificate is known to be used still; one that started later stays longer. */
function byPreference(a: PlatformKey, b: PlatformKey): number {
  const rank = ({ isPublicKey, isListed }: PlatformKey) => (isPublicKey ? 2 : Number(isListed));
  return rank(b) - rank(a) || b.usedFrom - a.usedFrom || 0;
}
