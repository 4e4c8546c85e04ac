import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

test("npm run docs writes one page that asks nobody for anything", async () => {
  const folder = await mkdtemp(join(tmpdir(), "docs-"));
  const page = join(folder, "index.html");
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--import",
    "tsx",
    "scripts/docs.ts",
    "--output",
    page,
  ]);
  expect(stdout).toContain(page);
  const html = await readFile(page, "utf8");
  await rm(folder, { recursive: true });
  for (const text of ["微工卡核身预下单", "下载平台证书", "mcdhehfgisdhfjghed39384564i83"])
    expect(html).toContain(text);
  // What a browser loads by itself: scripts, styles, pictures, fonts.
  expect(html).not.toMatch(/<(script|img|iframe)[^>]+src=["']?(https?:)?\/\//i);
  expect(html).not.toMatch(/<link[^>]+href=["']?(https?:)?\/\//i);
  expect(html).not.toMatch(/@import\s+(url\()?["']?https?:|url\(["']?https?:/i);
  // Redoc's logo is set by its script.
  expect(html).not.toContain("https://cdn.redoc.ly/");
});
