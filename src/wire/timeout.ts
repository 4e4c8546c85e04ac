import type { Settings } from "../options.js";
import { abortable, type Step } from "./call.js";

/**
 * Ends an attempt, its body included, after `timeout` ms or when the caller's signal says so. The timer and the listener end with it.
 * The rejection is the platform's: a `TimeoutError`, or the reason of the caller's signal.
 */
export function timeout({ timeout: limit }: Pick<Settings, "timeout">): Step {
  return (next) => async (call) => {
    call.signal?.throwIfAborted();
    const controller = new AbortController();
    const { signal } = controller;
    const abort = () => controller.abort(call.signal?.reason);
    const expire = () => {
      const late = new DOMException(`${call.name} was not answered within ${limit} ms.`, "TimeoutError");
      call.trace.lost.add(late);
      controller.abort(late);
    };
    const timer = limit === false ? undefined : setTimeout(expire, limit);
    const end = () => {
      clearTimeout(timer);
      call.signal?.removeEventListener("abort", abort);
    };
    call.signal?.addEventListener("abort", abort);
    try {
      // A transport or a signer may not listen to the signal.
      const response = await abortable(next({ ...call, signal }), signal);
      const { body } = response;
      if (!(body instanceof Uint8Array)) return { ...response, body: limited(body, signal, end) };
      end();
      return response;
    } catch (error) {
      end();
      throw error;
    }
  };
}

/** A download's body, which the caller reads: the limit goes on until it is read, cancelled or late. */
function limited(source: ReadableStream<Uint8Array>, signal: AbortSignal, end: () => void): ReadableStream<Uint8Array> {
  const reader = source.getReader();
  reader.closed.then(end, end);
  return new ReadableStream({
    start(controller) {
      signal.addEventListener("abort", () => {
        controller.error(signal.reason);
        reader.cancel(signal.reason).catch(() => {});
      });
    },
    async pull(controller) {
      const { done, value } = await reader.read();
      // What was read as the limit passed is not the caller's any more.
      if (signal.aborted) return;
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
