// @module-tag slow

import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { options } from "../support/wechatpay.js";
import type { Cases } from "./download.js";

const run = promisify(execFile);
const here = import.meta.dirname;
const file = Buffer.alloc(3_000_000, "`2019-06-11 12:00:00,`1230000109\n");

let folder: string;
let server: Server;
let given: string;

beforeAll(async () => {
  if (!existsSync(join(here, "node_modules"))) await run("npm", ["ci", "--no-audit", "--no-fund"], { cwd: here });
  folder = await mkdtemp(join(tmpdir(), "runtimes-"));
  await build({
    entryPoints: [join(here, "download.ts")],
    outfile: join(folder, "download.mjs"),
    bundle: true,
    format: "esm",
    target: "es2022",
  });
  const sent: Record<string, Uint8Array> = {
    plain: file,
    zipped: gzipSync(file),
    short: gzipSync(file).subarray(0, -20),
  };
  server = createServer(({ url }, response) => response.end(sent[url?.slice(1) ?? ""]));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const hashOf = (name: string) => createHash(name).update(file).digest("hex");
  const bill = { hash_type: "SHA1", hash_value: hashOf("sha1") };
  const zipped = { ...bill, download_url: `${baseUrl}/zipped`, tar_type: "GZIP" };
  const cases: Cases = {
    SHA1: { ...bill, download_url: `${baseUrl}/plain` },
    SHA256: { hash_type: "SHA256", hash_value: hashOf("sha256"), download_url: `${baseUrl}/plain` },
    GZIP: zipped,
    "another file": { ...zipped, hash_value: "0".repeat(40) },
    "cut off": { ...zipped, download_url: `${baseUrl}/short` },
    "no gzip": { ...zipped, download_url: `${baseUrl}/plain` },
  };
  const { clock: _, ...rest } = options;
  given = JSON.stringify([{ ...rest, baseUrl }, cases]);
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

describe("a download is decompressed and hashed", () => {
  const outcomes = {
    SHA1: "3000000 bytes",
    SHA256: "3000000 bytes",
    GZIP: "3000000 bytes",
    "another file": "VerificationError hash-mismatch",
    "cut off": "VerificationError hash-mismatch",
    "no gzip": "VerificationError hash-mismatch",
  };

  test("on Node.js", async () => {
    const { stdout } = await run(process.execPath, [join(folder, "download.mjs"), given]);
    expect(JSON.parse(stdout)).toEqual(outcomes);
  });

  test("on Deno", async () => {
    const deno = join(here, "node_modules/.bin/deno");
    const { stdout } = await run(deno, ["run", "--allow-net", join(folder, "download.mjs"), given]);
    expect(JSON.parse(stdout)).toEqual(outcomes);
  });

  test("on Workers, without nodejs_compat", async () => {
    await writeFile(
      join(folder, "config.capnp"),
      `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .main), (name = "internet", network = (allow = ["private"]))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]
);
const main :Workerd.Worker = (modules = [(name = "main", esModule = embed "download.mjs")], compatibilityDate = "2025-01-01");
`,
    );
    const workerd = spawn(
      join(here, "node_modules/.bin/workerd"),
      ["serve", join(folder, "config.capnp"), "--control-fd=3"],
      { stdio: ["ignore", "ignore", "ignore", "pipe"] },
    );
    try {
      const line = await new Promise<string>((resolve) =>
        workerd.stdio[3]?.once("data", (data) => resolve(String(data))),
      );
      const reply = await fetch(`http://127.0.0.1:${JSON.parse(line).port}`, { method: "POST", body: given });
      expect(await reply.json()).toEqual(outcomes);
    } finally {
      workerd.kill();
    }
  });
});
