import type { Bytes } from "../../bytes.js";
import type { Deed, Did } from "./deeds.js";
import type { Delivery } from "./delivery.js";
import type { ArrivingRequest, SandboxReply } from "./http.js";
import type { ReceivedRequest, UnconnectedRequest } from "./received-request.js";

/** A request with its response, in full. */
export interface Exchange {
  /** How many arrived before it since the last clearing, and one. */
  id: number;
  request: ReceivedRequest;
  /** When it arrived, by the sandbox's clock: ms since the epoch. */
  at: number;
  /** How long the sandbox took, in ms. */
  took: number;
  arriving: ArrivingRequest;
  /** The body as it was sent; empty where it was too large. */
  body: Bytes;
  /** The message whose signature WeChat Pay expects; absent where `Authorization` cannot be read. */
  expected: string | undefined;
  reply: SandboxReply;
  /** What the caller gets of it. */
  delivery: Delivery;
}

/** A notification that was sent, or could not be. */
export interface Notification {
  event_type: string;
  url: string;
  /** Before its encryption. */
  resource: unknown;
  /** When it was sent, by the sandbox's clock: ms since the epoch. */
  at: number;
  /** How long it took until the answer began, in ms. */
  took: number;
  status?: number;
  /** The beginning of the answer's body. */
  body?: string;
  error?: { zh: string; en: string };
  /** As it was sent; absent where it was not. */
  request?: Request;
}

/** What happens in a sandbox. */
export type Happening =
  | { what: "exchange"; exchange: Exchange }
  | { what: "unconnected"; request: UnconnectedRequest }
  | { what: "deed"; deed: Deed }
  | { what: "notification"; notification: Notification }
  /** All exchanges are forgotten. */
  | { what: "clearing" };

export type Watcher = (happening: Happening) => void;

/** Those who are told what happens. Where nobody listens, nothing is made to be told. */
export class Watchers extends Set<Watcher> {
  tell(make: () => Happening): void {
    if (this.size === 0) return;
    const happening = make();
    for (const watcher of this) watcher(happening);
  }

  /** Tells what functions did, by the clock that is given. */
  recorder(now: () => number): Did {
    return (deed, given) => {
      const known = Object.entries(given).filter((each): each is [string, string | number] => each[1] !== undefined);
      this.tell(() => ({ what: "deed", deed: { deed, given: Object.fromEntries(known), at: now() } }));
    };
  }

  /** Does something, and resolves to the first happening of it that `pick` finds. */
  async first<T>(pick: (happening: Happening) => T | undefined, act: () => Promise<unknown>): Promise<T | undefined> {
    let watcher: Watcher = () => {};
    const found = new Promise<T>((resolve) => {
      watcher = (happening) => {
        const picked = pick(happening);
        if (picked !== undefined) resolve(picked);
      };
    });
    this.add(watcher);
    try {
      return await Promise.race([found, act().then(() => undefined)]);
    } finally {
      this.delete(watcher);
    }
  }
}
