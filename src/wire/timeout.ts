import type { Settings } from "../options.js";
import { asNetworkFailure, type Step } from "./call.js";

/**
 * Ends an attempt, its body included, after `timeout` ms or when the caller's signal says so. The timer and the listener end with it.
 * The rejection is the platform's: a `TimeoutError`, or the reason of the caller's signal.
 */
export function timeout({ timeout: limit }: Pick<Settings, "timeout">): Step {
  return (next) => async (call) => {
    const controller = new AbortController();
    const { signal } = controller;
    const stop = (reason: unknown) => {
      end();
      controller.abort(reason);
    };
    const expire = () => stop(new DOMException(`${call.name} was not answered within ${limit} ms.`, "TimeoutError"));
    const abort = () => stop(call.signal?.reason);
    const timer = limit === false ? undefined : setTimeout(expire, limit);
    const end = () => {
      clearTimeout(timer);
      call.signal?.removeEventListener("abort", abort);
    };
    call.signal?.addEventListener("abort", abort);
    // A race, because a transport or a signer may not listen to the signal.
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(asNetworkFailure(signal.reason)));
    });
    if (call.signal?.aborted) abort();
    try {
      const response = await Promise.race([next({ ...call, signal }), aborted]);
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
  return new ReadableStream<Uint8Array>({
    start(controller) {
      signal.addEventListener("abort", () => {
        controller.error(signal.reason);
        reader.cancel(signal.reason).catch(() => {});
      });
    },
    async pull(controller) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        end();
        throw error;
      });
      // What was read as the limit passed is not the caller's any more.
      if (signal.aborted) return;
      if (!done) return controller.enqueue(value);
      end();
      controller.close();
    },
    cancel(reason) {
      end();
      return reader.cancel(reason);
    },
  });
}
