/** The far side, as a capability sees it from whichever runtime it runs on: see peer.ts. */
import type { Fault, ReceivedRequest, SandboxCredentials, SandboxOptions } from "wechatpay-openapi-fetch/sandbox";

/** A sandbox in another process. */
export interface RemoteSandbox {
  url: string;
  credentials: SandboxCredentials;
  /** Origin at which nobody listens. */
  nobody: string;
  /** Origin of a server that reads a request, and goes away. */
  losing: string;
  fail(fault: Fault): Promise<void>;
  /** What arrived since the capability began. */
  requests(): Promise<ReceivedRequest[]>;
  authorize(token: object): Promise<void>;
  /** Time passes. */
  advance(ms: number): Promise<void>;
  rotate(): Promise<string>;
  /** A notification of WeChat Pay's, as it arrives. */
  notification(fault?: Fault): Promise<{ headers: Record<string, string>; body: string }>;
  /** The signature of the merchant's key, made by node:crypto. */
  sign(message: string): Promise<string>;
}

/** One that the runtimes share, as if it had just begun; with options, one that is new. */
export type StartSandbox = (options?: SandboxOptions) => Promise<RemoteSandbox>;

/** What a sandbox does when it is told to; each by its name, over HTTP. */
const ORDERS = ["fail", "requests", "authorize", "advance", "rotate", "notification", "sign"] as const;
export type Order = (typeof ORDERS)[number] | "start";

/** @param peer where the peer listens */
export function connectTo(peer: string): StartSandbox {
  const ask = async (order: Order, ...args: unknown[]) => {
    const response = await fetch(peer, { method: "POST", body: JSON.stringify([order, ...args]) });
    const text = await response.text();
    if (!response.ok) throw new Error(`The peer cannot ${order}: ${text}`);
    return text && JSON.parse(text);
  };
  return async (options) => {
    const { id, ...facts } = await ask("start", options);
    const orders = ORDERS.map((order) => [order, (...args: unknown[]) => ask(order, id, ...args)]);
    return { ...facts, ...Object.fromEntries(orders) };
  };
}
