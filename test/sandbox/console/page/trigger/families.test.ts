import { expect, test } from "vitest";
import { byFamily } from "../../../../../src/sandbox/console/page/trigger/families.js";

const operation = (operationId: string, path: string) => ({
  operationId,
  path,
  method: "GET",
  summary: { zh: "", en: "" },
  examples: [""],
});

test("operations are grouped by family; one that has no name is called by its segment", () => {
  const operations = [
    operation("createToken", "/v3/payroll-card/tokens"),
    operation("queryOrder", "/v3/pay/transactions/id/{transaction_id}"),
    operation("getTransferBatch", "/v3/partner-transfer/batches/batch-id/{batch_id}"),
    operation("closeCombinedOrder", "/v3/combine-transactions/out-trade-no/{combine_out_trade_no}/close"),
    operation("other", "/other"),
  ];
  expect(
    byFamily(operations).map(({ name, operations: own }) => [name.en, ...own.map(({ operationId }) => operationId)]),
  ).toEqual([
    ["Payroll card", "createToken", "getTransferBatch"],
    ["Payments", "queryOrder"],
    ["combine-transactions", "closeCombinedOrder"],
    ["other", "other"],
  ]);
});
