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
      const isSafe = wasNeverConnected(error) || (call.repeatable && isUnclear(error));
      if (!isLost(call, error) || !isSafe) throw error;
      avoidedSince = isAvoided ? -Infinity : clock();
      return next({ ...call, origin: second });
    }
  };
}

/** Codes of Node.js, undici and Bun. A connection that was made can end as unreachable too, when the route is lost. */
const NEVER_CONNECTED =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT|ConnectionRefused|FailedToOpenSocket) |^(EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ETIMEDOUT) connect$/;

/** Deno has no codes. What it says of a connection that was made begins with `client error (SendRequest)`. */
const DENO_NEVER_CONNECTED = /\): client error \(Connect\): (tcp connect|dns) error/;

type SystemError = { code?: string; syscall?: string; message?: string; cause?: SystemError; errors?: SystemError[] };

/** Whether no connection was made, so that nothing was sent. */
export function wasNeverConnected(error: unknown): boolean {
  const { cause = error } = Object(error) as { cause?: unknown };
  // Where a name has several addresses, there is an error for each.
  const { errors = [cause] } = Object(cause) as SystemError;
  const isNever = (each?: unknown) => {
    const { code, syscall, message } = Object(each) as SystemError;
    return NEVER_CONNECTED.test(`${code} ${syscall}`) || DENO_NEVER_CONNECTED.test(`${message}`);
  };
  return Array.isArray(errors) && errors.length > 0 && errors.every(isNever);
}

/** Workers say the same of a connection that was refused and of one that was lost later, and by a plain Error. */
const isUnclear = (error: unknown) => LOST_ON_WORKERS.test(String(Object(error).cause?.message));
export const LOST_ON_WORKERS = /^Network connection lost/;
