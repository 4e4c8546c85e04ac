import { STATUS_CODES } from "node:http";
import type { ShownExchange } from "./messages.js";

type Header = [name: string, value: string];

/** An exchange as it was on the wire, encrypted fields as well. Source of the form: http://www.softwareishard.com/blog/har-12-spec/ */
export function harEntry({ at, took, fault, reason, ...exchange }: ShownExchange): object {
  const comment = [fault && `fault: ${fault}`, reason?.en].filter(Boolean).join("; ");
  return {
    startedDateTime: new Date(at).toISOString(),
    time: took,
    request: harRequest(exchange),
    response: harResponse(exchange),
    cache: {},
    timings: { send: 0, wait: took, receive: 0 },
    ...(comment !== "" && { comment }),
  };
}

type Part = Omit<ShownExchange, "at" | "took" | "fault" | "reason">;

function harRequest({ method, origin, path, requestHeaders, body, sentBody }: Part): object {
  const text = sentBody ?? textOf(body);
  const query = new URLSearchParams(path.replace(/^[^?]*/, ""));
  return {
    method,
    url: URL.canParse(origin + path) ? new URL(origin + path).href : "http://unreadable.invalid/",
    ...shared(requestHeaders, text),
    queryString: Array.from(query, ([name, value]) => ({ name, value })),
    ...(text !== "" && { postData: { mimeType: headerOf(requestHeaders, "content-type"), text } }),
  };
}

function harResponse({ status, responseHeaders, response, sentResponse }: Part): object {
  // A fault kept it from the caller.
  const isThere = responseHeaders.length > 0;
  const mimeType = headerOf(responseHeaders, "content-type");
  const size = Number(headerOf(responseHeaders, "content-length"));
  const text = /json|^text\//.test(mimeType) ? (sentResponse ?? textOf(response)) : "";
  return {
    status: isThere ? status : 0,
    statusText: isThere ? (STATUS_CODES[status] ?? "") : "",
    ...shared(responseHeaders, text),
    content: { size, mimeType, ...(text !== "" && { text }) },
    redirectURL: headerOf(responseHeaders, "location"),
  };
}

function shared(headers: Header[], text: string) {
  const bodySize = Buffer.byteLength(text);
  const named = headers.map(([name, value]) => ({ name, value }));
  return { httpVersion: "HTTP/1.1", cookies: [], headers: named, headersSize: -1, bodySize };
}

const textOf = (body: unknown) => (typeof body === "string" ? body : (JSON.stringify(body) ?? ""));

const headerOf = (headers: Header[], wanted: string) =>
  headers.find(([name]) => name.toLowerCase() === wanted)?.[1] ?? "";
