import { expect, test } from "vitest";
import published from "../../generated/openapi.json" with { type: "json" };
import publishedOfPay from "../../generated/pay/openapi.json" with { type: "json" };
import { inShort } from "../../spec/choices.js";

// What a description says in words. The fields, their limits and values are in fields.txt.

interface Described {
  description: string;
  properties?: Record<string, Described>;
}
const documents = [published, publishedOfPay].map((document) =>
  inShort<{ components: object; paths: object }>(document),
);
const schemas: Record<string, Described> = Object.assign(
  {},
  ...documents.map(({ components }) => (components as { schemas: object }).schemas),
);
const operations = documents.flatMap(({ paths }) =>
  Object.values(paths as Record<string, Record<string, Operation>>).flatMap(Object.values),
) as Operation[];
interface Operation extends Described {
  operationId: string;
  externalDocs: { url: string };
}

/** The text, in one line, of an operation, a schema, or a property such as `TransferDetailEntity.appid`. */
function textOf(place: string): string {
  const [name = "", property] = place.split(".");
  const found = operations.find(({ operationId }) => operationId === name) ?? schemas[name];
  const text = (property ? found?.properties?.[property] : found)?.description ?? "";
  return text.replaceAll(/\s+/g, " ");
}
/** What a page shows without a click. */
const unfolded = (text: string) => text.split("<details>")[0] ?? "";

const batchQueries = ["getTransferBatchByNo", "getTransferBatchByOutNo"];
const detailQueries = ["getTransferDetailByNo", "getTransferDetailByOutNo"];

test.each<[fact: string, places: string[], ...texts: string[]]>([
  [
    "which details come back without a status: none",
    batchQueries,
    "不填 `detail_status` 则不返回明细",
    "no details come back",
  ],
  [
    "which AppID a detail has, by the authorization type",
    ["TransferDetailEntity.appid"],
    "信息授权、信息和资金授权时为特约商户的 AppID，资金授权时为服务商的 AppID",
    "the provider's with `FUND_AUTHORIZATION_TYPE`",
  ],
  ["whose OpenID is whose", ["TransferDetailInput.openid"], "信息授权、信息和资金授权时为 sub_appid 下的"],
  ["a kind of contract", ["EmploymentType"], "有劳务合同关系", "labour-service contract (劳务合同)"],
  [
    "the kind of contract, in each request",
    [
      "CreateTokenRequest.employment_type",
      "PreOrderAuthenticationWithAuthRequest.employment_type",
      "CreateTransferBatchRequest.employment_type",
    ],
    "有劳务合同关系",
  ],
  [
    "a batch that is not found: send it again with its own number",
    batchQueries,
    "以原 `out_batch_no` 再次调用",
    "Never take it",
  ],
  [
    "a detail that is not found: make sure that it is yours, wait, and query",
    detailQueries,
    "且属于该批次，等几分钟再查询",
    "in this batch, then wait some minutes",
  ],
  [
    "no transfer and query at once",
    [...batchQueries, ...detailQueries],
    "同时发起转账和查询",
    "transfer and query at the same time",
  ],
  [
    "no other number after a new error code",
    [...batchQueries, ...detailQueries, "createTransferBatch"],
    "切勿换单号重试",
  ],
  [
    "one transfer is started again, not its batch",
    [...batchQueries, ...detailQueries, "TransferDetailStatus", "TransferFailReason"],
    "重新发起这一笔转账",
    "never the whole batch",
  ],
  ["a detail while the batch is under way", batchQueries, "批次处理过程中要查看明细，请用 `getTransferDetailByOutNo`"],
  [
    "who cancels a batch",
    ["TransferBatchCloseReason"],
    "商户在商户平台页面主动撤销（接口无法撤销）",
    "not possible by API",
  ],
  [
    "what OVERDUE_CLOSE is",
    ["TransferBatchCloseReason", "TransferFailReason"],
    "超过系统重试期",
    "after the system's retry period",
  ],
  ["why a batch may be overdue", ["TransferBatchCloseReason"], "可能原因是账户余额不足", "balance was insufficient"],
  ["authorized, and refused", ["getRelation", "preOrderAuthentication"], "通用化接口权限"],
  [
    "no other number after an error, or it is paid twice",
    ["createRefund", "createTransferBill"],
    "切勿",
    "the same request with the same",
  ],
  [
    "accepted is not done",
    ["createRefund", "createTransferBill", "cancelTransferBill"],
    "返回 200 只表示",
    "A 200 means",
  ],
  [
    "an order is placed again with its own number",
    ["createJsapiOrder", "createPartnerNativeOrder"],
    "以原 `out_trade_no`、原参数再次下单",
  ],
  ["what the front end is told proves nothing", ["createJsapiOrder", "createAppOrder"], "proves no payment"],
  ["that a 204 proves no order", ["closeOrder", "closePartnerOrder"], "204 不能证明订单存在"],
  ["what the hash of a bill is of", ["downloadBill", "BillUrl.hash_value"], "解压后", "decompressed"],
  ["who is asked for a name", ["createTransferBill"], "2,000 元（200000 分）"],
  ["no verification without a pre-order", ["preOrderAuthentication"], "下单成功后才能进行核身"],
])("%s", (_, places, ...texts) => {
  for (const place of places) for (const text of texts) expect(unfolded(textOf(place)), place).toContain(text);
});

