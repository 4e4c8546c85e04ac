import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import published from "../../generated/openapi.json" with { type: "json" };
import publishedPay from "../../generated/pay/openapi.json" with { type: "json" };
import { linesByOperation } from "../support/fields.js";

// Each table has the operations as the documents have them that the descriptions name, value by value: it changes where they do.
describe.each([
  ["the payroll card", "fields.txt", published],
  ["what nearly every merchant calls", "pay-fields.txt", publishedPay],
])("%s is described with the fields, lengths and values of the documents", async (_, file, document) => {
  const blocks = (await readFile(`test/spec/${file}`, "utf8")).trimEnd().split("\n\n");
  const named = blocks.map((text) => text.split("\n")) as [name: string, ...lines: string[]][];
  // What several operations have stands once, under a name in braces.
  const shared = new Map(named.filter(([name]) => name.startsWith("{")).map(([name, ...lines]) => [name, lines]));
  const documented = named
    .filter(([name]) => !shared.has(name))
    .map(([name, ...lines]): [string, string[]] => [
      name,
      lines.flatMap((line) => {
        const [, prefix, group = ""] = /^(.*)(\{\w+\})$/.exec(line) ?? [];
        return shared.get(group)?.map((each) => prefix + each) ?? [line];
      }),
    ]);
  const described = linesByOperation(document);

  test("with every operation, and no other", () => {
    expect([...described.keys()].sort()).toEqual(documented.map(([name]) => name).sort());
  });

  test.each(documented)("%s", (name, lines) => {
    expect(described.get(name)).toEqual(lines);
  });
});
