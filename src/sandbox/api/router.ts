import type { SandboxOperation } from "./operation.js";

/** Where a request leads: an operation, or no path (404), or no method (405). */
export type Route = { operation: SandboxOperation; path: Record<string, string> } | "unknown-path" | "wrong-method";

/** A path of the document and its operations, by method. */
export interface RoutedPath {
  /** Such as `/v3/payroll-card/relations/{openid}`. */
  template: string;
  operations: ReadonlyMap<string, SandboxOperation>;
}

/** Finds the operation of a request. */
export class Router {
  readonly operations: readonly SandboxOperation[];
  /** Of the operations: method and path. */
  readonly names: readonly string[];
  readonly operationIds: ReadonlySet<string>;
  /** Of the paths, such as `/v3/payroll-card/relations/{openid}`. */
  readonly templates: readonly string[];
  readonly #paths: { pattern: RegExp; names: string[]; operations: RoutedPath["operations"] }[];

  constructor(paths: RoutedPath[]) {
    // As OpenAPI has it: a path without parameters comes before one that could match as well.
    this.#paths = paths
      .map(({ template, operations }) => ({ ...patternOf(template), operations }))
      .sort((a, b) => a.names.length - b.names.length);
    // In the order of the document, which is that of the work.
    this.operations = paths.flatMap(({ operations }) => [...operations.values()]);
    this.names = this.operations.map(({ name }) => name);
    this.templates = paths.map(({ template }) => template);
    this.operationIds = new Set(this.operations.map(({ operationId }) => operationId));
  }

  route(method: string, pathname: string): Route {
    for (const { pattern, names, operations } of this.#paths) {
      const match = pattern.exec(pathname);
      if (match === null) continue;
      const operation = operations.get(method);
      if (operation === undefined) return "wrong-method";
      try {
        const values = names.map((name, i) => [name, decodeURIComponent(match[i + 1] ?? "")]);
        return { operation, path: Object.fromEntries(values) };
      } catch {
        return "unknown-path";
      }
    }
    return "unknown-path";
  }

  /** The methods of a path, where it has none of the one that was asked for. */
  methodsOf(pathname: string): string[] {
    return [...(this.#paths.find(({ pattern }) => pattern.test(pathname))?.operations.keys() ?? [])];
  }
}

function patternOf(template: string): { pattern: RegExp; names: string[] } {
  const names = [...template.matchAll(/\{([^{}]+)\}/g)].map(([, name = ""]) => name);
  const source = template
    .split(/\{[^{}]+\}/)
    .map((literal) => literal.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .join("([^/]+)");
  return { pattern: new RegExp(`^${source}$`), names };
}
