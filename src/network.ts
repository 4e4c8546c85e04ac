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
  readonly headers: Headers | Readonly<Record<string, string>> | [name: string, value: string][];
  /** Decoded, as `Content-Encoding` says; `null` for none. A stream is read to its end, unless one was asked for. */
  readonly body: Bytes | ReadableStream<Uint8Array> | null;
  readonly url?: string | undefined;
  /** Whether it is a redirect, which is refused. */
  readonly redirected?: boolean | undefined;
}

/** How a call is repeated. */
export interface RetryOptions {
  /** How often at most, beside the first time; default 2. */
  repeats?: number | undefined;
  /** The first pause is between 0 and this, in ms, the next up to twice as long, and so on; default 300. */
  baseDelay?: number | undefined;
  /** No pause is longer, in ms; a response whose `Retry-After` asks for more is not repeated. Default 10 000. */
  maxDelay?: number | undefined;
}

/** One attempt, as `onAttempt` is told of it: nothing in it is secret or personal. */
export interface Attempt {
  /** operationId of the spec; absent for a path that the spec does not know. */
  operationId: string | undefined;
  method: string;
  /** Host that it went to. */
  host: string;
  /** 1 for the first. */
  attempt: number;
  /** How long it took, in ms. */
  duration: number;
  /** HTTP status; absent where no response was accepted. */
  status: number | undefined;
  /** `Request-ID` of the response. */
  requestId: string | undefined;
  /** `name` of the error that it ended with, or of a VerificationError its reason. */
  error: string | undefined;
}
