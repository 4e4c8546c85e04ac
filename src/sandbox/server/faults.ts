import { COUNT, checkOptions, oneOf, type Rule } from "../checks.js";
import type { Did } from "./deeds.js";
import type { SandboxReply } from "./http.js";
import { SIGNATURE_FAULTS } from "./signature.js";

/** What can go wrong on purpose; {@link Sandbox.fail} describes each. */
export const FAULTS = [
  "system-error",
  "rate-limited",
  "bad-gateway",
  "unsigned",
  ...SIGNATURE_FAULTS,
  "truncated-body",
  "reset",
  "refused",
  "hang",
  "slow-body",
  "redirect",
] as const;
export type Fault = (typeof FAULTS)[number];

/** Argument of {@link Sandbox.fail}. */
export interface FaultOptions {
  fault: Fault;
  /** operationId of the operation that fails; default any, unknown paths included. */
  operation?: string;
  /** How many requests fail; `Infinity` for all from now on. Default 1. */
  times?: number;
  /** `Retry-After` of `rate-limited`, in seconds. Default 1. */
  retryAfter?: number;
}

/** A fault that waits for a request. */
export type WaitingFault = FaultOptions & { id: number; times: number };

/** The faults to come, in their order. */
export class FaultQueue {
  readonly #rules: Record<keyof FaultOptions, Rule>;
  readonly #did: Did;
  readonly #queue = new Set<WaitingFault>();
  #added = 0;

  constructor(operationIds: ReadonlySet<string>, did: Did) {
    this.#did = did;
    const isPause = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
    this.#rules = {
      fault: oneOf(FAULTS),
      operation: oneOf(operationIds),
      times: COUNT,
      retryAfter: [isPause, "a whole number of seconds"],
    };
  }

  /** Returns what takes the fault away again. */
  readonly add = (options: FaultOptions): (() => void) => {
    checkOptions("fail", options, this.#rules, ["fault"]);
    const { fault, operation, times = 1, retryAfter = 1 } = options;
    const added = { id: ++this.#added, fault, times, retryAfter, ...(operation !== undefined && { operation }) };
    this.#queue.add(added);
    this.#did("fail", { fault, operation, times: Number.isFinite(times) ? times : undefined });
    return () => void this.#queue.delete(added);
  };

  /** Those that wait, the next first. */
  get waiting(): readonly WaitingFault[] {
    return [...this.#queue];
  }

  /** Takes one away; false where it does not wait. */
  remove(id: number): boolean {
    const found = this.waiting.find((each) => each.id === id);
    return found !== undefined && this.#queue.delete(found);
  }

  /** The fault of a request that comes now. */
  take(operationId: string | undefined): FaultOptions | undefined {
    for (const next of this.#queue) {
      if (next.operation !== undefined && next.operation !== operationId) continue;
      next.times -= 1;
      if (next.times === 0) this.#queue.delete(next);
      return next;
    }
    return undefined;
  }
}

/** Where a redirect leads: to nobody, for the name is reserved (RFC 2606). */
const ELSEWHERE = "https://redirected.invalid";

const BAD_GATEWAY =
  "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";

/** The reply of a fault; undefined where the fault does something to the operation's own reply. */
export function faultReply({ fault, retryAfter }: FaultOptions, target: string): SandboxReply | undefined {
  switch (fault) {
    case "system-error":
      return { status: 500, body: { code: "SYSTEM_ERROR", message: "系统繁忙，请稍后重试" }, signed: false };
    case "rate-limited":
      return {
        status: 429,
        body: { code: "FREQUENCY_LIMITED", message: "频率超限" },
        signed: false,
        headers: { "Retry-After": String(retryAfter) },
      };
    case "bad-gateway":
      return { status: 502, body: BAD_GATEWAY, type: "text/html", signed: false };
    case "redirect":
      return { status: 302, signed: false, headers: { Location: ELSEWHERE + target } };
    default:
      return undefined;
  }
}
