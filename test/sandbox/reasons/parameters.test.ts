import { describe, expect, test } from "vitest";
import { createSandbox } from "wechatpay-openapi-fetch/sandbox";
import { examples, PRE_ORDER } from "../../support/wechatpay.js";
import { send } from "../signed.js";
import { lastRefused } from "./refused.js";

const schema = (properties: object, more: object = {}) => ({ type: "object", properties, ...more });
const body = (schema: object) => ({ content: { "application/json": { schema } } });
const sandbox = await createSandbox({
  openapi: {
    paths: {
      "/v3/things/{day}": {
        post: {
          operationId: "addThing",
          parameters: [
            { name: "day", in: "path", required: true, schema: { type: "string", pattern: "^\\d{4}-\\d{2}-\\d{2}$" } },
            { name: "limit", in: "query", schema: { type: "integer", minimum: 1, maximum: 100 } },
            { name: "sub_mchid", in: "query", required: true, schema: { type: "string", pattern: "^[0-9]+$" } },
          ],
          requestBody: {
            required: true,
            ...body(
              schema({
                count: { type: "integer", multipleOf: 5 },
                either: { type: ["string", "null"] },
                odd: { type: "string", pattern: "^a|b$" },
                tags: { type: "array", minItems: 1, maxItems: 2, uniqueItems: true, items: { type: "string" } },
                strict: schema({ first_name: {}, last_name: {} }, { additionalProperties: false }),
                map: { type: "object", additionalProperties: { type: "boolean" } },
                above: { type: "number", exclusiveMinimum: 0, exclusiveMaximum: 1 },
                constant: { const: "A" },
                currency: { type: "string", enum: ["CNY"] },
              }),
            ),
          },
          responses: { 204: { description: "" } },
        },
      },
    },
  },
});
const own = await createSandbox();

/** Why a body is refused that has these fields beside the documented ones. */
async function preOrder(change: object | string) {
  const sent = typeof change === "string" ? change : JSON.stringify({ ...examples.request, ...change });
  const response = await send(own, { target: PRE_ORDER, body: sent });
  expect(response.status).toBe(400);
  return lastRefused(own).reason;
}

/** The same of a document that has other kinds of limits. */
async function thing(given: unknown, target = "/v3/things/2026-01-31?sub_mchid=1") {
  const response = await send(sandbox, { target, body: JSON.stringify(given) });
  expect(response.status).toBe(400);
  return lastRefused(sandbox).reason;
}

