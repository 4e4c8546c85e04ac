// The operations of a description, each with the name that it has in generated/.
import type { OpenAPI3 } from "openapi-typescript";
import ts from "typescript";
import type { IDEMPOTENT } from "../../spec/keys.js";
import { type Json, operationsOf, type PlacedOperation } from "../../spec/refs.js";

/** An OpenAPI document in one piece. */
export type Document = OpenAPI3 & { paths: Record<string, object> };
/** An operation as a document describes it. */
export interface SpecOperation {
  operationId: string;
  summary?: string;
  description?: string;
  externalDocs?: { url: string; description?: string };
  requestBody?: unknown;
  responses?: Json;
  [IDEMPOTENT]?: string;
}

/** One operation of the document, and where it stands. */
export interface Entry extends PlacedOperation<SpecOperation> {
  /** `POST /v3/…` */
  key: string;
  /** Its name among the exports of operations.ts. */
  exportName: string;
}

/**
 * The operations in the order of the document.
 * @throws {Error} that names every operation which has no name of its own
 */
export function entriesOf(document: Document): Entry[] {
  const entries: Entry[] = [];
  const problems: string[] = [];
  const keys = new Map<string, string>();
  for (const placed of operationsOf<SpecOperation>(document)) {
    const key = keyOf(placed.method, placed.path);
    const { operationId } = placed.operation;
    if (operationId === undefined) {
      problems.push(`${key} needs an operationId.`);
      continue;
    }
    const exportName = exportNameOf(operationId);
    const other = keys.get(exportName);
    if (other !== undefined)
      problems.push(
        `${other} and ${key} would both be exported as ${exportName}: each needs an operationId of its own, in camelCase, and each path a file of its own.`,
      );
    keys.set(exportName, key);
    entries.push({ ...placed, key, exportName });
  }
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return entries;
}

function keyOf(method: string, path: string): string {
  return `${method.toUpperCase()} ${path}`;
}

/** Names that mean something else in operations.ts, or in every module. */
const TAKEN = ["operations", "Operations", "upload", "Object", "eval", "arguments", "exports", "require"];

/** The operationId if it can be the name of an export, or a name close to it. */
function exportNameOf(operationId: string): string {
  const name = operationId.replace(/[^\p{ID_Continue}$]/gu, "_");
  const scanner = ts.createScanner(ts.ScriptTarget.ES2022, true, undefined, name);
  const isIdentifier = scanner.scan() === ts.SyntaxKind.Identifier && scanner.getTokenEnd() === name.length;
  return isIdentifier && name === operationId && !TAKEN.includes(name) ? name : `_${name}`;
}
