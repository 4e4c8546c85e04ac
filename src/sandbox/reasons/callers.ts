import { normalizeSerial, readId } from "../../keys/platform-key.js";
import { inBeijing } from "../server/time.js";
import { counted, listed, listedZh, type Reason, shown, type Why } from "./words.js";

/** Which of the headers that every request must have are not there. */
export function missingHeaders(names: readonly string[]): Why {
  const [zh, en] = [listedZh(names), listed(names, " and ")];
  const reason = {
    zh: `缺少请求头 ${zh}，或为空。`,
    en: `The ${names.length > 1 ? "headers" : "header"} ${en} ${names.length > 1 ? "are" : "is"} missing or empty.`,
  };
  const values: Record<string, string> = { Accept: "application/json", "User-Agent": "my-app/1.0" };
  return { reason, fix: names.map((name) => `+ ${name}: ${values[name]}`).join("\n") };
}

/** What may be a number or a serial. Anything else may be a secret whose variable was mistaken for it. */
const NUMBER =
  /^(?:.{1,20}|wx[\da-f]{16}|(?:PUB_KEY_ID_)\d{1,40}|\d{1,60}|(?:0x|serial=)?[\da-f]{33,48}|[\da-f]{2}(?:[:\s-][\da-f]{2}){5,31})$/i;
const named = (sent: string) => (NUMBER.test(sent) ? shown(sent) : "…");

/** @param body as text: a service provider may sign in the name of the sub-merchant */
export function unknownMchid(sent: string, right: string, body: string): Why {
  const isSub = body.includes(`"sub_mchid":"${sent}"`);
  const isAppId = /^wx[\da-f]{16}$/.test(sent);
  return {
    reason: {
      zh: `你发送的 mchid 是 ${named(sent)}${isSub ? "（特约商户号）" : isAppId ? "（这是 AppID）" : ""}，沙箱的是 ${right}。`,
      en: `You sent mchid ${named(sent)}${isSub ? ", the sub-merchant's" : isAppId ? ", an AppID" : ""}; the sandbox's is ${right}.`,
    },
    fix: `- mchid="${named(sent)}"\n+ mchid="${right}"`,
  };
}

/** What the sandbox knows that may have been mistaken for a serial. */
export interface Known {
  mchid: string;
  /** Of the merchant's certificate. */
  serialNo: string;
  /** WeChat Pay's keys, with those that are in force no more. */
  platform: readonly { serial: string; isInForce: boolean }[];
}

export function unknownSerial(sent: string, known: Known): Why {
  const { serialNo } = known;
  const why = (zh: string, en: string): Why => {
    return { reason: { zh, en }, fix: `- serial_no="${named(sent)}"\n+ serial_no="${serialNo}"` };
  };
  const form = otherForm(sent, [serialNo]);
  if (form !== undefined) {
    return why(
      `serial_no ${named(sent)} ${form.zh}，应为 ${serialNo}。`,
      `serial_no ${named(sent)} ${form.en}: send ${serialNo}.`,
    );
  }
  const what = ofPlatform(sent, known) ?? (sent === known.mchid ? MCHID : undefined);
  if (what === undefined) {
    return why(
      `你发送的 serial_no 是 ${named(sent)}，沙箱的是 ${serialNo}。`,
      `You sent serial_no ${named(sent)}; the sandbox's is ${serialNo}.`,
    );
  }
  return why(
    `serial_no ${named(sent)} 是${what.zh}，应为商户API证书序列号 ${serialNo}。`,
    `serial_no ${named(sent)} is ${what.en}; it must be the merchant certificate's, ${serialNo}.`,
  );
}

/** `Wechatpay-Serial` that names no key in force. */
export function unknownPlatformKey(sent: string, known: Known): Why {
  const inForce = known.platform.filter((key) => key.isInForce).map(({ serial }) => serial);
  const form = otherForm(sent, inForce) ?? bareId(sent, inForce);
  const right = form?.right ?? inForce.find((serial) => serial.startsWith("PUB_KEY_ID_")) ?? inForce.at(-1);
  const why = (zh: string, en: string): Why => {
    return { reason: { zh, en }, fix: `- Wechatpay-Serial: ${named(sent)}\n+ Wechatpay-Serial: ${right}` };
  };
  if (form !== undefined) {
    return why(
      `Wechatpay-Serial ${named(sent)} ${form.zh}，应为 ${form.right}。`,
      `Wechatpay-Serial ${named(sent)} ${form.en}: send ${form.right}.`,
    );
  }
  const what =
    normalizeSerial(sent) === normalizeSerial(known.serialNo)
      ? { zh: "商户API证书序列号", en: "your own merchant certificate's" }
      : ofPlatform(sent, known);
  const [zh, en] = [listedZh(inForce), listed(inForce, " and ")];
  return why(
    `${what ? `Wechatpay-Serial ${named(sent)} 是${what.zh}` : `你发送的 Wechatpay-Serial 是 ${named(sent)}`}，当前有效的是 ${zh}。`,
    `${what ? `Wechatpay-Serial ${named(sent)} is ${what.en}` : `You sent Wechatpay-Serial ${named(sent)}`}; in force ${inForce.length > 1 ? "are" : "is"} ${en}.`,
  );
}

