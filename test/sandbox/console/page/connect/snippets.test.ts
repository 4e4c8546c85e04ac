import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createSandbox } from "wechatpay-openapi-fetch/sandbox";
import { go, java } from "../../../../../src/sandbox/console/page/connect/snippets/compiled.js";
import { php, python } from "../../../../../src/sandbox/console/page/connect/snippets/others.js";
import { environmentOf } from "../../../../../src/sandbox/env-text.js";

const { credentials } = await createSandbox();
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "snippets-"));
  await writeFile(join(folder, ".env"), environmentOf(credentials, "http://127.0.0.1:8787"));
});
afterAll(() => rm(folder, { recursive: true }));

test.skipIf(process.platform === "win32").each([java, go, php, python])(
  "$name: what it says exports the variables of .env, the keys of several lines too",
  ({ how }) => {
    for (const text of [how.en, how.zh]) {
      const [command = ""] = /set -a;.*set \+a/.exec(text) ?? [];
      const print = `'${process.execPath}' -p 'process.env.WECHATPAY_PRIVATE_KEY'`;
      const printed = execFileSync("sh", ["-c", `${command}; ${print}`], { cwd: folder, encoding: "utf8" });
      expect(printed.trim()).toBe(String(credentials.privateKey).trim());
    }
  },
);
