import { X509Certificate } from "node:crypto";
import { toUtf8 } from "../bytes.js";
import { decryptAead } from "../crypto.js";
import { KeyError } from "../errors.js";
import { explainApiV3Key } from "../explain.js";
import type { WeChatPayClient } from "../types.js";
import { unwrap } from "../unwrap.js";

/** A platform certificate (微信支付平台证书) as it was downloaded. */
export interface PlatformCertificate {
  /** In hex, as the certificate itself has it. */
  readonly serial: string;
  readonly pem: string;
  /** ms since the epoch. */
  readonly notAfter: number;
}

/**
 * Downloads WeChat Pay's certificates by `GET /v3/certificates`, whose response the client verifies, and decrypts them.
 * @throws {KeyError} if the APIv3 key is not the right one.
 */
export async function downloadCertificates(
  wechatpay: WeChatPayClient,
  apiV3Key: string,
): Promise<PlatformCertificate[]> {
  const { data } = unwrap(await wechatpay.GET("/v3/certificates"));
  return Promise.all(
    data.map(async ({ encrypt_certificate: { nonce, associated_data, ciphertext } }) => {
      const key = toUtf8(apiV3Key);
      const bytes = await decryptAead({ key, nonce, associatedData: associated_data, ciphertext });
      if (bytes === undefined) throw new KeyError(explainApiV3Key("the certificates"), "wrong-key", "apiV3Key");
      const certificate = new X509Certificate(bytes);
      // Written anew: what else stands in the text is no certificate.
      const pem = certificate.toString();
      return { serial: certificate.serialNumber, pem, notAfter: Date.parse(certificate.validTo) };
    }),
  );
}
