import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { contenders, PEER } from "./contenders.js";
import { chart, median, ratio, requireAsClaimed, type Sample } from "./report.js";

// Times are never asserted: only that everything is measured, and that it is what it says it is.
const bench = (...args: string[]) =>
  promisify(execFile)(process.execPath, ["--import", "tsx", "test/bench/run.ts", ...args], { maxBuffer: 2 ** 24 });

const names = contenders.map(({ name }) => name);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bench-"));
});
afterAll(() => rm(folder, { recursive: true }));

test("npm run bench measures every contender, and proves who verifies", { tags: ["slow"] }, async () => {
  const [json, svg] = [join(folder, "bench.json"), join(folder, "bench.svg")];
  const { stdout } = await bench("--quick", "--runtimes", "current", "--json", json, "--svg", svg);

  expect(rowsOf(stdout, "### 1 at once")).toEqual(names);
  expect(rowsOf(stdout, "### 32 at once")).toEqual(names);
  expect(rowsOf(stdout, "### Start")).toEqual(expect.arrayContaining(["an empty module", PEER, "floor-fetch", "ours"]));
  expect(stdout).toContain("Differences under 5 % are noise.");
  const [, refused, accepted] =
    /was refused by (.*)\.\nIt was accepted, for they do not verify, by (.*)\.\n/.exec(stdout) ?? [];
  const verifying = contenders.filter(({ verifies }) => verifies);
  expect(refused?.replace(/ \([^)]*\)/g, "").split(", ")).toEqual(verifying.map(({ name }) => name));
  expect(accepted?.split(", ")).toEqual(["openapi-fetch", "wechatpay-node-v3"]);

  const { samples } = JSON.parse(await readFile(json, "utf8")) as { samples: Sample[] };
  expect(samples.map(({ contender, concurrency }) => `${contender} ${concurrency}`)).toEqual(
    ["1", "32"].flatMap((concurrency) => names.map((name) => `${name} ${concurrency}`)),
  );
  for (const { errors, calls, wallMs, cpu, p50, p99, rss } of samples) {
    expect(errors).toEqual({});
    for (const figure of [calls, wallMs, cpu, p50, p99, rss]) expect(figure).toBeGreaterThan(0);
  }
  expectWellFormed(await readFile(svg, "utf8"), names);
});

/** The contenders of a table, each of whose rows has a figure. */
function rowsOf(output: string, heading: string): string[] {
  const section = output.slice(output.indexOf(heading)).split("\n#")[0] ?? "";
  const rows = Array.from(
    section.matchAll(/^\| ([^|]+?)(?: \([^)|]*(?:\(\))?\))? \| (.*) \|$/gm),
    ([, name, cells]) => ({
      name: name as string,
      cells: cells as string,
    }),
  ).filter(({ name, cells }) => !/^(---|contender|import)$/.test(name) && !/^[–| ]+$/.test(cells));
  for (const { cells } of rows) expect(cells).toMatch(/^\d/);
  return rows.map(({ name }) => name);
}

function expectWellFormed(svg: string, labels: readonly string[]): void {
  const open: string[] = [];
  for (const [, end, name = "", empty] of svg.matchAll(/<(\/?)([a-z]+)[^<>]*?(\/?)>/g)) {
    if (end) expect(open.pop()).toBe(name);
    else if (!empty) open.push(name);
  }
  expect(open).toEqual([]);
  expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" /);
  expect(svg).not.toMatch(/&(?!#\d+;)|NaN|undefined/);
  for (const label of labels) expect(svg).toContain(`>${label}`);
}

test("the chart escapes what it says, and ratios are taken within each round", () => {
  const sample = (contender: string, round: number, cpu: number) =>
    ({ contender, round, cpu, main: cpu / 2 }) as Sample;
  const samples = [sample("ours", 0, 30), sample(PEER, 0, 10), sample("ours", 1, 20), sample(PEER, 1, 20)];
  expect(ratio(samples, "ours", PEER, "cpu")).toBe(2);
  expect(median([undefined, 3, 1, 2])).toBe(2);
  expect(median([undefined])).toBeUndefined();
  expectWellFormed(chart(samples, `"<CPU>" & more`, ""), ["ours", PEER]);
});

test("a contender that does not verify what it claims to fails the run", () => {
  const check = { runtime: "current", refused: undefined };
  expect(() => requireAsClaimed({ ...check, contender: PEER })).toThrow(`${PEER} on current accepted a reply`);
  expect(() => requireAsClaimed({ ...check, contender: "openapi-fetch" })).not.toThrow();
  expect(() => requireAsClaimed({ ...check, contender: "openapi-fetch", refused: "Error" })).toThrow("is said not to");
});

test.each([
  [["--round", "4"], "Unknown option '--round'"],
  [["--contenders", "ours,axios"], "--contenders has no axios: give some of floor-fetch, "],
  [["--runtimes", "node18"], "--runtimes has no node18: give some of node20, "],
  [["--rounds", "0"], "--rounds 0 is no whole number above 0."],
  [["--concurrency", "1,x"], "--concurrency 1,x is no whole number above 0."],
  [["--before", "src"], "--before src is no build of this package"],
  [["node24"], "Unexpected argument 'node24'"],
])("%j is refused in one line", { tags: ["slow"] }, async (args, message) => {
  const { code, stdout, stderr } = await bench(...args).then(
    () => expect.unreachable(),
    (error) => error,
  );
  expect({ code, stdout, lines: stderr.split("\n").length }).toEqual({ code: 1, stdout: "", lines: 2 });
  expect(stderr).toContain(message);
});
