// The raw body of a notification, from whatever framework, and why it may be raw no more.
import { type Bytes, fromBase64, fromUtf8, toUtf8 } from "./bytes.js";
import { kindOf, requireOption } from "./checks.js";
import { readBody } from "./wire/send.js";

/** What arrived: a fetch `Request`, or its headers and its raw body, as a framework has them. */
export type NotificationRequest =
  | Request
  | {
      readonly headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>;
      /** As it was sent: what a body parser made of it will not do, nor will that written as JSON again. */
      readonly body: Uint8Array | string;
    };

const RAW =
  'Express: express.raw({ type: "*/*" }) on this route, before any express.json(). Koa: ctx.request.rawBody. Nest: { rawBody: true } and req.rawBody. Fastify: parseAs: "buffer". Next.js pages: bodyParser: false';

/** The headers and the raw bytes of what arrived. @throws {TypeError} that says how to keep them. */
export async function readRequest(request: unknown): Promise<{ headers: Headers; body: Bytes }> {
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
export function suspect(body: Bytes): string | undefined {
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
