#!/usr/bin/env node
import { parseArgs } from "node:util";
import { USER_AGENT } from "../options.js";
import { type Command, type Language, languageOf, type Texts, type Values } from "./command.js";

/** The commands, each with the line that says what it is for. */
const COMMANDS = {
  sandbox: {
    about: { en: "a WeChat Pay of your own, to try and test against", zh: "本地的微信支付，用来试用和测试" },
    load: () => import("./sandbox.js"),
  },
  generate: {
    about: { en: "the types of an OpenAPI description", zh: "由 OpenAPI 描述生成类型" },
    load: () => import("./generate.js"),
  },
  lint: {
    about: { en: "what is wrong in an OpenAPI description", zh: "检查 OpenAPI 描述" },
    load: () => import("./lint.js"),
  },
  docs: {
    about: { en: "one page of an OpenAPI description, for a browser", zh: "由 OpenAPI 描述生成文档页面" },
    load: () => import("./docs.js"),
  },
} satisfies Record<string, { about: Texts; load: () => Promise<{ command: Command }> }>;
type Name = keyof typeof COMMANDS;

const names = Object.keys(COMMANDS) as Name[];
const isName = (text: string): text is Name => Object.hasOwn(COMMANDS, text);
const width = Math.max(...names.map((name) => name.length)) + 2;

/** What there is, in the reader's language. */
function overview(language: Language): string {
  const lines = names.map((name) => `  ${name.padEnd(width)}${COMMANDS[name].about[language]}\n`).join("");
  return language === "zh"
    ? `wechatpay <命令> [参数]\n\n${lines}\nwechatpay help <命令> 显示该命令的用法，wechatpay --version 显示版本。\n`
    : `wechatpay <command> [flags]\n\n${lines}\nwechatpay help <command> shows how to use it, wechatpay --version the version.\n`;
}

async function main([command, ...rest]: string[], language: Language): Promise<number | undefined> {
  if (command === undefined) throw new TypeError(`Name a command: ${names.join(", ")}. See wechatpay --help.`);
  if (["--version", "-v"].includes(command)) return void process.stdout.write(`${USER_AGENT.split("/")[1]}\n`);
  const isHelp = ["help", "--help", "-h"].includes(command);
  const name = isHelp ? rest[0] : command;
  if (name === undefined) return void process.stdout.write(overview(language));
  if (!isName(name)) {
    throw new TypeError(`There is no command ${JSON.stringify(name)}, but ${names.join(", ")}. See wechatpay --help.`);
  }
  const { help, options, positionals: [least, most] = [0, 0], run } = (await COMMANDS[name].load()).command as Command;
  const all: Command["options"] = { ...options, help: { type: "boolean", short: "h" } };
  const { values, positionals }: { values: Values; positionals: string[] } = parseArgs({
    args: isHelp ? ["-h"] : rest,
    allowPositionals: true,
    options: all,
  });
  if (values.help) return void process.stdout.write(help[language]);
  const [first] = positionals.slice(most);
  if (first !== undefined) throw new TypeError(`${name} takes no argument '${first}'. See wechatpay help ${name}.`);
  if (positionals.length < least) throw new TypeError(`${name} lacks an argument. See wechatpay help ${name}.`);
  return (await run(values, positionals, language)) ?? undefined;
}

main(process.argv.slice(2), languageOf(process.env)).then(
  (code = 0) => {
    process.exitCode = code;
  },
  (error: Failure) => {
    console.error(`wechatpay: ${explain(error)}`);
    process.exitCode = 1;
  },
);

type Failure = NodeJS.ErrnoException & { address?: string; hostname?: string; port?: number };

function explain({ code, message, address, hostname, port }: Failure): string {
  if (code === "EADDRINUSE") {
    return `${address}:${port} is taken by another program: choose another --port, or 0 for one that is free.`;
  }
  if (code === "EACCES") return `Port ${port} needs more rights than you have: choose a --port above 1023.`;
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND" || code === "EAI_AGAIN") {
    return `--host ${address ?? hostname} is no address of this machine: leave it out for this machine only, or give an address of its own, such as 0.0.0.0 for all of them.`;
  }
  // Node goes on about positional arguments, over several lines.
  if (code?.startsWith("ERR_PARSE_ARGS")) return `${message.split(/\.\s/, 1)[0]}. See wechatpay --help.`;
  return message;
}
