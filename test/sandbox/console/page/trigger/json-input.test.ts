import { expect, test } from "vitest";
import { readJson } from "../../../../../src/sandbox/console/page/trigger/json-input.js";

test("reads JSON, and takes nothing for nothing", () => {
  expect(readJson('{"amount": {"total": 100}}')).toEqual({ value: { amount: { total: 100 } } });
  expect(readJson(" \n")).toEqual({ empty: true });
});

test.each([
  ['{\n  "openid": "o1"\n  "sub_mchid": "1"\n}', { line: 3, character: 3 }],
  ['{\n  "openid": ', { line: 2, character: 13 }],
  ['{"openid": o1}', { line: 1, character: 12 }],
  ['{"amount": {"total": 1.}}', { line: 1, character: 23 }],
  ['["a", "b\\x"]', { line: 1, character: 7 }],
  ['{"a": [1, 2}', { line: 1, character: 12 }],
  ["{} {}", { line: 1, character: 4 }],
  ["{,}", { line: 1, character: 2 }],
])("says where %j is wrong", (text, place) => {
  expect(readJson(text)).toEqual(place);
});
