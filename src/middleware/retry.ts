import { VerificationError } from "../errors.js";
import { parsePointer } from "../json-pointer.js";
import { type Call, isNetworkFailure, type Middleware } from "./call.js";

/** How a call is repeated. */
export interface RetryOptions {
  /** How often at most, beside the first time; default 2. */
  repeats?: number | undefined;
  /** The first pause is between 0 and this, in ms, the next up to twice as long, and so on; default 300. */
  baseDelay?: number | undefined;
  /** No pause is longer, in ms; a reply whose `Retry-After` asks for more is not repeated. Default 10 000. */
  maxDelay?: number | undefined;
}

/** What a client may repeat on credit, so that a server that is down is not asked three times as often as one that is well. */
const BUDGET = 100;
/** What a call that needed no repeat pays in. */
const INCOME = 0.2;

/**
 * Repeats a call where that is safe: a GET, and a write that the spec marks with `x-wechatpay-idempotent`; on a lost connection, a
 * time-out, 429 and 5xx. A GET whose reply fails verification is repeated once and at once, for such probes are not sent twice in a row.
 */
export function withRetry(options: RetryOptions | false): Middleware {
  if (options === false) return (next) => next;
  const { repeats = 2, baseDelay = 300, maxDelay = 10_000 } = options;
  let budget = BUDGET;

  return (next) => async (call) => {
    const isQuery = call.method === "GET";
    if (!isQuery && !hasNumber(call)) return next(call);
    let probed = false;
    for (let repeat = 0; ; repeat++) {
      const outcome = await settle(next(call));
      let delay: number | undefined;
      if (outcome.error instanceof VerificationError) {
        if (isQuery && !probed) delay = 0;
        probed = true;
      } else if (isPassing(outcome, call)) {
        const pause = Math.random() * Math.min(maxDelay, baseDelay * 2 ** repeat);
        const asked = retryAfter(outcome.reply);
        if (asked <= maxDelay) delay = Math.max(pause, asked);
      } else if (repeat === 0) {
        budget = Math.min(BUDGET, budget + INCOME);
      }
      if (delay === undefined || repeat >= repeats || budget < 1) return unsettle(outcome);
      budget -= 1;
      await outcome.reply?.body?.cancel();
      await sleep(delay, call.signal);
    }
  };
}

/** Whether a write carries the merchant's own number, by which WeChat Pay knows it again. */
function hasNumber({ operation, body }: Call): boolean {
  if (operation?.idempotent === undefined || body.length === 0) return false;
  const json: unknown = JSON.parse(new TextDecoder().decode(body));
  const found = parsePointer(operation.idempotent).reduce<unknown>(
    (node, name) => (node as Record<string, unknown> | undefined)?.[name],
    json,
  );
  return typeof found === "number" || (typeof found === "string" && found !== "");
}

interface Outcome {
  reply?: Response;
  error?: unknown;
}

function settle(promise: Promise<Response>): Promise<Outcome> {
  return promise.then(
    (reply) => ({ reply }),
    (error: unknown) => ({ error }),
  );
}

function unsettle({ reply, error }: Outcome): Response {
  if (reply !== undefined) return reply;
  throw error;
}

/** Whether it may be otherwise next time. */
function isPassing({ reply, error }: Outcome, { signal }: Call): boolean {
  if (reply !== undefined) return reply.status === 429 || reply.status >= 500;
  if (signal.aborted) return false;
  return isNetworkFailure(error);
}

/** What `Retry-After` asks for, in ms: seconds or a date. */
function retryAfter(reply: Response | undefined): number {
  const value = reply?.headers.get("Retry-After") ?? "";
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? 0 : Math.max(0, date - Date.now());
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", abort);
      resolve();
    }, ms);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
}

/** How long a server that could not be reached is passed over, in ms. */
const AVOIDED_FOR = 60_000;

/** Goes to the other server where the connection to the first was never made: any operation may, since nothing was sent. */
export function withFailover([main, backup]: readonly [string, string?], clock: () => number): Middleware {
  if (backup === undefined) return (next) => next;
  let avoidedSince = Number.NEGATIVE_INFINITY;

  return (next) => async (call) => {
    const isAvoided = Math.abs(clock() - avoidedSince) < AVOIDED_FOR;
    const [first, second] = isAvoided ? [backup, main] : [main, backup];
    const at = (origin: string) => next({ ...call, url: new URL(call.url.pathname + call.url.search, origin) });
    try {
      return await at(first);
    } catch (error) {
      if (call.signal.aborted || !wasNeverConnected(error)) throw error;
      avoidedSince = isAvoided ? Number.NEGATIVE_INFINITY : clock();
      return at(second);
    }
  };
}

/** Codes of Node.js, undici and Bun for a connection that was not made. */
const NOT_CONNECTED =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT|ConnectionRefused|FailedToOpenSocket)$/;
/** These befall a connection that was made as well, when the route is lost. */
const UNREACHABLE = /^(EHOSTUNREACH|ENETUNREACH|EHOSTDOWN)$/;

interface SystemError {
  code?: unknown;
  syscall?: unknown;
  cause?: SystemError;
  errors?: SystemError[];
}

function wasNeverConnected(error: unknown): boolean {
  if (!isNetworkFailure(error)) return false;
  const { cause, ...own } = error as SystemError;
  // Where a name has several addresses, there is an error for each.
  const errors = cause?.errors ?? [cause ?? { ...own, code: (error as SystemError).code }];
  return (
    errors.length > 0 &&
    errors.every(
      ({ code, syscall }) =>
        NOT_CONNECTED.test(String(code)) || (UNREACHABLE.test(String(code)) && syscall === "connect"),
    )
  );
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
  /** HTTP status; absent where no reply was accepted. */
  status: number | undefined;
  /** `Request-ID` of the reply. */
  requestId: string | undefined;
  /** `name` of the error that it ended with, or of a VerificationError its reason. */
  error: string | undefined;
}

/** Tells of each attempt. What the listener throws is dropped: a log that fails must not hide what became of a payment. */
export function withAttempts(onAttempt: ((attempt: Attempt) => void) | undefined): Middleware {
  return (next) => async (call) => {
    call.trace.attempts += 1;
    const attempt = call.trace.attempts;
    const started = performance.now();
    const outcome = await settle(next(call));
    const { reply, error } = outcome;
    try {
      const told: unknown = onAttempt?.({
        operationId: call.operation?.operationId,
        method: call.method,
        host: call.url.host,
        attempt,
        duration: performance.now() - started,
        status: reply?.status ?? (error instanceof VerificationError ? error.status : undefined),
        requestId:
          reply?.headers.get("Request-ID") ?? (error instanceof VerificationError ? error.requestId : undefined),
        error: error instanceof VerificationError ? error.reason : error instanceof Error ? error.name : undefined,
      });
      if (told instanceof Promise) told.catch(() => {});
    } catch {
      // Said above.
    }
    return unsettle(outcome);
  };
}
