import type { Bytes } from "../../bytes.js";
import type { ArrivingRequest } from "./http.js";

export const firstHalf = (bytes: Bytes): Bytes => bytes.subarray(0, Math.ceil(bytes.length / 2));

/** Half of the body; then the connection is lost. */
export function interruptedBody(bytes: Bytes): ReadableStream<Bytes> {
  let isHalfSent = false;
  return new ReadableStream({
    async pull(controller) {
      if (!isHalfSent) controller.enqueue(firstHalf(bytes));
      else {
        // What was sent must have left before the socket goes.
        await new Promise((resolve) => setTimeout(resolve));
        const cause = Object.assign(new Error("other side closed"), { code: "UND_ERR_SOCKET" });
        controller.error(new TypeError("terminated", { cause }));
      }
      isHalfSent = true;
    },
  });
}

/** Between two bytes of a slow body, in ms: a short one takes minutes. */
const DRIP = 500;

/** The body, byte by byte. An abort or a cancel leaves neither timer nor listener behind. */
export function slowBody(bytes: Bytes, arriving: ArrivingRequest): ReadableStream<Bytes> {
  let at = 0;
  let stop = () => {};
  return new ReadableStream<Bytes>(
    {
      pull: (controller) =>
        new Promise<void>((resolve, reject) => {
          // Read from the request each time: a signal whose request was garbage-collected never fires.
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
