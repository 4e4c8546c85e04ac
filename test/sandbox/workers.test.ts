import { expect, test } from "vitest";
import * as sandbox from "wechatpay-openapi-fetch/sandbox";
import * as workers from "../../src/sandbox/workers.js";

test("what Workers import has the same names, and says where the sandbox runs and how to reach it", async () => {
  expect(Object.keys(workers).sort()).toEqual(Object.keys(sandbox).sort());
  expect(workers.FAULTS).toBe(sandbox.FAULTS);
  await expect(workers.createSandbox()).rejects.toThrow(
    /Start it in Node\.js, npx --no wechatpay sandbox .* and baseUrl: "http:/,
  );
});
