import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { inShort } from "../spec/choices.js";

/** The Redocly CLI, the only interface of it that is documented, without telemetry. */
export function redoclyCommand(
  ...args: string[]
): [program: string, args: string[], options: { env: NodeJS.ProcessEnv }] {
  const main = join(dirname(createRequire(import.meta.url).resolve("@redocly/cli/package.json")), "bin/cli.js");
  const env = { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" };
  return [process.execPath, [main, ...args], { env }];
}

/** Runs it, and throws what it says where it fails. */
export async function redocly(...args: string[]): Promise<void> {
  await promisify(execFile)(...redoclyCommand(...args)).catch(({ stderr }: { stderr: string }) => {
    // On Node.js 20 the output starts with a box about its end of life, and the error would be lost below it.
    throw new Error(`redocly ${args.join(" ")} failed.\n${stderr.replace(/^ *[╔║╚].*\n/gm, "").trim()}`);
  });
}

/** The spec as one document. */
export async function bundle<Document>(spec: string): Promise<Document> {
  const folder = await mkdtemp(join(tmpdir(), "bundle-"));
  try {
    const file = join(folder, "openapi.json");
    await redocly("bundle", spec, "--output", file);
    return inShort(JSON.parse(await readFile(file, "utf8")) as Document);
  } finally {
    await rm(folder, { recursive: true });
  }
}
