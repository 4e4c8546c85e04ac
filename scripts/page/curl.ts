// A call without a client: a script for bash, with the message that is signed spelled out.
import { parsePointer } from "../../src/json-pointer.js";
import { say, type Text } from "./languages.js";

/** A call, the fields of its body and the parameters of its query that are encrypted, and the other headers that it has. */
export interface RawCall {
  method: string;
  path: string;
  params?: { path?: Record<string, unknown>; query?: Record<string, unknown> } | undefined;
  body?: unknown;
  /** The name of the file that is uploaded, with the `body` as its `meta`. */
  file?: string | undefined;
  /** As JSON pointers, in which `*` is any item. */
  sensitive: { body: readonly string[]; query: readonly string[] };
  headers: Record<string, string>;
}

const START = say`# ${{
  zh: "先启动沙箱，它写出密钥：",
  en: "Start the sandbox first, which writes the keys:",
}}
#   npx --no wechatpay sandbox --keys keys --env .env
source .env
`;
const ENCRYPT = say`
# ${{ zh: "加密字段：以微信支付公钥加密，RSA-OAEP", en: "Encrypted fields: RSA-OAEP with WeChat Pay's public key" }}
encrypt() {
  printf %s "$1" |
    openssl pkeyutl -encrypt -pubin -inkey keys/pub_key.pem \\
      -pkeyopt rsa_padding_mode:oaep |
    openssl base64 -A
}
`;
const SIGN = say`
# ${{ zh: "待签名串：五行，每行都以换行符结尾", en: "The message: five lines, each closed by a line feed" }}
TIMESTAMP=$(date +%s)
NONCE=$(openssl rand -hex 16)
SIGNATURE=$(
  printf '%s\\n' \\
    "$METHOD" \\
    "$URL" \\
    "$TIMESTAMP" \\
    "$NONCE" \\
    "$BODY" |
    openssl dgst -sha256 -sign keys/apiclient_key.pem |
    openssl base64 -A
)

AUTH="mchid=\\"$WECHATPAY_MCHID\\",nonce_str=\\"$NONCE\\""
AUTH+=",timestamp=\\"$TIMESTAMP\\",signature=\\"$SIGNATURE\\""
AUTH+=",serial_no=\\"$WECHATPAY_SERIAL_NO\\""

# ${{ zh: "应答的签名也须验证", en: "The signature of the response has to be verified, too" }}
`;

export function curlSample({ method, path, params, body, file, sensitive, headers }: RawCall): Text {
  const hash = file !== undefined && Object(body).sha256 !== undefined && { sha256: hashOf(file) };
  const sent = hash ? { ...Object(body), ...hash } : body;
  const secret = file === undefined ? sensitive.body.map(parsePointer) : [];
  const encrypts = secret.length > 0 || sensitive.query.length > 0;
  const json = sent === undefined ? "" : write(sent, "", [], secret);
  const url = pathOf(path, params?.path);
  const lines = [
    `curl -sS ${GLOB.test(url) ? "-g --path-as-is " : ""}-X "$METHOD" "$WECHATPAY_BASE_URL$URL"`,
    `-H "Authorization: WECHATPAY2-SHA256-RSA2048 $AUTH"`,
    "-H 'Accept: application/json'",
    ...Object.entries(headers).flatMap(headerLine),
    ...(file !== undefined
      ? ["-F 'meta=<-;type=application/json'", `-F ${quoted(`file=@${formFile(file)}`)}`]
      : sent !== undefined
        ? ["-H 'Content-Type: application/json'", `--data-raw "$BODY"`]
        : []),
  ];
  // As an argument, the form would end at a `;` in it.
  if (file !== undefined) lines[0] = `printf %s "$BODY" |\n  ${lines[0]}`;
  return say`${START}${encrypts ? ENCRYPT : ""}
METHOD=${quoted(method.toUpperCase())}
${urlOf(url, params, sensitive.query)}
BODY='${json}'
${SIGN}${lines.join(" \\\n  ")}
`;
}

