import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import own from "../../package.json" with { type: "json" };

// No machine with Windows is here: what would fail there is looked for in what is written.

test.each(Object.entries(own.scripts))("npm run %s has nothing that only a POSIX shell does", (_, script) => {
  const commands = script
    .replace(/"[^"]*"/g, "")
    .split("&&")
    .map((command) => command.trim());
  for (const command of commands) {
    expect(command).not.toMatch(/^\w+=/);
    expect(command).not.toMatch(/^(rm|cp|mv|mkdir|export|cat|sh|bash)\b/);
    expect(command).not.toMatch(/'|\$\(|[`;]|\$\w/);
  }
});

test("no path of the command line is built with a slash", async () => {
  for (const name of await readdir("src/cli")) {
    const text = await readFile(join("src/cli", name), "utf8");
    expect(text.match(/\$\{(folder|file|dir|path|out|env|cwd\(\))\}(\/|\\\\)/g), name).toBe(null);
    expect(text.match(/(folder|file|dir|path|out) \+ "(\/|\\\\)/g), name).toBe(null);
  }
});
