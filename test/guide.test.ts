import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import openapi from "../generated/openapi.json" with { type: "json" };
import openapiOfPay from "../generated/pay/openapi.json" with { type: "json" };
import { chainNames } from "../src/client/chain.js";
import { linksOf, outlineOf, proseOf } from "./support/markdown.js";
import { blocksOf, openPage } from "./support/page.js";

/** Pages whose code needs more than to be run: the tests that do what its readers do. Any other page is run as it stands. */
const TESTED_ELSEWHERE: Record<string, string> = {
  "README.md": "test/readme.test.ts",
  "guide/errors.md": "test/guide/programs.test.ts",
  "guide/files.md": "test/guide/programs.test.ts",
  "guide/flow.md": "test/guide/programs.test.ts",
  "guide/keys.md": "test/guide/programs.test.ts",
  "guide/options.md": "test/guide/programs.test.ts",
  "guide/performance.md": "test/guide/programs.test.ts",
  "guide/sandbox.md": "test/guide/programs.test.ts",
  "guide/notifications.md": "test/frameworks/notifications.test.ts",
  "guide/proxies.md": "test/runtimes/runtimes.test.ts",
  "guide/payments.md": "test/payments.test.ts",
};
/** For those who work on this package, who read English. */
const ENGLISH_ONLY = ["guide/decisions.md"];

const guide = (await readdir("guide")).filter((name) => name.endsWith(".md")).map((name) => join("guide", name));
const isChinese = (name: string) => name.endsWith(".zh-CN.md");
const pages = ["README.md", ...guide.filter((name) => !isChinese(name))];
const calls = [openapi, openapiOfPay].flatMap(({ paths }) =>
  Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => [...chainNames(path), method].join(".")),
  ),
);

test("every page of the guide has a twin in the other language, and stands in both indexes", async () => {
  const translated = guide.filter((name) => !ENGLISH_ONLY.includes(name));
  const twinOf = (name: string) =>
    isChinese(name) ? name.replace(".zh-CN.md", ".md") : name.replace(/md$/, "zh-CN.md");
  expect(translated.filter((name) => !existsSync(twinOf(name)))).toEqual([]);
  for (const language of [".md", ".zh-CN.md"]) {
    const index = join("guide", `README${language}`);
    const links = linksOf(await readFile(index, "utf8")).map((target) => join("guide", target));
    const ofLanguage = translated.filter((name) => isChinese(name) === isChinese(index) && name !== index);
    expect(ofLanguage.filter((name) => !links.includes(name))).toEqual([]);
  }
});

describe.each(pages.filter((page) => !ENGLISH_ONLY.includes(page)))("%s", (page) => {
  const translation = page.replace(/md$/, "zh-CN.md");

  test("shows the same code in Chinese, but for the comments", async () => {
    const withoutComments = (blocks: string[]) =>
      blocks.map((code) => code.replace(/ *\/\/ .*$/gm, "").replace(/^ *\/\*\*.*\*\/$/gm, ""));
    const [english, chinese] = await Promise.all([page, translation].map(blocksOf));
    expect(withoutComments(chinese ?? [])).toEqual(withoutComments(english ?? []));
  });

  test("says as much in Chinese: the same headings, paragraphs, lists and tables", async () => {
    const [english = "", chinese = ""] = await Promise.all([page, translation].map((name) => readFile(name, "utf8")));
    expect(outlineOf(chinese)).toEqual(outlineOf(english));
  });

  test("has code that compiles and runs, block by block", async () => {
    const file = TESTED_ELSEWHERE[page];
    if (file !== undefined) return expect(await readFile(file, "utf8")).toContain(page);
    const opened = await openPage(page);
    for (const code of await blocksOf(page)) await opened.run(code);
    await opened.close();
  });
});

describe.each(guide)("%s", (page) => {
  test("begins with its title and the way to the index and to its twin", async () => {
    const [, names = ""] = /^# .+\n\n(.+)\n\n/.exec(await readFile(page, "utf8")) ?? [];
    const name = page.replace(/^guide\//, "");
    const isIndex = name.startsWith("README.");
    const twin = isChinese(name)
      ? `[English](${name.replace(".zh-CN", "")})`
      : ENGLISH_ONLY.includes(page)
        ? undefined
        : `[简体中文](${name.replace(/md$/, "zh-CN.md")})`;
    const index = isChinese(name) ? "[使用指南](README.zh-CN.md)" : "[Guide](README.md)";
    expect(names).toBe([isIndex ? undefined : index, twin].filter(Boolean).join(" · "));
  });

  test.runIf(isChinese(page))("has no two words of English left", async () => {
    const text = proseOf(await readFile(page, "utf8")).replace(/`[^`]*`|\]\([^)]*\)|https?:\S+/g, "");
    expect(text.match(/\b[A-Za-z]+ [a-z]{2,}\b.*/g) ?? []).toEqual([]);
  });

  test("names operations by the calls that they have", async () => {
    const named = (await readFile(page, "utf8")).matchAll(/`(v3\.[\w.]+\.(?:get|post))`/g);
    expect(Array.from(named, ([, call = ""]) => call).filter((call) => !calls.includes(call))).toEqual([]);
  });

  test("keeps to the words of the field", async () => {
    const text = proseOf(await readFile(page, "utf8")).replace(/`[^`]*`/g, "");
    expect(text.match(/\brepl(?:y|ies)\b|\bcarried out\b|\bdies?\b|敏感字段/gi) ?? []).toEqual([]);
  });
});
