import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
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

  test("files that there are, by link and by path", async () => {
    const text = await readFile(page, "utf8");
    const links = Array.from(text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g), ([, path = ""]) =>
      join(dirname(page), path),
    );
    const paths = Array.from(text.matchAll(/`((?:src|test|scripts)\/[\w./-]+\.\w+)`/g), ([, path = ""]) => path);
    expect([...links, ...paths].filter((file) => !existsSync(file))).toEqual([]);
  });
});
