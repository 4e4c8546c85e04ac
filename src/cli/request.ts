import { createInterface } from "node:readline/promises";
import { operations } from "../../generated/operations.js";
import { METHODS, type Operation } from "../client/operations.js";
import { createWeChatPayClient } from "../client.js";
import type { CallResult } from "../types.js";
import { unwrap } from "../unwrap.js";
import type { Command, Language, Texts, Values } from "./command.js";
import { CREDENTIAL_FLAGS, CREDENTIAL_HELP, clientOptions, readCredentials } from "./credentials.js";
import { readText } from "./files.js";
import { compact, jsonLine, lossyNumber, pretty } from "./json-text.js";
import { visible, withProgress } from "./terminal.js";

const help: Texts = {
  en: `wechatpay request <METHOD> <path> [--query <name>=<value>]...
                  [--body <file>|-] [--yes] [--json]

  Makes one signed call, and prints the verified response as JSON. Parameters
  are written into the path; fields that the API wants encrypted are plain
  text in the body, and in the response.

    wechatpay request GET /v3/certificates
    wechatpay request POST /v3/payroll-card/tokens --body token.json

  --query  a parameter of the query, without percent-encoding
  --body   a file with the JSON to send; - reads it from stdin
  --yes    send a write to WeChat Pay itself without asking
  --json   one line: { status, requestId, data }, or { error }

Exit codes: 0 a verified response; 1 not sent, or no response to trust;
2 WeChat Pay refused; 3 a write whose outcome is unknown: query, before you
send it again.
${CREDENTIAL_HELP.en}`,
  zh: `wechatpay request <方法> <路径> [--query <名>=<值>]...
                  [--body <文件>|-] [--yes] [--json]

  发一次带签名的请求，验签后以 JSON 打印应答。路径参数直接写在路径里；
  敏感信息字段在请求体和应答里都是明文，由本命令加密、解密。

    wechatpay request GET /v3/certificates
    wechatpay request POST /v3/payroll-card/tokens --body token.json

  --query  一个查询参数，不要做百分号编码
  --body   请求体的 JSON 文件；- 表示从标准输入读取
  --yes    写操作发往微信支付之前不再询问
  --json   输出一行：{ status, requestId, data } 或 { error }

退出码：0 应答已验签；1 没有发出，或没有可信的应答；2 微信支付拒绝；
3 写操作的结果未知：先查询，再决定是否重发。
${CREDENTIAL_HELP.zh}`,
};

export const command: Command = {
  help,
  options: {
    query: { type: "string", multiple: true, default: [] },
    body: { type: "string" },
    yes: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    ...CREDENTIAL_FLAGS,
  },
  positionals: [2, 2],
  run: request,
};

/** Where money is: WeChat Pay's own hosts, whatever the domain. */
const PRODUCTION = /(^|\.)(weixin\.qq\.com|wechatpay\.cn|tenpay\.com)\.?$/i;
export const isProduction = (baseUrl: string | undefined): boolean =>
  baseUrl === undefined || (URL.canParse(baseUrl) && PRODUCTION.test(new URL(baseUrl).hostname));

async function request(values: Values, [given = "", target = ""]: readonly string[], language: Language) {
  const method = methodOf(given);
  const path = pathOf(target);
  const query = queryOf(values.query as string[]);
  const body = await bodyOf(values.body as string | undefined);
  const options = clientOptions(await readCredentials(values, process.env), language);
  const wechatpay = createWeChatPayClient(options);
  if (method !== "GET" && !values.yes && isProduction(options.baseUrl)) await ask(`${method} ${path}`, language);

  const [row, filled] = rowOf(method, path);
  const call = wechatpay[method] as (path: string, init: object) => Promise<CallResult<string | ArrayBuffer>>;
  const isFile = row?.response === "unsigned";
  const init = {
    params: { path: filled.values, query },
    ...(body !== undefined && { body }),
    parseAs: isFile ? "arrayBuffer" : "text",
  };
  const waiting = { en: "Waiting for WeChat Pay", zh: "正在等待微信支付的应答" };
  const result = await withProgress(waiting, language, call(filled.path, init));
  print(unwrap(result), result.response, values.json === true);
}

