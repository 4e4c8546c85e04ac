import createClient, { type HeadersOptions, type ParseAs } from "openapi-fetch";
import type { Chain } from "../generated/chain.js";
import { operations as specOperations } from "../generated/operations.js";
import type { paths as specPaths } from "../generated/schema.js";
import type { Bytes } from "./bytes.js";
import { createChain } from "./chain.js";
import { ApiError, type ErrorBody, errorBodyOf } from "./errors.js";
import type { Trace } from "./middleware/call.js";
import { METHODS, type Operation, type Operations, readOperations, refuseNearMiss } from "./operations.js";
import { isRecord, refuseMisspelt, refuseUnknown, requireOption } from "./options.js";
import { expandPath, serializeQuery } from "./path.js";
import { explainSignError } from "./sign-error.js";
import { createTransport, TRANSPORT_OPTIONS, type TransportOptions } from "./transport.js";

/** Options of {@link createWeChatPayClient}. */
export interface WeChatPayClientOptions extends TransportOptions {
  /**
   * What the client must know of a spec of your own: its operations table. A list of single operations of that table keeps the others
   * out of a bundle, and the client refuses them.
   */
  operations?: Operations | readonly Operations[] | undefined;
}

/** What a call takes beside `params` and `body`. */
export interface CallOptions<As extends ParseAs = ParseAs> {
  /** More request headers. `Authorization` is refused; `User-Agent` and `Wechatpay-Serial` are written by the client. */
  headers?: HeadersOptions | undefined;
  /** Aborts the call, which then rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** How a good reply's body is read; default `json`, and to be said where the spec has it in no JSON. */
  parseAs?: As | undefined;
}

/** Headers that the client writes are no parameters of a call. */
type CallersHeaders<H> = H extends object
  ? { [Name in keyof H as Name extends `Wechatpay-${string}` ? never : Name]: H[Name] } extends infer Rest
    ? keyof Rest extends never
      ? never
      : Rest
    : never
  : H;
type Parameters<P> = {
  [K in keyof P as K extends "header" ? ([CallersHeaders<P[K]>] extends [never] ? never : K) : K]: K extends "header"
    ? CallersHeaders<P[K]>
    : P[K];
};

type ParamsOf<Op> = Op extends { parameters: infer P }
  ? {} extends Parameters<P>
    ? { params?: Parameters<P> }
    : { params: Parameters<P> }
  : { params?: never };

type BodyOf<Op> = Op extends { requestBody: { content: infer Content } }
  ? { body: Content[keyof Content] }
  : Op extends { requestBody?: { content: infer Content } }
    ? { body?: Content[keyof Content] }
    : { body?: never };

/** An init before anyone has checked it. */
interface Init {
  params?: { path?: unknown; query?: unknown; header?: unknown };
  body?: unknown;
  headers?: unknown;
  signal?: AbortSignal | undefined;
  parseAs?: unknown;
}

/** The media types of good replies. */
type TypesOf<Op> = Op extends { responses: infer Replies }
  ? {
      [Status in keyof Replies & GoodStatus]: Replies[Status] extends { content: infer Content }
        ? keyof Content
        : never;
    }[keyof Replies & GoodStatus]
  : never;

/** Where no good reply is JSON, as a file's download, the call has to say how it is read. */
type ReadAs<Op, As> = [TypesOf<Op>] extends [never]
  ? unknown
  : [Extract<TypesOf<Op>, `${string}json${string}`>] extends [never]
    ? { parseAs: Exclude<As, "json"> }
    : unknown;

/** What a call of an operation takes. No type parameter is inferred from it, so that an unknown key is an error and a known one shows its docs. */
export type CallInit<Op, As extends ParseAs = ParseAs> = ParamsOf<Op> & BodyOf<Op> & CallOptions<As> & ReadAs<Op, As>;

/** One operation at a time: until the path is known it is any of them, and all combinations of their parts are too many for the compiler. */
type InitArguments<Op, As extends ParseAs> = Op extends unknown
  ? {} extends CallInit<Op, As>
    ? [init?: CallInit<Op, As>]
    : [init: CallInit<Op, As>]
  : never;

/** A good reply's body. openapi-fetch's own type takes an open enum apart, key by key. */
type ContentOf<Reply> = Reply extends { content: infer Content extends object } ? Content[keyof Content] : undefined;
type GoodStatus = 200 | 201 | 202 | 203 | 204 | 206 | "2XX";

type DataOf<Op, As extends ParseAs> = As extends "json"
  ? Op extends { responses: infer Replies }
    ? { [Status in keyof Replies & GoodStatus]: ContentOf<Replies[Status]> }[keyof Replies & GoodStatus]
    : unknown
  : { text: string; blob: Blob; arrayBuffer: ArrayBuffer; stream: ReadableStream<Uint8Array> | null }[Exclude<
      As,
      "json"
    >];

/** What a call resolves to, in openapi-fetch's shape. */
export type CallResult<Data> =
  | { data: Data; error?: never; response: Response }
  | { data?: never; error: ErrorBody; response: Response };

/** Calls one operation. */
export type Call<Op> = <As extends ParseAs = "json">(
  ...init: InitArguments<Op, As>
) => Promise<CallResult<DataOf<Op, As>>>;

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

