import { escapeSegment } from "../../json-pointer.js";
import { parseAuthorization } from "../server/authorization.js";
import { asText } from "../server/http.js";
import type { Exchange } from "../server/watchers.js";
import type { RequestRow, ShownExchange } from "./messages.js";
import { wordsOf } from "./words.js";

/** The longest text, in characters: more than a page shows. */
const LONGEST_TEXT = 200_000;
/** The longest body that the page reads as JSON, in characters: 3,000 transfers have less. */
const LONGEST_JSON = 2 ** 21;
/** Of a row, and of a header. */
const LONGEST_IN_ROW = 500;
const LONGEST_HEADER = 4_000;
/** What is shown of a signature. */
const SIGNATURE_START = 12;

type Pairs = [name: string, value: string][];

export function toRow(exchange: Exchange, attempt: number): RequestRow {
  const { id, at, request } = exchange;
  const { operationId, method, path, verdict, status, fault, reason } = request;
  const { code } = Object(exchange.reply.body) as { code?: unknown };
  return {
    kind: "request",
    id,
    at,
    took: Math.round(exchange.took * 100) / 100,
    operationId,
    method,
    path: path.slice(0, LONGEST_IN_ROW),
    verdict,
    status,
    ...(fault && { fault }),
    ...(reason && { reason: { zh: reason.zh.slice(0, LONGEST_IN_ROW), en: reason.en.slice(0, LONGEST_IN_ROW) } }),
    ...(status >= 400 && typeof code === "string" && { code: code.slice(0, LONGEST_IN_ROW) }),
    ...(attempt > 1 && { attempt }),
    words: wordsOf(exchange),
  };
}

/** An exchange for the page, as JSON, since it may change afterwards. */
export function toJson(exchange: Exchange, row: RequestRow): string {
  const { kind, words, ...facts } = row;
  const { request } = exchange;
  const shared = {
    ...facts,
    path: request.path.slice(0, LONGEST_TEXT),
    origin: exchange.arriving.origin.slice(0, LONGEST_IN_ROW),
    ...headersOf(exchange),
    ...(request.reason && { reason: request.reason }),
    ...(request.fix !== undefined && { fix: request.fix.slice(0, LONGEST_TEXT) }),
    ...(request.error !== undefined && { error: request.error.slice(0, LONGEST_TEXT) }),
  };
  try {
    return JSON.stringify({ ...shared, ...contentOf(exchange) } satisfies ShownExchange);
  } catch (error) {
    const body = `The console cannot show it: ${error}`;
    const decrypted = { request: [], response: [] };
    return JSON.stringify({ ...shared, body, response: undefined, decrypted } satisfies ShownExchange);
  }
}

function headersOf({
  arriving,
  delivery,
}: Exchange): Pick<ShownExchange, "requestHeaders" | "responseHeaders" | "authorization"> {
  const { headers, rawHeaders } = arriving;
  const sent: Pairs = rawHeaders === undefined ? [...headers] : pairs(rawHeaders);
  const authorization = parseAuthorization(headers.get("Authorization") ?? "");
  const { mchid = "", serialNo = "", timestamp = "", nonce = "", signature = "" } = authorization ?? {};
  const shown = { mchid, serial_no: serialNo, timestamp, nonce_str: nonce, signature: beginning(signature) };
  return {
    requestHeaders: sent.map(([name, value]) => [name, shownHeader(name, value).slice(0, LONGEST_HEADER)]),
    ...(authorization && { authorization: shown }),
    responseHeaders: delivery.headers,
  };
}

const pairs = (flat: readonly string[]): Pairs =>
  flat.flatMap((name, i): Pairs => (i % 2 === 0 ? [[name, flat[i + 1] ?? ""]] : []));

const beginning = (signature: string) =>
  signature.length > SIGNATURE_START ? `${signature.slice(0, SIGNATURE_START)}…` : signature;

const SECRET = ["authorization", "proxy-authorization", "cookie"];
const SCHEMES = /^(WECHATPAY2-[\w-]{1,30}|Bearer|Basic|Digest)(?=\s)/i;
const NO_SECRETS = /\b(?:mchid|nonce_str|timestamp|serial_no)\s*=\s*"?[\w-]{1,64}"?/g;

/** A signature is good for five minutes, and no picture of a page should hold one. What cannot be read may be any secret. */
function shownHeader(name: string, value: string): string {
  if (!SECRET.includes(name.toLowerCase())) return value;
  const { signature } = parseAuthorization(value) ?? {};
  if (signature !== undefined) return value.replace(signature, () => beginning(signature));
  const [scheme = ""] = SCHEMES.exec(value) ?? [];
  return `${scheme} ${[...(value.match(NO_SECRETS) ?? []), "…"].join(",")}`.trim();
}

function contentOf(
  exchange: Exchange,
): Pick<ShownExchange, "body" | "sentBody" | "response" | "sentResponse" | "decrypted" | "expected" | "signature"> {
  const { request, reply, expected, delivery } = exchange;
  const { signature } = request;
  const answer = reply.replaced ?? reply;
  const body = startOf(request.body);
  const response = startOf(answer.plain ?? answer.body);
  const sentBody = textUnless(exchange.body, body);
  const sentResponse = answer.body instanceof Uint8Array ? undefined : textUnless(delivery.bytes, response);
  return {
    body,
    ...(sentBody !== undefined && !isUpload(exchange) && { sentBody }),
    response,
    ...(sentResponse !== undefined && { sentResponse }),
    decrypted: {
      request: sentBody === undefined ? [] : [...changes(parse(sentBody), body)],
      response: answer.plain === undefined ? [] : [...changes(answer.body, response)],
    },
    ...(expected !== undefined && { expected: expected.slice(0, LONGEST_TEXT) }),
    ...(signature && {
      signature: {
        ...signature,
        expected: signature.expected.slice(0, LONGEST_TEXT),
        ...(signature.signed !== undefined && { signed: signature.signed.slice(0, LONGEST_TEXT) }),
      },
    }),
  };
}

const isUpload = ({ arriving }: Exchange) => /^multipart\//i.test(arriving.headers.get("Content-Type") ?? "");

/** A body as it is, or the beginning of its text where it is too long. */
function startOf(body: unknown): unknown {
  const text = typeof body === "string" ? body : (JSON.stringify(body) ?? "");
  return text.length > (typeof body === "string" ? LONGEST_TEXT : LONGEST_JSON) ? text.slice(0, LONGEST_TEXT) : body;
}

/** Bytes as text, unless that is what is shown of them; empty where there are none. */
function textUnless(bytes: Exchange["body"] = new Uint8Array(), shown: unknown): string | undefined {
  const text = asText(bytes.subarray(0, LONGEST_JSON)).slice(
    0,
    typeof shown === "string" ? LONGEST_TEXT : LONGEST_JSON,
  );
  return text === (typeof shown === "string" ? shown : (JSON.stringify(shown) ?? "")) ? undefined : text;
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** Where `plain` and `sent` have different texts, as JSON pointers. */
function* changes(sent: unknown, plain: unknown, pointer = ""): Generator<string> {
  if (typeof plain === "string" && typeof sent === "string" && sent !== plain) yield pointer;
  if (!isObject(plain) || !isObject(sent)) return;
  for (const [name, value] of Object.entries(plain)) yield* changes(sent[name], value, pointer + escapeSegment(name));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
