import type { Bytes } from "../bytes.js";
import { requireOneOf } from "./checks.js";
import type { ArrivingRequest, SandboxReply } from "./http.js";
import { SIGNATURE_FAULTS } from "./signature.js";

/** What can go wrong on purpose; {@link Sandbox.fail} says what each one is. */
export const FAULTS = [
  "system-error",
  "rate-limited",
  "bad-gateway",
  "unsigned",
  ...SIGNATURE_FAULTS,
  "truncated-body",
  "reset",
  "refused",
  "hang",
  "slow-body",
  "redirect",
] as const;
export type Fault = (typeof FAULTS)[number];

/** Argument of {@link Sandbox.fail}. */
export interface FaultOptions {
  fault: Fault;
  /** operationId of the operation that it befalls; default any, and paths that lead nowhere. */
  operation?: string;
  /** How many requests it befalls; `Infinity` for all from now on. Default 1. */
  times?: number;
  /** `Retry-After` of `rate-limited`, in seconds. Default 1. */
  retryAfter?: number;
}

/** The faults to come, in their order. */
export function createFaults(operationIds: ReadonlySet<string>) {
  const queue = new Set<FaultOptions & { times: number }>();
  return {
    add({ fault, operation, times = 1, retryAfter = 1 }: FaultOptions): () => void {
      requireOneOf("fault", fault, FAULTS);
      if (operation !== undefined) requireOneOf("operation", operation, operationIds);
      if (times !== Number.POSITIVE_INFINITY && !(Number.isInteger(times) && times > 0)) {
        throw new TypeError(`times must be a whole number above 0, or Infinity; given: ${times}.`);
      }
      if (!(Number.isInteger(retryAfter) && retryAfter >= 0)) {
        throw new TypeError(`retryAfter must be a whole number of seconds; given: ${JSON.stringify(retryAfter)}.`);
      }
      const added = { fault, times, retryAfter, ...(operation !== undefined && { operation }) };
      queue.add(added);
      return () => void queue.delete(added);
    },
    /** The fault that befalls a request which comes now. */
    take(operationId: string | undefined): FaultOptions | undefined {
      for (const next of queue) {
        if (next.operation !== undefined && next.operation !== operationId) continue;
        next.times -= 1;
        if (next.times === 0) queue.delete(next);
        return next;
      }
      return undefined;
    },
  };
}

/** Where a redirect leads: to nobody, for the name is reserved (RFC 2606). */
const ELSEWHERE = "https://redirected.invalid";

/** What is answered in the operation's place, if anything. */
export function standIn({ fault, retryAfter }: FaultOptions, target: string): SandboxReply | undefined {
  switch (fault) {
    case "system-error":
      return { status: 500, body: { code: "SYSTEM_ERROR", message: "系统繁忙，请稍后重试" }, signed: false };
    case "rate-limited":
      return {
        status: 429,
        body: { code: "FREQUENCY_LIMITED", message: "频率超限" },
        signed: false,
        headers: { "Retry-After": String(retryAfter) },
      };
    case "bad-gateway":
      return { status: 502, body: BAD_GATEWAY, type: "text/html", signed: false };
    case "redirect":
      return { status: 302, signed: false, headers: { Location: ELSEWHERE + target } };
    default:
      return undefined;
  }
}

const BAD_GATEWAY =
  "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";

/** What fetch rejects with when the network fails, or a redirect is not wanted. */
export function networkError(message: string, code?: string): TypeError {
  return new TypeError("fetch failed", { cause: Object.assign(new Error(message), code && { code }) });
}

/** Half of the body; then the connection is lost. */
export function truncated(bytes: Bytes): ReadableStream<Bytes> {
  let isHalfSent = false;
  return new ReadableStream({
    async pull(controller) {
      if (!isHalfSent) controller.enqueue(bytes.subarray(0, Math.ceil(bytes.length / 2)));
      else {
        // What was sent must have left before the socket goes.
        await new Promise((resolve) => setTimeout(resolve));
        controller.error(
          new TypeError("terminated", {
            cause: Object.assign(new Error("other side closed"), { code: "UND_ERR_SOCKET" }),
          }),
        );
      }
      isHalfSent = true;
    },
  });
}

/** Between two bytes of a slow body, in ms: a short one takes minutes. */
const DRIP = 500;

/** The body, byte by byte. An abort or a cancel leaves neither timer nor listener behind. */
export function dripping(bytes: Bytes, arriving: ArrivingRequest): ReadableStream<Bytes> {
  let at = 0;
  let stop = () => {};
  return new ReadableStream<Bytes>(
    {
      pull: (controller) =>
        new Promise<void>((resolve, reject) => {
          // By way of the request, for a signal whose request was collected never fires.
          const abort = () => {
            stop();
            reject(arriving.signal?.reason);
          };
          const timer = setTimeout(() => {
            stop();
            controller.enqueue(bytes.subarray(at, ++at));
            if (at === bytes.length) controller.close();
            resolve();
          }, DRIP);
          stop = () => {
            clearTimeout(timer);
            arriving.signal?.removeEventListener("abort", abort);
          };
          arriving.signal?.addEventListener("abort", abort);
          if (arriving.signal?.aborted) abort();
        }),
      cancel: () => stop(),
    },
    { highWaterMark: 0 },
  );
}

/** Those that hang: their callers hold no more than a promise, and a signal whose request was collected never fires. */
const hanging = new Set<ArrivingRequest>();

/** Never resolves; rejects with the signal's reason, when it is aborted. */
export function untilAborted(arriving: ArrivingRequest & { signal: AbortSignal }): Promise<never> {
  return new Promise((_, reject) => {
    hanging.add(arriving);
    const abort = () => {
      hanging.delete(arriving);
      reject(arriving.signal.reason);
    };
    arriving.signal.addEventListener("abort", abort, { once: true });
  });
}
