import createClient, { type FetchResponse, type HeadersOptions, type ParseAs } from "openapi-fetch";
import type { Chain } from "../generated/chain.js";
import { operations as specOperations } from "../generated/operations.js";
import type { paths as specPaths } from "../generated/schema.js";
import { createChain } from "./chain.js";
import { ApiError, type ErrorBody } from "./errors.js";
import type { Send } from "./middleware/call.js";
import { createAuthorize, type SigningOptions, withSigning } from "./middleware/signing.js";
import { withVerification } from "./middleware/verification.js";
import type { Operation, Operations } from "./operations.js";
import { isRecord, PRODUCTION, readBaseUrl, refuseOrigin, requireFunction, requireOption } from "./options.js";
import { createPlatformKeys } from "./platform-keys.js";

const USER_AGENT = "wechatpay-openapi-fetch/0.1.0";

/** Options of {@link createWeChatPayClient}. */
export interface WeChatPayClientOptions extends SigningOptions {
  /**
   * 微信支付公钥、微信支付平台证书 The keys that verify replies: `Wechatpay-Serial` → PEM, several at once. Each is named by the
   * public key's ID (`PUB_KEY_ID_…`) or by the platform certificate's serial in hex.
   */
  platformKeys: Readonly<Record<string, string>>;
  /** APIv3密钥 The APIv3 key: 32 bytes. */
  apiV3Key?: string;
  /** Origin of the server; default `https://api.mch.weixin.qq.com`. */
  baseUrl?: string;
  /** The transport below signing and verification; default the platform's `fetch`. */
  fetch?: (request: Request) => Promise<Response>;
  /** `User-Agent` of every request; default this package's name and version. */
  userAgent?: string;
  /** What the client must know of a spec of your own: its operations table. */
  operations?: Operations;
}

/** What a call takes beside `params` and `body`. */
export interface CallOptions<As extends ParseAs = ParseAs> {
  /** More request headers. `Authorization` is refused; `User-Agent` and `Wechatpay-Serial` are written by the client. */
  headers?: HeadersOptions;
  /** Aborts the call, which then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** How a good reply's body is read; default `json`. */
  parseAs?: As;
}

/** Headers that the client writes are no parameters of a call. */
type CallersHeaders<H> = H extends object
  ? { [Name in keyof H as Name extends `Wechatpay-${string}` ? never : Name]: H[Name] } extends infer Rest
    ? keyof Rest extends never
      ? never
      : Rest
    : never
  : H;
type Parameters<P> = { [K in keyof P]: K extends "header" ? CallersHeaders<P[K]> : P[K] };

type ParamsOf<Op> = Op extends { parameters: infer P }
  ? {} extends P
    ? { params?: Parameters<P> }
    : { params: Parameters<P> }
  : { params?: never };

type BodyOf<Op> = Op extends { requestBody: { content: infer Content } }
  ? { body: Content[keyof Content] }
  : Op extends { requestBody?: { content: infer Content } }
    ? { body?: Content[keyof Content] }
    : { body?: never };

/** What a call of an operation takes. No type parameter is inferred from it, so that an unknown key is an error and a known one shows its docs. */
export type CallInit<Op, As extends ParseAs = ParseAs> = ParamsOf<Op> & BodyOf<Op> & CallOptions<As>;

type InitArguments<Op, As extends ParseAs> =
  {} extends CallInit<Op, As> ? [init?: CallInit<Op, As>] : [init: CallInit<Op, As>];

type DataOf<Op, As extends ParseAs> =
  FetchResponse<
    Op extends Record<string, unknown> ? Op : never,
    { parseAs: As },
    `${string}/${string}`
  > extends infer Reply
    ? Reply extends { data: infer Data }
      ? Data
      : never
    : never;

/** What a call resolves to, in openapi-fetch's shape. */
export type CallResult<Data> =
  | { data: Data; error?: never; response: Response }
  | { data?: never; error: ErrorBody; response: Response };

/** Calls one operation. */
export type Call<Op> = <As extends ParseAs = "json">(
  ...init: InitArguments<Op, As>
) => Promise<CallResult<DataOf<Op, As>>>;

const METHODS = ["GET", "PUT", "POST", "PATCH", "DELETE"] as const;
type Method = (typeof METHODS)[number];

type OperationOf<Paths, Path extends keyof Paths, M extends Method> = Paths[Path][Lowercase<M> & keyof Paths[Path]];

type PathsWith<Paths, M extends Method> = {
  [Path in keyof Paths]: Paths[Path] extends Record<Lowercase<M>, unknown> ? Path : never;
}[keyof Paths];

