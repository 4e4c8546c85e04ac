import type { components } from "../../../generated/schema.js";
import { parameterError } from "../server/refusals.js";

/** The rules of a batch that OpenAPI cannot express. */
export function checkBatch(request: components["schemas"]["CreateTransferBatchRequest"]): void {
  const { authorization_type, transfer_detail_list: details, total_amount, total_num } = request;
  const refuse = (field: string, value: unknown, zh: string, issue: string) =>
    parameterError(`/${field}`, value, issue, "body", { zh });
  const appid = authorization_type === "FUND_AUTHORIZATION_TYPE" ? "sp_appid" : "sub_appid";
  if (request[appid] === undefined) {
    throw refuse(appid, undefined, `在 ${authorization_type} 下是必填的`, `is required with ${authorization_type}`);
  }
  if (total_num !== details.length) {
    const { length } = details;
    throw refuse("total_num", total_num, `应为明细的条数 ${length}`, `must be the number of details: ${length}`);
  }
  const amount = sum(details.map(({ transfer_amount }) => transfer_amount));
  if (total_amount !== amount) {
    const words = { zh: "应为各条明细金额之和", en: "must be the sum of the details" };
    throw parameterError("/total_amount", total_amount, `${words.en}: ${amount}`, "body", words);
  }
  const numbers = new Set<string>();
  for (const [i, { out_detail_no }] of details.entries()) {
    const field = `transfer_detail_list/${i}/out_detail_no`;
    if (numbers.has(out_detail_no))
      throw refuse(field, out_detail_no, "在批次内不能重复", "must be unique within the batch");
    numbers.add(out_detail_no);
  }
}

export function sum(numbers: number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
