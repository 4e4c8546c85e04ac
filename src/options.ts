import { toUtf8 } from "./bytes.js";
import { isRecord, isText, refuseMisspelt, refuseUnknown, requireOption } from "./checks.js";
import type { Operations } from "./client/operations.js";
import type { Key } from "./crypto.js";
import { type Decrypter, readMerchantKey, type Signer } from "./keys/merchant-key.js";
import { PLATFORM_KEYS, readId, SERIAL } from "./keys/platform-key.js";
import type { Attempt, RetryOptions, Transport } from "./network.js";

/** The merchant and its signing key. */
export interface SigningOptions {
  /** 商户号 The caller's merchant number; for a service provider its own, never a sub-merchant's. */
  mchid: string;
  /** 商户API证书序列号 Serial of the merchant API certificate, in hex; `openssl x509 -in apiclient_cert.pem -noout -serial` prints it. */
  serialNo: string;
  /** 商户API私钥 The merchant API private key: the text of `apiclient_key.pem` (PKCS#8 or PKCS#1), or a `CryptoKey`. */
  privateKey?: string | Key | undefined;
  /** Signs instead of `privateKey`. */
  signer?: Signer | undefined;
  /** Now, in ms since the epoch. For tests. */
  clock?: (() => number) | undefined;
  /** The nonce of an attempt, 1 to 32 characters. For tests. */
  nonce?: (() => string) | undefined;
}

/** How requests reach WeChat Pay, and with which keys. */
export interface TransportOptions extends SigningOptions {
  /**
   * 微信支付公钥、微信支付平台证书 The keys that verify responses and encrypt sensitive fields: `Wechatpay-Serial` → PEM, several at once.
   * Each is named by the public key's ID (`PUB_KEY_ID_…`) or by the platform certificate's serial in hex.
   */
  platformKeys?: Readonly<Record<string, string>> | undefined;
  /** APIv3密钥 The APIv3 key: 32 bytes. With it, platform certificates are downloaded when one is needed, and again as they rotate. */
  apiV3Key?: string | undefined;
  /** Decrypts sensitive fields of responses, where `privateKey` is no PEM: a `signer` or a `CryptoKey` can only sign. */
  decrypter?: Decrypter | undefined;
  /** Origin of the server; default `https://api.mch.weixin.qq.com`. */
  baseUrl?: string | undefined;
  /** Origin to go to when no connection to `baseUrl` can be made; `false` for none. Default `https://api2.mch.weixin.qq.com`, and none beside a `baseUrl` of your own. */
  backupUrl?: string | false | undefined;
  /** Sends the requests instead of the platform's `fetch`, and takes its `Request`: wrap node-fetch or npm's undici, which have their own. */
  fetch?: ((request: Request) => Promise<Response>) | undefined;
  /** Sends the requests without `fetch`, such as `nodeTransport()` of `wechatpay-openapi-fetch/node`, which takes less CPU time. */
  transport?: Transport | undefined;
  /** How long an attempt may take, its body included, in ms; `false` for no limit. Default 10 000. */
  timeout?: number | false | undefined;
  /** How many calls may be under way at once; `false` for any number. Others wait their turn, and no time-out runs meanwhile. Default 256. */
  concurrency?: number | false | undefined;
  /** How calls are repeated where that is safe; `false` for never. */
  retry?: RetryOptions | false | undefined;
  /** `User-Agent` of every request; default this package's name and version. */
  userAgent?: string | undefined;
  /** Told of every attempt when it has ended, with nothing secret or personal. */
  onAttempt?: ((attempt: Attempt) => void) | undefined;
}

/** Options of `createWeChatPayClient`. */
export interface WeChatPayClientOptions extends TransportOptions {
  /**
   * The operations table of a spec of your own: what the client must know about it. A list of single operations of that table keeps the others
   * out of a bundle, and the client refuses them.
   */
  operations?: Operations | readonly Operations[] | undefined;
}

/** WeChat Pay's production server (主域名). */
const PRODUCTION = "https://api.mch.weixin.qq.com";
/** WeChat Pay's backup server (备域名). Source: https://pay.weixin.qq.com/doc/v3/merchant/4012075113 */
const BACKUP = "https://api2.mch.weixin.qq.com";
export const PLATFORM: readonly string[] = [PRODUCTION, BACKUP];
export const USER_AGENT = "wechatpay-openapi-fetch/0.1.0";

