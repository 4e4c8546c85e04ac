/**
 * What changed in the API since a commit, and whether it breaks callers.
 *
 *   npm run diff-spec -- v0.1.0                 from generated/ of that commit to spec/ as it is now, for each family
 *   npm run diff-spec -- v0.1.0 --markdown      for a pull request or the changelog
 *
 * Exits 1 on a breaking change without a new major version, 2 where nothing can be compared.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { parseArgs, promisify } from "node:util";
import { inShort } from "../spec/choices.js";
import { compare, operationNames } from "./diff/compare.js";
import { report } from "./diff/report.js";
import { bundle } from "./redocly.js";

/** The families of this package. The first has always been there. */
const FAMILIES = [
  { spec: "spec/openapi.yaml", bundled: "generated/openapi.json" },
  { spec: "spec/pay/openapi.yaml", bundled: "generated/pay/openapi.json" },
];
const [{ spec: SPEC }] = FAMILIES as [Family];
type Family = (typeof FAMILIES)[number];

type Document = Record<string, unknown> & { info: { version: string } };
/** The description's and the package's. */
type Versions = [Version & { was: string }, Version];
interface Version {
  name: string;
  was?: string;
  is?: string;
}

/** Whether `is` comes after `was`, by the first number that differs. */
function isAfter(is = "", was = ""): boolean {
  const [numbers, others] = [is, was].map((version) => version.split(/[.+-]/).map(Number)) as [number[], number[]];
  const index = numbers.findIndex((number, i) => number !== others[i]);
  return index >= 0 && (numbers[index] as number) > (others[index] ?? 0);
}

/** Goes up to the nearest folder that has a description, as git and npm do. */
function enterPackage(): void {
  const from = process.cwd();
  while (!existsSync(SPEC)) {
    const at = process.cwd();
    process.chdir("..");
    if (process.cwd() === at)
      throw new Error(`Neither ${from} nor a folder above it has ${SPEC}: run this in a clone.`);
  }
}

async function git(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)("git", args, { maxBuffer: Number.POSITIVE_INFINITY }).catch((error) => {
    throw error.code === "ENOENT" ? new Error("git is not found: install it, or add it to the PATH.") : error;
  });
  return stdout;
}

/** The hash of the commit that `ref` names. Git could read `ref` itself as an option or a range. */
async function commitOf(ref: string): Promise<string> {
  let reason = "";
  const found = await git("rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`).catch((error) => {
    if (error.stderr === undefined) throw error;
    reason = error.stderr;
    return "";
  });
  if (/^[0-9a-f]+\n$/.test(found)) return found.trim();
  throw new Error(
    `${ref} is not a commit here. Name a tag, a branch or a commit; in a shallow clone, \`git fetch --unshallow --tags\` first.\n${reason}`.trim(),
  );
}

/** A file of a commit. Its path starts at the present folder. */
function fileOf(commit: string, file: string): Promise<string> {
  return git("show", `${commit}:./${file}`);
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { markdown: { type: "boolean", default: false } },
    allowPositionals: true,
  });
  const [ref, ...others] = positionals;
  if (ref === undefined || others.length > 0) {
    throw new Error("Name one commit to compare with, such as a tag: npm run diff-spec -- v0.1.0");
  }
  enterPackage();
  const commit = await commitOf(ref);
  for (const family of FAMILIES.filter(({ spec }) => existsSync(spec))) await showChanges(family, ref, commit, values);
}

async function showChanges(family: Family, ref: string, commit: string, values: { markdown: boolean }): Promise<void> {
  const bundled = await fileOf(commit, family.bundled).catch(() => undefined);
  if (bundled === undefined && family.spec !== SPEC) {
    console.log(`\n${family.spec} is new: ${ref} has no ${family.bundled}.`);
    return;
  }
  if (bundled === undefined) {
    throw new Error(
      `${ref} has no ${family.bundled}, so there is nothing to compare with. Name a commit that has one.`,
    );
  }
  const { before, after, versions } = await readBoth(family.spec, bundled, commit);
  const changes = [...compare(before, after)];
  const now = operationNames(after);
  const inBoth = operationNames(before).filter((operation) => now.includes(operation));

  const title = `${family.spec === SPEC ? "" : "\n"}API changes since ${ref}${family.spec === SPEC ? "" : ` in ${family.spec}`}`;
  console.log(values.markdown ? `### ${title}\n` : title);
  console.log(versions.map(({ name, was = "none", is = "none" }) => `${name} ${was} → ${is}`).join(", "));
  for (const line of report(changes, inBoth, values.markdown)) console.log(line);
  if (changes.length === 0) console.log("\nNone.");
  for (const { name, was, is } of versions.filter(({ was, is }) => isAfter(was, is))) {
    console.log(`\n${name} falls from ${was} to ${is}: check that ${ref} is the earlier one.`);
  }
  if (changes.some(({ kind }) => kind === "breaking")) judgeVersions(versions);
}

/** The description at a commit and the one in spec/, and the versions that they state. */
async function readBoth(spec: string, bundled: string, commit: string) {
  const before = inShort(JSON.parse(bundled) as Document);
  // From spec/, which may be newer than generated/.
  const after = await bundle<Document>(spec);
  const packages = [fileOf(commit, "package.json"), readFile("package.json", "utf8")];
  const [packageBefore = "", packageAfter = ""] = await Promise.all(packages.map((text) => text.catch(() => "{}")));
  const versions: Versions = [
    { name: `info.version of ${spec}`, was: before.info.version, is: after.info.version },
    { name: "package.json", was: JSON.parse(packageBefore).version, is: JSON.parse(packageAfter).version },
  ];
  return { before, after, versions };
}

/** A breaking change needs a new major version. */
function judgeVersions(versions: Versions): void {
  const risen = versions.find(({ was = "", is = "" }) => Number.parseInt(is, 10) > Number.parseInt(was, 10));
  if (risen) {
    console.log(`\nThe major version of ${risen.name} rises: callers expect breaking changes.`);
    return;
  }
  const next = `${Number.parseInt(versions[0].was, 10) + 1}.0.0`;
  console.log(
    `\nBreaking changes need a new major version, that is ${next}: raise it in both files, or take them back.`,
  );
  process.exitCode = 1;
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 2;
});
