/**
 * What changed in the API since a commit, and whether it breaks callers.
 *
 *   npm run diff-spec -- v0.1.0                 from generated/openapi.json of that commit to spec/ as it is now
 *   npm run diff-spec -- v0.1.0 --markdown      for a pull request or the changelog
 *
 * Exits 1 on a breaking change without a new major version, 2 where nothing can be compared.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { parseArgs, promisify } from "node:util";
import { type Change, compare, operationNames } from "./api-changes.js";
import { bundle } from "./redocly.js";

const SPEC = "spec/openapi.yaml";
const BUNDLE = "generated/openapi.json";

type Document = Record<string, unknown> & { info: { version: string } };
interface Version {
  version: string;
}

/** Whether `is` comes after `was`, by the first number that differs. */
function isAfter(is = "", was = ""): boolean {
  const [numbers, others] = [is, was].map((version) => version.split(/[.+-]/).map(Number)) as [number[], number[]];
  const index = numbers.findIndex((number, i) => number !== others[i]);
  return index >= 0 && (numbers[index] as number) > (others[index] ?? 0);
}

/** To the nearest folder with a description, from the present one up: git and npm look for theirs alike. */
function enterPackage(): void {
  const from = process.cwd();
  while (!existsSync(SPEC)) {
    const at = process.cwd();
    process.chdir("..");
    if (process.cwd() === at)
      throw new Error(`Neither ${from} nor a folder above it has ${SPEC}: run this in a clone.`);
  }
}

async function git(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)("git", args, { maxBuffer: Number.POSITIVE_INFINITY }).catch((error) => {
    throw error.code === "ENOENT" ? new Error("git is not found: install it, or add it to the PATH.") : error;
  });
  return stdout;
}

/** The hash of what `ref` names, which as it is may look like an option, or mean a range. */
async function commitOf(ref: string): Promise<string> {
  let reason = "";
  const found = await git("rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`).catch((error) => {
    if (error.stderr === undefined) throw error;
    reason = error.stderr;
    return "";
  });
  if (/^[0-9a-f]+\n$/.test(found)) return found.trim();
  throw new Error(
    `${ref} is no commit here. Name a tag, a branch or a commit; in a shallow clone, \`git fetch --unshallow --tags\` first.\n${reason}`.trim(),
  );
}

/** A file of a commit, below the present folder. */
function fileOf(commit: string, file: string): Promise<string> {
  return git("show", `${commit}:./${file}`);
}

function groupBy<T>(items: T[], keyOf: (item: T) => string): [key: string, items: T[]][] {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return [...groups];
}

/** Each change once, with all replies and operations that it concerns: a shared schema would fill pages otherwise. */
function list(
  changes: Change[],
  all: string[],
  code: (text: string) => string,
): [operations: string[], lines: string[]][] {
  const lines = groupBy(changes, ({ status, ...rest }) => JSON.stringify(rest)).map(([, same]) => {
    const { operation, place, pointer, what, why } = same[0] as Change;
    const statuses = [...new Set(same.map(({ status }) => status))].join(", ");
    const where = [statuses && `reply ${statuses}`, place, pointer && code(pointer)].filter(Boolean).join(" ");
    const line = [where, code(what)].filter(Boolean).join(": ") + (why && ` (${why})`);
    // What happens to an operation itself is told of each.
    return {
      operation: operation ? code(operation) : "The whole API",
      line,
      key: where ? line : `${operation} ${line}`,
    };
  });
  const merged = groupBy(lines, ({ key }) => key).map(([, same]) => ({
    line: same[0]?.line ?? "",
    operations: same.map(({ operation }) => operation),
  }));
  return groupBy(merged, ({ operations }) => operations.join()).map(([, same]) => {
    const { operations = [] } = same[0] ?? {};
    const isAll = all.length > 1 && all.every((operation) => operations.includes(code(operation)));
    return [isAll ? [`All ${all.length} operations`] : operations, same.map(({ line }) => line)];
  });
}

function* report(changes: Change[], all: string[], markdown: boolean): Generator<string> {
  const code = (text: string) => (markdown ? `\`\` ${text} \`\``.replace(/^`` ([^`]*) ``$/, "`$1`") : text);
  for (const [kind, title] of [
    ["breaking", "Breaking"],
    ["compatible", "Not breaking"],
  ]) {
    const some = list(
      changes.filter((change) => change.kind === kind),
      all,
      code,
    );
    if (some.length === 0) continue;
    const heading = `${title} (${some.flatMap(([, lines]) => lines).length})`;
    yield markdown ? `\n**${heading}**\n` : `\n${heading}`;
    for (const [operations, lines] of some) {
      if (markdown) yield `- ${operations.join(", ")}`;
      else for (const operation of operations) yield `  ${operation}`;
      for (const line of lines) yield markdown ? `  - ${line}` : `    ${line}`;
    }
  }
  const distinct = groupBy(
    changes.filter(({ kind }) => kind === "text"),
    ({ what }) => what,
  ).map(([, [change]]) => change as Change);
  const texts = groupBy(distinct, ({ key }) => key);
  if (texts.length > 0) yield `\nTexts: ${texts.map(([key, { length }]) => `${key} ${length}`).join(", ")}`;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { markdown: { type: "boolean", default: false } },
    allowPositionals: true,
  });
  const [ref, ...others] = positionals;
  if (ref === undefined || others.length > 0) {
    throw new Error("Name one commit to compare with, such as a tag: npm run diff-spec -- v0.1.0");
  }
  enterPackage();
  const commit = await commitOf(ref);
  const bundled = await fileOf(commit, BUNDLE).catch(() => {
    throw new Error(`${ref} has no ${BUNDLE}, so there is nothing to compare with. Name a commit that has one.`);
  });
  const before = JSON.parse(bundled) as Document;
  // As it is now, which may be newer than generated/.
  const after = await bundle<Document>(SPEC);
  const packageBefore = await fileOf(commit, "package.json").catch(() => "{}");
  const packageAfter = await readFile("package.json", "utf8").catch(() => "{}");

  const versions = [
    { name: "info.version of spec/openapi.yaml", was: before.info.version, is: after.info.version },
    {
      name: "package.json",
      was: (JSON.parse(packageBefore) as Version).version,
      is: (JSON.parse(packageAfter) as Version).version,
    },
  ];
  const risen = versions.find(({ was, is }) => Number.parseInt(is, 10) > Number.parseInt(was, 10));
  const changes = [...compare(before, after)];
  const now = operationNames(after);
  const all = operationNames(before).filter((operation) => now.includes(operation));

  const title = `API changes since ${ref}`;
  console.log(values.markdown ? `### ${title}\n` : title);
  console.log(versions.map(({ name, was = "none", is = "none" }) => `${name} ${was} → ${is}`).join(", "));
  for (const line of report(changes, all, values.markdown)) console.log(line);
  if (changes.length === 0) console.log("\nNone.");
  for (const { name, was, is } of versions.filter(({ was, is }) => isAfter(was, is))) {
    console.log(`\n${name} falls from ${was} to ${is}: see that ${ref} is what comes before.`);
  }
  if (!changes.some(({ kind }) => kind === "breaking")) return;
  if (risen) {
    console.log(`\nThe major version of ${risen.name} rises: callers expect breaking changes.`);
  } else {
    const next = `${Number.parseInt(before.info.version, 10) + 1}.0.0`;
    console.log(
      `\nBreaking changes need a new major version, that is ${next}: raise it in both files, or take them back.`,
    );
    process.exitCode = 1;
  }
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 2;
});
