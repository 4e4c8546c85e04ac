import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { isIPv4, isIPv6 } from "node:net";

export function sendText(outgoing: ServerResponse, status: number, message: string): void {
  outgoing.writeHead(status, { "Content-Type": "text/plain; charset=utf-8" }).end(message);
}

/**
 * Whether a `Host` header names this machine in a way that no DNS can change, or by the name that it was given. It is compared as it is
 * written: a URL parser would take `a@127.0.0.1` and `127.0.0.1#a` for an address.
 */
export function isOwnHost(header = "", given: string | undefined): boolean {
  const [, name = ""] = /^(.*?)(?::\d{1,5})?$/.exec(header.toLowerCase()) ?? [];
  const [, inBrackets = ""] = /^\[(.*)\]$/.exec(name) ?? [];
  return name === "localhost" || isIPv4(name) || isIPv6(inBrackets) || name === given?.toLowerCase();
}

/** Whether a page of another site loads this, which could not read it, but would make the sandbox work. A link there may lead here. */
export function isOfAnotherSite({ "sec-fetch-site": site, "sec-fetch-mode": mode }: IncomingHttpHeaders): boolean {
  return (site === "cross-site" || site === "same-site") && mode !== "navigate";
}
