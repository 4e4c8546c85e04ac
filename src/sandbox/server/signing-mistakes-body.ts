import { toBase64, toUtf8 } from "../../bytes.js";
import { asItIs, ESCAPES, LAYOUTS, parse, reversed, serializations, sorted, spaced, TOKENS } from "./serializations.js";
import type { SigningMistake } from "./signing-mistake.js";

/** The most fields of an object that is tried without each of them. */
const MOST_FIELDS = 100;

const SENT_BODY = {
  zh: "签名串第五行应为实际发送的请求体，没有请求体时为空行。",
  en: "Line 5 must be exactly the body that is sent, or empty where there is none.",
};

const ONCE = {
  zh: "请只序列化一次，并发送被签名的那个字符串（空格、缩进、转义、字段顺序都要一致）。",
  en: "Serialize it once, and send the text that was signed: blanks, indents, escapes and the order of fields count.",
};
const SERIALIZE_ONCE = [
  "- sign(method, url, timestamp, nonce, JSON.stringify(data))",
  "- send({ json: data })",
  "+ const body = JSON.stringify(data)",
  "+ sign(method, url, timestamp, nonce, body)",
  "+ send({ body })",
].join("\n");

const RIGHT = '+ sign(method, url, timestamp, nonce, body ?? "")';

/** What languages write for no body, or for one that is not a text. */
function placeholder(text: string): SigningMistake<"body">[] {
  const fix = `- sign(method, url, timestamp, nonce, ${/\W/.test(text) ? JSON.stringify(text) : "String(body)"})`;
  return [
    {
      part: "body",
      what: { zh: `第五行签的是 ${text}，应为空`, en: `line 5 was signed as ${text}; it must be empty` },
      advice: { zh: "没有请求体时，签名串第五行为空行。", en: "Where there is no body, line 5 is an empty line." },
      fix: `${fix}\n${/\W/.test(text) ? '+ sign(method, url, timestamp, nonce, "")' : RIGHT}`,
      change: ({ body }) => (body === "" ? [text] : []),
    },
    {
      part: "body",
      what: { zh: `第五行签的是 ${text}，应为请求体`, en: `line 5 was signed as ${text}; it must be the body` },
      advice: SENT_BODY,
      fix: `- sign(method, url, timestamp, nonce, ${JSON.stringify(text)})\n+ sign(method, url, timestamp, nonce, body)`,
      change: ({ body }) => (body === "" ? [] : [text]),
    },
  ];
}

/** Mistakes in the fifth line, the usual ones first. */
export const BODY_MISTAKES: SigningMistake<"body">[] = [
  {
    part: "body",
    what: { zh: "请求体没有参与签名", en: "the body was not signed" },
    advice: SENT_BODY,
    fix: '- sign(method, url, timestamp, nonce, "")\n+ sign(method, url, timestamp, nonce, body)',
    change: () => [""],
  },
  ...["undefined", "null", "None", "nil", "{}", "[]", '""', "[object Object]"].flatMap(placeholder),
  {
    part: "body",
    what: { zh: "签名串第五行签的是查询参数", en: "the query was signed as the body" },
    advice: SENT_BODY,
    fix: `- sign(method, url, timestamp, nonce, query)\n${RIGHT}`,
    change({ url }) {
      const query = url.split("?")[1] ?? "";
      return query === "" ? [] : [query, JSON.stringify(Object.fromEntries(new URLSearchParams(query)))];
    },
  },
  {
    part: "body",
    what: {
      zh: "签名与发送的请求体首尾空白、换行符或 BOM 不同，或末尾多了一个换行符",
      en: "the signed body differs in white space at its ends, in line breaks or in a byte order mark",
    },
    advice: {
      zh: "签名与发送应为同一串字节，其后只加一个换行符。",
      en: "Sign the bytes that are sent, with one line feed after them.",
    },
    fix: "- sign(method, url, timestamp, nonce, text.trim())\n+ sign(method, url, timestamp, nonce, text)\n  send(text)",
    *change({ body }) {
      yield* [`${body}\n`, body.replace(/\r?\n$/, ""), body.trim()];
      yield* [`${body}\r\n`, body.replaceAll("\r\n", "\n"), body.replace(/\r?\n/g, "\r\n")];
      yield* [body.replace(/^\uFEFF/, ""), `\uFEFF${body}`];
    },
  },
  {
    part: "body",
    what: {
      zh: "请求体序列化了两次，签名与发送的文本不同",
      en: "the body was serialized twice, for signing and for sending",
    },
    advice: ONCE,
    fix: SERIALIZE_ONCE,
    change: ({ body }) => serializations(body, [asItIs], ESCAPES.slice(0, 4)),
    alone: ({ body }) => serializations(body, [asItIs], ESCAPES),
  },
  {
    part: "body",
    what: {
      zh: "请求体序列化了两次，签名与发送的字段顺序不同",
      en: "the body was signed with its fields in another order than it was sent with",
    },
    advice: ONCE,
    fix: SERIALIZE_ONCE,
    change({ body }) {
      const value = parse(body);
      return [sorted, reversed].map((arrange) => JSON.stringify(arrange(value)));
    },
    alone: ({ body }) => serializations(body, [sorted, reversed], ESCAPES),
  },
  {
    part: "body",
    what: {
      zh: "签名的不是所发送的 JSON，而是对象的其他文本形式",
      en: "another text of the object was signed, not the JSON",
    },
    advice: { zh: "请签名实际发送的字符串。", en: "Sign exactly the text that is sent." },
    fix: "- sign(method, url, timestamp, nonce, String(data))\n+ sign(method, url, timestamp, nonce, body)\n  send({ body })",
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
    what: {
      zh: "签名与发送的请求体字符编码不同",
      en: "the body was signed in another character encoding than it was sent in",
    },
    advice: { zh: "两者都应为 UTF-8。", en: "Use UTF-8 for both." },
    fix: '- sign(Buffer.from(message, "latin1"))\n+ sign(Buffer.from(message, "utf8"))\n  send(Buffer.from(body, "utf8"))',
    *change({ body }, request) {
      // Java's ISO-8859-1, UTF-8 that was read as such, GBK that was sent, and the two forms of an accented character.
      yield body.replace(/[\u{80}-\u{10ffff}]/gu, "?");
      yield Array.from(request.covered, (byte) => String.fromCharCode(byte)).join("");
      yield* [new TextDecoder("gbk").decode(request.covered), body.normalize("NFC"), body.normalize("NFD")];
    },
  },
  {
    part: "body",
    what: { zh: "签名的请求体少一个字段", en: "the body was signed without one of its fields" },
    advice: {
      zh: "请先组装好全部字段再签名，签名之后不再改动。",
      en: "Complete it, sign it, and do not change it afterwards.",
    },
    fix: "- sign(method, url, timestamp, nonce, JSON.stringify(data))\n  data.last = value\n+ sign(method, url, timestamp, nonce, JSON.stringify(data))",
    *alone({ body }) {
      const fields = Object.entries(parse(body) as object);
      if (fields.length > MOST_FIELDS) return;
      for (const left of fields.keys())
        for (const layout of LAYOUTS.slice(0, 2)) yield layout(Object.fromEntries(fields.toSpliced(left, 1)));
    },
  },
];
