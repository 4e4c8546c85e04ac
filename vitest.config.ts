import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    // Tests go through the package's public names, and need no build.
    alias: [
      { find: /^wechatpay-openapi-fetch$/, replacement: here("src/index.ts") },
      { find: /^wechatpay-openapi-fetch\/node$/, replacement: here("src/node.ts") },
      { find: /^wechatpay-openapi-fetch\/sandbox$/, replacement: here("src/sandbox/index.ts") },
    ],
  },
  test: {
    include: ["test/**/*.test.ts"],
    // Some tests start a compiler or a process: on a small machine that takes its time.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Scripts that tests start as processes of their own count as not covered.
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts", "scripts/**/*.ts"],
      reporter: ["text-summary", "lcov"],
    },
    typecheck: { enabled: true, include: ["test/**/*.test-d.ts"], tsconfig: "tsconfig.json" },
  },
});
