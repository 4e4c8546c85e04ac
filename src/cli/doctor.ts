import { createPrivateKey, X509Certificate } from "node:crypto";
import { toUtf8 } from "../bytes.js";
import { readPrivateKey } from "../keys/pem.js";
import { normalizeSerial } from "../keys/platform-key.js";
import type { Command, Language, Texts, Values } from "./command.js";
import {
  CREDENTIAL_FLAGS,
  CREDENTIAL_HELP,
  type Credentials,
  explainGiven,
  explainMissing,
  type Given,
  missingIn,
  pemOf,
  readCredentials,
} from "./credentials.js";
import { CHECKS, type Code, FINDINGS, type Finding, type Status } from "./doctor-words.js";
import { inBoth } from "./key-words.js";
import { tryRoundTrip } from "./round-trip.js";
import { columns, paint, visible, withProgress } from "./terminal.js";

const help: Texts = {
  en: `wechatpay doctor [--json]

  Looks for what goes wrong on the first day, and says what to do: are the
  keys readable and of the right kind, do key, certificate and serial belong
  together, is the clock right, does WeChat Pay know all of them. It makes one
  signed query, GET /v3/certificates, which changes nothing. No secret is
  printed.

  --json  one line: { ok, findings: [{ check, status, code, message, advice }] }

Exit codes: 0 nothing is wrong, 1 something is.
${CREDENTIAL_HELP.en}`,
  zh: `wechatpay doctor [--json]

  检查接入第一天常见的问题，并说明怎么办：密钥能否读取、种类对不对，私钥、
  证书、序列号是否相符，时钟准不准，微信支付是否认识它们。只发一个带签名的
  查询 GET /v3/certificates，不改变任何东西。不打印任何密钥。

  --json  输出一行：{ ok, findings: [{ check, status, code, message, advice }] }

退出码：0 没有问题，1 有问题。
${CREDENTIAL_HELP.zh}`,
};

export const command: Command = {
  help,
  options: { json: { type: "boolean", default: false }, ...CREDENTIAL_FLAGS },
  run: doctor,
};

/** With these, there is nothing to sign with. */
const UNABLE: readonly Code[] = ["missing", "unreadable", "api-v3-key-length"];

async function doctor(values: Values, _: readonly string[], language: Language): Promise<number> {
  const credentials = await readCredentials(values, process.env);
  const now = Date.now();
  const local = [...checkGiven(credentials, language), ...checkKey(credentials), ...checkCertificate(credentials, now)];
  local.push(...checkApiV3Key(credentials));
  const waiting = { en: "Waiting for the server", zh: "正在等待服务器应答" };
  const distant: Finding[] = local.some(([code]) => UNABLE.includes(code))
    ? [["not-sent"]]
    : await withProgress(waiting, language, tryRoundTrip(credentials, language));
  const names = Object.keys(CHECKS);
  const findings = [...local, ...distant].map((finding) => inWords(finding, language));
  findings.sort((a, b) => names.indexOf(a.check) - names.indexOf(b.check));
  const ok = findings.every(({ status }) => status !== "problem");
  if (values.json) console.log(JSON.stringify({ ok, findings }));
  else for (const finding of findings) print(finding, language);
  return ok ? 0 : 1;
}

function checkGiven(credentials: Credentials, language: Language): Finding[] {
  const missing = missingIn(credentials);
  if (missing.length > 0) return [["missing", explainMissing(missing, language)]];
  return [["given", explainGiven(credentials)]];
}

function checkKey({ privateKey }: Credentials): Finding[] {
  if (privateKey === undefined) return [];
  try {
    readPrivateKey(pemOf(privateKey), privateKey.from);
    const { modulusLength = 0 } = createPrivateKey(pemOf(privateKey)).asymmetricKeyDetails ?? {};
    const isEscaped = pemOf(privateKey) !== privateKey.text && !privateKey.from.startsWith("--");
    return [["readable", modulusLength], ...(isEscaped ? [["escaped"] as const] : [])];
  } catch (error) {
    return [["unreadable", ...inBoth(error as Error)]];
  }
}

const DAY = 86_400_000;

function checkCertificate({ certificate, privateKey, mchid, serialNo }: Credentials, now: number): Finding[] {
  if (certificate === undefined) return [["certificate-not-given"]];
  let x509: X509Certificate;
  try {
    x509 = new X509Certificate(pemOf(certificate));
  } catch {
    return [["certificate-unreadable", certificate.from]];
  }
  const findings: Finding[] = [];
  if (privateKey && !isOfKey(x509, privateKey)) findings.push(["other-key"]);
  const { serialNumber, subject, validTo } = x509;
  if (serialNo && normalizeSerial(serialNo.text.trim()) !== normalizeSerial(serialNumber)) {
    findings.push(["other-serial", serialNumber]);
  }
  // A merchant's certificate has its number as the common name.
  const [, owner] = /^CN=(\d{8,})$/m.exec(subject) ?? [];
  if (owner && mchid && owner !== mchid.text.trim()) findings.push(["other-merchant", owner]);
  const until = new Date(validTo).toISOString().slice(0, 10);
  if (Date.parse(validTo) < now) findings.push(["certificate-expired", until]);
  if (findings.length > 0) return findings;
  return [[Date.parse(validTo) < now + 30 * DAY ? "certificate-expires" : "belongs", until]];
}

function isOfKey(x509: X509Certificate, privateKey: Given): boolean {
  try {
    return x509.checkPrivateKey(createPrivateKey(pemOf(privateKey)));
  } catch {
    // The key itself is what is wrong, and that is said.
    return true;
  }
}

function checkApiV3Key({ apiV3Key }: Credentials): Finding[] {
  if (apiV3Key === undefined) return [["api-v3-key-not-given"]];
  const { length } = toUtf8(apiV3Key.text);
  return length === 32 && !/[\s\p{C}]/u.test(apiV3Key.text) ? [] : [["api-v3-key-length", length]];
}

interface Said {
  check: keyof typeof CHECKS;
  status: Status;
  code: Code;
  message: string;
  advice?: string;
}

function inWords([code, ...values]: Finding, language: Language): Said {
  const [check, status, en, zh] = FINDINGS[code];
  const filled = { en, zh }[language].replace(/\{(\d)\}/g, (_, index) => String(values[index] ?? ""));
  // What to do stands behind the first line, unless the first value has lines of its own.
  const own = String(values[0] ?? "").includes("\n");
  const [message = "", ...advice] = own ? [filled] : filled.split("\n");
  return {
    check,
    status,
    code,
    message: visible(message),
    ...(advice.length > 0 && { advice: visible(advice.join("\n")) }),
  };
}

const MARKS = { ok: ["green", "✓"], warning: ["yellow", "!"], problem: ["red", "✗"], skipped: ["dim", "-"] } as const;

function print({ check, status, message, advice }: Said, language: Language): void {
  const [colour, mark] = MARKS[status];
  const name = CHECKS[check][language];
  const indent = " ".repeat(17);
  const text = [message, ...(advice ? [advice] : [])].join("\n").replaceAll("\n", `\n${indent}`);
  console.log(`${paint(process.stdout, colour, mark)} ${name}${" ".repeat(Math.max(1, 15 - columns(name)))}${text}`);
}
