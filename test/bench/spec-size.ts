/**
 * What a larger spec costs whoever uses it.
 *
 *   npm run bench:spec                                10, 100 and 1,000 operations
 *   npm run bench:spec -- --operations 500 --quick    as many as you say, each time measured once
 */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import ts from "typescript";
import { hostOf } from "../support/language-service.js";
import { CALLED, MOST, syntheticSpec } from "./synthetic-spec.js";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../", import.meta.url));
const tsx = import.meta.resolve("tsx");
const tsc = fileURLToPath(import.meta.resolve("typescript/lib/tsc.js"));
const PACKAGE = "wechatpay-openapi-fetch";

/** What is measured, by its name. */
type Figures = Record<string, string>;

const { counts, repeats } = readArguments();

function readArguments(): { counts: number[]; repeats: number } {
  try {
    const { values } = parseArgs({
      options: { operations: { type: "string", default: "10,100,1000" }, quick: { type: "boolean", default: false } },
    });
    const counts = [...new Set(values.operations.split(",").map(Number))];
    if (!counts.every((count) => Number.isInteger(count) && count > 0 && count <= MOST)) {
      throw new Error(
        `--operations ${values.operations} is no number of operations: give one from 1 to ${MOST}, or several joined by commas.`,
      );
    }
    return { counts, repeats: values.quick ? 1 : 3 };
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(1);
  }
}

const folder = await mkdtemp(join(tmpdir(), "spec-size-"));

/** The package as it is published, for users see its declarations and not its sources. */
async function installPackage(): Promise<void> {
  const modules = join(folder, "node_modules");
  await mkdir(join(modules, PACKAGE), { recursive: true });
  await cp(join(root, "package.json"), join(modules, PACKAGE, "package.json"));
  await run(process.execPath, [
    tsc,
    "-p",
    join(root, "tsconfig.build.json"),
    "--outDir",
    join(modules, PACKAGE, "dist"),
  ]);
  const { dependencies } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { dependencies: object };
  for (const name of Object.keys(dependencies)) await symlink(join(root, "node_modules", name), join(modules, name));
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
}

async function measure(count: number): Promise<Figures> {
  const user = join(folder, String(count));
  await mkdir(user);
  await writeFile(join(user, "spec.json"), JSON.stringify(syntheticSpec(count)));
  const generate = [
    ["--import", tsx, join(root, "scripts/generate.ts")],
    ["--spec", join(user, "spec.json"), "--out", join(user, "generated")],
  ].flat();
  const times: number[] = [];
  for (let i = 0; i < repeats; i++) times.push(await timed(() => run(process.execPath, generate, { cwd: root })));
  return {
    "npm run generate": ms(median(times)),
    ...(await checkTypes(user, "tsc, a call by path and by chain", CALLS)),
    ...(await checkTypes(user, "tsc, 20 of each", CALLS.repeat(20))),
    ...complete(user),
    ...(await bundle(user)),
    ...(await startSandbox(user)),
  };
}

const CALL = `unwrap(await wechatpay.POST("${CALLED.path}", { body })).state;\n`;
const CALLS = `${CALL}unwrap(await wechatpay.${CALLED.chain}.post({ body })).state;\n`;

function sourceWith(calls: string): string {
  return `import { createWeChatPayClient, unwrap } from "${PACKAGE}";
import type { Chain } from "./generated/chain.js";
import { operations } from "./generated/operations.js";
import type { paths } from "./generated/schema.js";

const wechatpay = createWeChatPayClient<paths, Chain>({ mchid: "1", serialNo: "1", privateKey: "", platformKeys: {}, operations });
const body = ${JSON.stringify(CALLED.body)};
${calls}`;
}

const COMPILER_OPTIONS = {
  noEmit: true,
  strict: true,
  module: "nodenext",
  target: "es2022",
  lib: ["es2023", "dom", "dom.iterable"],
  skipLibCheck: true,
  types: [],
};

async function checkTypes(user: string, name: string, calls: string): Promise<Figures> {
  await writeFile(join(user, "user.ts"), sourceWith(calls));
  const config = { compilerOptions: COMPILER_OPTIONS, files: ["user.ts"] };
  await writeFile(join(user, "tsconfig.json"), JSON.stringify(config));
  const outputs: string[] = [];
  for (let i = 0; i < repeats; i++) {
    const check = run(process.execPath, [tsc, "-p", user, "--extendedDiagnostics"], { maxBuffer: 2 ** 26 });
    outputs.push(await check.catch((error: { stdout: string }) => error).then(({ stdout }) => stdout));
  }
  const figure = (label: string) =>
    median(outputs.map((output) => Number(new RegExp(`^${label}: +([\\d.]+)`, "m").exec(output)?.[1])));
  return {
    [name]: ms(figure("Total time") * 1000),
    [`${name}: checking alone`]: ms(figure("Check time") * 1000),
    [`${name}: memory`]: `${Math.round(figure("Memory used") / 1024)} MB`,
    [`${name}: errors`]: String(outputs[0]?.match(/error TS/g)?.length ?? 0),
  };
}