/** What curl itself would take for several addresses, or for a shorter one. */
const GLOB = /[[\]{}]|\/(?:\.|%2e){1,2}(?:\/|$)/i;

/** It begins with `/`, or else it would go on with the name of the host. */
const pathOf = (path: string, values: Record<string, unknown> = {}) =>
  path
    .replaceAll(/\{([^}]+)\}/g, (_, name: string) => encodeURIComponent(String(values[name])))
    .replace(/^(?!\/)/, "/");

/** None where HTTP has no such header. Our own value alone is put in by the shell. */
function headerLine([name, value]: [string, string]): string[] {
  if (name === "Wechatpay-Serial") return [`-H "${name}: $WECHATPAY_PLATFORM_KEY_ID"`];
  const line = `${name}: ${value}`;
  return /^[\w!#$%&'*+.^`|~-]+: \P{Cc}*$/u.test(line) ? [`-H ${quoted(line)}`] : [];
}

/** A line for each parameter of the query, for one would be too long. */
function urlOf(path: string, params: RawCall["params"], sensitive: readonly string[]): string {
  const pairs = Object.entries(params?.query ?? {}).flatMap(([name, value]) =>
    [value].flat().map((each) => [name, String(each)] as const),
  );
  const lines = pairs.map(([name, value], i) => {
    const start = `${i === 0 ? "?" : "&"}${encodeURIComponent(name)}=`;
    if (!sensitive.includes(name)) return `URL+=${quoted(start + encodeURIComponent(value))}`;
    return `URL+=${quoted(start)}"$(encrypt ${quoted(value)} | sed 's/+/%2B/g; s/=/%3D/g')"`;
  });
  return [`URL=${quoted(path)}`, ...lines].join("\n");
}

/** A name that no command takes for an option, or for its own input. */
const fileName = (file: string) => (file.startsWith("-") ? `./${file}` : file);
const hashOf = (file: string) => new Shell(`$(openssl dgst -sha256 -r ${quoted(fileName(file))} | cut -c1-64)`);
/** curl takes `;` and `,` for its own, outside quotes. */
const formFile = (file: string) =>
  PLAIN.test(file) ? fileName(file) : `"${fileName(file).replaceAll(/[\\"]/g, "\\$&")}"`;

/** What the shell puts in where it reads the JSON. */
class Shell {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** JSON between single quotes, in which the shell takes nothing for its own; what is encrypted stands between two such texts. */
function write(value: unknown, indent: string, at: string[], secret: readonly string[][]): string {
  if (value instanceof Shell) return `"'"${value.text}"'"`;
  const fits = (pointer: readonly string[]) =>
    pointer.length === at.length && pointer.every((segment, i) => segment === "*" || segment === at[i]);
  if (typeof value === "string" && secret.some(fits)) return `"'"$(encrypt ${quoted(value)})"'"`;
  if (typeof value !== "object" || value === null) return inQuotes(jsonOf(value));
  const isList = Array.isArray(value);
  const [open, close] = isList ? ["[", "]"] : ["{", "}"];
  const deeper = `${indent}  `;
  const rows = Object.entries(value).map(
    ([key, inner]) =>
      `${deeper}${isList ? "" : `${inQuotes(jsonOf(key))}: `}${write(inner, deeper, [...at, key], secret)}`,
  );
  return rows.length === 0 ? open + close : `${open}\n${rows.join(",\n")}\n${indent}${close}`;
}

const PLAIN = /^[\w./-]+$/;
const inQuotes = (text: string) => text.replaceAll("'", `'\\''`);
const jsonOf = (value: unknown) =>
  JSON.stringify(value).replaceAll(/\p{Cc}/gu, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** A word of bash. A terminal acts on control characters that are pasted, even between quotes. */
function quoted(text: string): string {
  if (PLAIN.test(text)) return text;
  if (!/\p{Cc}/u.test(text)) return `'${inQuotes(text)}'`;
  const bytes = (each: string) => Buffer.from(each).toString("hex").replaceAll(/../g, "\\x$&");
  return `$'${text.replaceAll(/[\\']/g, "\\$&").replaceAll(/\p{Cc}/gu, bytes)}'`;
}
