// "At least one of these properties", as it is written here and as other tools understand it.
import { isDeepStrictEqual } from "node:util";
import type { Json } from "./refs.js";

/** A branch of an `anyOf`. */
type Branch = Json & { required?: string[] };

/** The properties of which at least one is there: `anyOf: [{ required: [a] }, { required: [b] }]`. Undefined where `anyOf` says anything else. */
export function atLeastOneOf({ anyOf = [] }: { anyOf?: { required?: string[] }[] }): string[] | undefined {
  const isChoice = anyOf.every((branch) => Object.keys(branch).join() === "required" && branch.required?.length === 1);
  return isChoice && anyOf.length > 0 ? anyOf.flatMap(({ required = [] }) => required) : undefined;
}

/**
 * The document with every such choice spelled out: each branch is the whole object, with one more required property. Most generators take
 * a branch without a type and properties for anything at all, and a body of `42` passes what they make.
 */
export function spelledOut<Document>(document: Document): Document {
  return everySchema(document, (schema) => {
    const { description, anyOf, ...whole } = schema;
    const keys = atLeastOneOf({ anyOf: anyOf as Branch[] });
    if (!keys || !whole.properties) return schema;
    const required = (whole.required ?? []) as string[];
    const branches = keys.map((key) => ({ ...whole, required: [...required, key] }));
    return { ...(description !== undefined && { description }), anyOf: branches };
  });
}

/** The document with every spelled out choice as it is written here: the opposite of {@link spelledOut}. */
export function inShort<Document>(document: Document): Document {
  return everySchema(document, (schema) => {
    const branches = schema.anyOf as Branch[];
    if (schema.properties || branches.length === 0) return schema;
    const [{ required: first = [], ...whole }, ...others] = branches as [Branch, ...Branch[]];
    const required = first.filter((key) => others.every((branch) => branch.required?.includes(key)));
    const anyOf = branches.map((branch) => ({ required: branch.required?.filter((key) => !required.includes(key)) }));
    const isChoice = others.every(({ required: _, ...other }) => isDeepStrictEqual(other, whole));
    if (!whole.properties || !isChoice || !atLeastOneOf({ anyOf } as { anyOf: Branch[] })) return schema;
    return { ...schema, ...whole, required, anyOf };
  });
}

/** A copy of the document in which every node with an `anyOf` is what `change` makes of it. */
function everySchema<Document>(document: Document, change: (schema: Json) => Json): Document {
  return JSON.parse(JSON.stringify(document), (_, node) => (Array.isArray(node?.anyOf) ? change(node) : node));
}
