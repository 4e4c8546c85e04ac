import type { Settings } from "../options.js";
import { abortable, type Step } from "./call.js";

/** Ends an attempt, its body included, after `timeout` ms or when the caller's signal says so; the timer and the listener end with it. */
export function timeout({ timeout: limit }: Pick<Settings, "timeout">): Step {
  return (next) => async (call) => {
    call.signal?.throwIfAborted();
    const controller = new AbortController();
    const { signal } = controller;
    const stop = (reason: unknown) => {
      end();
      controller.abort(reason);
    };
    const abort = () => stop(call.signal?.reason);
    const expire = () => {
      const error = new DOMException(`${call.name} was not answered within ${limit} ms.`, "TimeoutError");
      call.trace.lost.add(error);
      stop(error);
    };
    const timer = limit === false ? undefined : setTimeout(expire, limit);
    const end = () => {
      clearTimeout(timer);
      call.signal?.removeEventListener("abort", abort);
    };
    call.signal?.addEventListener("abort", abort);
    let stream: ReadableStream | undefined;
    try {
      // A transport or a signer may not listen to the signal.
      const response = await abortable(next({ ...call, signal }), signal);
      if (response.body instanceof Uint8Array) return response;
      stream = limited(response.body, signal, end);
      return { ...response, body: stream };
    } finally {
      if (stream === undefined) end();
    }
  };
}

/** A download goes on until it is read, cancelled, broken or late. */
function limited(source: ReadableStream<Uint8Array>, signal: AbortSignal, end: () => void): ReadableStream<Uint8Array> {
  if (source.locked) throw new TypeError("A transport must leave the reading of a body to the client: it is locked.");
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  source
    .pipeTo(writable, { signal })
    .catch(() => {})
    .finally(end);
  return readable;
}