test.each<[fact: string, places: string[], ...texts: string[]]>([
  ["where WAIT_PAY comes from", ["TransferDetailStatus", "DetailStatusFilter"], "`WAIT_PAY`：", "official page"],
  ["that a sibling answers REFUND", ["TransferDetailStatus", ...detailQueries], "`/v3/bank-transfer`", "REFUND"],
  ["which coupons come back from a refund", ["RefundPromotion.type"], "`COUPON`", "`CASH`", "could not be checked"],
  ["how long a bill's address lives", ["BillUrl.download_url"], "5 分钟", "30 seconds"],
  ["what is left out of orders", ["createJsapiOrder", "createPartnerH5Order"], "limit_pay", "payer.identity"],
  ["how the merchant number of a transfer is spelt", ["TransferResult"], "`mchid`", "`mch_id`"],
  ["which tables of errors were not seen", ["createRefund", "getTransferBillByOutNo"], "could not be checked"],
  ["who has the fields of the account", detailQueries, "一个社区项目三个都有，另一个有后两个", "`WECHATPAY_ACCOUNT`"],
  ["which SDK has the transfers", [...batchQueries, ...detailQueries], "官方 Java SDK 未收录本接口"],
  ["how long the numbers in a path may be", ["getTransferDetailByOutNo"], "最长 64 个字符", "up to 64 characters"],
])("folded: %s", (_, places, ...texts) => {
  for (const place of places)
    for (const text of texts) expect(textOf(place).split("<details>")[1], place).toContain(text);
});

test("a guess of a machine is no evidence: neither 1000 transfers in a batch, nor `appid` for `sp_appid`", () => {
  expect(textOf("createTransferBatch") + textOf("CreateTransferBatchRequest.total_num")).not.toMatch(/\b1000\b/);
  expect(textOf("createTransferBatch")).not.toMatch(/`appid`/);
});

test("劳动合同 is said only to be what is not meant", () => {
  const said = Object.values(schemas).flatMap((schema) => [schema, ...Object.values(schema.properties ?? {})]);
  const lines = said.flatMap(({ description = "" }) => description.split("\n"));
  expect(lines.filter((line) => line.includes("劳动合同") && !line.includes("劳务合同"))).toEqual([]);
  expect(lines.filter((line) => line.includes("劳动合同")).length).toBeLessThanOrEqual(2);
});

test("every operation links an official page of its own", () => {
  const urls = operations.map(({ externalDocs }) => externalDocs.url);
  expect(new Set(urls).size).toBe(operations.length);
  for (const url of urls) expect(url).toMatch(/^https:\/\/pay\.weixin\.qq\.com\/docs?\//);
});
