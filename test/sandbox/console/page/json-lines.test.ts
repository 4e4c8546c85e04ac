import { expect, test } from "vitest";
import { linesOf, openedTo } from "../../../../src/sandbox/console/page/json-lines.js";

const none = new Map<string, boolean>();
const pointers = (json: unknown, turned = none, most = 10_000) =>
  linesOf(json, turned, most).map(({ pointer }) => pointer);

test("each value is a line, with its JSON pointer", () => {
  const json = { "a/b": 1, list: [true, {}], "": null };
  expect(linesOf(json, none, 100)).toMatchObject([
    { pointer: "", opens: "{", members: 3, isFolded: false },
    { pointer: "/a~1b", name: "a/b", value: 1, isLast: false },
    { pointer: "/list", name: "list", opens: "[", members: 2 },
    { pointer: "/list/0", value: true, depth: 2 },
    { pointer: "/list/1", opens: "{", members: 0, isFolded: true, isLast: true },
    { pointer: "/list", closes: "]", isLast: false },
    { pointer: "/", name: "", value: null, isLast: true },
    { pointer: "", closes: "}" },
  ]);
});

test("a long list is folded, until somebody opens it or a pointer leads into it", () => {
  const json = { list: Array.from({ length: 1000 }, (_, i) => ({ i })) };
  expect(pointers(json)).toEqual(["", "/list", ""]);
  expect(pointers(json, new Map([["/list", true]]), 50)).toHaveLength(50);
  expect(pointers(json, openedTo("/list/999/i"), 10_000)).toContain("/list/999/i");
});

test("thousands of levels are no more than what is shown of them", () => {
  const deep = JSON.parse("[".repeat(5000) + "]".repeat(5000));
  expect(pointers(deep).length).toBeLessThan(100);
});
