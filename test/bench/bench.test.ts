// @module-tag slow

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

test("npm run bench:spec measures every row, of a user whose calls compile", async () => {
  const args = ["--import", "tsx", "test/bench/spec-size.ts", "--operations", "4", "--quick"];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const rows = stdout
    .trim()
    .split("\n")
    .map((line) => line.split("|").map((cell) => cell.trim()));
  const [head, , ...figures] = rows.map(([, name = "", figure = ""]) => [name, figure] as const);
  expect(head).toEqual(["operations", "4"]);
  for (const part of ["generate", "tsc", "editor", "bundle", "sandbox"]) {
    expect(figures.filter(([name]) => name.includes(part))).not.toEqual([]);
  }
  for (const [name, figure] of figures) expect(`${name}: ${figure}`).toMatch(/: \d[\d.]*( (ms|kB|MB))?$/);
  expect(figures.filter(([name]) => name.endsWith("errors")).map(([, count]) => count)).toEqual(["0", "0"]);
});

test.each([
  [["--operations", "abc"], "--operations abc is no number of operations: give one from 1 to 4000"],
  [["--operations", "10,0"], "--operations 10,0 is no number"],
  [["--operations", "4001"], "--operations 4001 is no number"],
  [["--operation", "4"], "Unknown option '--operation'"],
])("%j is refused in one line", async (args, message) => {
  const run = promisify(execFile)(process.execPath, ["--import", "tsx", "test/bench/spec-size.ts", ...args]);
  const { code, stdout, stderr } = await run.then(
    () => expect.unreachable(),
    (error) => error,
  );
  expect({ code, stdout, lines: stderr.split("\n").length }).toEqual({ code: 1, stdout: "", lines: 2 });
  expect(stderr).toContain(message);
});
