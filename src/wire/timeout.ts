import type { Settings } from "../options.js";
import type { Received, Step } from "./call.js";

/** Ends an attempt, its body included, after `timeout` ms or when the caller's signal says so; the timer and the listener end with it. */
export function timeout({ timeout: limit }: Pick<Settings, "timeout">): Step {
  return (next) => (call) =>
    // A promise of its own: a transport or a signer may not listen to the signal.
    new Promise((resolve, reject) => {
      call.signal?.throwIfAborted();
      const controller = new AbortController();
      const { signal } = controller;
      const stop = (reason: unknown) => {
        end();
        reject(reason);
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
      const receive = (response: Received) => {
        const { body } = response;
        if (body instanceof Uint8Array) end();
        resolve(body instanceof Uint8Array ? response : { ...response, body: limited(body, signal, end) });
      };
      next({ ...call, signal })
        .then(receive)
        .catch((error) => {
          end();
          reject(error);
        });
    });
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
