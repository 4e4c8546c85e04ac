// What one can copy and run: the same request by openssl and curl, and by this package.

/** What a shell takes for a text: as it is where people can read it, and else with escapes. A shell has no word for U+0000. */
export function quoted(text: string): string | undefined {
  if (text.includes("\0") || text.includes("\uFFFD")) return undefined;
  if (!/[^\P{C}\n]|[\p{Zl}\p{Zp}\u00a0\u3000]/u.test(text)) return `'${text.replaceAll("'", "'\\''")}'`;
  const bytes = new TextEncoder().encode(text);
  const escaped = Array.from(bytes, (byte) =>
    byte >= 0x20 && byte < 0x7f && byte !== 0x27 && byte !== 0x5c
      ? String.fromCharCode(byte)
      : `\\x${byte.toString(16).padStart(2, "0")}`,
  );
  return `$'${escaped.join("")}'`;
}

const SIGN = "openssl dgst -sha256 -sign apiclient_key.pem | openssl base64 -A";

/** Signs a message, for bash or zsh; `undefined` where no shell can be given it. */
export function opensslCommand(message: string): string | undefined {
  const lines = message.split("\n");
  // The message ends with a line feed, which printf adds to each of its lines.
  const isClosed = lines.length > 1 && lines.at(-1) === "";
  const parts = isClosed ? [...lines.slice(0, 4), lines.slice(4, -1).join("\n")] : [message];
  const words = parts.map(quoted);
  if (words.includes(undefined)) return undefined;
  return `printf '${isClosed ? "%s\\n" : "%s"}' ${words.join(" ")} |\n  ${SIGN}`;
}

/** A request as far as it can be made anew. */
export interface Sent {
  method: string;
  /** Path and query. */
  path: string;
  /** As sent; empty where there is none. */
  body: string;
  /** `Wechatpay-Serial`. */
  serial?: string | undefined;
}

/** The merchant. */
export interface Signer {
  mchid: string;
  serialNo: string;
}

/** A script that signs a request now and sends it; `undefined` where no shell can be given its body, or curl its path. */
export function curlScript({ method, path, body, serial }: Sent, { mchid, serialNo }: Signer, origin: string) {
  const [url, sent] = [quoted(path), quoted(body)];
  if (url === undefined || sent === undefined || path.includes("#")) return undefined;
  const headers = [
    `'Accept: application/json'`,
    ...(body === "" ? [] : [`'Content-Type: application/json'`]),
    ...(serial === undefined ? [] : [quoted(`Wechatpay-Serial: ${serial}`)]),
  ];
  return `# Needs the merchant's private key in apiclient_key.pem.
method=${quoted(method)}
url=${url}
body=${sent}
timestamp=$(date +%s)
nonce=$(openssl rand -hex 16)
signature=$(printf '%s\\n' "$method" "$url" "$timestamp" "$nonce" "$body" |
  ${SIGN})
authorization="mchid=\\"${mchid}\\",nonce_str=\\"$nonce\\",timestamp=\\"$timestamp\\",serial_no=\\"${serialNo}\\",signature=\\"$signature\\""
curl -sS -g --path-as-is -X "$method" "${origin}$url" \\
  -H "Authorization: WECHATPAY2-SHA256-RSA2048 $authorization" \\
${headers.map((header) => `  -H ${header}`).join(" \\\n")}${body === "" ? "" : ' \\\n  --data-raw "$body"'}
`;
}

/** The call of this package's client, by path. @param template such as `/v3/pay/transactions/{id}` */
export function clientCode(method: string, path: string, template: string, body: unknown): string {
  const [pathname = "", search = ""] = path.split("?");
  const params = {
    path: pathParameters(pathname, template),
    query: Object.fromEntries(new URLSearchParams(search)),
  };
  const given = Object.entries(params).filter(([, values]) => Object.keys(values).length > 0);
  const init = {
    ...(given.length > 0 && { params: Object.fromEntries(given) }),
    ...(body !== undefined && { body }),
  };
  const argument = Object.keys(init).length === 0 ? "" : `, ${literal(init)}`;
  return `const { data, error } = await wechatpay.${method}(${JSON.stringify(template)}${argument});\n`;
}

function pathParameters(path: string, template: string): Record<string, string> {
  const values = path.split("/");
  return Object.fromEntries(
    template.split("/").flatMap((segment, index) => {
      const [, name] = /^\{(.+)\}$/.exec(segment) ?? [];
      return name === undefined ? [] : [[name, decoded(values[index] ?? "")]];
    }),
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** JSON as people write it in TypeScript: names without quotes where they need none. */
const literal = (value: unknown) =>
  JSON.stringify(value, undefined, 2)
    .replace(/^(\s*)"([A-Za-z_$][\w$]*)":/gm, "$1$2:")
    // Written alone, it would be the prototype.
    .replace(/^(\s*)__proto__:/gm, '$1["__proto__"]:');
