// @module-tag slow

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { filesOf, installBuilt, installOnce } from "../support/project.js";

// The built package in an empty project, as other people's tools take it. They are installed by the first run, in this folder.

const execute = promisify(execFile);
const here = import.meta.dirname;
const root = join(here, "../..");

let project: string;
beforeAll(async () => {
  await installOnce(here);
  // Here, so that what the project has not installed is found in this folder.
  project = await mkdtemp(join(here, "out-"));
  await installBuilt(project);
  await writeFile(join(project, "package.json"), '{ "private": true, "type": "module" }');
});
afterAll(() => rm(project, { recursive: true }));

async function write(name: string, text: string): Promise<string> {
  const file = join(project, name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  return file;
}

/** Runs a program of `node_modules`, and gives all that it printed; rejects where it fails. */
async function run(program: string, args: string[], { folder = project, env = {} } = {}): Promise<string> {
  const path = program.startsWith("vitest") ? join(root, "node_modules", program) : join(here, "node_modules", program);
  const { VITEST: _, NODE_ENV: __, ...own } = process.env;
  const done = execute(process.execPath, [path, ...args], { cwd: folder, env: { ...own, ...env } });
  const { stdout, stderr } = await done.catch((failed) => {
    throw new Error(`${program} ${args.join(" ")}\n${failed.stdout}\n${failed.stderr}`);
  });
  return stdout + stderr;
}

describe("guide/testing.md", () => {
  let files: Map<string, string>;
  beforeAll(async () => {
    files = filesOf(await readFile(join(root, "guide/testing.md"), "utf8"));
    for (const [name, text] of files) await write(name, text);
  });

  test("says the same in Chinese, in under 15 lines each", async () => {
    expect(filesOf(await readFile(join(root, "guide/testing.zh-CN.md"), "utf8"))).toEqual(files);
    for (const text of files.values()) expect(text.split("\n").length - 2).toBeLessThan(15);
    expect(files.size).toBe(6);
  });

  test("vitest", async () => {
    // Not the one of the folder above.
    await write("vitest/vitest.config.js", "export default {};");
    const printed = await run("vitest/vitest.mjs", ["run", "--root", "vitest"]);
    expect(printed).toMatch(/1 passed/);
  });

  test("node:test", async () => {
    const { stdout } = await execute(process.execPath, ["--test", "node/payroll.test.js"], {
      cwd: project,
      env: { PATH: process.env.PATH },
    });
    expect(stdout).toMatch(/pass 1\n/);
  });

  test("Jest, with ES modules", async () => {
    await write("jest-esm/jest.config.cjs", 'module.exports = { testMatch: ["**/*.test.mjs"] };');
    const env = { NODE_OPTIONS: "--experimental-vm-modules" };
    expect(await run("jest/bin/jest.js", ["--rootDir", "."], { folder: join(project, "jest-esm"), env })).toMatch(
      /1 passed/,
    );
  });

  const TEST = `
    import { createWeChatPayClient, unwrap } from "wechatpay-openapi-fetch";
    import { createSandbox } from "wechatpay-openapi-fetch/sandbox";
    test("certificates", async () => {
      const sandbox = await createSandbox();
      const wechatpay = createWeChatPayClient({ ...sandbox.credentials, fetch: sandbox.fetch });
      expect(unwrap(await wechatpay.v3.certificates.get()).data).toHaveLength(1);
    });
  `;

  test.each([
    ["ts-jest", "payroll.test.ts"],
    ["babel", "payroll.test.js"],
  ])("Jest, which makes CommonJS of it: %s", async (folder, name) => {
    await write(`${folder}/package.json`, '{ "private": true }');
    await write(`${folder}/${name}`, TEST);
    const types = {
      strict: true,
      module: "commonjs",
      target: "es2022",
      esModuleInterop: true,
      types: ["jest", "node"],
    };
    await write(`${folder}/tsconfig.json`, JSON.stringify({ compilerOptions: types }));
    expect(await run("jest/bin/jest.js", [], { folder: join(project, folder) })).toMatch(/1 passed/);
  });

  test("MSW", async () => {
    const { stdout } = await execute(process.execPath, ["msw/payroll.test.js"], { cwd: project });
    expect(stdout).toBe("[ 'data' ]\n");
  });
});

describe("a bundle of one call", () => {
  const CALL = `
    import { createWeChatPayClient, unwrap } from "wechatpay-openapi-fetch";
    export async function certificates(options) {
      return unwrap(await createWeChatPayClient(options).GET("/v3/certificates"));
    }
  `;
  const outfile = (bundler: string) => join(project, "bundles", bundler, "main.js");
  const config = (bundler: string, text: string) => write(`bundles/${bundler}.config.mjs`, text);

  /** What builds `entry`, minified and with a source map. */
  const BUNDLERS: Record<string, (entry: string) => Promise<unknown>> = {
    esbuild: async (entry) => {
      const { build } = await import("esbuild");
      const settings = { bundle: true, minify: true, sourcemap: true, format: "esm", platform: "browser" } as const;
      await build({ ...settings, entryPoints: [entry], outfile: outfile("esbuild") });
    },
    vite: async (entry) => {
      const lib = { entry, formats: ["es"], fileName: "main" };
      const build = { lib, sourcemap: true, minify: true, outDir: dirname(outfile("vite")) };
      const file = await config("vite", `export default ${JSON.stringify({ build, logLevel: "error" })}`);
      await run("vite/bin/vite.js", ["build", "--config", file]);
    },
    webpack: async (entry) => {
      const file = await config(
        "webpack",
        `import webpack from "webpack";
        const output = { path: ${JSON.stringify(dirname(outfile("webpack")))}, filename: "main.js", library: { type: "module" } };
        const options = { entry: ${JSON.stringify(entry)}, mode: "production", target: "web", devtool: "source-map", output,
          experiments: { outputModule: true } };
        webpack(options, (error, stats) => {
          if (error || stats.hasErrors() || stats.hasWarnings()) throw error ?? new Error(stats.toString());
        });`,
      );
      await execute(process.execPath, [file], { cwd: project });
    },
    rollup: async (entry) => {
      const plugins = "[resolve({ browser: true })]";
      const output = JSON.stringify({ file: outfile("rollup"), format: "es", sourcemap: true });
      const file = await config(
        "rollup",
        `import resolve from "@rollup/plugin-node-resolve";
        export default { input: ${JSON.stringify(entry)}, output: ${output}, plugins: ${plugins}, onwarn(warning) { throw warning; } };`,
      );
      await run("rollup/dist/bin/rollup", ["--config", file]);
    },
  };

  test.each(Object.entries(BUNDLERS))(
    "%s: no import of Node.js, and a source map of the sources",
    async (name, bundle) => {
      await bundle(await write("call.js", CALL));
      const code = await readFile(outfile(name), "utf8");
      // biome-ignore lint/suspicious/noConsole: the sizes are for the reader.
      console.log(`${name}: ${code.length} bytes, ${gzipSync(code, { level: 9 }).length} gzipped`);
      expect(code).not.toMatch(/(from|import|require)\s*\(?\s*["'](node:|crypto|https?["']|stream)/);
      const map = JSON.parse(await readFile(`${outfile(name)}.map`, "utf8"));
      expect(map.sources.some((source: string) => source.includes("call.js"))).toBe(true);
      expect(map.sourcesContent.every((text: unknown) => typeof text === "string")).toBe(true);

      const { certificates } = await import(/* @vite-ignore */ outfile(name));
      const { createSandbox } = await import("wechatpay-openapi-fetch/sandbox");
      const { credentials, fetch } = await createSandbox();
      expect((await certificates({ ...credentials, fetch })).data).toHaveLength(1);
    },
  );
});

describe("the emitted types compile", () => {
  const ALL = `
    import * as core from "wechatpay-openapi-fetch";
    import { nodeTransport } from "wechatpay-openapi-fetch/node";
    import { createSandbox } from "wechatpay-openapi-fetch/sandbox";
    export const wechatpay = core.createWeChatPayClient({ mchid: "", serialNo: "", privateKey: "", platformKeys: {} });
    export const start = async () => {
      const { credentials, fetch } = await createSandbox();
      const own = core.createWeChatPayClient({ ...credentials, fetch, transport: nodeTransport() });
      const { data, error } = await own.v3.certificates.get();
      const serial: string | undefined = data?.data[0]?.serial_no ?? error?.code;
      return serial;
    };
  `;
  const COMPILERS = {
    "5.7": "typescript-5.7/lib/tsc.js",
    "5.9": "",
    "6": "typescript-6/lib/tsc.js",
    "7": "typescript-7/bin/tsc",
  };
  const RESOLUTIONS = {
    bundler: { module: "esnext", moduleResolution: "bundler" },
    node16: { module: "node16" },
    nodenext: { module: "nodenext" },
    commonjs: { module: "commonjs", moduleResolution: "node10" },
  };
  const DOM = ["es2022", "dom", "dom.iterable"];
  const LIBS = {
    "DOM and @types/node": { lib: DOM, types: ["node"] },
    "DOM alone": { lib: DOM, types: [] },
    "@types/node alone": { lib: ["es2022"], types: ["node"] },
  };
  type Row = [keyof typeof COMPILERS, keyof typeof RESOLUTIONS, keyof typeof LIBS];
  // The oldest and the newest in every way; between them, in one.
  const rows: Row[] = [
    ...(["5.7", "7"] as const).flatMap((compiler): Row[] => [
      [compiler, "bundler", "DOM and @types/node"],
      [compiler, "node16", "DOM and @types/node"],
      [compiler, "nodenext", "DOM and @types/node"],
      [compiler, "nodenext", "DOM alone"],
      [compiler, "nodenext", "@types/node alone"],
    ]),
    // As NestJS sets it up.
    ["5.7", "commonjs", "DOM and @types/node"],
    ["5.9", "nodenext", "DOM and @types/node"],
    ["6", "nodenext", "DOM and @types/node"],
  ];

  /** What a compiler prints for one file. */
  async function compile([compiler, resolution, lib]: Row, text: string, more = {}, ...args: string[]) {
    await write("one.ts", text);
    const compilerOptions = {
      ...RESOLUTIONS[resolution],
      ...LIBS[lib],
      ...{ strict: true, exactOptionalPropertyTypes: true, noEmit: true, target: "es2022", ...more },
    };
    const config = await write("tsconfig.json", JSON.stringify({ files: ["one.ts"], compilerOptions }));
    const own = COMPILERS[compiler];
    const path = own ? join(here, "node_modules", own) : join(root, "node_modules/typescript/lib/tsc.js");
    return execute(process.execPath, [path, "-p", config, ...args], { cwd: project }).then(
      ({ stdout }) => stdout,
      ({ stdout, stderr }) => `${stdout}${stderr}`,
    );
  }

  test.each(rows)("TypeScript %s, %s, %s", async (...row) => {
    // The entry for Node.js needs the types of Node.js.
    const text =
      row[2] === "DOM alone" ? ALL.replace(/.*\/node".*/, "").replace(", transport: nodeTransport()", "") : ALL;
    expect(await compile(row, text, { skipLibCheck: false })).toBe("");
  });

  test("what does not fit is told", async () => {
    expect(await compile(["7", "nodenext", "@types/node alone"], ALL.replace("serial_no", "serialNo"))).toContain(
      "TS2551",
    );
  });

  test("one call costs the compiler little", async () => {
    const text = `import { createWeChatPayClient, unwrap } from "wechatpay-openapi-fetch";
      const wechatpay = createWeChatPayClient({ mchid: "", serialNo: "", privateKey: "", platformKeys: {} });
      export const one = async () => unwrap(await wechatpay.GET("/v3/certificates"));`;
    const row: Row = ["5.9", "nodenext", "DOM and @types/node"];
    const printed = await compile(row, text, { skipLibCheck: true }, "--extendedDiagnostics");
    // A count, not a time: it is the same on every machine.
    const count = Number(/Instantiations: +([\d,]+)/.exec(printed)?.[1]?.replaceAll(",", ""));
    // biome-ignore lint/suspicious/noConsole: the number is for the reader.
    console.log(`${count} instantiations`);
    expect(count).toBeLessThan(4000);
  });
});
