/** Node.js, Bun and Deno: runs the capabilities against the peer that the first argument names, and prints what became of them. */
import { nodeTransport } from "wechatpay-openapi-fetch/node";
import { createSandbox } from "wechatpay-openapi-fetch/sandbox";
import { runAll } from "./capabilities.js";
import { connectTo } from "./remote.js";

runAll(connectTo(process.argv[2] as string), { nodeTransport, createSandbox, isDeno: "Deno" in globalThis }).then(
  (results) => {
    process.stdout.write(`\n${JSON.stringify(results)}\n`, () => process.exit());
  },
);
