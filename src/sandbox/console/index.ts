import type { IncomingMessage, ServerResponse } from "node:http";
import { once } from "../once.js";
import type { Console } from "../server/listen.js";
import { Actions } from "./actions.js";
import { EventStream } from "./events.js";
import { sendExchange, sendExchanges, sendHar } from "./exchanges.js";
import { factsOf, stateOf } from "./facts.js";
import { FILES, PAGE_POLICY, sendFile } from "./files.js";
import { isOfAnotherSite, isOwnHost, sendText } from "./http.js";
import { Kept } from "./kept.js";
import type { ConsoleParts } from "./parts.js";
import { OWN_PATHS } from "./paths.js";

const ACTIONS = "/console/actions";

/** The sandbox's console, a page: requests as they arrive, why each was refused, and buttons for what users, time and networks do. */
export function createConsole(parts: ConsoleParts): Console {
  const { sandbox, watchers, host } = parts;
  const kept = new Kept();
  const facts = once(() => factsOf(parts));
  const events = new EventStream(kept, sandbox, facts, () => stateOf(parts));
  const actions = new Actions(parts, kept, () => events.sendTime());
  watchers.add(events.watch);

  /** Answers a request for a path; `query` is that of its URL. */
  type Endpoint = (incoming: IncomingMessage, outgoing: ServerResponse, query: URLSearchParams) => unknown;
  const endpoints = new Map<string, Endpoint>([
    [ACTIONS, (incoming, outgoing) => actions.serve(incoming, outgoing)],
    ["/console/events", (_, outgoing, query) => events.open(outgoing, query)],
    ["/console/requests.json", (_, outgoing, query) => sendExchanges(kept, outgoing, query)],
    ["/console/requests.har", (_, outgoing, query) => sendHar(kept, outgoing, query)],
  ]);
  for (const [path, file] of FILES) endpoints.set(path, (_, outgoing) => sendFile(file, outgoing));

  function endpointOf(path: string): Endpoint | undefined {
    const [, id] = /^\/console\/requests\/(\d{1,15})\.json$/.exec(path) ?? [];
    return id === undefined ? endpoints.get(path) : (_, outgoing) => sendExchange(kept, outgoing, Number(id));
  }

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<boolean> {
    const [path = "", query = ""] = (incoming.url ?? "").split(/\?(.*)/s);
    if (!OWN_PATHS.test(path)) return false;
    const endpoint = endpointOf(path);
    const method = path === ACTIONS ? "POST" : "GET";

    outgoing.setHeader("Content-Security-Policy", FILES.get(path)?.policy ?? PAGE_POLICY);
    outgoing.setHeader("X-Content-Type-Options", "nosniff");
    outgoing.setHeader("Cross-Origin-Resource-Policy", "same-origin");
    outgoing.setHeader("Referrer-Policy", "no-referrer");
    outgoing.setHeader("Cache-Control", "no-store");
    // A name that an attacker owns can lead here too (DNS rebinding), and their page would then be of our origin.
    if (!isOwnHost(incoming.headers.host, host)) {
      sendText(outgoing, 403, "The console answers to an IP address, to localhost and to the name given as --host.");
    } else if (isOfAnotherSite(incoming.headers)) {
      sendText(outgoing, 403, "The console answers to its own page, and to programs.");
    } else if (endpoint === undefined) {
      sendText(outgoing, 404, "The console has no such page.");
    } else if (incoming.method !== method) {
      outgoing.setHeader("Allow", method);
      sendText(outgoing, 405, `The console takes ${method} here.`);
    } else await endpoint(incoming, outgoing, new URLSearchParams(query));
    return true;
  }

  function close(): void {
    watchers.delete(events.watch);
    events.close();
  }

  return { serve, close };
}
