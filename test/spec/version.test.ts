import { expect, test } from "vitest";
import openapi from "../../generated/openapi.json" with { type: "json" };
import manifest from "../../package.json" with { type: "json" };
import packageLock from "../../package-lock.json" with { type: "json" };
import { createObservedClient, examples, PRE_ORDER, signedReply } from "../support/wechatpay.js";

test("the spec has the package's version, so that both rise together", () => {
  expect(openapi.info.version).toBe(manifest.version);
  expect(packageLock.version).toBe(manifest.version);
});

test("and so has the User-Agent", async () => {
  const { wechatpay, sent } = createObservedClient(() => signedReply());
  await wechatpay.POST(PRE_ORDER, { body: examples.request });
  expect(sent[0]?.headers.get("User-Agent")).toBe(`${manifest.name}/${manifest.version}`);
});
