/**
 * spec → one HTML page that opens without a network.
 *
 *   npm run docs                                        writes docs/index.html, and docs/pay.html for spec/pay/
 *   npm run docs -- --output my/page.html               writes elsewhere, and pay.html beside it
 *   npm run docs -- --spec my.yaml --output my.html     does the same for a spec of your own
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Json } from "../spec/refs.js";
import { FORMS } from "./page/code-samples.js";
import { decorate } from "./page/decorate.js";
import { patchRedoc } from "./page/redoc.js";
import { TEMPLATE } from "./page/template.js";
import { readSpec } from "./read/index.js";
import { inFolder, redocly } from "./redocly.js";

const OPTIONS = {
  codeSamples: { languages: [...FORMS, { lang: "payload", label: "Payload" }] },
  jsonSamplesExpandLevel: "all",
  schemasExpansionLevel: "all",
};

/**
 * Writes the page of a spec, with the guide that stands beside it in a file guide.md, if there is one.
 * @returns the size of the page in bytes, and what could not be changed in Redoc: another version of it may have that elsewhere
 */
export async function writeDocs(spec: string, output: string): Promise<{ size: number; unchanged: string[] }> {
  const document = await readSpec<Json>(spec);
  const guide = await readFile(join(dirname(spec), "guide.md"), "utf8").catch(() => "");
  decorate(document, guide);
  const { page, unchanged } = patchRedoc(await buildPage(document));
  await mkdir(dirname(output), { recursive: true });
  await writeFile(output, page);
  return { size: Buffer.byteLength(page), unchanged };
}

async function buildPage(document: Json): Promise<string> {
  return inFolder(async (folder) => {
    const file = (name: string) => join(folder, name);
    await Promise.all([
      writeFile(file("openapi.json"), JSON.stringify(document)),
      writeFile(file("template.hbs"), TEMPLATE),
      writeFile(file("redocly.yaml"), "extends: []\n"),
    ]);
    await redocly(
      ...["build-docs", file("openapi.json"), "--output", file("index.html"), "--inlineBundle"],
      ...["--template", file("template.hbs"), "--config", file("redocly.yaml")],
      ...["--openapi", JSON.stringify(OPTIONS)],
    );
    return readFile(file("index.html"), "utf8");
  });
}

async function print(spec: string, output: string): Promise<void> {
  const { size, unchanged } = await writeDocs(spec, output);
  if (unchanged.length > 0) {
    throw new Error(
      `Another version of Redoc has elsewhere: ${unchanged.join(", ")}. Adapt scripts/page/redoc.ts, and try the page offline.`,
    );
  }
  console.log(`${output} (${Math.round(size / 1024)} KiB)`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { output, spec } = parseArgs({
    options: {
      output: { type: "string", default: "docs/index.html" },
      spec: { type: "string" },
    },
  }).values;
  await print(spec ?? "spec/openapi.yaml", output);
  if (spec === undefined) await print("spec/pay/openapi.yaml", join(dirname(output), "pay.html"));
}
