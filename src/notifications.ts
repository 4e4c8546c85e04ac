import { fromUtf8, parseJson, toUtf8 } from "./bytes.js";
import { AEAD, decryptAead } from "./crypto.js";
import { EncryptionError, type VerificationError } from "./errors.js";
import { explainApiV3Key } from "./explain.js";
import { createPlatformKeys, type PlatformKeys } from "./keys/platform-keys.js";
import { type NotificationRequest, readRequest, suspect } from "./notification-request.js";
import { checkOptions, readOptions, type TransportOptions } from "./options.js";
import { connect } from "./wire/index.js";
import { requireSignature } from "./wire/verify.js";

/**
 * A notification, its fields named as on the wire: one of those that `Events` knows, told apart by `event_type`.
 *
 * `Events` is the `webhooks` that the generator writes; then any other event type may arrive as well, an {@link UnknownNotification}. Or it
 * maps event types to their resources by hand, `{ "TRANSACTION.SUCCESS": { out_trade_no: string } }`; then these and no others are expected.
 * Both may be joined: `webhooks & { "COUPON.USE": Coupon }`.
 */
export type Notification<Events = Record<string, unknown>> = {
  [Event in keyof Events & string]: OneOf<Event, Events[Event]>;
}[keyof Events & string];

/** An entry of the generated `webhooks`, or a resource. */
type OneOf<Event, Entry> = [Entry] extends [never]
  ? NotificationOf<Event, unknown>
  : 0 extends Entry & 1 // any
    ? NotificationOf<Event, Entry>
    : [Entry] extends [{ post: { requestBody?: { content: { "application/json": { resource?: infer Resource } } } } }]
      ? NotificationOf<Event, Resource> | UnknownNotification
      : NotificationOf<Event, Entry>;

/** A notification of one event type. */
export interface NotificationOf<Event, Resource> {
  /** 通知ID: the same for every repeat of a notification. Repeats are usual: handle each once. */
  id: string;
  /** 通知创建时间, RFC 3339 */
  create_time: string;
  /** 通知类型, e.g. `TRANSACTION.SUCCESS` */
  event_type: Event;
  /** 回调摘要 */
  summary: string;
  /** 通知数据, decrypted and parsed. */
  resource: Resource;
  /** 通知数据, decrypted: the text of `resource`. It has every digit of a number beyond 2^53, which `resource` has not. */
  plaintext: string;
}

/**
 * A notification of an event type that the description does not know: what the `default` of a `switch` over `event_type` sees, where each
 * of the others has a `case`.
 */
export type UnknownNotification = NotificationOf<UnknownEventType, unknown>;

/**
 * Any text but those that the description knows. A plain `string` would be compared with those too, and no `===` would tell which resource
 * it is. So a literal that the description does not know is a compile error; give its type to the receiver beside `webhooks`.
 */
declare enum UnknownEventType {
  Unknown = "an event type that the description does not know",
}

/** Options of {@link createNotificationReceiver}: two keys, and the rest of a client's options where certificates are to be downloaded. */
export interface NotificationReceiverOptions
  extends Omit<TransportOptions, "apiV3Key" | "mchid" | "serialNo">,
    Pick<Partial<TransportOptions>, "mchid" | "serialNo"> {
  /** APIv3密钥 The APIv3 key, 32 bytes: notifications are encrypted with it. */
  apiV3Key: string;
}

/**
 * Receives notifications (回调通知): verifies the raw bytes and the clock, decrypts, and parses.
 *
 * ```ts
 * const receive = createNotificationReceiver({ platformKeys, apiV3Key });
 * export async function POST(request: Request): Promise<Response> {
 *   try {
 *     const { id, event_type, resource } = await receive(request);
 *     // … handle each id once, within 5 s
 *     return acknowledge();
 *   } catch (error) {
 *     return refuse(error instanceof Error ? error.name : "unknown");
 *   }
 * }
 * ```
 *
 * With `createNotificationReceiver<webhooks>(…)` of a generated `schema.ts`, `event_type` tells which resource it is: {@link Notification}.
 *
 * The function it gives rejects with a {@link VerificationError} if the notification is not WeChat Pay's, with an
 * {@link EncryptionError} if it cannot be decrypted, and with a `TypeError` if its raw body is not to be had.
 *
 * Source: https://pay.weixin.qq.com/doc/v3/merchant/4012071382
 *
 * @typeParam Events the generated `webhooks`, or the resource of each event type that is expected. What arrives is not checked against it:
 * it is WeChat Pay's, verified, but may have other fields than the description.
 * @throws {TypeError} naming the option that is missing or of the wrong form.
 * @throws {KeyError} naming the option whose key cannot be used, and why.
 */
