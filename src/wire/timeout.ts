import type { Settings } from "../options.js";
import { abortable, type Step } from "./call.js";

/** Ends an attempt, its body included, after `timeout` ms or when the caller's signal says so; the timer and the listener end with it. */
export function timeout({ timeout: limit }: Pick<Settings, "timeout">): Step {
  return (next) => async (call) => {
    call.signal?.throwIfAborted();
    const controller = new AbortController();
    const { signal } = controller;
    const abort = () => controller.abort(call.signal?.reason);
    const late = () => new DOMException(`${call.name} was not answered within ${limit} ms.`, "TimeoutError");
    const timer = limit === false ? undefined : setTimeout(() => controller.abort(late()), limit);
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
      if (signal.aborted) call.trace.lost.add(error);
      throw error;
    }
  };
}

/** A download's body, which the caller reads: the limit goes on until it is read, cancelled or late. */
function limited(source: ReadableStream<Uint8Array>, signal: AbortSignal, end: () => void): ReadableStream<Uint8Array> {
  const reader = source.getReader();
  reader.closed.then(end, end);
  signal.addEventListener("abort", () => reader.cancel(signal.reason).catch(() => {}));
  return new ReadableStream({
    async pull(controller) {
      // A late one must not look as if it were whole.
      const { done, value } = await reader.read().finally(() => signal.throwIfAborted());
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
