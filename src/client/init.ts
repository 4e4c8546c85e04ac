import { isRecord, refuseUnknown, requireOption } from "../checks.js";
import type { CallOptions } from "../types.js";

// In JavaScript, openapi-fetch would let a `fetch`, `baseUrl` or `middleware` of a call get round the signature.
const OPTIONS = ["params", "body", "headers", "signal", "parseAs"];
const PARSE_AS = ["json", "text", "blob", "arrayBuffer", "stream"];

/**
 * Checks what a call was given, and makes it what openapi-fetch takes.
 * @throws {TypeError} naming what is wrong.
 */
export function readInit(given: unknown = {}): CallOptions & { params: object; body: unknown } {
  requireOption("init", isRecord(given), "an object", given);
  refuseUnknown("a call", given, OPTIONS);
  const init = given as CallOptions & { params?: { path?: object }; body?: unknown };
  const { params, body, headers, signal, parseAs = "json" } = init;
  requireOption("parseAs", PARSE_AS.includes(parseAs), PARSE_AS.join(", "), parseAs);
  // JSON.stringify would make {} of a Map, a Blob or a FormData.
  const isJson = body === undefined || /^\[object (Object|Array)\]$/.test(Object.prototype.toString.call(body));
  requireOption("body", isJson, "an object, which is sent as JSON", body);
  return {
    // Without an object of values, openapi-fetch would leave the path as it is.
    params: { ...params, path: params?.path ?? {} },
    body,
    // It takes no list of pairs.
    headers: Array.isArray(headers) ? new Headers(headers) : headers,
    signal,
    parseAs,
  };
}
