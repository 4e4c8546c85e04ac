import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, isIP } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { BOOLEAN, type Rule } from "../checks.js";
import type { Listening, ListenOptions } from "../types.js";
import { type ArrivingRequest, LARGEST_BODY, type Outcome } from "./http.js";

/** How long the real server keeps an idle connection, in ms. */
const KEEP_ALIVE = 8_000;

type Handle = (request: ArrivingRequest) => Promise<Outcome>;

/** What is served beside WeChat Pay's API. */
export interface Console {
  /** Answers a request for one of its own paths; false where the request is for the API. */
  serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<boolean>;
  close(): void;
}

const isPort = (value: unknown) => Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 16;

/** A name as URLs write it: empty, or short for an address such as `0`, it would open the sandbox to every network. */
function isHost(value: unknown): boolean {
  if (typeof value !== "string" || isIP(value) !== 0) return typeof value === "string";
  const url = `http://${value}`;
  return /^[\w.-]+$/.test(value) && URL.canParse(url) && new URL(url).hostname === value.toLowerCase();
}

export const LISTEN: Record<keyof ListenOptions, Rule> = {
  port: [isPort, "a whole number from 0 to 65535"],
  host: [isHost, "an IP address or a host name"],
  console: BOOLEAN,
};

/** Serves `handle` over HTTP, and the console, if there is one. */
export async function listen(
  handle: Handle,
  { port = 0, host = "127.0.0.1" }: Omit<ListenOptions, "console">,
  console?: Console,
): Promise<Listening> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE }, async (incoming, outgoing) => {
    try {
      if (!(await console?.serve(incoming, outgoing))) await serve(handle, incoming, outgoing);
    } catch {
      if (outgoing.headersSent) outgoing.destroy();
      else outgoing.writeHead(500, { "Content-Length": 0 }).end();
    }
  });
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, host, resolve);
    });
  } catch (error) {
    console?.close();
    throw error;
  }
  const address = server.address() as AddressInfo;
  const name = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return {
    url: `http://${name}:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        console?.close();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(handle: Handle, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const headers = new Headers();
  for (let i = 0; i + 1 < incoming.rawHeaders.length; i += 2)
    headers.append(incoming.rawHeaders[i] as string, incoming.rawHeaders[i + 1] as string);
  // A client that uses the sandbox as its proxy writes the origin before the target.
  const [, origin, target = ""] = /^(https?:\/\/[^/?]*)?(.*)/is.exec(incoming.url ?? "") ?? [];
  const outcome = await handle({
    method: incoming.method ?? "",
    origin: origin ?? `http://${incoming.headers.host}`,
    // As it came, since that was signed.
    target,
    headers,
    rawHeaders: incoming.rawHeaders,
    readBody: () => readBody(incoming),
  });
  // The connection ends when the client gives up, or with close().
  if (outcome === "hang") return;
  if (outcome === "refused") return void incoming.socket.destroy();
  if (outcome === "reset") return void incoming.socket.resetAndDestroy();
  outgoing.writeHead(outcome.status, Object.fromEntries(outcome.headers));
  if (outcome.body === null) return void outgoing.end();
  // Node would hold the headers back until the first byte of the body.
  outgoing.flushHeaders();
  // Node has a type of its own for web streams.
  await pipeline(Readable.fromWeb(outcome.body as never), outgoing);
}

/** Reads to the end even what is too large: a client may look for an answer only when it has sent everything. */
async function readBody(incoming: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming) {
    if (length <= LARGEST_BODY) chunks.push(chunk);
    length += chunk.length;
  }
  return new Uint8Array(Buffer.concat(chunks));
}
