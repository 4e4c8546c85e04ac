import { expect, test } from "vitest";
import openapi from "../../generated/openapi.json" with { type: "json" };
import manifest from "../../package.json" with { type: "json" };

test("the spec has the package's version, so that both rise together", () => {
  expect(openapi.info.version).toBe(manifest.version);
});
