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
  return async ({ method, url, headers, body, signal = null, streamed }) => {
    // "manual" and not "error", which Workers do not know.
    const init = { method, headers, signal, body: body.length > 0 ? body : null, redirect: "manual" } as const;
    const request = given && new Request(url, init);
    // The global one is looked up for each call, so that a test may replace it.
    const response = await (request ? given(request) : fetch(url, init));
    const { status, body: source } = response;
    const head = { status, headers: response.headers, url: response.url, redirected: isRedirect(response) };
    if (head.redirected) {
      // Not waited for: who redirects may as well keep the body open.
      source?.cancel().catch(() => {});
      return { ...head, body: new Uint8Array() };
    }
    // A Request follows its signal weakly: it has to live until the body is read.
    if (request && source) requests.set(source, request);
    return { ...head, body: streamed && status < 300 && source ? source : await readBody(source, "The response") };
  };
}

const requests = new WeakMap<ReadableStream, Request>();

/** Whether a response of fetch is a redirect, or fetch followed one by itself. */
export function isRedirect({ type, redirected, status }: Response): boolean {
  return type === "opaqueredirect" || redirected === true || (status >= 300 && status < 400);
}

/** A signature is made for one host and path. */
export function redirectError(name: string, status: number): TypeError {
  const advice = "so it was not followed. Check baseUrl, and any proxy";
  return new TypeError(`${name} was answered with a redirect (${status}). WeChat Pay has none, ${advice}.`);
}

/** Nothing of the API is longer; a compressed one may grow to anything. */
const LONGEST = 16 * 2 ** 20;

/**
 * The raw bytes of a body.
 * @throws {TypeError} if there are more than anything of the API has.
 */
export async function readBody(body: ReadableStream<Uint8Array> | null, what: string): Promise<Bytes> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = body?.getReader();
  for (let read = await reader?.read(); read?.value; read = await reader?.read()) {
    chunks.push(read.value);
    length += read.value.length;
    if (length <= LONGEST) continue;
    reader?.cancel().catch(() => {});
    throw new TypeError(`${what} has more than ${LONGEST} bytes, so it is not WeChat Pay's.`);
  }
  const bytes = new Uint8Array(length);
  for (const chunk of chunks.reverse()) {
    length -= chunk.length;
    bytes.set(chunk, length);
  }
  return bytes;
}
