import type { Settings } from "../options.js";
import { adviceFor, onAbort, type Received, type Step } from "./call.js";
import { nameLost } from "./send.js";

/** Ends an attempt, its body included, after `timeout` ms or when the caller's signal says so; the timer and the listener end with it. */
export function timeout({ timeout: limit }: Pick<Settings, "timeout">): Step {
  return (next) => (call) =>
    // A promise of its own: a transport or a signer may not listen to the signal.
    new Promise((resolve, reject) => {
      call.signal?.throwIfAborted();
      const controller = new AbortController();
      const { signal } = controller;
      let fail = reject;
      const stop = (reason: unknown) => {
        end();
        fail(reason);
        controller.abort(reason);
      };
      const expire = () => {
        const what =
          call.trace.sent > 0
            ? "was not answered"
            : "waited for its signer or for platform certificates, and was not sent";
        const error = new DOMException(`${call.name} ${what} within ${limit} ms.${adviceFor(call)}`, "TimeoutError");
        call.trace.lost.add(error);
        stop(error);
      };
      const timer = limit === false ? undefined : setTimeout(expire, limit);
      const watch = () => onAbort(call.signal, () => stop(call.signal?.reason));
      let unwatch = watch();
      const end = () => {
        clearTimeout(timer);
        unwatch();
      };
      const receive = (response: Received) => {
        const { body } = response;
        if (body instanceof Uint8Array) {
          end();
          return resolve(response);
        }
        // It may never be read: until then, nothing of the caller's listens for it.
        unwatch();
        const begin = () => {
          unwatch = watch();
          if (call.signal?.aborted) stop(call.signal.reason);
        };
        const named = (error: unknown) => (signal.aborted ? error : nameLost(error, call, false));
        const [stream, failStream] = download(body, begin, end, named);
        fail = failStream;
        resolve({ ...response, body: stream });
      };
      next({ ...call, signal })
        .then(receive)
        .catch((error) => {
          end();
          reject(error);
        });
    });
}

/** A download goes on until it is read, cancelled, broken or late; a chunk is fetched when it is asked for, and not kept. */
function download(
  source: ReadableStream<Uint8Array>,
  begin: () => void,
  end: () => void,
  named: (error: unknown) => unknown,
) {
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  let fail = (_reason: unknown) => {};
  const stream = new ReadableStream<Uint8Array>(
    {
      start(into) {
        fail = (reason) => {
          into.error(reason);
          (reader ?? source).cancel(reason).catch(() => {});
        };
      },
      async pull(into) {
        if (reader === undefined) begin();
        reader ??= source.getReader();
        const { value } = await reader.read().catch((error) => {
          end();
          throw named(error);
        });
        if (value !== undefined) return into.enqueue(value);
        end();
        into.close();
      },
      cancel(reason) {
        end();
        return (reader ?? source).cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
  return [stream, fail] as const;
}
