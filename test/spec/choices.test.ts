import { expect, test } from "vitest";
import { inShort, spelledOut } from "../../spec/choices.js";

const properties = { appid: { type: "string" }, sub_appid: { type: "string" }, openid: { type: "string" } };
const short = {
  type: "object",
  description: "请求 Request",
  required: ["openid"],
  anyOf: [{ required: ["appid"] }, { required: ["sub_appid"] }],
  properties,
};
const long = {
  description: "请求 Request",
  anyOf: [
    { type: "object", required: ["openid", "appid"], properties },
    { type: "object", required: ["openid", "sub_appid"], properties },
  ],
};

test("every branch of a choice is the whole object, as other tools need it", () => {
  expect(spelledOut({ components: { schemas: { short } } })).toEqual({ components: { schemas: { short: long } } });
});

test("and what was spelled out is read as it was written", () => {
  expect(inShort({ items: [long] })).toEqual({ items: [short] });
  expect(inShort(short)).toEqual(short);
});

test.each([
  ["alternatives of different objects", { anyOf: [{ ...short, anyOf: undefined }, { type: "string" }] }],
  ["a branch for two properties at once", { anyOf: [long.anyOf[0], { ...long.anyOf[0], required: ["a", "b", "c"] }] }],
  ["branches that only limit a value", { type: "string", anyOf: [{ minLength: 1 }, { const: "" }] }],
  ["a property called anyOf", { properties: { anyOf: { type: "string" } } }],
])("%s stay as they are", (_, schema) => {
  const document = JSON.parse(JSON.stringify(schema));
  expect(inShort(document)).toEqual(document);
  expect(spelledOut(document)).toEqual(document);
});
