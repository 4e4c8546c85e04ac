import type { Settings } from "../options.js";
import { abortable, type Step } from "./call.js";

/** Ends an attempt, its body included, after `timeout` ms or when the caller's signal says so; the timer and the listener end with it. */
export function timeout({ timeout: limit }: Pick<Settings, "timeout">): Step {
  return (next) => async (call) => {
    call.signal?.throwIfAborted();
    const controller = new AbortController();
    const { signal } = controller;
    const abort = () => controller.abort(call.signal?.reason);
    const expire = () => {
      const error = new DOMException(`${call.name} was not answered within ${limit} ms.`, "TimeoutError");
      call.trace.lost.add(error);
      controller.abort(error);
    };
    const timer = limit === false ? undefined : setTimeout(expire, limit);
    const end = () => {
      clearTimeout(timer);
      call.signal?.removeEventListener("abort", abort);
    };
    call.signal?.addEventListener("abort", abort);
    // A download goes on until it is read, cancelled or late.
    let download: Promise<void> | undefined;
    try {
      // A transport or a signer may not listen to the signal.
      const response = await abortable(next({ ...call, signal }), signal);
      if (response.body instanceof Uint8Array) return response;
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
      download = response.body.pipeTo(writable, { signal });
      return { ...response, body: readable };
    } finally {
      if (download) download.then(end, end);
      else end();
    }
  };
}
