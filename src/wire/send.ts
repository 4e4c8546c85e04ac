import type { Bytes } from "../bytes.js";
import type { Settings } from "../options.js";
import { asNetworkFailure, type Send, type Transport } from "./call.js";

/** The bottom of the way: one request over the transport. Nothing signed leaves for an origin that was not configured. */
export function sending({ origins, fetch, userAgent }: Pick<Settings, "origins" | "fetch" | "userAgent">): Send {
  const transport = fetchTransport(fetch);
  return async ({ method, origin, target, headers: more, body, signal, streamed, name }) => {
    refuseOrigin(origin, origins);
    signal?.throwIfAborted();
    const headers = { ...more, accept: more.accept || "application/json", "user-agent": userAgent };
    const request = { method, url: origin + target, headers, body, signal, streamed };
    const response = await transport(request).catch((error: unknown) => {
      throw asNetworkFailure(error);
    });
    const { status, redirected } = response;
    if (redirected) throw redirectError(name, status);
    if (isStatus(status)) return response;
    throw new TypeError(`${name} was answered with the status ${status}, which is no status of HTTP.`);
  };
}

const isStatus = (status: number) => status >= 200 && status <= 599;

/** @throws {TypeError} if the origin is not one of those that were configured. */
export function refuseOrigin(origin: string, configured: readonly (string | undefined)[]): void {
  if (configured.includes(origin)) return;
  const wanted = configured.filter(Boolean).join(", ");
  throw new TypeError(`Not signed and not sent: ${origin} is not the configured baseUrl (${wanted}).`);
}

/** The default transport: the platform's fetch, or one that was given. */
function fetchTransport(given: Settings["fetch"]): Transport {
  return async ({ method, url, headers, body, signal = null, streamed }) => {
    // "manual" and not "error", which Workers do not know.
    const init = { method, headers, signal, body: body.length > 0 ? body : null, redirect: "manual" } as const;
    // The global one is looked up for each call, so that a test may replace it.
    const request = given && new Request(url, init);
    const response = await (request ? given(request) : fetch(url, init));
    const { status } = response;
    const head = { status, headers: response.headers, url: response.url, redirected: isRedirect(response) };
    if (head.redirected || !isStatus(status)) {
      // Not waited for: who redirects may as well keep the body open.
      response.body?.cancel().catch(() => {});
      return { ...head, body: new Uint8Array() };
    }
    // A Request follows its signal weakly: it has to live until the body is read.
    if (request && response.body) requests.set(response.body, request);
    if (streamed && status < 300 && response.body) return { ...head, body: response.body };
    return { ...head, body: await readBody(response.body, "The response") };
  };
}

const requests = new WeakMap<ReadableStream, Request>();

/** Whether a response of fetch is a redirect, or fetch followed one by itself. */
export function isRedirect({ type, redirected, status }: Response): boolean {
  return type === "opaqueredirect" || redirected === true || (status >= 300 && status < 400);
}

/** The API never redirects. */
export function redirectError(name: string, status: number): TypeError {
  const advice =
    "It was not followed: a signature is made for one host and path. Check baseUrl and what stands between.";
  return new TypeError(
    `${name} was answered with a redirect (${status}), which WeChat Pay's API never does. ${advice}`,
  );
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
  for (let read = await reader?.read(); read?.value !== undefined; read = await reader?.read()) {
    chunks.push(read.value);
    length += read.value.length;
    if (length <= LONGEST) continue;
    reader?.cancel().catch(() => {});
    throw new TypeError(`${what} has more than ${LONGEST} bytes, which nothing of the API has.`);
  }
  const bytes = new Uint8Array(length);
  for (const chunk of chunks.reverse()) {
    length -= chunk.length;
    bytes.set(chunk, length);
  }
  return bytes;
}
