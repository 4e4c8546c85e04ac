import type { Chain } from "../generated/chain.js";
import type { paths as specPaths } from "../generated/schema.js";
import type { DownloadableFile } from "./client/download.js";
import type { EncryptedText } from "./client/encrypt.js";
import type { METHODS, Operations } from "./client/operations.js";
import type { HeadersOptions, ParseAs } from "./client/staircase.js";
import type { ErrorBody } from "./errors.js";
import type { UploadOf } from "./upload.js";

/** What a call takes beside `params` and `body`. */
export interface CallOptions<As extends ParseAs = ParseAs> {
  /**
   * More request headers. `Authorization`, `Host` and what frames a body are refused; `User-Agent` is written by the client, and so is
   * `Wechatpay-Serial` unless it is given: then it names the platform key that fields are encrypted with, by `encrypt` or by the client.
   */
  headers?: HeadersOptions | undefined;
  /** Aborts the call, which then rejects with the signal's reason. `null` is as none. */
  signal?: AbortSignal | null | undefined;
  /** How to read the body of a 2xx response. Default `json`; required where the spec describes other media types only. */
  parseAs?: As | undefined;
}

/** What a call of an operation takes. No type parameter is inferred from it, so that an unknown key is an error and a known one shows its docs. */
export type CallInit<Op, As extends ParseAs = ParseAs> = ParamsInit<Op> &
  RequestBodyInit<Op> &
  CallOptions<As> &
  ParseAsInit<Op, As>;

/** What a call resolves to, in openapi-fetch's shape. */
export type CallResult<Data> =
  | { data: Data; error?: never; response: Response }
  | { data?: never; error: ErrorBody; response: Response };

/** Calls one operation. */
export type Call<Op> = <As extends ParseAs = "json">(
  ...init: InitArguments<Op, As>
) => Promise<CallResult<DataOf<Op, As>>>;

type Method = (typeof METHODS)[number];

/** A client: by method and path, by path, and by chain. */
export type WeChatPayClient<Paths = specPaths, ChainOf = Chain> = {
  [M in keyof Methods]: <Path extends PathsWith<Paths, M>, As extends ParseAs = "json">(
    path: Path,
    ...init: InitArguments<OperationAt<Paths, Path, M>, As>
  ) => Promise<CallResult<DataOf<OperationAt<Paths, Path, M>, As>>>;
} & {
  [Path in keyof Paths]: {
    [M in Method as Paths[Path] extends Record<Lowercase<M>, unknown> ? M : never]: Call<OperationAt<Paths, Path, M>>;
  };
} & ClientFunctions &
  ChainOf;

/** What a client does beside calls. */
export interface ClientFunctions {
  /**
   * Downloads a file (下载账单、下载电子回单) that is described by a response, such as a bill's, and verifies it by its hash as it is read:
   *
   * ```ts
   * const bill = unwrap(await wechatpay.v3.bill.tradebill.get({ params: { query: { bill_date, tar_type: "GZIP" } } }));
   * await writeFile("bill.csv", await wechatpay.download({ ...bill, tar_type: "GZIP" }));
   * ```
   *
   * The stream fetches a piece when it is read and keeps none; read it, or cancel it. What was read is to be used only once the stream has
   * ended: it ends with a {@link VerificationError} (`hash-mismatch`) if the file has another hash, and with the error of a connection that
   * broke, of `timeout` or of `init.signal`. The file counts for `timeout` to its end, so large ones need a client with a longer one. The request
   * is signed and repeated as a query is; the response has no signature.
   *
   * @throws {ApiError} if WeChat Pay answered with an error, such as for a URL that is too old.
   * @throws {TypeError} if the file is of a server that is not the client's, its hash is of another kind, or the network failed.
   */
  download(
    file: DownloadableFile,
    init?: { signal?: AbortSignal | null | undefined },
  ): Promise<ReadableStream<Uint8Array>>;
  /**
   * Encrypts a text for WeChat Pay, for a field or a parameter that the spec does not mark. The call that sends it names the key:
   *
   * ```ts
   * const { ciphertext, serial } = await wechatpay.encrypt("张三");
   * await wechatpay.POST(path, { body: { name: ciphertext }, headers: { "Wechatpay-Serial": serial } });
   * ```
   *
   * An empty text stays empty, as fields do.
   *
   * @throws {EncryptionError} if it has more bytes in UTF-8 than the key takes, 214 for RSA-2048.
   */
  encrypt(text: string): Promise<EncryptedText>;
}

