import { parseJson, toUtf8 } from "./bytes.js";
import { AEAD, decryptAead } from "./crypto.js";
import { EncryptionError, type VerificationError } from "./errors.js";
import { explainApiV3Key } from "./explain.js";
import { createPlatformKeys, type PlatformKeys } from "./keys/platform-keys.js";
import { checkOptions, readOptions, type TransportOptions } from "./options.js";
import { connect } from "./wire/index.js";
import { readBody } from "./wire/send.js";
import { requireSignature } from "./wire/verify.js";

/** A notification, its fields named as on the wire. `Resources` maps event types to the resources they carry. */
export type Notification<Resources = Record<string, unknown>> = {
  [Event in keyof Resources & string]: {
    /** 通知ID: the same for every repeat of a notification. Repeats are usual: handle each once. */
    id: string;
    /** 通知创建时间, RFC 3339 */
    create_time: string;
    /** 通知类型, e.g. `TRANSACTION.SUCCESS` */
    event_type: Event;
    /** 回调摘要 */
    summary: string;
    /** 通知数据, decrypted and parsed. */
    resource: Resources[Event];
  };
}[keyof Resources & string];

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
 * The function it gives rejects with a {@link VerificationError} if the notification is not WeChat Pay's, with an
 * {@link EncryptionError} if it cannot be decrypted, and with a `TypeError` if the body was read before.
 *
 * Source: https://pay.weixin.qq.com/doc/v3/merchant/4012071382
 *
 * @typeParam Resources the resource of each event type that is expected.
 * @throws {TypeError} naming the option that is missing or of the wrong form.
 * @throws {KeyError} naming the option whose key cannot be used, and why.
 */
export function createNotificationReceiver<Resources = Record<string, unknown>>(
  options: NotificationReceiverOptions,
): (request: Request) => Promise<Notification<Resources>> {
  checkOptions(options, ["apiV3Key"]);
  const { apiV3Key, clock = Date.now } = options;
  const key = toUtf8(apiV3Key);
  const platformKeys = platformKeysOf(options, clock);

  return async (request) => {
    if (request.bodyUsed) {
      throw new TypeError(
        "The body was read already. The signature covers its raw bytes, so receive it before any body parser does.",
      );
    }
    const body = await readBody(request.body);
    const signed = { headers: request.headers, body, status: undefined, operationId: undefined, outcome: undefined };
    await requireSignature("A notification", signed, platformKeys, clock());
    const { id, create_time, event_type, summary, resource_type, resource } = readEnvelope(body);
    requireSupported("/resource_type", resource_type, "encrypt-resource");
    requireSupported("/resource/algorithm", resource?.algorithm, AEAD);
    const { nonce = "", associated_data = "", ciphertext = "" } = resource ?? {};
    const plaintext = await decryptAead({ key, nonce, associatedData: associated_data, ciphertext });
    return { id, create_time, event_type, summary, resource: readResource(plaintext) } as Notification<Resources>;
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
  resource?: { algorithm?: string; nonce?: string; associated_data?: string; ciphertext?: string };
}

function readEnvelope(body: Uint8Array): Envelope {
  const envelope = parseJson(body);
  if (typeof envelope === "object" && envelope !== null) return envelope;
  throw new EncryptionError("The notification is no JSON object, though WeChat Pay signed it.", "unsupported", "");
}

function requireSupported(field: string, found: string | undefined, known: string): void {
  if (found === known) return;
  const message = `${field} is ${JSON.stringify(found)}, and only ${known} is known.`;
  throw new EncryptionError(message, "unsupported", field);
}

function readResource(plaintext: Uint8Array | undefined): unknown {
  const resource = plaintext && parseJson(plaintext);
  if (resource !== undefined) return resource;
  throw new EncryptionError(explainApiV3Key("the notification"), "decrypt-failed", "/resource/ciphertext");
}
