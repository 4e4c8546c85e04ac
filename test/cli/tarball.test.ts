// @module-tag slow
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import own from "../../package.json" with { type: "json" };
import { installable, PEERS, type Peer } from "../../src/cli/peers.js";
import { closeChromium, openPage, withChromium } from "../support/chromium.js";
import { makeTarball } from "../support/tarball.js";

const run = promisify(execFile);
/** A description in a project, which refers to files of the installed package. */
const SHARED = "../node_modules/wechatpay-openapi-fetch/spec/components";
const SPEC = `openapi: 3.1.0
info: { title: 订单 Orders, version: 1.0.0 }
paths:
  /v3/orders/{id}:
    get:
      responses: { "200": { description: OK, content: { application/json: { schema: { $ref: "#/components/schemas/Order" } } } } }
  /v3/orders:
    post:
      x-wechatpay-idempotent: /out_no
      parameters: [{ $ref: ${SHARED}/parameters/WechatpaySerialOfEncryption.yaml }]
      requestBody: { required: true, content: { application/json: { schema: { $ref: "#/components/schemas/NewOrder" } } } }
      responses:
        "200": { description: OK, content: { application/json: { schema: { $ref: "#/components/schemas/Order" } } } }
        "400": { $ref: ${SHARED}/responses/BadRequest.yaml }
        "401": { $ref: ${SHARED}/responses/Unauthorized.yaml }
components:
  schemas:
    Order: { type: object, properties: { id: { type: string, example: order-1 } } }
    NewOrder:
      type: object
      required: [out_no, name]
      properties:
        out_no: { type: string, example: "1" }
        name: { type: string, x-wechatpay-sensitive: true, example: 张三 }
  securitySchemes:
    WECHATPAY2-SHA256-RSA2048: { $ref: ${SHARED}/securitySchemes/WECHATPAY2-SHA256-RSA2048.yaml }
`;
const MAIN = `
import { createWeChatPayClient, unwrap } from "wechatpay-openapi-fetch";
import type { Chain } from "./接 口/chain.js";
import { operations } from "./接 口/operations.js";
import type { paths } from "./接 口/schema.js";

async function main(): Promise<void> {
  const { url, ...credentials } = JSON.parse(process.env.SANDBOX ?? "");
  const wechatpay = createWeChatPayClient<paths, Chain>({ ...credentials, baseUrl: url, operations });
  const order = unwrap(await wechatpay.v3.orders._id_.get({ params: { path: { id: "order-1" } } }));
  const id: string | undefined = order.id;
  const made = await wechatpay.POST("/v3/orders", { body: { out_no: "1", name: "张三" } });
  const code: string | undefined = made.error?.code;
  // @ts-expect-error -- name is required
  wechatpay.POST("/v3/orders", { body: { out_no: "1" } }).catch(() => {});
  console.log(id, made.data?.id, code);
}
void main();
`;

let folder: string;
let project: string;
let tarball: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "安装 install-"));
  project = join(folder, "my project");
  await mkdir(join(project, "spec"), { recursive: true });
  tarball = await makeTarball(folder);
  const manifest = { name: "my-project", version: "1.0.0", private: true };
  await writeFile(join(project, "package.json"), JSON.stringify(manifest));
  await writeFile(join(project, "spec/my.yaml"), SPEC);
  await npm("install", tarball);
});
afterAll(async () => {
  await closeChromium();
  await rm(folder, { recursive: true });
});

function npm(...args: string[]) {
  return run("npm", [...args, "--no-audit", "--no-fund", "--prefer-offline"], { cwd: project });
}

/** The installed command. It rejects where the exit code is not 0. */
function wechatpay(...args: string[]) {
  return run(join(project, "node_modules/.bin/wechatpay"), args, { cwd: project, maxBuffer: 2 ** 28 });
}