export function createNotificationReceiver<Events = Record<string, unknown>>(
  options: NotificationReceiverOptions,
): (request: NotificationRequest) => Promise<Notification<Events>> {
  checkOptions(options, ["apiV3Key"]);
  const { apiV3Key, clock = Date.now } = options;
  const key = toUtf8(apiV3Key);
  const platformKeys = platformKeysOf(options, clock);

  return async (request) => {
    const about = { suspect, status: undefined, operationId: undefined, outcome: undefined };
    const { headers, body } = await readRequest(request);
    await requireSignature("A notification", { ...about, headers, body }, platformKeys, clock());
    const { id, create_time, event_type, summary, resource_type, resource } = readEnvelope(body);
    requireSupported("/resource_type", resource_type, "encrypt-resource");
    requireSupported("/resource/algorithm", resource?.algorithm, AEAD);
    const { nonce = "", associated_data: associatedData, ciphertext = "" } = resource ?? {};
    const read = readResource(await decryptAead({ key, nonce, associatedData, ciphertext }));
    return { id, create_time, event_type, summary, ...read } as Notification<Events>;
  };
}

/** The reply that tells WeChat Pay that a notification was handled; it is not sent again. */
export function acknowledge(): Response {
  return new Response(null, { status: 204 });
}

/**
 * The reply that tells WeChat Pay that a notification was not handled; it is sent again, up to 15 times within 24 h.
 *
 * @param reason goes to WeChat Pay, so it must hold nothing secret or personal; cut after 256 characters.
 */
export function refuse(reason: string): Response {
  return Response.json({ code: "FAIL", message: reason.slice(0, 256) }, { status: 400 });
}

function platformKeysOf(options: NotificationReceiverOptions, clock: () => number): PlatformKeys {
  const { mchid, serialNo, platformKeys } = options;
  // With mchid and serialNo, certificates can be downloaded.
  if (mchid !== undefined && serialNo !== undefined) return connect(readOptions({ ...options, mchid, serialNo })).keys;
  return createPlatformKeys(platformKeys, clock);
}

/** The body of a notification, as far as it can be relied on. */
interface Envelope {
  id?: string;
  create_time?: string;
  event_type?: string;
  summary?: string;
  resource_type?: string;
  resource?: { algorithm?: string; nonce?: string; associated_data?: string | null; ciphertext?: string };
}

function readEnvelope(body: Uint8Array): Envelope {
  const envelope = parseJson(body);
  if (typeof envelope === "object" && envelope !== null) return envelope;
  throw new EncryptionError("The notification is no JSON object, though WeChat Pay signed it.", "unsupported", "");
}

function requireSupported(field: string, found: string | undefined, known: string): void {
  if (found === known) return;
  const message = `${field} is ${JSON.stringify(found)?.slice(0, 40)}, and only ${known} is known.`;
  throw new EncryptionError(message, "unsupported", field);
}

function readResource(bytes: Uint8Array | undefined): { resource: unknown; plaintext: string } {
  const field = "/resource/ciphertext";
  if (bytes === undefined) throw new EncryptionError(explainApiV3Key("the notification"), "decrypt-failed", field);
  const resource = parseJson(bytes);
  if (resource !== undefined) return { resource, plaintext: fromUtf8(bytes) };
  throw new EncryptionError("The notification was decrypted, but what it holds is no JSON.", "unsupported", field);
}
