import { expect, test } from "vitest";
import { pemsOf } from "../../../../../src/sandbox/console/page/connect/pem-files.js";

test("files are called as the merchant platform and the command line call them", () => {
  const files = pemsOf({
    serialNo: "5157",
    privateKey: "-----BEGIN PRIVATE KEY-----",
    privateKeyPkcs1: "-----BEGIN RSA PRIVATE KEY-----",
    certificate: "-----BEGIN CERTIFICATE-----",
    platformKeys: { PUB_KEY_ID_1: "-----BEGIN PUBLIC KEY-----", "7132": "-----BEGIN CERTIFICATE----- WeChat Pay's" },
  });
  expect(Object.fromEntries(files.map(({ file, text }) => [file, text]))).toEqual({
    "apiclient_key.pem": "-----BEGIN PRIVATE KEY-----",
    "apiclient_key_pkcs1.pem": "-----BEGIN RSA PRIVATE KEY-----",
    "apiclient_cert.pem": "-----BEGIN CERTIFICATE-----",
    "pub_key.pem": "-----BEGIN PUBLIC KEY-----",
    "wechatpay_7132.pem": "-----BEGIN CERTIFICATE----- WeChat Pay's",
  });
});
