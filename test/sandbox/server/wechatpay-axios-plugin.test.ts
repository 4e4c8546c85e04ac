import { afterAll, expect, test } from "vitest";
import axiosPlugin from "wechatpay-axios-plugin";
import { createSandbox } from "wechatpay-openapi-fetch/sandbox";
import { generateKeys } from "../../support/keys.js";
import { examples, freshRequest } from "../../support/wechatpay.js";

// An SDK that was not written for the sandbox, nor the sandbox for it: it signs and verifies with code of its own.
const { Wechatpay } = axiosPlugin as never as typeof import("wechatpay-axios-plugin");

const sandbox = await createSandbox();
const { mchid, serialNo: serial, privateKey, platformKeys: certs } = sandbox.credentials;
const { url: baseURL, close } = await sandbox.listen();
afterAll(close);

function preOrder(options: { privateKey?: string; certs?: Record<string, string> }, body: object = freshRequest()) {
  const wxpay = new Wechatpay({ mchid, serial, privateKey, certs, baseURL, ...options } as never);
  return (wxpay as never as Chain).v3.payrollCard.authentications.preOrder.post(body);
}

/** The SDK's chain has no types beyond "anything". */
interface Chain {
  v3: {
    payrollCard: { authentications: { preOrder: { post(body: object): Promise<{ status: number; data: unknown }> } } };
  };
}

test("its pre-order is accepted, and its verifier accepts the reply", async () => {
  const { status, data } = await preOrder({}, examples.request);
  const { authenticate_number, openid, sub_mchid } = examples.request;
  expect(status).toBe(200);
  expect(data).toEqual({ authenticate_number, openid, mchid, sub_mchid, token: expect.any(String), expires_in: 300 });
});

test("its verifier refuses the reply where it holds another key", async () => {
  const [platformKeyId = ""] = Object.keys(certs);
  await expect(preOrder({ certs: { [platformKeyId]: generateKeys().publicKey } })).rejects.toMatchObject({
    name: "AxiosError",
    code: "EV3_RES_HEADER_SIGNATURE_DIGEST",
  });
});

test("with the wrong private key it is refused: 401 SIGN_ERROR", async () => {
  await expect(preOrder({ privateKey: generateKeys().privateKey })).rejects.toMatchObject({
    name: "AxiosError",
    response: { status: 401, data: { code: "SIGN_ERROR", message: "错误的签名，验签失败" } },
  });
  expect(sandbox.requests.at(-1)?.verdict).toBe("wrong-signature");
});

test("with a wrong body it is refused: 400 PARAM_ERROR", async () => {
  await expect(preOrder({}, { ...examples.request, openid: "" })).rejects.toMatchObject({
    response: { status: 400, data: { code: "PARAM_ERROR", detail: { field: "/openid", location: "body" } } },
  });
});
