import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { createSandbox } from "wechatpay-openapi-fetch/sandbox";
import { prepareCommand, variablesOf } from "../support/command.js";
import { freshRequest, PRE_ORDER } from "../support/wechatpay.js";

const prepared = prepareCommand();
const sandbox = await createSandbox();
const { url, close } = await sandbox.listen();
afterAll(close);

// util-linux has a program that gives another a terminal.
const hasTerminal = process.platform === "linux" && spawnSync("script", ["--version"]).status === 0;

/** What `wechatpay` shows on a terminal, where somebody types `typed` once it has shown `until`. */
async function onTerminal(args: readonly string[], until: RegExp, typed: string, env: Record<string, string> = {}) {
  const line = [process.execPath, ...args].map((each) => `'${each}'`).join(" ");
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(WECHATPAY_|LC_|LANG|NO_COLOR|FORCE_COLOR|CI$)/.test(name),
  );
  const child = spawn("script", ["-qec", line, "/dev/null"], {
    cwd: prepared.folder,
    env: { ...Object.fromEntries(own), TERM: "xterm-256color", ...env },
  });
  let shown = "";
  let hasTyped = false;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    shown += text;
    if (hasTyped || !until.test(shown)) return;
    hasTyped = true;
    child.stdin.write(typed);
  });
  const [code] = await once(child, "close");
  return { code, shown: shown.replaceAll("\r\n", "\n") };
}

describe.runIf(hasTerminal)("on a terminal", () => {
  test.each([
    ["n\n", "en", 1, "Nothing was sent."],
    ["\n", "zh_CN", 1, "Nothing was sent."],
    ["y\n", "en", 0, '"expires_in": 300'],
  ])("a write to WeChat Pay itself asks first: %j", async (typed, LANG, code, words) => {
    // Whatever a call is sent to, it arrives at the sandbox.
    const redirect = join(prepared.folder, "redirect.mjs");
    await writeFile(
      redirect,
      `const { fetch } = globalThis;
globalThis.fetch = (target, init) => fetch(String(target).replace(/^https:\\/\\/[^/]+/, ${JSON.stringify(url)}), init);`,
    );
    await writeFile(join(prepared.folder, "order.json"), JSON.stringify(freshRequest()));
    sandbox.clearRequests();
    const args = [`--import=${new URL(`file://${redirect}`)}`, prepared.program, "request", "POST", PRE_ORDER];
    const env = { ...variablesOf({ ...sandbox.credentials }, ""), LANG };
    const end = await onTerminal([...args, "--body=order.json"], /\[y\/N\] /, typed, env);
    expect(end).toMatchObject({ code, shown: expect.stringContaining(words) });
    expect(end.shown).toContain(LANG === "en" ? "with real money. Send it?" : "涉及真实资金。确定发送吗？");
    expect(sandbox.requests.length).toBe(code === 0 ? 1 : 0);
  });

  test.each([
    ["colour", {}, /^<2>\d\d:\d\d:\d\d<22> GET \/v3\/nowhere → <31>404 unknown-path<39>$/m],
    [
      "no colour where NO_COLOR asks for none",
      { NO_COLOR: "1" },
      /^\d\d:\d\d:\d\d GET \/v3\/nowhere → 404 unknown-path$/m,
    ],
  ])("the sandbox's requests have their time, and %s", async (name, env, line) => {
    const file = `${name}.env`;
    // Ctrl-C, once the request is shown.
    const args = [prepared.program, "sandbox", "--port=0", "--env", file];
    const ended = onTerminal(args, /unknown-path/, "\x03", env);
    const baseUrl = async () => {
      const text = await readFile(join(prepared.folder, file), "utf8").catch(() => "");
      return /^WECHATPAY_BASE_URL=(\S+)\n/m.exec(text)?.[1];
    };
    await expect.poll(baseUrl).toMatch(/^http/);
    await fetch(`${await baseUrl()}/v3/nowhere`);
    const { shown } = await ended;
    expect(shown.replaceAll("\u001b[", "<").replace(/(<\d+)m/g, "$1>")).toMatch(line);
  });
});
