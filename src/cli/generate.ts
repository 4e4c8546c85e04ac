import { statSync } from "node:fs";
import { join } from "node:path";
import { type Command, quoted, type Values } from "./command.js";
import { type Peer, requirePeers } from "./peers.js";
import { visible } from "./terminal.js";

const en = `wechatpay generate <spec> --out <folder> [--check]

  Makes the types of an OpenAPI description, and what the client must know of
  its operations: openapi.json, schema.ts, operations.ts and chain.ts.
  <spec> is a file of YAML or JSON; it may refer to other files.

  --out    the folder of these files, such as src/api; commit them
  --check  writes nothing: exits 1 and prints the difference where the
           folder is not as the spec says. For CI

  import { createWeChatPayClient } from "wechatpay-openapi-fetch";
  import type { Chain } from "./api/chain.js";
  import { operations } from "./api/operations.js";
  import type { paths } from "./api/schema.js";

  const wechatpay = createWeChatPayClient<paths, Chain>({
    ...options, operations,
  });

  Needs openapi-typescript and typescript beside this package, and @redocly/cli
  for YAML and for several files. It says what is missing, and how to install
  that.
`;
const zh = `wechatpay generate <描述文件> --out <目录> [--check]

  由 OpenAPI 描述生成类型，以及客户端须知的接口信息：
  openapi.json、schema.ts、operations.ts、chain.ts。
  <描述文件> 为 YAML 或 JSON，可引用其他文件。

  --out    这些文件的目录，如 src/api；请一并提交到版本库
  --check  不写文件；目录与描述不一致时列出差异，退出码为 1。用于 CI

  import { createWeChatPayClient } from "wechatpay-openapi-fetch";
  import type { Chain } from "./api/chain.js";
  import { operations } from "./api/operations.js";
  import type { paths } from "./api/schema.js";

  const wechatpay = createWeChatPayClient<paths, Chain>({
    ...options, operations,
  });

  另需安装 openapi-typescript、typescript；YAML 或多个文件还需 @redocly/cli。
  缺少时会给出安装命令。
`;

export const command: Command = {
  help: { en, zh },
  options: { out: { type: "string" }, check: { type: "boolean", default: false } },
  positionals: [1, 1],
  run: (values, [spec = ""]) => generate(values, spec),
};

async function generate({ out, check }: Values, spec: string): Promise<number> {
  if (typeof out !== "string" || out === "") throw new TypeError("--out must name a folder, such as --out src/api.");
  if (statSync(out, { throwIfNoEntry: false })?.isFile())
    throw new TypeError(`--out must name a folder: ${out} is a file.`);
  const { needsRedocly } = await import("../../scripts/read/index.js");
  const bundler: Peer[] = (await needsRedocly(spec)) ? ["@redocly/cli"] : [];
  requirePeers("generate", "openapi-typescript", "typescript", ...bundler);
  const generator = await import("../../scripts/generate.js");
  const { files, notices, operations } = await generator.generate({
    spec,
    typesFrom: "wechatpay-openapi-fetch",
    by: "wechatpay generate",
  });
  for (const notice of notices) console.error(visible(notice));
  if (!check) {
    await generator.write(files, { spec, out });
    for (const name of Object.keys(files)) console.error(join(out, name));
    console.error(`${operations} ${operations === 1 ? "operation" : "operations"} of ${spec}`);
    return 0;
  }
  const found = await generator.differences(files, out);
  if (found.length === 0) return 0;
  console.log(visible(found.join("\n")));
  console.error(
    `${out} is stale: run \`npx --no wechatpay generate ${quoted(spec)} --out ${quoted(out)}\` and commit what it writes.`,
  );
  return 1;
}
