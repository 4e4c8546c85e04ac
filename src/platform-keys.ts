import { KeyError } from "./errors.js";
import { isRecord, isSerial, requireOption } from "./options.js";
import { type PublicKey, readPublicKey } from "./protocol/pem.js";
import { importEncryptingKey, importVerifyingKey } from "./protocol/rsa.js";

/** A key of WeChat Pay's: verifies its replies, encrypts for it. */
export interface PlatformKey {
  /** What `Wechatpay-Serial` calls it. */
  readonly serial: string;
  verifyingKey(): Promise<CryptoKey>;
  encryptingKey(): Promise<CryptoKey>;
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

/** Fetches the certificates that are usable now, serial → PEM. `held` are the keys there are without it. */
export type Download = (held: {
  current(): PlatformKey | undefined;
  find(serial: string): PlatformKey | undefined;
}) => Promise<Record<string, string>>;

/** WeChat Pay asks for less than 12 h between two downloads. Source: https://pay.weixin.qq.com/doc/v3/merchant/4012551764 */
const REFRESH_AFTER = 11 * 3_600_000;
/** A serial that nobody knows makes us ask once in this time, in ms, however often it comes. */
const PAUSE = 60_000;

const PUBLIC_KEY_ID = "PUB_KEY_ID_";
const WANTED =
  "WeChat Pay's keys by their Wechatpay-Serial, { PUB_KEY_ID_…: pem } (商户平台 → API安全 → 微信支付公钥) or { <certificate serial in hex>: pem }";

interface Entry extends PlatformKey {
  notBefore: number;
  notAfter: number;
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
  const isGiven = isRecord(entries) && Object.keys(entries).length > 0;
  requireOption("platformKeys", isGiven || (entries === undefined && download !== undefined), WANTED, entries);
  const given = readEntries(entries ?? {}, merchantSerialNo);
  let downloaded = new Map<string, Entry>();
  let downloadedAt: number | undefined;
  let triedAt = Number.NEGATIVE_INFINITY;
  let refreshing: Promise<void> | undefined;

  const isValid = ({ notBefore, notAfter }: Entry) => notBefore <= clock() && clock() <= notAfter;
  const lookUp = (serial: string) => {
    const entry = given.get(canonical(serial)) ?? downloaded.get(canonical(serial));
    return entry && isValid(entry) ? entry : undefined;
  };
  const best = () => [...given.values(), ...downloaded.values()].filter(isValid).sort((a, b) => rank(b) - rank(a))[0];

  /** One at a time: whoever needs a key while it is under way waits for the same. */
  function refresh(by: Download): Promise<void> {
    triedAt = clock();
    refreshing ??= by({ current: best, find: lookUp })
      .then((certificates) => {
        downloaded = readEntries(certificates, merchantSerialNo);
        downloadedAt = clock();
      })
      .finally(() => {
        refreshing = undefined;
      });
    return refreshing;
  }
  const hasPaused = () => Math.abs(clock() - triedAt) >= PAUSE;

  return {
    serials: () => [...given.values(), ...downloaded.values()].map(({ serial }) => serial).join(", ") || "none",
    async current() {
      if (download !== undefined && best() === undefined) await refresh(download);
      else if (
        download !== undefined &&
        downloadedAt !== undefined &&
        clock() - downloadedAt >= REFRESH_AFTER &&
        hasPaused()
      ) {
        // In the background: what is held still serves, and a failure shows when it no longer does.
        refresh(download).catch(() => {});
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
      if (key !== undefined || download === undefined || serial.toUpperCase().startsWith(PUBLIC_KEY_ID)) return key;
      if (refreshing !== undefined || hasPaused()) await refresh(download).catch(() => {});
      return lookUp(serial);
    },
  };
}

function readEntries(
  entries: Readonly<Record<string, string>>,
  merchantSerialNo: string | undefined,
): Map<string, Entry> {
  return new Map(
    Object.entries(entries).map(([serial, pem]) => [canonical(serial), readEntry(serial, pem, merchantSerialNo)]),
  );
}

function readEntry(serial: string, pem: string, merchantSerialNo: string | undefined): Entry {
  if (!isSerial(serial) && !/^PUB_KEY_ID_\w{1,64}$/i.test(serial)) {
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
  let verifying: Promise<CryptoKey> | undefined;
  let encrypting: Promise<CryptoKey> | undefined;
  return {
    serial,
    notBefore: certificate?.notBefore ?? Number.NEGATIVE_INFINITY,
    notAfter: certificate?.notAfter ?? Number.POSITIVE_INFINITY,
    verifyingKey: () => (verifying ??= importVerifyingKey(spki)),
    encryptingKey: () => (encrypting ??= importEncryptingKey(spki)),
  };
}

/** A public key before every certificate, for it is what WeChat Pay recommends; a certificate that started later before an older one. */
function rank({ serial, notBefore }: Entry): number {
  return serial.toUpperCase().startsWith(PUBLIC_KEY_ID)
    ? Number.POSITIVE_INFINITY
    : Math.max(notBefore, -Number.MAX_VALUE);
}

/** A serial for comparing: tools print certificates' serials in either case and drop leading zeros. */
export function canonical(serial: string): string {
  return serial.toUpperCase().replace(/^0+(?=.)/, "");
}
