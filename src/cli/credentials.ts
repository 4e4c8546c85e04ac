import { parseEnv } from "node:util";
import { readPublicKey } from "../keys/pem.js";
import type { WeChatPayClientOptions } from "../options.js";
import type { Command, Language, Texts, Values } from "./command.js";
import { readIfThere } from "./files.js";

/**
 * What a command is told of the merchant. `WECHATPAY_<name>` holds it, in the environment or in `.env`; of a file, `WECHATPAY_<name>_FILE`
 * holds the path, and so does its flag: a secret on a command line is in the shell's history.
 */
const NAMES = {
  mchid: ["MCHID", "text", "商户号", "the merchant number"],
  serialNo: ["SERIAL_NO", "text", "商户API证书序列号", "the serial of the merchant API certificate"],
  privateKey: ["PRIVATE_KEY", "file", "商户API私钥，apiclient_key.pem 的内容", "the text of apiclient_key.pem"],
  certificate: ["CERTIFICATE", "file", "商户API证书，apiclient_cert.pem 的内容", "the text of apiclient_cert.pem"],
  platformKeyId: ["PLATFORM_KEY_ID", "text", "微信支付公钥ID，PUB_KEY_ID_…", "the public key's ID, PUB_KEY_ID_…"],
  platformKey: ["PLATFORM_KEY", "file", "微信支付公钥，pub_key.pem 的内容", "the text of pub_key.pem"],
  apiV3Key: ["API_V3_KEY", "file", "APIv3密钥，32 个字符", "the APIv3 key, 32 characters"],
  baseUrl: ["BASE_URL", "text", "服务器地址", "the server"],
} as const;

export type CredentialName = keyof typeof NAMES;
const ENTRIES = Object.entries(NAMES) as [CredentialName, (typeof NAMES)[CredentialName]][];

/** A credential as it was given, and where. */
export interface Given {
  readonly text: string;
  /** The flag, or the variable and the file. */
  readonly from: string;
}
export type Credentials = Readonly<Partial<Record<CredentialName, Given>>>;

const variableOf = (name: CredentialName) => `WECHATPAY_${NAMES[name][0]}`;
const flagOf = ([name, kind]: readonly [string, string, ...string[]]) =>
  name.toLowerCase().replaceAll("_", "-") + (kind === "file" ? "-file" : "");

/** Their flags, beside `--env`. */
export const CREDENTIAL_FLAGS: Command["options"] = {
  env: { type: "string" },
  ...Object.fromEntries(ENTRIES.map(([, row]) => [flagOf(row), { type: "string" as const }])),
};

/** For the help of each command that takes them. */
export const CREDENTIAL_HELP: Texts = {
  en: `
Credentials are read from flags, else from the environment, else from .env:
  WECHATPAY_MCHID            --mchid             the merchant number
  WECHATPAY_SERIAL_NO        --serial-no         serial of apiclient_cert.pem
  WECHATPAY_PRIVATE_KEY      --private-key-file  apiclient_key.pem
  WECHATPAY_CERTIFICATE      --certificate-file  apiclient_cert.pem, for doctor
  WECHATPAY_PLATFORM_KEY_ID  --platform-key-id   PUB_KEY_ID_…
  WECHATPAY_PLATFORM_KEY     --platform-key-file pub_key.pem, or certificates
  WECHATPAY_API_V3_KEY       --api-v3-key-file   the APIv3 key
  WECHATPAY_BASE_URL         --base-url          default WeChat Pay's own
A variable holds the text; with _FILE at its end, the path of a file.
  --env  another file than .env
`,
  zh: `
密钥等依次取自参数、环境变量、.env 文件：
  WECHATPAY_MCHID            --mchid             商户号
  WECHATPAY_SERIAL_NO        --serial-no         apiclient_cert.pem 的序列号
  WECHATPAY_PRIVATE_KEY      --private-key-file  apiclient_key.pem
  WECHATPAY_CERTIFICATE      --certificate-file  apiclient_cert.pem
  WECHATPAY_PLATFORM_KEY_ID  --platform-key-id   PUB_KEY_ID_…
  WECHATPAY_PLATFORM_KEY     --platform-key-file pub_key.pem，或平台证书
  WECHATPAY_API_V3_KEY       --api-v3-key-file   APIv3 密钥
  WECHATPAY_BASE_URL         --base-url          默认为微信支付的服务器
变量的值是内容本身；变量名以 _FILE 结尾时，值是文件路径。
  --env  不用 .env，而用另一个文件
`,
};

