import type { Command } from "./command.js";
import { requirePeers } from "./peers.js";

const en = `wechatpay lint <spec>... [--style] [--format <name>]

  Says what is wrong in an OpenAPI description, where, and what to write: what
  the generator refuses, and what client, types or sandbox would do otherwise
  than it says. Exits 1 where there is an error; a warning is none.

  --style   also how the descriptions of this package are written: texts in two
            languages, an example of everything, all error responses, …
  --format  how to print it, as Redocly calls it: codeframe (default), stylish,
            json, github-actions, junit, checkstyle, …

  In a redocly.yaml of your own, for editors and your own rules beside it:

    plugins: [wechatpay-openapi-fetch/redocly]
    extends: [wechatpay/faults]   # and wechatpay/style

  Needs @redocly/cli beside this package; it says how to install that.
`;
const zh = `wechatpay lint <描述文件>... [--style] [--format <名称>]

  指出 OpenAPI 描述中的错误、位置与改法：生成器拒绝的写法，以及客户端、
  类型或沙箱无法照做的写法。有错误时退出码为 1，警告不算。

  --style   同时检查本包描述的写法：中英双语、样例齐全、错误应答齐全等
  --format  输出格式，与 Redocly 同名：codeframe（默认）、stylish、json、
            github-actions、junit、checkstyle 等

  也可在自己的 redocly.yaml 中引用，供编辑器使用，或与自己的规则并用：

    plugins: [wechatpay-openapi-fetch/redocly]
    extends: [wechatpay/faults]   # 以及 wechatpay/style

  另需安装 @redocly/cli；缺少时会给出安装命令。
`;

export const command: Command = {
  help: { en, zh },
  options: { style: { type: "boolean", default: false }, format: { type: "string", default: "codeframe" } },
  positionals: [1, Number.POSITIVE_INFINITY],
  async run({ style, format }, specs) {
    requirePeers("lint", "@redocly/cli");
    const { lint, withSets } = await import("../../scripts/lint.js");
    const { isGood, text } = await withSets(style ? ["faults", "style"] : ["faults"], (config) =>
      lint([...specs], config, String(format)),
    );
    process.stdout.write(text);
    if (isGood) console.error(`No errors in ${specs.join(", ")}`);
    return isGood ? 0 : 1;
  },
};
