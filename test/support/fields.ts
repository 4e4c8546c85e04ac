import { inShort } from "../../spec/choices.js";
import { operationsOf, resolver } from "../../spec/refs.js";

interface Schema {
  type?: string;
  format?: string;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
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
  allOf?: Schema[];
  anyOf?: Schema[];
}
type Body = { content?: Record<string, { schema: Schema }> } | undefined;
interface Operation {
  "x-wechatpay-idempotent"?: string;
  "x-wechatpay-response"?: string;
  parameters?: unknown[];
  requestBody?: unknown;
  responses: Record<string, unknown>;
}
interface Parameter {
  in: string;
  name: string;
  required?: boolean;
  schema: Schema;
}

/** All there is to each operation and notification of a document, a line a value, by `POST /v3/…` or `POST TRANSACTION.SUCCESS`. */
export function linesByOperation(published: { paths: object; webhooks?: object }): Map<string, string[]> {
  const document = inShort<{ paths: object; webhooks?: object }>(published);
  const follow = resolver(document) as <T>(node: unknown) => T;
  const resolve = (node: unknown) => follow<Schema>(node);

  /** A schema with what its parts say; a later part says more of a property than an earlier one. */
  function whole(node: unknown): Schema {
    const schema = resolve(node);
    const parts = (schema.allOf ?? []).map(whole);
    const holders = [...parts, schema];
    return {
      ...Object.assign({}, ...parts),
      ...schema,
      properties: Object.assign({}, ...holders.map(({ properties }) => properties)),
      required: holders.flatMap(({ required = [] }) => required),
    };
  }

  /** A value in one line: `*` is required, `…` open to further values. */
  function line(name: string, node: unknown, isRequired: boolean): string {
    const schema = whole(node);
    const { minLength = 0, maxLength, minItems, maxItems, minimum, maximum, "x-extensible-enum": open } = schema;
    return [
      name + (isRequired ? "*" : ""),
      minLength > 1 && minLength !== maxLength ? `${minLength}–${maxLength}` : maxLength,
      maxItems ?? (minItems === undefined ? undefined : `${minItems}–`),
      (minimum ?? maximum) === undefined ? undefined : `${minimum ?? ""}–${maximum ?? ""}`,
      schema.pattern,
      schema.format,
      (open ? [...open, "…"] : schema.enum)?.join("|"),
      schema["x-wechatpay-sensitive"] && "encrypted",
      schema.type === "boolean" && "boolean",
    ]
      .filter(Boolean)
      .join(" ");
  }

  function fields(node: unknown, above = ""): string[] {
    const { type, items, properties = {}, required = [], anyOf = [] } = whole(node);
    if (type === "array") return fields(items, `${above}[]`);
    const path = above && `${above}.`;
    const own = Object.entries(properties).flatMap(([name, inner]) => [
      line(path + name, inner, required.includes(name)),
      ...fields(inner, path + name),
    ]);
    const choices = anyOf.flatMap(({ required }) => required ?? []);
    if (choices.length > 0) return [...own, `${above} one of ${choices.join(" | ")}`.trim()];
    return [...own, ...anyOf.flatMap((branch, index) => [...(index ? ["or"] : []), ...fields(branch, above)])];
  }

  function linesOf(operation: Operation, parameters: unknown[]): string[] {
    const {
      "x-wechatpay-idempotent": idempotent,
      "x-wechatpay-response": response,
      requestBody,
      responses,
    } = operation;
    const [[status, reply] = []] = Object.entries(responses);
    const fieldsOf = (body: unknown, arrow: string) =>
      Object.values(follow<Body>(body)?.content ?? {}).flatMap(({ schema }) =>
        (resolve(schema).type === "string" ? ["text"] : fields(schema)).map((text) => `  ${arrow} ${text}`),
      );
    return [
      ...(idempotent ? [`  idempotent ${idempotent}`] : []),
      ...(response ? [`  ${response}`] : []),
      ...parameters.map((each) => {
        const { in: place, name, schema, required = false } = follow<Parameter>(each);
        return `  ${line(`${place}.${name}`, schema, required)}`;
      }),
      ...fieldsOf(requestBody, ">"),
      ...(status === "200" ? fieldsOf(reply, "<") : [`  ${status}`]),
    ];
  }

  const placed = [document.paths, document.webhooks].flatMap((paths) => operationsOf<Operation>({ paths }));
  return new Map(
    placed.map(({ method, path, operation, parameters }) => [
      `${method.toUpperCase()} ${path}`,
      linesOf(operation, parameters),
    ]),
  );
}
