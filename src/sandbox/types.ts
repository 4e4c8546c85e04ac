import type { ErrorBody } from "../errors.js";
import type { OpenApiDocument } from "./api/document.js";
import type { Behaviours, SandboxPaths } from "./behaviours.js";
import type { PayActions } from "./family/pay/index.js";
import type { PayrollCardActions } from "./family/payroll-card.js";
import type { NotificationMode, SentNotification } from "./server/deliveries.js";
import type { FaultOptions } from "./server/faults.js";
import type { SandboxKeys } from "./server/key-set.js";
import type { NotificationEvent, NotifyOptions } from "./server/notifications.js";
import type { PlatformKeyMode } from "./server/platform.js";
import type { ReceivedRequest, UnconnectedRequest } from "./server/received-request.js";
import type { RequestLogOptions } from "./server/request-log.js";

/**
 * Options of {@link createSandbox}.
 *
 * @typeParam Paths the `paths` that openapi-typescript made of a document of your own.
 */
export interface SandboxOptions<Paths = SandboxPaths> {
  /**
   * The API to serve, in one document or several; default this package's own, `wechatpay-openapi-fetch/openapi.json` and
   * `wechatpay-openapi-fetch/pay/openapi.json`.
   */
  openapi?: OpenApiDocument | readonly OpenApiDocument[];
  /**
   * What its operations do, by method and path. Without one, an operation of this package's own does what its family does, and every other
   * one answers the spec's example; with `undefined`, those of our own do that too.
   */
  behaviours?: Behaviours<Paths>;
  /**
   * Which keys WeChat Pay has for the merchant: its public key alone (`GET /v3/certificates` is a 404), platform certificates alone, or
   * `gray`: both, with a certificate where the request names none. Default both, with the public key where the request names none and no
   * certificate among the credentials.
   */
  platformKeys?: PlatformKeyMode;
  /** Keys that were made before, by {@link createSandboxKeys}: the credentials are the same at each start. Default fresh ones. */
  keys?: SandboxKeys;
  /** Whether every user has authorized every sub-merchant from the start. Default true; with false, as real users start. */
  authorized?: boolean;
  /**
   * Whether a `notify_url` is told what happens, such as a payment: on this machine alone (`loopback`), `anywhere`, or by a function in this
   * process, which answers whatever the address. Default none is.
   */
  notifications?: NotificationMode;
  /** Now, in ms since the epoch. For tests. */
  clock?: () => number;
  /** Called with every request, when it has been answered, and with the body of the reply where that is an error. */
  onRequest?: (request: ReceivedRequest, error: ErrorBody | undefined) => void;
  /**
   * Called with every request that meets the fault `refused`. There is no connection, so it is none of `requests`, and `onRequest` is not
   * called.
   */
  onUnconnected?: (request: UnconnectedRequest) => void;
  /** How many requests `requests` keeps, and of which size: by default the last 1000, with bodies of 64 MiB together. */
  requestLog?: RequestLogOptions;
}

/** What a client needs to talk to the sandbox; keys and certificates are PEM. Made to be spread into `createWeChatPayClient`. */
export interface SandboxCredentials {
  mchid: string;
  serialNo: string;
  privateKey: string;
  platformKeys: Record<string, string>;
  apiV3Key: string;
}

/** Where the sandbox listens. */
export interface ListenOptions {
  /** Default 0: one that is free. */
  port?: number;
  /** An IP address or a host name. Default `127.0.0.1`: no other machine reaches the sandbox. */
  host?: string;
  /**
   * Whether the sandbox's console is served at `/`. Default false: as with the real server, nothing is there. With it, {@link Sandbox.advance}
   * leaves the timestamps of notifications alone: programs beside a console go by their own clock.
   */
  console?: boolean;
}

/** A sandbox on the network. */
export interface Listening {
  /** Origin, for `baseUrl`. */
  url: string;
  /** Ends every connection, that of a request which hangs as well. */
  close(): Promise<void>;
}

/** A WeChat Pay of your own: it checks what the real server checks, in the same order, and answers as it does. */
export interface Sandbox extends PayrollCardActions, PayActions {
  /** As they are now: with `certificate` and `gray`, the certificates in force are among them. */
  readonly credentials: SandboxCredentials;
  /**
   * The last requests that arrived, in the order of the answers: always the same array. When it is full
   * ({@link SandboxOptions.requestLog}), the oldest leave it at its start. So the requests since
   * `const before = sandbox.droppedRequests + sandbox.requests.length` are `sandbox.requests.slice(before - sandbox.droppedRequests)`.
   */
  readonly requests: readonly ReceivedRequest[];
  /** How many requests left `requests`, since it was cleared. */
  readonly droppedRequests: number;
  /** Empties `requests` and the console, and counts from 0 again. What the requests have done stays done. */
  clearRequests(): void;
  /** What was sent to a `notify_url`, or could not be, the last 1000, in the order of their sending: always the same array. */
  readonly notifications: readonly SentNotification[];
  /** Resolves when every notification that is due by now is answered, such as that of a refund after {@link advance}. */
  notified(): Promise<void>;
  /** The sandbox as a transport, whatever the URL's host: `createWeChatPayClient({ ...sandbox.credentials, fetch: sandbox.fetch })`. */
  fetch(input: Request | URL | string, init?: RequestInit): Promise<Response>;
  /** The sandbox over HTTP, for any language's SDK. */
  listen(options?: ListenOptions): Promise<Listening>;
  /** The sandbox's time in ms since the epoch, made to be a client's `clock` as well. */
  clock(): number;
  /**
   * Sets the sandbox's time forward by this many ms: tokens expire, batches finish, daily limits reset, certificates change. Whoever still signs
   * with the time from before is answered with it; to follow certificates and notifications, give a client `clock: sandbox.clock`.
   * @throws {TypeError} if it is not a number, is below 0, or leads beyond the year 9999.
   */
  advance(ms: number): void;
  /**
   * Issues another platform certificate and returns its serial. It is listed at once and signs from 24 h later; another 24 h later the
   * one before it expires and is listed no more. In between both are in force, by the sandbox's time.
   * @throws {TypeError} if the sandbox has a public key only.
   */
  rotate(): Promise<string>;
  /**
   * Makes the next requests fail; faults that are added meanwhile wait for their turn. The function that it returns takes the fault away.
   *
   * Answered before any check:
   * - `rate-limited`: 429 `FREQUENCY_LIMITED` with `Retry-After`
   * - `bad-gateway`: 502 with nginx's HTML
   * - `redirect`: 302 to another host
   * - `refused`: no connection is made, and nothing arrives; over HTTP the nearest thing, a connection that ends unanswered
   *
   * The operation is processed, and then:
   * - `system-error`: unsigned 500 `SYSTEM_ERROR`
   * - `unsigned`: no `Wechatpay-` header
   * - `bad-signature`: the signature of something else
   * - `signature-probe`: a signature that is not base64, as WeChat Pay sends at times to see whether it is verified
   * - `unknown-serial`: signed correctly, but in the name of a certificate that does not exist
   * - `clock-skew`: signed correctly, 600 s ago
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
   * Where the document describes the event type in its `webhooks`, `{ event_type }` alone sends the example, and what is not as described is
   * refused; without the option `openapi`, a `resource` that is given as a whole is not checked, since other products have others under the
   * same event types. Any other event type needs its `resource`.
   * @returns what the handler answered
   * @throws {TypeError} naming what is missing or wrong, such as `/resource/amount/total must be integer`.
   */
  notify(url: URL | string, event: NotificationEvent, options?: NotifyOptions): Promise<Response>;
}
