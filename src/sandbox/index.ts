import openapi from "../../generated/openapi.json" with { type: "json" };
import { canonical } from "../platform-keys.js";
import { SCHEME } from "../protocol/authorization.js";
import { type Bytes, responseMessage } from "../protocol/message.js";
import { sign, toBase64 } from "../protocol/rsa.js";
import { authenticate } from "./authentication.js";
import { type OpenApiDocument, type OperationInput, readDocument } from "./document.js";
import { Refusal, type SandboxReply, type SandboxRequest, type Verdict } from "./http.js";
import { generateKeyPair, randomHex, toPem } from "./keys.js";
import { type Listening, type ListenOptions, listen } from "./listen.js";
import { payrollCard } from "./payroll-card.js";

export type { Listening, ListenOptions, OpenApiDocument, Verdict };

/** Options of {@link createSandbox}. */
export interface SandboxOptions {
  /** The API to serve; default this package's own, `wechatpay-openapi-fetch/openapi.json`. */
  openapi?: OpenApiDocument;
  /** Now, in ms since the epoch. For tests. */
  clock?: () => number;
  /** Told of every request, when it has been answered. */
  onRequest?: (request: ReceivedRequest) => void;
}

/** What a client needs to talk to the sandbox; keys are PEM. Made to be spread into `createWeChatPayClient`. */
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
  /** The body as JSON; as text where it is none; absent where it is empty. */
  body: unknown;
  /** HTTP status of the reply. */
  status: number;
}

/** A WeChat Pay of one's own: it checks what the real server checks, in its order, and answers as it does. */
export interface Sandbox {
  readonly credentials: SandboxCredentials;
  /** Everything that arrived, in the order of the answers. */
  readonly requests: readonly ReceivedRequest[];
  /** The sandbox as a transport, whatever the URL's host: `createWeChatPayClient({ ...sandbox.credentials, fetch: sandbox.fetch })`. */
  fetch(input: Request | URL | string, init?: RequestInit): Promise<Response>;
  /** The sandbox over HTTP, for any language's SDK. */
  listen(options?: ListenOptions): Promise<Listening>;
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
 * - a 400 that comes after the signature was accepted is signed;
 * - replies are signed with the public key even if `Wechatpay-Serial` is not sent; one that names another key is a 400;
 * - in the body, characters of four bytes in UTF-8 and a byte order mark are refused; `Content-Type` is not looked at;
 * - let through are properties and query parameters that the spec does not know, `format`s, headers that the spec describes, nonces
 *   that were used before, and a body where the spec has none in JSON;
 * - HEAD and OPTIONS are no methods of any operation; a path that cannot be percent-decoded leads nowhere.
 *
 * In process nothing is added to a request: `fetch` itself would send an `Accept` and a `User-Agent` of its own.
 *
 * @throws {TypeError} if a reference of `openapi` leads nowhere.
 */
export async function createSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { clock = Date.now, onRequest } = options;
  const route = readDocument(options.openapi ?? (openapi as unknown as OpenApiDocument));
  const [merchantKeys, platformKeys] = await Promise.all([generateKeyPair(), generateKeyPair()]);
  const platformKeyId = `PUB_KEY_ID_0114${String(crypto.getRandomValues(new Uint32Array(1))[0]).padStart(24, "0")}`;
  const credentials: SandboxCredentials = {
    mchid: "1900000109",
    serialNo: randomHex(20),
    privateKey: await toPem(merchantKeys.privateKey),
    platformKeys: { [platformKeyId]: await toPem(platformKeys.publicKey) },
    apiV3Key: randomHex(16),
  };
  const merchant = { ...credentials, verifyingKey: merchantKeys.publicKey };
  const requests: ReceivedRequest[] = [];

  async function handle(request: SandboxRequest): Promise<Response> {
    const { method, target } = request;
    const received: ReceivedRequest = {
      operationId: undefined,
      method,
      path: target,
      verdict: "accepted",
      body: readable(request.body),
      status: 0,
    };
    const reply = await answer(request, received).catch((error: unknown): SandboxReply => {
      received.verdict = error instanceof Refusal ? error.verdict : "sandbox-error";
      if (error instanceof Refusal) return error.reply;
      return { status: 500, body: { code: "SYSTEM_ERROR", message: `The sandbox failed: ${error}` }, signed: false };
    });
    received.status = reply.status;
    requests.push(received);
    onRequest?.(received);
    return toResponse(reply);
  }

  async function answer(request: SandboxRequest, received: ReceivedRequest): Promise<SandboxReply> {
    const found = route(request.method, request.target.split("?", 1)[0] ?? "");
    if (found === "unknown-path") throw new Refusal(found, { status: 404, signed: false });
    if (found === "wrong-method") throw new Refusal(found, { status: 405, signed: false });
    const { operation, path } = found;
    received.operationId = operation.operationId;
    await authenticate(request, merchant, clock());
    const asked = request.headers.get("Wechatpay-Serial");
    // Some SDKs send it empty.
    if (asked && canonical(asked) !== canonical(platformKeyId)) {
      throw new Refusal("unknown-platform-key", {
        status: 400,
        body: { code: "PARAM_ERROR", message: "平台证书序列号Wechatpay-Serial错误" },
        signed: true,
      });
    }
    const input: OperationInput = operation.read(request, path);
    const behaviour = payrollCard.get(operation.operationId);
    if (behaviour === undefined) return { ...operation.example, signed: !operation.unsigned };
    return { status: 200, body: behaviour(input, { mchid: merchant.mchid, token: () => randomHex(32) }), signed: true };
  }

  async function toResponse({ status, body, signed }: SandboxReply): Promise<Response> {
    const bytes: Bytes = body === undefined ? new Uint8Array() : new TextEncoder().encode(JSON.stringify(body));
    const headers = new Headers({
      Date: new Date(clock()).toUTCString(),
      // The number at the end is the real server's own: 0 where all is well.
      "Request-ID": `08${randomHex(12)}-${status < 300 ? 0 : status === 401 ? 268443699 : 268435461}`,
    });
    if (body !== undefined) headers.set("Content-Type", "application/json; charset=utf-8");
    if (signed) {
      const [timestamp, nonce] = [String(Math.floor(clock() / 1000)), randomHex(16)];
      const signature = toBase64(
        await sign(platformKeys.privateKey, responseMessage({ timestamp, nonce, body: bytes })),
      );
      headers.set("Wechatpay-Timestamp", timestamp);
      headers.set("Wechatpay-Nonce", nonce);
      headers.set("Wechatpay-Signature", signature);
      headers.set("Wechatpay-Serial", platformKeyId);
      headers.set("Wechatpay-Signature-Type", SCHEME);
    }
    return new Response(bytes.length > 0 ? bytes : null, { status, headers });
  }

  return {
    credentials,
    requests,
    async fetch(input, init) {
      const request = new Request(input, init);
      request.signal.throwIfAborted();
      const { pathname, search } = new URL(request.url);
      const body = new Uint8Array(await request.arrayBuffer());
      return handle({ method: request.method, target: pathname + search, headers: request.headers, body });
    },
    listen: (listenOptions) => listen(handle, listenOptions),
  };
}

function readable(body: Bytes): unknown {
  if (body.length === 0) return undefined;
  const text = new TextDecoder().decode(body);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
