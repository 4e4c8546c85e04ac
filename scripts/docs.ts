/**
 * spec → one HTML page that opens without a network.
 *
 *   npm run docs                                        writes docs/index.html: the payroll card, and what spec/pay/ describes
 *   npm run docs -- --output my/page.html               writes elsewhere
 *   npm run docs -- --spec my.yaml --output my.html     does the same for a spec of your own
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Json } from "../spec/refs.js";
import { pageOf } from "./page/index.js";
import type { Text } from "./page/languages.js";
import { readSpec } from "./read/index.js";

/** A spec, and what the page says of it. */
export interface Documented {
  spec: string;
  /** The command that starts a sandbox with it. */
  sandbox: string;
  /** The module that has the types of its notifications. */
  types: string;
}

export const foreign = (spec: string): Documented => ({
  spec,
  sandbox: `wechatpay sandbox --openapi ${spec}`,
  types: "./api/schema.js",
});
const OURS: Documented[] = [
  { spec: "spec/openapi.yaml", sandbox: "wechatpay sandbox", types: "wechatpay-openapi-fetch" },
  { spec: "spec/pay/openapi.yaml", sandbox: "wechatpay sandbox", types: "wechatpay-openapi-fetch/pay" },
];
const NAME = { zh: "微信支付 APIv3 接口文档", en: "WeChat Pay APIv3 reference" };

/**
 * Writes one page of all the specs, each with the guide that stands beside it in a file guide.md, if there is one.
 * @returns the size of the page in bytes
 */
export async function writeDocs(specs: Documented[], output: string, name?: Text): Promise<number> {
  const described = specs.map(async ({ spec, ...more }) => ({
    ...more,
    document: await readSpec<Json>(spec),
    guide: await readFile(join(dirname(spec), "guide.md"), "utf8").catch(() => ""),
  }));
  const page = await pageOf(await Promise.all(described), name);
  await mkdir(dirname(output), { recursive: true });
  await writeFile(output, page);
  return Buffer.byteLength(page);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { output, spec } = parseArgs({
    options: {
      output: { type: "string", default: "docs/index.html" },
      spec: { type: "string" },
    },
  }).values;
  const size = spec ? await writeDocs([foreign(spec)], output) : await writeDocs(OURS, output, NAME);
  console.log(`${output} (${Math.round(size / 1024)} KiB)`);
}
