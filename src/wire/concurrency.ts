import type { Settings } from "../options.js";
import { onAbort, type Step } from "./call.js";

/** Bounds how many attempts are under way. The others wait, first come first served; no time-out runs and nothing is sent meanwhile. */
export function concurrency({ concurrency: most }: Pick<Settings, "concurrency">): Step {
  if (most === false) return (next) => next;
  let underway = 0;
  const waiting = new Set<() => void>();

  const turn = (signal: AbortSignal | undefined) =>
    new Promise<void>((resolve, reject) => {
      signal?.throwIfAborted();
      const leave = (settle: () => void) => () => {
        waiting.delete(start);
        end();
        settle();
      };
      const start = leave(resolve);
      const abort = leave(() => reject(signal?.reason));
      const end = onAbort(signal, abort);
      waiting.add(start);
    });

  return (next) => async (call) => {
    if (underway >= most) await turn(call.signal);
    else underway++;
    try {
      return await next(call);
    } finally {
      // Whoever waits longest takes the place over.
      const [start] = waiting;
      if (start) start();
      else underway--;
    }
  };
}
