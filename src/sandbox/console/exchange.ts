import { escapeSegment } from "../../json-pointer.js";
import type { Exchange } from "../server/request-log.js";
import type { ShownExchange } from "./messages.js";

/** The longest text, in characters: more than a page shows. */
const LONGEST_TEXT = 200_000;
/** The longest body that the page reads as JSON, in characters: 3,000 transfers have less. */
const LONGEST_JSON = 2 ** 21;

/** An exchange for the page, as JSON, since it may change afterwards. Never throws: whether it can be shown must not change the answer. */
export function toJson(exchange: Exchange, id: number): string {
  try {
    return JSON.stringify(toShown(exchange, id));
  } catch (error) {
    const { body, signature, ...request } = exchange.request;
    const decrypted: ShownExchange["decrypted"] = { request: {}, reply: {} };
    const shown = { ...request, body: `The console cannot show it: ${error}`, reply: undefined, decrypted };
    return JSON.stringify({ ...shown, id, at: exchange.at, expected: undefined } satisfies ShownExchange);
  }
}

function toShown({ request, at, expected, reply }: Exchange, id: number): ShownExchange {
  const { signature } = request;
  const body = startOf(request.body);
  const plain = startOf(reply.plain ?? reply.body);
  return {
    ...request,
    path: request.path.slice(0, LONGEST_TEXT),
    body,
    ...(signature && {
      signature: {
        ...signature,
        expected: signature.expected.slice(0, LONGEST_TEXT),
        ...(signature.signed !== undefined && { signed: signature.signed.slice(0, LONGEST_TEXT) }),
      },
    }),
    id,
    at,
    expected: expected?.slice(0, LONGEST_TEXT),
    reply: plain,
    decrypted: {
      request: expected !== undefined && isObject(body) ? Object.fromEntries(changes(sentBody(expected), body)) : {},
      reply: reply.plain !== undefined && isObject(plain) ? Object.fromEntries(changes(reply.body, plain)) : {},
    },
  };
}

/** A body as it is, or the beginning of its text where it is too long. */
function startOf(body: unknown): unknown {
  const text = typeof body === "string" ? body : (JSON.stringify(body) ?? "");
  return text.length > (typeof body === "string" ? LONGEST_TEXT : LONGEST_JSON) ? text.slice(0, LONGEST_TEXT) : body;
}

/** The body as it was sent, from the message that it is part of. */
function sentBody(message: string): unknown {
  try {
    return JSON.parse(message.split("\n").slice(4).join("\n"));
  } catch {
    return undefined;
  }
}

/** The texts that `plain` and `sent` differ in, each with its JSON pointer. */
function* changes(sent: unknown, plain: unknown, pointer = ""): Generator<[pointer: string, text: string]> {
  if (typeof plain === "string" && typeof sent === "string" && sent !== plain) yield [pointer, plain];
  if (!isObject(plain) || !isObject(sent)) return;
  for (const [name, value] of Object.entries(plain)) yield* changes(sent[name], value, pointer + escapeSegment(name));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
