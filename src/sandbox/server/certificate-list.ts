import { encryptResource } from "./aead.js";
import type { Platform } from "./platform.js";
import { notFound } from "./refusals.js";
import { inBeijing } from "./time.js";

export const LIST_CERTIFICATES = "GET /v3/certificates";

/**
 * The body of `GET /v3/certificates`. Source: https://pay.weixin.qq.com/doc/v3/merchant/4012551764
 * @throws {Refusal} 404 where there is no certificate.
 */
export async function certificateList(platform: Platform, apiV3Key: string): Promise<object> {
  const listed = await platform.listed();
  if (listed.length === 0) {
    throw notFound(
      "无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥。可查看指引https://pay.weixin.qq.com/docs/merchant/products/platform-certificate/wxp-pub-key-guide.html",
    );
  }
  const data = listed.map(async ({ serial, pem, startsAt, expiresAt }) => ({
    serial_no: serial,
    effective_time: inBeijing(startsAt),
    expire_time: inBeijing(expiresAt),
    encrypt_certificate: await encryptResource(pem, "certificate", apiV3Key),
  }));
  return { data: await Promise.all(data) };
}
