import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { isIP } from "node:net";
import { text } from "node:stream/consumers";
import { escapeSegment } from "../../json-pointer.js";
import { FAULTS, type Fault } from "../faults.js";
import type { SandboxReply } from "../http.js";
import type { ReceivedRequest, Sandbox } from "../index.js";
import type { Console } from "../listen.js";

/** A request and what became of it, in full: what the console shows. */
export interface Exchange {
  request: ReceivedRequest;
  /** When it arrived, by the sandbox's clock: ms since the epoch. */
  at: number;
  /** The message whose signature WeChat Pay expects; absent where `Authorization` cannot be read. */
  expected: string | undefined;
  reply: SandboxReply;
}

/** An exchange as the page is told of it. */
export interface Shown extends ReceivedRequest, Pick<Exchange, "at" | "expected"> {
  id: number;
  /** The reply's body, decrypted. */
  reply: unknown;
  /** What was encrypted on the wire, in plain text, by JSON pointer. */
  decrypted: { request: Record<string, string>; reply: Record<string, string> };
}

/** What the page is told. */
export type Message =
  | { type: "start"; mchid: string; operations: string[]; faults: readonly Fault[]; now: number; last: number }
  /** Those up to `last`, the id of the newest before the page came, follow the start at once. */
  | { type: "exchange"; exchange: Shown }
  /** The sandbox's time; also sent now and then, so that a page that went away is noticed. */
  | { type: "time"; now: number };

/** What the page asks for, as JSON. */
export type Ask =
  | { action: "authorize"; openid: string; sub_mchid: string; token?: string; state: "AUTHORIZED" | "DEAUTHORIZED" }
  | { action: "authenticate"; number: string; state: "AUTHENTICATE_SUCCESS" | "AUTHENTICATE_FAILED" }
  | { action: "failTransfer"; out_batch_no: string; out_detail_no: string }
  | { action: "fail"; fault: Fault; operation?: string; times: number }
  | { action: "endFaults" }
  | { action: "advance"; ms: number }
  | { action: "rotate" }
  | { action: "clear" };

/** What came of it, or why it could not be done. */
export type Answer = { done: string } | { refused: string };

/** How many exchanges are kept, and in how many characters. */
const KEPT = 500;
const KEPT_CHARACTERS = 2 ** 24;
/** Of a text, in characters: more than a page shows. Of a body that the page reads as JSON: 3,000 transfers have less. */
const LONGEST_TEXT = 200_000;
const LONGEST_JSON = 2 ** 21;
/** Of an action, in bytes. */
const LARGEST_ACTION = 65_536;
const HEARTBEAT = 15_000;

// Everything it shows is its own; nobody frames it, and no form leaves it.
const CLOSED = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const PAGE_POLICY = `${CLOSED}; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'`;
// One file that holds its scripts and styles, and connects to nothing. They are trusted as the console's own are: of one origin with
// it, they could open its page and press its buttons. (`sandbox` would set them apart, but they need cookies to start.)
const DOCS_POLICY = `${CLOSED}; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; font-src data:; worker-src blob:`;

const NOT_BUILT =
  "The console's page is made by `npm run build`, and this sandbox runs from its source. Its API works.";
const NO_DOCS = "The API docs are one page that `npm run docs` makes, and they have not been made yet.";

const EVENTS = "/console/events";
const ACTIONS = "/console/actions";
/** The console's paths, and those that browsers ask for of themselves. */
const OWN_PATHS = /^\/(?:$|console(?:$|\/)|favicon\.ico$|apple-touch-icon|\.well-known\/)/;

const FILES: Record<string, { file: string; type: string; missing: string; policy?: string }> = {
  "/": { file: "index.html", type: "text/html", missing: NOT_BUILT },
  "/console/page.js": { file: "page.js", type: "text/javascript", missing: NOT_BUILT },
  "/console/page.css": { file: "page.css", type: "text/css", missing: NOT_BUILT },
  "/favicon.ico": { file: "icon.svg", type: "image/svg+xml", missing: NOT_BUILT },
  "/console/docs": { file: "../../../docs/index.html", type: "text/html", missing: NO_DOCS, policy: DOCS_POLICY },
};

/**
 * The sandbox's console, a page: requests as they arrive, why each was refused, and buttons for what users, time and networks do.
 *
 * @param options `host`: a name that the page is reached by, beside IP addresses and `localhost`; `operations`: those that a fault can befall
 */
