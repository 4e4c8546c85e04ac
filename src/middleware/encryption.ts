import { fromBase64, toBase64 } from "../bytes.js";
import { encryptOaep, type RsaAlgorithm } from "../crypto.js";
import { EncryptionError, KeyError } from "../errors.js";
import { escapeSegment, parsePointer } from "../json-pointer.js";
import type { PlatformKey, PlatformKeys } from "../keys/platform-keys.js";
import { abortable, type Call, describe, type Middleware } from "./call.js";
import { withBody } from "./verification.js";

/** Decrypts where the private key is out of reach (KMS, HSM): RSA-OAEP with SHA-1 and MGF1-SHA-1. */
export type Decrypter = (ciphertext: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Sensitive fields (敏感信息字段) as plain text: encrypts those of a request with the platform key that the request then names, decrypts
 * those of a good reply. Which they are, the spec says; other operations pass through untouched.
 * Source: https://pay.weixin.qq.com/doc/v3/merchant/4013053257
 */
export function withEncryption(platformKeys: PlatformKeys, decrypt: Decrypter | undefined): Middleware {
  return (next) => async (call) => {
    const { request, response } = call.operation?.sensitive ?? {};
    const reply = await next(request === undefined ? call : await encrypted(call, request, platformKeys));
    if (response === undefined || !reply.ok) return reply;
    const body = await overFields(new Uint8Array(await reply.arrayBuffer()), response, (value, field) =>
      decryptField(value, field, decrypt),
    );
    return withBody(reply, body);
  };
}

async function encrypted(call: Call, fields: readonly string[], platformKeys: PlatformKeys): Promise<Call> {
  let key: PlatformKey | undefined;
  const body = await overFields(call.body, fields, async (value, field) => {
    key ??= await abortable(platformKeys.current(), call.signal).catch((cause: unknown) => {
      if (!(cause instanceof KeyError)) throw cause;
      throw new EncryptionError(`${describe(call)}: ${field} cannot be encrypted, for there is no platform key.`, {
        reason: "no-platform-key",
        field,
        cause,
      });
    });
    return encryptField(value, field, key);
  });
  if (key === undefined) return call;
  const headers = new Headers(call.headers);
  headers.set("Wechatpay-Serial", key.serial);
  return { ...call, headers, body };
}

async function encryptField(value: unknown, field: string, key: PlatformKey): Promise<string> {
  if (typeof value !== "string") {
    throw new EncryptionError(`${field} is a sensitive field and must be a text, but was ${typeof value}.`, {
      reason: "not-text",
      field,
    });
  }
  const plaintext = encoder.encode(value);
  const encryptingKey = await key.encryptingKey();
  const limit = (encryptingKey.algorithm as unknown as RsaAlgorithm).modulusLength / 8 - 42;
  if (plaintext.length > limit) {
    throw new EncryptionError(
      `${field} has ${plaintext.length} bytes in UTF-8, and at most ${limit} can be encrypted.`,
      {
        reason: "too-long",
        field,
      },
    );
  }
  return toBase64(await encryptOaep(encryptingKey, plaintext));
}

async function decryptField(value: unknown, field: string, decrypt: Decrypter | undefined): Promise<string> {
  if (decrypt === undefined) {
    throw new EncryptionError(
      `${field} came encrypted for the merchant's private key. Give privateKey as PEM, or a decrypter beside the signer.`,
      { reason: "no-private-key", field },
    );
  }
  try {
    const ciphertext = typeof value === "string" ? fromBase64(value) : undefined;
    if (ciphertext === undefined) throw new TypeError("It is no base64.");
    return decoder.decode(await decrypt(ciphertext));
  } catch (cause) {
    throw new EncryptionError(
      `${field} cannot be decrypted. Likely cause: it was encrypted for another merchant API certificate than serialNo's.`,
      { reason: "decrypt-failed", field, cause },
    );
  }
}

type Replace = (value: unknown, field: string) => Promise<unknown>;

/** JSON with the values at `pointers` replaced; absent and empty ones stay as they are. */
async function overFields(
  bytes: Uint8Array<ArrayBuffer>,
  pointers: readonly string[],
  replace: Replace,
): Promise<Uint8Array<ArrayBuffer>> {
  if (bytes.length === 0) return bytes;
  const root: unknown = JSON.parse(decoder.decode(bytes));
  // One after the other: the first field's key is the one for all.
  for (const pointer of pointers) await overField(root, parsePointer(pointer), "", replace);
  return encoder.encode(JSON.stringify(root));
}

async function overField(node: unknown, [segment, ...rest]: string[], at: string, replace: Replace): Promise<void> {
  if (segment === undefined || node === undefined || node === null) return;
  if (typeof node !== "object" || (Array.isArray(node) && segment !== "*")) {
    throw new EncryptionError(
      `${at || "The body"} is not what the spec says, so its sensitive fields cannot be found.`,
      {
        reason: "unsupported",
        field: at,
      },
    );
  }
  const parent = node as Record<string, unknown>;
  const names = segment === "*" ? Object.keys(parent) : [segment];
  for (const name of names) {
    const field = at + escapeSegment(name);
    const value = Object.hasOwn(parent, name) ? parent[name] : undefined;
    if (rest.length > 0) await overField(value, rest, field, replace);
    else if (value !== undefined && value !== null && value !== "") parent[name] = await replace(value, field);
  }
}
