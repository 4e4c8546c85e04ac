/** What the client must know of an operation and only the spec can say: its `x-wechatpay-` keys. */
export interface Operation {
  /** The spec's operationId; errors name it. */
  readonly operationId: string;
  /** `unsigned` where a good reply carries no signature, as a file's download (`x-wechatpay-response`). */
  readonly response?: "unsigned";
}

/** The operations of a spec by method and path, e.g. `"POST /v3/payroll-card/authentications/pre-order"`. */
export type Operations = Readonly<Record<string, Operation>>;
