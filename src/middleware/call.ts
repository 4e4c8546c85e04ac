import type { Operation } from "../operations.js";
import type { Bytes } from "../protocol/message.js";

/** One call on its way down. Its bytes are made once: every attempt signs these and sends these. */
export interface Call {
  /** What the spec says of the operation; absent for a path that no table knows. */
  readonly operation: Operation | undefined;
  /** Upper case. */
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  /** Empty where there is no body. */
  readonly body: Bytes;
  readonly signal: AbortSignal;
}

/** Sends a call; `fetch`, with the bytes at hand. */
export type Send = (call: Call) => Promise<Response>;

/** A call as errors name it: method and path, never the query, for it may hold personal data. */
export function describe({ method, url }: Pick<Call, "method" | "url">): string {
  return `${method} ${url.pathname}`;
}
