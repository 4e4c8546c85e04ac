import { isRecord, refuseUnknown, requireOption } from "../checks.js";

/** An init once it is checked, as openapi-fetch takes it. */
export interface Init {
  params: { path: unknown; query?: unknown; header?: unknown };
  body?: unknown;
  headers?: unknown;
  signal: AbortSignal | undefined;
  parseAs: (typeof PARSE_AS)[number];
}

// In JavaScript, openapi-fetch would let a `fetch`, `baseUrl` or `middleware` of a call get round the signature.
const OPTIONS = ["params", "body", "headers", "signal", "parseAs"];
const PARSE_AS = ["json", "text", "blob", "arrayBuffer", "stream"] as const;

/**
 * Checks what a call was given.
 * @throws {TypeError} naming what is wrong.
 */
export function readInit(given: unknown = {}): Init {
  requireOption("init", isRecord(given), `an object: { ${OPTIONS.join(", ")} }`, given);
  refuseUnknown("a call", given, OPTIONS);
  const { params, body, headers, signal, parseAs = "json" } = given as Partial<Init>;
  requireOption("parseAs", PARSE_AS.includes(parseAs), PARSE_AS.join(", "), parseAs);
  // JSON.stringify would make {} of a Map, a Blob or a FormData.
  const isJson = body === undefined || /^\[object (Object|Array)\]$/.test(Object.prototype.toString.call(body));
  requireOption("body", isJson, "an object, which is sent as JSON", body);
  const pairs = Array.isArray(headers) ? new Headers(headers) : headers;
  return { params: { ...params, path: params?.path ?? {} }, body, headers: pairs, signal, parseAs };
}
