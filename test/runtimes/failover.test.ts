// @module-tag slow

import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { WeChatPayClientOptions } from "wechatpay-openapi-fetch";
import { createSandbox, type Sandbox } from "wechatpay-openapi-fetch/sandbox";
import { examples, PRE_ORDER } from "../support/wechatpay.js";

export type Call = { method: "GET" | "POST"; path: string; body?: object };
export type Outcome = string;

const run = promisify(execFile);
const here = import.meta.dirname;
const write: Call = { method: "POST", path: PRE_ORDER, body: examples.request };
const query: Call = { method: "GET", path: "/v3/payroll-card/relations/nobody" };

let folder: string;
let sandbox: Sandbox;
let backup: { url: string; close: () => Promise<void> };
let losing: Server;
let cases: Record<string, [WeChatPayClientOptions, Call]>;

beforeAll(async () => {
  if (!existsSync(join(here, "node_modules"))) await run("npm", ["ci", "--no-audit", "--no-fund"], { cwd: here });
  folder = await mkdtemp(join(tmpdir(), "runtimes-"));
  await build({
    entryPoints: [join(here, "failover.ts")],
    outfile: join(folder, "failover.mjs"),
    bundle: true,
    format: "esm",
    target: "es2022",
  });
  sandbox = await createSandbox();
  backup = await sandbox.listen({ port: 0 });
  // Reads a request, and goes away.
  losing = createServer((socket) => socket.once("data", () => socket.destroy()));
  await new Promise<void>((resolve) => losing.listen(0, "127.0.0.1", resolve));
  const lost = `http://127.0.0.1:${(losing.address() as AddressInfo).port}`;
  const gone = await sandbox.listen({ port: 0 });
  await gone.close();
  const optionsOf = (baseUrl: string) => ({ ...sandbox.credentials, baseUrl, backupUrl: backup.url });
  cases = {
    "a write, refused": [optionsOf(gone.url), write],
    "a query, refused": [optionsOf(gone.url), query],
    "a write, lost": [optionsOf(lost), write],
    "a query, lost": [optionsOf(lost), query],
  };
});
afterAll(async () => {
  await backup.close();
  losing.close();
  await rm(folder, { recursive: true });
});

describe("a call whose first server is not there", () => {
  test("on Deno, any call goes to the backup where no connection was made", async () => {
    const deno = join(here, "node_modules/.bin/deno");
    const { stdout } = await run(deno, ["run", "--allow-net", join(folder, "failover.mjs"), JSON.stringify(cases)]);
    expect(JSON.parse(stdout)).toEqual({
      "a write, refused": "answered 200",
      "a query, refused": "answered 400",
      "a write, lost": "TypeError, unknown",
      "a query, lost": "TypeError, nothing was sent",
    });
  });

  test("on Workers, which do not tell the two apart, only a call that may be repeated goes there", async () => {
    await writeFile(
      join(folder, "config.capnp"),
      `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .main), (name = "internet", network = (allow = ["private"]))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]
);
const main :Workerd.Worker = (
  modules = [(name = "failover", esModule = embed "failover.mjs")],
  compatibilityDate = "2025-06-01"
);`,
    );
    const args = ["serve", "--control-fd=3", join(folder, "config.capnp")];
    const workerd = spawn(join(here, "node_modules/.bin/workerd"), args, {
      stdio: ["ignore", "ignore", "ignore", "pipe"],
    });
    try {
      const port = await new Promise<number>((resolve, reject) => {
        workerd.once("exit", () => reject(new Error("workerd ended")));
        workerd.stdio[3]?.on("data", (line) => {
          const { event, port } = JSON.parse(String(line).split("\n", 1)[0] as string);
          if (event === "listen") resolve(port);
        });
      });
      const response = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: JSON.stringify(cases) });
      expect(await response.json()).toEqual({
        "a write, refused": "TypeError, unknown",
        "a query, refused": "answered 400",
        "a write, lost": "TypeError, unknown",
        "a query, lost": "answered 400",
      });
    } finally {
      workerd.kill();
    }
  });
});