/** A client: by method and path, by path, and by chain. */
export type WeChatPayClient<Paths = specPaths, ChainOf = Chain> = {
  [M in Method]: <Path extends PathsWith<Paths, M>, As extends ParseAs = "json">(
    path: Path,
    ...init: InitArguments<OperationOf<Paths, Path, M>, As>
  ) => Promise<CallResult<DataOf<OperationOf<Paths, Path, M>, As>>>;
} & {
  [Path in keyof Paths]: {
    [M in Method as Paths[Path] extends Record<Lowercase<M>, unknown> ? M : never]: Call<OperationOf<Paths, Path, M>>;
  };
} & ChainOf;

/**
 * A client whose every request is signed and whose every reply is verified before it becomes `data`.
 *
 * ```ts
 * const wechatpay = createWeChatPayClient({ mchid, serialNo, privateKey, platformKeys });
 * const preOrder = unwrap(await wechatpay.POST("/v3/payroll-card/authentications/pre-order", { body }));
 * ```
 *
 * A call resolves to openapi-fetch's `{ data, error, response }`: `error` is WeChat Pay's own error reply. Everything that is not the
 * API's answer rejects: {@link VerificationError}, and the platform's `TypeError` and `AbortError`.
 *
 * @typeParam Paths the `paths` that openapi-typescript made of a spec of your own.
 * @typeParam ChainOf the `Chain` that was generated beside it.
 * @throws {TypeError} naming the option that is missing or of the wrong form.
 * @throws {KeyError} naming the option whose key cannot be used, and why.
 */
export function createWeChatPayClient<Paths = specPaths, ChainOf = Paths extends specPaths ? Chain : {}>(
  options: WeChatPayClientOptions,
): WeChatPayClient<Paths, ChainOf> {
  const { baseUrl = PRODUCTION, clock = Date.now, operations = specOperations, userAgent = USER_AGENT } = options;
  const origin = readBaseUrl("baseUrl", baseUrl);
  requireFunction("fetch", options.fetch);
  requireOption(
    "userAgent",
    typeof userAgent === "string" && /^[\x20-\x7e]+$/.test(userAgent),
    "a text of ASCII characters",
    userAgent,
  );
  requireOption("operations", isRecord(operations), "an operations table, by method and path", operations);
  const { apiV3Key } = options;
  const isApiV3Key =
    apiV3Key === undefined || (typeof apiV3Key === "string" && new TextEncoder().encode(apiV3Key).length === 32);
  requireOption("apiV3Key", isApiV3Key, "the APIv3 key, a text of 32 bytes", apiV3Key);
  const authorize = createAuthorize(options);
  const platformKeys = createPlatformKeys(options.platformKeys, options.serialNo);
  const send = withVerification(platformKeys, clock)(withSigning(authorize)(sending(origin, options.fetch)));
  const openapi = createClient<Record<string, Record<never, never>>>({ baseUrl: origin });

  async function call(method: string, path: string, init: Record<string, unknown> = {}): Promise<unknown> {
    refuseUnknownOptions(init);
    refusePath(path, init.params);
    const operation = Object.hasOwn(operations, `${method} ${path}`) ? operations[`${method} ${path}`] : undefined;
    const result = await openapi.request(
      method.toLowerCase() as never,
      path as never,
      {
        ...init,
        // Per call, for the operation is known here only.
        fetch: async (request: Request) => {
          const headers = new Headers(request.headers);
          if (!headers.has("Accept")) headers.set("Accept", "application/json");
          headers.set("User-Agent", userAgent);
          const body = new Uint8Array(await request.arrayBuffer());
          const response = await send({
            operation,
            method,
            url: new URL(request.url),
            headers,
            body,
            signal: request.signal,
          });
          operationsOfReplies.set(response, operation);
          return response;
        },
      } as never,
    );
    const { error, response } = result as { error?: unknown; response: Response };
    return response.ok ? result : { error: toErrorBody(error, response), response };
  }

  const byMethod = (...path: string[]) =>
    Object.fromEntries(
      METHODS.map((method) => [
        method,
        (...args: unknown[]) => call(method, ...([...path, ...args] as [string, Record<string, unknown>])),
      ]),
    );
  let chain: Record<string, unknown> | undefined;
  const byName = new Proxy(
    {},
    {
      get(target, name) {
        if (typeof name !== "string") return Reflect.get(target, name);
        if (name.startsWith("/")) return byMethod(name);
        chain ??= createChain(operations, call as never);
        return chain[name] ?? Reflect.get(target, name);
      },
    },
  );
  return Object.assign(Object.create(byName), byMethod());
}