/** What an editor says of a client's methods. */
interface Methods extends Record<Method, unknown> {
  /** Queries: `wechatpay.GET(path, { params })` resolves to `{ data, error, response }`. Repeated by itself where it fails. */
  GET: unknown;
  /** Writes: `wechatpay.POST(path, { body })` resolves to `{ data, error, response }`. Where it rejects, `outcomeOf(error)` tells whether it may be done. */
  POST: unknown;
}

/** What the client must know about a spec of one's own: without its table, sensitive fields would go out as plain text. */
export type OwnOperations<Paths> =
  IsSame<Paths, specPaths> extends true ? unknown : { operations: Operations | readonly Operations[] };

type IsSame<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

type OperationAt<Paths, Path extends keyof Paths, M extends Method> = Paths[Path][Lowercase<M> & keyof Paths[Path]];

type PathsWith<Paths, M extends Method> = {
  [Path in keyof Paths]: Paths[Path] extends Record<Lowercase<M>, unknown> ? Path : never;
}[keyof Paths];

/** Distributes over `Op`: a union of all inits is too large for the compiler. */
type InitArguments<Op, As extends ParseAs> = Op extends unknown
  ? {} extends CallInit<Op, As>
    ? [init?: CallInit<Op, As>]
    : [init: CallInit<Op, As>]
  : never;

type ParamsInit<Op> = Op extends { parameters: infer Params }
  ? {} extends CallerParams<Params>
    ? { params?: CallerParams<Params> }
    : { params: CallerParams<Params> }
  : { params?: never };

/** Parameters without the headers that the client writes. */
type CallerParams<Params> = {
  [K in keyof Params as K extends "header"
    ? [CallerHeaders<Params[K]>] extends [never]
      ? never
      : K
    : K]: K extends "header" ? CallerHeaders<Params[K]> : K extends "query" ? CallerQuery<Params[K]> : Params[K];
};

/** A query may be given as it is written, too. */
type CallerQuery<Q> = [Exclude<Q, undefined>] extends [never] ? Q : Q | URLSearchParams;

type CallerHeaders<H> = H extends object
  ? { [Name in keyof H as Name extends `Wechatpay-${string}` ? never : Name]: H[Name] } extends infer Rest
    ? keyof Rest extends never
      ? never
      : Rest
    : never
  : H;

type RequestBodyInit<Op> = Op extends { requestBody: { content: infer Content } }
  ? { body: BodyOf<Content> }
  : Op extends { requestBody?: { content: infer Content } }
    ? { body?: BodyOf<Content> }
    : { body?: never };

type BodyOf<Content> = Content extends { "multipart/form-data": infer Parts }
  ? UploadOf<Parts>
  : Content[keyof Content];

/** Where no 2xx response is JSON, such as a file's download, the call has to say how it is read. */
type ParseAsInit<Op, As> = [MediaTypes<Op>] extends [never]
  ? unknown
  : [Extract<MediaTypes<Op>, `${string}json${string}`>] extends [never]
    ? { parseAs: Exclude<As, "json"> }
    : unknown;

/** The 2xx responses. */
type Good<Op> = Op extends { responses: infer Responses } ? Responses[keyof Responses & Ok] : never;
type Ok = 200 | 201 | 202 | 203 | 204 | 206 | "2XX";

/** The media types of 2xx responses. */
export type MediaTypes<Op> =
  Good<Op> extends infer Reply ? (Reply extends { content: infer Content } ? keyof Content : never) : never;

export type DataOf<Op, As extends ParseAs> = As extends "json"
  ? Op extends { responses: unknown }
    ? JsonOf<Good<Op>>
    : unknown
  : { text: string; blob: Blob; arrayBuffer: ArrayBuffer; stream: ReadableStream<Uint8Array> | null }[Exclude<
      As,
      "json"
    >];

/** A response's body. openapi-fetch's own type expands open enums key by key. */
type JsonOf<Reply> = Reply extends { content: infer Content extends object } ? Content[keyof Content] : undefined;
