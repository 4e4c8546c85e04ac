import { describe, expect, test } from "vitest";
import { type Described, examplesOf } from "../../spec/examples.js";
import { resolver } from "../../spec/refs.js";

const components = {
  examples: { One: { value: "named" }, Elsewhere: { externalValue: "https://example.com/one.json" } },
  schemas: {
    Openid: { type: "string", example: "oLTPCuN5a" },
    Plain: { type: "string", maxLength: 5 },
    Tree: {
      type: "object",
      properties: { name: { type: "string", example: "n" }, branches: { type: "array", items: ref("Tree") } },
    },
    Endless: { type: "object", required: ["next"], properties: { next: ref("Endless") } },
  },
};
function ref(name: string) {
  return { $ref: `#/components/schemas/${name}` };
}
const resolve = resolver({ components });
const text = { type: "string" };

test.each<[string, Described, unknown[]]>([
  ["its own", { example: { a: 1 }, schema: ref("Openid") }, [{ a: 1 }]],
  ["one that is null, 0 or false", { example: 0, schema: ref("Openid") }, [0]],
  [
    "its own by name, all of them",
    { examples: { a: { value: 1 }, b: { $ref: "#/components/examples/One" } } },
    [1, "named"],
  ],
  [
    "none that stands elsewhere",
    { examples: { a: { $ref: "#/components/examples/Elsewhere" } }, schema: ref("Openid") },
    ["oLTPCuN5a"],
  ],
  ["a parameter's in its content", { content: { "application/json": { example: "{}" } } }, ["{}"]],
  ["the schema's", { schema: ref("Openid") }, ["oLTPCuN5a"]],
  ["what stands beside a $ref", { schema: { ...ref("Openid"), example: "other" } }, ["other"]],
  ["the schema's examples", { schema: { ...text, examples: ["a", "b"], enum: ["c"] } }, ["a"]],
  ["a constant", { schema: { const: "CNY" } }, ["CNY"]],
  ["the first value of an enum", { schema: { ...text, enum: ["A", "B"], default: "B" } }, ["A"]],
  ["the first value known", { schema: { ...text, "x-extensible-enum": ["A", "B"] } }, ["A"]],
  ["a default", { schema: { type: "boolean", default: false } }, [false]],
  ["of a list, one item", { schema: { type: "array", items: ref("Openid") } }, [["oLTPCuN5a"]]],
  ["of an object, what is known", { schema: { properties: { a: ref("Openid"), b: text } } }, [{ a: "oLTPCuN5a" }]],
  [
    "of all parts of an object",
    { schema: { allOf: [{ properties: { a: { const: 1 } } }], properties: { b: { const: 2 } } } },
    [{ a: 1, b: 2 }],
  ],
  [
    "of an object in an object that both parts describe",
    { schema: { allOf: [{ properties: { a: { example: { b: 1 } } } }], properties: { a: { example: { c: 2 } } } } },
    [{ a: { b: 1, c: 2 } }],
  ],
  ["of a text that is described in parts", { schema: { allOf: [ref("Openid"), { maxLength: 9 }] } }, ["oLTPCuN5a"]],
  ["of the first choice that has one", { schema: { oneOf: [text, ref("Openid")] } }, ["oLTPCuN5a"]],
  [
    "of a choice between fields",
    { schema: { properties: { a: text, b: { const: 1 } }, anyOf: [{ required: ["a"] }, { required: ["b"] }] } },
    [{ b: 1 }],
  ],
  ["of a schema that contains itself", { schema: ref("Tree") }, [{ name: "n", branches: [] }]],
  [
    "none where a required part has none",
    { schema: { required: ["b"], properties: { a: ref("Openid"), b: text } } },
    [],
  ],
  ["none where nothing is said", { schema: {} }, []],
  ["none where there is no schema", {}, []],
])("an example is found: %s", (_, described, found) => {
  expect(examplesOf(described, resolve)).toEqual(found);
});

describe("where there is none, one is made up", () => {
  const makeUp = ({ type, maxLength }: { type?: unknown; maxLength?: unknown }) =>
    `${type} of ${maxLength ?? "any"} letters`;

  test.each<[string, object, unknown[]]>([
    ["for a text", ref("Plain"), ["string of 5 letters"]],
    ["for the items of a list", { type: "array", items: text }, [["string of any letters"]]],
    [
      "for what an object requires, and not for what it may leave out",
      { type: "object", required: ["a", "c"], properties: { a: text, b: text, c: ref("Openid"), d: ref("Openid") } },
      [{ a: "string of any letters", c: "oLTPCuN5a", d: "oLTPCuN5a" }],
    ],
    [
      "for the first of the fields of which one is required",
      { type: "object", properties: { a: text, b: text }, anyOf: [{ required: ["a"] }, { required: ["b"] }] },
      [{ a: "string of any letters" }],
    ],
    [
      "for what is required and described in another part, or nowhere",
      {
        required: ["a", "b", "c"],
        properties: { c: { description: "C" } },
        allOf: [{ properties: { a: { type: "integer" } } }],
      },
      [{ a: "integer of any letters", b: "string of any letters", c: "string of any letters" }],
    ],
    [
      "for the items of a list that is required",
      { required: ["a"], properties: { a: { type: "array", items: text } } },
      [{ a: ["string of any letters"] }],
    ],
    ["for an object of which nothing is known", { type: "object" }, [{}]],
    ["never for a value that is given", { type: "string", default: "" }, [""]],
    ["and not without end", ref("Endless"), []],
  ])("%s", (_, schema, found) => {
    expect(examplesOf({ schema }, resolve, makeUp)).toEqual(found);
  });
});
