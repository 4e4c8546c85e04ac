import type { ClientRequest, Agent as HttpAgent, IncomingMessage, RequestOptions } from "node:http";
import { Agent, type AgentOptions, request } from "node:https";
import { pipeline, Readable } from "node:stream";
import { type Bytes, concat } from "./bytes.js";
import { requireOption } from "./checks.js";
import type { Transport, WireRequest } from "./transport.js";
import { LONGEST, tooLong } from "./wire/send.js";

/** Options of Node.js' own agents, such as `maxSockets`, `ca` or `proxyEnv`; or an agent. */
export interface NodeTransportOptions extends AgentOptions {
  /** Makes the connections, such as an agent for a proxy; other options are then without effect, and refused. */
  agent?: HttpAgent | undefined;
}

/** How long an unused connection is kept, in ms: WeChat Pay closes it after 8 s, and what is sent just then is lost. */
const IDLE = 4_000;

/**
 * Sends over `node:http` and `node:https` instead of Node.js' `fetch`, for about half of its CPU time:
 *
 * ```ts
 * createWeChatPayClient({ …, transport: nodeTransport() });
 * ```
 *
 * An unused connection is kept for 4 s, or for as long as the server's `Keep-Alive` says where that is less. There are as many
 * connections as calls under way; with `maxSockets`, further calls wait for one, and their time-out goes on meanwhile.
 *
 * @throws {TypeError} if `agent` is none, or is given beside other options.
 */
export function nodeTransport({ agent, ...options }: NodeTransportOptions = {}): Transport {
  const isAgent = typeof (agent as { addRequest?: unknown } | undefined)?.addRequest === "function";
  const fits = agent === undefined || (isAgent && Object.keys(options).length === 0);
  requireOption("agent", fits, "an Agent of node:http or node:https, without other options beside it", agent);
  const settings: AgentOptions = { keepAlive: true, timeout: IDLE, ...options };
  const secure = { send: request, agent: agent ?? new Agent(settings) };
  let plain: Promise<typeof secure> | undefined;
  const getPlain = () => {
    plain ??= loadPlain(settings, agent);
    return plain;
  };

  return async (call) => {
    const { protocol, hostname, port, pathname, search } = new URL(call.url);
    const { send, agent } = await (protocol === "https:" ? secure : getPlain());
    // The brackets of an IPv6 address are the URL's.
    const target = { agent, hostname: hostname.replace(/^\[|\]$/g, ""), port, path: pathname + search };
    try {
      return await exchange(call, (init) => send({ ...target, ...init }));
    } catch (cause) {
      // As fetch does.
      if (call.signal?.aborted) throw call.signal.reason;
      if (!isSystemError(cause)) throw cause;
      throw new TypeError(`The connection to ${hostname} failed: ${cause.message || cause.code}.`, { cause });
    }
  };
}

/** For tests and sandboxes: node:http loads Node.js' fetch too, and that takes longer than all the rest. */
async function loadPlain(settings: AgentOptions, agent: HttpAgent | undefined) {
  const http = await import("node:http");
  return { send: http.request, agent: agent ?? new http.Agent(settings) };
}

/** An error of Node.js' own, with a code. */
const isSystemError = (error: unknown): error is NodeJS.ErrnoException => error instanceof Error && "code" in error;

/** One request and its response. */
async function exchange(
  { method, url, headers, body, signal, streamed }: WireRequest,
  send: (init: RequestOptions) => ClientRequest,
): ReturnType<Transport> {
  // Without it, Node.js sends the body of a DELETE in no way that a server could read.
  const length = body.length > 0 || method === "POST" ? { "content-length": `${body.length}` } : undefined;
  const message = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = send({ method, headers: { ...headers, ...length } });
    // Node.js' own option `signal` costs more than all else here.
    const abort = () => request.destroy();
    signal?.addEventListener("abort", abort);
    request
      .once("response", resolve)
      .on("error", reject)
      .on("close", () => {
        signal?.removeEventListener("abort", abort);
        // After a response: a server that changed the protocol.
        if (request.listenerCount("response") > 0) reject(new TypeError("The connection ended without a response."));
      })
      .end(body);
  });
  const { statusCode: status = 0 } = message;
  const head = { status, headers: headersOf(message), url, redirected: status >= 300 && status < 400 };
  if (head.redirected) {
    message.on("error", () => {}).destroy();
    return { ...head, body: new Uint8Array() };
  }
  const encoding = head.headers.get("Content-Encoding");
  const source = encoding === null ? message : await decode(message, encoding.toLowerCase());
  if (!streamed || status >= 300) return { ...head, body: await readAll(source) };
  return { ...head, body: Readable.toWeb(source) as ReadableStream<Uint8Array> };
}

function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  for (let i = 0; i < rawHeaders.length; i += 2) headers.append(rawHeaders[i] as string, rawHeaders[i + 1] as string);
  return headers;
}

/** The body as `Content-Encoding` says. Only a caller's own `Accept-Encoding` asks for one. */
async function decode(message: IncomingMessage, encoding: string): Promise<Readable> {
  if (encoding === "identity") return message;
  const { constants, createBrotliDecompress, createUnzip } = await import("node:zlib");
  if (!/^(x-)?gzip$|^deflate$|^br$/.test(encoding)) {
    message.on("error", () => {}).destroy();
    throw new TypeError(
      `The response has Content-Encoding ${JSON.stringify(encoding.slice(0, 40))}, which is not known.`,
    );
  }
  // An empty body is no error: there may be one with any status.
  const decoder = encoding === "br" ? createBrotliDecompress() : createUnzip({ finishFlush: constants.Z_SYNC_FLUSH });
  return pipeline(message, decoder, () => {});
}

/** The bytes of a body, as many as a message of the API may have. */
function readAll(source: Readable): Promise<Bytes> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  return new Promise((resolve, reject) => {
    source
      .on("data", (chunk: Uint8Array) => {
        chunks.push(chunk);
        length += chunk.length;
        if (length > LONGEST) source.destroy(tooLong());
      })
      .on("end", () => resolve(concat(chunks)))
      .on("error", reject);
  });
}
