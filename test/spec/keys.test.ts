import { describe, expect, test } from "vitest";
import { sensitiveFields } from "../../spec/keys.js";

const SECRET = { type: "string", "x-wechatpay-sensitive": true };
const PLAIN = { type: "string" };
const TEXT = JSON.stringify(SECRET);

/** The fields of a schema whose `$ref`s name these components. */
function fieldsOf(schema: unknown, components: Record<string, unknown> = {}): string[] {
  const resolve = (node: unknown): Record<string, unknown> => {
    const { $ref } = node as { $ref?: string };
    return $ref === undefined ? (node as Record<string, unknown>) : resolve(components[$ref]);
  };
  return sensitiveFields(schema, resolve);
}

describe("sensitive fields are found", () => {
  test.each<[where: string, schema: unknown, fields: string[]]>([
    ["the whole body", SECRET, [""]],
    ["in properties", { properties: { user_name: SECRET, amount: PLAIN } }, ["/user_name"]],
    [
      "deep down",
      { properties: { payer: { properties: { card: { properties: { no: SECRET } } } } } },
      ["/payer/card/no"],
    ],
    [
      "in items",
      { properties: { transfer_detail_list: { items: { properties: { user_name: SECRET } } } } },
      ["/transfer_detail_list/*/user_name"],
    ],
    ["in lists of lists", { items: { items: SECRET } }, ["/*/*"]],
    [
      "in a tuple",
      { prefixItems: [PLAIN, { properties: { a: SECRET } }], items: { properties: { b: SECRET } } },
      ["/*/b", "/*/a"],
    ],
    ["in a map", { properties: { names: { additionalProperties: SECRET } } }, ["/names/*"]],
    ["under patterns", { patternProperties: { "^a": { properties: { b: SECRET } } } }, ["/*/b"]],
    [
      "in what is left over",
      { unevaluatedProperties: SECRET, properties: { a: { unevaluatedItems: SECRET } } },
      ["/a/*", "/*"],
    ],
    [
      "in compositions",
      {
        allOf: [
          { properties: { a: SECRET } },
          { anyOf: [{ properties: { b: SECRET } }, { oneOf: [{ properties: { c: SECRET } }] }] },
        ],
      },
      ["/a", "/b", "/c"],
    ],
    [
      "under a condition",
      JSON.parse(`{ "then": { "properties": { "a": ${TEXT} } }, "else": { "properties": { "b": ${TEXT} } } }`),
      ["/a", "/b"],
    ],
    [
      "once where several branches have them",
      { oneOf: [{ properties: { a: SECRET } }, { properties: { a: SECRET } }] },
      ["/a"],
    ],
    [
      "once where a * has them already",
      { properties: { a: SECRET, b: { items: SECRET } }, additionalProperties: { anyOf: [SECRET, { items: SECRET }] } },
      ["/*", "/*/*"],
    ],
    [
      "with their names escaped",
      { properties: { "a/b": SECRET, "~c": { properties: { "~1": SECRET } } } },
      ["/a~1b", "/~0c/~01"],
    ],
    [
      "under names that every object inherits",
      { properties: { constructor: SECRET, toString: PLAIN } },
      ["/constructor"],
    ],
  ])("%s", (_, schema, fields) => expect(fieldsOf(schema)).toEqual(fields));

  test("through one $ref and several, wherever one stands, and beside one", () => {
    const components = {
      Name: { $ref: "Text" },
      Text: SECRET,
      Person: { properties: { name: { $ref: "Name" }, age: PLAIN } },
    };
    const schema = {
      properties: {
        payer: { $ref: "Person" },
        payees: { items: { $ref: "Person" } },
        remark: { $ref: "Plain", "x-wechatpay-sensitive": true },
        by_id: { additionalProperties: { allOf: [{ $ref: "Person" }] } },
      },
    };
    expect(fieldsOf(schema, { ...components, Plain: PLAIN })).toEqual([
      "/payer/name",
      "/payees/*/name",
      "/remark",
      "/by_id/*/name",
    ]);
  });
});

describe("nothing is found", () => {
  test.each<[what: string, schema: unknown]>([
    ["no schema", undefined],
    ["a schema that is `true`", { items: true, additionalProperties: false, properties: { a: true } }],
    [
      "a schema without a mark",
      { properties: { "x-wechatpay-sensitive": PLAIN, a: { enum: [SECRET], example: SECRET } } },
    ],
    ["a mark that is not `true`", { properties: { a: { ...PLAIN, "x-wechatpay-sensitive": false } } }],
  ])("in %s", (_, schema) => expect(fieldsOf(schema)).toEqual([]));
});

describe("a schema that contains itself", () => {
  const tree = { properties: { name: PLAIN, children: { items: { $ref: "Tree" } } } };

  test("holds no sensitive field: it is passed by, and those beside it are found", () => {
    expect(fieldsOf({ $ref: "Tree" }, { Tree: tree })).toEqual([]);
    expect(fieldsOf({ properties: { tree: { $ref: "Tree" }, name: SECRET } }, { Tree: tree })).toEqual(["/name"]);
  });

  test("and many others, all of one another, takes no time", () => {
    const names = Array.from({ length: 40 }, (_, index) => `${index}`);
    const properties = Object.fromEntries(names.map((name) => [name, { $ref: name }]));
    const components = Object.fromEntries(names.map((name) => [name, { properties: { ...properties } }]));
    expect(fieldsOf({ properties: { ...properties, name: SECRET } }, components)).toEqual(["/name"]);
  });

  test.each<[where: string, schema: unknown, message: string]>([
    [
      "itself",
      { properties: { root: { $ref: "Tree" } } },
      'the schema at "/root" comes again at "/root/children/*", so its sensitive fields would repeat endlessly',
    ],
    ["what it refers to", { $ref: "Pair" }, 'the schema at "" comes again at "/left", so its sensitive fields'],
  ])("holds a sensitive field in %s: refused", (_, schema, message) => {
    const components = {
      Tree: { properties: { name: SECRET, children: { items: { $ref: "Tree" } } } },
      Pair: { properties: { left: { $ref: "Pair" }, right: { $ref: "Name" } } },
      Name: { properties: { name: SECRET } },
    };
    expect(() => fieldsOf(schema, components)).toThrow(TypeError);
    expect(() => fieldsOf(schema, components)).toThrow(message);
  });

  test("at the same place says nothing new", () => {
    const components = { A: { allOf: [{ $ref: "B" }], properties: { a: SECRET } }, B: { anyOf: [{ $ref: "A" }] } };
    expect(fieldsOf({ $ref: "A" }, components)).toEqual(["/a"]);
  });
});

describe("a property named *", () => {
  test.each([
    ["is", SECRET],
    ["holds", { properties: { name: SECRET } }],
  ])("that %s sensitive is refused", (_, property) => {
    const schema = { properties: { map: { properties: { "*": property } } } };
    expect(() => fieldsOf(schema)).toThrow('"/map" has a property "*" with a sensitive field');
  });

  test("that is not sensitive is like any other", () => {
    expect(fieldsOf({ properties: { "*": PLAIN, a: SECRET } })).toEqual(["/a"]);
  });
});
