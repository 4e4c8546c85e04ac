import createClient from "openapi-fetch";
import { type Bytes, fromUtf8, toUtf8 } from "../bytes.js";
import { setOutcome } from "../errors.js";
import { abortable, type Call, type Received, type Send } from "../wire/call.js";
import { refuseReserved } from "../wire/sign.js";
import type { Seal } from "./encrypt.js";

export type { HeadersOptions, ParseAs } from "openapi-fetch";

/** What the client passes to openapi-fetch. */
type CallAbove = Omit<Call, "method" | "target" | "headers" | "body"> & {
  body: unknown;
  parseAs: string | undefined;
  seal: Seal | undefined;
};

/** Path and query as they are sent, and so as they are signed. */
function targetOf(url: string): string {
  const { pathname, search } = new URL(url, "https://x");
  return pathname + search;
}

/** Given to openapi-fetch as its Request: it turns a call into bytes. The platform's own would read the body through a stream. */
class OwnRequest {
  constructor(url: string, { headers, body = "", ...call }: { headers: Headers; body?: string }) {
    const bytes = { target: targetOf(url), headers: Object.fromEntries(headers), body: toUtf8(body) };
    refuseReserved(Object.keys(bytes.headers));
    Object.assign(this, call, bytes);
  }
}

/** openapi-fetch without its types, because calls have our own: the one place that imports it. */
const openapi = /* @__PURE__ */ createClient({
  Request: OwnRequest as never,
  // APIv3 bodies are always JSON, whatever Content-Type the caller sets.
  bodySerializer: (body) => JSON.stringify(body),
}) as never as {
  request(...call: [string, string, object]): Promise<{ data?: unknown; error?: unknown; response: Response }>;
};

/** Calls by openapi-fetch, to which `send` gives its documented early Response. All that the caller gave is read before the first await. */
export async function openapiFetch(method: string, target: string, { seal, ...call }: CallAbove, send: Send) {
  let received: Received | undefined;
  const onRequest = async (context: { request: Call }) => {
    received = await send(seal ? await sealed(context.request, seal) : context.request);
    return toResponse(received, call.parseAs);
  };
  // The body of a seal is written later.
  const bodySerializer = seal && { bodySerializer: () => "" };
  try {
    const result = await openapi.request(method, target, { ...call, ...bodySerializer, middleware: [{ onRequest }] });
    return { ...result, signed: received?.signed, verified: received?.verified, outcome: received?.outcome };
  } catch (cause) {
    if (received === undefined) throw cause;
    const text = `The response to ${call.name} is no JSON: read it with parseAs: "text" or "stream".`;
    // Without the cause, which quotes the response.
    const error = cause instanceof SyntaxError ? new TypeError(text) : cause;
    if (method !== "GET") setOutcome(error, received.verified ? "done" : "unknown");
    throw error;
  }
}

async function sealed(call: Call, seal: Seal): Promise<Call> {
  const {
    headers,
    target = call.target,
    ...made
  } = await abortable(seal(call.headers["wechatpay-serial"]), call.signal);
  return { ...call, ...made, target: targetOf(target), headers: { ...call.headers, ...headers } };
}

/** Bytes become a Response here: what openapi-fetch reads, and the caller gets. */
export function toResponse(received: Received, parseAs?: string): Response {
  const { headers, body, url = "" } = received;
  // The bytes are decoded and whole: what these headers say of them no longer holds.
  for (const name of ["Content-Encoding", "Content-Length", "Transfer-Encoding"]) headers.delete(name);
  if (parseAs !== "json" || !(body instanceof Uint8Array)) {
    return Object.defineProperty(platformResponse(received), "url", { value: url });
  }
  // Not at import, where naming Response makes Node.js load its fetch.
  WholeResponse ??= defineWholeResponse();
  return new WholeResponse({ ...received, body, url }) as unknown as Response;
}

// The reason phrase is dropped: the constructor refuses many of them.
const platformResponse = ({ status, headers, body }: Received) =>
  new Response([204, 205].includes(status) ? null : body, { status, headers });

let WholeResponse: ReturnType<typeof defineWholeResponse> | undefined;

/** What reads a Response, beside its text; `bytes` is younger than Node.js 20. */
const READERS = ["arrayBuffer", "blob", "bytes", "clone", "formData", "json"] as const;

/** A Response whose bytes are at hand. The platform's own takes them through streams, a twentieth of a call: it is made when asked for. */
function defineWholeResponse() {
  const Base = Response as new (body: null, init: { status: number }) => object;
  return class Whole extends Base {
    readonly #whole: Received & { body: Bytes };
    constructor(whole: Received & { body: Bytes }) {
      super(null, { status: whole.status });
      this.#whole = whole;
    }
    get url() {
      return this.#whole.url;
    }
    get headers() {
      return this.#whole.headers;
    }
    get body() {
      return platformResponse(this.#whole).body;
    }
    async text() {
      return fromUtf8(this.#whole.body);
    }
    static {
      for (const name of READERS.filter((name) => name in Response.prototype)) {
        const value = function (this: Whole) {
          return platformResponse(this.#whole)[name as "json"]();
        };
        Object.defineProperty(Whole.prototype, name, { value });
      }
    }
  };
}
