/**
 * How large the core is, and what users bundle of it, against the gates.
 *
 *   npm run size                          of this repository
 *   npm run size -- --root my/clone       of another folder
 *
 * Exits 1 where a figure is over its gate, and says which one and what to do.
 */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
// @ts-expect-error: it has no types
import esbuildPlugin from "@size-limit/esbuild";
// @ts-expect-error: it has no types
import filePlugin from "@size-limit/file";
import { type BuildOptions, build } from "esbuild";
import sizeLimit from "size-limit";
import ts from "typescript";

const GATES = {
  core: 3_000,
  file: 200,
  function: 60,
  // 2,270 of them are openapi-fetch, 1,100 the download and rotation of certificates, 2,300 the reading of keys and what is said about them;
  // 1,900 name the true cause of what was given wrongly, and tell what became of a write; 1,800 are downloads, which are verified as they are
  // read, and 500 the encryption of queries and by hand.
  oneCall: 21_600,
  everything: 26_300,
};

interface Figure {
  name: string;
  value: number;
  gate: number;
  unit: "lines" | "bytes";
  /** What is that long. */
  place?: string;
  advice: string;
}

interface Part {
  place: string;
  lines: number;
}

const here = join(import.meta.dirname, "..");
const root = resolve(parseArgs({ options: { root: { type: "string", default: here } } }).values.root);
// size-limit reads esbuild's paths as relative to the working directory.
process.chdir(root);

const CORE = 'export { createWeChatPayClient } from "./src/index.ts";';
const EVERYTHING = 'export * from "./src/index.ts";';
const ONE_CALL = `
  import { preOrderAuthentication } from "./generated/operations.ts";
  import { createWeChatPayClient } from "./src/index.ts";
  export const preOrder = (credentials, body) =>
    createWeChatPayClient({ ...credentials, operations: [preOrderAuthentication] })
      .POST("/v3/payroll-card/authentications/pre-order", { body });`;

/** A bundle for no platform in particular, with all dependencies in it. */
function bundleOf(contents: string): BuildOptions {
  return {
    stdin: { contents, resolveDir: root, loader: "ts" },
    absWorkingDir: root,
    bundle: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    logLevel: "error",
  };
}

async function bytesOf(contents: string): Promise<number> {
  const modifyEsbuildConfig = (config: BuildOptions) => ({ ...config, ...bundleOf(contents), entryPoints: [] });
  const checks = [{ files: [], gzip: true, modifyEsbuildConfig }];
  const [{ size }] = (await sizeLimit([esbuildPlugin, filePlugin], { checks })) as [{ size: number }];
  return size;
}

/** The files of src/ that a bundle of `createWeChatPayClient` has code of. */
async function readCore(): Promise<ts.SourceFile[]> {
  const { metafile } = await build({ ...bundleOf(CORE), write: false, metafile: true });
  const files = Object.values(metafile.outputs)
    .flatMap(({ inputs }) => Object.entries(inputs))
    .filter(([file, { bytesInOutput }]) => file.startsWith("src/") && bytesInOutput > 0)
    .map(([file]) => file);
  // The bundle has none of it, but whoever reads the core reads it.
  if (existsSync(join(root, "src/types.ts"))) files.push("src/types.ts");
  return files.map((file) =>
    ts.createSourceFile(file, readFileSync(join(root, file), "utf8"), ts.ScriptTarget.Latest, true),
  );
}

function fileOf({ fileName, text }: ts.SourceFile): Part {
  return { place: fileName, lines: text.replace(/\n$/, "").split("\n").length };
}

/** Every function that has a body. The lines of those inside it are its own as well. */
function functionsOf(source: ts.SourceFile): Part[] {
  const found: Part[] = [];
  const lineOf = (position: number) => source.getLineAndCharacterOfPosition(position).line + 1;
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && "body" in node && node.body !== undefined) {
      const first = lineOf(node.getStart());
      found.push({ place: `${source.fileName}:${first} ${nameOf(node)}`, lines: lineOf(node.end) - first + 1 });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function nameOf(node: ts.SignatureDeclaration): string {
  const { parent } = node;
  const named = node.name ? node : ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) ? parent : node;
  return named.name?.getText() ?? "(unnamed)";
}

/** A figure for the longest part, and for each other that is over the gate. */
function figuresOf(parts: Part[], figure: Pick<Figure, "name" | "gate" | "advice">): Figure[] {
  return parts
    .toSorted((a, b) => b.lines - a.lines)
    .filter(({ lines }, index) => index === 0 || lines > figure.gate)
    .map(({ place, lines }) => ({ ...figure, value: lines, unit: "lines", place }));
}

const core = await readCore();
const leaveOut = "Move what only some callers need into a file that the client does not import.";
const figures: Figure[] = [
  {
    name: `The core, ${core.length} files with their docs`,
    value: core.map(fileOf).reduce((sum, { lines }) => sum + lines, 0),
    gate: GATES.core,
    unit: "lines",
    advice: leaveOut,
  },
  ...figuresOf(core.map(fileOf), {
    name: "A file of the core",
    gate: GATES.file,
    advice: "Split it: one file, one idea.",
  }),
  ...figuresOf(core.flatMap(functionsOf), {
    name: "A function of the core",
    gate: GATES.function,
    advice: "Take a step of it into a function with a name.",
  }),
  {
    name: "One call, min+gzip",
    value: await bytesOf(ONE_CALL),
    gate: GATES.oneCall,
    unit: "bytes",
    advice: leaveOut,
  },
  {
    name: 'Everything of ".", min+gzip',
    value: await bytesOf(EVERYTHING),
    gate: GATES.everything,
    unit: "bytes",
    advice: "Move what few callers need into an entry of its own.",
  },
];

const amount = (value: number, unit: string) => `${value.toLocaleString("en")} ${unit}`;
for (const { name, value, gate, unit, place = "" } of figures) {
  console.log(
    `${name.padEnd(36)} ${amount(value, unit).padStart(12)}   gate ${amount(gate, unit).padEnd(12)}   ${place}`.trimEnd(),
  );
}
for (const { name, value, gate, unit, place, advice } of figures.filter(({ value, gate }) => value > gate)) {
  console.error(
    `${[name, place].filter(Boolean).join(", ")}: ${amount(value, unit)}, and the gate is ${gate.toLocaleString("en")}. ${advice}`,
  );
  process.exitCode = 1;
}
