import { execFile } from "node:child_process";
import { cp, mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../", import.meta.url));

/** Packs what `npm pack` would after `npm run build`, but for the pages, and gives the tarball's path. */
export async function makeTarball(folder: string): Promise<string> {
  const build = join(folder, "package");
  await mkdir(build, { recursive: true });
  const here = (...args: string[]) => run(process.execPath, args, { cwd: root });
  await here("node_modules/typescript/lib/tsc.js", "-p", "tsconfig.build.json", "--outDir", join(build, "dist"));
  await here("--import", "tsx", "scripts/bundle.ts", join(build, "dist"));
  const { files } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { files: string[] };
  for (const name of ["package.json", ...files.filter((name) => name !== "dist" && !name.startsWith("!"))]) {
    await mkdir(dirname(join(build, name)), { recursive: true });
    await cp(join(root, name), join(build, name), { recursive: true });
  }
  const { stdout } = await run("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", folder], {
    cwd: build,
  });
  return join(folder, stdout.trim());
}
