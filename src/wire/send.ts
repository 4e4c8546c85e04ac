import { type Bytes, concat } from "../bytes.js";
import { requireOption } from "../checks.js";
import type { Transport, WireRequest, WireResponse } from "../network.js";
import type { Settings } from "../options.js";
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
    const request = { method, url: origin + target, headers, body, signal, streamed };
    const given = await start(transport, request).catch(lose);
    // Each once, for a getter could change its mind.
    const { status, headers: itsHeaders, body: sent, url, redirected } = Object(given) as WireResponse;
    requireAnswer(name, { status, redirected });
    const isBody = sent instanceof Uint8Array || typeof sent?.getReader === "function" || sent === null;
    requireOption("transport", isBody, "a function that resolves to { status, headers, body }", sent);
    const response = { status, headers: new Headers(itsHeaders as Headers), url, body: sent ?? new Uint8Array() };
    if (response.body instanceof Uint8Array || (streamed && status < 300)) return response;
    return { ...response, body: await readBody(response.body).catch(lose) };
  };
}

/** What a transport throws at once is lost on the way too. */
const start = async (transport: Transport, request: WireRequest) => transport(request);

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
    const redirected = isRedirected(response);
    // Not awaited: a redirecting server may keep the body open.
    if (redirected) body?.cancel().catch(() => {});
    // A Request follows its signal weakly: it has to live until the body is read.
    if (request && body) requests.set(body, request);
    return { status, headers: response.headers, url: response.url, redirected, body: redirected ? null : body };
  };
}

const requests = new WeakMap<ReadableStream, Request>();

/** Whether a response of fetch is a redirect, or fetch followed one by itself. */
export const isRedirected = ({ type, redirected, status }: Response): boolean =>
  type === "opaqueredirect" || redirected || (status >= 300 && status < 400);

/** Refuses a redirect, because a signature is for one host and path, and what is no status. */
export function requireAnswer(name: string, { status, redirected }: Pick<WireResponse, "status" | "redirected">): void {
  const isRedirect = redirected || (status >= 300 && status < 400);
  if (!isRedirect && Number.isInteger(status) && status >= 200 && status <= 599) return;
  const what = isRedirect ? "a redirect, not followed" : "no status of HTTP";
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
