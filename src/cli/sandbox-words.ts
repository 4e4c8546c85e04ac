import type { SandboxCredentials } from "../sandbox/index.js";
import { type Language, quoted, type Texts } from "./command.js";
import { paint } from "./terminal.js";

export const help: Texts = {
  en: `wechatpay sandbox [--keys <folder>] [--env <file>] [--force]
                  [--port <number>] [--host <address>]
                  [--platform-keys <which>] [--unauthorized]
                  [--notifications <where>] [--fail <fault>]...
                  [--openapi <spec>] [--json]

  A WeChat Pay of your own, to try and test against: it checks signatures and
  parameters as the real server does, and signs its responses. Its URL, opened
  in a browser, is a console: the requests, why one was refused, and buttons
  for users, time and faults.

    wechatpay sandbox --keys keys --env .env
    node --env-file=.env program.mjs

  --keys   a folder for its keys: made when there is none, and used again at
           each start. It holds what SDKs ask for: apiclient_key.pem,
           apiclient_key_pkcs1.pem, apiclient_cert.pem, pub_key.pem,
           wechatpay_<serial>.pem. Without it, keys are fresh at every start,
           and nothing is written
  --env    a file for the variables that programs read: WECHATPAY_MCHID, …
  --force  write --env over a file that this command did not write
  --port   default 8787; 0 takes one that is free
  --host   an IP address or a name of this machine; default 127.0.0.1, which
           no other machine reaches
  --platform-keys
           public-key, certificate, or gray: which keys WeChat Pay has for the
           merchant, and you are given; in gray it has both. Default both, but
           you are given the public key only
  --unauthorized
           no user has authorized a sub-merchant at the start; the console's
           buttons do it. Default: every user has
  --notifications
           loopback or anywhere: the notify_url of an order, a refund or a
           transfer is told what happens to it, on this machine alone or at
           any address. Default none is
  --fail   <fault>[:<operationId>][*<times>]: makes the next requests fail,
           that many (default 1, or Infinity), of that operation (default
           any). Given several times, one after the other: --fail reset
           --fail 'hang*3'. Faults: system-error, rate-limited, bad-gateway,
           unsigned, bad-signature, signature-probe, unknown-serial,
           clock-skew, tampered-body, truncated-body, reset, refused, hang,
           slow-body, redirect
  --openapi
           a file of YAML or JSON: the operations of this description instead
           of its own. It may refer to other files. YAML and several files
           need @redocly/cli beside this package
  --json   print one line of JSON when it listens, { url, mchid, serialNo,
           privateKey, platformKeys, apiV3Key }, and nothing else
`,
  zh: `wechatpay sandbox [--keys <文件夹>] [--env <文件>] [--force]
                  [--port <端口>] [--host <地址>]
                  [--platform-keys <哪种>] [--unauthorized]
                  [--notifications <范围>] [--fail <故障>]...
                  [--openapi <描述文件>] [--json]

  本地的微信支付，用来试用和测试：像真实服务器一样检查签名和参数，并对应答
  签名。用浏览器打开它的地址即是控制台：收到的请求、被拒绝的原因，以及代替
  用户操作、调快时间、制造故障的按钮。

    wechatpay sandbox --keys keys --env .env
    node --env-file=.env program.mjs

  --keys   存放密钥的文件夹：没有就创建，以后每次启动都用同一套密钥。里面有
           各种 SDK 需要的文件：apiclient_key.pem、apiclient_key_pkcs1.pem、
           apiclient_cert.pem、pub_key.pem、wechatpay_<序列号>.pem。
           不给则每次启动都换新密钥，不写任何文件
  --env    写入环境变量的文件，供程序读取：WECHATPAY_MCHID 等
  --force  即使 --env 的文件不是本命令写的，也覆盖
  --port   默认 8787；0 表示任选一个空闲端口
  --host   本机的 IP 地址或名称；默认 127.0.0.1，其他机器无法访问
  --platform-keys
           public-key、certificate 或 gray：微信支付用哪种密钥，也给你哪种；
           gray 两种都有。默认两种都有，但只给你公钥
  --unauthorized
           启动时没有用户授权过特约商户，授权用控制台的按钮。默认都已授权
  --notifications
           loopback 或 anywhere：把订单、退款、转账的结果通知到各自的
           notify_url，前者只通知本机，后者不限。默认不通知
  --fail   <故障>[:<operationId>][*<次数>]：让接下来的请求失败若干次（默认
           1 次，可为 Infinity），只针对该接口（默认任意接口）。可以给多个，
           依次发生：--fail reset --fail 'hang*3'。故障有：system-error、
           rate-limited、bad-gateway、unsigned、bad-signature、
           signature-probe、unknown-serial、clock-skew、tampered-body、
           truncated-body、reset、refused、hang、slow-body、redirect
  --openapi
           YAML 或 JSON 文件：改为模拟这份描述里的接口，可引用其他文件。
           YAML 或多个文件需另装 @redocly/cli
  --json   开始监听时输出一行 JSON：{ url, mchid, serialNo, privateKey,
           platformKeys, apiV3Key }，此外不输出
`,
};

/** What a client is given: the keys themselves are in files, or for the asking. */
export const listOf = ({ mchid, serialNo, apiV3Key, platformKeys }: SandboxCredentials, files: readonly string[]) =>
  `mchid        ${mchid}\nserialNo     ${serialNo}\napiV3Key     ${apiV3Key}\n${Object.keys(platformKeys)
    .map((serial) => `platformKeys ${serial}\n`)
    .join("")}${files.map((file) => `  ${file}\n`).join("")}`;

/** Last, so that it stands where the reader looks. */
export function nextStep(url: string, env: string | undefined, language: Language): string {
  const where = paint(process.stdout, "bold", url);
  // As it can be typed here: from the sources, or from the package.
  const program = process.argv[1]?.endsWith(".ts") ? "npx tsx src/cli/main.ts" : "npx --no wechatpay";
  const next = `${program} ${env === undefined ? "sandbox --keys keys --env .env" : `doctor --env ${quoted(env)}`}`;
  const keys = `${url}/#/connect`;
  return {
    en: `
WeChat Pay sandbox at ${where}
  console   ${url}/ (open it in a browser)
  keys      ${keys}
  next      ${next}${env === undefined ? "\n            keeps the keys in files" : " (in another terminal)"}
Requests:`,
    zh: `
微信支付沙箱 ${where}
  控制台    ${url}/ （用浏览器打开）
  密钥      ${keys}
  下一步    ${next}${env === undefined ? "\n            把密钥存为文件" : " （在另一个终端）"}
请求：`,
  }[language];
}
