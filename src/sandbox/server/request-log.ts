import type { Fault } from "./faults.js";
import type { SandboxReply } from "./http.js";
import type { Verdict } from "./refusals.js";
import type { SignatureCheck } from "./signed-message.js";

/** A request that arrived. */
export interface ReceivedRequest {
  /** Absent where path or method lead nowhere. */
  operationId: string | undefined;
  method: string;
  /** Path and query, as sent. */
  path: string;
  verdict: Verdict;
  /** The body as JSON, its sensitive fields decrypted; as text where it is not JSON; absent where it is empty. */
  body: unknown;
  /** HTTP status of the reply, even where a fault kept it from arriving. */
  status: number;
  /** What went wrong on purpose. */
  fault?: Fault;
  /** Why the signature is wrong, as far as it tells; with the verdict `wrong-signature` only. */
  signature?: SignatureCheck;
}

/** A request with its reply, in full: what the console shows. */
export interface Exchange {
  request: ReceivedRequest;
  /** When it arrived, by the sandbox's clock: ms since the epoch. */
  at: number;
  /** The message whose signature WeChat Pay expects; absent where `Authorization` cannot be read. */
  expected: string | undefined;
  reply: SandboxReply;
}

/** The requests that arrived, in the order of the answers. */
export class RequestLog {
  readonly requests: ReceivedRequest[] = [];
  readonly watchers = new Set<(exchange: Exchange) => void>();
  readonly #onRequest: ((request: ReceivedRequest) => void) | undefined;

  constructor(onRequest: ((request: ReceivedRequest) => void) | undefined) {
    this.#onRequest = onRequest;
  }

  /** @param details of the exchange, for the watchers, if there are any */
  add(request: ReceivedRequest, details: () => Omit<Exchange, "request">): void {
    this.requests.push(request);
    this.#onRequest?.(request);
    for (const watch of this.watchers) watch({ request, ...details() });
  }
}
