import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";

test("each promise of SECURITY.md names tests that there are", async () => {
  const security = (await readFile("SECURITY.md", "utf8")).replace(/\s+/g, " ");
  const promised = [...security.matchAll(/(?<!\*)\*([^*]+)\*(?!\*)/g)].map(([, title = ""]) => title);
  expect(promised.length).toBeGreaterThan(15);

  const files = (await readdir("test", { recursive: true })).filter(
    (name) => name.endsWith(".test.ts") && !name.includes("node_modules"),
  );
  const texts = await Promise.all(files.map((name) => readFile(join("test", name), "utf8")));
  const tests = texts.join("\n");
  expect(promised.filter((title) => !tests.includes(`"${title}"`))).toEqual([]);
});
