import { VerificationError } from "../errors.js";
import type { Settings } from "../options.js";
import type { Attempt, Step } from "./call.js";

/** Counts the attempts, and tells `onAttempt` of each. */
export function attempts({ onAttempt }: Pick<Settings, "onAttempt">): Step {
  if (onAttempt === undefined) return (next) => next;
  return (next) => async (call) => {
    const { operationId, method, origin, trace } = call;
    const common = { operationId, method, host: new URL(origin).host, attempt: ++trace.attempts };
    const started = performance.now();
    const tell = async (outcome: Pick<Attempt, "status" | "requestId" | "error">) => {
      try {
        await onAttempt({ ...common, duration: performance.now() - started, ...outcome });
      } catch {
        // A log that fails must not hide what became of a payment.
      }
    };
    try {
      const response = await next(call);
      const { status, headers } = response;
      tell({ status, requestId: headers.get("Request-ID") ?? undefined, error: undefined });
      return response;
    } catch (error) {
      const { status, requestId, reason } = error instanceof VerificationError ? error : {};
      tell({ status, requestId, error: reason ?? (error instanceof Error ? error.name : undefined) });
      throw error;
    }
  };
}
