import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { SandboxRequest } from "./http.js";

/** Where the sandbox listens. */
export interface ListenOptions {
  /** Default 0: one that is free. */
  port?: number;
  /** Default `127.0.0.1`: nobody else's machine reaches the sandbox. */
  host?: string;
}

/** A sandbox on the network. */
export interface Listening {
  /** Origin, for `baseUrl`. */
  url: string;
  close(): Promise<void>;
}

/** How long the real server keeps an idle connection, in ms. */
const KEEP_ALIVE = 8_000;

/** Serves `handle` over HTTP. */
export async function listen(
  handle: (request: SandboxRequest) => Promise<Response>,
  { port = 0, host = "127.0.0.1" }: ListenOptions = {},
): Promise<Listening> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE }, (incoming, outgoing) => {
    serve(handle, incoming, outgoing).catch(() => {
      if (outgoing.headersSent) outgoing.destroy();
      else outgoing.writeHead(500, { "Content-Length": 0 }).end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  const name = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return {
    url: `http://${name}:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(
  handle: (request: SandboxRequest) => Promise<Response>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const headers = new Headers();
  for (let i = 0; i + 1 < incoming.rawHeaders.length; i += 2)
    headers.append(incoming.rawHeaders[i] as string, incoming.rawHeaders[i + 1] as string);
  const reply = await handle({
    method: incoming.method ?? "",
    // The target as it came, for that is what was signed; a client that takes the sandbox for a proxy writes the origin before it.
    target: (incoming.url ?? "").replace(/^https?:\/\/[^/?]*/i, ""),
    headers,
    body: new Uint8Array(Buffer.concat(chunks)),
  });
  const body = Buffer.from(await reply.arrayBuffer());
  outgoing.writeHead(reply.status, { ...Object.fromEntries(reply.headers), "Content-Length": body.length });
  outgoing.end(body);
}
