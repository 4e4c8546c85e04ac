import { hex, toBase64, toUtf8 } from "../../bytes.js";
import { type SigningMistake, sha256 } from "./signing-mistake.js";
import { BODY_MISTAKES } from "./signing-mistakes-body.js";
import { LAYOUT_MISTAKES } from "./signing-mistakes-layout.js";
import { URL_MISTAKES } from "./signing-mistakes-url.js";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];

/** Mistakes in the other lines, in how lines are joined, and in what is done to the message. */
const OTHER_MISTAKES: SigningMistake[] = [
  {
    part: "method",
    what: { zh: "签名的请求方法不同，或不是大写", en: "another method was signed, or not in upper case" },
    advice: {
      zh: "签名串第一行应为实际使用的方法，并且大写。",
      en: "The method is signed as it is sent, in upper case.",
    },
    fix: "- sign(method, url, timestamp, nonce, body)\n+ sign(request.method.toUpperCase(), url, timestamp, nonce, body)",
    change: ({ method }) => [method.toLowerCase(), method[0] + method.slice(1).toLowerCase(), ...METHODS],
  },
  {
    part: "timestamp",
    what: {
      zh: "签名串与 Authorization 的时间戳不同",
      en: "the signed timestamp is not the one in Authorization",
    },
    advice: {
      zh: "请只取一次当前时间，两处使用同一个值。",
      en: "Read the clock once and use that value for both.",
    },
    fix: [
      "- sign(method, url, now(), nonce, body)",
      "- authorization(now(), nonce, signature)",
      "+ const timestamp = now()",
      "+ sign(method, url, timestamp, nonce, body)",
      "+ authorization(timestamp, nonce, signature)",
    ].join("\n"),
    change: ({ timestamp }) => [1, -1, 2, -2, -28_800, 28_800].map((seconds) => String(Number(timestamp) + seconds)),
    alone: ({ timestamp }) => Array.from({ length: 601 }, (_, index) => String(Number(timestamp) + index - 300)),
  },
  {
    part: "timestamp",
    what: { zh: "签名串的时间戳格式不对", en: "the timestamp was signed in another form" },
    advice: {
      zh: "应与 Authorization 一致，为以秒为单位的 Unix 时间戳。",
      en: "Sign the Unix time in seconds, as in Authorization.",
    },
    fix: "- sign(method, url, Date.now(), nonce, body)\n+ sign(method, url, Math.floor(Date.now() / 1000), nonce, body)",
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
    what: {
      zh: "签名串与 Authorization 的随机串不同（大小写或连字符）",
      en: "the nonce was signed in another form than in Authorization",
    },
    advice: { zh: "两处应使用同一个值。", en: "Use the same text for both: case and hyphens count." },
    fix: "- sign(method, url, timestamp, nonce.toLowerCase(), body)\n+ sign(method, url, timestamp, nonce, body)",
    change({ nonce }) {
      const uuid = nonce.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
      return [nonce, uuid, nonce.replaceAll("-", "")].flatMap((form) => [form, form.toLowerCase(), form.toUpperCase()]);
    },
  },
  ...LAYOUT_MISTAKES,
  {
    part: "finish",
    what: {
      zh: "先计算了哈希值或做了编码再签名",
      en: "the message was hashed or encoded before it was signed",
    },
    advice: {
      zh: "请直接对签名串签名：SHA256 with RSA 自己会计算哈希。",
      en: "Sign the message itself: the algorithm hashes it.",
    },
    fix: "- sign(sha256(message))\n+ sign(message)",
    change: () => [
      ...[(text: string) => hex(sha256(text)), (text: string) => hex(sha256(text)).toUpperCase()],
      ...[(text: string) => toBase64(sha256(text)), sha256, (text: string) => toBase64(toUtf8(text))],
      ...[(text: string) => hex(toUtf8(text)), JSON.stringify],
    ],
  },
];

/** The usual ones first. */
export const MISTAKES: readonly SigningMistake[] = [...BODY_MISTAKES, ...URL_MISTAKES, ...OTHER_MISTAKES];
