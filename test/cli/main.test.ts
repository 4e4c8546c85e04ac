import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { FAULTS } from "wechatpay-openapi-fetch/sandbox";
import own from "../../package.json" with { type: "json" };
import type { Command } from "../../src/cli/command.js";
import { prepareCommand } from "../support/command.js";

const { wechatpay } = prepareCommand();
const COMMANDS = ["", "sandbox", "doctor", "request", "certificates", "notify"] as const;

/** On a terminal, a character of Chinese takes two. */
const columns = (line: string) =>
  Array.from(line).reduce((sum, character) => sum + (/[\u2e80-\uffef]/.test(character) ? 2 : 1), 0);

describe.concurrent("help", () => {
  test.each([[["help", "sandbox"]], [["--help", "sandbox"]], [["sandbox", "-h"]], [["sandbox", "--help"]]])(
    "wechatpay %j",
    async (args) => {
      const end = await wechatpay(args).ended;
      expect(end).toMatchObject({ code: 0, stderr: "" });
      const options = ["sandbox", "--port", "--host", "--platform-keys", "--fail", "--json"];
      for (const word of [...options, ...FAULTS]) expect(end.stdout).toContain(word);
    },
  );

  test.each([[["--help"]], [["-h"]], [["help"]]])(
    "wechatpay %j names the commands, with a line for each",
    async (args) => {
      expect(await wechatpay(args).ended).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^ {2}sandbox +a WeChat Pay/m),
      });
    },
  );

  test("wechatpay alone does the same, as a mistake", async () => {
    const [alone, help] = await Promise.all([wechatpay([]).ended, wechatpay(["help"]).ended]);
    expect(alone).toMatchObject({ code: 1, stdout: "", stderr: help.stdout });
  });

  test.each(COMMANDS.flatMap((name) => ["en", "zh"].map((language) => [name, language] as const)))(
    "wechatpay help %s has 80 columns at most in %s, names every flag, and is the same in both",
    async (name, language) => {
      const env = { LANG: `${language}_X.UTF-8` };
      const { stdout } = await wechatpay(name === "" ? ["help"] : ["help", name], { env }).ended;
      expect(stdout.split("\n").filter((line) => columns(line) > 80)).toEqual([]);
      expect(/[\u4e00-\u9fff]{4}/.test(stdout.replace(/商户平台/g, ""))).toBe(language === "zh");
      if (name === "") return;
      const { command } = (await import(`../../src/cli/${name}.ts`)) as { command: Command };
      for (const flag of Object.keys(command.options)) expect(stdout).toContain(`--${flag}`);
    },
  );

  // npx takes the flag for its own.
  test.each(["version", "--version"])("wechatpay %s", async (version) => {
    expect((await wechatpay([version]).ended).stdout).toBe(`${own.version}\n`);
  });
});

describe.concurrent("a mistake is one line on stderr, and exit code 1", () => {
  test.each([
    [
      ["sandbocks"],
      'There is no command "sandbocks", but sandbox, doctor, request, certificates, notify, generate, lint, docs. See wechatpay help.',
    ],
    [["sandbox", "now"], "sandbox takes no argument 'now'. See wechatpay help sandbox."],
    [["sandbox", "--prot", "0"], "Unknown option '--prot'. See wechatpay help."],
    [["sandbox", "--port"], "Option '--port <value>' argument missing. See wechatpay help."],
    [["sandbox", "--port", "-1"], "Option '--port' argument is ambiguous. See wechatpay help."],
    ...["65536", "http", "", "1.5"].map((port): [string[], string] => [
      ["sandbox", `--port=${port}`],
      `--port must be a whole number from 0 to 65535; given: ${JSON.stringify(port)}.`,
    ]),
    // For Node, each of them is every network.
    ...["", "0"].map((host): [string[], string] => [
      ["sandbox", "--port=0", "--host", host],
      `--host must be an IP address or a host name; given: ${JSON.stringify(host)}.`,
    ]),
    ...["grey", ""].map((keys): [string[], string] => [
      ["sandbox", "--platform-keys", keys],
      `--platform-keys must be one of public-key, certificate, gray; given: ${JSON.stringify(keys)}.`,
    ]),
    [
      ["sandbox", "--notifications=everywhere"],
      '--notifications must be one of loopback, anywhere; given: "everywhere".',
    ],
    [["sandbox", "--fail=hung"], `--fail hung: fault must be one of ${FAULTS.join(", ")}; given: "hung".`],
    [["sandbox", "--fail=hang*0"], "--fail hang*0: times must be a whole number above 0, or Infinity; given: 0."],
    ...["", "hang:*2", "hang*often"].map((fault): [string[], string] => [
      ["sandbox", `--fail=${fault}`],
      `--fail must be <fault>[:<operationId>][*<times>], such as reset or 'hang*3'; given: ${JSON.stringify(fault)}.`,
    ]),
    [["sandbox", "--json=yes"], "Option '--json' does not take an argument. See wechatpay help."],
    [
      ["sandbox", "--port=0", "--host=192.0.2.1"],
      "--host 192.0.2.1 is no address of this machine: leave it out for this machine only, or give an address of its own, such as 0.0.0.0 for all of them.",
    ],
  ])("wechatpay %j", async (args, message) => {
    const end = await wechatpay(args).ended;
    expect(end).toEqual({ code: 1, signal: null, stdout: "", stderr: `wechatpay: ${message}\n` });
  });

  test("in Chinese, where the terminal is", async () => {
    const { stderr } = await wechatpay(["sandbocks"], { env: { LANG: "zh_CN.UTF-8" } }).ended;
    expect(stderr).toMatch(/^wechatpay: 没有命令 "sandbocks"，可用的是 sandbox、.*用法见 wechatpay help。\n$/);
  });

  test("a port that is taken", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as { port: number };
    const end = await wechatpay(["sandbox", "--port", String(port)]).ended;
    other.close();
    expect(end).toMatchObject({ code: 1, stdout: "" });
    expect(end.stderr).toBe(
      `wechatpay: 127.0.0.1:${port} is taken by another program: choose another --port, or 0 for one that is free.\n`,
    );
  });
});
