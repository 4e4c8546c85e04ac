// OpenAPI 3.0 → 3.1: what a schema says in another way. https://www.openapis.org/blog/2021/02/16/migrating-from-openapi-3-0-to-3-1-0
import { type Json, subschemas } from "../../spec/refs.js";

/** The keys whose value is data, which may look like a schema. */
const DATA = ["example", "examples"];

/** Changes a document of OpenAPI 3.0 into one of 3.1 that says the same. */
export function upgrade(document: Json): void {
  if (!String(document.openapi).startsWith("3.0")) return;
  document.openapi = "3.1.0";
  for (const schema of schemasOf(document)) {
    upgradeNullable(schema);
    upgradeBound(schema, "exclusiveMinimum", "minimum");
    upgradeBound(schema, "exclusiveMaximum", "maximum");
  }
}

/** Beside a `type` only: anywhere else, `nullable` says nothing in OpenAPI 3.0. */
function upgradeNullable(schema: Json): void {
  const { type, nullable } = schema;
  if (nullable === true && typeof type === "string") schema.type = [type, "null"];
  delete schema.nullable;
}

function upgradeBound(schema: Json, exclusive: string, bound: string): void {
  if (typeof schema[exclusive] !== "boolean") return;
  if (schema[exclusive] === true) {
    schema[exclusive] = schema[bound];
    delete schema[bound];
  } else delete schema[exclusive];
}

/** Every schema of a document, where it stands: below `schema` of whatever, and among the components. */
function* schemasOf(node: unknown, key = ""): Generator<Json> {
  if (typeof node !== "object" || node === null || DATA.includes(key)) return;
  for (const [name, inner] of Object.entries(node)) {
    if (name === "schema") yield* schemasIn(inner);
    else if (name === "schemas" && key === "components")
      for (const each of Object.values(inner)) yield* schemasIn(each);
    else yield* schemasOf(inner, name);
  }
}

function* schemasIn(schema: unknown): Generator<Json> {
  if (typeof schema !== "object" || schema === null) return;
  yield schema as Json;
  yield* schemasIn((schema as Json).not);
  for (const { schema: inner } of subschemas(schema as Json)) yield* schemasIn(inner);
}
