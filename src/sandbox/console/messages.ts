// What the console's page and the sandbox tell each other.
import type { PayRecord } from "../family/pay/index.js";
import type { RefundEnd } from "../family/pay/refunds.js";
import type { DeedName } from "../server/deeds.js";
import type { Fault } from "../server/faults.js";
import type { ReceivedRequest } from "../server/received-request.js";
import type { SandboxCredentials } from "../types.js";

/** A text of the console in both languages. */
export interface Text {
  zh: string;
  en: string;
}

/** A request as a row of the list: little enough that a page holds 10,000. */
export interface RequestRow
  extends Pick<ReceivedRequest, "operationId" | "method" | "verdict" | "status" | "fault" | "reason"> {
  kind: "request";
  /** The number in the page's address, `#/requests/12`: how many arrived before it since the last clearing, and one. */
  id: number;
  /** When it arrived, by the sandbox's clock: ms since the epoch. */
  at: number;
  /** How long the sandbox took, in ms. */
  took: number;
  /** Path and query, as sent; long ones by their beginning. */
  path: string;
  /** `code` of an error response. */
  code?: string;
  /** 2, 3 … of a call that was repeated: same method, path and body after an attempt that failed. */
  attempt?: number;
  /** In lower case, what a search looks through beside the rest: numbers, openids, `Request-ID`, names of fields' values. */
  words: string;
}

/** A request that met the fault `refused`: no connection, so it never arrived. */
export interface UnconnectedRow extends Pick<RequestRow, "at" | "method" | "path" | "operationId"> {
  kind: "unconnected";
}

/** Something that was done to the sandbox, by the console or by code. */
export interface DeedRow {
  kind: "deed";
  at: number;
  /** The name of the sandbox's function, such as `advance`, and what it was given. */
  deed: DeedName;
  /** Of `advance` `{ ms }`; otherwise the arguments that tell it from others, such as `{ openid, state }`. */
  given: Record<string, string | number>;
}

/** A notification that was sent, or could not be. */
export interface NotificationRow {
  kind: "notification";
  /** In the page's address: `#/notifications/3`. */
  id: number;
  at: number;
  event_type: string;
  url: string;
  /** What it told, before its encryption; long ones are text, cut. */
  resource: unknown;
  /** HTTP status of the answer, and the beginning of its body. */
  status?: number;
  body?: string;
  /** Why it was not sent, or no answer came. */
  error?: Text;
  took: number;
}

/** `seq`: grows by one with each entry, and with each time that one of them changes; a page asks for what came after the last it has. */
export type Entry = { seq: number } & (RequestRow | UnconnectedRow | DeedRow | NotificationRow);

/** All of an exchange: `/console/requests/<id>.json`, or a 404 that begins with `dropped`. `/console/requests.json?after=<id>` is a list of them. */
export interface ShownExchange extends Omit<RequestRow, "kind" | "words"> {
  /** Where it was sent to, such as `http://127.0.0.1:8787`. */
  origin: string;
  requestHeaders: [name: string, value: string][];
  /** `Authorization`, read: its signature by the beginning. Absent where it cannot be read. */
  authorization?: { mchid: string; serial_no: string; timestamp: string; nonce_str: string; signature: string };
  /** The body as JSON with its sensitive fields decrypted, or as text. */
  body: unknown;
  /** The body as it was sent, where that differs: with its encrypted fields, or its own white space. */
  sentBody?: string;
  responseHeaders: [name: string, value: string][];
  /** The response's body, decrypted; what the operation answered, even where a fault changed it or kept it from the caller. */
  response: unknown;
  /** What the caller got, where that is something else: encrypted fields, or what a fault made of it; empty where nothing came. */
  sentResponse?: string;
  /** JSON pointers of what was encrypted on the wire. */
  decrypted: { request: string[]; response: string[] };
  /** The message whose signature WeChat Pay expects; absent where `Authorization` cannot be read. */
  expected?: string;
  signature?: ReceivedRequest["signature"];
  /** What to change, as code. */
  fix?: string;
  error?: string;
}

/** How many requests arrived since the last clearing, and how many of them the sandbox has dropped. */
export interface Counts {
  arrived: number;
  dropped: number;
}

/** An operation, and the documented examples that can be sent. */
export interface ShownOperation {
  operationId: string;
  method: string;
  path: string;
  summary: Text;
  /** Such as `signIn`; a request without a body has one, `""`. */
  examples: string[];
}

