import { type Bytes, toUtf8 } from "../../bytes.js";
import type { ErrorBody } from "../../errors.js";
import { COUNT, type Rule } from "../checks.js";
import type { Fault } from "./faults.js";
import type { SandboxReply } from "./http.js";

import type { SignatureCheck } from "./signature-check.js";
import type { Verdict } from "./verdicts.js";

/** A request that arrived. */
export interface ReceivedRequest {
  /** Absent where path or method lead nowhere. */
  operationId: string | undefined;
  method: string;
  /** Path and query, as sent. */
  path: string;
  verdict: Verdict;
  /**
   * Why it was refused: a sentence that names the wrong value beside the right one, in Chinese and in English; absent where it was accepted.
   * It holds no value of the query or of the body.
   */
  reason?: { zh: string; en: string };
  /** What to change, as code or headers, where that helps: lines that begin with `- `, `+ ` or two blanks. */
  fix?: string;
  /**
   * The body as JSON, its sensitive fields decrypted; as text where it is not JSON; absent where it is empty. Of an upload `meta`, and
   * `file` with its name, type, size and SHA-256 in place of its content.
   */
  body: unknown;
  /** HTTP status of the reply, even where a fault kept it from arriving. */
  status: number;
  /** What went wrong on purpose. */
  fault?: Fault;
  /** Why the sandbox failed, such as the stack of what a behaviour threw; with the verdict `sandbox-error` only. */
  error?: string;
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

/** How much of what arrived is kept. When there is more, the oldest requests are dropped; the newest is always kept. */
export interface RequestLogOptions {
  /** The most requests; `Infinity` for no limit. Default 1000. */
  maxEntries?: number;
  /**
   * The most bytes that their bodies take together, with the messages of wrong signatures; `Infinity` for no limit. It is an estimate of
   * memory: JSON of many small values takes more than it has bytes. Default 64 MiB.
   */
  maxBodyBytes?: number;
}

export const REQUEST_LOG: Record<keyof RequestLogOptions, Rule> = { maxEntries: COUNT, maxBodyBytes: COUNT };

/** Is told of every exchange, and when all are forgotten. */
export interface Watcher {
  add(exchange: Exchange): void;
  clear(): void;
}

/** The last requests that arrived, in the order of the answers. */
export class RequestLog {
  /** One array for good: tests keep it. */
  readonly requests: ReceivedRequest[] = [];
  readonly watchers = new Set<Watcher>();
  readonly #onRequest: ((request: ReceivedRequest, error: ErrorBody | undefined) => void) | undefined;
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  readonly #sizes = new WeakMap<ReceivedRequest, number>();
  #bytes = 0;
  #dropped = 0;

  constructor(
    onRequest: ((request: ReceivedRequest, error: ErrorBody | undefined) => void) | undefined,
    { maxEntries = 1000, maxBodyBytes = 2 ** 26 }: RequestLogOptions = {},
  ) {
    this.#onRequest = onRequest;
    this.#maxEntries = maxEntries;
    this.#maxBytes = maxBodyBytes;
  }

  /** How many requests were dropped, since the log was empty. */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * @param body as it was sent
   * @param details of the exchange, for those who are told, if there are any
   */
  add(request: ReceivedRequest, body: Bytes, details: () => Omit<Exchange, "request">): void {
    const { requests } = this;
    // In JavaScript, somebody may have emptied it.
    if (requests.length === 0) this.#bytes = 0;
    const size = sizeOf(request, body);
    this.#sizes.set(request, size);
    this.#bytes += size;
    requests.push(request);
    while (requests.length > this.#maxEntries || (this.#bytes > this.#maxBytes && requests.length > 1)) {
      this.#bytes -= this.#sizes.get(requests.shift() as ReceivedRequest) ?? 0;
      this.#dropped++;
    }
    this.#onRequest?.(request, errorOf(request, details));
    for (const watcher of this.watchers) watcher.add({ request, ...details() });
  }

  readonly clear = (): void => {
    this.requests.length = 0;
    this.#dropped = 0;
    for (const watcher of this.watchers) watcher.clear();
  };
}

/** The body of a reply that is an error of the API. */
function errorOf({ status }: ReceivedRequest, details: () => Omit<Exchange, "request">): ErrorBody | undefined {
  const { body, type } = status < 400 ? {} : (details().reply as Partial<SandboxReply>);
  return type === undefined ? (body as ErrorBody | undefined) : undefined;
}

/** About what a value of parsed JSON takes beside its text, in bytes: `[{},{}]` takes twenty times its text. */
const VALUE_SIZE = 32;
const MARKS = new Set(toUtf8("[{:,"));

/** About what a request takes in memory, in bytes. */
function sizeOf({ path, body: read, signature }: ReceivedRequest, body: Bytes): number {
  let size = path.length + body.length + (signature?.expected.length ?? 0) + (signature?.signed?.length ?? 0);
  if (typeof read === "object") for (const byte of body) if (MARKS.has(byte)) size += VALUE_SIZE;
  return size;
}
