import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

/** Runs Redocly's command line, its one documented way in, without its calls home. */
export async function redocly(...args: string[]): Promise<void> {
  const main = join(dirname(createRequire(import.meta.url).resolve("@redocly/cli/package.json")), "bin/cli.js");
  const env = { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" };
  await promisify(execFile)(process.execPath, [main, ...args], { env }).catch(({ stderr }: { stderr: string }) => {
    // It opens with a box about the end of Node.js 20, which hides what it has to say.
    throw new Error(`redocly ${args.join(" ")} failed.\n${stderr.replace(/^ *[╔║╚].*\n/gm, "").trim()}`);
  });
}

/** A spec in one document. */
export async function bundle<Document>(spec: string): Promise<Document> {
  const folder = await mkdtemp(join(tmpdir(), "bundle-"));
  try {
    const file = join(folder, "openapi.json");
    await redocly("bundle", spec, "--output", file);
    return JSON.parse(await readFile(file, "utf8")) as Document;
  } finally {
    await rm(folder, { recursive: true });
  }
}
