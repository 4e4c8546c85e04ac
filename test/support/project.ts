import { execFile } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { cp, mkdir, readdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../", import.meta.url));

/** Makes `project` one that has installed the built package, with nothing else of the repository in it than what `npm ci` installed. */
export async function installBuilt(project: string): Promise<void> {
  const modules = join(project, "node_modules");
  const installed = join(modules, "wechatpay-openapi-fetch");
  await mkdir(installed, { recursive: true });
  const tsc = join(root, "node_modules/typescript/lib/tsc.js");
  await run(process.execPath, [tsc, "-p", join(root, "tsconfig.build.json"), "--outDir", join(installed, "dist")]);
  await run(process.execPath, ["--import", "tsx", join(root, "scripts/bundle.ts"), join(installed, "dist")], {
    cwd: root,
  });
  await cp(join(root, "package.json"), join(installed, "package.json"));
  for (const name of await readdir(join(root, "node_modules"))) {
    if (!name.startsWith(".")) await symlink(join(root, "node_modules", name), join(modules, name));
  }
}

/** Installs what a folder of tests needs for itself, unless its lock file was installed already. */
export async function installOnce(folder: string): Promise<void> {
  const changedAt = (file: string) => (existsSync(file) ? statSync(file).mtimeMs : 0);
  const installed = changedAt(join(folder, "node_modules/.package-lock.json"));
  if (installed < changedAt(join(folder, "package-lock.json")))
    await run("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts"], { cwd: folder });
}

/** The blocks of a page that begin with the name of a file, `// vitest/pay.test.js`, by that name. */
export function filesOf(page: string): Map<string, string> {
  const blocks = page.matchAll(/^```[cm]?[jt]s\n(\/\/ (\S+)\n.*?)^```$/gms);
  return new Map(Array.from(blocks, ([, text = "", name = ""]) => [name, text]));
}
