import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "generate-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs `npm run generate -- …`, without npm. */
async function generate(...args: string[]): Promise<{ code: number; output: string }> {
  const run = promisify(execFile)(process.execPath, ["--import", "tsx", "scripts/generate.ts", ...args]);
  return run.then(
    ({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }),
    ({ code, stdout, stderr }) => ({ code, output: stdout + stderr }),
  );
}

const FILES = ["openapi.json", "schema.ts", "operations.ts", "chain.ts"];

describe("npm run generate -- --check", () => {
  test("passes on generated/ as it is committed: what is generated is the same to the byte", async () => {
    expect(await generate("--check")).toEqual({ code: 0, output: "" });
  });

  test("any file that was changed fails, and the difference is printed", async () => {
    const out = join(folder, "stale");
    await cp("generated", out, { recursive: true });
    for (const name of FILES) {
      const text = await readFile(join(out, name), "utf8");
      await writeFile(join(out, name), text.replace(/preOrderAuthentication|payrollCard/, "typo"));
    }
    const { code, output } = await generate("--check", "--out", out);
    expect(code).toBe(1);
    for (const name of FILES) expect(output).toMatch(new RegExp(`^--- .*${name}$`, "m"));
    expect(output.match(/^-.*typo/gm)).toHaveLength(FILES.length);
    expect(output.match(/^\+.*(preOrderAuthentication|payrollCard)/gm)?.length).toBeGreaterThanOrEqual(FILES.length);
    expect(output).toContain("is stale: run `npm run generate`");
  });

  test("a file that is missing fails", async () => {
    const { code, output } = await generate("--check", "--out", join(folder, "nowhere"));
    expect(code).toBe(1);
    for (const name of FILES) expect(output).toContain(name);
  });
});

/** Operations as short as the generator takes them; what lint asks beside is not its concern. */
function spec(...operations: [path: string, method?: string, extra?: string][]): string {
  const items = operations.map(
    ([path, method = "get", extra = ""], index) => `
  ${path}:
    ${method}:
      operationId: operation${index}
      summary: 概述 Ends a comment */ early
      ${extra}
      responses: { "200": { description: OK } }`,
  );
  return `openapi: 3.1.0\ninfo: { title: t, version: 1.0.0 }\npaths:${items.join("")}\n`;
}

describe("a spec of one's own", () => {
  let count = 0;
  async function generateFrom(...operations: Parameters<typeof spec>) {
    const out = join(folder, `own-${++count}`);
    const file = `${out}.yaml`;
    await writeFile(file, spec(...operations));
    return { ...(await generate("--spec", file, "--out", out)), out };
  }

  test("gives a table and a chain for whoever has the package installed", async () => {
    const { out, ...run } = await generateFrom(
      ["/v3/pay/out-trade-no/{out_trade_no}"],
      ["/v3/pay/out-trade-no/{out_trade_no}/close", "post"],
      ["/v3/billdownload/file", "get", "x-wechatpay-response: unsigned"],
    );
    expect(run).toEqual({ code: 0, output: "" });
    const chain = await readFile(join(out, "chain.ts"), "utf8");
    expect(chain).toContain('from "wechatpay-openapi-fetch"');
    expect(chain).toMatch(/outTradeNo: \{\s+_out_trade_no_: \{/);
    expect(chain).toContain('post: Call<paths["/v3/pay/out-trade-no/{out_trade_no}/close"]["post"]>');
    expect(chain).toContain("Ends a comment *\\/ early");
    const { operations } = await import(join(out, "operations.ts"));
    expect(operations).toEqual({
      "GET /v3/pay/out-trade-no/{out_trade_no}": { operationId: "operation0" },
      "POST /v3/pay/out-trade-no/{out_trade_no}/close": { operationId: "operation1" },
      "GET /v3/billdownload/file": { operationId: "operation2", response: "unsigned" },
    });
  });

  test.each([
    ["two paths under one name", ["/v3/a-b", "/v3/aB/c"], "/v3/a-b and /v3/aB would both be .aB"],
    ["a segment called like a method", ["/v3/x/post"], "/v3/x/post would be .post in the chain, which is taken"],
    ["a segment called then", ["/v3/x/then"], "/v3/x/then would be .then in the chain, which is taken"],
  ])("%s is refused", async (_, paths, message) => {
    const { code, output } = await generateFrom(...paths.map((path): [string] => [path]));
    expect(code).toBe(1);
    expect(output).toContain(message);
  });
});
