import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { inShort } from "../spec/choices.js";

/** What a program that ended has left. */
interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs the Redocly CLI, the only interface of it that is documented, without telemetry. */
export async function runRedocly(...args: string[]): Promise<Ended> {
  const main = join(dirname(createRequire(import.meta.url).resolve("@redocly/cli/package.json")), "bin/cli.js");
  const env = { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" };
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], { env, maxBuffer: 2 ** 30 }, (error, stdout, stderr) => {
      // On Node.js 20 the output starts with a box about its end of life, and the error would be lost below it.
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr: stderr.replace(/^ *[╔║╚].*\n/gm, "").trim() });
    });
  });
}

/** @throws {Error} with what it says, where it fails */
export async function redocly(...args: string[]): Promise<void> {
  const { code, stderr } = await runRedocly(...args);
  if (code !== 0) throw new Error(`redocly ${args.join(" ")} failed.\n${stderr}`);
}

/** Gives `use` a folder of its own, and takes it away. */
export async function inFolder<Result>(use: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), "wechatpay-"));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The spec as one document. A redocly.yaml where it runs has no say: its decorators would change what is made. */
export async function bundle<Document>(spec: string): Promise<Document> {
  return inFolder(async (folder) => {
    const [file, config] = [join(folder, "openapi.json"), join(folder, "redocly.yaml")];
    await writeFile(config, "extends: []\n");
    await redocly("bundle", spec, "--output", file, "--config", config);
    return inShort(JSON.parse(await readFile(file, "utf8")) as Document);
  });
}
