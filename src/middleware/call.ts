import type { Bytes } from "../bytes.js";
import type { Operation } from "../operations.js";

/** One call on its way down. Its bytes are made once: every attempt signs these and sends these. */
export interface Call {
  /** What the spec says of the operation; absent for a path that no table knows. */
  readonly operation: Operation | undefined;
  /** Upper case. */
  readonly method: string;
  /** The path as the spec writes it, parameters unfilled. */
  readonly path: string;
  readonly url: URL;
  readonly headers: Headers;
  /** Empty where there is no body. */
  readonly body: Bytes;
  readonly signal: AbortSignal;
  /** What became of it, for whoever explains the outcome. */
  readonly trace: Trace;
}

/** What is noted of a call while it is under way. */
export interface Trace {
  /** How many attempts were made. */
  attempts: number;
  /** The message that the last attempt signed. */
  signed?: Bytes;
}

/** Sends a call; `fetch`, with the bytes at hand. */
export type Send = (call: Call) => Promise<Response>;

/** A step on the way down to the network and back. */
export type Middleware = (next: Send) => Send;

/** A call as errors name it: as the spec writes it, for parameters may be personal. */
export function describe({ method, path }: Pick<Call, "method" | "path">): string {
  return `${method} ${path.split("?", 1)[0]}`;
}

const networkFailures = new WeakSet<object>();

/** Notes what the transport itself rejects with, so that no other `TypeError` is taken for a lost connection. */
export async function fromNetwork<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (typeof error === "object" && error !== null) networkFailures.add(error);
    throw error;
  }
}

/** Takes it back: what failed was no attempt of this call. */
export function notFromNetwork(error: unknown): void {
  if (typeof error === "object" && error !== null) networkFailures.delete(error);
}

/** Waits for a promise that knows nothing of the signal. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

/** Whether the connection was lost or never made. */
export function isNetworkFailure(error: unknown): boolean {
  return typeof error === "object" && error !== null && networkFailures.has(error);
}