describe("a parameter: its limit stands beside what was sent", () => {
  test.each<[string, object | string, en: string, zh: string]>([
    [
      "too long",
      { project_name: "某".repeat(2020) },
      "/project_name must not have more than 128 characters; you sent 2,020.",
      "/project_name 不能多于 128 个字符，你发送了 2,020 个。",
    ],
    [
      "too long, in characters that take two units of UTF-16",
      { project_name: "\u{20000}".repeat(129) },
      "/project_name must not have more than 128 characters; you sent 129.",
      "/project_name 不能多于 128 个字符，你发送了 129 个。",
    ],
    ["empty", { employer_name: "" }, "/employer_name must not be empty.", "/employer_name 不能为空。"],
    ["missing", { openid: undefined }, "/openid is required.", "/openid 是必填的。"],
    [
      "missing, and there by another name",
      { project_name: undefined, projectName: "某" },
      "/project_name is required; you sent projectName: it is written project_name.",
      "/project_name 是必填的，你发送的是 projectName：应写作 project_name。",
    ],
    [
      "one of two is missing",
      { appid: undefined, sub_appid: undefined },
      "/appid is required, or sub_appid.",
      "/appid 和 sub_appid 至少要有一个。",
    ],
    [
      "a number for a text",
      { sub_mchid: 1111111 },
      "/sub_mchid must be a string; you sent a number.",
      "/sub_mchid 应为字符串，你发送的是数字。",
    ],
    [
      "null",
      { authenticate_type: null },
      "/authenticate_type must be a string; you sent null.",
      "/authenticate_type 应为字符串，你发送的是 null。",
    ],
    [
      "a list",
      { authenticate_type: ["SIGN_IN"] },
      "/authenticate_type must be a string; you sent an array.",
      "/authenticate_type 应为字符串，你发送的是数组。",
    ],
    [
      "no value that there is, but near one",
      { authenticate_type: "SIGNIN" },
      "/authenticate_type must be one of SIGN_IN, INSURANCE, CONTRACT, NORMAL: did you mean SIGN_IN?",
      "/authenticate_type 应为 SIGN_IN、INSURANCE、CONTRACT、NORMAL 之一，是否应为 SIGN_IN？",
    ],
    [
      "no value that there is",
      { authenticate_type: "x" },
      "/authenticate_type must be one of SIGN_IN, INSURANCE, CONTRACT, NORMAL.",
      "/authenticate_type 应为 SIGN_IN、INSURANCE、CONTRACT、NORMAL 之一。",
    ],
    [
      "a mark that the pattern has not",
      { authenticate_number: "order-1" },
      "/authenticate_number must be 1 to 64 letters or digits; you sent 7 characters, of which number 6 is not allowed.",
      "/authenticate_number 应为 1 到 64 个字母或数字，你发送了 7 个字符，第 6 个不符。",
    ],
    [
      "more than it takes",
      { authenticate_number: "1".repeat(65) },
      "/authenticate_number must not have more than 64 characters; you sent 65.",
      "/authenticate_number 不能多于 64 个字符，你发送了 65 个。",
    ],
    [
      "an emoji",
      { project_name: "😀" },
      "/project_name must not have characters of four bytes in UTF-8, such as emoji.",
      "/project_name 不能有 UTF-8 中占四个字节的字符，例如表情符号。",
    ],
    [
      "XML",
      "<xml></xml>",
      "The body is XML, as in APIv2: it must be JSON.",
      "请求体是 XML（APIv2 的格式），应为 JSON。",
    ],
    [
      "a form",
      "openid=1&appid=2",
      "The body is not JSON, but a form or other text.",
      "请求体不是 JSON，而是表单之类的文本。",
    ],
    ["broken JSON", '{"openid":', "The body is not JSON in UTF-8.", "请求体不是 UTF-8 编码的 JSON。"],
    ["a byte order mark", "\uFEFF{}", "The body begins with a byte order mark.", "请求体以 BOM 开头，应去掉。"],
    ["nothing", "", "The body is empty.", "请求体是空的。"],
    [
      "a list for an object",
      "[]",
      "The body must be an object; you sent an array.",
      "请求体应为对象，你发送的是数组。",
    ],
  ])("%s", async (_what, change, en, zh) => {
    expect(await preOrder(change)).toEqual({ en, zh });
  });

  test.each<[string, unknown, en: string, zh: string]>([
    [
      "a fraction",
      { count: 1.5 },
      "/count must be an integer; you sent a fraction.",
      "/count 应为整数，你发送的是小数。",
    ],
    ["no multiple", { count: 3 }, "/count must be a multiple of 5.", "/count 应为 5 的倍数。"],
    [
      "two types",
      { either: 1 },
      "/either must be a string or null; you sent a number.",
      "/either 应为字符串或 null，你发送的是数字。",
    ],
    ["a pattern of its own", { odd: "x" }, "/odd must match ^a|b$.", "/odd 应符合正则表达式 ^a|b$。"],
    ["an empty list", { tags: [] }, "/tags must not be empty.", "/tags 不能为空。"],
    [
      "a long list",
      { tags: ["a", "b", "c"] },
      "/tags must not have more than 2 items; you sent 3.",
      "/tags 不能多于 2 个元素，你发送了 3 个。",
    ],
    ["an item twice", { tags: ["a", "a"] }, "/tags must not have an item twice.", "/tags 不能有重复的元素。"],
    ["zero", { above: 0 }, "/above must be more than 0.", "/above 应大于 0。"],
    ["one", { above: 1 }, "/above must be less than 1.", "/above 应小于 1。"],
    [
      "a name that is not known, but near one",
      { strict: { firstName: 1 } },
      "/strict/firstName is not known: did you mean first_name?",
      "/strict/firstName 不在接口描述中，是否应为 first_name？",
    ],
    ["a name that is not known", { strict: { x: 1 } }, "/strict/x is not known.", "/strict/x 不在接口描述中。"],
    ["not the one value there is", { currency: "CNYY" }, "/currency must be CNY.", "/currency 应为 CNY。"],
    ["no constant", { constant: "B" }, "/constant must be A.", "/constant 应为 A。"],
  ])("%s", async (_what, given, en, zh) => {
    expect(await thing(given)).toEqual({ en, zh });
  });

  test.each<[string, string, en: string, zh: string]>([
    ["missing", "", "sub_mchid in the query is required.", "查询参数 sub_mchid 是必填的。"],
    [
      "no digits",
      "?sub_mchid=12a",
      "sub_mchid in the query must have nothing but digits; you sent 3 characters, of which number 3 is not allowed.",
      "查询参数 sub_mchid 只能是数字，你发送了 3 个字符，第 3 个不符。",
    ],
    ["no number", "?sub_mchid=1&limit=ten", "limit in the query must be an integer.", "查询参数 limit 应为整数。"],
    ["too small", "?sub_mchid=1&limit=0", "limit in the query must be 1 or more.", "查询参数 limit 不能小于 1。"],
    ["too large", "?sub_mchid=1&limit=101", "limit in the query must be 100 or less.", "查询参数 limit 不能大于 100。"],
  ])("of the query: %s", async (_what, query, en, zh) => {
    expect(await thing({}, `/v3/things/2026-01-31${query}`)).toEqual({ en, zh });
  });

  test("of the path: no day", async () => {
    expect(await thing({}, "/v3/things/today?sub_mchid=1")).toEqual({
      en: "day in the path must be a day as yyyy-MM-dd, such as 2026-01-31.",
      zh: "路径参数 day 应为 yyyy-MM-dd 格式的日期，例如 2026-01-31。",
    });
  });

  test("a name that somebody chose is cut, and has no control characters", async () => {
    const { en } = await thing({ map: { [`\u202e\u0007${"x".repeat(5000)}`]: 1 } });
    expect(en).toMatch(/^\/map\/x{100,120}… must be a boolean; you sent a number\.$/);
  });
});

test("the value itself is in no reason: it may be personal", async () => {
  for (const [name, value] of Object.entries({
    authenticate_number: "13912345678-",
    openid: "13912345678".repeat(50),
    authenticate_type: "13912345678",
  }))
    expect(JSON.stringify(await preOrder({ [name]: value }))).not.toContain("13912345678");
});
