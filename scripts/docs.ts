/**
 * spec → one HTML page that opens without a network.
 *
 *   npm run docs                                        writes docs/index.html, and docs/pay.html for spec/pay/
 *   npm run docs -- --output my/page.html               writes elsewhere, and pay.html beside it
 *   npm run docs -- --spec my.yaml --output my.html     does the same for a spec of your own
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Json } from "../spec/refs.js";
import { FORMS } from "./page/code-samples.js";
import { decorate } from "./page/decorate.js";
import { patchRedoc } from "./page/redoc.js";
import { readSpec } from "./read/index.js";
import { redocly } from "./redocly.js";

const TEMPLATE = fileURLToPath(new URL("page/template.hbs", import.meta.url));
const OPTIONS = {
  codeSamples: { languages: [...FORMS, { lang: "payload", label: "Payload" }] },
  jsonSamplesExpandLevel: "all",
  schemasExpansionLevel: "all",
};

async function buildPage(document: Json): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "docs-"));
  try {
    const [input, output] = [join(folder, "openapi.json"), join(folder, "index.html")];
    await writeFile(input, JSON.stringify(document));
    const options = ["--template", TEMPLATE, "--openapi", JSON.stringify(OPTIONS)];
    await redocly("build-docs", input, "--output", output, "--inlineBundle", ...options);
    return await readFile(output, "utf8");
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function writePage(spec: string, output: string): Promise<void> {
  const document = await readSpec<Json>(spec);
  const guide = await readFile(join(dirname(spec), "guide.md"), "utf8").catch(() => "");
  decorate(document, guide);
  const page = patchRedoc(await buildPage(document));
  await mkdir(dirname(output), { recursive: true });
  await writeFile(output, page);
  console.log(`${output} (${Math.round(Buffer.byteLength(page) / 1024)} KiB)`);
}

const { output, spec } = parseArgs({
  options: {
    output: { type: "string", default: "docs/index.html" },
    spec: { type: "string" },
  },
}).values;
await writePage(spec ?? "spec/openapi.yaml", output);
if (spec === undefined) await writePage("spec/pay/openapi.yaml", join(dirname(output), "pay.html"));
