// @module-tag slow
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { installBuilt } from "../support/project.js";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");

/** The package as built, but that every signature is good. */
let broken: string;
let project: string;
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "broken-"));
  await installBuilt(project);
  const installed = join(project, "node_modules/wechatpay-openapi-fetch");
  // Entries share files, so it may stand in any.
  const folder = join(installed, "dist/src");
  let changes = 0;
  for (const name of (await readdir(folder)).filter((each) => each.endsWith(".js"))) {
    const code = await readFile(join(folder, name), "utf8");
    const changed = code.replaceAll("crypto.subtle.verify(", "true || crypto.subtle.verify(");
    if (changed !== code) changes += 1;
    await writeFile(join(folder, name), changed);
  }
  expect(changes).toBeGreaterThan(0);
  const args = ["pack", "--ignore-scripts", "--pack-destination", project];
  await run("npm", args, { cwd: installed });
  broken = join(project, (await readdir(project)).find((name) => name.endsWith(".tgz")) as string);
});
afterAll(() => rm(project, { recursive: true }));

test("a capability that is broken is seen in the table, named with its reason, and fails the run", async () => {
  const args = ["--import", "tsx", join(root, "test/runtimes/run.ts"), "--tarball", broken, "current"];
  const failed = await run(process.execPath, args, { cwd: root }).catch((error) => error);
  expect(failed.code).toBe(1);
  expect(failed.stdout).toContain("| signs, by method, path and chain | ✓ |");
  expect(failed.stdout).toContain("| verifies, and refuses what is forged | ✗ |");
  expect(failed.stderr).toContain(
    `Node.js ${process.versions.node}: verifies, and refuses what is forged: Error: bad-signature did not fail`,
  );
});

test("a runtime that there is not is refused by name", async () => {
  const args = ["--import", "tsx", join(root, "test/runtimes/run.ts"), "node@18"];
  const failed = await run(process.execPath, args, { cwd: root }).catch((error) => error);
  expect([failed.code, failed.stderr]).toEqual([
    1,
    expect.stringContaining("There is no runtime node@18, only node@20"),
  ]);
});
