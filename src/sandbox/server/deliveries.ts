import { isIPv4 } from "node:net";
import type { BehaviourInput } from "../behaviours.js";
import { FUNCTION, oneOf, type Rule } from "../checks.js";
import { fetchBriefly } from "./fetch-briefly.js";
import type { NotificationEvent } from "./notifications.js";
import type { Watchers } from "./watchers.js";

/**
 * Whether the sandbox tells a `notify_url` what happens: on this machine alone (`loopback`), `anywhere`, or by a handler in this process,
 * whatever the address.
 */
export type NotificationMode = "loopback" | "anywhere" | ((request: Request) => Promise<Response> | Response);

/** Those that have a name. */
export const NOTIFICATION_MODES = ["loopback", "anywhere"] as const;
const NAMES = oneOf(NOTIFICATION_MODES);
export const NOTIFICATION_MODE: Rule = [
  (value) => NAMES[0](value) || FUNCTION[0](value),
  `${NAMES[1]}, or a function that answers requests`,
];

/** A notification for a `notify_url`. */
export interface SentNotification {
  event_type: string;
  /** The `notify_url`. */
  url: string;
  /** What it tells, before its encryption. */
  resource: object;
  /** HTTP status of the answer; absent where none came. */
  status?: number;
  /** Why it was not sent, or why no answer came. */
  error?: string;
}

/** How many are kept. */
const KEPT = 1000;
/** `setTimeout` takes no more. */
const LONGEST_TIMER = 2 ** 31 - 1;

const NOT_LOOPBACK = {
  zh: '这不是本机地址；createSandbox({ notifications: "anywhere" }) 可发送到其他地址',
  en: 'it is no address of this machine; createSandbox({ notifications: "anywhere" }) allows others',
};

type Notice = NotificationEvent & { resource: object };

/** Sends what happens to the `notify_url` of each, at once or when the sandbox's clock says so. */
export class Deliveries {
  /** One array for good: tests keep it. */
  readonly sent: SentNotification[] = [];
  readonly #mode: NotificationMode | undefined;
  readonly #clock: () => number;
  readonly #notify: BehaviourInput["notify"];
  readonly #watchers: Watchers;
  readonly #underWay = new Set<Promise<void>>();
  /** What was due, one after the other. */
  #queue: Promise<unknown> = Promise.resolve();
  #planned: { at: number; tell: () => Promise<unknown> }[] = [];

  constructor(
    mode: NotificationMode | undefined,
    clock: () => number,
    notify: BehaviourInput["notify"],
    watchers: Watchers,
  ) {
    this.#mode = mode;
    this.#clock = clock;
    this.#notify = notify;
    this.#watchers = watchers;
  }

  /** Resolves when the notification is answered, or could not be sent; at once where nobody asked for it. */
  send(url: string | undefined, event: Notice): Promise<void> {
    if (this.#mode === undefined || url === undefined) return Promise.resolve();
    const sending = this.#deliver(url, event, this.#mode).finally(() => this.#underWay.delete(sending));
    this.#underWay.add(sending);
    return sending;
  }

  async #deliver(url: string, event: Notice, mode: NotificationMode): Promise<void> {
    const { event_type, resource } = event;
    const entry: SentNotification = { event_type, url, resource };
    this.sent.push(entry);
    if (this.sent.length > KEPT) this.sent.shift();
    if (mode === "loopback" && !isLoopback(url)) {
      entry.error = `not sent: ${NOT_LOOPBACK.en}`;
      const error = { zh: `没有发送：${NOT_LOOPBACK.zh}`, en: `It was not sent: ${NOT_LOOPBACK.en}` };
      this.#watchers.tell(() => ({
        what: "notification",
        notification: { ...entry, at: this.#clock(), took: 0, error },
      }));
      return;
    }
    try {
      const answer = await this.#notify(url, event, { fetch: typeof mode === "function" ? mode : fetchBriefly });
      entry.status = answer.status;
    } catch (error) {
      const { cause } = error as Error;
      entry.error = cause instanceof Error ? `${error}: ${cause.message}` : String(error);
    }
  }

  /** Does something when the sandbox's time has come: by itself, or by {@link flush}. */
  plan(at: number, tell: () => Promise<unknown>): void {
    if (this.#mode === undefined) return;
    this.#planned.push({ at, tell });
    // A timer may end a little early, by the clock.
    setTimeout(this.flush, Math.min(at - this.#clock() + 10, LONGEST_TIMER)).unref();
  }

  /** Sends what is due by now, in the order of the times. */
  readonly flush = (): void => {
    const now = this.#clock();
    const due = this.#planned.filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
    this.#planned = this.#planned.filter(({ at }) => at > now);
    for (const { tell } of due) this.#queue = this.#queue.then(tell);
  };

  /** Resolves when all that is due by now is answered. */
  readonly settled = async (): Promise<void> => {
    this.flush();
    await this.#queue;
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  };
}

function isLoopback(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  return ["localhost", "[::1]"].includes(hostname) || (isIPv4(hostname) && hostname.startsWith("127."));
}
