import createClient from "openapi-fetch";
import { fromUtf8, toUtf8 } from "../bytes.js";
import type { Call, Received, Send } from "../wire/call.js";
import { refuseReserved } from "../wire/sign.js";
import type { Seal } from "./encrypt.js";
import { serializeQuery } from "./url.js";

export type { HeadersOptions, ParseAs } from "openapi-fetch";

/** What the client passes to openapi-fetch. */
type CallAbove = Omit<Call, "method" | "target" | "headers" | "body"> & {
  body: unknown;
  parseAs: string | undefined;
  seal: Seal | undefined;
};

/** Given to openapi-fetch as its Request: it turns a call into bytes. The platform's own would read the body through a stream. */
class OwnRequest {
  constructor(url: string, { headers, body = "", ...call }: { headers: Headers; body?: string }) {
    // The client, not the caller, chooses the key.
    headers.delete("Wechatpay-Serial");
    const { pathname, search } = new URL(url, "https://x");
    const bytes = { target: pathname + search, headers: Object.fromEntries(headers), body: toUtf8(body) };
    refuseReserved(Object.keys(bytes.headers));
    Object.assign(this, call, bytes);
  }
}

/** openapi-fetch without its types, because calls have our own: the one place that imports it. */
const openapi = /* @__PURE__ */ createClient({
  Request: OwnRequest as never,
  querySerializer: serializeQuery,
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
  // The body of a seal is written when it is encrypted.
  const bodySerializer = seal && { bodySerializer: () => "" };
  try {
    const result = await openapi.request(method, target, { ...call, ...bodySerializer, middleware: [{ onRequest }] });
    return { ...result, signed: received?.signed };
  } catch (cause) {
    if (received === undefined || !(cause instanceof SyntaxError)) throw cause;
    // Without the cause, which quotes the response.
    throw new TypeError(`The response to ${call.name} is no JSON: read it with parseAs: "text" or "stream".`);
  }
}

async function sealed(call: Call, seal: Seal): Promise<Call> {
  const { body, serial } = await seal();
  const headers = { ...call.headers, ...(serial && { "wechatpay-serial": serial }) };
  return { ...call, headers, body: toUtf8(JSON.stringify(body)) };
}

/** What reads a Response, beside its text. */
const READERS = ["arrayBuffer", "blob", "clone", "formData", "json"] as const;

/** Bytes become a Response here: what openapi-fetch reads, and the caller gets. */
export function toResponse({ status, headers, body, url = "" }: Received, parseAs?: string): Response {
  // The bytes are decoded and whole: what these headers say of them no longer holds.
  for (const name of ["Content-Encoding", "Content-Length", "Transfer-Encoding"]) headers.delete(name);
  // The reason phrase is dropped: the constructor refuses many of them.
  const whole = () => new Response([204, 205].includes(status) ? null : body, { status, headers });
  if (parseAs !== "json" || !(body instanceof Uint8Array)) return Object.defineProperty(whole(), "url", { value: url });
  // A Response takes its bytes through streams, which costs a twentieth of a call: so it is made when someone asks for it.
  const readers = READERS.map((name) => [name, { value: () => whole()[name]() }]);
  const own = { url: { value: url }, headers: { value: headers }, body: { get: () => whole().body } };
  const text = { value: async () => fromUtf8(body) };
  return Object.defineProperties(new Response(null, { status }), { ...Object.fromEntries(readers), ...own, text });
}
