import { afterAll, afterEach, beforeEach, expect, test, vi } from "vitest";
import { createSandbox } from "wechatpay-openapi-fetch/sandbox";
import openapi from "../generated/pay/openapi.json" with { type: "json" };
import { verifyText } from "./support/keys.js";
import { openPage } from "./support/page.js";
import { freshRequest, PRE_ORDER } from "./support/wechatpay.js";

const page = await openPage("guide/payments.md");
const log = vi.spyOn(console, "log").mockImplementation(() => {});
beforeEach(() => log.mockClear());
afterEach(() => void vi.unstubAllEnvs());
afterAll(page.close);

test("the whole of a payment: order, second signature, payment, notification, query, refund, bill", async () => {
  await page.run("await sandbox.pay(order)");
  expect(log.mock.calls).toEqual([
    ["paid", "1217752501201407033233368018", 100],
    [expect.stringMatching(/^prepay_id=wx20260302/), "SUCCESS", "PROCESSING", true],
  ]);
});

test("a transfer: its encrypted name, the user's confirmation, notification, query", async () => {
  await page.run("await sandbox.confirm(transfer)");
  expect(log.mock.calls).toEqual([
    ["plfk2020042013", "SUCCESS"],
    ["WAIT_USER_CONFIRM", "1900000109", "SUCCESS", "张三"],
  ]);
});

test("opening a payment: each front end gets what it checks", async () => {
  const { privateKey, mchid } = (await createSandbox()).credentials;
  vi.stubEnv("WECHATPAY_MCHID", mchid);
  vi.stubEnv("WECHATPAY_PRIVATE_KEY", privateKey);
  const { payments, transfer } = await page.run("paySign({ mchid, privateKey });");
  const given = await payments("wx2421b1c4370ec43b", "wx201410272009395522657a690389285100");
  const line = "prepay_id=wx201410272009395522657a690389285100";
  const signed = ({ timeStamp, nonceStr }: typeof given.page, last: string) =>
    `wx2421b1c4370ec43b\n${timeStamp}\n${nonceStr}\n${last}\n`;
  expect(verifyText(privateKey, signed(given.page, line), given.page.paySign)).toBe(true);
  expect(verifyText(privateKey, signed(given.miniProgram, line), given.miniProgram.paySign)).toBe(true);
  expect(verifyText(privateKey, signed(given.app, given.app.prepayId), given.app.sign)).toBe(true);
  expect(transfer("wxf636efh567hg4356", "affffddafdfafddffda==")).toEqual({
    mchId: "1900000109",
    appId: "wxf636efh567hg4356",
    package: "affffddafdfafddffda==",
  });
});

test("one client of both families", async () => {
  const { prepay, clientOfBoth } = await page.run("export async function prepay");
  const { credentials, fetch } = await createSandbox();
  const options = { ...credentials, fetch };
  const { value } = openapi.components.examples["createJsapiOrder.minimal.request"];
  const body = { ...value, mchid: credentials.mchid };
  const prepay_id = await prepay(options, body);
  expect(prepay_id).toMatch(/^wx/);
  const both = clientOfBoth(options);
  expect(await both.POST("/v3/pay/transactions/jsapi", { body })).toMatchObject({ data: { prepay_id } });
  expect(await both.POST(PRE_ORDER, { body: freshRequest() })).toMatchObject({ data: { expires_in: 300 } });
});
