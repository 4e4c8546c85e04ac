import { type Bytes, concat } from "../bytes.js";
import type { Settings } from "../options.js";
import type { CallUnderway, Send } from "./call.js";

/** The bottom of the way: one request over fetch, the platform's or one that was given. */
export function sending({ fetch: given, userAgent }: Pick<Settings, "fetch" | "userAgent">): Send<CallUnderway> {
  async function transport(url: string, init: RequestInit): Promise<Response> {
    // The global one is looked up for each call, so that a test may replace it.
    if (given === undefined) return fetch(url, init);
    const request = new Request(url, init);
    const response = await given(request);
    if (response.body) requests.set(response.body, request);
    return response;
  }

  return async ({ method, origin, target, headers: more, body: sent, signal = null, streamed, name, trace }) => {
    signal?.throwIfAborted();
    const lose = (error: unknown) => {
      trace.lost.add(error);
      throw error;
    };
    const headers = { ...more, accept: more.accept || "application/json", "user-agent": userAgent };
    // "manual" and not "error", which Workers do not know.
    const init = { method, headers, signal, body: sent.length > 0 ? sent : null, redirect: "manual" } as const;
    const response = await transport(origin + target, init).catch(lose);
    requireAnswer(name, response);
    const { status, url, body: source } = response;
    const body = source && streamed && status < 300 ? source : await readBody(source).catch(lose);
    return { status, headers: response.headers, url, body };
  };
}

/** A Request follows its signal weakly: it has to live until the body is read. */
const requests = new WeakMap<ReadableStream, Request>();

/** Refuses a redirect, even one that fetch followed by itself: a signature is for one host and path. */
export function requireAnswer(name: string, { type, redirected, status, body }: Response): void {
  const isRedirect = type === "opaqueredirect" || redirected || (status >= 300 && status < 400);
  if (!isRedirect && status >= 200 && status <= 599) return;
  // Not waited for: who redirects may as well keep the body open.
  body?.cancel().catch(() => {});
  const what = isRedirect ? "a redirect, not followed" : "no status of HTTP";
  throw new TypeError(`${name} was answered ${status}, ${what}: check baseUrl and any proxy.`);
}

/** Nothing of the API is longer; a compressed one may grow to anything. */
const LONGEST = 16 * 2 ** 20;

/** The raw bytes of a body. */
export async function readBody(body: ReadableStream<Uint8Array> | null): Promise<Bytes> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > LONGEST) throw new TypeError(`A message has more than ${LONGEST} bytes: it is not WeChat Pay's.`);
    chunks.push(chunk);
  }
  return concat(chunks);
}