const MCHID: Reason = { zh: "商户号", en: "the mchid" };

/** Which key of WeChat Pay's a serial is, in words. */
function ofPlatform(sent: string, { platform }: Known): Reason | undefined {
  const found = platform.find(({ serial }) => normalizeSerial(serial) === normalizeSerial(sent));
  if (found?.serial.startsWith("PUB_KEY_ID_")) return { zh: "微信支付公钥ID", en: "the ID of WeChat Pay's public key" };
  if (found === undefined) {
    return /^PUB_KEY_ID_/i.test(sent) ? { zh: "其他的微信支付公钥ID", en: "the ID of another public key" } : undefined;
  }
  return found.isInForce
    ? { zh: "平台证书序列号", en: "the serial of WeChat Pay's certificate" }
    : { zh: "不在有效期内的平台证书序列号", en: "the serial of a certificate of WeChat Pay's that is not in force" };
}

/** The right serial in another form than it is sent in. */
function otherForm(sent: string, right: readonly string[]): (Reason & { right: string }) | undefined {
  const forms: [read: string | undefined, zh: string, en: string][] = [
    [/^\d{20,60}$/.test(sent) ? BigInt(sent).toString(16) : undefined, "是十进制的", "is in decimal"],
    [/^0x/i.test(sent) ? sent.slice(2) : undefined, "以 0x 开头", "begins with 0x"],
    [sent.replace(/[\s:-]/g, ""), "带有冒号或空格", "has colons or blanks"],
    [readId(sent), "带有多余的字符", "has characters too many"],
  ];
  for (const [read, zh, en] of forms) {
    const found = right.find((serial) => read !== undefined && normalizeSerial(serial) === normalizeSerial(read));
    if (found !== undefined) return { right: found, zh, en };
  }
  return undefined;
}

/** The ID of a public key without what all of them begin with. */
function bareId(sent: string, right: readonly string[]): (Reason & { right: string }) | undefined {
  const found = right.find((serial) => serial === `PUB_KEY_ID_${sent}`);
  return found === undefined ? undefined : { right: found, zh: "少了开头的 PUB_KEY_ID_", en: "lacks its PUB_KEY_ID_" };
}

const HOUR = 3600;

/**
 * A timestamp that is too far from the sandbox's time, or none.
 * @param now ms since the epoch
 * @param tolerance in seconds
 */
export function clockSkew(sent: string, now: number, tolerance: number): Why {
  const seconds = Math.floor(now / 1000);
  const unit = UNITS[sent.length - 10];
  if (/^\d+$/.test(sent) && unit !== undefined) {
    const right = sent.slice(0, 10);
    return {
      reason: { zh: `${sent} 的单位是${unit.zh}，应发送 ${right}。`, en: `${sent} is in ${unit.en}: send ${right}.` },
      fix: "- timestamp = String(Date.now())\n+ timestamp = String(Math.floor(Date.now() / 1000))",
    };
  }
  const fix = "+ timestamp = String(Math.floor(Date.now() / 1000))";
  if (!/^\d{1,11}$/.test(sent)) {
    const isFraction = /^\d+\.\d+$/.test(sent);
    const what = isFraction ? { zh: "有小数", en: "has a fraction" } : formOf(sent);
    return {
      reason: {
        zh: `时间戳 ${shown(sent)} ${what.zh}，应为整数秒，例如 ${seconds}。`,
        en: `timestamp ${shown(sent)} ${what.en}: it must be whole seconds, such as ${seconds}.`,
      },
      fix,
    };
  }
  const ahead = Number(sent) - seconds;
  const off = Math.abs(ahead);
  const hours = Math.round(off / HOUR);
  const isLocal = hours >= 1 && hours <= 14 && Math.abs(off - hours * HOUR) <= tolerance;
  const time = inBeijing(now).slice(11, 19);
  return {
    reason: {
      zh: `时间戳 ${sent} 比沙箱时间 ${seconds}（北京时间 ${time}）${ahead > 0 ? "快" : "慢"} ${counted(off)} 秒${isLocal ? `，即 ${hours} 小时：可能把本地时间当成了 UTC` : `，最多允许相差 ${tolerance} 秒`}。`,
      en: `timestamp ${sent} is ${counted(off)} s ${ahead > 0 ? "ahead of" : "behind"} the sandbox's time, ${seconds} (${time} in Beijing)${isLocal ? `: ${hours} h, as if local time were taken for UTC` : `; ${tolerance} s are allowed`}.`,
    },
    ...(isLocal && { fix }),
  };
}

/** By the digits beyond the ten of a time in seconds. */
const UNITS: Record<number, Reason> = {
  3: { zh: "毫秒", en: "milliseconds" },
  6: { zh: "微秒", en: "microseconds" },
  9: { zh: "纳秒", en: "nanoseconds" },
};

function formOf(sent: string): Reason {
  if (/^20\d{12}$/.test(sent) || /^\d{4}-\d\d-\d\d/.test(sent)) return { zh: "是日期", en: "is a date" };
  return /^\d+$/.test(sent) ? { zh: "位数不对", en: "has too many digits" } : { zh: "不是数字", en: "is not a number" };
}
