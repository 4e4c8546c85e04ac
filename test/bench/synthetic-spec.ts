/** With more operations, some would have the name of another. */
export const MOST = 4000;

/** A document of `count` operations that resemble WeChat Pay's: nested bodies, enums, docs in two languages, every tenth with encrypted fields. */
export function syntheticSpec(count: number): object {
  const operations = Array.from({ length: count }, (_, index) => describeOperation(index));
  const paths: Record<string, Record<string, object>> = {};
  for (const { path, method, operation } of operations) paths[path] = { ...paths[path], [method]: operation };
  const schemas = Object.assign({ Error: ERROR }, ...operations.map(({ schemas }) => schemas));
  return {
    openapi: "3.1.0",
    info: { title: "合成 Synthetic", version: "1.0.0" },
    servers: [{ url: "https://api.mch.weixin.qq.com" }],
    paths,
    components: { schemas, responses: { Error: { description: "错误 Error", ...json(ref("Error")) } } },
  };
}

/** Path and body of the one operation that the benchmark calls; every synthetic document has it. */
export const CALLED = {
  path: "/v3/payroll-card/service-order",
  chain: "v3.payrollCard.serviceOrder",
  operationId: "createPayrollCardServiceOrder",
  body: {
    openid: "onqOjjmo8wmTOOtSKwXtGjg9Gb58",
    appid: "wxa1111111",
    out_order_no: "a1",
    user_name: "张三",
    amount: { total: 1 },
  },
};

// Two words each, so that gzip does not find the names easier to pack than real ones.
const FIRST = ["payroll", "pay", "gold", "market", "smart", "store", "bill", "fund", "trade", "discount"];
const SECOND = ["card", "score", "plan", "guide", "favor", "permission", "partner", "parking", "transfer", "contract"];
const OWNER = [
  "service",
  "brand",
  "merchant",
  "user",
  "vehicle",
  "batch",
  "coupon",
  "receiver",
  "invoice",
  "complaint",
];
const THING = [
  "order",
  "relation",
  "detail",
  "application",
  "account",
  "voucher",
  "notice",
  "refund",
  "token",
  "state",
];

/** Four operations to a resource: create it, query it, change it, close it. */
function describeOperation(index: number) {
  const resource = Math.floor(index / 4);
  const family = [FIRST[Math.floor(resource / 10) % 10], SECOND[Math.floor(resource / 10 + resource / 100) % 10]];
  const kind = [OWNER[resource % 10], THING[(resource + Math.floor(resource / 10)) % 10]];
  const base = `/v3/${family.join("-")}/${kind.join("-")}`;
  const one = `${base}/{out_order_no}`;
  const [verb, method, path] = (
    [
      ["create", "post", base],
      ["query", "get", one],
      ["change", "patch", one],
      ["close", "post", `${one}/close`],
    ] as const
  )[index % 4] as readonly [string, string, string];
  const operationId = verb + [...family, ...kind].map((word = "") => word[0]?.toUpperCase() + word.slice(1)).join("");
  const Name = `${operationId[0]?.toUpperCase()}${operationId.slice(1)}`;
  const sensitive = index % 10 === 0 ? { "x-wechatpay-sensitive": true } : {};
  return {
    path,
    method,
    operation: {
      operationId,
      summary: `${operationId} 操作 An operation on ${base}`,
      description: `服务商调用前须取得权限。\n\nWhat ${operationId} does, who may call it and what comes next.\n\n**限制 Limits**\n\n- 1000 calls per second\n- the number lives 300 seconds`,
      ...(path !== base && { parameters: [parameter("out_order_no", "path", "商户单号 Your own number.")] }),
      ...(method === "get" && {
        parameters: [
          parameter("out_order_no", "path", "商户单号 Your own number."),
          parameter("sub_mchid", "query", "特约商户号 The sub-merchant's number."),
        ],
      }),
      ...(method !== "get" && { requestBody: { required: true, ...json(ref(`${Name}Request`)) } }),
      responses: {
        200: {
          description: "成功 Success",
          ...json(ref(`${Name}Response`), { example: { out_order_no: "a1", state: "PROCESSING" } }),
        },
        ...Object.fromEntries(
          [400, 401, 403, 404, 429, 500].map((status) => [status, { $ref: "#/components/responses/Error" }]),
        ),
      },
    },
    schemas: {
      ...(method !== "get" && {
        [`${Name}Request`]: {
          type: "object",
          description: `${Name} 请求 The request of ${operationId}.`,
          required: ["openid", "out_order_no", "amount"],
          anyOf: [{ required: ["appid"] }, { required: ["sub_appid"] }],
          properties: {
            openid: text(64, "用户标识 The user's OpenID under one of the AppIDs."),
            appid: text(32, "服务商 AppID The service provider's AppID."),
            sub_appid: text(32, "特约商户 AppID The sub-merchant's AppID."),
            out_order_no: text(64, "商户单号 Your own number, unique within the merchant."),
            user_name: { ...text(1024, "姓名 The user's name."), ...sensitive },
            id_card_number: { ...text(1024, "身份证号 The user's ID number."), ...sensitive },
            amount: {
              type: "object",
              description: "金额 The amount.",
              required: ["total"],
              properties: {
                total: { type: "integer", minimum: 1, description: "金额，单位为分 In fen." },
                currency: { type: "string", enum: ["CNY", "HKD"], description: "货币 The currency." },
              },
            },
            employment: {
              type: "array",
              maxItems: 100,
              description: "用工 The employments.",
              items: {
                type: "object",
                required: ["type"],
                properties: {
                  type: {
                    type: "string",
                    enum: ["LONG_TERM_EMPLOYMENT", "SHORT_TERM_EMPLOYMENT", "COOPERATION_EMPLOYMENT"],
                    description: "用工类型 The kind of employment.",
                  },
                  name: text(128, "雇主 The employer's name."),
                },
              },
            },
          },
        },
      }),
      [`${Name}Response`]: {
        type: "object",
        description: `${Name} 应答 What ${operationId} answers.`,
        required: ["out_order_no", "state"],
        properties: {
          out_order_no: text(64, "商户单号 Your own number."),
          state: {
            type: "string",
            "x-extensible-enum": ["ACCEPTED", "PROCESSING", "FINISHED", "CLOSED"],
            description: "状态 The state.",
          },
          create_time: text(32, "创建时间 When it was created (RFC 3339)."),
          details: {
            type: "array",
            items: {
              type: "object",
              properties: {
                detail_no: text(64, "明细单号 The detail's number."),
                amount: { type: "integer", description: "金额 In fen." },
              },
            },
          },
        },
      },
    },
  };
}

const ERROR = {
  type: "object",
  required: ["code", "message"],
  properties: {
    code: { type: "string", "x-extensible-enum": ["PARAM_ERROR", "SYSTEM_ERROR"] },
    message: { type: "string" },
  },
};

function ref(name: string): object {
  return { $ref: `#/components/schemas/${name}` };
}

function json(schema: object, more = {}): object {
  return { content: { "application/json": { schema, ...more } } };
}

function text(maxLength: number, description: string): object {
  return { type: "string", minLength: 1, maxLength, description };
}

function parameter(name: string, place: "path" | "query", description: string): object {
  return { name, in: place, required: true, description, schema: { type: "string", maxLength: 64 } };
}
