import type { ServerResponse } from "node:http";
import type { Exchange } from "../server/request-log.js";
import { toJson } from "./exchange.js";
import type { Message } from "./messages.js";

/** How many exchanges are kept, and in how many characters. */
const KEPT = 500;
const KEPT_CHARACTERS = 2 ** 24;
const HEARTBEAT = 15_000;

/** What a page is sent when it opens, beside the time. */
type Facts = Pick<Extract<Message, { type: "start" }>, "mchid" | "operations" | "faults">;

/** The open pages, and the exchanges that they are sent (server-sent events). */
export class EventStream {
  readonly #facts: Facts;
  readonly #now: () => number;
  readonly #heartbeat = setInterval(() => this.sendTime(), HEARTBEAT).unref();
  #kept: { id: number; json: string }[] = [];
  #characters = 0;
  #count = 0;
  /** Each with the id of the last exchange that it was sent. */
  readonly #pages = new Map<ServerResponse, number>();

  constructor(facts: Facts, now: () => number) {
    this.#facts = facts;
    this.#now = now;
  }

  readonly add = (exchange: Exchange): void => {
    const json = toJson(exchange, ++this.#count);
    this.#kept.push({ id: this.#count, json });
    this.#characters += json.length;
    while (this.#kept.length > KEPT || (this.#characters > KEPT_CHARACTERS && this.#kept.length > 1)) {
      this.#characters -= this.#kept.shift()?.json.length ?? 0;
    }
    for (const page of this.#pages.keys()) this.#sendExchanges(page);
  };

  open(page: ServerResponse): void {
    page.writeHead(200, { "Content-Type": "text/event-stream" }).write("retry: 1000\n");
    page.on("drain", () => this.#sendExchanges(page));
    page.once("close", () => this.#pages.delete(page));
    this.#start(page);
  }

  /** Forgets all exchanges, here and on the pages. */
  clear(): void {
    this.#kept = [];
    this.#characters = 0;
    for (const page of this.#pages.keys()) this.#start(page);
  }

  sendTime(): void {
    const message: Message = { type: "time", now: this.#now() };
    for (const page of this.#pages.keys()) if (!page.writableNeedDrain) send(page, message);
  }

  close(): void {
    clearInterval(this.#heartbeat);
  }

  #start(page: ServerResponse): void {
    send(page, { type: "start", ...this.#facts, now: this.#now(), last: this.#kept.at(-1)?.id ?? 0 });
    this.#pages.set(page, 0);
    this.#sendExchanges(page);
  }

  /** Sends what the page has not been sent yet. If it reads more slowly than they arrive, the rest waits. */
  #sendExchanges(page: ServerResponse): void {
    for (const { id, json } of this.#kept) {
      if (page.writableNeedDrain) return;
      if (id <= (this.#pages.get(page) ?? 0)) continue;
      this.#pages.set(page, id);
      page.write(`data: {"type":"exchange","exchange":${json}}\n\n`);
    }
  }
}

function send(page: ServerResponse, message: Message): void {
  page.write(`data: ${JSON.stringify(message)}\n\n`);
}
