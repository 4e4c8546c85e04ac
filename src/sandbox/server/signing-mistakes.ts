import { createHash } from "node:crypto";
import { type Bytes, hex, toBase64, toUtf8 } from "../../bytes.js";
import { SCHEME } from "../../wire/sign.js";
import { parseAuthorization } from "./authorization.js";
import type { SandboxRequest } from "./http.js";
import { asItIs, ESCAPES, LAYOUTS, parse, serializations, sorted, spaced, TOKENS } from "./serializations.js";

/** A message that may have been signed, in its parts: five lines, how they are joined, and what is then done to the text. */
export interface Draft {
  method: string;
  url: string;
  timestamp: string;
  nonce: string;
  body: string;
  layout: (lines: string[]) => string;
  finish: (text: string) => string | Bytes;
}

type Change<Part extends keyof Draft> = (right: Draft, request: SandboxRequest) => Iterable<Draft[Part]>;

/** A way to sign another message than the one that WeChat Pay expects. */
export type SigningMistake = {
  [Part in keyof Draft]: {
    part: Part;
    /** What is wrong and what to do: a clause that can stand beside others. */
    zh: string;
    en: string;
    /** What the part may have been. Also tried together with a mistake in another part. */
    change?: Change<Part>;
    /** Rare or many further values. Tried after those, without another mistake. */
    alone?: Change<Part>;
  };
}[keyof Draft];

/** Each line closed by LF. */
export const closed = (lines: string[]) => lines.map((line) => `${line}\n`).join("");

/** Node's, since WebCrypto takes ten times as long for thousands of short messages. */
export function sha256(message: string | Bytes): Bytes {
  return new Uint8Array(createHash("sha256").update(message).digest());
}

/** The most fields of an object that is tried without each of them. */
const MOST_FIELDS = 100;
/** How languages write a missing value. */
const UNSET = ["", "undefined", "null", "None", "nil"];
const ORIGINS = ["https://api.mch.weixin.qq.com", "https://api2.mch.weixin.qq.com"];
const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];

