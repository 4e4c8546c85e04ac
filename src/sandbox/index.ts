import openapi from "../../generated/openapi.json" with { type: "json" };
import type { Bytes } from "../bytes.js";
import { fromBase64, toBase64 } from "../bytes.js";
import { isRecord, refuseMisspelt, requireOption } from "../checks.js";
import { encryptOaep, keyOf } from "../crypto.js";
import { authenticate } from "./authentication.js";
import { parseAuthorization } from "./authorization.js";
import { requireOneOf } from "./checks.js";
import type { Exchange } from "./console/index.js";
import {
  type Example,
  isNestedTooDeeply,
  type OpenApiDocument,
  type OperationInput,
  type Route,
  readDocument,
} from "./document.js";
import {
  createFaults,
  dripping,
  FAULTS,
  type Fault,
  type FaultOptions,
  networkError,
  standIn,
  truncated,
  untilAborted,
} from "./faults.js";
import { changeFields } from "./fields.js";
import {
  type ArrivingRequest,
  LARGEST_BODY,
  type Listening,
  type ListenOptions,
  notFound,
  type Outcome,
  Refusal,
  type SandboxReply,
  type SandboxRequest,
  type Verdict,
} from "./http.js";
import { generateKeyPair, randomHex, randomSerial, toDer, toPem } from "./keys.js";
import { listen } from "./listen.js";
import { createPayrollCard, type PayrollCardActions, type PayrollCardUser } from "./payroll-card.js";
import { createPlatform, type PlatformKey, type PlatformKeyMode } from "./platform.js";
import { certificateList, type NotificationEvent, notificationBody } from "./resources.js";
import { SIGNATURE_FAULTS, type SignatureFault, signBody } from "./signature.js";
import { checkSignature, expectedMessage, type SignatureCheck } from "./signed-message.js";

export {
  FAULTS,
  type Fault,
  type FaultOptions,
  type Listening,
  type ListenOptions,
  type NotificationEvent,
  type OpenApiDocument,
  type PayrollCardUser,
  type PlatformKeyMode,
  type SignatureCheck,
  type SignatureFault,
  type Verdict,
};

/** Options of {@link createSandbox}. */
export interface SandboxOptions {
  /** The API to serve; default this package's own, `wechatpay-openapi-fetch/openapi.json`. */
  openapi?: OpenApiDocument;
  /**
   * Which keys WeChat Pay has for the merchant: its public key alone (`GET /v3/certificates` is a 404), platform certificates alone, or
   * `gray`: both, with a certificate where the request names none. Default both, with the public key where the request names none and no
   * certificate among the credentials.
   */
  platformKeys?: PlatformKeyMode;
  /** Whether every user has authorized every sub-merchant from the start. Default true; with false, as real users start. */
  authorized?: boolean;
  /** Now, in ms since the epoch. For tests. */
  clock?: () => number;
  /** Told of every request, when it has been answered. */
  onRequest?: (request: ReceivedRequest) => void;
}

/** What a client needs to talk to the sandbox; keys and certificates are PEM. Made to be spread into `createWeChatPayClient`. */
export interface SandboxCredentials {
  mchid: string;
  serialNo: string;
  privateKey: string;
  platformKeys: Record<string, string>;
  apiV3Key: string;
}

/** A request that arrived. */
export interface ReceivedRequest {
  /** Absent where path or method lead nowhere. */
  operationId: string | undefined;
  method: string;
  /** Path and query, as sent. */
  path: string;
  verdict: Verdict;
  /** The body as JSON, its sensitive fields decrypted; as text where it is none; absent where it is empty. */
  body: unknown;
  /** HTTP status of the reply, even where a fault kept it from arriving. */
  status: number;
  /** What went wrong on purpose. */
  fault?: Fault;
  /** Why the signature is wrong, as far as it tells; with the verdict `wrong-signature` only. */
  signature?: SignatureCheck;
}

