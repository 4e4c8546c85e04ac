import { parseEnv } from "node:util";
import { expect, test } from "vitest";
import { ENV_MARK, environmentOf } from "../../src/sandbox/env-text.js";

test("is read by Node.js as it was meant", () => {
  const text = environmentOf(
    {
      mchid: "1900000109",
      serialNo: "5157",
      privateKey: "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n",
      platformKeys: { PUB_KEY_ID_1: "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n" },
      apiV3Key: "0123456789abcdef0123456789abcdef",
    },
    "http://127.0.0.1:8787",
  );
  expect(text.startsWith(ENV_MARK)).toBe(true);
  expect(parseEnv(text)).toEqual({
    WECHATPAY_MCHID: "1900000109",
    WECHATPAY_SERIAL_NO: "5157",
    WECHATPAY_PRIVATE_KEY: "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n",
    WECHATPAY_PLATFORM_KEY_ID: "PUB_KEY_ID_1",
    WECHATPAY_PLATFORM_KEY: "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n",
    WECHATPAY_API_V3_KEY: "0123456789abcdef0123456789abcdef",
    WECHATPAY_BASE_URL: "http://127.0.0.1:8787",
  });
});
