import { type Bytes, fromBase64, fromUtf8, parseJson, toUtf8 } from "./bytes.js";
import { kindOf, requireOption } from "./checks.js";
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
    /** 通知数据, decrypted: the text of `resource`. It has every digit of a number beyond 2^53, which `resource` has not. */
    plaintext: string;
  };
}[keyof Resources & string];

/** What arrived: a fetch `Request`, or its headers and its raw body, as a framework has them. */
export type NotificationRequest =
  | Request
  | {
      readonly headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>;
      /** As it was sent: what a body parser made of it will not do, nor will that written as JSON again. */
      readonly body: Uint8Array | string;
    };

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
 * {@link EncryptionError} if it cannot be decrypted, and with a `TypeError` if its raw body is not to be had.
 *
 * Source: https://pay.weixin.qq.com/doc/v3/merchant/4012071382
 *
 * @typeParam Resources the resource of each event type that is expected.
 * @throws {TypeError} naming the option that is missing or of the wrong form.
 * @throws {KeyError} naming the option whose key cannot be used, and why.
 */
export function createNotificationReceiver<Resources = Record<string, unknown>>(
  options: NotificationReceiverOptions,
): (request: NotificationRequest) => Promise<Notification<Resources>> {
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
    return { id, create_time, event_type, summary, ...read } as Notification<Resources>;
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

const RAW =
  'Express: express.raw({ type: "*/*" }) on this route, before any express.json(). Koa: ctx.request.rawBody. Nest: { rawBody: true } and req.rawBody. Fastify: parseAs: "buffer"';

/** The headers and the raw bytes of what arrived. @throws {TypeError} that says how to keep them. */
async function readRequest(request: unknown): Promise<{ headers: Headers; body: Bytes }> {
  const { headers: given, body, bodyUsed } = Object(request) as Record<string, unknown>;
  const { getReader, locked, pipe } = Object(body) as Record<string, unknown>;
  const isParsed = ["Object", "Array"].includes(kindOf(body)) && pipe === undefined;
  if (bodyUsed || locked || isParsed) {
    throw new TypeError(
      `A body parser has read the body already, and the signature covers its raw bytes: keep them. ${RAW}.`,
    );
  }
  const whole = typeof body === "string" ? toUtf8(body) : body instanceof Uint8Array ? new Uint8Array(body) : undefined;
  const fits =
    Object(given) === given &&
    !Array.isArray(given) &&
    (whole !== undefined || getReader !== undefined || body === null);
  requireOption("request", fits, `a fetch Request, or { headers, body } with the raw body (${RAW})`, request);
  const bytes = whole ?? (await readBody(body as ReadableStream<Uint8Array> | null));
  return { headers: readHeaders(given as Headers | Record<string, string>), body: bytes };
}

/** Only those that are used: over HTTP/2, Node.js has names among them that no Headers take. */
function readHeaders(given: Headers | Record<string, string>): Headers {
  if (typeof given.get === "function") return given as Headers;
  const own = Object.entries(given).filter(([name, value]) => /^(wechatpay-|request-id$)/i.test(name) && value);
  return new Headers(own);
}

/** What a body itself shows of why its signature does not fit; `undefined` where it shows nothing. */
function suspect(body: Bytes): string | undefined {
  const text = fromUtf8(body.subarray(0, 65_536));
  if (text === "") return `a body parser, for the body is empty. ${RAW}`;
  if (text === "[object Object]") return `a body parser, for the body is the text "${text}". ${RAW}`;
  if (fromBase64(text)?.[0] === 0x7b)
    return 'the body is in base64, as AWS Lambda gives it: Buffer.from(body, "base64")';
  return isRewritten(text)
    ? `a body parser, after which JSON.stringify wrote the body anew, or a wrong key in platformKeys. ${RAW}`
    : undefined;
}

/** Whether a text is what JSON.stringify writes. */
function isRewritten(text: string): boolean {
  try {
    return JSON.stringify(JSON.parse(text)) === text;
  } catch {
    return false;
  }
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