/** A WeChat Pay of one's own: it checks what the real server checks, in its order, and answers as it does. */
export interface Sandbox extends PayrollCardActions {
  /** As they are now: with `certificate` and `gray`, the certificates in force are among them. */
  readonly credentials: SandboxCredentials;
  /** Everything that arrived, in the order of the answers. */
  readonly requests: readonly ReceivedRequest[];
  /** The sandbox as a transport, whatever the URL's host: `createWeChatPayClient({ ...sandbox.credentials, fetch: sandbox.fetch })`. */
  fetch(input: Request | URL | string, init?: RequestInit): Promise<Response>;
  /** The sandbox over HTTP, for any language's SDK. */
  listen(options?: ListenOptions): Promise<Listening>;
  /** The sandbox's time in ms since the epoch, made to be a client's `clock` as well. */
  clock(): number;
  /**
   * Sets the sandbox's time forward by this many ms: tokens die, batches finish, a day begins, certificates change. Whoever still signs
   * with the time from before is answered with it; to follow certificates and notifications, give a client `clock: sandbox.clock`.
   * @throws {TypeError} if it is no number, below 0, or beyond the year 9999.
   */
  advance(ms: number): void;
  /**
   * Issues another platform certificate; its serial. It is listed at once and signs from 24 h later; another 24 h later the one before
   * it expires and is listed no more. Both are in force in between, by the sandbox's time.
   * @throws {TypeError} if the sandbox has a public key only.
   */
  rotate(): Promise<string>;
  /**
   * Makes the next requests fail; faults that are added meanwhile wait for their turn. The function that comes back takes it away.
   *
   * Answered before anything is looked at:
   * - `rate-limited`: 429 `FREQUENCY_LIMITED` with `Retry-After`
   * - `bad-gateway`: 502 with nginx's HTML
   * - `redirect`: 302 to another host
   * - `refused`: no connection is made, and nothing arrives; over HTTP the nearest thing, a connection that ends unanswered
   *
   * The operation is carried out, and then:
   * - `system-error`: unsigned 500 `SYSTEM_ERROR`
   * - `unsigned`: no `Wechatpay-` header
   * - `bad-signature`: the signature of something else
   * - `signature-probe`: a signature that is no base64, as WeChat Pay sends at times to see whether it is verified
   * - `unknown-serial`: rightly signed, but in the name of a certificate that there is not
   * - `clock-skew`: rightly signed, 600 s ago
   * - `tampered-body`: the body was changed after it was signed
   * - `truncated-body`: the connection is lost in the middle of the body
   * - `reset`: the connection is reset before an answer
   * - `hang`: no answer until the caller gives up, or {@link Listening.close}
   * - `slow-body`: the headers at once, the body at two bytes a second
   *
   * @throws {TypeError} naming what is out of range.
   */
  fail(options: FaultOptions): () => void;
  /**
   * Sends a notification as WeChat Pay does, once: encrypted with the APIv3 key and signed.
   *
   * @param options `fetch` may be a handler in this process; `fault` is what {@link Sandbox.fail} describes.
   * @returns what the handler answered
   */
  notify(
    url: URL | string,
    event: NotificationEvent,
    options?: { fetch?: (request: Request) => Promise<Response> | Response; fault?: SignatureFault },
  ): Promise<Response>;
}

