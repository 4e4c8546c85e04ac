import { describe, expect, expectTypeOf, test } from "vitest";
import { createWeChatPayClient, type paths, unwrap } from "wechatpay-openapi-fetch";
import * as pay from "wechatpay-openapi-fetch/pay";
import { type Behaviours, createSandbox, type OpenApiDocument, type Sandbox } from "wechatpay-openapi-fetch/sandbox";
import openapi from "../../generated/openapi.json" with { type: "json" };
import openapiOfPay from "../../generated/pay/openapi.json" with { type: "json" };
import { freshRequest, PRE_ORDER } from "../support/wechatpay.js";
import { send } from "./signed.js";

const payDocument = openapiOfPay as unknown as OpenApiDocument;
const JSAPI = "/v3/pay/transactions/jsapi";
const order = openapiOfPay.components.examples["createJsapiOrder.minimal.request"].value;

describe("the sandbox serves several documents", () => {
  test("by default both families, as one system each", async () => {
    const sandbox = await createSandbox();
    const options = { ...sandbox.credentials, fetch: sandbox.fetch };
    unwrap(await createWeChatPayClient(options).POST(PRE_ORDER, { body: freshRequest() }));
    unwrap(await pay.createWeChatPayClient(options).POST(JSAPI, { body: order }));
    expect(await sandbox.pay(order)).toMatchObject({ trade_state: "SUCCESS" });
  });

  test("each with references and operations of its own", async () => {
    const own = {
      paths: { "/v3/own": { get: { responses: { 200: { $ref: "#/components/responses/Own" } } } } },
      components: { responses: { Own: { content: { "application/json": { example: { own: true } } } } } },
    };
    const sandbox = await createSandbox({ openapi: [own, payDocument] });
    const options = { ...sandbox.credentials, fetch: sandbox.fetch };
    expect(await (await send(sandbox, { method: "GET", target: "/v3/own" })).json()).toEqual({ own: true });
    unwrap(await pay.createWeChatPayClient(options).POST(JSAPI, { body: order }));
    expect(() => sandbox.fail({ fault: "reset", operation: "createJsapiOrder" })).not.toThrow();
  });

  test("whose paths differ in form", async () => {
    const [one, other] = ["/v3/a/{b}", "/v3/a/{c}"].map((path) => ({ paths: { [path]: { get: { responses: {} } } } }));
    await expect(createSandbox({ openapi: [one, other] as OpenApiDocument[] })).rejects.toThrow(
      "openapi: two documents have the path /v3/a/{c}. Leave it out of one.",
    );
  });

  test.each<[string, unknown]>([
    ["nothing", []],
    ["something else", [openapi, {}]],
    ["null", [null]],
  ])("and refuses a list of %s", async (_, given) => {
    await expect(createSandbox({ openapi: given as never })).rejects.toThrow(
      "openapi must be an OpenAPI document in one piece, such as the generated openapi.json, or a list of them",
    );
  });
});

test("a document of one's own with a part of the second family answers its examples", async () => {
  const { [JSAPI]: item } = openapiOfPay.paths;
  const part = { ...payDocument, paths: { [JSAPI]: item } };
  const sandbox = await createSandbox({ openapi: part });
  const wechatpay = pay.createWeChatPayClient({ ...sandbox.credentials, fetch: sandbox.fetch });
  const { prepay_id } = openapiOfPay.components.examples["createJsapiOrder.placed.response"].value;
  expect(unwrap(await wechatpay.POST(JSAPI, { body: order }))).toEqual({ prepay_id });
  await expect(sandbox.pay(order)).rejects.toThrow("there is none of this number");
});

test("a sandbox's own behaviours can be replaced, and are typed for both families", async () => {
  const behaviours: Behaviours = {
    "POST /v3/pay/transactions/jsapi": ({ body }) => ({ prepay_id: `wx${body.out_trade_no}` }),
  };
  const sandbox = await createSandbox({ behaviours });
  const wechatpay = pay.createWeChatPayClient({ ...sandbox.credentials, fetch: sandbox.fetch });
  expect(unwrap(await wechatpay.POST(JSAPI, { body: order }))).toEqual({ prepay_id: `wx${order.out_trade_no}` });
  expectTypeOf<Behaviours>().toEqualTypeOf<Behaviours<paths & pay.paths>>();
});

test("what users do is typed by the notification of it", () => {
  type Schemas = pay.components["schemas"];
  expectTypeOf<Sandbox["pay"]>().returns.resolves.toEqualTypeOf<Schemas["TransactionNotification"]["resource"]>();
  expectTypeOf<Sandbox["finishRefund"]>().returns.resolves.toEqualTypeOf<Schemas["RefundResult"]>();
  expectTypeOf<Sandbox["confirm"]>().returns.resolves.toEqualTypeOf<Schemas["TransferResult"]>();
});
