import type { ServerResponse } from "node:http";
import type { PayRecord } from "../family/pay/index.js";
import type { Exchange, Watcher } from "../server/request-log.js";
import type { Sandbox } from "../types.js";
import { toJson } from "./exchange.js";
import type { Counts, Message } from "./messages.js";

/** How many exchanges are kept, and in how many characters. */
const KEPT = 500;
const KEPT_CHARACTERS = 2 ** 24;
/** How many orders, refunds and transfers a page is shown: the newest. */
const RECORDS_SHOWN = 100;
const HEARTBEAT = 15_000;

/** What a page is sent when it opens, beside the time. */
type Facts = Pick<Extract<Message, { type: "start" }>, "mchid" | "operations" | "faults">;

/** The open pages, and the exchanges that they are sent (server-sent events). */
export class EventStream implements Watcher {
  readonly #facts: Facts;
  readonly #sandbox: Sandbox;
  readonly #records: () => PayRecord[];
  readonly #heartbeat = setInterval(() => this.sendTime(), HEARTBEAT).unref();
  #kept: { id: number; json: string }[] = [];
  #characters = 0;
  #count = 0;
  /** Each with the id of the last exchange that it was sent; `undefined` where it has to begin anew. */
  readonly #pages = new Map<ServerResponse, number | undefined>();

  /** The records that a page was sent last, as JSON. */
  readonly #told = new WeakMap<ServerResponse, string>();

  constructor(facts: Facts, sandbox: Sandbox, records: () => PayRecord[]) {
    this.#facts = facts;
    this.#sandbox = sandbox;
    this.#records = records;
  }

  add(exchange: Exchange): void {
    const json = toJson(exchange, ++this.#count);
    this.#kept.push({ id: this.#count, json });
    this.#characters += json.length;
    while (this.#kept.length > KEPT || (this.#characters > KEPT_CHARACTERS && this.#kept.length > 1)) {
      this.#characters -= this.#kept.shift()?.json.length ?? 0;
    }
    for (const page of this.#pages.keys()) this.#tell(page);
  }

  open(page: ServerResponse): void {
    page.writeHead(200, { "Content-Type": "text/event-stream" }).write("retry: 1000\n");
    page.on("drain", () => this.#tell(page));
    page.once("close", () => this.#pages.delete(page));
    this.#restart(page);
  }

  /** Forgets all exchanges, here and on the pages. */
  clear(): void {
    this.#kept = [];
    this.#characters = 0;
    for (const page of this.#pages.keys()) this.#restart(page);
  }

  sendTime(): void {
    const message: Message = { type: "time", now: this.#sandbox.clock() };
    for (const page of this.#pages.keys()) {
      if (page.writableNeedDrain) continue;
      send(page, message);
      this.#tellRecords(page);
    }
  }

  close(): void {
    clearInterval(this.#heartbeat);
  }

  #restart(page: ServerResponse): void {
    this.#pages.set(page, undefined);
    this.#tell(page);
  }

  /** Sends what the page has not been sent yet. If it reads more slowly than they arrive, the rest waits. */
  #tell(page: ServerResponse): void {
    if (!this.#pages.has(page) || page.writableNeedDrain) return;
    const counts = this.#counts();
    if (this.#pages.get(page) === undefined) {
      const last = this.#kept.at(-1)?.id ?? 0;
      send(page, { type: "start", ...this.#facts, ...counts, now: this.#sandbox.clock(), last });
      this.#pages.set(page, 0);
    }
    for (const { id, json } of this.#kept) {
      if (page.writableNeedDrain) return;
      if (id <= (this.#pages.get(page) ?? 0)) continue;
      this.#pages.set(page, id);
      page.write(`data: {"type":"exchange",${JSON.stringify(counts).slice(1, -1)},"exchange":${json}}\n\n`);
    }
    this.#tellRecords(page);
  }

  #tellRecords(page: ServerResponse): void {
    const newest = this.#records().sort((a, b) => b.at - a.at);
    const message: Message = { type: "records", records: newest.slice(0, RECORDS_SHOWN) };
    const json = JSON.stringify(message);
    if (json === this.#told.get(page) || (newest.length === 0 && !this.#told.has(page))) return;
    this.#told.set(page, json);
    send(page, message);
  }

  #counts(): Counts {
    const { requests, droppedRequests: dropped } = this.#sandbox;
    return { arrived: requests.length + dropped, dropped };
  }
}

function send(page: ServerResponse, message: Message): void {
  page.write(`data: ${JSON.stringify(message)}\n\n`);
}
