import { decryptOaep, importDecryptingKey, lazyKey } from "./crypto.js";
import { createDownload } from "./keys/certificates.js";
import { readPrivateKey } from "./keys/pem.js";
import { createPlatformKeys, type PlatformKeys } from "./keys/platform-keys.js";
import { type Call, describe, fromNetwork, type Middleware, type Send } from "./middleware/call.js";
import { type Decrypter, withEncryption } from "./middleware/encryption.js";
import { type Attempt, type RetryOptions, withAttempts, withFailover, withRetry } from "./middleware/retry.js";
import { createAuthorize, type SigningOptions, withSigning } from "./middleware/signing.js";
import { withTimeout } from "./middleware/timeout.js";
import { withVerification } from "./middleware/verification.js";
import {
  BACKUP,
  isRecord,
  PRODUCTION,
  readApiV3Key,
  readBaseUrl,
  refuseOrigin,
  refuseRedirect,
  refuseUnknown,
  requireFunction,
  requireOption,
} from "./options.js";

/** ms */
const TIMEOUT = 10_000;
const USER_AGENT = "wechatpay-openapi-fetch/0.1.0";

/** How requests reach WeChat Pay, and which keys they meet on the way. */
export interface TransportOptions extends SigningOptions {
  /**
   * 微信支付公钥、微信支付平台证书 The keys that verify replies and encrypt sensitive fields: `Wechatpay-Serial` → PEM, several at once.
   * Each is named by the public key's ID (`PUB_KEY_ID_…`) or by the platform certificate's serial in hex.
   */
  platformKeys?: Readonly<Record<string, string>> | undefined;
  /** APIv3密钥 The APIv3 key: 32 bytes. With it, platform certificates are downloaded when one is needed, and again as they rotate. */
  apiV3Key?: string | undefined;
  /** Decrypts sensitive fields of replies, where `privateKey` is no PEM: a `signer` or a `CryptoKey` can only sign. */
  decrypter?: Decrypter | undefined;
  /** Origin of the server; default `https://api.mch.weixin.qq.com`. */
  baseUrl?: string | undefined;
  /**
   * Origin to go to when no connection to `baseUrl` can be made; `false` for none. Default `https://api2.mch.weixin.qq.com`, and none
   * where `baseUrl` is given.
   */
  backupUrl?: string | false | undefined;
  /** The transport below everything else; default the platform's `fetch`. */
  fetch?: ((request: Request) => Promise<Response>) | undefined;
  /** How long an attempt may take with its body, in ms; `false` for no limit. Default 10 000. */
  timeout?: number | false | undefined;
  /** How calls are repeated that may be; `false` for never. */
  retry?: RetryOptions | false | undefined;
  /** `User-Agent` of every request; default this package's name and version. */
  userAgent?: string | undefined;
  /** Told of every attempt when it has ended, with nothing secret or personal. */
  onAttempt?: ((attempt: Attempt) => void) | undefined;
}

/** The names of {@link TransportOptions}: the compiler sees to it that none is missing. */
export const TRANSPORT_OPTIONS = Object.keys({
  mchid: true,
  serialNo: true,
  privateKey: true,
  signer: true,
  platformKeys: true,
  apiV3Key: true,
  decrypter: true,
  baseUrl: true,
  backupUrl: true,
  fetch: true,
  timeout: true,
  retry: true,
  userAgent: true,
  onAttempt: true,
  clock: true,
  nonce: true,
} satisfies Record<keyof TransportOptions, true>);

/** The way of a call, down to the network and back. */
export interface Transport {
  origin: string;
  platformKeys: PlatformKeys;
  send: Send;
}

/**
 * Checks the options and puts the way of a call together: encryption → retry → failover → time-out → verification → signing → fetch.
 * @throws {TypeError} naming the option that is missing or of the wrong form.
 * @throws {KeyError} naming the option whose key cannot be used, and why.
 */
