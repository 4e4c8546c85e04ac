import { type Bytes, toBase64 } from "../bytes.js";
import { importSigningKey, type Key, lazyKey, type RsaAlgorithm, sign } from "../crypto.js";
import { KeyError } from "../errors.js";
import { readPrivateKey } from "../keys/pem.js";
import {
  BACKUP,
  isSerial,
  PRODUCTION,
  readBaseUrl,
  refuseOrigin,
  refuseRedirect,
  requireFunction,
  requireOption,
} from "../options.js";
import { expandPath } from "../path.js";
import { formatAuthorization } from "../sandbox/authorization.js";
import { requestMessage } from "../wire/message.js";
import type { Middleware } from "./call.js";

/** Makes signatures where the private key is out of reach (KMS, HSM): SHA-256 with RSA, PKCS#1 v1.5, over `message`. */
export type Signer = (message: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>;

/** Who signs. */
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

/** The `Authorization` header of one attempt, with a new nonce, the time and a signature; and the message that was signed. */
export type Authorize = (request: {
  method: string;
  url: URL;
  body: Bytes;
}) => Promise<{ authorization: string; message: Bytes }>;

/**
 * Checks the options and reads the key, once.
 * @throws {TypeError} naming the option that is missing or of the wrong form.
 * @throws {KeyError} if `privateKey` is no RSA private key.
 */
export function createAuthorize({
  mchid,
  serialNo,
  privateKey,
  signer,
  clock = Date.now,
  nonce = randomNonce,
}: SigningOptions): Authorize {
  const isMchid = typeof mchid === "string" && /^\d{1,32}$/.test(mchid);
  requireOption("mchid", isMchid, "the caller's merchant number, a text of digits", mchid);
  requireOption(
    "serialNo",
    isSerial(serialNo),
    "the serial of the merchant API certificate, in hex without colons (openssl x509 -in apiclient_cert.pem -noout -serial)",
    serialNo,
  );
  requireFunction("signer", signer);
  requireFunction("clock", clock);
  requireFunction("nonce", nonce);
  const signMessage = createSigner(privateKey, signer);

  return async ({ method, url, body }) => {
    const parts = { timestamp: String(Math.floor(clock() / 1000)), nonce: nonce() };
    requireOption("clock", /^\d+$/.test(parts.timestamp), "a function that gives ms since the epoch", parts.timestamp);
    // Without quotes and commas, which would make other values of the header.
    requireOption(
      "nonce",
      typeof parts.nonce === "string" && NONCE.test(parts.nonce),
      "a function that gives 1 to 32 visible characters",
      parts.nonce,
    );
    const message = requestMessage({ method, pathAndQuery: url.pathname + url.search, body, ...parts });
    const signature = toBase64(await signMessage(message));
    return { authorization: formatAuthorization({ mchid, serialNo, signature, ...parts }), message };
  };
}

/** Signs an attempt, as the last hand on it: what is signed is what is sent. */
export function withSigning(authorize: Authorize): Middleware {
  return (next) => async (call) => {
    refuseAuthorization(call.headers);
    const headers = new Headers(call.headers);
    const { authorization, message } = await authorize(call);
    headers.set("Authorization", authorization);
    call.trace.signed = message;
    return next({ ...call, headers });
  };
}

/**
 * Signing as an openapi-fetch middleware, for a client of your own: `client.use(signing({ mchid, serialNo, privateKey }))`.
 * Register it last, for a middleware after it would change what was signed. It signs and no more: replies stay unverified, so
 * prefer {@link createWeChatPayClient}.
 *
 * @param options.baseUrl the only origin that gets signed requests; default WeChat Pay's production and backup server.
 * @throws {TypeError} naming the option that is missing or of the wrong form.
 * @throws {KeyError} if `privateKey` is no RSA private key.
 */
export function signing({ baseUrl, ...options }: SigningOptions & { baseUrl?: string }): {
  onRequest(context: { request: Request; schemaPath?: string; params?: { path?: unknown } }): Promise<Request>;
  onResponse(context: { request: Request; response: Response }): void;
} {
  const authorize = createAuthorize(options);
  const origins = baseUrl === undefined ? [PRODUCTION, BACKUP] : [readBaseUrl("baseUrl", baseUrl)];
  return {
    async onRequest({ request, schemaPath, params }) {
      refuseAuthorization(request.headers);
      if (schemaPath !== undefined) expandPath(schemaPath, params?.path);
      const url = new URL(request.url);
      refuseOrigin(url, origins);
      const body = new Uint8Array(await request.arrayBuffer());
      const headers = new Headers(request.headers);
      headers.set("Authorization", (await authorize({ method: request.method, url, body })).authorization);
      const signed = new Request(request, { headers, redirect: "manual", ...(request.body && { body }) });
      sources.set(signed, request);
      return signed;
    },
    onResponse({ request: { method, url }, response }) {
      refuseRedirect(response, `${method} ${new URL(url).pathname}`);
    },
  };
}

/** A Request follows the signal of the one it was made from weakly: that one has to live as long. */
const sources = new WeakMap<Request, Request>();

function refuseAuthorization(headers: Headers): void {
  if (headers.has("Authorization")) {
    throw new TypeError("Authorization is written by the signer for every attempt: leave the header out of the call.");
  }
}

function createSigner(privateKey: SigningOptions["privateKey"], signer: Signer | undefined): Signer {
  if ((privateKey === undefined) === (signer === undefined)) {
    throw new TypeError(
      "privateKey or signer, exactly one of them, is required: the text of apiclient_key.pem, or a function that signs.",
    );
  }
  if (signer !== undefined) {
    return async (message) => {
      const signature = await signer(message);
      const fits = signature instanceof Uint8Array && signature.length > 0;
      requireOption("signer", fits, "a function that resolves to the signature's bytes, a Uint8Array", signature);
      return signature;
    };
  }
  if (isCryptoKey(privateKey)) {
    checkCryptoKey(privateKey);
    return (message) => sign(privateKey, message);
  }
  const pkcs8 = readPrivateKey(privateKey as string, "privateKey");
  const key = lazyKey(() => importSigningKey(pkcs8));
  return async (message) => sign(await key(), message);
}

// By shape: in Deno, Bun and tests a key may come from another realm's class.
function isCryptoKey(value: unknown): value is Key {
  return typeof value === "object" && value !== null && "algorithm" in value && "usages" in value;
}

function checkCryptoKey({ type, algorithm, usages }: Key): void {
  const { name, hash, modulusLength } = algorithm as unknown as RsaAlgorithm;
  if (
    type === "private" &&
    name === "RSASSA-PKCS1-v1_5" &&
    hash.name === "SHA-256" &&
    modulusLength >= 2048 &&
    usages.includes("sign")
  )
    return;
  throw new KeyError(
    `privateKey is a CryptoKey for ${name} (${type}; ${usages.join(", ") || "no usages"}). Wanted: a private RSASSA-PKCS1-v1_5 key with SHA-256, 2048 bits or more, imported with the usage "sign".`,
    { reason: name?.startsWith("RSA") ? "wrong-usage" : "not-rsa", option: "privateKey" },
  );
}

const NONCE = /^[\x21\x23-\x2b\x2d-\x7e]{1,32}$/;
const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** 32 base62 characters from the platform's CSPRNG, each equally likely. */
function randomNonce(): string {
  let nonce = "";
  while (nonce.length < 32) {
    for (const byte of crypto.getRandomValues(new Uint8Array(48))) {
      // 248 is the largest multiple of 62 in a byte: above it, some characters would come up more often.
      if (byte < 248 && nonce.length < 32) nonce += BASE62[byte % 62];
    }
  }
  return nonce;
}
