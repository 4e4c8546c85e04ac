/** What the client must know of an operation and only the spec can say: its `x-wechatpay-` keys. */
export interface Operation {
  /** The spec's operationId; errors name it. */
  readonly operationId: string;
  /** `unsigned` where a good reply carries no signature, as a file's download (`x-wechatpay-response`). */
  readonly response?: "unsigned";
  /**
   * JSON pointer of the merchant's own number in the body, such as `/out_batch_no`. The same request may be sent again under the same
   * number, so a call that failed is repeated; without it, a write never is (`x-wechatpay-idempotent`).
   */
  readonly idempotent?: string;
  /**
   * Fields that are encrypted on the wire, and plain text for the caller (`x-wechatpay-sensitive`): JSON pointers into the JSON bodies
   * of the request and of good replies. A `*` in a pointer is every item of a list and every property of a map, such as `/names/*`.
   */
  readonly sensitive?: { readonly request?: readonly string[]; readonly response?: readonly string[] };
}

/** The operations of a spec by method and path, e.g. `"POST /v3/payroll-card/authentications/pre-order"`. */
export type Operations = Readonly<Record<string, Operation>>;
