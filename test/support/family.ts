import type { Operations } from "wechatpay-openapi-fetch";
import type { OpenApiDocument } from "wechatpay-openapi-fetch/sandbox";
import openapi from "../../generated/openapi.json" with { type: "json" };

const reply = (properties: object, example: object) => ({
  200: {
    description: "OK",
    content: { "application/json": { schema: { type: "object", properties }, examples: { one: { value: example } } } },
  },
});
const body = (required: string[], properties: object) => ({
  required: true,
  content: { "application/json": { schema: { type: "object", required, properties } } },
});
const text = { type: "string" };
const sensitive = { type: "string", "x-wechatpay-sensitive": true };

/** A query, a write that may be repeated and one that may not, each with an encrypted field. */
export const family: OpenApiDocument = {
  paths: {
    "/v3/certificates": openapi.paths["/v3/certificates"],
    "/v3/transfers/{out_batch_no}": {
      get: {
        operationId: "getTransfer",
        parameters: [{ name: "out_batch_no", in: "path", required: true, schema: text }],
        responses: reply({ username: sensitive }, { username: "张三", state: "SUCCESS" }),
      },
    },
    "/v3/transfers": {
      post: {
        operationId: "createTransfer",
        "x-wechatpay-idempotent": "/out_batch_no",
        requestBody: body(["out_batch_no"], {
          out_batch_no: text,
          list: { type: "array", items: { type: "object", properties: { user_name: sensitive } } },
        }),
        responses: reply({ batch_id: text }, { batch_id: "1030000071100999991182020050700019480001" }),
      },
    },
    "/v3/tokens": {
      post: {
        operationId: "createToken",
        requestBody: body(["openid"], { openid: text, user_name: sensitive }),
        responses: reply({ token: text }, { token: "abcdefghijklmn" }),
      },
    },
  },
  components: openapi.components,
};

/** What the generator would make of it. */
export const familyOperations: Operations = {
  "GET /v3/transfers/{out_batch_no}": { operationId: "getTransfer", sensitive: { response: ["/username"] } },
  "POST /v3/transfers": {
    operationId: "createTransfer",
    idempotent: "/out_batch_no",
    sensitive: { request: ["/list/*/user_name"] },
  },
  "POST /v3/tokens": { operationId: "createToken", sensitive: { request: ["/user_name"] } },
};

interface Operation {
  parameters: { query?: never; header?: never; path?: Record<string, string>; cookie?: never };
  requestBody?: { content: { "application/json": Record<string, unknown> } };
  responses: { 200: { headers: Record<string, unknown>; content: { "application/json": Record<string, unknown> } } };
}

export interface FamilyPaths {
  "/v3/transfers/{out_batch_no}": { get: Operation };
  "/v3/transfers": { post: Operation };
  "/v3/tokens": { post: Operation };
}
