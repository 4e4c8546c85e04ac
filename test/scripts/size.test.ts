import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "size-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs `npm run size -- --root …`, without npm, on a package of these files. */
async function size(name: string, files: Record<string, string>) {
  const root = join(folder, name);
  const all = { "generated/operations.ts": "export const preOrderAuthentication = {};\n", ...files };
  for (const [file, text] of Object.entries(all)) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), text);
  }
  const run = promisify(execFile)(process.execPath, ["--import", "tsx", "scripts/size.ts", "--root", root]);
  const { code, stdout, stderr } = await run.then(
    (output) => ({ code: 0, ...output }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
  return { code, stdout, errors: stderr.trim().split("\n").filter(Boolean) };
}

/** A function of that many lines. */
const functionOf = (lines: number, name: string) =>
  `export function ${name}() {\n${`  console.log("${name}");\n`.repeat(lines - 2)}}\n`;
const comments = (lines: number) => "// why\n".repeat(lines);
/** A constant that stays that large, whoever packs it. */
const bulk = (bytes: number, name: string) => `export const ${name} = "${randomBytes(bytes).toString("base64")}";\n`;

const client = (...names: string[]) =>
  `${names.map((name) => `import { ${name} } from "./${name}.js";\n`).join("")}
export const createWeChatPayClient = () => ({ POST: () => [${names}] });\n`;

test("what is at its gate passes", async () => {
  const { code, errors, stdout } = await size("small", {
    "src/index.ts": 'export { createWeChatPayClient } from "./client.js";\n',
    "src/client.ts": client("longest"),
    "src/longest.ts": functionOf(60, "longest") + comments(140),
    // Nobody imports it, so it is not of the core.
    "src/sandbox.ts": functionOf(500, "sandbox"),
  });
  expect({ code, errors }).toEqual({ code: 0, errors: [] });
  expect(stdout).toMatch(/^The core, 2 files with their docs +203 lines +gate 3,000 lines$/m);
  expect(stdout).toMatch(/^A file of the core +200 lines +gate 200 lines +src\/longest\.ts$/m);
  expect(stdout).toMatch(/^A function of the core +60 lines +gate 60 lines +src\/longest\.ts:1 longest$/m);
  expect(stdout).toMatch(/^One call, min\+gzip +\d+ bytes +gate 21,600 bytes$/m);
  expect(stdout).toMatch(/^Everything of "\.", min\+gzip +\d+ bytes +gate 26,300 bytes$/m);
});

test("each figure over its gate is a line that names it, and the command fails", async () => {
  const names = Array.from({ length: 13 }, (_, index) => `part${index}`);
  const { code, errors } = await size("large", {
    "src/index.ts": 'export { createWeChatPayClient } from "./client.js";\nexport { extra } from "./extra.js";\n',
    "src/client.ts": client("long", "secret", ...names),
    "src/long.ts": `\n${functionOf(61, "long")}${comments(139)}`,
    "src/secret.ts": bulk(21_350, "secret"),
    "src/extra.ts": bulk(4_900, "extra"),
    ...Object.fromEntries(names.map((name) => [`src/${name}.ts`, functionOf(3, name) + comments(197)])),
    // No bundle has code of it.
    "src/types.ts": comments(182),
  });
  expect(code).toBe(1);
  expect(errors).toEqual([
    expect.stringMatching(/^The core, 17 files with their docs: 3,001 lines, and the gate is 3,000\. Move /),
    expect.stringMatching(/^A file of the core, src\/long\.ts: 201 lines, and the gate is 200\. Split /),
    expect.stringMatching(/^A function of the core, src\/long\.ts:2 long: 61 lines, and the gate is 60\. Take /),
    expect.stringMatching(/^One call, min\+gzip: 2[12],\d+ bytes, and the gate is 21,600\. Move /),
    expect.stringMatching(/^Everything of "\.", min\+gzip: 2[678],\d+ bytes, and the gate is 26,300\. Move /),
  ]);
});

test("every kind of function counts", async () => {
  const kinds: [name: string, start: string, end: string][] = [
    ["expression", "export const expression = function () {", "};"],
    ["arrow", "export const arrow = () => {", "};"],
    ["method", "export const method = {\n  method() {", "} };"],
    ["classMethod", "export class classMethod {\n  classMethod() {", "} }"],
    ["built", "export class built {\n  constructor() {", "} }"],
    ["accessor", "export const accessor = {\n  get accessor() {", "} };"],
  ];
  const files = kinds.map(([name, start, end]) => [
    `src/${name}.ts`,
    `${start}\n${"    console.log(1);\n".repeat(59)}${end}\n`,
  ]);
  const { code, errors } = await size("kinds", {
    "src/index.ts": 'export { createWeChatPayClient } from "./client.js";\n',
    "src/client.ts": client(...kinds.map(([name]) => name)),
    ...Object.fromEntries(files),
  });
  expect(code).toBe(1);
  const found = errors.map((error) => /^A function of the core, src\/(\w+)\.ts:\d .+: 61 lines/.exec(error)?.[1]);
  expect(found).toEqual(kinds.map(([name]) => name));
});
