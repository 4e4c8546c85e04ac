import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import manifest from "../package.json" with { type: "json" };
import { anchorsOf, linksOf } from "./support/markdown.js";

const folders = [".", "guide", "spec"];
const names = await Promise.all(
  folders.map(async (folder) => (await readdir(folder)).map((name) => join(folder, name))),
);

/** What npm puts into the package beside `files`. */
const ALWAYS = ["package.json", "README.md", "LICENSE"];
/** For those who have a clone: how to work on it, and the tests that hold a promise. */
const FOR_CLONES = /^(?:CONTRIBUTING\.md$|test\/)/;
/** Whether a link leads to another site, or above the repository: to GitHub's own pages of it. */
const isElsewhere = (target: string) => /^[a-z]+:|^\.\.\/\.\.\//.test(target);
const isShipped = (file: string) =>
  [...ALWAYS, ...manifest.files].some((name) => file === name || file.startsWith(`${name}/`));

describe.each(names.flat().filter((file) => file.endsWith(".md")))("%s names", (page) => {
  test("commands that there are", async () => {
    const found = (await readFile(page, "utf8")).matchAll(/npm run ([\w:-]+)/g);
    expect(Array.from(found, ([, name = ""]) => name).filter((name) => !(name in manifest.scripts))).toEqual([]);
  });

  test("files that there are, by link and by path, and headings that they have", async () => {
    const text = await readFile(page, "utf8");
    // The docs page has anchors of its own, such as #operation/createToken.
    const links = linksOf(text).filter((target) => !isElsewhere(target) && !/#\w+\//.test(target));
    const paths = Array.from(
      text.matchAll(/`((?:src|test|scripts|guide|spec)\/[\w./-]+\.\w+)`/g),
      ([, path = ""]) => path,
    );
    const gone = async (target: string) => {
      const [path = "", anchor] = decodeURI(target).split("#");
      const file = path === "" ? page : join(dirname(page), path);
      if (!existsSync(file)) return true;
      return anchor !== undefined && !anchorsOf(await readFile(file, "utf8")).includes(anchor);
    };
    const isGone = await Promise.all(links.map(gone));
    expect([...links.filter((_, index) => isGone[index]), ...paths.filter((path) => !existsSync(path))]).toEqual([]);
  });

  test.runIf(isShipped(page))("no file by link that the package does not have", async () => {
    const links = linksOf(await readFile(page, "utf8")).filter(
      (target) => !isElsewhere(target) && !target.startsWith("#"),
    );
    const files = links.map((target) => join(dirname(page), target.replace(/#.*/, "")).replace(/\/$/, ""));
    expect(files.filter((file) => !isShipped(file) && !FOR_CLONES.test(file))).toEqual([]);
  });
});
