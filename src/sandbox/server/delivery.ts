import { type Bytes, toUtf8 } from "../../bytes.js";
import { withDigits } from "../api/json-body.js";
import { firstHalf, interruptedBody, slowBody } from "./broken-bodies.js";
import type { Fault } from "./faults.js";
import type { ArrivingRequest, Outcome, SandboxReply } from "./http.js";
import { randomHex } from "./keys.js";
import type { PlatformKeyPair } from "./platform.js";
import { signBody } from "./signature.js";

/** The internal number at the end of `Request-ID`, by status: of a wrong signature, and of too many requests. */
const ERROR_NUMBERS: Record<number, number> = { 401: 268443699, 429: 268447840 };
const OTHER_ERROR = 268435461;

/** A reply on its way, and what of it arrives. */
export interface Delivery {
  outcome: Outcome;
  headers: [name: string, value: string][];
  /** Of the body; absent where no response comes. */
  bytes: Bytes | undefined;
}

/** Signs a reply and sends it, as far as the fault lets it arrive. */
export async function deliver(
  { status, body, type, headers, signed }: SandboxReply,
  { signer, now, fault }: { signer: PlatformKeyPair; now: number; fault: Fault | undefined },
  arriving: ArrivingRequest,
): Promise<Delivery> {
  const whole =
    body instanceof Uint8Array ? new Uint8Array(body) : toUtf8(type === undefined ? withDigits(body) : String(body));
  const signature = signed && fault !== "unsigned" ? await signBody(whole, signer, now, fault) : undefined;
  const sent = signature?.body ?? whole;
  const init = {
    status,
    headers: {
      Date: new Date(now).toUTCString(),
      "Content-Length": String(sent.length),
      ...(sent.length > 0 && { "Content-Type": type ?? "application/json; charset=utf-8" }),
      // The real server's number at the end is 0 where all is well.
      "Request-ID": `08${randomHex(12)}-${status < 300 ? 0 : (ERROR_NUMBERS[status] ?? OTHER_ERROR)}`,
      ...headers,
      ...signature?.headers,
    },
  };
  const outcome = outcomeOf(sent, init, fault, arriving);
  if (!(outcome instanceof Response)) return { outcome, headers: [], bytes: undefined };
  const bytes = fault === "truncated-body" ? firstHalf(sent) : sent;
  return { outcome, headers: Object.entries(init.headers), bytes };
}

function outcomeOf(sent: Bytes, init: ResponseInit, fault: Fault | undefined, arriving: ArrivingRequest): Outcome {
  if (fault === "hang" || fault === "reset") return fault;
  if (fault === "truncated-body") return sent.length > 0 ? new Response(interruptedBody(sent), init) : "reset";
  if (fault === "slow-body") return sent.length > 0 ? new Response(slowBody(sent, arriving), init) : "hang";
  return new Response(sent.length > 0 ? sent : null, init);
}
