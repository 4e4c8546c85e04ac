import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { transform } from "esbuild";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createWeChatPayClient } from "wechatpay-openapi-fetch";
import { createSandbox } from "wechatpay-openapi-fetch/sandbox";
import openapi from "../generated/openapi.json" with { type: "json" };
import openapiOfPay from "../generated/pay/openapi.json" with { type: "json" };
import manifest from "../package.json" with { type: "json" };
import { prepareCommand } from "./support/command.js";
import { ASPECTS, COMPARED, comparisonOf } from "./support/comparison.js";
import { openInEditor } from "./support/language-service.js";
import { blocksOf, openPage, type Page } from "./support/page.js";

const PAGES = ["README.md", "README.zh-CN.md"] as const;
const [english, chinese] = await Promise.all(PAGES.map((page) => readFile(page, "utf8")));
const texts = { "README.md": english ?? "", "README.zh-CN.md": chinese ?? "" };
/** Path → operationId, of both families. */
const operations = [openapi, openapiOfPay]
  .flatMap(({ paths }) => Object.entries(paths as Record<string, Record<string, { operationId: string }>>))
  .flatMap(([path, item]) => Object.values(item).map(({ operationId }) => ({ path, operationId })));

describe.each(PAGES)("%s", (page) => {
  const text = texts[page];

  test("is read in a few minutes", () => {
    expect(text.length).toBeLessThan(7_500);
  });

  test("names every operation beside the beginning of its path", () => {
    const rows = Array.from(text.matchAll(/^\| `(\/v3\/[^`…]+)…?` \| (.*) \|$/gm), ([, path = "", cell = ""]) => ({
      path,
      named: Array.from(cell.matchAll(/`(\w+)`/g), ([, name]) => name),
      isCut: cell.endsWith("…"),
      counted: Number(/\d+/.exec(cell.replace(/`.*?`/g, ""))?.[0]),
    }));
    const found = rows.map(({ path }) => operations.filter((operation) => operation.path.startsWith(path)));
    expect(found.flat()).toHaveLength(operations.length);
    for (const [index, { named, isCut, counted }] of rows.entries()) {
      const ids = found[index]?.map(({ operationId }) => operationId) ?? [];
      if (isCut) expect([counted, ids.slice(0, named.length)]).toEqual([ids.length, named]);
      else expect(named.sort()).toEqual(ids.sort());
    }
  });

  test("asks for the Node.js that the package asks for", () => {
    const wanted = manifest.engines.node.replace(">=", "");
    expect(text).toContain(`/Node.js-${wanted}%2B-`);
    expect(Array.from(text.matchAll(/Node\.js ≥ (20[\d.]*)/g), ([, version]) => version)).toEqual([wanted, wanted]);
  });

  test("shows the picture of the console that fits the reader's screen", () => {
    expect(text).toMatch(
      /<picture>\n {2}<source media="\(prefers-color-scheme: dark\)" srcset="guide\/console-dark\.png">/,
    );
    expect(text).toMatch(/<img src="guide\/console-light\.png" alt="[^"]{30,}">/);
  });
});

describe("both languages", () => {
  test("have the same sections, lead to the same pages and run the same commands", () => {
    const shapeOf = (page: string) => ({
      heads: Array.from(page.matchAll(/^#+ /gm), ([mark]) => mark),
      links: Array.from(page.matchAll(/\]\(([^)]+)\)/g), ([, link = ""]) => link.replace(".zh-CN.md", ".md")).sort(),
      names: Array.from(page.matchAll(/^\| `(\w+)`/gm), ([, name]) => name),
      commands: commandsOf(page),
    });
    const same = (page: string) => page.replace("(README.zh-CN.md)", "(README.md)");
    expect(shapeOf(same(texts["README.zh-CN.md"]))).toEqual(shapeOf(same(texts["README.md"])));
  });

  test("judge each SDK alike", async () => {
    const [one, other] = await Promise.all(PAGES.map(comparisonOf));
    expect(other?.versions.slice(0, -1)).toEqual(one?.versions.slice(0, -1));
    for (const aspect of ASPECTS.filter((name) => name !== "runtimes"))
      for (const name of COMPARED) expect(other?.cells[aspect][name][0], aspect).toBe(one?.cells[aspect][name][0]);
  });

  test("speak one language each, but for names and examples", () => {
    const withoutCode = (page: string) => page.replace(/^```.*?^```$/gms, "").replace("[简体中文]", "");
    expect(withoutCode(texts["README.md"])).not.toMatch(/[\u4e00-\u9fff]/);
    const lines = withoutCode(texts["README.zh-CN.md"]).replace(/`[^`]*`|\]\([^)]*\)|<[^>]*>/g, "");
    expect(lines.match(/(?:\b[a-z]+ ){3,}/g)).toBeNull();
  });
});

