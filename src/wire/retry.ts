import { VerificationError } from "../errors.js";
import type { Settings } from "../options.js";
import { abortable, isLost, type Step } from "./call.js";

/** Each repeat costs 1, each call that needs none returns 0.2, so that a server that is down is not asked three times as often. */
const BUDGET = 100;

/** Repeats a call that may be repeated, on a lost connection, a time-out, 429 and 5xx. */
export function retry({ retry: options }: Pick<Settings, "retry">): Step {
  const { repeats = 2, baseDelay = 300, maxDelay = 10_000 } = options || { repeats: 0 };
  let budget = BUDGET;

  return (next) => async (call) => {
    if (!call.repeatable) return next(call);
    let mayBeProbe = call.method === "GET";
    for (let repeat = 0; ; repeat++) {
      const backoff = Math.random() * Math.min(maxDelay, baseDelay * 2 ** repeat);
      const sent = next(call);
      const delay = await sent.then(
        ({ status, headers }) => (status === 429 || status >= 500 ? Math.max(backoff, retryAfter(headers)) : undefined),
        (error) => {
          if (isLost(call, error)) return backoff;
          if (!mayBeProbe || !(error instanceof VerificationError)) return undefined;
          // Once and at once: WeChat Pay does not send two signature probes in a row.
          mayBeProbe = false;
          return 0;
        },
      );
      if (delay === undefined && repeat === 0) budget = Math.min(BUDGET, budget + 0.2);
      if (delay === undefined || delay > maxDelay || repeat >= repeats || budget < 1) return sent;
      budget -= 1;
      await sleep(delay, call.signal);
    }
  };
}

/** What `Retry-After` asks for, in ms: seconds or a date. */
function retryAfter(headers: Headers): number {
  const value = headers.get("Retry-After") ?? "";
  return Number(value) * 1000 || Date.parse(value) - Date.now() || 0;
}

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  let timer: ReturnType<typeof setTimeout>;
  const elapsed = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  return abortable(elapsed, signal).finally(() => clearTimeout(timer));
}
