import { VerificationError } from "../errors.js";
import type { Settings } from "../options.js";
import type { Step } from "./call.js";

/** Counts the attempts, and tells `onAttempt` of each. */
export function attempts({ onAttempt }: Pick<Settings, "onAttempt">): Step {
  if (onAttempt === undefined) return (next) => next;
  return (next) => (call) => {
    const { operationId, method, origin, trace } = call;
    const common = { operationId, method, host: new URL(origin).host, attempt: ++trace.attempts };
    const started = performance.now();
    const tell = (status?: number, requestId?: string, error?: string) =>
      onAttempt({ ...common, duration: performance.now() - started, status, requestId, error });
    const sent = next(call);
    sent
      .then(
        ({ status, headers }) => tell(status, headers.get("Request-ID") ?? undefined),
        (error) =>
          error instanceof VerificationError
            ? tell(error.status, error.requestId, error.reason)
            : tell(undefined, undefined, error?.name),
      )
      // A log that fails must not hide what became of a payment.
      .catch(() => {});
    return sent;
  };
}
