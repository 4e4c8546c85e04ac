import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import published from "../../generated/openapi.json" with { type: "json" };
import { inShort } from "../../spec/choices.js";

interface Schema {
  $ref?: string;
  type?: string;
  maxLength?: number;
  maxItems?: number;
  minimum?: number;
  maximum?: number;
  pattern?: string;
  enum?: string[];
  "x-extensible-enum"?: string[];
  "x-wechatpay-sensitive"?: true;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: { required: string[] }[];
}
interface Content {
  content: { "application/json": { schema: Schema } };
}
interface Operation {
  "x-wechatpay-idempotent"?: string;
  parameters: { in: string; name: string; required: boolean; schema: Schema }[];
  requestBody?: Content;
  responses: { 200: Content };
}

const openapi = inShort(published);

function resolve<T>(node: T): T {
  const { $ref } = node as { $ref?: string };
  if ($ref === undefined) return node;
  const keys = $ref.slice(2).split("/");
  return resolve(keys.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], openapi) as T);
}

/** A value in one line: `*` is required, `…` open to further values. */
function line(name: string, node: Schema, isRequired: boolean): string {
  const schema = resolve(node);
  const { minimum = "", maximum = "", "x-extensible-enum": open } = schema;
  return [
    name + (isRequired ? "*" : ""),
    schema.maxLength ?? schema.maxItems ?? (minimum !== "" || maximum !== "" ? `${minimum}–${maximum}` : undefined),
    schema.pattern,
    (open ? [...open, "…"] : schema.enum)?.join("|"),
    schema["x-wechatpay-sensitive"] && "encrypted",
    schema.type === "boolean" && "boolean",
  ]
    .filter(Boolean)
    .join(" ");
}

function fields(node: Schema, above = ""): string[] {
  const { properties = {}, required = [] } = resolve(node);
  return Object.entries(properties).flatMap(([name, inner]) => {
    const { type, items } = resolve(inner);
    const below = type === "array" ? fields(items ?? {}, `${above}${name}[].`) : fields(inner, `${above}${name}.`);
    return [line(above + name, inner, required.includes(name)), ...below];
  });
}

const schemaOf = (body: Content) => resolve(body).content["application/json"].schema;

const operations = new Map<string, Operation>(
  Object.entries(openapi.paths as unknown as Record<string, Record<string, Operation>>).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const),
  ),
);

/** All there is to an operation, a line a value. */
function linesOf(name: string): string[] {
  const { parameters, requestBody, responses, ...operation } = operations.get(name) as Operation;
  const body = requestBody && schemaOf(requestBody);
  const choice =
    body &&
    resolve(body)
      .anyOf?.map(({ required }) => required.join())
      .join(" | ");
  return [
    ...(operation["x-wechatpay-idempotent"] ? [`  idempotent ${operation["x-wechatpay-idempotent"]}`] : []),
    ...parameters.map((each) => {
      const { in: place, name, schema, required } = resolve(each);
      return `  ${line(`${place}.${name}`, schema, required)}`;
    }),
    ...(body ? fields(body) : []).map((text) => `  > ${text}`),
    ...(choice ? [`  > one of ${choice}`] : []),
    ...fields(schemaOf(responses[200])).map((text) => `  < ${text}`),
  ];
}

// fields.txt has the operations as the documents have them that the descriptions name, value by value: it changes where they do.
const documented = (await readFile("test/spec/fields.txt", "utf8")).trimEnd().split("\n\n");

test.each(documented.map((text) => text.split("\n")))(
  "%s is described with the fields, lengths and values of the documents",
  (name, ...lines) => {
    expect(linesOf(name as string)).toEqual(lines);
  },
);