/**
 * Starts a sandbox: fresh keys, empty state, nothing on disk.
 *
 * ```ts
 * const sandbox = await createSandbox();
 * const wechatpay = createWeChatPayClient({ ...sandbox.credentials, fetch: sandbox.fetch });
 * ```
 *
 * Where public documents do not say what the real server does, the sandbox chose:
 * - path and method are looked up before the headers are looked at, and merchant and serial before the clock;
 * - every `SIGN_ERROR` has the `detail` that is attested for a wrong signature and a wrong serial;
 * - a 400 or 404 that comes after the signature was accepted is signed;
 * - where `Wechatpay-Serial` is not sent, the reply is signed as {@link SandboxOptions.platformKeys} says, but the list of certificates
 *   with a certificate, if there are any: by default with the public key, which every client of the sandbox is given, though the real
 *   server would take a certificate; one that names another key, or a certificate that has not started or has expired, is a 400;
 * - in the body, characters of four bytes in UTF-8 and a byte order mark are refused; `Content-Type` is not looked at;
 * - a body of more than 16 MiB is an empty, unsigned 413; JSON of more than 100 levels a 400 `PARAM_ERROR`;
 * - no limit of requests per second is enforced: `sandbox.fail({ fault: "rate-limited" })` makes its reply;
 * - sensitive fields have to satisfy the spec as they are sent, encrypted, and their plain text is not checked; an empty one stays empty;
 *   in a reply they are encrypted, the spec's example too;
 * - certificates are self-signed and in force for five years, the first of them since 30 days ago;
 * - notifications are signed with the key of replies that were not asked for another;
 * - let through are properties and query parameters that the spec does not know, `format`s, headers that the spec describes, nonces
 *   that were used before, and a body where the spec has none in JSON;
 * - an operation without a behaviour of its own answers the spec's example of its good reply, or one made of its properties' examples; a
 *   file's is text and never compressed; where there is none, a 500 says so;
 * - HEAD and OPTIONS are no methods of any operation; a path that cannot be percent-decoded leads nowhere.
 *
 * And of the payroll-card family (微工卡):
 * - what a rule forbids is a signed 400 `INVALID_REQUEST`: a pre-order without authorization, with a number that was used before or as
 *   the 21st of a day, another `employment_type` than at the authorization, a batch number with other parameters; what is not there is a
 *   signed 404 `RESOURCE_NOT_EXISTS`; conditions that the spec has in words only are a 400 `PARAM_ERROR`, `detail_status` beside
 *   `need_query_detail` and days out of reach among them;
 * - a day is one of Beijing's; pre-orders and failed checks count by openid, whatever their kind and sub-merchant; a number is used up
 *   once accepted;
 * - a token of `createToken` lives 1800 s and may be used again; AppIDs, names and identity numbers are not compared with anything, and
 *   every openid is a user's;
 * - a card is `UNREGISTERED` until its user first authorizes, and `REGISTERED` ever after; who authorizes anew has no `deauthorize_time`;
 * - a pre-order whose token died stays `AUTHENTICATE_PROCESSING`; one failed check ends it; after five in a day the others of the day fail;
 *   only a passed check has a time; after `preOrderAuthenticationWithAuth` the user authorizes even if the check fails; the scene is
 *   `FROM_MINI_APP`, the source the `sub_appid`, or else the `appid`;
 * - records are listed in the order of their checks, and `data` is there even when empty;
 * - a batch is `ACCEPTED` for 10 s and `PROCESSING` until 60 s have passed, then `FINISHED`, with amounts and numbers by outcome; whether a
 *   user can be paid is looked at when the batch comes: who has no card gets `PAY_ROLL_CARD_USER_NOT_OPEN`, who has not authorized
 *   `PAY_ROLL_CARD_UNAUTHORIZED`; details are `PROCESSING` until the batch is finished; no batch waits for a confirmation, is closed or
 *   returned by a bank, and none is found after 30 days; the `appid` of a detail is the one that its batch needed.
 *
 * In process nothing is added to a request: `fetch` itself would send an `Accept` and a `User-Agent` of its own.
 *
 * @throws {TypeError} naming the option that is of the wrong form; if a reference of `openapi` leads nowhere.
 */
