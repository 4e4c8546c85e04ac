import type { paths as payPaths } from "../../generated/pay/schema.js";
import type { paths as payrollCardPaths } from "../../generated/schema.js";
import { explainUnknown, type METHODS } from "../client/operations.js";
import type { DataOf, MediaTypes } from "../types.js";
import type { UploadedFile } from "./api/multipart.js";
import { FUNCTION, requireFit } from "./checks.js";
import type { NotificationEvent, NotifyOptions } from "./server/notifications.js";

/** The operations that the sandbox serves by itself. */
export type SandboxPaths = payrollCardPaths & payPaths;

type Method = (typeof METHODS)[number];

/** The operations of `Paths`, each by its method and path. */
type NameOf<Paths> = {
  [Path in keyof Paths & string]: {
    [M in Method]: Paths[Path] extends Record<Lowercase<M>, object> ? `${M} ${Path}` : never;
  }[Method];
}[keyof Paths & string];

type OperationOf<Paths, Name> = Name extends `${infer M} ${infer Path extends keyof Paths & string}`
  ? Paths[Path][Lowercase<M> & keyof Paths[Path]]
  : never;

/**
 * What operations of the sandbox do, each by its method and path. An operation without one answers the spec's example.
 *
 * ```ts
 * const orders = new Map<string, components["schemas"]["Transaction"]>();
 * const behaviours: Behaviours<paths> = {
 *   "GET /v3/pay/transactions/out-trade-no/{out_trade_no}": ({ params }) => {
 *     const order = orders.get(params.path.out_trade_no);
 *     if (order === undefined) throw apiError(404, "ORDER_NOT_EXIST", "订单不存在");
 *     return order;
 *   },
 * };
 * ```
 *
 * @typeParam Paths the `paths` that openapi-typescript made of the document, or those of several: `Behaviours<paths & otherPaths>`.
 */
export type Behaviours<Paths = SandboxPaths> = {
  [Name in NameOf<Paths>]?: Behaviour<OperationOf<Paths, Name>> | undefined;
};

/**
 * What an operation does with a request that has passed every check, its signature included.
 *
 * It returns the body of the good response, or a promise of it: what the spec describes, with sensitive fields in plain text; text or
 * bytes for a file; nothing for a 204. What the spec refuses, and whatever it throws but an {@link apiError}, is answered by a 500
 * `SYSTEM_ERROR` that names the operation; `error` in {@link Sandbox.requests} has the stack.
 */
export type Behaviour<Op> = (input: BehaviourInput<Op>) => Answer<Op> | Promise<Answer<Op>>;

/** What a behaviour is told. It is a copy: changes stay in it. */
export interface BehaviourInput<Op = unknown> {
  /** As a caller of the client gives them, each of the type that its schema asks for. */
  params: ParamsOf<Op>;
  /** The JSON body, its sensitive fields in plain text; `undefined` where there is none. Of an upload `meta`, and its `file`. */
  body: BodyOf<Op>;
  /** The body as it was sent, for numbers beyond 2^53; of an upload the text of `meta`. */
  text: string;
  /** The merchant that signed the request. */
  mchid: string;
  /** Where the request was sent to, such as `https://api.mch.weixin.qq.com`: what a `download_url` begins with. */
  origin: string;
  /** The sandbox's time in ms since the epoch, which `inBeijing(now)` writes as WeChat Pay does. */
  now: number;
  /** Sends a notification, as {@link Sandbox.notify}. Await it: then what goes wrong is answered by the 500. */
  notify(url: URL | string, event: NotificationEvent, options?: NotifyOptions): Promise<Response>;
}

/** Distributes over `Op`, as the others do: a behaviour may serve several operations. */
type ParamsOf<Op> = Op extends { parameters: infer Params }
  ? {
      [K in keyof Params & ("path" | "query") as [NonNullable<Params[K]>] extends [never] ? never : K]-?: NonNullable<
        Params[K]
      >;
    }
  : {};

type BodyOf<Op> = Op extends { requestBody: { content: infer Content } }
  ? ContentOf<Content>
  : Op extends { requestBody?: { content: infer Content } }
    ? ContentOf<Content> | undefined
    : undefined;

type ContentOf<Content> = Content extends { "multipart/form-data": { meta: infer Meta } }
  ? { meta: Meta; file: UploadedFile & { bytes: Uint8Array } }
  : Content[keyof Content];

// biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing is meant
type Answer<Op> = [MediaTypes<Op>] extends [never] ? void : JsonAnswer<Op> | FileAnswer<Op>;
type JsonAnswer<Op> =
  Extract<MediaTypes<Op>, `${string}json${string}`> extends never ? never : WithBigInt<DataOf<Op, "json">>;
type FileAnswer<Op> = Exclude<MediaTypes<Op>, `${string}json${string}`> extends never ? never : string | Uint8Array;

/** A BigInt is sent as a number with all its digits. */
type WithBigInt<T> = T extends number ? T | bigint : T extends object ? { [K in keyof T]: WithBigInt<T[K]> } : T;

/** Refuses behaviours of operations that the document does not have: they would never run. */
export function checkBehaviours(behaviours: object, names: readonly string[]): void {
  for (const [name, behaviour] of Object.entries(behaviours)) {
    const [method = "", path = ""] = name.split(/ (.*)/s);
    if (!names.includes(name)) throw new TypeError(`behaviours: ${explainUnknown(names, method, path)}. ${KEY}`);
    if (behaviour !== undefined) requireFit(`behaviours[${JSON.stringify(name)}]`, FUNCTION, behaviour);
  }
}
const KEY = "A key is the method and the path of an operation of the document, such as POST /v3/x/{id}/close.";
