import { AEAD } from "../crypto.js";
import { encryptAead } from "./aead.js";
import { randomHex } from "./keys.js";
import type { PlatformKey } from "./platform.js";

const encoder = new TextEncoder();

/** Body of `GET /v3/certificates`. Source: https://pay.weixin.qq.com/doc/v3/merchant/4012551764 */
export async function certificateList(certificates: PlatformKey[], apiV3Key: string): Promise<object> {
  const data = certificates.map(async ({ serial, pem, startsAt, expiresAt }) => ({
    serial_no: serial,
    effective_time: inBeijing(startsAt),
    expire_time: inBeijing(expiresAt),
    encrypt_certificate: await encrypt(pem, "certificate", apiV3Key),
  }));
  return { data: await Promise.all(data) };
}

/** Something that WeChat Pay tells the merchant of. */
export interface NotificationEvent {
  /** Such as `TRANSACTION.SUCCESS`. */
  event_type: string;
  /** What it tells; encrypted with the APIv3 key on its way. */
  resource: unknown;
  /** Default: the event type. */
  summary?: string;
  /** Default: the event type's first word, in lower case. */
  original_type?: string;
}

/** Body of a notification. Source: https://github.com/wechatpay-apiv3/wechatpay-go/blob/main/core/notify/notify.go */
export async function notificationBody(event: NotificationEvent, apiV3Key: string, now: number): Promise<object> {
  const { event_type, resource, summary = event_type } = event;
  const original_type = event.original_type ?? (event_type.split(".", 1)[0] as string).toLowerCase();
  return {
    id: crypto.randomUUID(),
    create_time: inBeijing(now),
    resource_type: "encrypt-resource",
    event_type,
    summary,
    resource: { original_type, ...(await encrypt(JSON.stringify(resource), original_type, apiV3Key)) },
  };
}

async function encrypt(text: string, associatedData: string, apiV3Key: string): Promise<object> {
  const nonce = randomHex(6).toLowerCase();
  const key = encoder.encode(apiV3Key);
  const ciphertext = await encryptAead({ key, nonce, associatedData, plaintext: encoder.encode(text) });
  return { algorithm: AEAD, ciphertext, associated_data: associatedData, nonce };
}

/** RFC 3339, as WeChat Pay writes it. */
export function inBeijing(ms: number): string {
  return new Date(ms + 8 * 3_600_000).toISOString().replace(/\.\d+Z$/, "+08:00");
}

export const DAY = 86_400_000;

/** `yyyy-MM-DD` in Beijing. */
export function dayOf(ms: number): string {
  return inBeijing(ms).slice(0, 10);
}
