import { expect, test } from "vitest";
import { createWeChatPayClient, type Operations } from "wechatpay-openapi-fetch";
import { createSandbox } from "wechatpay-openapi-fetch/sandbox";

const { credentials, fetch } = await createSandbox();

/** The chain of some operations, as a caller without types meets it. */
function chainOf(...keys: string[]) {
  const rows = keys.map((key, i) => [key, { operationId: `operation${i}` }]);
  const operations: Operations = Object.fromEntries(rows);
  type Chain = { [name: string]: Chain } | undefined;
  const client = createWeChatPayClient<object>({ ...credentials, fetch, operations });
  return (client as unknown as { v3: NonNullable<Chain> }).v3;
}

test("of two operations with the same place in the chain, neither is called by it", () => {
  const { policyPeriods } = chainOf(
    "GET /v3/policy-periods",
    "GET /v3/policy_periods",
    "GET /v3/policyPeriods",
    "POST /v3/policy-periods",
    "GET /v3/policy_periods/{id}",
  );
  expect(policyPeriods?.get).toBeUndefined();
  expect(policyPeriods?.post).toBeTypeOf("function");
  expect(policyPeriods?._id_?.get).toBeTypeOf("function");
});

test("a segment called like a method does not take the place of the operation with that method", () => {
  const { receivers, x } = chainOf(
    "POST /v3/receivers/delete",
    "DELETE /v3/receivers",
    "GET /v3/receivers/GET/y",
    "GET /v3/x/then",
  );
  expect(Object.keys(receivers ?? {})).toEqual(["delete"]);
  expect(receivers?.delete).toBeTypeOf("function");
  expect(x).toBeUndefined();
});
