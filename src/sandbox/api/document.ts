import { inShort } from "../../../spec/choices.js";
import { METHODS, type Resolve, resolver } from "../../../spec/refs.js";
import { readOperation, type SandboxOperation } from "./operation.js";
import { type RoutedPath, Router } from "./router.js";
import { Validation } from "./validation.js";

/** An OpenAPI 3.1 document, in one piece. */
export interface OpenApiDocument {
  paths: Record<string, object>;
  /** The notifications, by event type, each with its `resource` decrypted. */
  webhooks?: Record<string, object>;
  components?: object;
}

/**
 * Reads OpenAPI documents into a router.
 * @throws {TypeError} if a reference of a document leads nowhere, pointers cannot name its sensitive fields, or two have a path of one form.
 */
export function readDocuments(documents: readonly OpenApiDocument[]): Router {
  const paths = documents.flatMap(readPaths);
  const templates = new Set<string>();
  for (const { template } of paths) {
    const form = template.replace(/\{[^{}]+\}/g, "{}");
    if (templates.has(form))
      throw new TypeError(`openapi: two documents have the path ${template}. Leave it out of one.`);
    templates.add(form);
  }
  return new Router(paths);
}

function readPaths(document: OpenApiDocument): RoutedPath[] {
  // As branches of whole schemas, a choice would refuse a body once for each.
  const { components, paths, webhooks } = inShort(document);
  const resolve = resolver(document);
  requireTargets({ components, paths, webhooks }, resolve);
  const validation = new Validation({ components, paths });
  return Object.entries(paths).map(([template, value]) => {
    const item = resolve(value);
    const operations = METHODS.filter((method) => method in item).map((method): [string, SandboxOperation] => {
      const name = `${method.toUpperCase()} ${template}`;
      return [method.toUpperCase(), readOperation(name, resolve(item[method]), item.parameters, validation, resolve)];
    });
    return { template, operations: new Map(operations) };
  });
}

/** Finds a reference that leads nowhere now, and not when its schema is first used. */
function requireTargets(document: object, resolve: Resolve): void {
  JSON.stringify(document, (key, value) => {
    if (key === "$ref" && typeof value === "string") resolve({ $ref: value });
    return value;
  });
}
