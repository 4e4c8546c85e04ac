import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import openapi from "../../generated/openapi.json" with { type: "json" };
import openapiOfPay from "../../generated/pay/openapi.json" with { type: "json" };
import manifest from "../../package.json" with { type: "json" };
import packageLock from "../../package-lock.json" with { type: "json" };
import { makeProgram } from "../support/program.js";
import { createObservedClient, examples, PRE_ORDER, signedReply } from "../support/wechatpay.js";

test("the specs have the package's version, so that all rise together", () => {
  for (const { info } of [openapi, openapiOfPay]) expect(info.version).toBe(manifest.version);
  expect(packageLock.version).toBe(manifest.version);
});

test("and so has the User-Agent", async () => {
  const { wechatpay, sent } = createObservedClient(() => signedReply());
  await wechatpay.POST(PRE_ORDER, { body: examples.request });
  expect(sent[0]?.headers.get("User-Agent")).toBe(`${manifest.name}/${manifest.version}`);
});

test("npm version writes it wherever it stands", async () => {
  const folder = await mkdtemp(join(tmpdir(), "version-"));
  try {
    const specs = ["spec/openapi.yaml", "spec/pay/openapi.yaml"];
    for (const file of [...specs, "src/options.ts"]) await cp(file, join(folder, file));
    await writeFile(join(folder, "package.json"), JSON.stringify({ version: "9.8.7-rc.6" }));
    const program = await makeProgram("scripts/version.ts", folder);
    const run = () => promisify(execFile)(process.execPath, [program], { cwd: folder });
    await run();
    for (const file of specs) expect(await readFile(join(folder, file), "utf8")).toContain("\n  version: 9.8.7-rc.6\n");
    const options = await readFile(join(folder, "src/options.ts"), "utf8");
    expect(options).toContain('USER_AGENT = "wechatpay-openapi-fetch/9.8.7-rc.6";');

    await writeFile(join(folder, "src/options.ts"), "");
    await expect(run()).rejects.toThrow(/src\/options\.ts has no line like/);
  } finally {
    await rm(folder, { recursive: true });
  }
});
