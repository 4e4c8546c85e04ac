/**
 * spec → generated/: the bundle, the types, the operations table and the typed chain.
 *
 *   npm run generate                                  writes generated/ and generated/pay/
 *   npm run generate -- --check                       exits 1 and prints the difference where generated/ is stale
 *   npm run generate -- --spec my.yaml --out my/dir   does the same for a spec of your own
 */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { spelledOut } from "../spec/choices.js";
import { withoutFolded } from "../spec/folded.js";
import { chainModule } from "./generate/chain.js";
import { type Document, entriesOf } from "./generate/entries.js";
import { chainPlaces } from "./generate/places.js";
import { operationsModule } from "./generate/table.js";
import { schemaModule } from "./generate/types.js";
import { readSpec } from "./read/index.js";

/** The families of this package, and where their modules find the client's types. */
const FAMILIES = [
  { spec: "spec/openapi.yaml", out: "generated", typesFrom: "../src/index.js" },
  { spec: "spec/pay/openapi.yaml", out: "generated/pay", typesFrom: "../../src/index.js" },
];
const [OWN] = FAMILIES as [(typeof FAMILIES)[number]];

/** What is generated, from what, and how that is said. */
export interface Task {
  spec: string;
  out: string;
  /** Where the modules find the client's types. */
  typesFrom: string;
  /** The command that generates, as the files name it. */
  by: string;
}
/** The text of every generated file by its name. */
export type Files = Record<string, string>;

/**
 * The files of a task, and what has to be said of them. Nothing in them depends on when or where they are made.
 * @throws {Error} if the spec cannot be read, or says what the client would not do
 */
export async function generate({ spec, typesFrom, by }: Omit<Task, "out">): Promise<{
  files: Files;
  notices: string[];
  operations: number;
}> {
  const document = await readSpec<Document>(spec);
  const forEditors = withoutFolded(document);
  const entries = entriesOf(forEditors);
  const { places, notices } = chainPlaces(entries);
  const header = `${GENERATED} by \`${by}\`. Do not edit: change the spec.\n\n`;
  const files = {
    "openapi.json": `${JSON.stringify(spelledOut(document), null, 2)}\n`,
    "schema.ts": header + (await schemaModule(forEditors)),
    "operations.ts": header + operationsModule(entries, document, typesFrom),
    "chain.ts": header + chainModule(entries, places, typesFrom),
  };
  return { files, notices, operations: entries.length };
}

const GENERATED = "// Generated";

/**
 * Writes the files.
 * @throws {Error} where one of them would take the place of something else
 */
export async function write(files: Files, { spec, out }: Pick<Task, "spec" | "out">): Promise<void> {
  const isOurs = (await read(join(out, "operations.ts"))).startsWith(GENERATED);
  for (const name of Object.keys(files)) {
    const file = join(out, name);
    const found = await read(file);
    const isGenerated = name.endsWith(".ts") ? found.startsWith(GENERATED) : isOurs && resolve(file) !== resolve(spec);
    if (found !== "" && !isGenerated)
      throw new Error(`${file} is not generated, and would be replaced: name another folder.`);
  }
  await mkdir(out, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    const file = join(out, name);
    // A file that does not change keeps its time, so that watchers stay quiet.
    if (text !== (await read(file))) await writeFile(file, text);
  }
}

/** How the files of a folder differ from those that would be generated: a patch each. */
export async function differences(files: Files, out: string): Promise<string[]> {
  // It is good for nothing else, so not everyone has to install it.
  const diff = await import("diff").catch(() => undefined);
  const patches: string[] = [];
  for (const [name, text] of Object.entries(files)) {
    const file = join(out, name);
    const found = await read(file);
    if (found === text) continue;
    const patch = diff?.createTwoFilesPatch(file, `${file} (as the spec says)`, found, text);
    patches.push(patch ?? `${file} is not as the spec says.`);
  }
  if (diff === undefined && patches.length > 0) patches.push("To see how they differ: npm install -D diff@9.x");
  return patches;
}

function read(file: string): Promise<string> {
  return readFile(file, "utf8").catch(() => "");
}

/** Does what the arguments say, and gives the exit code. */
export async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      check: { type: "boolean", default: false },
      spec: { type: "string" },
      out: { type: "string" },
    },
  });
  if (values.spec !== undefined && values.out === undefined) {
    throw new Error("--spec needs --out, a folder: without it, your spec would replace this package's own generated/.");
  }
  if (values.spec === undefined && values.out === undefined) {
    let code = 0;
    for (const { spec, out } of FAMILIES) code = (await main([...args, "--spec", spec, "--out", out])) || code;
    return code;
  }
  const { spec = OWN.spec, out = OWN.out } = values;
  const family = FAMILIES.find((each) => each.out === out);
  // Within the package its own modules; elsewhere what the user has installed.
  const typesFrom = family?.typesFrom ?? "wechatpay-openapi-fetch";
  const { files, notices } = await generate({ spec, typesFrom, by: "npm run generate" });
  for (const notice of notices) console.error(notice);
  if (!values.check) {
    await write(files, { spec, out });
    return 0;
  }
  const found = await differences(files, out);
  const entries = await readdir(out, { withFileTypes: true }).catch(() => []);
  const names = entries.flatMap((entry) => (entry.isFile() && entry.name !== "README.md" ? [entry.name] : []));
  const others = names.filter((name) => !(name in files));
  if (others.length > 0)
    found.push(`Nothing generates ${others.map((name) => join(out, name)).join(", ")}: delete it.`);
  if (found.length === 0) return 0;
  console.log(found.join("\n"));
  const options = family ? [] : [values.spec && ` --spec ${values.spec}`, values.out && ` --out ${values.out}`];
  const given = options.filter(Boolean);
  const command = ["npm run generate", ...(given.length > 0 ? [" --", ...given] : [])].join("");
  console.error(`${out} is stale: run \`${command}\` and commit what it writes.`);
  return 1;
}

// Tests import it.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await main(process.argv.slice(2)).catch((error: Error) => {
    console.error(error.message);
    return 1;
  });
}
