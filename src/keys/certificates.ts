import { type Bytes, fromUtf8, parseJson } from "../bytes.js";
import { isRecord } from "../checks.js";
import { decryptAead } from "../crypto.js";
import { apiErrorOf, errorBodyOf, KeyError } from "../errors.js";
import { explainApiV3Key } from "../explain.js";
import type { Send } from "../wire/call.js";
import { findKey, type Keyring, type PlatformKey, readPlatformKey } from "./platform-key.js";
import type { Download } from "./platform-keys.js";

const OPERATION_ID = "listCertificates";
/** Of a SIGN_ERROR; the whole explanation is unwrap's, which not every bundle has. */
const LIKELY = "mchid, serialNo and privateKey must be one merchant's, and this machine's clock right";
const PATH = "/v3/certificates";

type Merchant = { apiV3Key: Bytes; clock: () => number; serialNo: string };

/**
 * `GET /v3/certificates`: the platform certificates that are usable now. Only who has the APIv3 key can have encrypted them, so the
 * response that brings them is verified with them, and nothing has to be trusted beforehand.
 * @param wire the way to the server, whose responses are verified with these keys
 */
export function createDownload({ apiV3Key, clock, serialNo }: Merchant, wire: (keys: Keyring) => Send): Download {
  let held: readonly PlatformKey[];
  const read = (body: Bytes) => readCertificates(body, apiV3Key, serialNo);
  const send = wire({
    // Naming the public key counts this call for WeChat Pay's switch to it.
    current: async () => held.find(({ isPublicKey }) => isPublicKey),
    serials: () => "the list",
    async find(serial, body) {
      const carried = await read(body);
      return findKey([...held, ...carried], serial, clock());
    },
  });

  return async (keys) => {
    held = keys;
    // Without the caller's signal: the download is shared, and one aborted call must not cancel it for the rest.
    const bare = { headers: {}, body: new Uint8Array(), signal: undefined, streamed: false, repeatable: true };
    const call = { method: "GET", target: PATH, name: `GET ${PATH}`, operationId: OPERATION_ID };
    const response = await send({ ...call, ...bare });
    const bytes = response.body as Bytes;
    const certificates = response.status < 300 ? await read(bytes) : [];
    if (certificates.length > 0) return certificates;
    const error = errorBodyOf(parseJson(bytes), response);
    if (response.status >= 300 && error.code !== "RESOURCE_NOT_EXISTS") {
      const call = { operationId: OPERATION_ID, verified: response.verified };
      throw apiErrorOf(error, response, call, error.code === "SIGN_ERROR" ? LIKELY : undefined);
    }
    const message = "This merchant has no certificates. Give the public key: platformKeys: { PUB_KEY_ID_…: pem }.";
    throw new KeyError(message, "no-certificates", "platformKeys");
  };
}

/** A row of the list. Source: https://pay.weixin.qq.com/doc/v3/merchant/4012551764 */
type Row = { serial_no: string; effective_time?: string; expire_time?: string; encrypt_certificate: Encrypted };
type Encrypted = { nonce: string; associated_data?: string | null; ciphertext: string };

/** More than there ever are at a time, and few enough to decrypt before the signature is known to be right. */
const MOST_ROWS = 20;

/** The certificates of a response; none where it is another one. */
async function readCertificates(body: Bytes, apiV3Key: Bytes, serialNo: string): Promise<PlatformKey[]> {
  const { data } = (parseJson(body) ?? {}) as { data?: Row[] };
  const rows = Array.isArray(data) ? data.filter((row) => isRecord(row?.encrypt_certificate)).slice(0, MOST_ROWS) : [];
  return (await Promise.all(rows.map((row) => readCertificate(row, apiV3Key, serialNo)))).flat();
}

async function readCertificate(row: Row, key: Bytes, serialNo: string): Promise<PlatformKey[]> {
  const { nonce, associated_data: associatedData, ciphertext } = row.encrypt_certificate;
  const plaintext = await decryptAead({ key, nonce, associatedData, ciphertext });
  if (plaintext === undefined) throw new KeyError(explainApiV3Key("the certificates"), "wrong-key", "apiV3Key");
  const pem = fromUtf8(plaintext).trim();
  // Notifications are encrypted with the same key, and hold what others have written: only a certificate and nothing around it will do.
  if (!/^-----BEGIN CERTIFICATE-----[\w\s+/=]+-----END CERTIFICATE-----$/.test(pem)) return [];
  const [from, until] = [row.effective_time, row.expire_time].map((time) => Date.parse(time ?? ""));
  try {
    return [readPlatformKey(row.serial_no, pem, serialNo, [from || -Infinity, until || Infinity])];
  } catch {
    return [];
  }
}
