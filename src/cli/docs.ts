import type { Command } from "./command.js";
import { requirePeers } from "./peers.js";

const en = `wechatpay docs <spec> [--out <file>]

  Makes one HTML page of an OpenAPI description: its operations, their fields
  and examples, and a call of each in TypeScript and cURL. It opens without a
  network. A guide.md beside the spec is shown before the operations. Texts in
  Chinese and English are shown in one language at a time.

  --out    default docs/index.html

  Needs @redocly/cli, openapi-sampler and marked beside this package; it says
  how to install them.
`;
const zh = `wechatpay docs <描述文件> [--out <文件>]

  由 OpenAPI 描述生成一个 HTML 页面：各接口及其字段、样例，以及 TypeScript
  与 cURL 的调用代码。无需网络即可打开。描述文件旁若有 guide.md，则显示在接口
  之前。中英文双语的说明，每次只显示一种语言。

  --out    默认 docs/index.html

  另需安装 @redocly/cli、openapi-sampler 与 marked；缺少时会给出安装命令。
`;

export const command: Command = {
  help: { en, zh },
  options: { out: { type: "string", default: "docs/index.html" } },
  positionals: [1, 1],
  async run({ out }, [spec = ""]) {
    requirePeers("docs", "@redocly/cli", "openapi-sampler", "marked");
    const { foreign, writeDocs } = await import("../../scripts/docs.js");
    const size = await writeDocs([foreign(spec)], String(out));
    console.error(`${out} (${Math.round(size / 1024)} KiB)`);
  },
};