const isWhole = (value: unknown) => Number.isInteger(value) && isDelay(value);
/** setTimeout fires at once for longer delays. */
const isDelay = (value: unknown) => typeof value === "number" && value >= 0 && value < 2 ** 31;
/** A path before `/v3` would be signed, and whoever strips it breaks the signature. */
function isOrigin(value: unknown): boolean {
  const url = typeof value === "string" && URL.canParse(value) && new URL(value);
  return url && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`;
}
const isId = (form: RegExp) => (value: unknown) => typeof value === "string" && form.test(readId(value));
const isApiV3Key = (value: unknown) => isText(/^[^\s\p{C}]+$/u)(value) && toUtf8(value as string).length === 32;
const orFalse = (fits: (value: unknown) => boolean) => (value: unknown) => value === false || fits(value);

type Rule = readonly [fits: (value: unknown) => boolean, wanted: string];
const ANYTHING: Rule = [() => true, ""];
const FUNCTION: Rule = [(value) => typeof value === "function", "a function"];
const ORIGIN = `an origin such as ${PRODUCTION}`;

/** Every option, its check, and what it must be. Keys and `operations` are checked by those who read them. */
const OPTIONS: Record<keyof WeChatPayClientOptions, Rule> = {
  mchid: [isId(/^\d{1,32}$/), "a text of digits"],
  serialNo: [isId(SERIAL), "the merchant API certificate's serial, in hex and not in decimal: 40 digits at most"],
  privateKey: ANYTHING,
  signer: FUNCTION,
  decrypter: FUNCTION,
  platformKeys: [isRecord, PLATFORM_KEYS],
  apiV3Key: [isApiV3Key, "a text of 32 bytes, without blanks or line ends"],
  baseUrl: [isOrigin, ORIGIN],
  backupUrl: [orFalse(isOrigin), ORIGIN],
  fetch: FUNCTION,
  transport: FUNCTION,
  timeout: [orFalse((value) => isDelay(value) && value !== 0), "a number of ms above 0, or false"],
  concurrency: [orFalse((value) => isWhole(value) && value !== 0), "a whole number above 0, or false"],
  retry: [orFalse(isRecord), "{ repeats, baseDelay, maxDelay } or false"],
  userAgent: [isText(/^[\x20-\x7e]+$/), "a text of ASCII characters"],
  onAttempt: FUNCTION,
  clock: FUNCTION,
  nonce: FUNCTION,
  operations: ANYTHING,
};
const WHOLE: Rule = [isWhole, "a whole number; of delays, in ms"];
const RETRY: Record<keyof RetryOptions, Rule> = { repeats: WHOLE, baseDelay: WHOLE, maxDelay: WHOLE };

/** The options once they are checked and read, their defaults filled in. */
export type Settings = ReturnType<typeof readOptions>;

/** Reads the options of a client. @throws {TypeError} or {KeyError} naming the option at fault. */
export function readOptions(options: TransportOptions) {
  checkOptions(options, ["mchid", "serialNo"]);
  requireOption("transport", !(options.transport && options.fetch), "left out beside fetch", options.transport);
  const { privateKey, signer, decrypter, apiV3Key, ...rest } = options;
  return {
    ...rest,
    ...readIds(options),
    ...readMerchantKey(privateKey, signer, decrypter),
    apiV3Key: apiV3Key === undefined ? undefined : toUtf8(apiV3Key),
    /** The only ones that get signed requests: the server and, if there is one, its backup. */
    origins: readOrigins(options),
    retry: options.retry ?? {},
    timeout: options.timeout ?? 10_000,
    concurrency: options.concurrency ?? 256,
    userAgent: options.userAgent ?? USER_AGENT,
    clock: options.clock ?? Date.now,
  };
}

/** The merchant's IDs, as they are sent. */
export const readIds = ({ mchid, serialNo }: Pick<SigningOptions, "mchid" | "serialNo">) => ({
  mchid: readId(mchid),
  serialNo: readId(serialNo),
});

/** Checks what is given, and that what is required is. @throws {TypeError} naming the option that is missing, misspelt or wrong. */
export function checkOptions(given: object, required: readonly string[]): void {
  requireOption("options", isRecord(given), "an object", given);
  refuseMisspelt(given, Object.keys(OPTIONS));
  checkAll("", OPTIONS, given, required);
  const { retry } = given as Partial<TransportOptions>;
  if (!retry) return;
  refuseUnknown("retry", retry, Object.keys(RETRY));
  checkAll("retry.", RETRY, retry, []);
}

function checkAll(prefix: string, rules: Record<string, Rule>, given: object, required: readonly string[]): void {
  for (const [name, [fits, wanted]] of Object.entries(rules)) {
    const value = (given as Record<string, unknown>)[name];
    const isLeftOut = value === undefined && !required.includes(name);
    requireOption(prefix + name, isLeftOut || fits(value), wanted, value);
  }
}

/** The servers that may be asked. A custom `baseUrl` has no default backup: what is meant for it must not go to WeChat Pay. */
export function readOrigins(given: Pick<TransportOptions, "baseUrl" | "backupUrl">): readonly [string, string?] {
  const { origin } = new URL(given.baseUrl ?? PRODUCTION);
  const backup = given.backupUrl ?? (origin === PRODUCTION && BACKUP);
  return backup === false ? [origin] : [origin, new URL(backup).origin];
}
