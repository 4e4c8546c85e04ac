import { isRecord, kindOf, refuseUnknown, requireOption } from "../checks.js";
import type { CallOptions } from "../types.js";

const PARSE_AS = ["json", "text", "blob", "arrayBuffer", "stream"];

type Init = Required<CallOptions> & { params: { path?: unknown } | undefined; body: unknown };

/** Checks what a call was given. @throws {TypeError} naming what is wrong. */
export function readInit(given: unknown = {}): Init {
  requireOption("init", isRecord(given), "an object", given);
  const { params, body, headers, signal, parseAs = "json" } = given as Partial<Init>;
  // openapi-fetch takes no list of pairs.
  const init = { params, body, headers: Array.isArray(headers) ? new Headers(headers) : headers, signal, parseAs };
  // In JavaScript, openapi-fetch would let a `fetch`, `baseUrl` or `middleware` of a call get round the signature.
  refuseUnknown("a call", given, Object.keys(init));
  requireOption("parseAs", PARSE_AS.includes(parseAs), PARSE_AS.join(", "), parseAs);
  // JSON.stringify would make {} of a Map, a Blob or a FormData.
  const isJson = ["Object", "Array", "Undefined"].includes(kindOf(body));
  requireOption("body", isJson, "an object, which is sent as JSON", body);
  return init;
}
