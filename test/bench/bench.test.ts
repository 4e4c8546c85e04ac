import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

test("npm run bench measures every row, of a user whose calls compile", { timeout: 180_000 }, async () => {
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