export function createTransport(options: TransportOptions): Transport {
  const { clock = Date.now, userAgent = USER_AGENT, apiV3Key, timeout = TIMEOUT, retry = {} } = options;
  const authorize = createAuthorize(options);
  const origins = readOrigins(options);
  requireFunction("fetch", options.fetch);
  requireFunction("onAttempt", options.onAttempt);
  requireFunction("decrypter", options.decrypter);
  const isUserAgent = typeof userAgent === "string" && /^[\x20-\x7e]+$/.test(userAgent);
  requireOption("userAgent", isUserAgent, "a text of ASCII characters", userAgent);
  // A longer timer would fire at once.
  const isTimeout = timeout === false || (typeof timeout === "number" && timeout > 0 && timeout < 2 ** 31);
  requireOption("timeout", isTimeout, "a number of ms, or false", timeout);
  requireRetry(retry);
  const key = apiV3Key === undefined ? undefined : readApiV3Key(apiV3Key);

  const transport = (verification: Middleware, limit: number | false) =>
    [
      withRetry(retry),
      withFailover(origins, clock),
      withAttempts(options.onAttempt),
      withTimeout(limit),
      verification,
      withHeaders(userAgent),
      withSigning(authorize),
    ].reduceRight<Send>((next, middleware) => middleware(next), sending(origins, options.fetch));

  const [origin] = origins;
  // All calls may wait for it, so it never takes for ever.
  const download = (verification: Middleware) => transport(verification, timeout || TIMEOUT);
  const platformKeys = createPlatformKeys(options.platformKeys, {
    clock,
    merchantSerialNo: options.serialNo,
    download: key && createDownload({ transport: download, origin, key, clock }),
  });
  const send = withEncryption(
    platformKeys,
    createDecrypter(options),
  )(transport(withVerification(platformKeys, clock), timeout));
  return { origin, platformKeys, send };
}

function readOrigins({ baseUrl, backupUrl }: TransportOptions): readonly [string, string?] {
  const origin = readBaseUrl("baseUrl", baseUrl ?? PRODUCTION);
  // Who goes to a server of their own does not mean WeChat Pay's second one.
  const backup = backupUrl ?? (baseUrl === undefined || origin === PRODUCTION ? BACKUP : false);
  return backup === false ? [origin] : [origin, readBaseUrl("backupUrl", backup)];
}

const RETRY_OPTIONS = ["repeats", "baseDelay", "maxDelay"] as const;

function requireRetry(retry: RetryOptions | false): void {
  requireOption("retry", retry === false || isRecord(retry), "{ repeats, baseDelay, maxDelay } or false", retry);
  if (retry === false) return;
  refuseUnknown("retry", retry, RETRY_OPTIONS);
  for (const name of RETRY_OPTIONS) {
    const value = retry[name];
    const fits = value === undefined || (Number.isInteger(value) && value >= 0 && value < 2 ** 31);
    requireOption(`retry.${name}`, fits, name === "repeats" ? "a whole number" : "a whole number of ms", value);
  }
}

function createDecrypter({ privateKey, decrypter }: TransportOptions): Decrypter | undefined {
  if (decrypter !== undefined || typeof privateKey !== "string") return decrypter;
  // Read when a field first comes encrypted: that it can be, the signer has seen.
  const key = lazyKey(() => importDecryptingKey(readPrivateKey(privateKey, "privateKey")));
  return async (ciphertext) => {
    const plaintext = await decryptOaep(await key(), ciphertext);
    if (plaintext === undefined) throw new TypeError("It was not encrypted for this key.");
    return plaintext;
  };
}

function withHeaders(userAgent: string): Middleware {
  return (next) => (call) => {
    const headers = new Headers(call.headers);
    if (!headers.get("Accept")) headers.set("Accept", "application/json");
    headers.set("User-Agent", userAgent);
    return next({ ...call, headers });
  };
}

/** The innermost hand: one attempt over the network. */
function sending(origins: readonly (string | undefined)[], fetch: TransportOptions["fetch"]): Send {
  return async (call: Call) => {
    const { method, url, headers, body, signal } = call;
    refuseOrigin(url, origins);
    signal.throwIfAborted();
    // "manual" and not "error", which Workers do not know.
    const init = { method, headers, signal, body: body.length > 0 ? body : null, redirect: "manual" } as const;
    // Looked up for each call, so that a test may replace the global one.
    const request = new Request(url, init);
    const reply = await fromNetwork(() => (fetch ?? globalThis.fetch)(request));
    refuseRedirect(reply, describe(call));
    if (!(reply.status >= 200 && reply.status <= 599)) {
      throw new TypeError(
        `${describe(call)} was answered with the status ${reply.status}, which is no status of HTTP.`,
      );
    }
    // A Request follows its signal weakly: it has to live until the body is read.
    requests.set(reply, request);
    return reply;
  };
}

const requests = new WeakMap<Response, Request>();
