import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import api from "../../../generated/openapi.json" with { type: "json" };
import { harEntry } from "./har.js";
import { sendText } from "./http.js";
import type { Kept } from "./kept.js";

const JSON_TYPE = "application/json; charset=utf-8";

/** One exchange: all that is known of it. */
export function sendExchange(kept: Kept, outgoing: ServerResponse, id: number): void {
  const detail = kept.detail(id);
  if (detail === undefined) sendText(outgoing, 404, `There is no request ${id}.`);
  else if (detail !== "dropped") outgoing.writeHead(200, { "Content-Type": JSON_TYPE }).end(detail);
  else sendText(outgoing, 404, "dropped: the console keeps the details of the newest requests, 64 MiB together.");
}

/** All exchanges whose details are kept, as one list; of those after one, `?after=12`. */
export const sendExchanges = (kept: Kept, outgoing: ServerResponse, query: URLSearchParams) =>
  sendList(kept, outgoing, query, { before: "[", each: (detail) => detail, after: "]\n" });

/** The same as an HTTP Archive (HAR 1.2), which browsers and other tools open. */
export async function sendHar(kept: Kept, outgoing: ServerResponse, query: URLSearchParams): Promise<void> {
  outgoing.setHeader("Content-Disposition", 'attachment; filename="wechatpay-sandbox.har"');
  const creator = { name: "wechatpay-openapi-fetch sandbox", version: api.info.version };
  const before = `{"log":{"version":"1.2","creator":${JSON.stringify(creator)},"entries":[`;
  const each = (detail: Buffer) => JSON.stringify(harEntry(JSON.parse(String(detail))));
  await sendList(kept, outgoing, query, { before, each, after: "]}}\n" });
}

interface List {
  before: string;
  each(detail: Buffer): Buffer | string;
  after: string;
}

async function sendList(kept: Kept, outgoing: ServerResponse, query: URLSearchParams, list: List): Promise<void> {
  const after = Number(query.get("after") ?? 0);
  if (!Number.isSafeInteger(after)) return sendText(outgoing, 400, "after is the id of a request, such as 12.");
  outgoing.writeHead(200, { "Content-Type": JSON_TYPE });
  await pipeline(Readable.from(pieces(kept, after, list)), outgoing);
}

/** In pieces: together they may be as long as what is kept. */
function* pieces(kept: Kept, after: number, list: List): Generator<Buffer | string> {
  yield list.before;
  let separator = "";
  for (const id of kept.ids(after)) {
    const detail = kept.detail(id);
    // Dropped while the rest was sent.
    if (!Buffer.isBuffer(detail)) continue;
    yield separator;
    yield list.each(detail);
    separator = ",\n";
  }
  yield list.after;
}
