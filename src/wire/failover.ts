import type { Settings } from "../options.js";
import { isLost, type Step } from "./call.js";

/** Goes to the other server where no connection was made: any call may, for nothing was sent. The first is avoided for a minute. */
export function failover({ origins: [main, backup], clock }: Pick<Settings, "origins" | "clock">): Step {
  if (backup === undefined) return (next) => next;
  let avoidedSince = -Infinity;
  return (next) => async (call) => {
    const isAvoided = Math.abs(clock() - avoidedSince) < 60_000;
    const [first, second] = isAvoided ? [backup, main] : [main, backup];
    try {
      return await next({ ...call, origin: first });
    } catch (error) {
      if (!isLost(call, error) || !wasNeverConnected(Object(error))) throw error;
      avoidedSince = isAvoided ? -Infinity : clock();
      return next({ ...call, origin: second });
    }
  };
}

/** Codes of Node.js, undici and Bun. A connection that was made can end as unreachable too, when the route is lost. */
const NEVER_CONNECTED =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT|ConnectionRefused|FailedToOpenSocket) |^(EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ETIMEDOUT) connect$/;

type SystemError = { code?: string; syscall?: string; cause?: SystemError; errors?: SystemError[] };

function wasNeverConnected(error: SystemError): boolean {
  // Where a name has several addresses, there is an error for each.
  const errors = error.cause?.errors ?? [error.cause ?? error];
  const isNever = (each?: SystemError) => NEVER_CONNECTED.test(`${each?.code} ${each?.syscall}`);
  return Array.isArray(errors) && errors.length > 0 && errors.every(isNever);
}
