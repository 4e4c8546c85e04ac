import type { Command } from "./command.js";
import { requirePeers } from "./peers.js";

const en = `wechatpay docs <spec> [--out <file>]

  Makes one HTML page of an OpenAPI description: its operations, their fields
  and examples, and a call of each in TypeScript. It opens without a network.
  A guide.md beside the spec is shown before the operations.

  --out    default docs/index.html

  Needs @redocly/cli and openapi-sampler beside this package; it says how to
  install them.
`;
const zh = `wechatpay docs <描述文件> [--out <文件>]

  由 OpenAPI 描述生成一个 HTML 页面：各接口及其字段、样例与 TypeScript
  调用代码。无需网络即可打开。描述文件旁若有 guide.md，则显示在接口之前。

  --out    默认 docs/index.html

  另需安装 @redocly/cli 与 openapi-sampler；缺少时会给出安装命令。
`;

export const command: Command = {
  help: { en, zh },
  options: { out: { type: "string", default: "docs/index.html" } },
  positionals: [1, 1],
  async run({ out }, [spec = ""]) {
    requirePeers("docs", "@redocly/cli", "openapi-sampler");
    const { writeDocs } = await import("../../scripts/docs.js");
    const { size, unchanged } = await writeDocs(spec, String(out));
    console.error(`${out} (${Math.round(size / 1024)} KiB)`);
    if (unchanged.length > 0) {
      console.error(
        `This version of @redocly/cli has another Redoc than 2.77.0, in which ${unchanged.join(", ")} could not be changed. The page works, but may ask a CDN for Redoc's logo, and not find Chinese words. npm install -D @redocly/cli@2.77.0 makes it whole.`,
      );
    }
  },
};
