/**
 * The packed tarball, in an empty project, on every runtime: what each can do, as a table. It fails where a capability does, and where the
 * guide has another table.
 *
 *   npm run test:runtimes                           every runtime
 *   npm run test:runtimes -- node@20 workerd        some of them: node@20 node@22 node@24 node@26 bun deno workerd, or current
 *   npm run test:runtimes -- --write                writes the table into guide/runtimes.md and its twin, once every runtime has run
 *   npm run test:runtimes -- --tarball <file>       that package, in place of one that is packed from the sources of now
 */
import { rmSync } from "node:fs";
import { mkdtemp, readFile, realpath, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createProject, installRuntimes, runOn, startPeer } from "./processes.js";
import { COLUMNS, type Column, differences, LANGUAGES, pageOf, type Results, tableOf, withTable } from "./table.js";

const CURRENT: Column = { name: "current", folder: "current", title: `Node.js ${process.versions.node}` };

async function main(): Promise<boolean> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { write: { type: "boolean", default: false }, tarball: { type: "string" } },
  });
  const columns = columnsOf(positionals);
  if (values.write && columns.length < COLUMNS.length)
    throw new Error("--write writes a whole table: name no runtime.");
  if (columns.some(({ folder }) => folder !== "current")) await installRuntimes();
  const folder = await realpath(await mkdtemp(join(tmpdir(), "runtimes-")));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  process.on("SIGINT", () => process.exit(130));
  await createProject(folder, values.tarball);

  const peer = await startPeer(folder);
  const results: Results = {};
  for (const { folder: runtime, title } of columns) {
    process.stderr.write(`${title} …\n`);
    results[title] = await runOn(folder, runtime, peer);
  }
  peer.stop();
  process.stdout.write(`${tableOf(results, "en")}\n`);
  const failures = Object.entries(results).flatMap(([title, of]) =>
    Object.entries(of).flatMap(([name, { error }]) => (error ? [`${title}: ${name}: ${error}`] : [])),
  );
  const inPages = failures.length > 0 ? [] : await comparePages(results, values.write);
  for (const problem of [...failures, ...inPages]) process.stderr.write(`\n${problem}\n`);
  if (inPages.length > 0) process.stderr.write("\nWrite the table anew: npm run test:runtimes -- --write\n");
  return failures.length + inPages.length === 0;
}

function columnsOf(names: string[]): Column[] {
  const all = [...COLUMNS, CURRENT];
  const unknown = names.find((name) => !all.some((column) => column.name === name));
  if (unknown !== undefined) {
    throw new Error(`There is no runtime ${unknown}, only ${all.map(({ name }) => name).join(", ")}.`);
  }
  return names.length > 0 ? all.filter(({ name }) => names.includes(name)) : COLUMNS;
}

/** Compares the tables of both pages, or writes them. */
async function comparePages({ [CURRENT.title]: _, ...results }: Results, writes: boolean): Promise<string[]> {
  const pages = LANGUAGES.map(async (language) => {
    const page = await readFile(pageOf(language), "utf8");
    if (!writes) return differences(page, results, language);
    await writeFile(pageOf(language), withTable(page, tableOf(results, language)));
    return [];
  });
  return (await Promise.all(pages)).flat();
}

main().then(
  (isGood) => process.exit(isGood ? 0 : 1),
  (error) => {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exit(1);
  },
);
