// The entry ./pay: what nearly every merchant calls.
import type { Chain } from "../generated/pay/chain.js";
import { operations } from "../generated/pay/operations.js";
import type { paths } from "../generated/pay/schema.js";
import { clientOf } from "./client.js";
import type { WeChatPayClientOptions } from "./options.js";
import type { WeChatPayClient } from "./types.js";

export type { Chain } from "../generated/pay/chain.js";
export type * from "../generated/pay/schema.js";

/**
 * A client of what nearly every merchant calls: orders, refunds, bills, and transfers that users confirm. It takes the same options as the
 * one of `wechatpay-openapi-fetch`, and is the same but for the operations that it knows.
 *
 * ```ts
 * import { createWeChatPayClient } from "wechatpay-openapi-fetch/pay";
 *
 * const wechatpay = createWeChatPayClient({ mchid, serialNo, privateKey, platformKeys });
 * const { prepay_id } = unwrap(await wechatpay.POST("/v3/pay/transactions/jsapi", { body }));
 * ```
 *
 * @throws {TypeError} naming the option that is missing or of the wrong form.
 * @throws {KeyError} naming the option whose key cannot be used, and why.
 */
export function createWeChatPayClient(options: WeChatPayClientOptions): WeChatPayClient<paths, Chain> {
  return clientOf(options, operations) as WeChatPayClient<paths, Chain>;
}

export {
  /**
   * What a client must know of each of these operations, for one that has the payroll card (微工卡) as well:
   *
   * ```ts
   * import { type Chain, createWeChatPayClient, operations, type paths } from "wechatpay-openapi-fetch";
   * import * as pay from "wechatpay-openapi-fetch/pay";
   *
   * const wechatpay = createWeChatPayClient<paths & pay.paths, Chain & pay.Chain>({ ...credentials, operations: [operations, pay.operations] });
   * ```
   */
  operations,
};
