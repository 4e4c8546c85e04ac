import type { Bytes } from "./bytes.js";

/**
 * Sends one request, once: it repeats nothing, follows no redirect and reads no more of a body than a message of the API has. It rejects
 * with a `TypeError` where the connection failed; `cause` tells failover whether one was ever made, by Node.js' `code` and `syscall`.
 */
export type Transport = (request: WireRequest) => Promise<WireResponse>;

/** What goes down to the network: plain data. The method is in upper case, the names of headers in lower case. */
export interface WireRequest {
  readonly method: string;
  /** Absolute, percent-encoded as it goes over the wire. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Empty where there is no body. */
  readonly body: Bytes;
  /** Ends the request, the reading of its response included. */
  readonly signal: AbortSignal | undefined;
  /** Whether the body of a 2xx response is to come as a stream: a download, which carries no signature. */
  readonly streamed: boolean;
}

/** What comes up from the network. */
export interface WireResponse {
  readonly status: number;
  /** The client's to change: a `fetch` gives them immutable. */
  readonly headers: Headers;
  /** Decoded, as `Content-Encoding` says. A stream is read to its end, unless one was asked for. */
  readonly body: Bytes | ReadableStream<Uint8Array>;
  readonly url?: string;
  /** Whether it is a redirect, which is refused. */
  readonly redirected?: boolean;
}
