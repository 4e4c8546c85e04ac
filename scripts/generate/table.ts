// operations.ts: what the client must know of each operation.
import { IDEMPOTENT, isUnsigned, SENSITIVE, sensitiveFields } from "../../spec/keys.js";
import { goodReplies, type Json, operationsOf, type PlacedOperation, type Resolve, resolver } from "../../spec/refs.js";
import type { Operation } from "../../src/client/operations.js";
import type { Document, Entry, SpecOperation } from "./entries.js";
import { limitsOf, methodLimits, serverLimits } from "./limits.js";
import { notificationLimits } from "./notifications.js";
import { filledIn } from "./uploads.js";

/** @throws {Error} that names every operation which the client would not call as it is described, or not encrypt */
export function operationsModule(entries: Entry[], document: Document, typesFrom: string): string {
  const problems = problemsOf(document);
  if (problems.length > 0) throw new Error(problems.join("\n"));
  const resolve = resolver(document);
  const rows = entries.map((entry) => {
    const row = printRow(entry, rowOf(entry, document), resolve);
    return `export const ${entry.exportName}: Operations = ${row};\n`;
  });
  const imports = rows.some((row) => row.includes(UPLOAD_CALL))
    ? // Not from the index of the package's own modules, which imports this table.
      `import { upload } from "${typesFrom.replace(/index\.js$/, "upload.js")}";\n`
    : "";
  return `import type { Operations } from "${typesFrom}";
${imports}
${rows.join("")}
/** What the client must know of each operation. A bundler leaves out what nobody asks for. */
export const operations: Operations = /* @__PURE__ */ Object.assign(
  {},
${entries.map(({ exportName }) => `  ${exportName},\n`).join("")});
`;
}

/** A bundler leaves out what nobody asks for. */
const UPLOAD_CALL = "/* @__PURE__ */ upload(";

/** A row in code: JSON, and for an upload the function that makes its bytes. */
function printRow({ key, operation }: Entry, row: Operation, resolve: Resolve): string {
  const fields = filledIn(operation.requestBody, resolve);
  const json = JSON.stringify({ [key]: row });
  if (fields === undefined) return json;
  return `${json.slice(0, -2)},"body":${UPLOAD_CALL}${fields.map((field) => JSON.stringify(field)).join(", ")})}}`;
}

/** What the client would not do as a document says, or not encrypt: each in one sentence that starts with its place. */
export function problemsOf(document: Document): string[] {
  const resolve = resolver(document);
  const placed = operationsOf<SpecOperation>(document).flatMap((each) => {
    const problems = limitsOf(each, resolve);
    try {
      sensitiveOf(each, document);
    } catch (error) {
      problems.unshift((error as Error).message);
    }
    return problems.map((problem) => `${each.method.toUpperCase()} ${each.path}: ${problem}`);
  });
  // A path and an operation may have servers of their own.
  const holders = [
    document,
    ...Object.values(document.paths),
    ...operationsOf<object>(document).map((each) => each.operation),
  ];
  return [...holders.flatMap(serverLimits), ...methodLimits(document), ...notificationLimits(document), ...placed];
}

function rowOf(entry: Entry, document: Document): Operation {
  const { operationId, [IDEMPOTENT]: idempotent } = entry.operation;
  const sensitive = sensitiveOf(entry, document);
  return {
    operationId,
    ...(isUnsigned(entry.operation) && { response: "unsigned" }),
    ...(idempotent && { idempotent }),
    ...(Object.keys(sensitive).length > 0 && { sensitive }),
  };
}

/**
 * The fields that the client encrypts and decrypts.
 * @throws {Error} where a field stands that it would not encrypt
 */
export function sensitiveOf(
  { parameters, operation }: PlacedOperation<SpecOperation>,
  document: Document,
): NonNullable<Operation["sensitive"]> {
  const resolve = resolver(document);
  const contentOf = (node: unknown) => Object.entries((resolve(node).content ?? {}) as Record<string, Json>);

  const query = parameters.map(resolve).flatMap((parameter) => {
    const elsewhere = [{ ...parameter, schema: {} }, ...contentOf(parameter).map(([, { schema }]) => schema)];
    const fields = sensitiveFields(parameter.schema, resolve);
    // Of a list, each item is a parameter of its own.
    const isEncrypted = parameter.in === "query" && fields.every((field) => field === "" || field === "/*");
    if (sensitiveFields({ allOf: elsewhere }, resolve).length > 0 || (fields.length > 0 && !isEncrypted))
      throw notEncrypted(`in the ${parameter.in} parameter ${parameter.name}`);
    return fields.length > 0 ? [String(parameter.name)] : [];
  });

  const schemasOf = (body: unknown) =>
    contentOf(body).flatMap(([type, { schema }]) => {
      if (type === "application/json") return [schema];
      if (sensitiveFields(schema, resolve).length > 0) throw notEncrypted(`in a body of ${type}`);
      return [];
    });
  const fieldsOf = (bodies: unknown[]) => {
    const fields = sensitiveFields({ anyOf: bodies.flatMap(schemasOf) }, resolve);
    if (fields.includes("")) throw notEncrypted("on the body itself");
    return fields;
  };
  const request = fieldsOf([operation.requestBody]);
  const response = fieldsOf(goodReplies(operation));
  const all = Object.entries({ request, response, query });
  return Object.fromEntries(all.filter(([, fields]) => fields.length > 0));
}

/** The value would go out as plain text, and nobody would notice. */
function notEncrypted(where: string): Error {
  return new Error(
    `${SENSITIVE} stands ${where}, but the client encrypts fields of JSON bodies and texts of a query only. Remove it, and say in the description that callers encrypt the value, by wechatpay.encrypt(text).`,
  );
}