/** Reads what there is. @throws {TypeError} naming the flag or the variable whose file cannot be read. */
export async function readCredentials(values: Values, environment: NodeJS.ProcessEnv): Promise<Credentials> {
  const file = (values.env as string | undefined) ?? ".env";
  const dotenv = await readIfThere(file);
  if (dotenv === undefined && values.env !== undefined) {
    throw new TypeError(`--env: there is no file ${JSON.stringify(file)}.`);
  }
  const places: readonly [Record<string, string | undefined>, where: string][] = [
    [environment, ""],
    [parseEnv(dotenv ?? "") as Record<string, string>, ` (${file})`],
  ];
  const found = ENTRIES.map(async ([name, row]): Promise<[CredentialName, Given | undefined]> => {
    const flag = values[flagOf(row)] as string | undefined;
    if (flag !== undefined) {
      const from = `--${flagOf(row)}`;
      return [name, { text: row[1] === "file" ? await readNamed(from, flag) : flag, from }];
    }
    for (const [variables, where] of places) {
      const variable = variableOf(name);
      const [text, path] = [variables[variable], row[1] === "file" && variables[`${variable}_FILE`]];
      if (text && path) {
        throw new TypeError(`${variable} and ${variable}_FILE are both set${where}: take one of them away.`);
      }
      if (path) return [name, { text: await readNamed(`${variable}_FILE${where}`, path), from: variable + where }];
      if (text) return [name, { text, from: variable + where }];
    }
    return [name, undefined];
  });
  return Object.fromEntries((await Promise.all(found)).filter(([, given]) => given !== undefined));
}

/** The text of a file. What was given as its path is not repeated: it may be the secret itself. */
async function readNamed(from: string, path: string): Promise<string> {
  if (/-----|[\r\n]/.test(path)) throw new TypeError(`${from} must be the path of a file, and is a text.`);
  const text = await readIfThere(path).catch((error: Error) => {
    throw new TypeError(`${from} names a file that${error.message.slice(path.length)}`);
  });
  if (text === undefined) {
    throw new TypeError(`${from} names a file that is not there. A path is read from the folder that you are in.`);
  }
  // Editors end a file with a line end.
  return text.trim();
}

/** A PEM, its line ends written as `\n` or not. */
export const pemOf = ({ text }: Given): string => text.replaceAll("\\r", "").replaceAll("\\n", "\n");

/** WeChat Pay's keys by their serial. A certificate names itself, a public key is named by its ID; there may be several. */
export function platformKeysOf({ platformKey, platformKeyId }: Credentials): Record<string, string> | undefined {
  if (platformKey === undefined) return undefined;
  const blocks = pemOf(platformKey).match(/-----BEGIN ([^-]*)-----[^-]*-----END \1-----/g) ?? [];
  const isAlone = blocks.length < 2;
  const entries = (isAlone ? [pemOf(platformKey)] : blocks).map((pem) => {
    const isCertificate = pem.includes("-----BEGIN CERTIFICATE-----");
    if (platformKeyId && (isAlone || !isCertificate)) return [platformKeyId.text, pem];
    const { certificate } = readPublicKey(pem, platformKey.from);
    if (certificate) return [certificate.serialNo, pem];
    throw new TypeError(
      `${variableOf("platformKeyId")} is missing: the ID that 商户平台 → API安全 shows beside the public key, PUB_KEY_ID_….`,
    );
  });
  return Object.fromEntries(entries);
}

/** What was given, by the place that it was found in. */
export function explainGiven(credentials: Credentials): string {
  const places = new Map<string, string[]>();
  for (const { from } of Object.values(credentials)) {
    const [, name = "", place = from.startsWith("--") ? "" : "env"] = /^(.*?)(?: \((.*)\))?$/s.exec(from) ?? [];
    places.set(place, [...(places.get(place) ?? []), name.replace(/^WECHATPAY_/, "")]);
  }
  return Array.from(places, ([place, names]) => `${place && `${place}: `}${names.join(", ")}`).join("; ");
}

/** Which of the needed ones are missing. Either of WeChat Pay's key and the APIv3 key will do. */
export function missingIn(credentials: Credentials): CredentialName[] {
  const needed: CredentialName[] = ["mchid", "serialNo", "privateKey"];
  const platform: CredentialName[] =
    credentials.platformKey || credentials.apiV3Key ? [] : ["platformKeyId", "platformKey"];
  return [...needed, ...platform].filter((name) => credentials[name] === undefined);
}

/** Lines that say what is missing. */
export function explainMissing(missing: readonly CredentialName[], language: Language): string {
  const line = (name: CredentialName) => {
    const [, , zh, en] = NAMES[name];
    return `  ${variableOf(name).padEnd(25)} ${{ zh, en }[language]}`;
  };
  const head = {
    en: "These are in no flag, not in the environment and not in .env:",
    zh: "以下各项在参数、环境变量和 .env 中都没有：",
  };
  return `${head[language]}\n${missing.map(line).join("\n")}`;
}

/** The options of a client. @throws {TypeError} that lists what is missing. */
export function clientOptions(credentials: Credentials, language: Language): WeChatPayClientOptions {
  const missing = missingIn(credentials);
  if (missing.length > 0) throw new TypeError(explainMissing(missing, language));
  const { mchid, serialNo, privateKey, apiV3Key, baseUrl } = credentials as Required<Credentials>;
  return {
    mchid: mchid.text,
    serialNo: serialNo.text,
    privateKey: pemOf(privateKey),
    platformKeys: platformKeysOf(credentials),
    apiV3Key: (apiV3Key as Given | undefined)?.text,
    baseUrl: (baseUrl as Given | undefined)?.text,
  };
}
