// chain.ts: the operations by path, and as a chain of their paths' segments, as types.
import type { Entry } from "./entries.js";
import type { Places } from "./places.js";

interface ChainNode {
  children: Map<string, ChainNode>;
  calls: Map<string, Entry>;
}

export function chainModule(entries: Entry[], places: Places<Entry>, typesFrom: string): string {
  const root = newNode();
  for (const [entry, place] of places) {
    let node = root;
    for (const name of place.slice(0, -1)) node = childOf(node, name);
    node.calls.set(entry.method, entry);
  }
  const byPath = new Map<string, Entry[]>();
  for (const entry of entries) byPath.set(entry.path, [...(byPath.get(entry.path) ?? []), entry]);
  return `import type { Call } from "${typesFrom}";
import type { paths } from "./schema.js";

/** The operations by path, and as a chain of their paths' segments. */
export interface Chain extends ByPath ${printNode(root, "")}

/** What \`client["/v3/…"]\` has, with its docs in short. */
export interface ByPath {
${[...byPath].map(([path, own]) => printPath(path, own)).join("")}}
`;
}

function printPath(path: string, entries: Entry[]): string {
  const calls = entries.map((entry) => {
    const { description: _, ...short } = entry.operation;
    return `${printDoc({ ...entry, operation: short }, "    ")}    ${entry.method.toUpperCase()}: ${typeOf(entry)};\n`;
  });
  return `  ${JSON.stringify(path)}: {\n${calls.join("")}  };\n`;
}

function typeOf({ path, method }: Entry): string {
  return `Call<paths[${JSON.stringify(path)}]["${method}"]>`;
}

function newNode(): ChainNode {
  return { children: new Map(), calls: new Map() };
}

function childOf(parent: ChainNode, name: string): ChainNode {
  const child = parent.children.get(name) ?? newNode();
  parent.children.set(name, child);
  return child;
}

function printNode({ children, calls }: ChainNode, indent: string): string {
  const inner = `${indent}  `;
  const lines = [
    ...[...calls].map(([method, entry]) => `${printDoc(entry, inner)}${inner}${method}: ${typeOf(entry)};\n`),
    ...[...children].map(([name, child]) => `${inner}${propertyName(name)}: ${printNode(child, inner)};\n`),
  ];
  return `{\n${lines.join("")}${indent}}`;
}

function propertyName(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name);
}

function printDoc({ key, operation }: Entry, indent: string): string {
  const { summary, description, externalDocs } = operation;
  const see = externalDocs && `@see {@link ${externalDocs.url} ${externalDocs.description ?? ""}}`;
  const text = [summary, `\`${key}\``, description?.trim(), see]
    .filter((part) => part !== undefined)
    .join("\n\n")
    .replaceAll("*/", "*\\/");
  const lines = text.split("\n").map((line) => `${indent} * ${line}`.trimEnd());
  return `${indent}/**\n${lines.join("\n")}\n${indent} */\n`;
}