/** The usual ones first. */
export const MISTAKES: SigningMistake[] = [
  {
    part: "body",
    zh: "请求报文主体没有参与签名，签名串第五行应为实际发送的请求报文主体",
    en: "the body was not signed: the fifth line must be exactly the body that is sent",
    change: () => [""],
  },
  {
    part: "body",
    zh: "签名串第五行是占位文本或查询参数，应为实际发送的请求报文主体，没有请求报文主体时为空行",
    en: "a placeholder was signed instead of the body: the fifth line must be exactly the body that is sent, or empty where there is none",
    change({ url }) {
      const query = url.split("?")[1] ?? "";
      const asJson = JSON.stringify(Object.fromEntries(new URLSearchParams(query)));
      return [...UNSET, "{}", "[]", '""', "[object Object]", query, asJson];
    },
  },
  {
    part: "body",
    zh: "签名与发送的请求报文主体首尾的空白、换行符或BOM不同，或签名串末尾多了一个换行符，签名与发送应为同一串字节，其后只加一个换行符",
    en: "the signed body differs in white space at its ends, in line breaks or in a byte order mark: sign the bytes that are sent, with one line feed after them",
    *change({ body }) {
      yield* [`${body}\n`, body.replace(/\r?\n$/, ""), body.trim()];
      yield* [`${body}\r\n`, body.replaceAll("\r\n", "\n"), body.replace(/\r?\n/g, "\r\n")];
      yield* [body.replace(/^\uFEFF/, ""), `\uFEFF${body}`];
    },
  },
  {
    part: "body",
    zh: "请求报文主体序列化了两次，签名与发送的文本不同（空格、缩进、转义、字段顺序），请只序列化一次，发送被签名的那个字符串",
    en: "the body was serialized twice, for signing and for sending: serialize it once, and send the text that was signed",
    change: ({ body }) => serializations(body, [asItIs], ESCAPES.slice(0, 4)),
    alone: ({ body }) => serializations(body, [asItIs, sorted], ESCAPES),
  },
  {
    part: "body",
    zh: "签名的不是所发送的JSON，而是对象的其他文本形式，请签名实际发送的字符串",
    en: "another text of the object was signed, not the JSON: sign exactly the text that is sent",
    *change({ body }) {
      const value = parse(body);
      if (typeof value === "string") yield value;
      yield* [JSON.stringify(body), String(new URLSearchParams(value as Record<string, string>))];
      yield* [encodeURIComponent(body), toBase64(toUtf8(body))];
      // Python's str() of a dict, and Java's toString() of a Map.
      const python = new Map(Object.entries({ true: "True", false: "False", null: "None" }));
      const json = JSON.stringify(value);
      yield spaced(json).replace(TOKENS, (all, text) => (text === undefined ? (python.get(all) ?? all) : `'${text}'`));
      yield json.replace(TOKENS, (all, text) => text ?? (all === ":" ? "=" : all === "," ? ", " : all));
    },
  },
  {
    part: "body",
    zh: "签名与发送的请求报文主体字符编码不同，两者都应为UTF-8",
    en: "the body was signed in another character encoding than it was sent in: use UTF-8 for both",
    *change({ body }, request) {
      // Java's ISO-8859-1, UTF-8 that was read as such, GBK that was sent, and the two forms of an accented character.
      yield body.replace(/[\u{80}-\u{10ffff}]/gu, "?");
      yield Array.from(request.covered, (byte) => String.fromCharCode(byte)).join("");
      yield* [new TextDecoder("gbk").decode(request.covered), body.normalize("NFC"), body.normalize("NFD")];
    },
  },
  {
    part: "body",
    zh: "签名的请求报文主体少一个字段，请在签名之前组装好全部字段，签名之后不再改动",
    en: "the body was signed without one of its fields: complete it, sign it, and do not change it afterwards",
    *alone({ body }) {
      const fields = Object.entries(parse(body) as object);
      if (fields.length > MOST_FIELDS) return;
      for (const left of fields.keys())
        for (const layout of LAYOUTS.slice(0, 2)) yield layout(Object.fromEntries(fields.toSpliced(left, 1)));
    },
  },
  {
    part: "url",
    zh: "URL应去除协议和域名，只签名以/开头的路径和查询参数",
    en: "the URL was signed with its host: sign only path and query",
    change: ({ url }, { headers }) =>
      [...ORIGINS, `http://${headers.get("Host")}`, `https://${headers.get("Host")}`].flatMap((origin) => [
        origin + url,
        origin.replace(/^https?:\/\//, "") + url,
      ]),
  },
  {
    part: "url",
    zh: "查询参数没有参与签名，URL应包含问号和完整的查询参数",
    en: "the query was not signed: sign the path with ? and the query",
    change: ({ url }) => url.split("?", 1),
  },
  {
    part: "url",
    zh: "签名的路径不完整或斜杠不同，应与实际请求的完全一致",
    en: "the signed path is incomplete or has other slashes: sign it as it is sent",
    change: ({ url }) => [
      ...[url.slice(1), `/${url}`, url.replace(/^\/[^/]+/, ""), url.replace(/^\/[^/]+\//, ""), `/v3${url}`],
      ...[url.replace(/(?=\?)|$/, "/"), url.replace(/\/(?=\?)|\/$/, ""), `${url}?`],
    ],
  },
  {
    part: "url",
    zh: "签名的URL与发送的编码不同，应为实际发送的、编码之后的URL",
    en: "the URL was signed in another encoding than it was sent in: sign the final, percent-encoded URL",
    *change({ url }) {
      const [path = "", query = ""] = url.split("?");
      const pairs = [...new URLSearchParams(query)];
      const encoded = pairs.map((pair) => pair.map(encodeURIComponent).join("=")).join("&");
      const strict = encoded.replace(/[!'()*]/g, (mark) => `%${hex(toUtf8(mark)).toUpperCase()}`);
      const raw = pairs.map((pair) => pair.join("=")).join("&");
      const queries = [String(new URLSearchParams(query)), encoded, strict, encoded.replaceAll("%20", "+"), raw];
      if (query !== "") yield* queries.map((other) => `${path}?${other}`);
      yield* [url.replaceAll("+", "%20"), url.replaceAll("%20", "+"), url.replaceAll("&", "&amp;")];
      yield* [url.replace(/%../g, (code) => code.toLowerCase()), url.replace(/%../g, (code) => code.toUpperCase())];
      yield* [encodeURI(url), encodeURIComponent(url)];
      yield* [decodeURIComponent(path) + url.slice(path.length), decodeURI(url), decodeURIComponent(url)];
    },
  },
  {
    part: "url",
    zh: "签名与发送的查询参数顺序或数量不同，应为最终发送的URL",
    en: "the query was signed with its parameters in another order, or without one of them: sign the final URL",
    change({ url }) {
      const [path, query] = url.split("?");
      const pairs = query?.split("&") ?? [];
      const others = [
        pairs.toSorted(),
        pairs.toReversed(),
        ...pairs.slice(0, 20).map((_, index) => pairs.toSpliced(index, 1)),
      ];
      return pairs.length < 2 ? [] : others.map((some) => `${path}?${some.join("&")}`);
    },
  },
  {
    part: "method",
    zh: "请求方法应为实际使用的方法，并且大写",
    en: "the method is signed as it is sent, in upper case",
    change: ({ method }) => [method.toLowerCase(), method[0] + method.slice(1).toLowerCase(), ...METHODS],
  },
  {
    part: "timestamp",
    zh: "签名串与Authorization头的时间戳不同，请只取一次当前时间，两处使用同一个值",
    en: "the signed timestamp is not the one in Authorization: read the clock once and use that value for both",
    change: ({ timestamp }) => [1, -1, 2, -2, -28_800, 28_800].map((seconds) => String(Number(timestamp) + seconds)),
    alone: ({ timestamp }) => Array.from({ length: 601 }, (_, index) => String(Number(timestamp) + index - 300)),
  },
  {
    part: "timestamp",
    zh: "签名串的时间戳格式不对，应与Authorization头一致，为以秒为单位的Unix时间戳",
    en: "the timestamp was signed in another form: sign the Unix time in seconds, as in Authorization",
    change({ timestamp }) {
      const [utc = "", beijing = ""] = [0, 28_800].map((offset) =>
        new Date((Number(timestamp) + offset) * 1000).toISOString().replace(".000Z", ""),
      );
      const v2 = [beijing, utc].map((time) => time.replace(/\D/g, ""));
      return [`${timestamp}000`, `${utc}.000Z`, `${utc}Z`, `${beijing}+08:00`, ...v2];
    },
    alone: ({ timestamp }) => Array.from({ length: 1000 }, (_, ms) => timestamp + String(ms).padStart(3, "0")),
  },
  {
    part: "nonce",
    zh: "签名串与Authorization头的随机串不同（大小写或连字符），两处应使用同一个值",
    en: "the nonce was signed in another form than in Authorization: use the same text for both",
    change({ nonce }) {
      const uuid = nonce.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
      return [nonce, uuid, nonce.replaceAll("-", "")].flatMap((form) => [form, form.toLowerCase(), form.toUpperCase()]);
    },
  },
  {
    part: "layout",
    zh: "签名串最后缺少换行符，包括最后一行在内的每一行都应以换行符结尾，即使请求报文主体为空",
    en: "the last line feed is missing: every line ends with one, even where the body is empty",
    change: () => [(lines) => lines.join("\n"), (lines) => closed(lines).trimEnd()],
  },
  {
    part: "layout",
    zh: "签名串的换行符不对，每一行应以一个换行符\\n（0x0A）结尾，没有缩进和多余的空行",
    en: "the lines do not end with one line feed each: end each with \\n (0x0A), without indentation or further lines",
    *change() {
      for (const end of ["\r\n", "\\n", ""]) yield* [(lines) => lines.map((line) => line + end).join(""), joined(end)];
      yield* [
        (lines) => `${closed(lines)}\n`,
        (lines) => `\n${closed(lines)}`,
        ...[" ", ",", "&", "|", "\r"].map(joined),
      ];
    },
    alone: () =>
      [1, 2, 3, 4, 6, 8].map((width) => (lines) => closed(lines).replace(/\n(?=.)/g, `\n${" ".repeat(width)}`)),
  },
  {
    part: "layout",
    zh: "签名串的各行不对，应依次为请求方法、URL、时间戳、随机串、请求报文主体",
    en: "the lines are not the five expected ones: method, URL, timestamp, nonce and body, in that order",
    // A reply's lines; one line alone; any order; a line that is missing or has no value; one too many.
    change: () => [(lines) => closed(lines.slice(2))],
    *alone(_, { headers }) {
      const places = [0, 1, 2, 3, 4];
      for (const at of [4, 1]) yield* [(lines) => lines[at] as string, (lines) => `${lines[at]}\n`];
      for (const order of orders(places)) yield (lines) => closed(order.map((at) => lines[at] as string));
      for (const at of places) yield (lines) => closed(lines.toSpliced(at, 1));
      for (const at of places) for (const value of UNSET) yield (lines) => closed(lines.with(at, value));
      const { mchid = "", serialNo = "" } = parseAuthorization(headers.get("Authorization") ?? "") ?? {};
      for (const line of [mchid, serialNo, SCHEME])
        for (const at of [...places, 5]) yield (lines) => closed(lines.toSpliced(at, 0, line));
    },
  },
  {
    part: "finish",
    zh: "先计算了哈希值或做了编码再签名，请直接对签名串签名：SHA256 with RSA自己会计算哈希",
    en: "the message was hashed or encoded before it was signed: sign the message itself, the algorithm hashes it",
    change: () => [
      ...[(text: string) => hex(sha256(text)), (text: string) => hex(sha256(text)).toUpperCase()],
      ...[(text: string) => toBase64(sha256(text)), sha256, (text: string) => toBase64(toUtf8(text))],
      ...[(text: string) => hex(toUtf8(text)), JSON.stringify],
    ],
  },
];

const joined = (mark: string) => (lines: string[]) => lines.join(mark);

/** Every order of the numbers. */
function orders(numbers: number[]): number[][] {
  if (numbers.length < 2) return [numbers];
  return numbers.flatMap((first, at) => orders(numbers.toSpliced(at, 1)).map((others) => [first, ...others]));
}
