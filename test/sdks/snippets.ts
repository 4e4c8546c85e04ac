import { execFile } from "node:child_process";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSandbox, type Listening, type Sandbox } from "wechatpay-openapi-fetch/sandbox";
import { openKeyFolder } from "../../src/cli/key-folder.js";
import { SNIPPETS } from "../../src/sandbox/console/page/connect/snippets/index.js";
import { environmentOf } from "../../src/sandbox/env-text.js";
import { installBuilt } from "../support/project.js";

const run = promisify(execFile);

/** How a program is run, as `how` of its snippet says. */
const COMMANDS: Record<string, [string, ...string[]]> = {
  "order.mjs": [process.execPath, "--env-file=.env", "order.mjs"],
  "order.sh": ["sh", "order.sh"],
};

/** The programs that the console's view "Connect" gives, run as a reader would; those that need another language than these, nobody runs here. */
export const describeSnippets = () =>
  describe("the console's programs", () => {
    let folder: string;
    let sandbox: Sandbox;
    let listening: Listening;
    beforeAll(async () => {
      folder = await mkdtemp(join(import.meta.dirname, "out-snippets-"));
      await installBuilt(folder);
      const name = "wechatpay-node-v3";
      await symlink(join(import.meta.dirname, "node_modules", name), join(folder, "node_modules", name));
      const { keys } = await openKeyFolder(folder);
      sandbox = await createSandbox({ keys });
      listening = await sandbox.listen();
      await writeFile(join(folder, ".env"), environmentOf(sandbox.credentials, listening.url));
    });
    afterAll(async () => {
      await listening?.close();
      await rm(folder, { recursive: true });
    });

    test.each(SNIPPETS.filter(({ file }) => file in COMMANDS))(
      "$name: its order is accepted, and it prints the response",
      async ({ file, code }) => {
        for (const language of ["en", "zh"] as const) {
          await writeFile(join(folder, file), code(language));
          const [program, ...args] = COMMANDS[file] ?? [""];
          const { stdout } = await run(program, args, { cwd: folder });
          expect(sandbox.requests.at(-1)).toMatchObject({
            operationId: "createJsapiOrder",
            verdict: "accepted",
            status: 200,
          });
          expect(stdout).toMatch(/prepay_id/);
          // Their numbers are of the time.
          sandbox.clearRequests();
        }
      },
    );

    test("those of other languages say that nobody ran them here", () => {
      const others = SNIPPETS.filter(({ file }) => !(file in COMMANDS));
      for (const { code } of others) expect(code("en")).toMatch(/^.*not run here/);
      expect(others.map(({ name }) => name)).toEqual(["Java", "Go", "PHP", "Python"]);
    });
  });
