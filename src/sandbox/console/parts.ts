import type { Router } from "../api/router.js";
import type { FaultQueue } from "../server/faults.js";
import type { ArrivingRequest, Outcome } from "../server/http.js";
import type { Merchant } from "../server/merchant.js";
import type { Platform } from "../server/platform.js";
import type { Watchers } from "../server/watchers.js";
import type { Sandbox } from "../types.js";
import type { State } from "./messages.js";

/** What the console shows, and changes. */
export interface ConsoleParts {
  sandbox: Sandbox;
  handle: (request: ArrivingRequest) => Promise<Outcome>;
  /** A name that the page is reached by, beside IP addresses and `localhost`. */
  host: string | undefined;
  router: Router;
  faults: FaultQueue;
  merchant: Merchant;
  platform: Platform;
  watchers: Watchers;
  /** The event types that the description knows. */
  events: () => string[];
  /** The documented example of what one of them tells. */
  resourceOf: (event_type: string) => unknown;
  /** What the families know: the newest of each. */
  states: (most: number) => Omit<State, "faults" | "platformKeys">;
}