/** What an editor needs to list the paths and a body's keys: when the file is opened, and again after a key is pressed. */
function complete(user: string): Figures {
  const file = join(user, "editor.ts");
  const texts = new Map<string, string>();
  let version = 0;
  const { options } = ts.convertCompilerOptionsFromJson(COMPILER_OPTIONS, user);
  const service = ts.createLanguageService(hostOf(user, texts, options, () => version));
  const press = (calls: string): number => {
    version++;
    texts.set(file, sourceWith(calls.replace("|", "")));
    const start = performance.now();
    const found = service.getCompletionsAtPosition(file, sourceWith(calls).indexOf("|"), {});
    if (!found?.entries.length) throw new Error(`The editor proposes nothing in ${calls}.`);
    return performance.now() - start;
  };
  const inPath = ["/", "/v", "/v3", "/v3/"].map((path) => press(`wechatpay.POST("${path}|")`));
  const inBody = ["", "o", "op"].map((key) => press(`wechatpay.POST("${CALLED.path}", { body: { ${key}| } })`));
  service.dispose();
  return {
    "editor, file opened": ms(inPath[0] as number),
    "editor, next key in a path": ms(median(inPath.slice(1))),
    "editor, next key in a body": ms(median(inBody)),
  };
}

async function bundle(user: string): Promise<Figures> {
  const whole = await bundleOf(user, sourceWith(CALL));
  // The list of the one operation that is called.
  const list = await bundleOf(
    user,
    sourceWith(CALL)
      .replace("{ operations }", `{ ${CALLED.operationId} }`)
      .replace("operations }", `operations: [${CALLED.operationId}] }`),
  );
  return {
    "bundle, minified and gzipped": kB(whole.gzipped),
    "bundle, minified": kB(whole.client + whole.own + whole.users),
    "bundle, minified: the client": kB(whole.client),
    "bundle, minified: the package's own table": kB(whole.own),
    "bundle, minified: the user's table": kB(whole.users),
    "bundle with a list of one operation, minified and gzipped": kB(list.gzipped),
    "bundle with a list of one operation, minified: the user's table": kB(list.users),
  };
}

async function bundleOf(user: string, source: string) {
  await writeFile(join(user, "user.ts"), source);
  const { outputFiles, metafile } = await build({
    entryPoints: [join(user, "user.ts")],
    absWorkingDir: user,
    bundle: true,
    minify: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    write: false,
    outdir: user,
    metafile: true,
    logLevel: "error",
  });
  const { contents } = outputFiles[0] as { contents: Uint8Array };
  const [output] = Object.values(metafile.outputs);
  const inputs = Object.entries(output?.inputs ?? {});
  const sizeOf = (name: RegExp) =>
    inputs.filter(([path]) => name.test(path)).reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0);
  const own = sizeOf(/dist\/generated\/operations/);
  const users = sizeOf(/^generated\/operations/);
  return { gzipped: gzipSync(contents, { level: 9 }).length, client: contents.length - own - users, own, users };
}

const SANDBOX = `import { readFileSync } from "node:fs";
import { createWeChatPayClient, unwrap } from "${PACKAGE}";
import { createSandbox } from "${PACKAGE}/sandbox";
import { operations } from "./generated/operations.js";

const openapi = JSON.parse(readFileSync(new URL("generated/openapi.json", import.meta.url)));
const body = ${JSON.stringify(CALLED.body)};
const sandboxes = [], start = [], first = [], second = [], heap = [];
for (let i = 0; i < Number(process.argv[2]); i++) {
  gc();
  const before = process.memoryUsage().heapUsed;
  const times = [performance.now()];
  const sandbox = await createSandbox({ openapi });
  times.push(performance.now());
  sandboxes.push(sandbox);
  const wechatpay = createWeChatPayClient({ ...sandbox.credentials, fetch: sandbox.fetch, operations });
  for (let call = 0; call < 2; call++) {
    unwrap(await wechatpay.POST("${CALLED.path}", { body }));
    times.push(performance.now());
  }
  gc();
  start.push(times[1] - times[0]);
  first.push(times[2] - times[1]);
  second.push(times[3] - times[2]);
  heap.push(process.memoryUsage().heapUsed - before);
}
console.log(JSON.stringify({ start, first, second, heap }));
`;

async function startSandbox(user: string): Promise<Figures> {
  const script = join(user, "sandbox.mjs");
  await writeFile(script, SANDBOX);
  const args = ["--expose-gc", "--import", tsx, script, String(repeats)];
  const { stdout } = await run(process.execPath, args, { cwd: user });
  const { start, first, second, heap } = JSON.parse(stdout) as Record<string, number[]>;
  return {
    "sandbox, start, its RSA keys included": ms(median(start)),
    "sandbox, first call": ms(median(first)),
    "sandbox, next call": ms(median(second)),
    "sandbox, heap": `${(median(heap) / 2 ** 20).toFixed(1)} MB`,
  };
}

function print(columns: Record<string, Figures>): void {
  const counts = Object.keys(columns);
  const rows = Object.keys(columns[counts[0] as string] ?? {});
  const lines = [
    ["operations", ...counts.map((count) => Number(count).toLocaleString("en"))],
    ["---", ...counts.map(() => "---:")],
    ...rows.map((row) => [row, ...counts.map((count) => columns[count]?.[row])]),
  ];
  process.stdout.write(lines.map((cells) => `| ${cells.join(" | ")} |\n`).join(""));
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function median(numbers: number[] = []): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

function ms(time: number): string {
  return `${time < 10 ? time.toFixed(1) : Math.round(time)} ms`;
}

function kB(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

try {
  await installPackage();
  const columns: Record<string, Figures> = {};
  for (const count of counts) columns[count] = await measure(count);
  print(columns);
} finally {
  await rm(folder, { recursive: true });
}
