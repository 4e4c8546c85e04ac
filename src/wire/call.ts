import type { Bytes } from "../bytes.js";
import type { Outcome } from "../errors.js";
import type { WireRequest, WireResponse } from "../network.js";

/** A call. Its bytes are made once: every attempt signs these and sends these. */
export interface Call extends Omit<WireRequest, "url"> {
  /** Path and query, as signed and sent. */
  readonly target: string;
  /** What of the body is signed, where that is not all of it: of an upload, the text of `meta`. */
  readonly covered?: Bytes;
  /** As errors name it, such as `GET /v3/x/{id}`: path parameters and queries may be personal. */
  readonly name: string;
  /** operationId of the spec; absent for a path that no table knows. */
  readonly operationId: string | undefined;
  /** Whether the same call may be sent again: a query, or a write with the merchant's own number. */
  readonly repeatable: boolean;
}

/** A call in progress: its server, and what became of its attempts: how many, how many of them may have arrived, and their network errors. */
export interface CallUnderway extends Call {
  readonly origin: string;
  readonly trace: { attempts: number; sent: number; readonly lost: Set<unknown> };
}

/** A response that was looked at, and the message that was signed for it. */
export interface Received extends WireResponse {
  readonly headers: Headers;
  readonly body: NonNullable<WireResponse["body"]>;
  readonly signed?: Bytes;
  /** Whether WeChat Pay's signature covers it. */
  readonly verified?: boolean;
  /** What became of a write that was answered with an error. */
  readonly outcome?: Outcome;
}

/** Sends a call. */
export type Send<Sent = Call> = (call: Sent) => Promise<Received>;

/** A step on the way down to the network and back. */
export type Step = (next: Send<CallUnderway>) => Send<CallUnderway>;

/** Whether a call failed on the network, and not by its caller or by anything else. */
export const isLost = ({ signal, trace }: CallUnderway, error: unknown) => !signal?.aborted && trace.lost.has(error);

/** What an error of a write adds where a request may have arrived. */
export const QUERY_FIRST = " The write may have taken effect: query before you repeat it.";

/** What an error of a write adds. */
export const adviceFor = ({ method, trace }: Pick<CallUnderway, "method" | "trace">) =>
  method === "GET" ? "" : trace.sent > 0 ? QUERY_FIRST : " Nothing was sent.";

/** Who waits for which signal, by one listener that is there while anyone does: Node.js warns of more than 10. */
const watches = new WeakMap<AbortSignal, { waiting: Set<() => void>; tell: () => void }>();

/** Calls `abort` when the signal aborts, until the function that is returned is called. */
export function onAbort(signal: AbortSignal | undefined, abort: () => void): () => void {
  if (signal === undefined) return () => {};
  const waiting = new Set<() => void>();
  const watch = watches.get(signal) ?? { waiting, tell: () => Array.from(waiting, (each) => each()) };
  watches.set(signal, watch);
  if (watch.waiting.size === 0) signal.addEventListener("abort", watch.tell);
  watch.waiting.add(abort);
  return () => {
    watch.waiting.delete(abort);
    if (watch.waiting.size === 0) signal.removeEventListener("abort", watch.tell);
  };
}

/** Waits for `promise`, or rejects when `signal` aborts. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    const end = onAbort(signal, abort);
    promise.then(resolve, reject).finally(end);
  });
}
