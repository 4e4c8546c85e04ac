import type { Deed } from "../server/deeds.js";
import type { Exchange, Happening, Notification } from "../server/watchers.js";
import { Attempts } from "./attempts.js";
import { toJson, toRow } from "./exchange.js";
import type { DeedRow, NotificationRow, RequestRow, UnconnectedRow } from "./messages.js";

/** How many entries are kept, of how many characters together, and how many bytes of details. */
const ENTRIES = 10_000;
const ENTRY_CHARACTERS = 2 ** 25;
const DETAIL_BYTES = 2 ** 26;
/** The longest path and URL, and the longest resource as JSON, in characters. */
const LONGEST_PATH = 500;
const LONGEST_RESOURCE = 20_000;

type Row = RequestRow | UnconnectedRow | DeedRow | NotificationRow;

interface KeptEntry {
  seq: number;
  json: string;
  /** Of a request. */
  id?: number | undefined;
}

/** The newest of what happened since the console is there, for pages that come later. All of it is text, so nothing changes it. */
export class Kept {
  /** Another one after each clearing. */
  run: string = crypto.randomUUID();
  /** The seq of the last entry. */
  last = 0;
  #entries: KeptEntry[] = [];
  #characters = 0;
  /** JSON of exchanges, by their ids, the oldest first. */
  readonly #details = new Map<number, Buffer>();
  #bytes = 0;
  #newestId = 0;
  /** How many notifications there were: the id of the last one. */
  notifications = 0;
  readonly #attempts = new Attempts();

  add(happening: Happening): void {
    if (happening.what === "clearing") this.#clear();
    else if (happening.what === "exchange") this.#addExchange(happening.exchange);
    else if (happening.what === "unconnected") {
      const { path, ...request } = happening.request;
      this.#push({ kind: "unconnected", ...request, path: path.slice(0, LONGEST_PATH) });
    } else if (happening.what === "deed") this.#push({ kind: "deed", ...shortened(happening.deed) });
    else this.#push(notificationRow(happening.notification, ++this.notifications));
  }

  #addExchange(exchange: Exchange): void {
    const row = toRow(exchange, this.#attempts.count(exchange));
    this.#push(row);
    this.#newestId = exchange.id;
    this.#keep(exchange.id, Buffer.from(toJson(exchange, row)));
  }

  /** Entries after one of this seq, as JSON, the oldest first. */
  after(seq: number, most: number): readonly KeptEntry[] {
    const [first] = this.#entries;
    // Each has the seq of the one before it, and one.
    const start = first === undefined ? 0 : Math.max(0, seq + 1 - first.seq);
    return this.#entries.slice(start, start + most);
  }

  /** The JSON of an exchange; `dropped` where it was there. */
  detail(id: number): Buffer | "dropped" | undefined {
    return this.#details.get(id) ?? (id > 0 && id <= this.#newestId ? "dropped" : undefined);
  }

  /** The ids of the exchanges whose details are kept, after one, the oldest first. */
  ids(after = 0): number[] {
    return [...this.#details.keys()].filter((id) => id > after);
  }

  #push(row: Row): void {
    const seq = ++this.last;
    const json = JSON.stringify({ seq, ...row });
    this.#entries.push({ seq, json, id: row.kind === "request" ? row.id : undefined });
    this.#characters += json.length;
    while (this.#entries.length > ENTRIES || (this.#characters > ENTRY_CHARACTERS && this.#entries.length > 1)) {
      const dropped = this.#entries.shift();
      this.#characters -= dropped?.json.length ?? 0;
      if (dropped?.id !== undefined) this.#drop(dropped.id);
    }
  }

  #keep(id: number, detail: Buffer): void {
    this.#details.set(id, detail);
    this.#bytes += detail.length;
    for (const oldest of this.#details.keys()) {
      if (this.#bytes <= DETAIL_BYTES || this.#details.size === 1) return;
      this.#drop(oldest);
    }
  }

  #drop(id: number): void {
    this.#bytes -= this.#details.get(id)?.length ?? 0;
    this.#details.delete(id);
  }

  #clear(): void {
    this.run = crypto.randomUUID();
    this.last = 0;
    this.#entries = [];
    this.#characters = 0;
    this.#details.clear();
    this.#bytes = 0;
    this.#newestId = 0;
    this.notifications = 0;
    this.#attempts.clear();
  }
}

function shortened({ given, ...deed }: Deed): Deed {
  const cut = (value: string | number) => (typeof value === "string" ? value.slice(0, LONGEST_PATH) : value);
  return { ...deed, given: Object.fromEntries(Object.entries(given).map(([name, value]) => [name, cut(value)])) };
}

function notificationRow({ request, resource, url, took, ...told }: Notification, id: number): NotificationRow {
  const json = JSON.stringify(resource) ?? "";
  const shown = json.length > LONGEST_RESOURCE ? json.slice(0, LONGEST_RESOURCE) : resource;
  const facts = { id, url: url.slice(0, LONGEST_PATH), resource: shown, took: Math.round(took * 100) / 100 };
  return { kind: "notification", ...told, ...facts };
}
