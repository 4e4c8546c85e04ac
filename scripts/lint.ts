/**
 * The lint rules over specs.
 *
 *   npm run lint:spec                 the specs of this package, by redocly.yaml
 *   npm run lint:spec -- my.yaml      a spec of your own, by the same rules
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { visible } from "../src/cli/terminal.js";
import { problemsOf } from "./generate/table.js";
import { readSpec } from "./read/index.js";
import { refuseOtherFormats } from "./read/version.js";
import { inFolder, runRedocly } from "./redocly.js";

// Redocly loads JavaScript only.
const PLUGIN = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "../spec/redocly-plugin.js" : "../spec/lint.js", import.meta.url),
);

/** Gives `use` a redocly.yaml of these sets of rules, which are those of spec/rulesets.ts. */
export async function withSets<Result>(sets: string[], use: (config: string) => Promise<Result>): Promise<Result> {
  return inFolder(async (folder) => {
    const config = join(folder, "redocly.yaml");
    // JSON is YAML.
    await writeFile(config, JSON.stringify({ plugins: [PLUGIN], extends: sets.map((set) => `wechatpay/${set}`) }));
    return use(config);
  });
}

/**
 * What the rules say of the specs, and where they find nothing, what the generator would: it reads a spec as a whole.
 * @param config a redocly.yaml
 * @param format one of Redocly's, such as `stylish` and `github-actions`
 * @returns what to print, and whether there is no error in it
 */
export async function lint(
  specs: string[],
  config: string,
  format: string,
): Promise<{ isGood: boolean; text: string }> {
  for (const spec of specs) await refuseOtherFormats(spec);
  const options = ["--config", config, "--lint-config=error", `--format=${format}`];
  const { code, stdout, stderr } = await runRedocly("lint", ...specs, ...options);
  // Without a word on what is wrong in a spec, something else is.
  if (code > 1 || (code === 1 && stdout.trim() === "")) throw new Error(stderr);
  // How many there are, and whether that is all; not which file took how long.
  const count = format === "codeframe" ? (stderr.match(/^(.*Validation failed|< ).*\n?/gm) ?? []).join("") : "";
  if (code === 1) return { isGood: false, text: `${stdout}${count}\n` };
  const problems: string[] = [];
  for (const spec of specs)
    problems.push(...problemsOf(await readSpec(spec)).map((problem) => visible(`${spec}: ${problem}\n`)));
  return { isGood: problems.length === 0, text: stdout + problems.join("") };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { positionals } = parseArgs({ allowPositionals: true });
  const specs = positionals.length > 0 ? positionals : ["spec/openapi.yaml", "spec/pay/openapi.yaml"];
  const { isGood, text } = await lint(specs, "redocly.yaml", "codeframe").catch((error: Error) => ({
    isGood: false,
    text: `${error.message}\n`,
  }));
  process.stdout.write(isGood ? `${text}No errors in ${specs.join(", ")}\n` : text);
  if (!isGood) process.exitCode = 1;
}
