/** The bytes of a body; `ArrayBuffer` below, for WebCrypto and fetch take no shared memory. */
export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();
const LF = 0x0a;

/** What a request's signature covers. */
export interface RequestParts {
  /** HTTP method, upper case. */
  method: string;
  /** Path and query exactly as they go over the wire, percent-encoded: `pathname + search` of the final URL. */
  pathAndQuery: string;
  /** Unix time in seconds. */
  timestamp: string;
  nonce: string;
  /** The body as sent; empty where there is none. */
  body: Bytes;
}

/**
 * The message that a request's signature covers: method, path with query, timestamp, nonce and body, each closed by LF.
 * Source: https://pay.weixin.qq.com/doc/v3/merchant/4012365336
 */
export function requestMessage({ method, pathAndQuery, timestamp, nonce, body }: RequestParts): Bytes {
  return message(`${method}\n${pathAndQuery}\n${timestamp}\n${nonce}\n`, body);
}

/** What a reply's or a notification's signature covers. */
export interface ResponseParts {
  /** `Wechatpay-Timestamp` as received. */
  timestamp: string;
  /** `Wechatpay-Nonce` as received. */
  nonce: string;
  /** The raw body as received; empty where there is none. */
  body: Bytes;
}

/**
 * The message that a reply's signature covers: timestamp, nonce and body, each closed by LF.
 * Source: https://pay.weixin.qq.com/doc/v3/merchant/4013053420
 */
export function responseMessage({ timestamp, nonce, body }: ResponseParts): Bytes {
  return message(`${timestamp}\n${nonce}\n`, body);
}

function message(head: string, body: Bytes): Bytes {
  const start = encoder.encode(head);
  const bytes = new Uint8Array(start.length + body.length + 1);
  bytes.set(start);
  bytes.set(body, start.length);
  bytes[bytes.length - 1] = LF;
  return bytes;
}
