import { toUtf8 } from "../../bytes.js";
import { isRecord, kindOf } from "../../checks.js";
import { ArgumentError } from "../action-error.js";
import type { OpenApiDocument } from "../api/document.js";
import { type KnownNotification, readNotifications } from "../api/notifications.js";
import { checkOptions, FUNCTION, oneOf, RECORD, type Rule, requireFit, TEXT } from "../checks.js";
import { once } from "../once.js";
import { encryptResource } from "./aead.js";
import type { PlatformKeyPair } from "./platform.js";
import { SIGNATURE_FAULTS, type SignatureFault, signBody } from "./signature.js";
import { inBeijing } from "./time.js";
import { watched } from "./watched-notification.js";
import type { Watchers } from "./watchers.js";

/** What a notification tells the merchant. */
export interface NotificationEvent {
  /** Such as `TRANSACTION.SUCCESS`. */
  event_type: string;
  /**
   * The data of the event, encrypted with the APIv3 key on its way. Default the document's example, with this sandbox's merchant number as its
   * `mchid`, `sp_mchid` or `mch_id`; a function is given that example, and gives what is sent: `(example) => ({ ...example, out_trade_no: "1" })`.
   */
  resource?: object | ((example: Record<string, unknown>) => object);
  /** Default: the one of the document's example, or the event type. */
  summary?: string;
  /** Default: the event type's first word, in lower case; of a transfer `mch_payment`. */
  original_type?: string;
}

/** Options of {@link Sandbox.notify}. */
export interface NotifyOptions {
  /** What sends the request, such as a handler in this process. Default the global `fetch`. */
  fetch?: (request: Request) => Promise<Response> | Response;
  /** What {@link Sandbox.fail} describes. */
  fault?: SignatureFault;
}

