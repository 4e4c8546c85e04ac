import { isRecord, refuseUnknown, requireOption } from "../checks.js";
import { BODY, copyJson } from "../json-pointer.js";
import { isScalar } from "./url.js";

const PARSE_AS = ["json", "text", "blob", "arrayBuffer", "stream"];
/** A header's name and value, as HTTP allows them. */
const HEADER = /^[\w!#$%&'*+.^`|~-]+: [\t\x20-\x7e\x80-\xff]*$/;

/** What a call was given: checked, and read once, since the caller may change it while the call waits. @throws {TypeError} naming what is wrong. */
export function readInit(given: unknown = {}) {
  requireOption("init", isRecord(given), "an object", given);
  const { params = {}, body, headers, signal, parseAs = "json" } = given;
  // In JavaScript, openapi-fetch would let a `fetch`, `baseUrl` or `middleware` of a call get round the signature.
  refuseUnknown("a call", given, ["params", "body", "headers", "signal", "parseAs"]);
  requireOption("params", isRecord(params), "an object", params);
  const { path, query, header } = params;
  refuseUnknown("params", params, ["path", "query", "header"]);
  requireOption("params.path", path === undefined || isRecord(path), "an object", path);
  requireOption("parseAs", PARSE_AS.includes(parseAs as string), PARSE_AS.join(", "), parseAs);
  const isSignal = typeof (signal as AbortSignal | undefined)?.throwIfAborted === "function";
  requireOption("signal", isSignal || signal === undefined || signal === null, "an AbortSignal", signal);
  return {
    path,
    query,
    parseAs: parseAs as string,
    body,
    signal: (signal ?? undefined) as AbortSignal | undefined,
    headers: readHeaders("headers", headers),
    params: { header: readHeaders("params.header", header) },
  };
}

/** A body that is sent as JSON, in a copy. */
export function readBody(body: unknown): unknown {
  const copy = copyJson(body);
  requireOption("body", body === undefined || Object(copy) === copy, BODY, isRecord(body) ? copy : body);
  return copy;
}

/** Checks headers, without repeating their values. Of lists, openapi-fetch knows only the platform's `Headers`. */
function readHeaders(option: string, given: unknown = {}): unknown {
  const isList = typeof given === "object" && given !== null && Symbol.iterator in given;
  requireOption(option, isList || isRecord(given), "an object, Headers or pairs", given);
  const pairs = isList ? Array.from(given as Iterable<[string, string]>) : Object.entries(given);
  for (const pair of pairs) {
    const [name, value] = Array.isArray(pair) ? pair : [];
    const fits = [value ?? ""].flat().every((each) => isScalar(each) && HEADER.test(`${name}: ${each}`));
    requireOption(`${option}.${name}`, fits && Array.isArray(pair), "a name and a text that HTTP allows", value);
  }
  return isList ? new Headers(pairs as [string, string][]) : given;
}
