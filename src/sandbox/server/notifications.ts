import { toUtf8 } from "../../bytes.js";
import { requireOneOf } from "../checks.js";
import { encryptResource } from "./aead.js";
import type { PlatformKeyPair } from "./platform.js";
import { SIGNATURE_FAULTS, type SignatureFault, signBody } from "./signature.js";
import { inBeijing } from "./time.js";

/** What a notification tells the merchant. */
export interface NotificationEvent {
  /** Such as `TRANSACTION.SUCCESS`. */
  event_type: string;
  /** The data of the event, encrypted with the APIv3 key on its way. */
  resource: unknown;
  /** Default: the event type. */
  summary?: string;
  /** Default: the event type's first word, in lower case. */
  original_type?: string;
}

/** Options of {@link Sandbox.notify}. */
export interface NotifyOptions {
  /** What sends the request, such as a handler in this process. Default the global `fetch`. */
  fetch?: (request: Request) => Promise<Response> | Response;
  /** What {@link Sandbox.fail} describes. */
  fault?: SignatureFault;
}

/** Sends a notification, and returns what the handler answered. */
export async function sendNotification(
  url: URL | string,
  event: NotificationEvent,
  { fetch = globalThis.fetch, fault }: NotifyOptions,
  { signer, apiV3Key, now }: { signer: PlatformKeyPair; apiV3Key: string; now: number },
): Promise<Response> {
  if (fault !== undefined) requireOneOf("fault", fault, SIGNATURE_FAULTS);
  const text = JSON.stringify(await notificationBody(event, apiV3Key, now));
  const { body, headers } = await signBody(toUtf8(text), signer, now, fault);
  const fixed = { "Content-Type": "application/json", "User-Agent": "Mozilla/4.0" };
  return fetch(new Request(url, { method: "POST", headers: { ...fixed, ...headers }, body, redirect: "manual" }));
}

/** Source: https://github.com/wechatpay-apiv3/wechatpay-go/blob/main/core/notify/notify.go */
async function notificationBody(event: NotificationEvent, apiV3Key: string, now: number): Promise<object> {
  const { event_type, resource, summary = event_type } = event;
  const original_type = event.original_type ?? (event_type.split(".", 1)[0] as string).toLowerCase();
  return {
    id: crypto.randomUUID(),
    create_time: inBeijing(now),
    resource_type: "encrypt-resource",
    event_type,
    summary,
    resource: { original_type, ...(await encryptResource(JSON.stringify(resource), original_type, apiV3Key)) },
  };
}