export function createConsole(
  sandbox: Sandbox,
  watchers: Set<(exchange: Exchange) => void>,
  { host, operations = [] }: { host?: string | undefined; operations?: Iterable<string> } = {},
): Console {
  /** As JSON, since what they show may change afterwards. */
  let kept: { id: number; json: string }[] = [];
  let characters = 0;
  let count = 0;
  /** Each with the id of the last exchange that it was told of. */
  const pages = new Map<ServerResponse, number>();
  const added: (() => void)[] = [];
  const heartbeat = setInterval(tellTime, HEARTBEAT).unref();
  watchers.add(watch);
  return { serve, close };

  function close(): void {
    watchers.delete(watch);
    clearInterval(heartbeat);
  }

  function watch(exchange: Exchange): void {
    const json = toJson(exchange, ++count);
    kept.push({ id: count, json });
    characters += json.length;
    while (kept.length > KEPT || (characters > KEPT_CHARACTERS && kept.length > 1))
      characters -= kept.shift()?.json.length ?? 0;
    for (const page of pages.keys()) tellExchanges(page);
  }

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<boolean> {
    const [path = ""] = (incoming.url ?? "").split("?", 1);
    if (!OWN_PATHS.test(path)) return false;
    const file = Object.hasOwn(FILES, path) ? FILES[path] : undefined;
    const method = path === ACTIONS ? "POST" : "GET";

    outgoing.setHeader("Content-Security-Policy", file?.policy ?? PAGE_POLICY);
    outgoing.setHeader("X-Content-Type-Options", "nosniff");
    outgoing.setHeader("Cross-Origin-Resource-Policy", "same-origin");
    outgoing.setHeader("Referrer-Policy", "no-referrer");
    outgoing.setHeader("Cache-Control", "no-store");
    // A name that an attacker owns can lead here too (DNS rebinding), and their page would then be of our origin.
    if (!isNamed(incoming.headers.host, host)) {
      end(outgoing, 403, "The console answers to an IP address, to localhost and to the name given as --host.");
    } else if (file === undefined && path !== EVENTS && path !== ACTIONS) {
      end(outgoing, 404, "The console has no such page.");
    } else if (incoming.method !== method) {
      outgoing.setHeader("Allow", method);
      end(outgoing, 405, `The console takes ${method} here.`);
    } else if (path === ACTIONS) await act(incoming, outgoing);
    else if (file !== undefined) await sendFile(file, outgoing);
    else stream(outgoing);
    return true;
  }

  function stream(outgoing: ServerResponse): void {
    outgoing.writeHead(200, { "Content-Type": "text/event-stream" }).write("retry: 1000\n");
    outgoing.on("drain", () => tellExchanges(outgoing));
    outgoing.once("close", () => pages.delete(outgoing));
    start(outgoing);
  }

  /** Also where a page has to start anew. */
  function start(page: ServerResponse): void {
    const facts = { mchid: sandbox.credentials.mchid, operations: [...operations], faults: FAULTS };
    tell(page, { type: "start", ...facts, now: sandbox.clock(), last: kept.at(-1)?.id ?? 0 });
    pages.set(page, 0);
    tellExchanges(page);
  }

  /** What the page has not been told of yet; when it reads more slowly than they come, the rest waits until it has read. */
  function tellExchanges(page: ServerResponse): void {
    for (const { id, json } of kept) {
      if (page.writableNeedDrain) return;
      if (id <= (pages.get(page) ?? 0)) continue;
      pages.set(page, id);
      page.write(`data: {"type":"exchange","exchange":${json}}\n\n`);
    }
  }

  function tell(page: ServerResponse, message: Message): void {
    page.write(`data: ${JSON.stringify(message)}\n\n`);
  }

  function tellTime(): void {
    for (const page of pages.keys()) if (!page.writableNeedDrain) tell(page, { type: "time", now: sandbox.clock() });
  }

  async function act(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { origin, "content-type": type = "", "content-length": length } = incoming.headers;
    // Another site's page can send neither this type nor this origin.
    if (!/^application\/json\s*(;|$)/i.test(type)) return end(outgoing, 415, "An action is sent as application/json.");
    if (origin !== undefined && hostOf(origin) !== incoming.headers.host?.toLowerCase()) {
      return end(outgoing, 403, "An action is sent by the console's own page.");
    }
    if (!(Number(length) <= LARGEST_ACTION)) {
      return end(outgoing, 413, `An action says its Content-Length, of at most ${LARGEST_ACTION} bytes.`);
    }
    const answer = await text(incoming)
      .then((asked) => carryOut(JSON.parse(asked)))
      .then(
        (done): Answer => ({ done: String(done ?? "") }),
        (error): Answer => ({ refused: error instanceof Error ? error.message : String(error) }),
      );
    tellTime();
    // A refusal is an answer too: of another status, browsers would write an error into their log.
    outgoing.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(answer));
  }

  /** What the sandbox answers; what it cannot do, it says itself. */
  function carryOut(ask: Ask): unknown {
    switch (ask.action) {
      case "authorize": {
        const { action, state, ...user } = ask;
        return sandbox.authorize(user, state);
      }
      case "authenticate":
        return sandbox.authenticate(ask.number, ask.state);
      case "failTransfer":
        return sandbox.failTransfer({ out_batch_no: ask.out_batch_no, out_detail_no: ask.out_detail_no });
      case "fail": {
        const { action, ...fault } = ask;
        return void added.push(sandbox.fail(fault));
      }
      case "endFaults":
        for (const remove of added.splice(0)) remove();
        return;
      case "advance":
        return sandbox.advance(ask.ms);
      case "rotate":
        return sandbox.rotate();
      case "clear":
        kept = [];
        characters = 0;
        for (const page of pages.keys()) start(page);
        return;
      default:
        throw new TypeError(`There is no action ${JSON.stringify((ask as { action?: unknown }).action)}.`);
    }
  }
}

