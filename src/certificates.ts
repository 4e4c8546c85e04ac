import { ApiError, errorBodyOf, KeyError } from "./errors.js";
import type { Middleware, Send } from "./middleware/call.js";
import { type Keyring, withVerification } from "./middleware/verification.js";
import { isRecord } from "./options.js";
import { type Certificate, createPlatformKeys, type Download } from "./platform-keys.js";
import { decryptAead } from "./protocol/aead.js";
import type { Bytes } from "./protocol/message.js";
import { readPublicKey } from "./protocol/pem.js";

const OPERATION = { operationId: "listCertificates" };
const PATH = "/v3/certificates";

/** Where the list comes from. */
export interface DownloadOptions {
  /** The way to the server, with room for the verification. */
  transport: (verification: Middleware) => Send;
  origin: string;
  /** The APIv3 key, 32 bytes. */
  apiV3Key: string;
  clock: () => number;
}

/**
 * `GET /v3/certificates`: the platform certificates that are usable now. Only who has the APIv3 key can have encrypted them, so the
 * very reply that brings them is verified with them, and there is nothing to be trusted beforehand.
 */
export function createDownload({ transport, origin, apiV3Key, clock }: DownloadOptions): Download {
  const key = new TextEncoder().encode(apiV3Key);

  return async (held) => {
    let certificates: Certificate[] = [];
    const keyring: Keyring = {
      // A key that was given keeps the count of calls by public key complete, which WeChat Pay's switch to it waits for.
      current: async () => held.publicKey(),
      serials: () => certificates.map(({ serial }) => serial).join(", ") || "none",
      async find(serial, body) {
        certificates = await readCertificates(body, key);
        const known = held.find(serial);
        if (known !== undefined || certificates.length === 0) return known;
        const carried = Object.fromEntries(certificates.map(({ serial: name, pem }) => [name, pem]));
        return createPlatformKeys(carried, { clock }).find(serial);
      },
    };
    const reply = await transport(withVerification(keyring, clock))({
      operation: OPERATION,
      method: "GET",
      path: PATH,
      url: new URL(PATH, origin),
      headers: new Headers(),
      body: new Uint8Array(),
      // Nobody's own: a caller who gives up must not take the certificates from the others.
      signal: new AbortController().signal,
      trace: { attempts: 0 },
    });
    if (reply.ok) return certificates;
    const body = errorBodyOf(await reply.json().catch(() => undefined), reply);
    if (body.code === "RESOURCE_NOT_EXISTS") {
      throw new KeyError(
        "This merchant has no platform certificates to download, only WeChat Pay's public key. Give it: platformKeys: { PUB_KEY_ID_…: pem } (商户平台 → API安全 → 微信支付公钥).",
        { reason: "no-certificates", option: "platformKeys" },
      );
    }
    throw new ApiError({
      status: reply.status,
      body,
      requestId: reply.headers.get("Request-ID") ?? undefined,
      ...OPERATION,
    });
  };
}

/** A row of the list. Source: https://pay.weixin.qq.com/doc/v3/merchant/4012551764 */
interface Row {
  serial_no: string;
  effective_time?: string;
  expire_time?: string;
  encrypt_certificate: { nonce: string; associated_data?: string; ciphertext: string };
}

/** The certificates of a reply; none where it is an error reply. */
function readCertificates(body: Bytes, key: Bytes): Promise<Certificate[]> {
  const rows = readRows(body).map(async (row): Promise<Certificate> => {
    const { nonce, associated_data = "", ciphertext } = row.encrypt_certificate;
    const pem = await decryptAead({ key, nonce, associatedData: associated_data, ciphertext });
    if (pem === undefined) {
      throw new KeyError(
        "apiV3Key does not decrypt the platform certificates of this merchant. Likely cause: the key of another merchant number, or one that was replaced (商户平台 → API安全 → APIv3密钥).",
        { reason: "wrong-key", option: "apiV3Key" },
      );
    }
    const text = new TextDecoder().decode(pem);
    return {
      // What it calls itself is authentic; what stands beside it is not yet.
      serial: readPublicKey(text, PATH).certificate?.serialNo ?? row.serial_no,
      pem: text,
      usedFrom: timeOr(Number.NEGATIVE_INFINITY, row.effective_time),
      usedUntil: timeOr(Number.POSITIVE_INFINITY, row.expire_time),
    };
  });
  return Promise.all(rows);
}

function timeOr(otherwise: number, text: string | undefined): number {
  const time = Date.parse(text ?? "");
  return Number.isNaN(time) ? otherwise : time;
}

function readRows(body: Bytes): Row[] {
  try {
    const { data } = JSON.parse(new TextDecoder().decode(body)) as { data?: Row[] };
    return Array.isArray(data) ? data.filter((row) => isRecord(row?.encrypt_certificate)) : [];
  } catch {
    return [];
  }
}
