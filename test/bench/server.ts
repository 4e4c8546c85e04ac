/**
 * The process of the server: it answers every request with one reply that it has signed beforehand, so that it costs as little as it can.
 * Its one argument is a `ServerJob` in JSON; the rest comes from the parent process.
 */
import { randomUUID, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { REQUEST } from "./contenders.js";

export interface ServerJob {
  mchid: string;
  platformKeyId: string;
  /** The key that clients expect, and one that they do not know. */
  signers: { platform: string; other: string };
  tls?: { key: string; cert: string };
}

/** What the parent asks for: another signer, or only the counts, which then start anew. */
export interface Order {
  signer?: keyof ServerJob["signers"];
}

export interface Counts {
  port: number;
  requests: number;
  /** Sockets that were opened since, and the most at one time. */
  sockets: number;
  mostSockets: number;
}

const job = JSON.parse(process.argv[2] ?? "") as ServerJob;
const { authenticate_number, openid, sub_mchid } = REQUEST;
const token = "abcdefghijklmn";
const body = JSON.stringify({ authenticate_number, openid, mchid: job.mchid, sub_mchid, token, expires_in: 300 });

let signer: keyof ServerJob["signers"] = "platform";
let reply = signReply();
let requests = 0;
let sockets = 0;
let mostSockets = 0;
const open = new Set<Socket>();

function signReply() {
  const signedAt = Date.now();
  const timestamp = String(Math.floor(signedAt / 1000));
  const nonce = randomUUID().replaceAll("-", "");
  const signature = sign("sha256", Buffer.from(`${timestamp}\n${nonce}\n${body}\n`), job.signers[signer]);
  const headers = {
    "Content-Type": "application/json; charset=utf-8",
    "Content-Length": Buffer.byteLength(body),
    "Request-ID": randomUUID(),
    "Wechatpay-Timestamp": timestamp,
    "Wechatpay-Nonce": nonce,
    "Wechatpay-Serial": job.platformKeyId,
    "Wechatpay-Signature": signature.toString("base64"),
    "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
  };
  return { signedAt, headers };
}

const answer: RequestListener = (request, response) => {
  requests++;
  if (Date.now() - reply.signedAt > 60_000) reply = signReply();
  request.resume().on("end", () => response.writeHead(200, reply.headers).end(body));
};

function countSocket(socket: Socket): void {
  sockets++;
  open.add(socket);
  mostSockets = Math.max(mostSockets, open.size);
  socket.on("close", () => open.delete(socket));
  // A client that is ended in the midst of a call.
  socket.on("error", () => {});
}

function start() {
  // Clients keep their sockets while others have their turn.
  const options = { keepAliveTimeout: 60_000 };
  if (!job.tls) return createServer(options, answer);
  const { key, cert } = job.tls;
  return createTlsServer({ ...options, key: readFileSync(key), cert: readFileSync(cert) }, answer);
}

const server = start().on("connection", countSocket);

function tell(): void {
  const { port } = server.address() as AddressInfo;
  process.send?.({ port, requests, sockets, mostSockets } satisfies Counts);
}

server.listen({ port: 0, host: "127.0.0.1", backlog: 16_384 }, tell);
process.on("disconnect", () => process.exit());
process.on("message", (order: Order) => {
  tell();
  requests = 0;
  sockets = 0;
  mostSockets = open.size;
  if (!order.signer) return;
  signer = order.signer;
  reply = signReply();
});
