import { VerificationError } from "../errors.js";
import type { Settings } from "../options.js";
import { abortable, isLost, type Step, type WireResponse } from "./call.js";

/** What a client may repeat on credit, so that a server that is down is not asked three times as often as one that is well. */
const BUDGET = 100;
/** What a call that needed no repeat pays in. */
const INCOME = 0.2;

/**
 * Repeats a call that may be repeated, on a lost connection, a time-out, 429 and 5xx. A query whose response fails verification is
 * repeated once and at once, for WeChat Pay does not send two signature probes in a row.
 */
export function retry({ retry: options }: Pick<Settings, "retry">): Step {
  if (options === false) return (next) => next;
  const { repeats = 2, baseDelay = 300, maxDelay = 10_000 } = options;
  let budget = BUDGET;

  return (next) => async (call) => {
    if (!call.repeatable) return next(call);
    let mayBeProbe = call.method === "GET";
    for (let repeat = 0; ; repeat++) {
      const { response, error }: { response?: WireResponse; error?: unknown } = await next(call).then(
        (response) => ({ response }),
        (error: unknown) => ({ error }),
      );
      let delay = Infinity;
      if (error instanceof VerificationError) {
        if (mayBeProbe) delay = 0;
        mayBeProbe = false;
      } else if (response ? response.status === 429 || response.status >= 500 : isLost(call, error)) {
        delay = Math.max(Math.random() * Math.min(maxDelay, baseDelay * 2 ** repeat), retryAfter(response));
      } else if (repeat === 0) {
        budget = Math.min(BUDGET, budget + INCOME);
      }
      if (delay > maxDelay || repeat >= repeats || budget < 1) {
        if (response) return response;
        throw error;
      }
      budget -= 1;
      await sleep(delay, call.signal);
    }
  };
}

/** What `Retry-After` asks for, in ms: seconds or a date. */
function retryAfter(response: WireResponse | undefined): number {
  const value = response?.headers.get("Retry-After") ?? "";
  return /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now() || 0;
}

async function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const elapsed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await abortable(elapsed, signal).finally(() => clearTimeout(timer));
}
