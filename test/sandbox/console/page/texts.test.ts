import { expect, test } from "vitest";
import type { Text } from "../../../../src/sandbox/console/messages.js";
import { SNIPPETS } from "../../../../src/sandbox/console/page/connect/snippets/index.js";
import { connectTexts } from "../../../../src/sandbox/console/page/connect/texts.js";
import { stateTexts } from "../../../../src/sandbox/console/page/state/texts.js";
import { panels } from "../../../../src/sandbox/console/page/trigger/texts.js";

const HAN = /\p{Script=Han}/u;
/** Names, symbols and placeholders are the same in both languages. */
const NEUTRAL = /^(Token|∞|\{\d\}|[\s×（）])*$/;
const placesOf = (text: string) => text.match(/\{\d\}/g)?.sort();

test.each(Object.entries({ panels, stateTexts, connectTexts }))(
  "%s are in both languages, neither in the other, with the same values",
  (_, texts) => {
    const isWrong = ({ zh, en }: Text) =>
      en === "" || HAN.test(en) || !(HAN.test(zh) || NEUTRAL.test(zh)) || `${placesOf(zh)}` !== `${placesOf(en)}`;
    expect(Object.entries<Text>(texts).filter(([, text]) => isWrong(text))).toEqual([]);
  },
);

test.each(SNIPPETS)("the comments of $name are in one language, and its code is the same", ({ code, how }) => {
  // The order's description is Chinese in any language.
  const linesOf = (text: string) => text.split("\n").filter((line) => !line.includes("QQ公仔"));
  expect([how.en, ...linesOf(code("en"))].filter((line) => HAN.test(line))).toEqual([]);
  const codeOf = (text: string) => linesOf(text).map((line) => line.replace(/ *(\/\/|#) .*$/, ""));
  expect(codeOf(code("zh"))).toEqual(codeOf(code("en")));
});