type IsSame<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** What the client must know of a spec of one's own: without its table, sensitive fields would go out as plain text. */
type OwnOperations<Paths> =
  IsSame<Paths, specPaths> extends true ? unknown : { operations: Operations | readonly Operations[] };

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
 * @typeParam Paths the `paths` that openapi-typescript made of a spec of your own; `operations` then has to be given as well.
 * @typeParam ChainOf the `Chain` that was generated beside it.
 * @throws {TypeError} naming the option that is missing or of the wrong form.
 * @throws {KeyError} naming the option whose key cannot be used, and why.
 */
export function createWeChatPayClient<Paths = specPaths, ChainOf = Paths extends specPaths ? Chain : {}>(
  options: WeChatPayClientOptions & OwnOperations<Paths>,
): WeChatPayClient<Paths, ChainOf> {
  requireOption("options", isRecord(options), "an object: { mchid, serialNo, privateKey, platformKeys }", options);
  refuseMisspelt(options, [...TRANSPORT_OPTIONS, "operations"]);
  const { clock = Date.now, operations = specOperations } = options;
  const table = readOperations(operations);
  const { origin, send } = createTransport(options);
  const openapi = createClient<Record<string, Record<never, never>>>({
    baseUrl: origin,
    querySerializer: serializeQuery,
    // Whatever Content-Type the caller writes: what is no JSON is no body of APIv3.
    bodySerializer: (body) => JSON.stringify(body),
  });

  async function call(method: string, path: string, init: Init = {}): Promise<unknown> {
    requireOption("init", isRecord(init), `an object: { ${CALL_OPTIONS.join(", ")} }`, init);
    // The signal stays with us: a Request follows its signal weakly, and gives up when it is collected.
    const {
      params: { path: values, query, header } = {},
      body,
      headers,
      parseAs,
      signal = new AbortController().signal,
      ...unknown
    } = init;
    refuseUnknown("a call", unknown, CALL_OPTIONS);
    requireOption("parseAs", PARSE_AS.includes(parseAs), PARSE_AS.slice(0, -1).join(", "), parseAs);
    requireOption(
      "body",
      !UNFIT.some((type) => body instanceof type) && typeof body !== "string",
      "an object, which is sent as JSON",
      body,
    );
    const name = `${method} ${path.split("?", 1)[0]}`;
    const operation = table.get(name);
    if (operation === undefined && Array.isArray(operations)) {
      throw new TypeError(`${name} is not in the list of operations, so what is sensitive in it is not known: add it.`);
    }
    if (operation === undefined) refuseNearMiss(method, path, table);
    const trace: Trace = { attempts: 0 };
    const result = await openapi
      .request(
        method.toLowerCase() as never,
        expandPath(path, values) as never,
        {
          params: { query, header },
          body,
          headers: Array.isArray(headers) ? new Headers(headers) : headers,
          parseAs,
          // Per call, for the operation is known here only.
          fetch: async (request: Request) => {
            const sent = new Headers(request.headers);
            // Which key verifies and encrypts is not the caller's to say.
            sent.delete("Wechatpay-Serial");
            const bytes = new Uint8Array(await request.arrayBuffer());
            const url = new URL(request.url);
            const response = await send({ operation, method, path, url, headers: sent, body: bytes, signal, trace });
            origins.set(response, { operation, signed: trace.signed, now: clock() });
            return response;
          },
        } as never,
      )
      .catch((cause: unknown) => {
        if (!(cause instanceof SyntaxError)) throw cause;
        // Without the cause, which quotes the reply.
        throw new TypeError(
          `${method} ${path} was answered with a body that is no JSON: read it with parseAs: "text" or "stream".`,
        );
      });
    const { error, response } = result as { error?: unknown; response: Response };
    return response.ok ? result : { error: errorBodyOf(error, response), response };
  }

  const byMethod = (...path: string[]) =>
    Object.fromEntries(
      METHODS.map((method) => [
        method,
        (...args: unknown[]) => call(method, ...([...path, ...args] as [string, Init])),
      ]),
    );
  let chain: Record<string, unknown> | undefined;
  const byName = new Proxy(
    {},
    {
      get(target, name) {
        if (typeof name !== "string") return Reflect.get(target, name);
        if (name.startsWith("/")) return byMethod(name);
        chain ??= createChain(table.keys(), call as never);
        return chain[name] ?? Reflect.get(target, name);
      },
    },
  );
  return Object.assign(Object.create(byName), byMethod());
}

/** Where a reply came from: `unwrap` is given the reply alone. */
const origins = new WeakMap<Response, { operation: Operation | undefined; signed: Bytes | undefined; now: number }>();

// The types refuse others as well; in JavaScript, openapi-fetch would let a `fetch`, `baseUrl` or `middleware` go round the signature.
const CALL_OPTIONS = ["params", "body", "headers", "signal", "parseAs"];
const PARSE_AS: unknown[] = ["json", "text", "blob", "arrayBuffer", "stream", undefined];

/** What JSON would make an empty object of; an upload is signed otherwise. */
const UNFIT = [Blob, FormData, URLSearchParams, ReadableStream, ArrayBuffer, Map, Set];

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
  requireOption("result", typeof response?.ok === "boolean", "what a call resolved to: unwrap(await …)", result);
  if (response.ok) return data as Data;
  const body = errorBodyOf(error, response);
  const { operation, signed, now = Date.now() } = origins.get(response) ?? {};
  const date = response.headers.get("Date");
  throw new ApiError({
    status: response.status,
    body,
    requestId: response.headers.get("Request-ID") ?? undefined,
    operationId: operation?.operationId,
    explanation: body.code === "SIGN_ERROR" ? explainSignError(body, { signed, date, now }) : undefined,
  });
}
