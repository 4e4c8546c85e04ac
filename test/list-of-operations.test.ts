import { build } from "esbuild";
import { expect, test } from "vitest";
import { createWeChatPayClient } from "wechatpay-openapi-fetch";
import { createSandbox } from "wechatpay-openapi-fetch/sandbox";
import { listCertificates } from "../generated/operations.js";

test("a list of operations is all that the client sends", async () => {
  const sandbox = await createSandbox();
  const options = { ...sandbox.credentials, fetch: sandbox.fetch };
  const wechatpay = createWeChatPayClient({ ...options, operations: [listCertificates] });
  expect((await wechatpay.GET("/v3/certificates")).response.status).toBe(200);
  expect((await wechatpay.v3.certificates.get()).response.status).toBe(200);
  await expect(wechatpay.POST("/v3/payroll-card/authentications/pre-order", { body: {} as never })).rejects.toThrow(
    "POST /v3/payroll-card/authentications/pre-order is not in the list of operations",
  );
  expect(sandbox.requests).toHaveLength(2);
  expect(() => createWeChatPayClient({ ...options, operations: [] })).toThrow(/^operations must be/);
});

test("a bundler leaves out the operations that are not listed", async () => {
  const bundle = async (contents: string) => {
    const stdin = { contents, resolveDir: "generated", loader: "ts" } as const;
    const { outputFiles } = await build({ stdin, bundle: true, minify: true, format: "esm", write: false });
    return outputFiles[0]?.text;
  };
  const one = await bundle(`import { listCertificates } from "./operations.js"; console.log([listCertificates])`);
  expect(one).toContain("/v3/certificates");
  expect(one).not.toContain("/v3/payroll-card");
  const all = await bundle(`import { operations } from "./operations.js"; console.log(operations)`);
  expect(all).toContain("/v3/payroll-card");
});