export function isHttpUrl(value: unknown): boolean {
  const text = kindOf(value) === "URL" ? String(value) : value;
  if (typeof text !== "string" || !URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && username + password === "";
}
const HTTP_URL: Rule = [isHttpUrl, "an http or https URL, without a user name"];
function isJson(value: unknown): boolean {
  if (!["Object", "Array"].includes(kindOf(value))) return false;
  try {
    return JSON.stringify(value) !== undefined;
  } catch {
    return false;
  }
}
const RESOURCE = "an object or a list that JSON can hold";
const EVENT: Record<keyof NotificationEvent, Rule> = {
  event_type: TEXT,
  resource: [(value) => typeof value === "function" || isJson(value), `${RESOURCE}, or a function that gives one`],
  summary: TEXT,
  original_type: TEXT,
};
const OPTIONS: Record<keyof NotifyOptions, Rule> = { fetch: FUNCTION, fault: oneOf(SIGNATURE_FAULTS) };

/** By the event type's first word, where they are others. */
const ORIGINAL_TYPES: Record<string, string> = { MCHTRANSFER: "mch_payment" };

/**
 * What sends notifications, and what the documents know of them.
 *
 * @param isWholeChecked whether a resource that is given as a whole must be as the document describes its event type
 * @param sender as it is when a notification is sent
 */
export function createNotify(
  documents: readonly OpenApiDocument[],
  isWholeChecked: boolean,
  watchers: Watchers,
  sender: () => Pick<Sender, "signer" | "apiV3Key" | "mchid" | "now" | "signedAt">,
) {
  const known = once(() => readNotifications(documents));
  return {
    notify: (url: URL | string, event: NotificationEvent, options: NotifyOptions = {}) =>
      sendNotification(url, event, options, { ...sender(), known: known(), isWholeChecked, watchers }),
    events: () => [...known().keys()],
    resourceOf: (event_type: string) => exampleOf(known().get(event_type), sender().mchid).resource,
  };
}

/** Who sends it, and what the document knows of notifications, by event type. */
interface Sender {
  signer: PlatformKeyPair;
  apiV3Key: string;
  mchid: string;
  /** By the sandbox's clock: ms since the epoch, as `signedAt`. */
  now: number;
  /** By the receiver's clock, which refuses another. */
  signedAt: number;
  known: ReadonlyMap<string, KnownNotification>;
  /** Whether a resource that is given as a whole must be as the document describes its event type. */
  isWholeChecked: boolean;
  /** Who is told of it. */
  watchers: Watchers;
}

/** Sends a notification, and returns what the handler answered. */
async function sendNotification(
  url: URL | string,
  event: NotificationEvent,
  options: NotifyOptions,
  { signer, apiV3Key, mchid, now, signedAt, known, isWholeChecked, watchers }: Sender,
): Promise<Response> {
  requireFit("url", HTTP_URL, url);
  requireFit("event", RECORD, event);
  checkOptions("a notification", event, EVENT, ["event_type"]);
  checkOptions("notify", options, OPTIONS);
  const { fetch = globalThis.fetch, fault } = options;
  const { id, create_time, resource, ...rest } = notificationOf(event, { known, mchid, now, isWholeChecked });
  const [type = ""] = event.event_type.split(".", 1);
  const original_type = event.original_type ?? ORIGINAL_TYPES[type] ?? type.toLowerCase();
  const encrypted = await encryptResource(JSON.stringify(resource), original_type, apiV3Key);
  // The real one has this order.
  const head = { id, create_time, resource_type: "encrypt-resource", ...rest };
  const whole = { ...head, resource: { original_type, ...encrypted } };
  const { body, headers } = await signBody(toUtf8(JSON.stringify(whole)), signer, signedAt, fault);
  const fixed = { "Content-Type": "application/json", "User-Agent": "Mozilla/4.0" };
  const request = new Request(url, { method: "POST", headers: { ...fixed, ...headers }, body, redirect: "manual" });
  if (watchers.size === 0) return fetch(request);
  const { event_type } = event;
  return watched(watchers, { event_type, url: String(url), resource, at: now, request }, () => fetch(request));
}

/** The document's example as this merchant is told it: a handler refuses what names another. */
function exampleOf(described: KnownNotification | undefined, mchid: string) {
  const example = described?.example() ?? {};
  const { resource } = example;
  for (const name of ["mchid", "sp_mchid", "mch_id"])
    if (isRecord(resource) && name in resource) resource[name] = mchid;
  return example;
}

/**
 * The notification as the receiver gives it.
 * Source: https://github.com/wechatpay-apiv3/wechatpay-go/blob/main/core/notify/notify.go
 * @throws {TypeError} if there is nothing to send, or it is not as the document says.
 */
function notificationOf(
  { event_type, ...given }: NotificationEvent,
  { known, mchid, now, isWholeChecked }: Pick<Sender, "known" | "mchid" | "now" | "isWholeChecked">,
): { id: string; create_time: string; resource: object } {
  const described = typeof given.resource === "object" && !isWholeChecked ? undefined : known.get(event_type);
  const example = exampleOf(described, mchid);
  if (example.resource === undefined && typeof given.resource !== "object") {
    const others = known.size > 0 ? ` It has ${[...known.keys()].join(", ")}.` : "";
    throw new TypeError(`resource is missing, and the document has no example of ${event_type}: give one.${others}`);
  }
  const { resource = {} } = example;
  const sent = typeof given.resource === "function" ? given.resource(resource) : (given.resource ?? resource);
  requireFit("resource", [isJson, RESOURCE], sent);
  const { summary = example.summary ?? event_type } = given;
  const notification = { id: crypto.randomUUID(), create_time: inBeijing(now), event_type, summary, resource: sent };
  // As JSON, which leaves out what is undefined.
  const violation = described?.violation(JSON.parse(JSON.stringify(notification)));
  if (violation === undefined) return notification;
  const place = violation.pointer || "/";
  throw new ArgumentError(
    `${place} 不符合描述文件中 ${event_type} 的定义，微信支付不会发送这样的通知。不给 resource 时发送文档中的示例。`,
    `${place} ${violation.issue}, as the document describes ${event_type}: WeChat Pay sends none like it. Without resource, the document's example is sent.`,
  );
}
