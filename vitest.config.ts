import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const { VITEST_RESULTS } = process.env;
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    // Tests go through the package's public names, and need no build.
    alias: [
      { find: /^wechatpay-openapi-fetch$/, replacement: here("src/index.ts") },
      { find: /^wechatpay-openapi-fetch\/node$/, replacement: here("src/node.ts") },
      { find: /^wechatpay-openapi-fetch\/pay$/, replacement: here("src/pay.ts") },
      { find: /^wechatpay-openapi-fetch\/sandbox$/, replacement: here("src/sandbox/index.ts") },
    ],
  },
  test: {
    include: ["test/**/*.test.ts"],
    setupFiles: ["test/support/setup.ts"],
    // Vitest would leave a core free: on two, every test would wait for the one before it.
    maxWorkers: "100%",
    // `npm test` leaves these out, `npm run test:all` does not.
    tags: [{ name: "slow", description: "Needs a browser, a build or an installation, or seconds by nature." }],
    strictTags: true,
    // .ci/run counts what passed. `npm cit` hands no options on.
    reporters: VITEST_RESULTS ? ["default", ["json", { outputFile: VITEST_RESULTS }]] : ["default"],
    // Ends what hangs, and nothing else: no test may depend on how fast the machine is.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    teardownTimeout: 600_000,
    expect: { poll: { timeout: 300_000, interval: 10 } },
    // Scripts that tests start as processes of their own count as not covered.
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts", "scripts/**/*.ts"],
      reporter: ["text-summary", "lcov"],
    },
    // With `--typecheck`: it checks the whole project, as `npm run lint` does.
    typecheck: { include: ["test/**/*.test-d.ts"], tsconfig: "tsconfig.json" },
  },
});
