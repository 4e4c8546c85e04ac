import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { promisify } from "node:util";
import type { SandboxCredentials } from "wechatpay-openapi-fetch/sandbox";

const run = promisify(execFile);

/** A sandbox with its console, as a process of its own. */
export interface RunningConsole {
  /** Where it was built. */
  folder: string;
  url: string;
  credentials: SandboxCredentials;
  child: ChildProcess;
  close(): Promise<void>;
}

/** Builds the command and the console's page in a copy of the sources, and starts `wechatpay sandbox` there. */
export async function startConsole(...flags: string[]): Promise<RunningConsole> {
  const folder = await mkdtemp(join(tmpdir(), "console-"));
  for (const name of ["src", "generated", "scripts", "spec", "package.json", "tsconfig.json", "tsconfig.build.json"])
    await cp(name, join(folder, name), { recursive: true });
  await symlink(join(process.cwd(), "node_modules"), join(folder, "node_modules"), "junction");
  await run(process.execPath, ["node_modules/typescript/lib/tsc.js", "-p", "tsconfig.build.json"], { cwd: folder });
  await run("npm", ["run", "build:console"], { cwd: folder });

  const args = [join(folder, "dist/src/cli/main.js"), "sandbox", "--port=0", "--json", ...flags];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(child.stdout as Readable, "data");
  const { url, ...credentials } = JSON.parse(line);
  async function close() {
    child.kill();
    await rm(folder, { recursive: true });
  }
  return { folder, url, credentials, child, close };
}
