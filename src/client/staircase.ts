import createClient, { type ClientOptions } from "openapi-fetch";
import { toUtf8 } from "../bytes.js";
import type { WireResponse } from "../wire/call.js";
import { refuseAuthorization } from "../wire/sign.js";
import { expandPath, serializeQuery } from "./url.js";

export type { HeadersOptions, ParseAs } from "openapi-fetch";

/** What openapi-fetch makes of a call: the platform's `Request` would read its body through a stream, and follow a signal weakly. */
type PlainRequest = Pick<Request, "url" | "method" | "headers"> & { body?: string };

class OwnRequest {
  constructor(url: string, init: object) {
    Object.assign(this, init, { url });
  }
}

/** openapi-fetch without its types, for ours are others: the one place that imports it. `send` is its documented early Response. */
export function createOpenapiFetch(baseUrl: string) {
  const options: ClientOptions = {
    baseUrl,
    Request: OwnRequest as never,
    pathSerializer: (url, values) => baseUrl + expandPath(url.slice(baseUrl.length), values),
    querySerializer: serializeQuery,
    // APIv3 bodies are always JSON, whatever Content-Type the caller sets.
    bodySerializer: (body) => JSON.stringify(body),
  };
  const { request } = createClient(options) as never as {
    request(...call: [string, string, object]): Promise<{ data?: unknown; error?: unknown; response: Response }>;
  };

  return async (method: string, path: string, init: object, send: (request: PlainRequest) => Promise<Response>) => {
    let answer: Response | undefined;
    const onRequest = async (context: { request: PlainRequest }) => {
      answer = await send(context.request);
      return answer;
    };
    try {
      return await request(method, path, { ...init, middleware: [{ onRequest }] });
    } catch (cause) {
      if (answer === undefined || !(cause instanceof SyntaxError)) throw cause;
      const name = `${method} ${path.split("?", 1)[0]}`;
      // Without the cause, which quotes the response.
      throw new TypeError(`The response to ${name} is no JSON: read it with parseAs: "text" or "stream".`);
    }
  };
}

/**
 * Objects become bytes here: the plain data that goes down.
 * @param serial the platform key that fields are encrypted for; which key verifies is not the caller's to say
 */
export function toWire({ url, method, headers, body = "" }: PlainRequest, serial: string | undefined) {
  refuseAuthorization(headers);
  headers.delete("Wechatpay-Serial");
  if (serial !== undefined) headers.set("Wechatpay-Serial", serial);
  const { pathname, search } = new URL(url);
  return { method, target: pathname + search, headers: Object.fromEntries(headers), body: toUtf8(body) };
}

/** Bytes become a Response here: what openapi-fetch reads, and the caller gets. */
export function toResponse({ status, headers, body, url = "" }: WireResponse): Response {
  // Without its reason phrase, which may be anything, and the constructor refuses most of it.
  const response = new Response([204, 205].includes(status) ? null : body, { status, headers });
  // The bytes are decoded and whole: what these headers say of them no longer holds.
  for (const name of ["Content-Encoding", "Content-Length", "Transfer-Encoding"]) response.headers.delete(name);
  return Object.defineProperty(response, "url", { value: url });
}
