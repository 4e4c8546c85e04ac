import { type Bytes, concat } from "../bytes.js";
import type { Settings } from "../options.js";
import type { Transport } from "../transport.js";
import type { CallUnderway, Send } from "./call.js";

/** The last step: one request over the transport. */
export function sending({ fetch, userAgent, transport = fetchTransport(fetch) }: SendSettings): Send<CallUnderway> {
  return async ({ method, origin, target, headers: more, body, signal, streamed, name, trace }) => {
    signal?.throwIfAborted();
    const headers = { ...more, accept: more.accept || "application/json", "user-agent": userAgent };
    const lose = (error: unknown) => {
      trace.lost.add(error);
      throw error;
    };
    const response = await transport({ method, url: origin + target, headers, body, signal, streamed }).catch(lose);
    requireAnswer(name, response);
    if (response.body instanceof Uint8Array || (streamed && response.status < 300)) return response;
    return { ...response, body: await readBody(response.body).catch(lose) };
  };
}

type SendSettings = Pick<Settings, "fetch" | "transport" | "userAgent">;

/** The default transport: the platform's fetch, or one that was given. */
function fetchTransport(given: Settings["fetch"]): Transport {
  return async ({ url, body: sent, signal = null, streamed: _, ...rest }) => {
    // "manual" and not "error", which Workers do not know.
    const init = { ...rest, signal, body: sent.length > 0 ? sent : null, redirect: "manual" } as const;
    const request = given && new Request(url, init);
    // The global one is looked up for each call, so that a test may replace it.
    const response = await (request ? given(request) : fetch(url, init));
    const { status, body } = response;
    const headers = new Headers(response.headers);
    const head = { status, headers, url: response.url, redirected: isRedirected(response) };
    // Not awaited: a redirecting server may keep the body open.
    if (head.redirected) body?.cancel().catch(() => {});
    if (head.redirected || !body) return { ...head, body: new Uint8Array() };
    // A Request follows its signal weakly: it has to live until the body is read.
    if (request) requests.set(body, request);
    return { ...head, body };
  };
}

const requests = new WeakMap<ReadableStream, Request>();

/** Whether a response of fetch is a redirect, or fetch followed one by itself. */
export const isRedirected = ({ type, redirected, status }: Response): boolean =>
  type === "opaqueredirect" || redirected || (status >= 300 && status < 400);

/** Refuses a redirect, because a signature is for one host and path, and what is no status. */
export function requireAnswer(name: string, { status, redirected }: { status: number; redirected?: boolean }): void {
  if (!redirected && status >= 200 && status <= 599) return;
  const what = redirected ? "a redirect, not followed" : "no status of HTTP";
  throw new TypeError(`${name} was answered ${status}, ${what}: check baseUrl and any proxy.`);
}

/** No message of the API is longer; a compressed body could expand without limit. */
export const LONGEST = 16 * 2 ** 20;
export const tooLong = () => new TypeError(`A message has more than ${LONGEST} bytes: it is not WeChat Pay's.`);

/** The raw bytes of a body. */
export async function readBody(body: ReadableStream<Uint8Array> | null): Promise<Bytes> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = body?.getReader();
  for (let read = await reader?.read(); read?.value !== undefined; read = await reader?.read()) {
    length += read.value.length;
    chunks.push(read.value);
    if (length <= LONGEST) continue;
    reader?.cancel().catch(() => {});
    throw tooLong();
  }
  return concat(chunks);
}
