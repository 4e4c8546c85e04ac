import type { ArrivingRequest, Outcome } from "./http.js";

/** The sandbox as a transport like `fetch`, without a socket. */
export function createFetch(handle: (request: ArrivingRequest) => Promise<Outcome>) {
  return async (input: Request | URL | string, init?: RequestInit): Promise<Response> => {
    const held = { input, request: new Request(input, init) };
    const { method, url, headers, signal, redirect } = held.request;
    signal.throwIfAborted();
    const { origin, pathname, search } = new URL(url);
    const readBody = async () => new Uint8Array(await held.request.arrayBuffer());
    const arriving = { method, origin, target: pathname + search, headers, readBody, signal };
    const outcome = await handle(arriving);
    signal.throwIfAborted();
    if (outcome === "refused") throw networkError("connect ECONNREFUSED", "ECONNREFUSED");
    if (outcome === "reset") throw networkError("read ECONNRESET", "ECONNRESET");
    if (outcome === "hang") return untilAborted(arriving);
    if (outcome.status === 302 && redirect === "error") throw networkError("unexpected redirect");
    if (outcome.status === 302 && redirect === "follow") throw networkError("getaddrinfo ENOTFOUND", "ENOTFOUND");
    return outcome;
  };
}

/** What `fetch` rejects with when the network fails, or a redirect is not wanted. */
function networkError(message: string, code?: string): TypeError {
  return new TypeError("fetch failed", { cause: Object.assign(new Error(message), code && { code }) });
}

/** Kept from garbage collection: their callers hold no more than a promise, and the signal of a collected request never fires. */
const hanging = new Set<ArrivingRequest>();

/** Never resolves; rejects with the signal's reason, when it is aborted. */
function untilAborted(arriving: ArrivingRequest & { signal: AbortSignal }): Promise<never> {
  return new Promise((_, reject) => {
    hanging.add(arriving);
    const abort = () => {
      hanging.delete(arriving);
      reject(arriving.signal.reason);
    };
    arriving.signal.addEventListener("abort", abort, { once: true });
  });
}
