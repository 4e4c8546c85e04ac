// chain.ts: the operations as a chain of their paths' segments, as types.
import { METHODS } from "../../spec/refs.js";
import { chainName, chainSegments } from "../../src/client/chain.js";
import type { Entry } from "./entries.js";

interface ChainNode {
  path: string;
  children: Map<string, ChainNode>;
  calls: Map<string, Entry>;
}

/** @throws {Error} if two names of the chain would be the same, or one is taken */
export function chainModule(entries: Entry[], typesFrom: string): string {
  const root: ChainNode = { path: "", children: new Map(), calls: new Map() };
  for (const entry of entries) {
    let node = root;
    for (const segment of chainSegments(entry.path)) node = childOf(node, segment);
    const other = node.calls.get(entry.method);
    if (other !== undefined) throw oneName(other.path, entry.path, entry.method);
    node.calls.set(entry.method, entry);
  }
  return `import type { Call } from "${typesFrom}";
import type { paths } from "./schema.js";

/** The operations as a chain of their paths' segments. */
export interface Chain ${printNode(root, "")}
`;
}

function childOf(parent: ChainNode, segment: string): ChainNode {
  const name = chainName(segment);
  const path = `${parent.path}/${segment}`;
  const child = parent.children.get(name) ?? { path, children: new Map(), calls: new Map() };
  if (child.path !== path) throw oneName(child.path, path, name);
  // An object with a method "then" is taken for a promise, and a call and a child cannot share a name.
  if ([...METHODS, "then", ""].includes(name))
    throw new Error(`${path} would be .${name} in the chain, which is taken.`);
  parent.children.set(name, child);
  return child;
}

function oneName(path: string, other: string, name: string): Error {
  return new Error(`${path} and ${other} would both be .${name} in the chain: leave one of them out of this spec.`);
}

function printNode({ children, calls }: ChainNode, indent: string): string {
  const inner = `${indent}  `;
  const lines = [
    ...[...calls].map(([method, entry]) => {
      const type = `Call<paths[${JSON.stringify(entry.path)}]["${method}"]>`;
      return `${printDoc(entry, inner)}${inner}${method}: ${type};\n`;
    }),
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
