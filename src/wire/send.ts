import type { Bytes } from "../bytes.js";
import type { Settings } from "../options.js";
import type { CallUnderway, Send, Transport } from "./call.js";

/** The bottom of the way: one request over the transport. */
export function sending({ fetch, userAgent }: Pick<Settings, "fetch" | "userAgent">): Send<CallUnderway> {
  const transport = fetchTransport(fetch);
  return async ({ method, origin, target, headers: more, body, signal, streamed, name, trace }) => {
    signal?.throwIfAborted();
    const headers = { ...more, accept: more.accept || "application/json", "user-agent": userAgent };
    const request = { method, url: origin + target, headers, body, signal, streamed };
    const response = await transport(request).catch((error: unknown) => {
      trace.lost.add(error);
      throw error;
    });
    const { status, redirected } = response;
    if (redirected) throw redirectError(name, status);
    if (status >= 200 && status <= 599) return response;
    throw new TypeError(`${name} was answered with the status ${status}, which is no status of HTTP.`);
  };
}

/** The default transport: the platform's fetch, or one that was given. */
function fetchTransport(given: Settings["fetch"]): Transport {
  return async ({ method, url, headers, body: sent, signal = null, streamed }) => {
    // "manual" and not "error", which Workers do not know.
    const init = { method, headers, signal, body: sent.length > 0 ? sent : null, redirect: "manual" } as const;
    const request = given && new Request(url, init);
    // The global one is looked up for each call, so that a test may replace it.
    const response = await (request ? given(request) : fetch(url, init));
    const { status, body: source } = response;
    const head = { status, headers: response.headers, url: response.url, redirected: isRedirect(response) };
    // Not waited for: who redirects may as well keep the body open.
    if (head.redirected) source?.cancel().catch(() => {});
    const body = head.redirected ? null : source;
    // A Request follows its signal weakly: it has to live until the body is read.
    if (request && body) requests.set(body, request);
    return { ...head, body: body && streamed && status < 300 ? body : await readBody(body, "The response") };
  };
}

const requests = new WeakMap<ReadableStream, Request>();

/** Whether a response of fetch is a redirect, or fetch followed one by itself. */
export function isRedirect({ type, redirected, status }: Response): boolean {
  return type === "opaqueredirect" || redirected === true || (status >= 300 && status < 400);
}

/** A signature is for one host and path. */
export function redirectError(name: string, status: number): TypeError {
  return new TypeError(`${name} was answered with a redirect (${status}), not followed: check baseUrl and any proxy.`);
}

/** Nothing of the API is longer; a compressed one may grow to anything. */
const LONGEST = 16 * 2 ** 20;

/** The raw bytes of a body. */
export async function readBody(body: ReadableStream<Uint8Array> | null, what: string): Promise<Bytes> {
  if (!body) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = body.getReader();
  for (let read = await reader.read(); read.value; read = await reader.read()) {
    chunks.push(read.value);
    length += read.value.length;
    if (length <= LONGEST) continue;
    reader.cancel().catch(() => {});
    throw new TypeError(`${what} has more than ${LONGEST} bytes: it is not WeChat Pay's.`);
  }
  const bytes = new Uint8Array(length);
  for (const chunk of chunks.reverse()) {
    length -= chunk.length;
    bytes.set(chunk, length);
  }
  return bytes;
}
