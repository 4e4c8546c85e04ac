import { type Bytes, toUtf8 } from "../../bytes.js";
import type { ErrorBody } from "../../errors.js";
import { COUNT, type Rule } from "../checks.js";
import type { SandboxReply } from "./http.js";
import type { ReceivedRequest, UnconnectedRequest } from "./received-request.js";
import { type Exchange, Watchers } from "./watchers.js";

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

/** Who is told of requests. */
interface Listeners {
  onRequest?: ((request: ReceivedRequest, error: ErrorBody | undefined) => void) | undefined;
  onUnconnected?: ((request: UnconnectedRequest) => void) | undefined;
}

/** The last requests that arrived, in the order of the answers. */
export class RequestLog {
  /** One array for good: tests keep it. */
  readonly requests: ReceivedRequest[] = [];
  readonly watchers = new Watchers();
  readonly #listeners: Listeners;
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  readonly #sizes = new WeakMap<ReceivedRequest, number>();
  #bytes = 0;
  #arrived = 0;
  #dropped = 0;

  constructor(listeners: Listeners, { maxEntries = 1000, maxBodyBytes = 2 ** 26 }: RequestLogOptions = {}) {
    this.#listeners = listeners;
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
  add(request: ReceivedRequest, body: Bytes, details: () => Omit<Exchange, "request" | "id">): void {
    const { requests } = this;
    const id = ++this.#arrived;
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
    this.#listeners.onRequest?.(request, errorOf(request, details));
    this.watchers.tell(() => ({ what: "exchange", exchange: { id, request, ...details() } }));
  }

  /** A request that did not arrive is not in the log. */
  addUnconnected(request: UnconnectedRequest): void {
    this.#listeners.onUnconnected?.(request);
    this.watchers.tell(() => ({ what: "unconnected", request }));
  }

  readonly clear = (): void => {
    this.requests.length = 0;
    this.#dropped = 0;
    this.#arrived = 0;
    this.watchers.tell(() => ({ what: "clearing" }));
  };
}

/** The body of a reply that is an error of the API. */
function errorOf({ status }: ReceivedRequest, details: () => Pick<Exchange, "reply">): ErrorBody | undefined {
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
