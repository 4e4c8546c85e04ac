import { expect, test } from "vitest";
import { compare, differs, likenessOf, partsOf } from "../../../../../src/sandbox/console/page/detail/comparison.js";

const message = (url: string, body = "", method = "GET") => `${method}\n${url}\n1795616716\nnonce\n${body}\n`;

test("what is missing or too much is marked whole, however long", () => {
  const query = `?openid=${"o".repeat(100)}&limit=10`;
  const [, url] = compare(message(`/v3/orders${query}`), message("/v3/orders"));
  expect(url).toEqual({
    name: "url",
    parts: [
      { of: "both", text: "/v3/orders" },
      { of: "expected", text: query },
    ],
    end: "both",
  });
  const [, other] = compare(message("/v3/orders"), message(`/v3/orders${query}`));
  expect(other?.parts[1]).toEqual({ of: "signed", text: query });
});

test("line feeds are no part of a line: one that is missing is told apart", () => {
  const lines = compare("GET\n/v3/orders\n1\nnonce\n\n", "GET\n/v3/orders\n1\nnonce\n");
  expect(lines.map(({ name, end }) => [name, end])).toEqual([
    ["method", "both"],
    ["url", "both"],
    ["timestamp", "both"],
    ["nonce", "both"],
    ["body", "expected"],
  ]);
  expect(lines.filter(differs).map(({ name }) => name)).toEqual(["body"]);
});

test("the fifth line is all of the body, with its own line feeds", () => {
  const lines = compare(message("/v3/orders", '{\n  "a": 1\n}', "POST"));
  expect(lines).toHaveLength(5);
  expect(lines[4]?.parts).toEqual([{ of: "both", text: '{\n  "a": 1\n}' }]);
  expect(lines.some(differs)).toBe(false);
});

test("a message of one line is compared with all five", () => {
  const lines = compare(message("/v3/orders"), "GET/v3/orders");
  expect(lines[0]).toMatchObject({ name: "method", end: "expected", parts: [{ text: "GET" }, { text: "/v3/orders" }] });
  expect(lines.every(differs)).toBe(true);
});

test.each<[signed: string, expected: string, likeness: ReturnType<typeof likenessOf>]>([
  ['{"a": 1,\n "b": [2]}', '{"a":1,"b":[2]}', "white-space"],
  ['{"a":"\\u4e2d"}', '{"a":"中"}', "spelling"],
  ['{"a":1.0}', '{"a":1}', "spelling"],
  ['{"b":2,"a":1}', '{"a":1,"b":2}', undefined],
  ['{"a": "x y"}', '{"a":"xy"}', undefined],
  ["a=1", "a=2", undefined],
])("how %j and %j are alike", (signed, expected, likeness) => {
  expect(likenessOf(signed, expected)).toBe(likeness);
});

test("of one JSON that is spaced otherwise, the white space alone is marked", () => {
  expect(partsOf('{"a": "x y",\n"b":1}', '{"a":"x y","b": 1}')).toEqual([
    { of: "both", text: '{"a":' },
    { of: "signed", text: " " },
    { of: "both", text: '"x y",' },
    { of: "signed", text: "\n" },
    { of: "both", text: '"b":' },
    { of: "expected", text: " " },
    { of: "both", text: "1}" },
  ]);
});

test("no character is cut in two", () => {
  expect(partsOf("a😀b", "a😁b")).toEqual([
    { of: "both", text: "a" },
    { of: "signed", text: "😀" },
    { of: "expected", text: "😁" },
    { of: "both", text: "b" },
  ]);
});
