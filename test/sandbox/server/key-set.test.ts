import { createPrivateKey, X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { createWeChatPayClient } from "wechatpay-openapi-fetch";
import { createSandbox, createSandboxKeys } from "wechatpay-openapi-fetch/sandbox";
import { generateKeys } from "../../support/keys.js";

const keys = await createSandboxKeys();

test("sandboxes with the same keys have the same credentials, and one's client is another's", async () => {
  const [one, other] = await Promise.all([
    createSandbox({ keys }),
    createSandbox({ keys: JSON.parse(JSON.stringify(keys)) }),
  ]);
  expect(other.credentials).toEqual(one.credentials);
  const { data } = await createWeChatPayClient({ ...one.credentials, fetch: other.fetch }).GET("/v3/certificates");
  expect(data?.data[0]?.serial_no).toBe(new X509Certificate(keys.platform.certificate).serialNumber);
});

test("the certificate is the merchant's, by node:crypto", async () => {
  const { credentials } = await createSandbox({ keys });
  const certificate = new X509Certificate(keys.certificate);
  expect(certificate.checkPrivateKey(createPrivateKey(credentials.privateKey))).toBe(true);
  expect([certificate.serialNumber, certificate.subject]).toEqual([credentials.serialNo, `CN=${credentials.mchid}`]);
});

test.each([
  ["nothing", {}],
  ["null", null],
  ["an APIv3 key of 31 characters", { ...keys, apiV3Key: "a".repeat(31) }],
  ["no platform", { ...keys, platform: undefined }],
  ["a quote, which would end a variable of --env", { ...keys, privateKey: `${keys.privateKey}"\nNODE_OPTIONS=x\n` }],
  ["a key that a shell would run", { ...keys, apiV3Key: "$(id)".padEnd(32, "a") }],
  ["an ID that is none", { ...keys, platform: { ...keys.platform, publicKeyId: "0114" } }],
])("what is no set of keys is refused: %s", async (_, given) => {
  await expect(createSandbox({ keys: given as never })).rejects.toThrow("keys must be what createSandboxKeys() makes");
});

test("keys that do not belong together are refused by name", async () => {
  const { privateKey } = generateKeys();
  await expect(createSandbox({ keys: { ...keys, privateKey } })).rejects.toThrow(
    "keys.certificate must be a certificate of its private key.",
  );
  const platform = { ...keys.platform, certificateKey: privateKey };
  await expect(createSandbox({ keys: { ...keys, platform }, platformKeys: "gray" })).rejects.toThrow(
    "keys.platform.certificate must be",
  );
  await expect(createSandbox({ keys: { ...keys, privateKey: "x" } })).rejects.toThrow("keys.privateKey: ");
});