/** An answer must not depend on whether it can be shown. */
function toJson(exchange: Exchange, id: number): string {
  try {
    return JSON.stringify(show(exchange, id));
  } catch (error) {
    const { body, signature, ...request } = exchange.request;
    const decrypted: Shown["decrypted"] = { request: {}, reply: {} };
    const shown = { ...request, body: `The console cannot show it: ${error}`, reply: undefined, decrypted };
    return JSON.stringify({ ...shown, id, at: exchange.at, expected: undefined } satisfies Shown);
  }
}

function show({ request, at, expected, reply }: Exchange, id: number): Shown {
  const { signature } = request;
  const body = startOf(request.body);
  const plain = startOf(reply.plain ?? reply.body);
  return {
    ...request,
    path: request.path.slice(0, LONGEST_TEXT),
    body,
    ...(signature && {
      signature: {
        ...signature,
        expected: signature.expected.slice(0, LONGEST_TEXT),
        ...(signature.signed !== undefined && { signed: signature.signed.slice(0, LONGEST_TEXT) }),
      },
    }),
    id,
    at,
    expected: expected?.slice(0, LONGEST_TEXT),
    reply: plain,
    decrypted: {
      request: expected !== undefined && isObject(body) ? Object.fromEntries(changes(sentBody(expected), body)) : {},
      reply: reply.plain !== undefined && isObject(plain) ? Object.fromEntries(changes(reply.body, plain)) : {},
    },
  };
}

/** A body as it is, or where that is too much, the beginning of its text. */
function startOf(body: unknown): unknown {
  const text = typeof body === "string" ? body : (JSON.stringify(body) ?? "");
  return text.length > (typeof body === "string" ? LONGEST_TEXT : LONGEST_JSON) ? text.slice(0, LONGEST_TEXT) : body;
}

/** The body as it was sent, out of the message that covers it. */
function sentBody(message: string): unknown {
  try {
    return JSON.parse(message.split("\n").slice(4).join("\n"));
  } catch {
    return undefined;
  }
}

/** The texts that are another in `plain` than in `sent`, each with its JSON pointer. */
function* changes(sent: unknown, plain: unknown, pointer = ""): Generator<[pointer: string, text: string]> {
  if (typeof plain === "string" && typeof sent === "string" && sent !== plain) yield [pointer, plain];
  if (!isObject(plain) || !isObject(sent)) return;
  for (const [name, value] of Object.entries(plain)) yield* changes(sent[name], value, pointer + escapeSegment(name));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** Whether a `Host` header names this machine in a way that no DNS can change, or by the name that it was given. */
function isNamed(header: string | undefined, given: string | undefined): boolean {
  const name = hostOf(`http://${header}`)?.replace(/:\d+$/, "") ?? "";
  return name === "localhost" || isIP(name.replace(/^\[|\]$/g, "")) !== 0 || name === given?.toLowerCase();
}

/** The host and port of a URL. */
function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).host : undefined;
}

async function sendFile({ file, type, missing }: (typeof FILES)[string], outgoing: ServerResponse): Promise<void> {
  const read = (name: string) => readFile(new URL(name, import.meta.url));
  try {
    // The page is nothing without its script, which only the build makes.
    const [bytes] = await Promise.all([read(file), missing === NOT_BUILT && read("page.js")]);
    outgoing.writeHead(200, { "Content-Type": `${type}; charset=utf-8` }).end(bytes);
  } catch {
    end(outgoing, 503, missing);
  }
}

function end(outgoing: ServerResponse, status: number, message: string): void {
  outgoing.writeHead(status, { "Content-Type": "text/plain; charset=utf-8" }).end(message);
}
