import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { blocksOf, openPage } from "./support/page.js";

/** Pages whose code needs more than to be run: the tests that do what its readers do. Any other page is run as it stands. */
const TESTED_ELSEWHERE: Record<string, string> = {
  "README.md": "test/readme.test.ts",
  "guide/notifications.md": "test/frameworks/notifications.test.ts",
  "guide/proxies.md": "test/runtimes/runtimes.test.ts",
  "guide/payments.md": "test/payments.test.ts",
};

const guide = (await readdir("guide")).map((name) => join("guide", name));
const pages = ["README.md", ...guide].filter((name) => name.endsWith(".md") && !name.includes(".zh-CN"));

describe.each(pages)("%s", (page) => {
  const translation = page.replace(/md$/, "zh-CN.md");

  test.runIf(existsSync(translation))("shows the same code in Chinese, but for the comments", async () => {
    const withoutComments = (blocks: string[]) => blocks.map((code) => code.replace(/ *\/\/ .*$/gm, ""));
    const [english, chinese] = await Promise.all([page, translation].map(blocksOf));
    expect(withoutComments(chinese ?? [])).toEqual(withoutComments(english ?? []));
  });

  test("has code that compiles and runs, block by block", async () => {
    const file = TESTED_ELSEWHERE[page];
    if (file !== undefined) return expect(await readFile(file, "utf8")).toContain(page);
    const opened = await openPage(page);
    for (const code of await blocksOf(page)) await opened.run(code);
    await opened.close();
  });
});
