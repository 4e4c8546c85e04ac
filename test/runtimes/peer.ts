/** The far side of every capability, on Node.js: sandboxes over HTTP, and what a test asks of them. Prints where it listens. */
import { createSign } from "node:crypto";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
import { text } from "node:stream/consumers";
import { createSandbox, type Fault, type Sandbox, type SandboxOptions } from "wechatpay-openapi-fetch/sandbox";
import type { Order, RemoteSandbox } from "./remote.js";

type Facts = Pick<RemoteSandbox, "url" | "credentials" | "nobody" | "losing"> & { id: number };
type Handlers = Record<Order, (...args: never[]) => unknown>;

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const sandboxes: Sandbox[] = [];
const facts: Facts[] = [];
let pending: (() => void)[] = [];

const losing = await listen(
  createServer((socket) => socket.once("data", () => socket.destroy()).on("error", () => {})),
);
const closed = createServer();
const nobody = await listen(closed);
closed.close();
const shared = await create();

async function create(options?: SandboxOptions): Promise<number> {
  const sandbox = await createSandbox(options);
  const { url } = await sandbox.listen({ port: 0 });
  const id = sandboxes.push(sandbox) - 1;
  facts.push({ id, url, credentials: sandbox.credentials, nobody, losing });
  return id;
}

const of = (id: number) => sandboxes[id] as Sandbox;
const handlers: Handlers = {
  async start(options?: SandboxOptions) {
    for (const undo of pending) undo();
    pending = [];
    of(shared).clearRequests();
    return facts[options ? await create(options) : shared];
  },
  fail: (id: number, fault: Fault) => void pending.push(of(id).fail({ fault })),
  requests: (id: number) => of(id).requests,
  authorize: (id: number, token: Parameters<Sandbox["authorize"]>[0]) => of(id).authorize(token),
  advance: (id: number, ms: number) => of(id).advance(ms),
  rotate: (id: number) => of(id).rotate(),
  async notification(id: number, fault?: "tampered-body") {
    let arrived: unknown;
    const fetch = async (request: Request) => {
      arrived = { headers: Object.fromEntries(request.headers), body: await request.text() };
      return new Response(null, { status: 204 });
    };
    const event = { event_type: "TRANSACTION.SUCCESS", resource: { out_trade_no: "张三1" } };
    await of(id).notify("http://merchant.invalid/notify", event, { fetch, ...(fault && { fault }) });
    return arrived;
  },
  sign: (id: number, message: string) =>
    createSign("RSA-SHA256").update(message).sign(of(id).credentials.privateKey, "base64"),
};

const answer: RequestListener = async (incoming, outgoing) => {
  try {
    const [order, ...args] = JSON.parse(await text(incoming)) as [Order, ...never[]];
    outgoing.end(JSON.stringify((await handlers[order](...args)) ?? null));
  } catch (error) {
    outgoing.writeHead(500).end(String(error));
  }
};
process.stdout.write(`${await listen(createHttpServer(answer))}\n`);
// Whoever started it has gone.
process.stdin.on("end", () => process.exit()).resume();
