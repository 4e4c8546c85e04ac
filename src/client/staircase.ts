import createClient, { type ClientOptions } from "openapi-fetch";
import { toUtf8 } from "../bytes.js";
import type { Call, WireResponse } from "../wire/call.js";
import { refuseAuthorization } from "../wire/sign.js";
import { expandPath, serializeQuery } from "./url.js";

export type { HeadersOptions, ParseAs } from "openapi-fetch";

/** What openapi-fetch makes of a call: the platform's `Request` would read its body through a stream, and follow a signal weakly. */
export class PlainRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: string | undefined;

  constructor(url: string, { method, headers, body }: Omit<PlainRequest, "url">) {
    this.url = url;
    this.method = method;
    this.headers = headers;
    this.body = body;
  }
}

/** Calls an operation by openapi-fetch, which sends by `send`: its documented early Response. */
export type OpenapiFetch = (
  method: string,
  path: string,
  init: object,
  send: (request: PlainRequest) => Promise<Response>,
) => Promise<{ data?: unknown; error?: unknown; response: Response }>;

/**
 * openapi-fetch without its types, for the types of calls are ours: the one place that imports it, and its only casts.
 * @param baseUrl an origin
 */
export function createOpenapiFetch(baseUrl: string): OpenapiFetch {
  const options: ClientOptions = {
    baseUrl,
    Request: PlainRequest as never,
    pathSerializer: (url, values) => baseUrl + expandPath(url.slice(baseUrl.length), values),
    querySerializer: serializeQuery,
    // APIv3 bodies are always JSON, whatever Content-Type the caller sets.
    bodySerializer: (body) => JSON.stringify(body),
  };
  const { request } = createClient(options) as never as {
    request(...call: [string, string, object]): ReturnType<OpenapiFetch>;
  };

  return async (method, path, init, send) => {
    let answer: Response | undefined;
    const onRequest = async (context: { request: PlainRequest }) => {
      answer = await send(context.request);
      return answer;
    };
    try {
      return await request(method, path, { ...init, middleware: [{ onRequest }] });
    } catch (cause) {
      if (answer === undefined || !(cause instanceof SyntaxError)) throw cause;
      // Without the cause, which quotes the response.
      throw new TypeError(
        `${method} ${path} was answered with a body that is no JSON: read it with parseAs: "text" or "stream".`,
      );
    }
  };
}

const EMPTY = new Uint8Array();

/**
 * Objects become bytes here: the plain data that goes down.
 * @param serial the platform key that fields are encrypted for; which key verifies is not the caller's to say
 */
export function toWire({ url, method, headers, body }: PlainRequest, serial: string | undefined) {
  refuseAuthorization(headers);
  const { pathname, search } = new URL(url);
  const { "wechatpay-serial": _, ...others } = Object.fromEntries(headers);
  return {
    method,
    target: pathname + search,
    headers: serial === undefined ? others : { ...others, "wechatpay-serial": serial },
    body: body === undefined ? EMPTY : toUtf8(body),
  } satisfies Partial<Call>;
}

/** Bytes become a Response here: what openapi-fetch reads, and the caller gets. */
export function toResponse({ status, headers, body, url = "" }: WireResponse): Response {
  const isEmpty = [204, 205].includes(status) || (body instanceof Uint8Array && body.length === 0);
  // Without its reason phrase, which may be anything, and the constructor refuses most of it.
  const response = new Response(isEmpty ? null : body, { status, headers });
  // The bytes are decoded and whole: what these headers say of them no longer holds.
  for (const name of ["Content-Encoding", "Content-Length", "Transfer-Encoding"]) response.headers.delete(name);
  return Object.defineProperty(response, "url", { value: url });
}
