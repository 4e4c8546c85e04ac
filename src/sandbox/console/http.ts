import type { ServerResponse } from "node:http";
import { isIP } from "node:net";

export function sendText(outgoing: ServerResponse, status: number, message: string): void {
  outgoing.writeHead(status, { "Content-Type": "text/plain; charset=utf-8" }).end(message);
}

/** Whether a `Host` header names this machine in a way that no DNS can change, or by the name that it was given. */
export function isOwnHost(header: string | undefined, given: string | undefined): boolean {
  const name = hostOf(`http://${header}`)?.replace(/:\d+$/, "") ?? "";
  return name === "localhost" || isIP(name.replace(/^\[|\]$/g, "")) !== 0 || name === given?.toLowerCase();
}

/** The host and port of a URL. */
export function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).host : undefined;
}