function methodOf(given: string): (typeof METHODS)[number] {
  const method = METHODS.find((each) => each === given.toUpperCase());
  if (method) return method;
  throw new TypeError(`METHOD must be one of ${METHODS.join(", ")}. Write: wechatpay request GET /v3/certificates.`);
}

/** A path, as a shell hands it on: Git's for Windows makes a path of that computer of one that begins with a slash. */
export function pathOf(given: string): string {
  if (/^[a-z]:[\\/]/i.test(given)) {
    throw new TypeError(
      "The path was rewritten by the shell: leave out the slash that it begins with, as in v3/certificates.",
    );
  }
  const path = given.replace(/^\/?/, "/");
  if (/^\/v\d+\//.test(path)) return path;
  throw new TypeError(
    "The path must be that of the API, without a server, such as /v3/certificates; --base-url names the server.",
  );
}

function queryOf(given: readonly string[]): URLSearchParams | undefined {
  const pairs = given.map((pair): [string, string] => {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
    if (name === undefined || value === undefined)
      throw new TypeError("--query must be <name>=<value>, such as --query sub_mchid=1900000109.");
    return [name, value];
  });
  return pairs.length > 0 ? new URLSearchParams(pairs) : undefined;
}

async function bodyOf(path: string | undefined): Promise<unknown> {
  if (path === undefined) return undefined;
  const text = await readText("--body", path);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new TypeError("--body is no JSON.");
  }
  const number = lossyNumber(text);
  if (number)
    throw new TypeError(
      "--body has a whole number beyond 2^53, which would be sent with other digits. Is it a text in the API?",
    );
  return body;
}

/** The row of a call whose path parameters are filled in, and the path as that row has it. */
function rowOf(
  method: string,
  path: string,
): [Operation | undefined, { path: string; values: Record<string, string> }] {
  const [pure = "", ...rest] = path.split(/(?=\?)/);
  const parts = pure.split("/");
  const fits = (name: string) => {
    const [own, template = ""] = name.split(" ");
    const names = template.split("/");
    return (
      own === method &&
      names.length === parts.length &&
      names.every((each, i) => (/^\{.+\}$/.test(each) ? parts[i] : each === parts[i]))
    );
  };
  // A row that writes a segment out is meant before one that has a parameter there.
  const [name] = Object.keys(operations)
    .filter(fits)
    .sort((a, b) => a.split("{").length - b.split("{").length);
  if (name === undefined) return [undefined, { path, values: {} }];
  const template = name.slice(method.length + 1);
  const values: Record<string, string> = {};
  for (const [i, each] of template.split("/").entries()) {
    if (each.startsWith("{")) values[each.slice(1, -1)] = decode(parts[i] as string);
  }
  return [operations[name as keyof typeof operations], { path: template + rest.join(""), values }];
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new TypeError("The path has a % that begins no percent-encoding: write %25 for it.");
  }
}

async function ask(call: string, language: Language): Promise<void> {
  const text = {
    en: `${call} goes to WeChat Pay itself, with real money. Send it? [y/N] `,
    zh: `${call} 将发往微信支付的正式环境，涉及真实资金。确定发送吗？[y/N] `,
  };
  if (!process.stdin.isTTY) {
    throw new TypeError(
      `${call} is a write to WeChat Pay itself, and nobody is there to be asked: say --yes. Nothing was sent.`,
    );
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(text[language]).finally(() => terminal.close());
  if (!/^(y|yes|是)$/i.test(answer.trim())) throw new TypeError("Nothing was sent.");
}

function print(data: string | ArrayBuffer, { status, headers }: Response, json: boolean): void {
  if (typeof data !== "string") return void process.stdout.write(new Uint8Array(data));
  const isJson = /json/i.test(headers.get("Content-Type") ?? "");
  if (!json && isJson) return void process.stdout.write(`${pretty(data)}\n`);
  if (!json) return void process.stdout.write(process.stdout.isTTY ? visible(data) : data);
  const about = jsonLine({ status, requestId: headers.get("Request-ID") ?? undefined });
  const shown = data === "" ? "null" : isJson ? compact(data) : jsonLine(data);
  process.stdout.write(`${about.slice(0, -1)},"data":${shown}}\n`);
}
