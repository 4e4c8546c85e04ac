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
  const lines = [
    `curl -sS -X "$METHOD" "$WECHATPAY_BASE_URL$URL"`,
    `-H "Authorization: WECHATPAY2-SHA256-RSA2048 $AUTH"`,
    "-H 'Accept: application/json'",
    ...Object.entries(headers).map(([name, value]) => `-H "${name}: ${value}"`),
    ...(file !== undefined
      ? [`-F "meta=$BODY;type=application/json"`, `-F file=@${quoted(file)}`]
      : sent !== undefined
        ? ["-H 'Content-Type: application/json'", `--data-binary "$BODY"`]
        : []),
  ];
  return say`${START}${encrypts ? ENCRYPT : ""}
METHOD=${method.toUpperCase()}
${urlOf(path, params, sensitive.query)}
${sent === undefined ? "BODY=''" : `BODY=$(cat <<JSON\n${json}\nJSON\n)`}
${SIGN}${lines.join(" \\\n  ")}
`;
}

/** A line for each parameter of the query, for one would be too long. */
function urlOf(path: string, params: RawCall["params"], sensitive: readonly string[]): string {
  const filled = path.replaceAll(/\{([^}]+)\}/g, (_, name: string) => encodeURIComponent(String(params?.path?.[name])));
  const pairs = Object.entries(params?.query ?? {}).flatMap(([name, value]) =>
    [value].flat().map((each) => [name, String(each)] as const),
  );
  const lines = pairs.map(([name, value], i) => {
    const start = `${i === 0 ? "?" : "&"}${encodeURIComponent(name)}=`;
    if (!sensitive.includes(name)) return `URL+=${quoted(start + encodeURIComponent(value))}`;
    return `URL+="${start}$(encrypt ${quoted(value)} | sed 's/+/%2B/g; s/=/%3D/g')"`;
  });
  return [`URL=${quoted(filled)}`, ...lines].join("\n");
}

const hashOf = (file: string) => new Shell(`$(openssl dgst -sha256 -r ${quoted(file)} | cut -c1-64)`);

/** What the shell puts in where it reads the JSON. */
class Shell {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** JSON in a here-document: the shell takes `\`, `$` and the back-tick for its own, and puts in what is encrypted. */
function write(value: unknown, indent: string, at: string[], secret: readonly string[][]): string {
  if (value instanceof Shell) return `"${value.text}"`;
  const fits = (pointer: readonly string[]) =>
    pointer.length === at.length && pointer.every((segment, i) => segment === "*" || segment === at[i]);
  if (typeof value === "string" && secret.some(fits)) return `"$(encrypt ${quoted(value)})"`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value).replaceAll(/[\\$`]/g, "\\$&");
  const isList = Array.isArray(value);
  const [open, close] = isList ? ["[", "]"] : ["{", "}"];
  const deeper = `${indent}  `;
  const rows = Object.entries(value).map(
    ([key, inner]) =>
      `${deeper}${isList ? "" : `${JSON.stringify(key)}: `}${write(inner, deeper, [...at, key], secret)}`,
  );
  return rows.length === 0 ? open + close : `${open}\n${rows.join(",\n")}\n${indent}${close}`;
}

const quoted = (text: string) => (/^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
