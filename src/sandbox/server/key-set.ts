import { isRecord, isText } from "../../checks.js";
import { createCertificate } from "./certificate.js";
import { generateKeyPair, type KeyPair, randomHex, randomSerial, toDer, toPem } from "./keys.js";
import { DAY } from "./time.js";

/** The keys of a sandbox, as JSON can hold them; all texts but two are PEM. Whoever has them can be its merchant and its WeChat Pay. */
export interface SandboxKeys {
  /** The merchant's, PKCS#8. */
  readonly privateKey: string;
  /** The merchant API certificate around it. Its serial is the `serialNo` of the credentials. */
  readonly certificate: string;
  /** 32 letters and digits. */
  readonly apiV3Key: string;
  /** WeChat Pay's: its public key's ID (`PUB_KEY_ID_…`), the private key behind that, and a certificate with its own. */
  readonly platform: {
    readonly publicKeyId: string;
    readonly privateKey: string;
    readonly certificate: string;
    readonly certificateKey: string;
  };
}

export const MCHID = "1900000109";
export const FIVE_YEARS = 5 * 365 * DAY;

/** For `platform.publicKeyId`. */
export const randomPublicKeyId = (): string =>
  `PUB_KEY_ID_0114${String(crypto.getRandomValues(new Uint32Array(1))[0]).padStart(24, "0")}`;

/** A certificate that has been valid for 30 days, and is for five years. */
export async function certify(keys: KeyPair, serialNo: string, name?: string): Promise<string> {
  const notBefore = Math.floor(Date.now() / 1000) * 1000 - 30 * DAY;
  const dates = { serialNo, notBefore, notAfter: notBefore + FIVE_YEARS };
  return toPem("CERTIFICATE", await createCertificate(keys, dates, name));
}

/**
 * Makes the keys that {@link SandboxOptions.keys} takes, to be kept: a sandbox that is started with them has the same credentials each time.
 * Their certificates have been valid for 30 days, and are for five years.
 */
export async function createSandboxKeys(): Promise<SandboxKeys> {
  const pairs = [generateKeyPair(), generateKeyPair(), generateKeyPair()];
  const [merchant, publicKey, certified] = (await Promise.all(pairs)) as [KeyPair, KeyPair, KeyPair];
  const pemOf = async ({ privateKey }: KeyPair) => toPem("PRIVATE KEY", await toDer(privateKey));
  return {
    privateKey: await pemOf(merchant),
    certificate: await certify(merchant, randomSerial(), MCHID),
    apiV3Key: randomHex(16),
    platform: {
      publicKeyId: randomPublicKeyId(),
      privateKey: await pemOf(publicKey),
      certificate: await certify(certified, randomSerial()),
      certificateKey: await pemOf(certified),
    },
  };
}

const isFull = (value: unknown, names: readonly string[]) =>
  isRecord(value) && names.every((name) => isPlain(value[name]));

/** What PEM and keys are written with. They go into files of variables, where a quote or a `$` would say something else. */
const isPlain = isText(/^[\w\s+/=-]+$/);

/** Whether a value has the form of {@link SandboxKeys}; the keys themselves are read later. */
export const isKeySet = (value: unknown): boolean =>
  isFull(value, ["privateKey", "certificate", "apiV3Key"]) &&
  isText(/^\S{32}$/)((value as SandboxKeys).apiV3Key) &&
  isFull((value as SandboxKeys).platform, ["publicKeyId", "privateKey", "certificate", "certificateKey"]) &&
  isText(/^PUB_KEY_ID_\w{1,64}$/)((value as SandboxKeys).platform.publicKeyId);
