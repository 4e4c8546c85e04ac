import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { capabilities } from "./capabilities.js";
import { COLUMNS, differences, LANGUAGES, pageOf, tableIn, tableOf, withTable } from "./table.js";

const pages = LANGUAGES.map((language) => [language, readFileSync(pageOf(language), "utf8")] as const);

test.each(pages)(
  "the page in %s has a row for each capability, a column for each runtime that is installed",
  (language, page) => {
    const [head = [], , ...rows] = tableIn(page, language)
      .split("\n")
      .map((line) =>
        line
          .split("|")
          .map((cell) => cell.trim())
          .slice(1, -1),
      );
    expect(head).toEqual(["", ...COLUMNS.map(({ title }) => title)]);
    expect(rows.map(([name]) => name)).toEqual(capabilities.map((capability) => capability[language]));
    expect(rows.flat()).not.toContain("✗");
  },
);

test.each(pages)(
  "a run that finds something else than the page in %s says what, and can write it",
  (language, page) => {
    const [{ title: first = "" } = {}] = COLUMNS;
    const [{ en = "" } = {}] = capabilities;
    const [line = ""] = tableOf({ [first]: {} }, language)
      .split("\n")
      .slice(2);
    expect(line).toMatch(/ \| ✗ \|$/);
    const all = Object.fromEntries(COLUMNS.map(({ title }) => [title, {}]));
    expect(differences(page, { [first]: { [en]: { error: "broken" } } }, language)).toContainEqual(
      expect.stringMatching(new RegExp(`${first}: ✓ in place of ✗$`)),
    );
    expect(differences(page, { "Node.js 1.0": {} }, language)).toEqual([
      expect.stringContaining("no column Node.js 1.0"),
    ]);
    const written = withTable(page, tableOf(all, language));
    expect(written).not.toBe(page);
    expect(differences(written, all, language)).toEqual([]);
  },
);