/** What the sandbox knows: sent when a page comes, and each time that it has changed. The newest 100 of each, the newest first. */
export interface State {
  /** Faults that wait for a request; `times` is absent for all from now on. */
  faults: { id: number; fault: Fault; operation?: string; times?: number }[];
  /** Whether every user has authorized every sub-merchant since the start, beside {@link State.relations}. */
  startsAuthorized: boolean;
  relations: { openid: string; sub_mchid: string; state: "AUTHORIZED" | "DEAUTHORIZED"; at: number }[];
  /** Tokens that page `auth` or `authenticate` takes; `expiresAt` in ms since the epoch, by the sandbox's clock. */
  tokens: {
    token: string;
    operationId: string;
    openid: string;
    sub_mchid: string;
    number?: string;
    expiresAt: number;
  }[];
  /** Identity verifications (核身), and how many of a user's 20 pre-orders of today are used. */
  authentications: { number: string; openid: string; sub_mchid: string; state: string; expiresAt: number }[];
  preOrders: { openid: string; used: number; limit: number }[];
  batches: {
    out_batch_no: string;
    batch_id: string;
    state: string;
    finishesAt: number;
    transfers: { out_detail_no: string; detail_id: string; state: string; amount: number }[];
  }[];
  /** Orders, refunds, transfers to users. */
  records: PayRecord[];
  platformKeys: { serial: string; kind: "public-key" | "certificate"; startsAt?: number; expiresAt?: number }[];
}

/** What the sandbox sends to the page, in a stream of server-sent events. */
export type Message =
  /** `run`: of another value, all that a page has is of another sandbox, or was cleared. */
  | ({
      type: "start";
      run: string;
      mchid: string;
      serialNo: string;
      operations: ShownOperation[];
      faults: readonly Fault[];
      /** Event types that the description knows, for notifications. */
      events: string[];
      now: number;
      /** The last entry's `seq`: those up to it follow at once. */
      last: number;
    } & Counts)
  | ({ type: "entries"; entries: Entry[] } & Counts)
  | { type: "state"; state: State }
  /** The sandbox's time; also sent now and then, to notice that a page has gone. */
  | { type: "time"; now: number };

/** What the page asks the sandbox to do, as JSON. */
export type Action =
  | { action: "authorize"; openid: string; sub_mchid: string; token?: string; state: "AUTHORIZED" | "DEAUTHORIZED" }
  | { action: "authenticate"; number: string; state: "AUTHENTICATE_SUCCESS" | "AUTHENTICATE_FAILED" }
  | { action: "failTransfer"; out_batch_no: string; out_detail_no: string }
  | { action: "pay"; out_trade_no: string }
  | { action: "finishRefund"; out_refund_no: string; status: RefundEnd }
  | { action: "confirm"; out_bill_no: string; fail_reason?: string }
  | { action: "fail"; fault: Fault; operation?: string; times: number }
  | { action: "removeFault"; id: number }
  | { action: "endFaults" }
  | { action: "advance"; ms: number }
  | { action: "rotate" }
  | { action: "clear" }
  /** Sends a request to the sandbox, signed by the merchant's key now; sensitive fields are given as plain text, and a body that is a text is sent as it stands. Done: its id. */
  | { action: "send"; method: string; path: string; body?: unknown }
  /** What {@link Action} `send` would take for a documented example: JSON of `{ method, path, body? }`, its number made new, with what there is here in its path and query. */
  | { action: "example"; operationId: string; example?: string }
  /** Sends a notification. Done: its id, also where no answer came. `resource` default the documented example. */
  | { action: "notify"; url: string; event_type: string; resource?: object }
  /** What {@link Action} `notify` sends by default. Done: JSON of its `resource`. */
  | { action: "exampleNotification"; event_type: string }
  /** Done: JSON of {@link Connection}. Keys go to a page by this alone. */
  | { action: "connect" };

/** All that a client needs; the sandbox's keys, good for nothing else. */
export interface Connection extends SandboxCredentials {
  /** The private key as PKCS#1, and the merchant's certificate: what some SDKs ask for. */
  privateKeyPkcs1: string;
  certificate: string;
}

/** The result of an action, or why it could not be done. */
export type ActionResult = { done: string } | { refused: Text };
