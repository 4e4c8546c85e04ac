import { VerificationError } from "../errors.js";
import type { Settings } from "../options.js";
import type { Step } from "./call.js";

/** Counts the attempts, and tells `onAttempt` of each. */
export function attempts({ onAttempt }: Pick<Settings, "onAttempt">): Step {
  return (next) => async (call) => {
    const attempt = ++call.trace.attempts;
    if (onAttempt === undefined) return next(call);
    const started = performance.now();
    const tell = (status: number | undefined, requestId: string | null | undefined, error: string | undefined) => {
      const { operationId, method, origin } = call;
      const outcome = { duration: performance.now() - started, status, requestId: requestId ?? undefined, error };
      // A log that fails must not hide what became of a payment.
      (async () => onAttempt({ operationId, method, host: new URL(origin).host, attempt, ...outcome }))().catch(
        () => {},
      );
    };
    try {
      const response = await next(call);
      tell(response.status, response.headers.get("Request-ID"), undefined);
      return response;
    } catch (error) {
      if (error instanceof VerificationError) tell(error.status, error.requestId, error.reason);
      else tell(undefined, undefined, error instanceof Error ? error.name : undefined);
      throw error;
    }
  };
}
