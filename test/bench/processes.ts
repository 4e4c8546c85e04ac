/** What a run starts: the packages and runtimes it compares, the server, and a process for each contender. */
import { type ChildProcess, execFile, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, rmSync, statSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { generateKeys } from "../support/keys.js";
import { createCertificate } from "../support/tls.js";
import type { Figures, Job, Measurement, Ready } from "./client.js";
import { BEFORE, PACKAGE, type Target } from "./contenders.js";
import type { Counts, Order, ServerJob } from "./server.js";

const run = promisify(execFile);
const here = fileURLToPath(new URL("./", import.meta.url));
const root = join(here, "../..");
const modules = join(here, "node_modules");

/** Runtimes that the benchmark's package.json names, and the one that runs this. */
export const RUNTIMES = ["node20", "node22", "node24", "node26", "bun"] as const;
export const CURRENT = "current";

export function binaryOf(runtime: string): string {
  if (runtime === CURRENT) return process.execPath;
  return join(modules, runtime, runtime === "bun" ? "bin/bun.exe" : "bin/node");
}

/** Installs what the contenders need, where that was not done or the list has changed; the runtimes only if one is asked for. */
export async function install(runtimes: readonly string[]): Promise<void> {
  const isFresh = changedAt(join(modules, ".package-lock.json")) >= changedAt(join(here, "package-lock.json"));
  const asked = runtimes.filter((runtime) => runtime !== CURRENT);
  if (isFresh && asked.every((runtime) => existsSync(binaryOf(runtime)))) return;
  process.stderr.write("Installing what is compared, in test/bench …\n");
  const omit = asked.length > 0 ? [] : ["--omit=optional"];
  await run("npm", ["ci", "--no-audit", "--no-fund", ...omit], { cwd: here });
}

const changedAt = (file: string) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** Where a run has its files, and the keys of its merchant and its server. */
export interface Bench {
  folder: string;
  target: Omit<Target, "origin">;
  server: ServerJob;
}

export async function prepare({ before, tls }: { before?: string; tls: boolean }): Promise<Bench> {
  // In this place, contenders find what they import.
  const folder = await mkdtemp(join(modules, ".bench-"));
  process.on("exit", () => rmSync(folder, { recursive: true }));
  process.on("SIGINT", () => process.exit(130));
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  await writeFile(join(folder, "empty.js"), "");
  const entryPoints = ["client.ts", "server.ts"].map((name) => join(here, name));
  const esm = { format: "esm", platform: "node", target: "node20", packages: "external" } as const;
  await build({ entryPoints, outdir: folder, bundle: true, logLevel: "error", ...esm });
  await buildPackage(folder);
  if (before) await installBuild(folder, BEFORE, before);
  const { target, server } = createKeys();
  return { folder, target, server: tls ? { ...server, tls: await createCertificate(folder) } : server };
}

/** The package as it would be published from the sources of now. */
async function buildPackage(folder: string): Promise<void> {
  const tsc = fileURLToPath(import.meta.resolve("typescript/lib/tsc.js"));
  const dist = join(folder, "dist");
  await run(process.execPath, [tsc, "-p", join(root, "tsconfig.build.json"), "--outDir", dist]);
  await run(process.execPath, ["--import", "tsx", join(root, "scripts/bundle.ts"), dist]);
  await installBuild(folder, PACKAGE, dist);
  await rm(dist, { recursive: true });
}

async function installBuild(folder: string, name: string, dist: string): Promise<void> {
  const place = join(folder, "node_modules", name);
  await mkdir(place, { recursive: true });
  await cp(join(root, "package.json"), join(place, "package.json"));
  await cp(dist, join(place, "dist"), { recursive: true });
}

function createKeys(): Pick<Bench, "target" | "server"> {
  const [merchant, platform, other] = [generateKeys(), generateKeys(), generateKeys()];
  const mchid = "1900000109";
  const platformKeyId = "PUB_KEY_ID_0114232134912410000000000000";
  const serialNo = "444F4864EA9B34415D6E36A1F9D09C2FCE6CCF12";
  const { privateKey } = merchant;
  const signers = { platform: platform.privateKey, other: other.privateKey };
  return {
    target: { mchid, serialNo, privateKey, platformKeyId, platformKey: platform.publicKey },
    server: { mchid, platformKeyId, signers },
  };
}

export interface Server {
  origin: string;
  /** The counts since it was last asked. */
  ask(order?: Order): Promise<Counts>;
  stop(): void;
}

export async function startServer({ folder, server }: Bench): Promise<Server> {
  const child = fork(join(folder, "server.js"), [JSON.stringify(server)], { execArgv: [], env: environment() });
  const heard = async () => ((await once(child, "message")) as [Counts])[0];
  const { port } = await heard();
  const ask = (order: Order = {}) => {
    const answer = heard();
    child.send(order);
    return answer;
  };
  return { origin: `${server.tls ? "https" : "http"}://127.0.0.1:${port}`, ask, stop: () => child.kill() };
}

export interface Client extends Ready {
  contender: string;
  measure(measurement: Measurement): Promise<Figures>;
  stop(): void;
}

export interface ClientJob extends Omit<Job, "target"> {
  /** Whether it collects its garbage after each measurement; Node.js only. */
  collects?: boolean;
}

/** Starts a contender's process and waits until it is ready to call. */
export async function startClient(bench: Bench, runtime: string, origin: string, job: ClientJob) {
  const { collects, ...given } = job;
  const whole: Job = { ...given, target: { ...bench.target, origin } };
  // A collection after each measurement would be one that no call pays for.
  const flags = collects ? ["--expose-gc"] : [];
  const args = [...flags, join(bench.folder, "client.js"), JSON.stringify(whole)];
  const child = spawn(binaryOf(runtime), args, { env: environment(bench.server.tls?.cert) });
  const read = lineReader(child, `${job.contender} on ${runtime}`);
  const ready = (await read()) as Ready;
  const measure = (measurement: Measurement) => {
    if (!job.measurements) child.stdin.write(`${JSON.stringify(measurement)}\n`);
    return read() as Promise<Figures>;
  };
  return { ...ready, contender: job.contender, measure, stop: () => child.kill() } satisfies Client;
}

/** Reads the lines that a process prints, one at a time; tells what it said last if it ends before. */
function lineReader(
  child: ChildProcess & { stdout: NodeJS.ReadableStream; stderr: NodeJS.ReadableStream },
  name: string,
) {
  let said = "";
  child.stderr.on("data", (chunk) => (said += chunk));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async (): Promise<unknown> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${name} ended before it was asked to. ${said}`);
    return JSON.parse(value);
  };
}

/** What this process was started with must not change what is measured. */
function environment(certificate?: string): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, NODE_EXTRA_CA_CERTS: __, ...env } = process.env;
  return certificate ? { ...env, NODE_EXTRA_CA_CERTS: certificate } : env;
}

const IMPORT = `const before = process.cpuUsage();
await import(process.argv[1]);
const { user, system } = process.cpuUsage(before);
process.stdout.write(String((user + system) / 1000));`;

/** CPU time of an import in a process of its own, in ms; nothing where the package has no such entry. */
export async function importCpu({ folder }: Bench, runtime: string, name: string): Promise<number | undefined> {
  const args = ["--input-type=module", "--eval", IMPORT, name];
  try {
    const { stdout } = await run(binaryOf(runtime), args, { cwd: folder, env: environment() });
    return Number(stdout);
  } catch (error) {
    if (String(error).includes("ERR_PACKAGE_PATH_NOT_EXPORTED")) return undefined;
    throw error;
  }
}
