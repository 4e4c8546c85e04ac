import { decryptOaep, type Key, keyOf } from "../../crypto.js";
import { normalizeSerial } from "../../keys/platform-key.js";
import { ArgumentError } from "../action-error.js";
import { createCertificate } from "./certificate.js";
import type { Did } from "./deeds.js";
import { FIVE_YEARS, randomPublicKeyId, type SandboxKeys } from "./key-set.js";
import { generateKeyPair, type KeyPair, randomSerial, readCertificate, readKeyPair, toDer, toPem } from "./keys.js";
import { DAY } from "./time.js";

/** Which keys WeChat Pay has for the merchant. Source: https://pay.weixin.qq.com/doc/v3/merchant/4012154180 */
export const PLATFORM_KEY_MODES = ["public-key", "certificate", "gray"] as const;
export type PlatformKeyMode = (typeof PLATFORM_KEY_MODES)[number];

/** A key pair of WeChat Pay's. */
export interface PlatformKeyPair {
  /** What `Wechatpay-Serial` calls it. */
  serial: string;
  /** The public half: a bare key, or a certificate. */
  pem: string;
  signingKey: Key;
  decrypt: (ciphertext: Uint8Array<ArrayBuffer>) => Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** ms since the epoch, as `expiresAt`. */
  startsAt: number;
  expiresAt: number;
}

/** WeChat Pay's keys, as they are at the moment. */
export interface Platform {
  /** The keys that a client is given: serial → PEM. */
  credentials(): Record<string, string>;
  /** The key that `Wechatpay-Serial` names, if it is in force; case and leading zeros do not matter. */
  find(serial: string): Promise<PlatformKeyPair | undefined>;
  /** The key that signs where none is asked for. */
  standard(): PlatformKeyPair;
  /** The certificate that started last, if there are any. */
  certificate(): Promise<PlatformKeyPair | undefined>;
  /** All that there are by now, those that are not in force as well: no key is made for it. */
  known(): Promise<(PlatformKeyPair & { isInForce: boolean })[]>;
  /** What `GET /v3/certificates` lists. */
  listed(): Promise<PlatformKeyPair[]>;
  /** All that were made so far, for those who look on. */
  made(): PlatformKeyPair[];
  /** Issues the next certificate, and returns its serial. */
  rotate(): Promise<string>;
}

export async function createPlatform(
  mode: PlatformKeyMode | undefined,
  now: () => number,
  did: Did,
  keys?: SandboxKeys["platform"],
): Promise<Platform> {
  // In force for a while already, so that a client whose clock is slow does not find it too young.
  const start = now() - 30 * DAY;
  const certificates: PlatformKeyPair[] = [];
  let first: Promise<unknown> | undefined;
  /** Made when first needed: keys take a while to make, and few callers need a certificate. */
  const issued = async () => {
    if (mode !== "public-key")
      first ??= (keys ? readIssued(keys) : issue(start)).then((certificate) => certificates.push(certificate));
    await first;
    return certificates;
  };
  const isGiven = mode === "certificate" || mode === "gray";
  const [publicKey] = await Promise.all([
    mode === "certificate" ? undefined : createPublicKey(keys),
    isGiven ? issued() : undefined,
  ]);

  const isInForce = ({ startsAt, expiresAt }: PlatformKeyPair) => startsAt <= now() && now() < expiresAt;
  const latest = () => certificates.findLast(({ startsAt }) => startsAt <= now()) ?? certificates[0];

  return {
    credentials() {
      const given = [publicKey ?? [], isGiven ? certificates.filter(isInForce) : []].flat();
      return Object.fromEntries(given.map(({ serial, pem }) => [serial, pem]));
    },
    async find(serial) {
      const isNamed = (key: PlatformKeyPair) => normalizeSerial(key.serial) === normalizeSerial(serial);
      if (publicKey !== undefined && isNamed(publicKey)) return publicKey;
      return (await issued()).find((key) => isNamed(key) && isInForce(key));
    },
    standard: () => (mode === "gray" || publicKey === undefined ? (latest() as PlatformKeyPair) : publicKey),
    async certificate() {
      await issued();
      return latest();
    },
    async known() {
      const all = [publicKey ?? [], keys || first ? await issued() : []].flat();
      return all.map((key) => ({ ...key, isInForce: isInForce(key) }));
    },
    listed: async () => (await issued()).filter(({ expiresAt }) => now() < expiresAt),
    made: () => [publicKey ?? [], certificates].flat(),
    async rotate() {
      if (mode === "public-key") {
        throw new ArgumentError(
          "这个沙箱只有微信支付公钥，公钥不会轮换。",
          "This sandbox has a public key only, and a public key does not rotate.",
        );
      }
      const [next] = await Promise.all([issue(now() + DAY), issued()]);
      for (const each of certificates) each.expiresAt = Math.min(each.expiresAt, next.startsAt + DAY);
      certificates.push(next);
      did("rotate", { serial: next.serial });
      return next.serial;
    },
  };
}

async function createPublicKey(given: SandboxKeys["platform"] | undefined): Promise<PlatformKeyPair> {
  const keys = given ? await readKeyPair(given.privateKey, "keys.platform.privateKey") : await generateKeyPair();
  const serial = given?.publicKeyId ?? randomPublicKeyId();
  const pem = toPem("PUBLIC KEY", await toDer(keys.publicKey));
  return {
    serial,
    pem,
    ...(await privateHalf(keys)),
    startsAt: Number.NEGATIVE_INFINITY,
    expiresAt: Number.POSITIVE_INFINITY,
  };
}

async function issue(start: number): Promise<PlatformKeyPair> {
  const keys = await generateKeyPair();
  const serial = randomSerial();
  // Certificates have no fractions of a second.
  const startsAt = Math.floor(start / 1000) * 1000;
  const expiresAt = startsAt + FIVE_YEARS;
  const certificate = await createCertificate(keys, { serialNo: serial, notBefore: startsAt, notAfter: expiresAt });
  return { serial, pem: toPem("CERTIFICATE", certificate), ...(await privateHalf(keys)), startsAt, expiresAt };
}

/** The certificate that is given. It does not start anew with each sandbox. */
async function readIssued(given: SandboxKeys["platform"]): Promise<PlatformKeyPair> {
  const keys = await readKeyPair(given.certificateKey, "keys.platform.certificateKey");
  const { serialNo, notBefore, notAfter } = await readCertificate(given.certificate, keys, "keys.platform.certificate");
  const dates = { startsAt: notBefore, expiresAt: notAfter };
  return { serial: serialNo, pem: given.certificate, ...(await privateHalf(keys)), ...dates };
}

async function privateHalf({ privateKey }: KeyPair): Promise<Pick<PlatformKeyPair, "signingKey" | "decrypt">> {
  const decryptingKey = await keyOf(await toDer(privateKey), "decrypt");
  return { signingKey: privateKey, decrypt: (ciphertext) => decryptOaep(decryptingKey, ciphertext) };
}
