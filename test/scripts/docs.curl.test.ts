import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type PageSample, samplesOf } from "../support/docs-page.js";

const bash = (script: string, cwd: string) => promisify(execFile)("bash", ["-euo", "pipefail", "-c", script], { cwd });

/** Whether what the samples need is here. */
const canRun = (() => {
  try {
    execFileSync("bash", ["-c", "command -v openssl curl"]);
    return process.platform !== "win32";
  } catch {
    return false;
  }
})();

// Neither our client nor our signing code has a part in this: bash, openssl and curl call the sandbox as the page says.
describe.skipIf(!canRun)("the samples in cURL", () => {
  let folder: string;
  let sandbox: ChildProcess;
  let samples: PageSample[];
  const tsx = ["--import", pathToFileURL(join(import.meta.dirname, "../../node_modules/tsx/dist/loader.mjs")).href];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "docs-curl-"));
    const main = join(import.meta.dirname, "../../src/cli/main.ts");
    const args = ["sandbox", "--keys", "keys", "--env", ".env", "--port=0"];
    sandbox = spawn(process.execPath, [...tsx, main, ...args], { cwd: folder });
    const page = join(folder, "index.html");
    await promisify(execFile)(process.execPath, [...tsx, "scripts/docs.ts", "--output", page]);
    samples = samplesOf(await readFile(page, "utf8")).filter(({ form }) => form === "curl");
    await vi.waitFor(async () => expect(await readFile(join(folder, ".env"), "utf8")).toContain("URL="), 60_000);
  });
  afterAll(async () => {
    sandbox.kill();
    await rm(folder, { recursive: true });
  });

  const sourceOf = (operationId: string, example = 0) =>
    samples.find((each) => each.operationId === operationId && each.example === example)?.sources.at(-1) ?? "";
  // The documented days are long ago, and of those the API says no more.
  const yesterday = new Date(Date.now() - 16 * 3_600_000).toISOString().slice(0, 10);
  const run = async (source: string) =>
    (await bash(source.replaceAll(/(?<=_date=)\d{4}-\d\d-\d\d/g, yesterday), folder)).stdout;

  test("are called as they stand: with encrypted fields, with a query, without a body", async () => {
    const token = await run(sourceOf("createToken"));
    expect(JSON.parse(token)).toMatchObject({ token: expect.any(String), sub_mchid: "1111111" });
    const list = await run(sourceOf("listAuthentications"));
    expect(JSON.parse(list)).toMatchObject({ total_count: 0 });
    const certificates = await run(sourceOf("listCertificates"));
    expect(JSON.parse(certificates)).toMatchObject({ data: [{ encrypt_certificate: {} }] });
  });

  test("would be refused with another line of the message, and with an encrypted field in plain text", async () => {
    const otherMethod = await run(sourceOf("createToken").replace('"$METHOD" \\\n', "post \\\n"));
    expect(JSON.parse(otherMethod).code).toBe("SIGN_ERROR");
    const noLine = await run(sourceOf("listCertificates").replace("printf '%s\\n'", "printf '%s'"));
    expect(JSON.parse(noLine).code).toBe("SIGN_ERROR");
    const plain = await run(sourceOf("createToken").replace(/"\$\(encrypt (.*?)\)"/, '"$1"'));
    expect(JSON.parse(plain).code).toBe("PARAM_ERROR");
  });

  test("of every operation are signed, and have the right parameters", { tags: ["slow"] }, async () => {
    expect(samples.length).toBeGreaterThan(40);
    for (const { operationId, example, sources } of samples) {
      for (const source of sources) {
        const answer = await run(source);
        expect(answer, `${operationId} ${example}`).not.toMatch(/SIGN_ERROR|PARAM_ERROR|Http头|no operation/);
      }
    }
  });
});
