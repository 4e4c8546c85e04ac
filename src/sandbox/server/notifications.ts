import { toUtf8 } from "../../bytes.js";
import { kindOf } from "../../checks.js";
import { checkOptions, FUNCTION, oneOf, RECORD, type Rule, requireFit, TEXT } from "../checks.js";
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

function isUrl(value: unknown): boolean {
  const text = kindOf(value) === "URL" ? String(value) : value;
  if (typeof text !== "string" || !URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && username + password === "";
}
const HTTP_URL: Rule = [isUrl, "an http or https URL, without a user name"];
function isJson(value: unknown): boolean {
  if (!["Object", "Array"].includes(kindOf(value))) return false;
  try {
    return JSON.stringify(value) !== undefined;
  } catch {
    return false;
  }
}
const EVENT: Record<keyof NotificationEvent, Rule> = {
  event_type: TEXT,
  resource: [isJson, "an object or a list that JSON can hold"],
  summary: TEXT,
  original_type: TEXT,
};
const OPTIONS: Record<keyof NotifyOptions, Rule> = { fetch: FUNCTION, fault: oneOf(SIGNATURE_FAULTS) };

/** Sends a notification, and returns what the handler answered. */
export async function sendNotification(
  url: URL | string,
  event: NotificationEvent,
  options: NotifyOptions,
  { signer, apiV3Key, now }: { signer: PlatformKeyPair; apiV3Key: string; now: number },
): Promise<Response> {
  requireFit("url", HTTP_URL, url);
  requireFit("event", RECORD, event);
  checkOptions("a notification", event, EVENT, ["event_type", "resource"]);
  checkOptions("notify", options, OPTIONS);
  const { fetch = globalThis.fetch, fault } = options;
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
