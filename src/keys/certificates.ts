import { type Bytes, fromUtf8, parseJson } from "../bytes.js";
import { isRecord } from "../checks.js";
import { decryptAead } from "../crypto.js";
import { apiErrorOf, errorBodyOf, KeyError } from "../errors.js";
import type { Send } from "../wire/call.js";
import { readPublicKey } from "./pem.js";
import { type Certificate, type Keyring, normalizeSerial } from "./platform-key.js";
import { createPlatformKeys, type Download, type Held } from "./platform-keys.js";

const OPERATION_ID = "listCertificates";
const PATH = "/v3/certificates";

/** Where the list comes from. */
export interface DownloadOptions {
  /** The way to the server, whose responses are verified with these keys. */
  wire: (keys: Keyring) => Send;
  /** The APIv3 key's 32 bytes. */
  apiV3Key: Bytes;
  clock: () => number;
}

/**
 * `GET /v3/certificates`: the platform certificates that are usable now. Only who has the APIv3 key can have encrypted them, so the
 * response that brings them is verified with them, and nothing has to be trusted beforehand.
 */
export function createDownload({ wire, apiV3Key, clock }: DownloadOptions): Download {
  let held: Held;
  const send = wire({
    // Naming the public key keeps the count of calls by public key complete, which WeChat Pay's switch to it waits for.
    current: async () => held.publicKey(),
    serials: () => "those of the list",
    async find(serial, body) {
      const carried = await readCertificates(body, apiV3Key);
      const known = held.find(serial);
      if (known !== undefined || carried.length === 0) return known;
      const pems = Object.fromEntries(carried.map((certificate) => [certificate.serial, certificate.pem]));
      return createPlatformKeys(pems, { clock }).find(serial, body);
    },
  });

  return async (keys) => {
    held = keys;
    const call = { name: `GET ${PATH}`, operationId: OPERATION_ID, method: "GET", target: PATH, headers: {} };
    // Without the caller's signal: the download is shared, and one aborted call must not cancel it for the rest.
    const rest = {
      body: new Uint8Array(),
      signal: undefined,
      streamed: false,
      repeatable: true,
    };
    const response = await send({ ...call, ...rest });
    const isGood = response.status < 300;
    const bytes = response.body as Bytes;
    const certificates = isGood ? await readCertificates(bytes, apiV3Key) : [];
    if (certificates.length > 0) return certificates;
    const body = errorBodyOf(parseJson(bytes), response);
    if (!isGood && body.code !== "RESOURCE_NOT_EXISTS") throw apiErrorOf(body, response, OPERATION_ID);
    const message =
      "This merchant has no certificates, only a public key. Give platformKeys: { PUB_KEY_ID_…: pem } (商户平台 → API安全).";
    throw new KeyError(message, "no-certificates", "platformKeys");
  };
}

/** A row of the list. Source: https://pay.weixin.qq.com/doc/v3/merchant/4012551764 */
interface Row {
  serial_no: string;
  effective_time?: string;
  expire_time?: string;
  encrypt_certificate: { nonce: string; associated_data?: string; ciphertext: string };
}

/** More than there ever are at a time, and few enough to decrypt before the signature is known to be right. */
const MOST_ROWS = 20;

/** The certificates of a response; none where it is another one. */
async function readCertificates(body: Bytes, apiV3Key: Bytes): Promise<Certificate[]> {
  const { data } = (parseJson(body) ?? {}) as { data?: Row[] };
  const rows = Array.isArray(data) ? data.filter((row) => isRecord(row?.encrypt_certificate)).slice(0, MOST_ROWS) : [];
  const certificates = await Promise.all(rows.map((row) => readCertificate(row, apiV3Key)));
  return certificates.flatMap((certificate) => certificate ?? []);
}

async function readCertificate(row: Row, key: Bytes): Promise<Certificate | undefined> {
  const { nonce, associated_data: associatedData = "", ciphertext } = row.encrypt_certificate;
  const plaintext = await decryptAead({ key, nonce, associatedData, ciphertext });
  if (plaintext === undefined) {
    const message =
      "apiV3Key does not decrypt the platform certificates: it is another merchant's, or was replaced (商户平台 → API安全).";
    throw new KeyError(message, "wrong-key", "apiV3Key");
  }
  const pem = fromUtf8(plaintext).trim();
  const serial = serialOf(pem);
  if (serial === undefined || normalizeSerial(serial) !== normalizeSerial(`${row.serial_no}`)) return undefined;
  const [usedFrom, usedUntil] = [row.effective_time, row.expire_time].map((time) => Date.parse(time ?? ""));
  return { serial, pem, usedFrom: usedFrom || -Infinity, usedUntil: usedUntil || Infinity };
}

/**
 * The serial of the one RSA certificate that a PEM is; `undefined` where it is something else. Notifications are encrypted with the same
 * key, and hold what others have written: only a certificate and nothing around it will do.
 */
function serialOf(pem: string): string | undefined {
  if (!/^-----BEGIN CERTIFICATE-----[\w\s+/=]+-----END CERTIFICATE-----$/.test(pem)) return undefined;
  try {
    return readPublicKey(pem, PATH).certificate?.serialNo;
  } catch {
    return undefined;
  }
}
