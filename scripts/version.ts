/**
 * package.json has the version. This writes it wherever else it stands: `npm version <version>` runs it.
 */
import { readFile, writeFile } from "node:fs/promises";

const PLACES = [
  { file: "spec/openapi.yaml", line: /^( {2}version: ).*$/m },
  { file: "spec/pay/openapi.yaml", line: /^( {2}version: ).*$/m },
  { file: "src/options.ts", line: /^(export const USER_AGENT = "wechatpay-openapi-fetch\/)[^"]*(?=";$)/m },
];

const { version } = JSON.parse(await readFile("package.json", "utf8")) as { version: string };
for (const { file, line } of PLACES) {
  const text = await readFile(file, "utf8");
  if (!line.test(text)) throw new Error(`${file} has no line like ${line.source}: there the version stood.`);
  await writeFile(file, text.replace(line, `$1${version}`));
}
