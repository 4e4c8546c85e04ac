import { describeError } from "./api-error.js";
import { requireOption } from "./checks.js";
import { contexts, explaining } from "./client.js";
import { apiErrorOf, errorBodyOf, outcomeOf } from "./errors.js";
import type { CallResult } from "./types.js";

explaining.describe = describeError;

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
  const { data, error, response } = Object(result) as CallResult<Data>;
  requireOption("result", typeof response?.ok === "boolean", "what a call resolved to: unwrap(await …)", result);
  if (response.ok) return data as Data;
  const body = errorBodyOf(error, response);
  const context = contexts.get(response);
  const [message, why] = describeError(body, context);
  throw apiErrorOf({ ...body, message }, response, { ...context, outcome: outcomeOf(body) }, why);
}
