import { type Bytes, concat } from "../bytes.js";
import { requireOption } from "../checks.js";
import type { Transport, WireRequest, WireResponse } from "../network.js";
import type { Settings } from "../options.js";
import { adviceFor, type CallUnderway, type Send } from "./call.js";
import { LOST_ON_WORKERS, wasNeverConnected } from "./failover.js";

/** The last step: one request over the transport. */
export function sending({ fetch, userAgent, transport: own }: SendSettings): Send<CallUnderway> {
  const transport = own ?? fetchTransport(fetch);
  const isPlatforms = !own && !fetch;
  const [option, wanted] = own
    ? ["transport", "a function that resolves to { status, headers, body }"]
    : ["fetch", "a function from the platform's Request to a Response that nobody has read (wrap any other)"];
  return async (call) => {
    const { method, origin, target, headers: more, body, signal, streamed, name, trace } = call;
    signal?.throwIfAborted();
    const headers = { ...more, accept: more.accept || "application/json", "user-agent": userAgent };
    const lose = (cause: unknown) => {
      // node-fetch and npm's undici take our Request for a URL.
      if (fetch) requireOption(option, !NO_URL.test(`${Object(cause).message}`), wanted, fetch);
      const error = signal?.aborted ? cause : nameLost(cause, call, isPlatforms);
      if (!(error instanceof MessageTooLong)) trace.lost.add(error);
      throw error;
    };
    const request = { method, url: origin + target, headers, body, signal, streamed };
    trace.sent++;
    const given = await start(transport, request).catch((cause) => {
      // An abort's reason may be any error, such as one of another server.
      if (!signal?.aborted && wasNeverConnected(cause)) trace.sent--;
      return lose(cause);
    });
    // Each once, for a getter could change its mind.
    const { status, headers: itsHeaders, body: sent, url, redirected } = Object(given) as WireResponse;
    const isBody =
      sent instanceof Uint8Array || sent === null || (typeof sent?.getReader === "function" && !sent.locked);
    requireOption(option, isBody, wanted, given);
    requireAnswer(name, { status, redirected });
    const response = { status, headers: new Headers(itsHeaders as Headers), url, body: sent ?? new Uint8Array() };
    if (response.body instanceof Uint8Array || (streamed && status < 300)) return response;
    return { ...response, body: await readBody(response.body).catch(lose) };
  };
}

const NO_URL = /\[object Request\]|invalid URL|absolute URL/i;

/** What a transport throws at once is lost on the way too. */
const start = async (transport: Transport, request: WireRequest) => transport(request);

/** A platform's network error, such as "fetch failed", is told with its call, server and cause. What a caller's own function throws stays. */
export function nameLost(error: unknown, call: CallUnderway, isPlatforms: boolean): unknown {
  const { cause = error } = Object(error) as { cause?: unknown };
  const { message, code } = Object(cause) as { message: string; code?: string };
  const isNetworks = isPlatforms || LOST_ON_WORKERS.test(message) || (error instanceof TypeError && cause !== error);
  if (!isNetworks || !(cause instanceof Error) || error instanceof MessageTooLong) return error;
  // Deno's message has the URL before this, and its query may be secret.
  const why = message.replace(/^.*(?=client error)/, "").split("\n", 1)[0] || code;
  const what = `${call.name} got no whole response from ${new URL(call.origin).host} (${why})`;
  // What the platform says comes first, for it is what people search for.
  return new TypeError(`${cause === error ? "fetch failed" : (error as Error).message}: ${what}.${adviceFor(call)}`, {
    cause,
  });
}

type SendSettings = Pick<Settings, "fetch" | "transport" | "userAgent">;

/** The default transport: the platform's fetch, or one that was given. */
function fetchTransport(given: Settings["fetch"]): Transport {
  return async ({ url, body: sent, signal = null, streamed, ...rest }) => {
    const client = given || rest.method === "GET" ? undefined : runtime.Deno?.createHttpClient?.({});
    // "manual" and not "error", which Workers do not know.
    const options = { ...rest, signal, body: sent.length > 0 ? sent : null, redirect: "manual", client } as const;
    const request = given && new Request(url, options);
    // The global one is looked up for each call, so that a test may replace it.
    const send = () => (request ? given(request) : fetch(url, options));
    const response: Response = Object(await (client ? send().finally(() => client.close()) : send()));
    const { status, body } = response;
    const redirected = isRedirected(response);
    // Not awaited: a redirecting server may keep the body open.
    if (redirected) body?.cancel().catch(() => {});
    // A Request follows its signal weakly, and fetch ends an unread body with its Response: both live until the body is read.
    if (body && (request || streamed)) kept.set(Object(body), [request, response]);
    return { status, headers: response.headers, url: response.url, redirected, body: redirected ? null : body };
  };
}

/** Deno sends again, a write too, what was lost on a connection that it had used before. A client for one request has none. */
const runtime = globalThis as { Deno?: { createHttpClient?(options: object): { close(): void } } };

const kept = new WeakMap<ReadableStream, readonly unknown[]>();

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
export class MessageTooLong extends TypeError {
  constructor() {
    super(`A message has more than ${LONGEST} bytes: it is not WeChat Pay's.`);
  }
}

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
    throw new MessageTooLong();
  }
  return concat(chunks);
}
