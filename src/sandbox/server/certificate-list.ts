import { encryptResource } from "./aead.js";
import type { Platform } from "./platform.js";
import { businessError } from "./refusals.js";
import { inBeijing } from "./time.js";

export const LIST_CERTIFICATES = "GET /v3/certificates";

const NO_CERTIFICATE = {
  zh: "没有平台证书：这个商户只用微信支付公钥（platformKeys 为 public-key）。",
  en: "There is no platform certificate: this merchant has WeChat Pay's public key alone (platformKeys is public-key).",
};

/**
 * The body of `GET /v3/certificates`. Source: https://pay.weixin.qq.com/doc/v3/merchant/4012551764
 * @throws {Refusal} 404 where there is no certificate.
 */
export async function certificateList(platform: Platform, apiV3Key: string): Promise<object> {
  const listed = await platform.listed();
  if (listed.length === 0) {
    const message =
      "无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥。可查看指引https://pay.weixin.qq.com/docs/merchant/products/platform-certificate/wxp-pub-key-guide.html";
    throw businessError(404, { code: "RESOURCE_NOT_EXISTS", message }, NO_CERTIFICATE);
  }
  const data = listed.map(async ({ serial, pem, startsAt, expiresAt }) => ({
    serial_no: serial,
    effective_time: inBeijing(startsAt),
    expire_time: inBeijing(expiresAt),
    encrypt_certificate: await encryptResource(pem, "certificate", apiV3Key),
  }));
  return { data: await Promise.all(data) };
}