describe("installed alone", () => {
  test("the package brings no peer, and each command says how to install its own", async () => {
    for (const name of Object.keys(PEERS))
      await expect(readFile(join(project, "node_modules", name, "package.json"))).rejects.toThrow();
    const names = (Object.keys(PEERS) as Peer[]).map(installable);
    const { stderr } = await wechatpay("generate", "spec/my.yaml", "--out", "src/接 口").catch((error) => error);
    expect(stderr).toContain(`npm install -D ${names.slice(0, 3).join(" ")}\n`);
  });

  test("it is installed beside a TypeScript that generates nothing", async () => {
    const other = join(folder, "typescript-7");
    await mkdir(other);
    await writeFile(join(other, "package.json"), '{ "devDependencies": { "typescript": "7.0.2" } }');
    await expect(run("npm", ["install", tarball, "--no-audit", "--no-fund"], { cwd: other })).resolves.toBeDefined();
  });
});

describe("with what its messages say to install", () => {
  beforeAll(async () => {
    const names = (Object.keys(PEERS) as Peer[]).map(installable);
    await npm("install", "-D", ...names, `@types/node@${own.devDependencies["@types/node"]}`);
    await wechatpay("generate", "spec/my.yaml", "--out", "src/接 口");
    await writeFile(join(project, "src/main.ts"), MAIN);
  });

  test.each([
    ["ESM", "module", ["--module", "nodenext"]],
    ["CommonJS", "commonjs", ["--module", "commonjs", "--moduleResolution", "node10"]],
  ])(
    "what is generated compiles in a project of %s, and its calls work on the sandbox of the same spec",
    async (_, type, options) => {
      const manifest = join(project, "package.json");
      await writeFile(manifest, JSON.stringify({ ...JSON.parse(await readFile(manifest, "utf8")), type }));
      const strict = ["--strict", "--target", "es2022", "--types", "node", "--outDir", `out-${type}`];
      const tsc = join(project, "node_modules/typescript/bin/tsc");
      await run(process.execPath, [tsc, ...strict, ...options, "src/main.ts"], { cwd: project }).catch(({ stdout }) => {
        throw new Error(stdout);
      });

      const bin = join(project, "node_modules/.bin/wechatpay");
      const sandbox = spawn(bin, ["sandbox", "--openapi", "spec/my.yaml", "--port=0", "--json"], { cwd: project });
      const [line] = await once(sandbox.stdout.setEncoding("utf8"), "data");
      const env = { ...process.env, SANDBOX: line };
      const { stdout } = await run(process.execPath, ["--no-warnings", `out-${type}/main.js`], { cwd: project, env });
      sandbox.kill();
      expect(stdout).toBe("order-1 order-1 undefined\n");
    },
  );

  test("lint finds no fault, by the command and by a redocly.yaml of one's own", async () => {
    expect((await wechatpay("lint", "spec/my.yaml")).stdout).toBe("");
    await writeFile(
      join(project, "redocly.yaml"),
      "plugins: [wechatpay-openapi-fetch/redocly]\nextends: [wechatpay/faults]\n",
    );
    const redocly = join(project, "node_modules/.bin/redocly");
    const env = { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" };
    const { stderr } = await run(redocly, ["lint", "spec/my.yaml"], { cwd: project, env });
    expect(stderr).toContain("Your API description is valid");
    await writeFile(
      join(project, "bad.yaml"),
      SPEC.replaceAll("../node_modules", "./node_modules").replace("idempotent: /out_no", "idempotent: /no"),
    );
    const refused = await run(redocly, ["lint", "bad.yaml"], { cwd: project, env }).catch((error) => error);
    expect(refused.stdout).toContain("there is no `no`");
    await rm(join(project, "redocly.yaml"));
  });

  test.runIf(withChromium)("docs makes a page that opens offline", async () => {
    await wechatpay("docs", "spec/my.yaml", "--out", "文档/index.html");
    const { page, left, errors } = await openPage(pathToFileURL(join(project, "文档/index.html")));
    await page.getByRole("heading", { name: "Orders" }).waitFor();
    expect(await page.content()).toContain("wechatpay.v3.orders");
    expect({ left, errors }).toEqual({ left: [], errors: [] });
  });
});
