import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { afterAll, beforeAll } from "vitest";
import { makeProgram } from "./program.js";

export interface CommandOptions {
  /** Beside those of this process, but for the variables that the command reads. */
  env?: Record<string, string>;
  /** Default the folder. */
  cwd?: string;
  /** What stdin holds; default nothing. */
  input?: string;
  /** Arguments of node itself. */
  node?: string[];
}

/** The command `wechatpay`, in processes of its own, and a folder for the tests of a file, where it runs. */
export function prepareCommand() {
  const children: ChildProcessByStdio<Writable, Readable, Readable>[] = [];
  const prepared = { folder: "", program: "", wechatpay };
  beforeAll(async () => {
    prepared.folder = await mkdtemp(join(tmpdir(), "cli-"));
    prepared.program = await makeProgram("src/cli/main.ts", prepared.folder);
  });
  afterAll(async () => {
    for (const child of children) child.kill("SIGKILL");
    await rm(prepared.folder, { recursive: true });
  });

  function wechatpay(
    args: readonly string[],
    { env, cwd = prepared.folder, input = "", node = [] }: CommandOptions = {},
  ) {
    const own = Object.entries(process.env).filter(
      ([name]) => !/^(WECHATPAY_|LC_|LANG|NO_COLOR|FORCE_COLOR)/.test(name),
    );
    const child = spawn(process.execPath, [...node, prepared.program, ...args], {
      cwd,
      env: { ...Object.fromEntries(own), ...env },
    });
    children.push(child);
    child.stdin.on("error", () => {}).end(input);
    const out = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out.stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      out.stderr += text;
    });
    const ended = once(child, "close").then(([code, signal]) => {
      // What is said while it waits, on a slow machine.
      const stderr = out.stderr.replace(/^(Waiting|Downloading|正在).*…\n/gm, "");
      return { ...out, stderr, code, signal };
    });
    return {
      child,
      ended,
      /** What it printed, as soon as that matches. */
      async printed(pattern: RegExp, stream: "stdout" | "stderr" = "stdout"): Promise<string> {
        while (!pattern.test(out[stream])) await Promise.race([once(child[stream], "data"), ended.then(fail)]);
        return out[stream];
      },
    };

    function fail(end: object): never {
      throw new Error(`It ended: ${JSON.stringify(end)}`);
    }
  }
  return prepared;
}

/** The variables of a sandbox's credentials. */
export function variablesOf(
  { mchid, serialNo, privateKey, platformKeys, apiV3Key }: Record<string, unknown>,
  baseUrl: string,
): Record<string, string> {
  const [[id = "", pem = ""] = []] = Object.entries(platformKeys as Record<string, string>);
  return {
    WECHATPAY_MCHID: mchid as string,
    WECHATPAY_SERIAL_NO: serialNo as string,
    WECHATPAY_PRIVATE_KEY: privateKey as string,
    WECHATPAY_PLATFORM_KEY_ID: id,
    WECHATPAY_PLATFORM_KEY: pem,
    WECHATPAY_API_V3_KEY: apiV3Key as string,
    WECHATPAY_BASE_URL: baseUrl,
  };
}

/** A port of 127.0.0.1 where nobody listens. */
export async function closedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
