// Changes as text for people, plain or Markdown.
import type { Change } from "./walk.js";

type Code = (text: string) => string;

/**
 * The changes line by line, each once with all replies and operations that it concerns: a shared schema would fill pages otherwise.
 * @param all the operations that are in both descriptions
 */
export function* report(changes: Change[], all: string[], markdown: boolean): Generator<string> {
  const code: Code = (text) => (markdown ? `\`\` ${text} \`\``.replace(/^`` ([^`]*) ``$/, "`$1`") : text);
  for (const [kind, title] of [
    ["breaking", "Breaking"],
    ["compatible", "Not breaking"],
  ]) {
    const ofKind = changes.filter((change) => change.kind === kind);
    const lines = linesOf(ofKind, code);
    if (lines.length === 0) continue;
    const heading = `${title} (${lines.length})`;
    yield markdown ? `\n**${heading}**\n` : `\n${heading}`;
    for (const [, group] of groupBy(lines, ({ operations }) => operations.join())) {
      const names = namesOf(group[0]?.operations ?? [], all, code);
      if (markdown) yield `- ${names.join(", ")}`;
      else for (const name of names) yield `  ${name}`;
      for (const { line } of group) yield markdown ? `  - ${line}` : `    ${line}`;
    }
  }
  const texts = countTexts(changes);
  if (texts.length > 0) yield `\nTexts: ${texts.join(", ")}`;
}

function linesOf(changes: Change[], code: Code): { line: string; operations: string[] }[] {
  const lines = groupBy(changes, ({ status, ...rest }) => JSON.stringify(rest)).map(([, same]) => {
    const { operation, place, pointer, what, why } = same[0] as Change;
    const statuses = [...new Set(same.map(({ status }) => status))].join(", ");
    const where = [statuses && `reply ${statuses}`, place, pointer && code(pointer)].filter(Boolean).join(" ");
    const line = [where, code(what)].filter(Boolean).join(": ") + (why && ` (${why})`);
    // What happens to an operation itself is told of each.
    return { line, operation, key: where ? line : `${operation} ${line}` };
  });
  return groupBy(lines, ({ key }) => key).map(([, same]) => ({
    line: same[0]?.line ?? "",
    operations: same.map(({ operation }) => operation),
  }));
}

function namesOf(operations: string[], all: string[], code: Code): string[] {
  if (all.length > 1 && all.every((operation) => operations.includes(operation)))
    return [`All ${all.length} operations`];
  return operations.map((operation) => (operation ? code(operation) : "The whole API"));
}

/** How many texts changed, by keyword. */
function countTexts(changes: Change[]): string[] {
  const texts = new Map(changes.flatMap(({ kind, key, what }) => (kind === "text" ? [[what, key] as const] : [])));
  return groupBy([...texts.values()], (key) => key).map(([key, { length }]) => `${key} ${length}`);
}

function groupBy<T>(items: T[], keyOf: (item: T) => string): [key: string, items: T[]][] {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return [...groups];
}
