import { type CallInit, createWeChatPayClient, type paths, type WeChatPayClientOptions } from "wechatpay-openapi-fetch";
import openapi from "../../generated/openapi.json" with { type: "json" };
import { generateKeys, signText } from "./keys.js";

export const PRE_ORDER = "/v3/payroll-card/authentications/pre-order";

/** The documented example, straight from the spec. */
export const examples = {
  // JSON widens an enum's values to string.
  request: openapi.components.examples["preOrderAuthentication.signIn.request"].value as CallInit<
    paths[typeof PRE_ORDER]["post"]
  >["body"],
  response: openapi.components.examples["preOrderAuthentication.signIn.response"].value,
} as const;

let made = 0;

/**
 * The documented request with an `authenticate_number` and an `openid` of its own, as long as the documented ones: the sandbox takes a
 * number once, and 20 pre-orders of a user in a day.
 */
export function freshRequest(): typeof examples.request {
  const number = String(++made).padStart(6, "0");
  const numbered = (text: string) => text.slice(0, -number.length) + number;
  const { openid, authenticate_number } = examples.request;
  return { ...examples.request, openid: numbered(openid), authenticate_number: numbered(authenticate_number) };
}

export const merchant = generateKeys();
export const platform = generateKeys();
export const PLATFORM_KEY_ID = "PUB_KEY_ID_0114232134912410000000000000";
/** When the tests take place, in ms. */
export const NOW = 1_554_208_460_000;

export const options = {
  mchid: "1900000109",
  serialNo: "444F4864EA9B34415D6E36A1F9D09C2FCE6CCF12",
  privateKey: merchant.privateKey,
  platformKeys: { [PLATFORM_KEY_ID]: platform.publicKey },
  clock: () => NOW,
} satisfies WeChatPayClientOptions;

/** What makes a reply differ from a good one. */
export interface ReplyInit {
  status?: number;
  body?: string | Uint8Array<ArrayBuffer> | null;
  /** Replaces headers; `null` takes one away. */
  headers?: Record<string, string | null>;
  /** Key that signs; default the platform's. */
  signedBy?: string;
  /** Seconds; default now. */
  timestamp?: number;
}

/** A reply as WeChat Pay would send it, signed by node:crypto. */
export function signedReply({
  status = 200,
  body = JSON.stringify(examples.response),
  headers = {},
  signedBy = platform.privateKey,
  timestamp = NOW / 1000,
}: ReplyInit = {}): Response {
  const nonce = "d824f2e086d3c1df967785d13fcd22ef";
  const bytes = Buffer.from(body ?? "");
  const signed = Buffer.concat([Buffer.from(`${timestamp}\n${nonce}\n`), bytes, Buffer.from("\n")]);
  const all = new Headers({
    "Content-Type": "application/json; charset=utf-8",
    "Request-ID": "08F78BEDF20510E1B0011880D4D9E4CFBE05-0",
    "Wechatpay-Timestamp": String(timestamp),
    "Wechatpay-Nonce": nonce,
    "Wechatpay-Serial": PLATFORM_KEY_ID,
    "Wechatpay-Signature": signText(signedBy, signed),
  });
  for (const [name, value] of Object.entries(headers)) {
    if (value === null) all.delete(name);
    else all.set(name, value);
  }
  return new Response(status === 204 ? null : body, { status, headers: all });
}

/** A reply without a signature. */
export function unsignedReply(status: number, body: string | null, contentType = "application/json"): Response {
  return new Response(body, { status, headers: { "Content-Type": contentType } });
}

/** A client that nobody mocks: only its transport is ours, and keeps what was sent. */
export function createObservedClient(
  reply: (request: Request) => Response | Promise<Response>,
  more: Partial<WeChatPayClientOptions> = {},
) {
  const sent: Request[] = [];
  const wechatpay = createWeChatPayClient({
    ...options,
    fetch: async (request) => {
      sent.push(request.clone());
      return reply(request);
    },
    ...more,
  });
  return { wechatpay, sent };
}
