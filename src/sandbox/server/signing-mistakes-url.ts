import { hex, toUtf8 } from "../../bytes.js";
import type { SigningMistake } from "./signing-mistake.js";

const ORIGINS = ["https://api.mch.weixin.qq.com", "https://api2.mch.weixin.qq.com"];

const RIGHT = "+ sign(method, url.pathname + url.search, timestamp, nonce, body)";
const instead = (wrong: string) => `- sign(method, ${wrong}, timestamp, nonce, body)\n${RIGHT}`;

/** Mistakes in the second line. */
export const URL_MISTAKES: SigningMistake<"url">[] = [
  {
    part: "url",
    what: { zh: "签名的 URL 带有协议或域名", en: "the URL was signed with its host" },
    advice: {
      zh: "签名串第二行只有以 / 开头的路径和查询参数。",
      en: "Line 2 is the path and the query alone, and begins with /.",
    },
    fix: instead("url.href"),
    change: ({ url }, { headers }) =>
      [...ORIGINS, `http://${headers.get("Host")}`, `https://${headers.get("Host")}`].flatMap((origin) => [
        origin + url,
        origin.replace(/^https?:\/\//, "") + url,
      ]),
  },
  {
    part: "url",
    what: { zh: "查询参数没有参与签名", en: "the query string was not signed" },
    advice: {
      zh: "签名串第二行应为路径、问号和完整的查询参数，与发送的完全一致。",
      en: "Line 2 must be the path with ? and the query, exactly as sent.",
    },
    fix: instead("url.pathname"),
    change: ({ url }) => url.split("?", 1),
  },
  {
    part: "url",
    what: { zh: "签名的路径不完整或斜杠不同", en: "the signed path is incomplete or has other slashes" },
    advice: { zh: "签名串第二行应与实际请求的路径完全一致。", en: "Line 2 must be the path as it is sent." },
    fix: instead("path"),
    change: ({ url }) => [
      ...[url.slice(1), `/${url}`, url.replace(/^\/[^/]+/, ""), url.replace(/^\/[^/]+\//, ""), `/v3${url}`],
      ...[url.replace(/(?=\?)|$/, "/"), url.replace(/\/(?=\?)|\/$/, ""), `${url}?`],
    ],
  },
  {
    part: "url",
    what: {
      zh: "签名与发送的 URL 编码不同",
      en: "the URL was signed in another encoding than it was sent in",
    },
    advice: {
      zh: "签名串第二行应为实际发送的、编码之后的 URL。",
      en: "Line 2 must be the final, percent-encoded URL, as it is sent.",
    },
    fix: instead("decodeURIComponent(path)"),
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
    what: {
      zh: "签名与发送的查询参数顺序或数量不同",
      en: "the query was signed with its parameters in another order, or without one of them",
    },
    advice: { zh: "签名串第二行应为最终发送的 URL。", en: "Line 2 must be the final URL, as it is sent." },
    fix: instead("path + sorted(query)"),
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
];
