/**
 * spec → one HTML page that opens without a network.
 *
 *   npm run docs                              writes docs/index.html
 *   npm run docs -- --output my/page.html     writes elsewhere
 */
import { readFile, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { redocly } from "./redocly.js";

const { output } = parseArgs({ options: { output: { type: "string", default: "docs/index.html" } } }).values;

// Redoc asks its CDN for the logo beside its name, even where its scripts are inlined.
const LOGO = /https:\/\/cdn\.redoc\.ly\/[\w/-]+\.svg/g;
const NO_LOGO = `data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg"/>`;

await redocly("build-docs", "spec/openapi.yaml", "--output", output, "--inlineBundle");
const page = await readFile(output, "utf8");
const offline = page.replaceAll(LOGO, NO_LOGO);
if (offline === page) throw new Error("Redoc asks for its logo elsewhere now: look at the page with the network off.");
await writeFile(output, offline);
console.log(`${output} (${Math.round(Buffer.byteLength(offline) / 1024)} KiB)`);
