// @module-tag slow

import { expect, test } from "vitest";
import { openInEditor } from "../support/language-service.js";

// All combinations of their parameters and bodies would be "a union type that is too complex to represent".
test("a call by path compiles in a spec of 500 writes, and a misspelt key of it does not", () => {
  const operations = Array.from(
    { length: 500 },
    (_, i) => `"/v3/orders-${i}": {
        post: {
          parameters: { query?: { of_${i}: string } };
          requestBody: { content: { "application/json": { number_${i}: string } } };
          responses: { 200: { headers: {}; content: { "application/json": { state_${i}: string } } } };
        };
      };`,
  );
  const errorsOf = (call: string) =>
    openInEditor(`
      import type { WeChatPayClient } from "wechatpay-openapi-fetch";
      declare const wechatpay: WeChatPayClient<Paths, {}>;
      ${call}
      interface Paths { ${operations.join("\n")} }
    `).errors();
  expect(errorsOf(`(await wechatpay.POST("/v3/orders-7", { body: { number_7: "1" } })).data?.state_7;`)).toEqual([]);
  expect(errorsOf(`await wechatpay.POST("/v3/orders-7", { body: { number_8: "1" } });`)).toEqual([
    expect.stringContaining("'number_8' does not exist"),
  ]);
});
