import type { IncomingMessage, ServerResponse } from "node:http";
import type { PayRecord } from "../family/pay/index.js";
import { FAULTS } from "../server/faults.js";
import type { Console } from "../server/listen.js";
import type { Watcher } from "../server/request-log.js";
import type { Sandbox } from "../types.js";
import { Actions } from "./actions.js";
import { EventStream } from "./events.js";
import { FILES, PAGE_POLICY, sendFile } from "./files.js";
import { isOwnHost, sendText } from "./http.js";

const EVENTS = "/console/events";
const ACTIONS = "/console/actions";
/** The console's paths, and those that browsers ask for by themselves. */
const OWN_PATHS = /^\/(?:$|console(?:$|\/)|favicon\.ico$|apple-touch-icon|\.well-known\/)/;

/**
 * The sandbox's console, a page: requests as they arrive, why each was refused, and buttons for what users, time and networks do.
 *
 * @param options `host`: a name that the page is reached by, beside IP addresses and `localhost`; `operations`: those that can be made to fail;
 * `records`: orders, refunds and transfers as they stand
 */
export function createConsole(
  sandbox: Sandbox,
  watchers: Set<Watcher>,
  {
    host,
    operations = [],
    records = () => [],
  }: { host?: string | undefined; operations?: Iterable<string>; records?: () => PayRecord[] } = {},
): Console {
  const facts = { mchid: sandbox.credentials.mchid, operations: [...operations], faults: FAULTS };
  const events = new EventStream(facts, sandbox, records);
  const actions = new Actions(sandbox, events);
  watchers.add(events);

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<boolean> {
    const [path = ""] = (incoming.url ?? "").split("?", 1);
    if (!OWN_PATHS.test(path)) return false;
    const file = FILES.get(path);
    const method = path === ACTIONS ? "POST" : "GET";

    outgoing.setHeader("Content-Security-Policy", file?.policy ?? PAGE_POLICY);
    outgoing.setHeader("X-Content-Type-Options", "nosniff");
    outgoing.setHeader("Cross-Origin-Resource-Policy", "same-origin");
    outgoing.setHeader("Referrer-Policy", "no-referrer");
    outgoing.setHeader("Cache-Control", "no-store");
    // A name that an attacker owns can lead here too (DNS rebinding), and their page would then be of our origin.
    if (!isOwnHost(incoming.headers.host, host)) {
      sendText(outgoing, 403, "The console answers to an IP address, to localhost and to the name given as --host.");
    } else if (file === undefined && path !== EVENTS && path !== ACTIONS) {
      sendText(outgoing, 404, "The console has no such page.");
    } else if (incoming.method !== method) {
      outgoing.setHeader("Allow", method);
      sendText(outgoing, 405, `The console takes ${method} here.`);
    } else if (file !== undefined) await sendFile(file, outgoing);
    else if (path === EVENTS) events.open(outgoing);
    else await actions.serve(incoming, outgoing);
    return true;
  }

  function close(): void {
    watchers.delete(events);
    events.close();
  }

  return { serve, close };
}
