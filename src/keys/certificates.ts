import type { Bytes } from "../bytes.js";
import { decryptAead } from "../crypto.js";
import { ApiError, errorBodyOf, KeyError } from "../errors.js";
import { type Middleware, notFromNetwork, type Send } from "../middleware/call.js";
import { type Keyring, withVerification } from "../middleware/verification.js";
import { isRecord } from "../options.js";
import { readPublicKey } from "./pem.js";
import { type Certificate, canonical, createPlatformKeys, type Download } from "./platform-keys.js";

const OPERATION = { operationId: "listCertificates" };
const PATH = "/v3/certificates";

/** Where the list comes from. */
export interface DownloadOptions {
  /** The way to the server, with room for the verification. */
  transport: (verification: Middleware) => Send;
  origin: string;
  /** The APIv3 key's 32 bytes. */
  key: Bytes;
  clock: () => number;
}

/**
 * `GET /v3/certificates`: the platform certificates that are usable now. Only who has the APIv3 key can have encrypted them, so the
 * very reply that brings them is verified with them, and there is nothing to be trusted beforehand.
 */
export function createDownload({ transport, origin, key, clock }: DownloadOptions): Download {
  let held: Parameters<Download>[0];
  const keyring: Keyring = {
    // A public key that is named keeps the count of calls by public key complete, which WeChat Pay's switch to it waits for.
    current: async () => held.publicKey(),
    serials: () => "those that the list itself carries",
    async find(serial, body) {
      const carried = await readCertificates(body, key);
      const known = held.find(serial);
      if (known !== undefined || carried.length === 0) return known;
      return createPlatformKeys(Object.fromEntries(carried.map((row) => [row.serial, row.pem])), { clock }).find(
        serial,
      );
    },
  };
  const send = transport(withVerification(keyring, clock));

  return async (keys) => {
    held = keys;
    const reply = await send({
      operation: OPERATION,
      method: "GET",
      path: PATH,
      url: new URL(PATH, origin),
      headers: new Headers(),
      body: new Uint8Array(),
      // Nobody's own: a caller who gives up must not take the certificates from the others.
      signal: new AbortController().signal,
      trace: { attempts: 0 },
    }).catch((error: unknown) => {
      // It was repeated already: the call that waits for it must not repeat it again.
      notFromNetwork(error);
      throw error;
    });
    const bytes = new Uint8Array(await reply.arrayBuffer());
    const certificates = reply.ok ? await readCertificates(bytes, key) : [];
    if (certificates.length > 0) return certificates;
    const body = errorBodyOf(parse(bytes), reply);
    if (reply.ok || body.code === "RESOURCE_NOT_EXISTS") {
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

/** The certificates of a reply; none where it is another one. */
async function readCertificates(body: Bytes, key: Bytes): Promise<Certificate[]> {
  const rows = readRows(body).map(async (row): Promise<Certificate | undefined> => {
    const { nonce, associated_data = "", ciphertext } = row.encrypt_certificate;
    const plaintext = await decryptAead({ key, nonce, associatedData: associated_data, ciphertext });
    if (plaintext === undefined) {
      throw new KeyError(
        "apiV3Key does not decrypt the platform certificates of this merchant. Likely cause: the key of another merchant number, or one that was replaced (商户平台 → API安全 → APIv3密钥).",
        { reason: "wrong-key", option: "apiV3Key" },
      );
    }
    const pem = new TextDecoder().decode(plaintext).trim();
    const serial = serialOf(pem);
    // Notifications are encrypted with the same key, and hold what others have written: only a certificate and nothing around it will do.
    if (serial === undefined || typeof row.serial_no !== "string" || canonical(serial) !== canonical(row.serial_no))
      return undefined;
    return {
      serial,
      pem,
      usedFrom: timeOr(Number.NEGATIVE_INFINITY, row.effective_time),
      usedUntil: timeOr(Number.POSITIVE_INFINITY, row.expire_time),
    };
  });
  return (await Promise.all(rows)).filter((row) => row !== undefined);
}

/** The serial of the one RSA certificate that a PEM is; `undefined` where it is something else. */
function serialOf(pem: string): string | undefined {
  if (!/^-----BEGIN CERTIFICATE-----[\w\s+/=]+-----END CERTIFICATE-----$/.test(pem)) return undefined;
  try {
    return readPublicKey(pem, PATH).certificate?.serialNo;
  } catch {
    return undefined;
  }
}

function timeOr(otherwise: number, text: string | undefined): number {
  const time = Date.parse(text ?? "");
  return Number.isNaN(time) ? otherwise : time;
}

/** More than there ever are at a time, and few enough to decrypt before the signature is known to be right. */
const MOST_ROWS = 20;

function readRows(body: Bytes): Row[] {
  const { data } = (parse(body) ?? {}) as { data?: Row[] };
  return Array.isArray(data) ? data.filter((row) => isRecord(row?.encrypt_certificate)).slice(0, MOST_ROWS) : [];
}

function parse(body: Bytes): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}
