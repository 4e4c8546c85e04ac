import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

async function importsOf(file: string): Promise<string[]> {
  const text = await readFile(file, "utf8");
  return Array.from(text.matchAll(/(?:from|import\()\s*"(\.[^"]+)\.js"/g), ([, path = ""]) =>
    resolve(file, "..", `${path}.ts`),
  );
}

test("no file imports itself by way of others, not even for a type", async () => {
  const names = await Promise.all(
    ["src", "spec"].map(async (folder) =>
      (await readdir(folder, { recursive: true })).map((name) => resolve(join(folder, name))),
    ),
  );
  const files = names.flat().filter((name) => name.endsWith(".ts"));
  let left = new Map(await Promise.all(files.map(async (file) => [file, await importsOf(file)] as const)));
  // A file that imports none of the others is in no circle, and so on.
  for (let size = left.size + 1; left.size < size; ) {
    size = left.size;
    left = new Map([...left].filter(([, imports]) => imports.some((file) => left.has(file))));
  }
  expect([...left.keys()]).toEqual([]);
  expect(files.length).toBeGreaterThan(50);
});