export async function createSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  refuseMisspelt(options, ["openapi", "platformKeys", "authorized", "clock", "onRequest"]);
  const { openapi: document = openapi as unknown as OpenApiDocument, authorized = true, onRequest } = options;
  const isDocument = isRecord(document) && isRecord(document.paths);
  requireOption(
    "openapi",
    isDocument,
    "an OpenAPI document in one piece, such as the generated openapi.json",
    document,
  );
  requireOption("authorized", typeof authorized === "boolean", "true or false", authorized);
  let advanced = 0;
  const clock = () => (options.clock ?? Date.now)() + advanced;
  const router = readDocument(document);
  const faults = createFaults(router.operationIds);
  const [merchantKeys, platform] = await Promise.all([generateKeyPair(), createPlatform(options.platformKeys, clock)]);
  const apiV3Key = randomHex(16);
  const merchant = {
    mchid: MCHID,
    serialNo: randomSerial(),
    privateKey: toPem("PRIVATE KEY", await toDer(merchantKeys.privateKey)),
    verifyingKey: merchantKeys.publicKey,
    encryptingKey: await keyOf(await toDer(merchantKeys.publicKey), "encrypt"),
  };
  const { behaviours: ofPayrollCard, ...payrollCard } = createPayrollCard(MCHID, clock, authorized);
  const behaviours = new Map(Object.entries({ ...ofPayrollCard, [LIST_CERTIFICATES]: listCertificates }));
  const requests: ReceivedRequest[] = [];
  const watchers = new Set<(exchange: Exchange) => void>();

  async function handle(arriving: ArrivingRequest): Promise<Outcome> {
    const { method, target, headers } = arriving;
    const found = router.route(method, target.split("?", 1)[0] ?? "");
    const { operationId, name } = typeof found === "string" ? {} : found.operation;
    const befallen = faults.take(operationId);
    if (befallen?.fault === "refused") return "refused";

    const sent = await arriving.readBody();
    const isTooLarge = sent.length > LARGEST_BODY;
    const request = { method, target, headers, body: isTooLarge ? new Uint8Array() : sent };
    const received: ReceivedRequest = {
      operationId,
      method,
      path: target,
      verdict: "fault",
      body: readable(request.body),
      status: 0,
      ...(befallen && { fault: befallen.fault }),
    };
    const instead = befallen && standIn(befallen, target);
    const isAnswered = instead === undefined || befallen?.fault === "system-error";
    const answered = isAnswered ? await answer(request, isTooLarge ? "too-large" : found, received) : undefined;
    const reply = (instead ?? answered) as SandboxReply;
    received.status = reply.status;
    if (received.verdict === "wrong-signature") received.signature = await checkSignature(request, merchant);
    requests.push(received);
    onRequest?.(received);
    for (const watch of watchers) {
      const expected = isTooLarge ? undefined : expectedMessage(request);
      watch({ request: received, at: clock(), expected, reply });
    }
    const signer = (await signerOf(headers, name)) ?? platform.standard();
    return deliver(reply, signer, timeOf(headers), befallen?.fault, arriving);
  }

  async function answer(request: SandboxRequest, found: Found, received: ReceivedRequest): Promise<SandboxReply> {
    try {
      const reply = await execute(request, found, received);
      received.verdict = "accepted";
      return reply;
    } catch (error) {
      received.verdict = error instanceof Refusal ? error.verdict : "sandbox-error";
      if (error instanceof Refusal) return error.reply;
      return { status: 500, body: { code: "SYSTEM_ERROR", message: `The sandbox failed: ${error}` }, signed: false };
    }
  }

  async function execute(request: SandboxRequest, found: Found, received: ReceivedRequest): Promise<SandboxReply> {
    if (found === "too-large") throw new Refusal(found, { status: 413, signed: false });
    if (found === "unknown-path") throw new Refusal(found, { status: 404, signed: false });
    if (found === "wrong-method") throw new Refusal(found, { status: 405, signed: false });
    const { operation, path } = found;
    await authenticate(request, merchant, timeOf(request.headers));
    const signer = await signerOf(request.headers, operation.name);
    if (signer === undefined) {
      throw new Refusal("unknown-platform-key", {
        status: 400,
        body: { code: "PARAM_ERROR", message: "平台证书序列号Wechatpay-Serial错误" },
        signed: true,
      });
    }
    const input: OperationInput = operation.read(request, path);
    const { sensitive } = operation;
    if (sensitive.request.length > 0) {
      const key = request.headers.get("Wechatpay-Serial") ? signer : undefined;
      input.body = await changeFields(input.body, sensitive.request, (text) => decryptField(text, key));
      received.body = input.body;
    }
    // Where a document of the caller's own describes no body, there is nothing to go by.
    const isDescribed = request.method === "GET" || input.body !== undefined;
    const behaviour = isDescribed ? behaviours.get(operation.name) : undefined;
    const { status, body, type }: Example =
      behaviour === undefined ? operation.example() : { status: 200, body: await behaviour(structuredClone(input)) };
    const encrypted = await changeFields(body, sensitive.response, async (text) =>
      toBase64(await encryptOaep(merchant.encryptingKey, new TextEncoder().encode(text))),
    );
    return { status, body: encrypted, plain: body, ...(type && { type }), signed: !operation.unsigned };
  }

  /** By the clock that the request follows: a client's own does not go forward with the sandbox's. */
  function timeOf(headers: Headers): number {
    const { timestamp } = parseAuthorization(headers.get("Authorization") ?? "") ?? {};
    const [now, unmoved, stamped] = [clock(), clock() - advanced, Number(timestamp) * 1000];
    return Math.abs(stamped - unmoved) < Math.abs(stamped - now) ? unmoved : now;
  }

  /** The key that a request wants its reply signed with; some SDKs send the header empty. */
  async function signerOf(headers: Headers, name: string | undefined): Promise<PlatformKey | undefined> {
    const asked = headers.get("Wechatpay-Serial");
    if (asked) return platform.find(asked);
    return (name === LIST_CERTIFICATES && (await platform.certificate())) || platform.standard();
  }

  async function listCertificates(): Promise<object> {
    const listed = await platform.listed();
    if (listed.length > 0) return certificateList(listed, apiV3Key);
    const message =
      "无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥。可查看指引https://pay.weixin.qq.com/docs/merchant/products/platform-certificate/wxp-pub-key-guide.html";
    throw notFound(message);
  }

  async function deliver(
    { status, body, type, headers, signed }: SandboxReply,
    signer: PlatformKey,
    now: number,
    fault: Fault | undefined,
    arriving: ArrivingRequest,
  ): Promise<Outcome> {
    const text = type === undefined ? (JSON.stringify(body) ?? "") : String(body);
    const bytes: Bytes = new TextEncoder().encode(text);
    const signature = signed && fault !== "unsigned" ? await signBody(bytes, signer, now, fault) : undefined;
    const sent = signature?.body ?? bytes;
    const init = {
      status,
      headers: {
        Date: new Date(now).toUTCString(),
        "Content-Length": String(sent.length),
        ...(sent.length > 0 && { "Content-Type": type ?? "application/json; charset=utf-8" }),
        // The number at the end is the real server's own: 0 where all is well.
        "Request-ID": `08${randomHex(12)}-${status < 300 ? 0 : (ERROR_NUMBERS[status] ?? 268435461)}`,
        ...headers,
        ...signature?.headers,
      },
    };
    if (fault === "hang" || fault === "reset") return fault;
    if (fault === "truncated-body") return sent.length > 0 ? new Response(truncated(sent), init) : "reset";
    if (fault === "slow-body") return sent.length > 0 ? new Response(dripping(sent, arriving), init) : "hang";
    return new Response(sent.length > 0 ? sent : null, init);
  }

  const sandbox: Sandbox = {
    ...payrollCard,
    get credentials() {
      const { mchid, serialNo, privateKey } = merchant;
      return { mchid, serialNo, privateKey, platformKeys: platform.credentials(), apiV3Key };
    },
    requests,
    clock,
    advance(ms) {
      const wanted = "a number of milliseconds, 0 or more, that ends before the year 9999";
      requireOption("ms", ms >= 0 && clock() + ms < END_OF_TIME, wanted, ms);
      advanced += ms;
    },
    rotate: platform.rotate,
    fail: faults.add,
    async fetch(input, init) {
      const held = { input, request: new Request(input, init) };
      const { method, url, headers, signal, redirect } = held.request;
      signal.throwIfAborted();
      const { pathname, search } = new URL(url);
      const readBody = async () => new Uint8Array(await held.request.arrayBuffer());
      const arriving = { method, target: pathname + search, headers, readBody, signal };
      const outcome = await handle(arriving);
      signal.throwIfAborted();
      if (outcome === "refused") throw networkError("connect ECONNREFUSED", "ECONNREFUSED");
      if (outcome === "reset") throw networkError("read ECONNRESET", "ECONNRESET");
      if (outcome === "hang") return untilAborted(arriving);
      if (outcome.status === 302 && redirect === "error") throw networkError("unexpected redirect");
      if (outcome.status === 302 && redirect === "follow") throw networkError("getaddrinfo ENOTFOUND", "ENOTFOUND");
      return outcome;
    },
    async listen({ console = false, ...where } = {}) {
      if (!console) return listen(handle, where);
      const { createConsole } = await import("./console/index.js");
      return listen(
        handle,
        where,
        createConsole(sandbox, watchers, { host: where.host, operations: router.operationIds }),
      );
    },
    async notify(url, event, { fetch = globalThis.fetch, fault } = {}) {
      if (fault !== undefined) requireOneOf("fault", fault, SIGNATURE_FAULTS);
      const text = JSON.stringify(await notificationBody(event, apiV3Key, clock()));
      const { body, headers } = await signBody(new TextEncoder().encode(text), platform.standard(), clock(), fault);
      const fixed = { "Content-Type": "application/json", "User-Agent": "Mozilla/4.0" };
      return fetch(new Request(url, { method: "POST", headers: { ...fixed, ...headers }, body, redirect: "manual" }));
    },
  };
  return sandbox;
}

type Found = Route | "too-large";

/** The internal number at the end of `Request-ID`, by status: of a wrong signature, and of too many requests. */
const ERROR_NUMBERS: Record<number, number> = { 401: 268443699, 429: 268447840 };
const MCHID = "1900000109";
/** Later years have five digits, and no place in RFC 3339. */
const END_OF_TIME = Date.UTC(9999);
const LIST_CERTIFICATES = "GET /v3/certificates";

async function decryptField(text: string, key: PlatformKey | undefined): Promise<string> {
  const ciphertext = fromBase64(text);
  const plaintext = ciphertext && (await key?.decrypt(ciphertext));
  if (plaintext !== undefined) return new TextDecoder().decode(plaintext);
  throw new Refusal("invalid-ciphertext", {
    status: 400,
    body: { code: "PARAM_ERROR", message: "请确认待处理的消息是否为加密后的密文" },
    signed: true,
  });
}

function readable(body: Bytes): unknown {
  if (body.length === 0) return undefined;
  const text = new TextDecoder().decode(body);
  try {
    const json: unknown = JSON.parse(text);
    return isNestedTooDeeply(json) ? text : json;
  } catch {
    return text;
  }
}
