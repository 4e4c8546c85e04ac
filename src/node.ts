import type { ClientRequest, Agent as HttpAgent, IncomingMessage, RequestOptions } from "node:http";
import { Agent, type AgentOptions, request } from "node:https";
import type { Socket } from "node:net";
import { type Duplex, PassThrough, pipeline, Readable } from "node:stream";
import { type Bytes, concat } from "./bytes.js";
import { isRecord, requireOption } from "./checks.js";
import type { Transport, WireRequest } from "./network.js";
import { LONGEST, MessageTooLong } from "./wire/send.js";

/** Options of Node.js' own agents, such as `maxSockets`, `ca` or `proxyEnv`; or an agent. */
export interface NodeTransportOptions extends AgentOptions {
  /** Makes the connections, such as an agent for a proxy; other options are then without effect, and refused. */
  agent?: HttpAgent | undefined;
}

/** How long a new connection may take, in ms. Beyond it nothing was sent, and the backup server is tried. */
const CONNECT = 5_000;
/** How long an unused connection is kept, in ms: WeChat Pay closes it after 8 s, and what is sent just then is lost. */
const IDLE = 4_000;

/**
 * Sends over `node:http` and `node:https` instead of Node.js' `fetch`, for about three quarters of a call's CPU time:
 *
 * ```ts
 * createWeChatPayClient({ …, transport: nodeTransport() });
 * ```
 *
 * An unused connection is kept for 4 s, or for as long as the server's `Keep-Alive` says where that is less. There are as many
 * connections as calls under way: bound them by the client's `concurrency`, for with `maxSockets` the time-out goes on while a call waits.
 *
 * @throws {TypeError} naming the option of the wrong form, or `agent` where it is given beside others; on Deno.
 */
export function nodeTransport(given: NodeTransportOptions = {}): Transport {
  if ("Deno" in globalThis) throw new TypeError(NOT_ON_DENO);
  requireOption("options of nodeTransport", isRecord(given as unknown), "an object", given);
  const { agent, ...options } = given;
  const isAgent = typeof (agent as { addRequest?: unknown } | undefined)?.addRequest === "function";
  const isAlone = Object.values(options).every((value) => value === undefined);
  const wanted = "an Agent of node:http or node:https, without other options beside it";
  requireOption("agent", agent === undefined || (isAgent && isAlone), wanted, agent);
  for (const name of ["maxSockets", "timeout"] as const) {
    const value = options[name];
    requireOption(name, value === undefined || (typeof value === "number" && value > 0), "a number above 0", value);
  }
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
    } catch (error) {
      // As fetch does.
      if (call.signal?.aborted) throw call.signal.reason;
      throw networkErrorOf(error);
    }
  };
}

/** Source: https://github.com/denoland/deno/issues/36786 */
const NOT_ON_DENO =
  "nodeTransport() is for Node.js and Bun: Deno's node:http may send a write twice, when a connection is lost. Leave transport out.";

/** An error of Node.js' own, which has a code, as fetch would give it. What a header's value causes is a TypeError already. */
function networkErrorOf(cause: unknown): Error {
  const isNetworks = cause instanceof Error && "code" in cause && !(cause instanceof TypeError);
  return isNetworks ? new TypeError("connection failed", { cause }) : (cause as Error);
}

/** For tests and sandboxes: node:http loads Node.js' fetch too, and that takes longer than all the rest. */
async function loadPlain(settings: AgentOptions, agent: HttpAgent | undefined) {
  const http = await import("node:http");
  return { send: http.request, agent: agent ?? new http.Agent(settings) };
}

/** One request and its response. */
async function exchange(
  { method, url, headers, body, signal, streamed }: WireRequest,
  send: (init: RequestOptions) => ClientRequest,
): ReturnType<Transport> {
  // The first call may have waited for an import.
  signal?.throwIfAborted();
  // Without it, Node.js sends the body of a DELETE in no way that a server could read.
  const length = body.length > 0 || method === "POST" ? { "content-length": `${body.length}` } : undefined;
  const message = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = send({ method, headers: { ...headers, ...length } });
    // Node.js' own option `signal` watches the whole stream, which takes longer.
    const abort = () => request.destroy();
    signal?.addEventListener("abort", abort);
    request
      .once("socket", limitConnect)
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
    return { ...head, body: null };
  }
  const decoder = await decoderOf(message.headers["content-encoding"]);
  const source = decoder ? pipeline(message, decoder, () => {}) : message;
  if (!streamed || status >= 300) return { ...head, body: await readAll(source) };
  // What breaks a download is an error of the same kind.
  const last = new PassThrough({ destroy: (error, done) => done(error && networkErrorOf(error)) });
  pipeline(source, last, () => {});
  return { ...head, body: Readable.toWeb(last) as ReadableStream<Uint8Array> };
}

/** Ends a connection that is not made in time. */
function limitConnect(socket: Socket): void {
  if (!socket.connecting) return;
  const error = Object.assign(new Error(`no connection within ${CONNECT} ms`), {
    code: "ETIMEDOUT",
    syscall: "connect",
  });
  const timer = setTimeout(() => socket.destroy(error), CONNECT);
  const end = () => clearTimeout(timer);
  socket.once("connect", end).once("close", end);
}

function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  for (let i = 0; i < rawHeaders.length; i += 2) headers.append(rawHeaders[i] as string, rawHeaders[i + 1] as string);
  return headers;
}

/** Decodes a body. Only a caller's own `Accept-Encoding` asks for that; what has another encoding is given as it is, as fetch does. */
async function decoderOf(encoding: string | undefined): Promise<Duplex | undefined> {
  if (!encoding || !/^((x-)?gzip|deflate|br)$/i.test(encoding)) return undefined;
  const { constants, createBrotliDecompress, createUnzip } = await import("node:zlib");
  // An empty body is no error: there may be one with any status.
  if (/^br$/i.test(encoding)) {
    const flush = constants.BROTLI_OPERATION_FLUSH;
    return createBrotliDecompress({ flush, finishFlush: flush });
  }
  return createUnzip({ finishFlush: constants.Z_SYNC_FLUSH });
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
        if (length > LONGEST) source.destroy(new MessageTooLong());
      })
      .on("end", () => resolve(concat(chunks)))
      .on("error", reject);
  });
}