/** Which operation a reply answers: `unwrap` is given the reply alone. */
const operationsOfReplies = new WeakMap<Response, Operation | undefined>();

/** The innermost hand: one attempt over the network. */
function sending(origin: string, fetch: WeChatPayClientOptions["fetch"]): Send {
  return async ({ method, url, headers, body, signal }) => {
    signal.throwIfAborted();
    refuseOrigin(url, [origin]);
    // "manual" and not "error", which Workers do not know.
    const request = new Request(url, {
      method,
      headers,
      body: body.length > 0 ? body : null,
      signal,
      redirect: "manual",
    });
    // Looked up for each call, so that a test may replace the global one.
    const reply = await (fetch ?? globalThis.fetch)(request);
    if (reply.type === "opaqueredirect" || reply.redirected || (reply.status >= 300 && reply.status < 400)) {
      await reply.body?.cancel();
      throw new TypeError(
        `${method} ${url.pathname} was answered with a redirect (${reply.status}), which WeChat Pay's API never does. It was not followed: a signature is made for one host and path. Check baseUrl and what stands between.`,
      );
    }
    return reply;
  };
}

const CALL_OPTIONS = ["params", "body", "headers", "signal", "parseAs"];

/** The types refuse these as well; in JavaScript, openapi-fetch would let a per-call `fetch`, `baseUrl` or `middleware` go round the signature. */
function refuseUnknownOptions(init: object): void {
  for (const name of Object.keys(init)) {
    if (!CALL_OPTIONS.includes(name)) {
      throw new TypeError(
        `${JSON.stringify(name)} is not an option of a call; it takes ${CALL_OPTIONS.join(", ")}. Transport, server and User-Agent are options of createWeChatPayClient.`,
      );
    }
  }
}

/** A path that climbs reaches another resource than the one that was meant, correctly signed. */
function refusePath(path: string, params: unknown): void {
  const [pathname = ""] = path.split(/[?#]/, 1);
  const climbs = pathname.split("/").some((segment) => /^(\.|%2e){1,2}$/i.test(segment));
  // The URL parser reads "\" as "/" and drops control characters.
  if (!/^\/[^/\\]/.test(pathname) || /[\\\s\p{Cc}]/u.test(path) || climbs) {
    throw new TypeError(
      `${JSON.stringify(path)} is not a path: it starts with one slash, and has no ".", ".." or blank in it.`,
    );
  }
  const values = ((params as { path?: object } | undefined)?.path ?? {}) as Record<string, unknown>;
  for (const [, name = ""] of pathname.matchAll(/\{([^{}]+)\}/g)) {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (!["string", "number", "bigint", "boolean"].includes(typeof value) || /^\.{0,2}$/.test(String(value))) {
      throw new TypeError(
        `params.path.${name} of ${path} must be a text that is not empty, "." or ".."; given: ${typeof value === "string" ? JSON.stringify(value) : typeof value}.`,
      );
    }
  }
}

/** An error reply's body, and where a gateway answered in the API's place, what can be said of it: `{ error }` never hides a failure. */
function toErrorBody(error: unknown, { status, headers }: Response): ErrorBody {
  const { code, message } = (error ?? {}) as Partial<ErrorBody>;
  if (typeof code === "string" && typeof message === "string") return error as ErrorBody;
  const text = typeof error === "string" ? error : (JSON.stringify(error) ?? "");
  const found =
    text === ""
      ? "an empty body"
      : `${headers.get("Content-Type") ?? "no Content-Type"}: ${text.replace(/\s+/g, " ").slice(0, 200)}`;
  return {
    code: typeof code === "string" ? code : `HTTP_${status}`,
    message: `HTTP ${status} with ${found}, and no error body of the API.`,
  };
}

/**
 * The data of a call, or an exception.
 *
 * ```ts
 * const { token } = unwrap(await wechatpay.POST("/v3/payroll-card/authentications/pre-order", { body }));
 * ```
 *
 * @throws {ApiError} if WeChat Pay answered with an error, even an empty one.
 */
export function unwrap<Data>(result: CallResult<Data>): Data {
  const { data, error, response } = result;
  if (response.ok) return data as Data;
  throw new ApiError({
    status: response.status,
    body: toErrorBody(error, response),
    requestId: response.headers.get("Request-ID") ?? undefined,
    operationId: operationsOfReplies.get(response)?.operationId,
  });
}
