import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import manifest from "../package.json" with { type: "json" };

const folders = [".", "guide", "spec"];
const names = await Promise.all(
  folders.map(async (folder) => (await readdir(folder)).map((name) => join(folder, name))),
);

describe.each(names.flat().filter((file) => file.endsWith(".md")))("%s names", (page) => {
  test("commands that there are", async () => {
    const found = (await readFile(page, "utf8")).matchAll(/npm run ([\w:-]+)/g);
    expect(Array.from(found, ([, name = ""]) => name).filter((name) => !(name in manifest.scripts))).toEqual([]);
  });
});