/** The lines of the blocks of commands, without their comments. */
function commandsOf(page: string): string[] {
  const blocks = Array.from(page.matchAll(/^```sh\n(.*?)^```$/gms), ([, block = ""]) => block);
  return blocks.flatMap((block) => block.trim().split("\n")).map((line) => line.replace(/ +# .*/, ""));
}

describe("README.md, block by block, compiles and runs", () => {
  let page: Page;
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  beforeAll(async () => {
    page = await openPage("README.md");
  });
  afterAll(() => page.close());

  test("quick start, which is JavaScript too: it is saved as first.mjs", async () => {
    const [code = ""] = await blocksOf("README.md");
    await transform(code, { loader: "js" });
    expect(code.trim().split("\n").length).toBeLessThanOrEqual(10);
    await page.run("console.log(unwrap(");
    expect(log).toHaveBeenCalledWith(expect.objectContaining({ token: expect.any(String), expires_in: 300 }));
  });

  test("in production", async () => {
    const [, code = ""] = /^`(createWeChatPayClient\(.*\))`\.$/m.exec(texts["README.md"]) ?? [];
    expect(texts["README.zh-CN.md"]).toContain(`\`${code}\`。`);
    const head = `import { createWeChatPayClient } from "wechatpay-openapi-fetch";
      declare const mchid: string, serialNo: string, privateKey: string, publicKeyId: string, publicKey: string;`;
    expect(openInEditor(`${head} export const wechatpay = ${code};`).errors()).toEqual([]);
  });

  test("three ways to call, each for await and for then", async () => {
    const { relations } = await page.run("export function relations");
    const sandbox = await createSandbox();
    const wechatpay = createWeChatPayClient({ ...sandbox.credentials, fetch: sandbox.fetch });
    const calls: Promise<{ data?: unknown }>[] = relations(wechatpay, "onqOjjmo8wmTOOtSKwXtGjg9Gb58");
    const [method, path, chain] = await Promise.all(calls);
    expect(method?.data).toMatchObject({ authorize_state: "AUTHORIZED" });
    expect([path?.data, chain?.data]).toEqual([method?.data, method?.data]);
    expect(await calls[2]?.then(({ data }) => data)).toEqual(method?.data);
    expect(sandbox.requests.map(({ operationId }) => operationId)).toEqual(Array(3).fill("getRelation"));
  });
});

describe("README's commands", () => {
  const { wechatpay } = prepareCommand();
  const argumentsOf = (name: string) => {
    const line = commandsOf(texts["README.md"]).find((command) => command.startsWith(`npx --no wechatpay ${name} `));
    return line?.split(" ").slice(3) ?? [];
  };

  test("start a sandbox, call it, and notify a handler", async () => {
    const sandbox = wechatpay([...argumentsOf("sandbox"), "--port", "0"]);
    await sandbox.printed(/http:\/\/127\.0\.0\.1:\d+\//);
    expect(await wechatpay(argumentsOf("request")).ended).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\{/),
    });
    let told = 0;
    const server = createServer((_, response) => {
      told += 1;
      response.writeHead(204).end();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const args = argumentsOf("notify").map((arg) => arg.replace("localhost:3000", `127.0.0.1:${port}`));
    expect(await wechatpay(args).ended).toMatchObject({ code: 0, stderr: "" });
    expect(told).toBe(1);
    server.closeAllConnections();
    server.close();
    sandbox.child.kill();
    await sandbox.ended;
  });

  test.each(PAGES)("run in a clone too, before any build: %s says how", async (page) => {
    const [, file = ""] = /`npx tsx ([^`]+)`/.exec(texts[page]) ?? [];
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, ["--import", "tsx", file, ...argumentsOf("request"), "--help"]);
    expect(stdout).toMatch(/^wechatpay request /);
  });

  test("run scripts that there are", () => {
    const npm = commandsOf(texts["README.md"]).filter((line) => line.startsWith("npm "));
    expect(npm).toEqual(["npm ci && npm start", "npm cit", "npm pack"]);
    expect(manifest.scripts).toMatchObject({ start: expect.any(String), test: expect.any(String) });
  });
});
