import { VerificationError } from "../errors.js";
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
    if (!isQuery && call.operation?.idempotent === undefined) return next(call);
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
  return isNetworkFailure(error) || (error instanceof DOMException && error.name === "TimeoutError");
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
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|UND_ERR_CONNECT_TIMEOUT|ConnectionRefused|FailedToOpenSocket)$/;

function wasNeverConnected(error: unknown): boolean {
  if (!isNetworkFailure(error)) return false;
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown; errors?: { code?: unknown }[] } };
  // Where a name has several addresses, there is an error for each.
  const codes = cause?.errors?.map((each) => each.code) ?? [cause?.code ?? code];
  return codes.length > 0 && codes.every((each) => NOT_CONNECTED.test(String(each)));
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
      onAttempt?.({
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
    } catch {
      // Said above.
    }
    return unsettle(outcome);
  };
}
