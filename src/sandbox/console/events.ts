import type { ServerResponse } from "node:http";
import type { Watcher } from "../server/watchers.js";
import type { Sandbox } from "../types.js";
import type { Kept } from "./kept.js";
import type { Counts, Message, State } from "./messages.js";

/** How often a page is told, at most, in ms; and of how many entries at once. */
const PAUSE = 50;
const BATCH = 1_000;
/** How often it is looked whether time has changed the state, and after how many times a page is told the time, in ms. */
const TICK = 1_000;
const HEARTBEAT = 15;

/** What a page is sent when it opens, beside the time and what it is sent later. */
export type Facts = Pick<
  Extract<Message, { type: "start" }>,
  "mchid" | "serialNo" | "operations" | "faults" | "events"
>;

/** A page that listens, and what it has been told. */
interface Page {
  /** The run whose start it was told; `undefined` where it was told none. */
  run?: string;
  /** Of the last entry. */
  seq: number;
  /** As JSON. */
  state?: string;
}

/** The open pages, which are told what happens (server-sent events). */
export class EventStream {
  readonly #kept: Kept;
  readonly #sandbox: Sandbox;
  readonly #facts: () => Facts;
  readonly #state: () => State;
  readonly #pages = new Map<ServerResponse, Page>();
  readonly #ticking = setInterval(() => this.#tick(), TICK).unref();
  #ticks = 0;
  #planned: NodeJS.Timeout | undefined;

  constructor(kept: Kept, sandbox: Sandbox, facts: () => Facts, state: () => State) {
    this.#kept = kept;
    this.#sandbox = sandbox;
    this.#facts = facts;
    this.#state = state;
  }

  readonly watch: Watcher = (happening) => {
    try {
      this.#kept.add(happening);
    } catch {
      // An `onRequest` has put something into it that cannot be shown, and that must not change the answer.
    }
    if (happening.what === "deed" && happening.deed.deed === "advance") this.sendTime();
    this.#plan();
  };

  /** @param query what a page says that it has: `?run=…&after=…` */
  open(page: ServerResponse, query: URLSearchParams): void {
    page.writeHead(200, { "Content-Type": "text/event-stream" }).write("retry: 1000\n");
    page.on("drain", () => this.#to(page, () => this.#tell(page)));
    page.once("close", () => this.#pages.delete(page));
    const after = query.get("run") === this.#kept.run ? Number(query.get("after")) : 0;
    this.#pages.set(page, { seq: after > 0 && after <= this.#kept.last ? Math.trunc(after) : 0 });
    this.#tell(page);
  }

  /** Tells the time, and soon what has changed since. */
  sendTime(): void {
    for (const page of this.#pages.keys()) {
      if (page.writableNeedDrain) continue;
      this.#to(page, () => send(page, { type: "time", now: this.#sandbox.clock() }));
    }
    this.#plan();
  }

  close(): void {
    clearInterval(this.#ticking);
    clearTimeout(this.#planned);
  }

  #tick(): void {
    if (this.#pages.size === 0) return;
    this.#ticks = (this.#ticks + 1) % HEARTBEAT;
    if (this.#ticks === 0) this.sendTime();
    else this.#plan();
  }

  /** Tells all pages in a moment: what happens until then is told at once. */
  #plan(): void {
    if (this.#pages.size === 0 || this.#planned !== undefined) return;
    this.#planned = setTimeout(() => {
      this.#planned = undefined;
      for (const page of this.#pages.keys()) this.#to(page, () => this.#tell(page));
    }, PAUSE).unref();
  }

  /** What cannot be told is the end of a connection, and not of the sandbox. */
  #to(page: ServerResponse, act: () => void): void {
    try {
      act();
    } catch {
      page.destroy();
    }
  }

  /** Sends what the page has not been sent yet. If it reads more slowly than they arrive, the rest waits. */
  #tell(page: ServerResponse): void {
    const known = this.#pages.get(page);
    if (known === undefined || page.writableNeedDrain) return;
    const kept = this.#kept;
    const counts = this.#counts();
    if (known.run !== kept.run) {
      if (known.run !== undefined) known.seq = 0;
      known.run = kept.run;
      const { run, last } = kept;
      send(page, { type: "start", run, ...this.#facts(), ...counts, now: this.#sandbox.clock(), last });
    }
    while (known.seq < kept.last) {
      if (page.writableNeedDrain) return;
      const entries = kept.after(known.seq, BATCH);
      known.seq = entries.at(-1)?.seq ?? kept.last;
      const list = entries.map(({ json }) => json).join();
      page.write(`data: {"type":"entries",${JSON.stringify(counts).slice(1, -1)},"entries":[${list}]}\n\n`);
    }
    const state = JSON.stringify(this.#state());
    if (state === known.state) return;
    known.state = state;
    page.write(`data: {"type":"state","state":${state}}\n\n`);
  }

  #counts(): Counts {
    const { requests, droppedRequests: dropped } = this.#sandbox;
    return { arrived: requests.length + dropped, dropped };
  }
}

function send(page: ServerResponse, message: Message): void {
  page.write(`data: ${JSON.stringify(message)}\n\n`);
}
