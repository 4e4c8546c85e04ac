/** What a run starts: the project that has installed the package, the peer, and each runtime. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, statSync } from "node:fs";
import { cp, mkdir, readdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { promisify } from "node:util";
import { build } from "esbuild";
import type { Result } from "./capabilities.js";

const here = import.meta.dirname;
const root = join(here, "../..");
const modules = join(here, "node_modules");
/** No proxy of this machine is asked for what is on it. */
const env = { ...process.env, NO_PROXY: "127.0.0.1", no_proxy: "127.0.0.1" };
const run = promisify(execFile);
const npm = (args: string[], cwd: string) =>
  // npm is a script on Windows, which only a shell starts.
  run("npm", [...args, "--no-audit", "--no-fund"], { cwd, shell: process.platform === "win32", maxBuffer: 2 ** 26 });

/** The program of a runtime; `current` is the Node.js that runs this. */
export function binaryOf(folder: string): string {
  if (folder === "current") return process.execPath;
  if (folder.startsWith("node")) return join(modules, folder, "bin", "node");
  if (folder === "bun") return join(modules, "bun", "bin", "bun.exe");
  return join(modules, ".bin", folder);
}

/** Installs the runtimes, where that was not done or the list has changed. */
export async function installRuntimes(): Promise<void> {
  const changedAt = (file: string) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (changedAt(join(modules, ".package-lock.json")) >= changedAt(join(here, "package-lock.json"))) return;
  process.stderr.write("Installing the runtimes, in test/runtimes …\n");
  await npm(["ci"], here);
}

/** Makes `folder` an empty project that has installed the tarball, or that of the sources of now, and nothing else. */
export async function createProject(folder: string, tarball?: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), "{}");
  if (tarball === undefined) {
    process.stderr.write("Packing the package …\n");
    await npm(["pack", "--pack-destination", folder], root);
  }
  const [packed] = (await readdir(folder)).filter((name) => name.endsWith(".tgz"));
  await npm(["install", tarball ? resolve(tarball) : `./${packed}`], folder);
  // In that place they find the package that is installed there, and no source of it.
  for (const name of ["capabilities", "main", "peer", "remote", "worker"]) {
    await cp(join(here, `${name}.ts`), join(folder, `${name}.ts`));
  }
  const built = { absWorkingDir: folder, bundle: true, target: "es2022", logLevel: "error" } as const;
  const asIs = { ...built, packages: "external", platform: "node" } as const;
  await build({
    ...asIs,
    entryPoints: ["main.ts", "peer.ts"],
    format: "esm",
    outdir: ".",
    outExtension: { ".js": ".mjs" },
  });
  await build({ ...asIs, entryPoints: ["main.ts"], format: "cjs", outfile: "main.cjs" });
  // As wrangler bundles a Worker.
  const conditions = ["workerd", "worker", "browser"];
  await build({ ...built, entryPoints: ["worker.ts"], format: "esm", outfile: "worker.mjs", conditions });
}

export interface Peer {
  url: string;
  stop(): void;
}

/** Starts the far side, on this Node.js. */
export async function startPeer(folder: string): Promise<Peer> {
  const child = spawn(process.execPath, [join(folder, "peer.mjs")], {
    cwd: folder,
    env,
    stdio: ["pipe", "pipe", "inherit"],
  });
  return { url: await firstLine(child, child.stdout, "the peer"), stop: () => child.kill() };
}

async function firstLine(child: ChildProcess, output: Readable, what: string): Promise<string> {
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`${what} ended with ${code} and said nothing`);
  });
  const [line] = await Promise.race([once(createInterface(output), "line"), ended]);
  return line;
}

/** Runs every capability on a runtime; on Node.js, once with `import` and once with `require`. */
export async function runOn(folder: string, runtime: string, peer: Peer): Promise<Record<string, Result>> {
  const program = binaryOf(runtime);
  if (!existsSync(program)) throw new Error(`${program} is missing: remove ${modules}, and run this again`);
  if (runtime === "workerd") return runOnWorkerd(folder, program, peer);
  const flags = runtime === "deno" ? ["run", "--no-prompt", "--allow-net", "--node-modules-dir=manual"] : [];
  const results = await runFile(folder, [program, ...flags, join(folder, "main.mjs"), peer.url]);
  if (runtime === "bun" || runtime === "deno") return results;
  const required = await runFile(folder, [program, join(folder, "main.cjs"), peer.url]);
  for (const [name, { error }] of Object.entries(required)) {
    if (error && !results[name]?.error) results[name] = { error: `with require(): ${error}` };
  }
  return results;
}

async function runFile(folder: string, [program = "", ...args]: string[]): Promise<Record<string, Result>> {
  const deno = { DENO_DIR: join(folder, ".deno"), DENO_NO_UPDATE_CHECK: "1" };
  const { stdout } = await run(program, args, { cwd: folder, env: { ...env, ...deno }, maxBuffer: 2 ** 26 });
  return JSON.parse(stdout.trim().split("\n").at(-1) as string);
}

const CONFIG = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .main), (name = "internet", network = (allow = ["private"]))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]
);
const main :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.mjs")],
  compatibilityDate = "2025-06-01"
);`;

/** Without the flag nodejs_compat: from another date on it is the default. */
async function runOnWorkerd(folder: string, program: string, peer: Peer): Promise<Record<string, Result>> {
  await writeFile(join(folder, "config.capnp"), CONFIG);
  const args = ["serve", "--control-fd=3", join(folder, "config.capnp")];
  const child = spawn(program, args, { cwd: folder, env, stdio: ["ignore", "ignore", "pipe", "pipe"] });
  const said: string[] = [];
  child.stderr?.on("data", (data) => said.push(String(data)));
  try {
    const { port } = JSON.parse(await firstLine(child, child.stdio[3] as Readable, "workerd"));
    const response = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: peer.url });
    const text = await response.text();
    if (!response.ok) throw new Error(`${response.status} ${text}`);
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`workerd: ${error}\n${said.join("").slice(0, 4_000)}`);
  } finally {
    child.kill();
  }
}
