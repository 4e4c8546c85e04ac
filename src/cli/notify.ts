import { isRecord } from "../checks.js";
import { oneOf, requireFit } from "../sandbox/checks.js";
import { createSandbox } from "../sandbox/index.js";
import { PLATFORM_KEY_MODES, type PlatformKeyMode } from "../sandbox/server/platform.js";
import { SIGNATURE_FAULTS, type SignatureFault } from "../sandbox/server/signature.js";
import { type Command, type Language, quoted, type Texts, type Values } from "./command.js";
import { readText } from "./files.js";
import { jsonLine } from "./json-text.js";
import { readKeys } from "./key-folder.js";
import { paint, visible, withProgress } from "./terminal.js";

const help: Texts = {
  en: `wechatpay notify <EVENT> --to <url> --keys <folder>
                 [--resource <file>|-] [--fault <fault>] [--json]

  Sends a notification to your handler, signed and encrypted as WeChat Pay
  does it, with the keys of your sandbox, and shows the answer.

    wechatpay sandbox --keys keys --env .env
    node --env-file=.env handler.mjs
    wechatpay notify TRANSACTION.SUCCESS --keys keys \\
      --to http://localhost:3000/notify

  --to        the handler
  --keys      the folder that wechatpay sandbox --keys made
  --resource  a file with the JSON that the event carries; - reads stdin.
              Needed only for an event that the sandbox does not know
  --fault     the handler must refuse it: bad-signature, signature-probe,
              unknown-serial, clock-skew, tampered-body
  --platform-keys
              as for the sandbox: certificate or gray signs with the
              certificate. Default the public key
  --json      one line: { status, body, took }

Exit codes: 0 accepted (2xx), and with --fault: refused; otherwise 2.
`,
  zh: `wechatpay notify <事件> --to <url> --keys <文件夹>
                 [--resource <文件>|-] [--fault <故障>] [--json]

  用沙箱的密钥，像微信支付那样签名、加密，向你的回调地址发一个通知，
  并显示它的应答。

    wechatpay sandbox --keys keys --env .env
    node --env-file=.env handler.mjs
    wechatpay notify TRANSACTION.SUCCESS --keys keys \\
      --to http://localhost:3000/notify

  --to        回调地址
  --keys      wechatpay sandbox --keys 生成的文件夹
  --resource  事件所带内容的 JSON 文件；- 表示从标准输入读取。
              默认用文档中的示例；沙箱不认识的事件必须给出
  --fault     应当被拒绝的通知：bad-signature、signature-probe、
              unknown-serial、clock-skew、tampered-body
  --platform-keys
              与沙箱相同：certificate 或 gray 用平台证书签名。默认用公钥
  --json      输出一行：{ status, body, took }

退出码：0 通知被接受（2xx）；有 --fault 时，0 表示被拒绝；否则为 2。
`,
};

export const command: Command = {
  help,
  options: {
    to: { type: "string" },
    keys: { type: "string" },
    resource: { type: "string" },
    fault: { type: "string" },
    "platform-keys": { type: "string" },
    json: { type: "boolean", default: false },
  },
  positionals: [1, 1],
  run: notify,
};

/** WeChat Pay waits this long for an answer. Source: https://pay.weixin.qq.com/doc/v3/merchant/4012071382 */
const PATIENCE = 5_000;

async function notify(values: Values, [event_type = ""]: readonly string[], language: Language): Promise<number> {
  const { to, keys: folder, fault } = values as Record<string, string | undefined>;
  if (to === undefined)
    throw new TypeError("--to is missing: the URL of your handler, such as http://localhost:3000/notify.");
  if (folder === undefined)
    throw new TypeError(
      "--keys is missing: the folder of wechatpay sandbox --keys, so that your handler can know the key.",
    );
  if (fault !== undefined) requireFit("--fault", oneOf(SIGNATURE_FAULTS), fault);
  const mode = values["platform-keys"] as PlatformKeyMode | undefined;
  if (mode !== undefined) requireFit("--platform-keys", oneOf(PLATFORM_KEY_MODES), mode);
  const keys = await readKeys(folder);
  if (keys === undefined)
    throw new TypeError(
      `There are no keys of a sandbox in ${folder}: wechatpay sandbox --keys ${quoted(folder)} makes them.`,
    );
  const sandbox = await createSandbox({ keys, ...(mode && { platformKeys: mode }) });
  const resource = values.resource === undefined ? undefined : await read(values.resource as string);

  const started = performance.now();
  const event = { event_type, ...(resource && { resource }) };
  const waiting = { en: "Waiting for the handler", zh: "正在等待应答" };
  const sending = sandbox.notify(to, event, { fetch: send, ...(fault && { fault: fault as SignatureFault }) });
  const response = await withProgress(waiting, language, sending);
  const body = await response.text();
  const took = Math.round(performance.now() - started);
  const isGood = response.ok === (fault === undefined);
  if (values.json) console.log(jsonLine({ status: response.status, body, took }));
  else {
    const judged = paint(
      process.stdout,
      response.ok ? "green" : "red",
      visible(`${response.status} ${response.statusText}`),
    );
    console.log(`${event_type} → ${judged}  ${took} ms${body && `\n${visible(body.slice(0, 4_000))}`}`);
    console.log(VERDICTS[`${isGood ? "good" : "bad"}-${fault ? "fault" : "event"}`][language]);
  }
  return isGood ? 0 : 2;
}

async function send(request: Request): Promise<Response> {
  try {
    return await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
  } catch (error) {
    const { name, cause } = error as Error & { cause?: { code?: string; message?: string } };
    const why =
      name === "TimeoutError"
        ? "it did not answer within 5 s, which is as long as WeChat Pay waits"
        : cause?.code === "ECONNREFUSED"
          ? "nobody listens there. Start it, and compare the port"
          : (cause?.message ?? (error as Error).message);
    throw new TypeError(`--to ${new URL(request.url).origin}: ${why}.`);
  }
}

async function read(path: string): Promise<object> {
  const text = await readText("--resource", path);
  try {
    const resource = JSON.parse(text);
    if (isRecord(resource) || Array.isArray(resource)) return resource;
  } catch {}
  throw new TypeError("--resource must be JSON, an object or a list.");
}

const VERDICTS: Record<`${"good" | "bad"}-${"event" | "fault"}`, Texts> = {
  "good-event": { en: "Accepted: WeChat Pay would not send it again.", zh: "已接受：微信支付不会再发。" },
  "bad-event": {
    en: "Not accepted: WeChat Pay would send it again, up to 15 times. It wants a 2xx within 5 s.",
    zh: "未被接受：微信支付会重发，最多 15 次。应在 5 秒内以 2xx 应答。",
  },
  "good-fault": { en: "Refused, as it must be.", zh: "已拒绝，应当如此。" },
  "bad-fault": {
    en: "Accepted, and it must not be: anybody could send that. Verify the raw body before you act on it.",
    zh: "被接受了，这是危险的：任何人都能伪造这样的通知。处理之前必须对原始报文验签。",
  },
};
