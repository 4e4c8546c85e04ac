import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import payrollCard from "../../generated/openapi.json" with { type: "json" };
import pay from "../../generated/pay/openapi.json" with { type: "json" };
import { apart, phrase } from "../../scripts/page/languages.js";

describe("Chinese and English are taken apart", () => {
  test.each([
    ["in a line", "微工卡核身预下单 Pre-order a verification", "微工卡核身预下单", "Pre-order a verification"],
    ["behind a term", "生成授权token Create a token", "生成授权token", "Create a token"],
    ["behind a full stop", "姓名。Name.", "姓名。", "Name."],
    ["below each other", "用户的姓名，\n必填。\nThe name,\nrequired.", "用户的姓名，必填。", "The name,\nrequired."],
    ["in paragraphs", "一句。\n\nOne sentence.", "一句。", "One sentence."],
    ["in a list", "- 一 `a` b。\n  One.\n- 二。\n  Two.", "- 一 `a` b。\n- 二。", "- One.\n- Two."],
    ["in a label", "**限制 Limits**", "**限制**", "**Limits**"],
    ["in a heading", "## 错误码 Errors", "## 错误码", "## Errors"],
    ["in a summary", "<summary>未说明 Not said</summary>", "<summary>未说明</summary>", "<summary>Not said</summary>"],
    [
      "in a table",
      "| 码 code | `A` |\n| --- | --- |\n| 见 `a`<br>See `a` | B |",
      "| 码 | `A` |\n| --- | --- |\n| 见 `a` | B |",
      "| code | `A` |\n| --- | --- |\n| See `a` | B |",
    ],
    [
      "in comments",
      "码\n\n```ts\nf(); // 一 One\n```\n\nCode",
      "码\n\n```ts\nf(); // 一\n```",
      "```ts\nf(); // One\n```\n\nCode",
    ],
    ["with a term in parentheses", "商户。\nA sub-merchant (特约商户).", "商户。", "A sub-merchant (特约商户)."],
  ])("%s", (_, text, zh, en) => {
    expect(apart(text)).toEqual({ zh, en });
  });

  test.each([["The refund's number."], ["退款单号。\n\n- 一\n- 二"], ["`GET /v3`"], ["付款 SDK"]])(
    "and %j, which is of one language, is in both",
    (text) => {
      expect(apart(text)).toEqual({ zh: text, en: text });
    },
  );
});

/** Official values and names are code, stand in parentheses, or in quotes. */
const withoutTerms = (text: string) =>
  text
    .replaceAll(/```.*?```/gs, "")
    .replaceAll(/`[^`]*`|\]\([^)]*\)|"[^"\n]*"/g, "")
    .replaceAll(/\([^()]*\)/g, "");
const hanIn = (english: string) => withoutTerms(english).match(/\p{Script=Han}+/gu) ?? [];
/** Three words in a row, the first of which may be a name. */
const englishIn = (chinese: string) =>
  withoutTerms(chinese).match(/\b[A-Za-z][a-z']+ [a-z][a-z']*(?: [a-z][a-z']*)+/g) ?? [];
const signs = (text: string) => [...text.matchAll(/\p{Script=Han}/gu)].length;
const itemsIn = (text: string) => text.match(/^\s*(?:- |\d+\. )/gm)?.length ?? 0;

describe("every text of our descriptions and guides", async () => {
  const texts = new Map<string, string>();
  const visit = (node: unknown, at: string): void => {
    if (typeof node !== "object" || node === null) return;
    for (const [key, inner] of Object.entries(node)) {
      if (["description", "summary", "title", "x-displayName"].includes(key) && typeof inner === "string")
        texts.set(inner, `${at}/${key}`);
      else if (key !== "value" && key !== "example") visit(inner, `${at}/${key}`);
    }
  };
  visit(payrollCard, "");
  visit(pay, "/pay");
  for (const file of ["spec/guide.md", "spec/pay/guide.md"]) texts.set(await readFile(file, "utf8"), file);
  const all = Array.from(texts, ([text, at]) => ({ at, text, ...apart(text) }));

  test("is in two languages", () => {
    expect(all.length).toBeGreaterThan(500);
    expect(all.filter(({ zh, en }) => zh === en).map(({ at }) => at)).toEqual([]);
  });

  test("is English in English, but for official names", () => {
    expect(all.flatMap(({ at, en }) => hanIn(en).map((found) => `${at}: ${found}`))).toEqual([]);
  });

  test("is Chinese in Chinese", () => {
    expect(all.flatMap(({ at, zh }) => englishIn(zh).map((found) => `${at}: ${found}`))).toEqual([]);
  });

  test("loses nothing: each character of Chinese is in one of the two, or in both, and each item of a list in both", () => {
    const lost = all.filter(({ text, zh, en }) => signs(text) > signs(zh) + signs(en) || itemsIn(zh) !== itemsIn(en));
    expect(lost.map(({ at }) => at)).toEqual([]);
    const words = (text: string) => text.match(/[A-Za-z]+/g) ?? [];
    const fewer = all.filter(({ text, zh, en }) => words(zh).length + words(en).length < words(text).length);
    expect(fewer.map(({ at }) => at)).toEqual([]);
  });

  test("leaves no doubt where the English of a line starts: with a word, and neither with code nor with a number", () => {
    const parts = all.flatMap(({ at, text }) =>
      text.split(/\n|(?<!\\)\|/).map((part) => ({ at, ...phrase(part.trim().replace(/^(?:- |\d+\. )/, "")) })),
    );
    const inDoubt = parts.filter(({ zh, en }) => zh && en && zh !== en && /^[`\d]/.test(en));
    expect(inDoubt.map(({ at, zh, en }) => `${at}: ${zh} / ${en}`)).toEqual([]);
    expect(phrase("已关闭，原因见 `close_reason` closed").en).toBe("`close_reason` closed");
  });

  test("and these checks see what is left in the other's place", () => {
    expect(hanIn("A sub-merchant 特约商户, by `特约`")).toEqual(["特约商户"]);
    expect(englishIn("有效期 5 分钟: the token lives 300 seconds")).toEqual(["the token lives"]);
  });
});
