#!/usr/bin/env node
import { parseArgs } from "node:util";
import { ApiError, outcomeOf } from "../errors.js";
import { USER_AGENT } from "../options.js";
import { type Command, type Language, languageOf, type Texts, type Values } from "./command.js";
import { jsonLine } from "./json-text.js";
import { paint, visible } from "./terminal.js";

/** The commands, each with the line that says what it is for. */
const COMMANDS = {
  sandbox: {
    about: { en: "a WeChat Pay of your own, to try and test against", zh: "本地的微信支付，用来试用和测试" },
    load: () => import("./sandbox.js"),
  },
  doctor: {
    about: { en: "what is wrong with keys, serial, clock or network", zh: "检查密钥、序列号、时钟和网络有什么问题" },
    load: () => import("./doctor.js"),
  },
  request: {
    about: { en: "one signed call, and its verified response", zh: "发一次带签名的请求，打印验过签的应答" },
    load: () => import("./request.js"),
  },
  certificates: {
    about: { en: "download WeChat Pay's platform certificates", zh: "下载微信支付平台证书" },
    load: () => import("./certificates.js"),
  },
  notify: {
    about: { en: "send a signed notification to your handler", zh: "向你的回调地址发一个带签名的通知" },
    load: () => import("./notify.js"),
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
    ? `wechatpay <命令> [参数]\n\n${lines}\nwechatpay help <命令> 显示该命令的用法，wechatpay version 显示版本。\n`
    : `wechatpay <command> [flags]\n\n${lines}\nwechatpay help <command> shows how to use it, wechatpay version the version.\n`;
}

/** What is wrong with the command itself, in the reader's language. */
const USAGE = {
  en: {
    unknownCommand: (name: string) => `There is no command ${name}, but ${names.join(", ")}. See wechatpay help.`,
    takesNone: (name: string, given: string) => `${name} takes no argument '${given}'. See wechatpay help ${name}.`,
    lacksOne: (name: string) => `${name} lacks an argument. See wechatpay help ${name}.`,
    flag: (said: string) => `${said}. See wechatpay help.`,
    taken: (at: string) => `${at} is taken by another program: choose another --port, or 0 for one that is free.`,
    forbidden: (port = 0) => `Port ${port} needs more rights than you have: choose a --port above 1023.`,
    notHere: (host = "") =>
      `--host ${host} is no address of this machine: leave it out for this machine only, or give an address of its own, such as 0.0.0.0 for all of them.`,
  },
  zh: {
    unknownCommand: (name: string) => `没有命令 ${name}，可用的是 ${names.join("、")}。用法见 wechatpay help。`,
    takesNone: (name: string, given: string) => `${name} 不接受参数 '${given}'。用法见 wechatpay help ${name}。`,
    lacksOne: (name: string) => `${name} 缺少参数。用法见 wechatpay help ${name}。`,
    flag: (said: string) => `${said}. 用法见 wechatpay help。`,
    taken: (at: string) => `${at} 已被其他程序占用：请用 --port 换一个端口，0 表示任选一个空闲端口。`,
    forbidden: (port = 0) => `没有权限监听端口 ${port}：请用 --port 指定大于 1023 的端口。`,
    notHere: (host = "") =>
      `--host ${host} 不是本机的地址：只供本机使用时不必填写，否则请填本机的地址，0.0.0.0 表示所有地址。`,
  },
};

async function main([command, ...rest]: string[], language: Language): Promise<number | undefined> {
  const words = USAGE[language];
  if (command === undefined) {
    process.stderr.write(overview(language));
    return 1;
  }
  if (["version", "--version", "-v"].includes(command))
    return void process.stdout.write(`${USER_AGENT.split("/")[1]}\n`);
  const isHelp = ["help", "--help", "-h"].includes(command);
  const name = isHelp ? rest[0] : command;
  if (name === undefined) return void process.stdout.write(overview(language));
  if (!isName(name)) throw new TypeError(words.unknownCommand(JSON.stringify(name)));
  const { help, options, positionals: [least, most] = [0, 0], run } = (await COMMANDS[name].load()).command as Command;
  const all: Command["options"] = { ...options, help: { type: "boolean", short: "h" } };
  const { values, positionals }: { values: Values; positionals: string[] } = parseArgs({
    args: isHelp ? ["-h"] : rest,
    allowPositionals: true,
    options: all,
  });
  if (values.help) return void process.stdout.write(help[language]);
  const [first] = positionals.slice(most);
  if (first !== undefined) throw new TypeError(words.takesNone(name, first));
  if (positionals.length < least) throw new TypeError(words.lacksOne(name));
  try {
    return (await run(values, positionals, language)) ?? undefined;
  } catch (error) {
    if (values.json) console.log(jsonLine({ error: fieldsOf(error as Error) }));
    throw error;
  }
}

const language = languageOf(process.env);
main(process.argv.slice(2), language).then(
  (code = 0) => {
    process.exitCode = code;
  },
  (error: Failure) => {
    const outcome = outcomeOf(error);
    console.error(`${paint(process.stderr, "red", "wechatpay:")} ${visible(explain(error))}`);
    const isSaid = language === "en" && /may have taken effect/.test(error.message);
    if (outcome && !isSaid) console.error(OUTCOMES[outcome][language]);
    process.exitCode = outcome ? 3 : error instanceof ApiError ? 2 : 1;
  },
);

/** What became of a write, and what to do. */
const OUTCOMES = {
  unknown: {
    en: "The write may have taken effect: query it before you send it again, and never under another number.",
    zh: "写操作可能已经生效：先查询，再决定是否重发；重发不要换新单号。",
  },
  done: {
    en: "WeChat Pay accepted the write, only its response cannot be read: query it, and do not send it again.",
    zh: "微信支付已接受该写操作，只是应答无法读取：请查询，不要重发。",
  },
};

type Details = Partial<
  Record<"code" | "status" | "requestId" | "operationId" | "reason" | "option" | "detail", unknown>
>;

/** What a program needs to know of a failure. */
function fieldsOf(error: Error): object {
  const { name, message, code, status, requestId, operationId, reason, option, detail } = error as Error & Details;
  return { name, message, code, status, requestId, operationId, reason, option, outcome: outcomeOf(error), detail };
}

type Failure = NodeJS.ErrnoException & { address?: string; hostname?: string; port?: number };

function explain(error: Failure): string {
  const { code, message, address, hostname, port } = error;
  const words = USAGE[language];
  if (error instanceof ApiError) return `${error.status} ${code} ${message}\nRequest-ID ${error.requestId ?? "-"}`;
  if (code === "EADDRINUSE") return words.taken(`${address}:${port}`);
  if (code === "EACCES") return words.forbidden(port);
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND" || code === "EAI_AGAIN") {
    return words.notHere(address ?? hostname);
  }
  // Node goes on about positional arguments, over several lines.
  // A DOMException, such as a time-out, has a number.
  if (String(code).startsWith("ERR_PARSE_ARGS")) return words.flag(message.split(/\.\s/, 1)[0] ?? message);
  return message;
}
