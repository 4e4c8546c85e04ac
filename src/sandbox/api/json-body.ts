import { type Bytes, fromUtf8 } from "../../bytes.js";
import { escapeSegment } from "../../json-pointer.js";
import type { Reason } from "../reasons/words.js";
import { parameterError } from "../server/refusals.js";

/** In levels. Code that walks through JSON by recursion needs a limit. */
const DEEPEST = 100;

/**
 * The JSON of a request's body.
 * @throws {Refusal} 400 `PARAM_ERROR` where it is not JSON in UTF-8, or is nested too deeply.
 */
export function readJson(body: Bytes, pointer = ""): unknown {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body));
  } catch {
    throw parameterError(pointer, undefined, "is not JSON in UTF-8", "body", notJson(body));
  }
  if (!isNestedTooDeeply(json)) return json;
  const zh = `嵌套过深，超过 ${DEEPEST} 层`;
  throw parameterError(pointer, undefined, `is nested too deeply: more than ${DEEPEST} levels`, "body", { zh });
}

/** What a body is in place of JSON, by its beginning. */
function notJson(body: Bytes): Reason {
  const [start = ""] = /^.?/su.exec(fromUtf8(body.subarray(0, 64)).trimStart()) ?? [];
  if (body[0] === 0xef && body[1] === 0xbb) return { zh: "以 BOM 开头，应去掉", en: "begins with a byte order mark" };
  if (start === "<") return { zh: "是 XML（APIv2 的格式），应为 JSON", en: "is XML, as in APIv2: it must be JSON" };
  if (/[\w%]/.test(start)) return { zh: "不是 JSON，而是表单之类的文本", en: "is not JSON, but a form or other text" };
  return { zh: "不是 UTF-8 编码的 JSON", en: "is not JSON in UTF-8" };
}

/** Stands before the digits of a BigInt, in a text that nothing else has. */
const DIGITS = `bigint ${crypto.randomUUID()} `;
const QUOTED = new RegExp(`"${DIGITS}(-?\\d+)"`, "g");

/** What JSON makes of a value, with a mark for each BigInt, which {@link withDigits} writes as a number; undefined where JSON makes nothing. */
export function exactJson(value: unknown): unknown {
  const json = JSON.stringify(value, (_, part) => (typeof part === "bigint" ? `${DIGITS}${part}` : part));
  return json === undefined ? undefined : JSON.parse(json);
}

/** JSON as text, its numbers with all their digits. */
export const withDigits = (json: unknown): string => (JSON.stringify(json) ?? "").replace(QUOTED, "$1");

/** A body to show: as JSON, as text where it is not JSON, absent where it is empty. */
export function readable(body: Bytes): unknown {
  if (body.length === 0) return undefined;
  const text = fromUtf8(body);
  try {
    const json: unknown = JSON.parse(text);
    return isNestedTooDeeply(json) ? text : json;
  } catch {
    return text;
  }
}

/** Whether JSON has more levels than any real body. */
export function isNestedTooDeeply(json: unknown): boolean {
  let level = [json];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEEPEST) return true;
    level = level.flatMap((node) => (typeof node === "object" && node !== null ? Object.values(node) : []));
  }
  return false;
}

/**
 * WeChat Pay takes characters of one to three bytes only. Source: https://pay.weixin.qq.com/doc/v3/partner/4012081726
 * @throws {Refusal} 400 `PARAM_ERROR` naming the text that has another one.
 */
export function refuseFourBytes(value: unknown, pointer = ""): void {
  if (typeof value === "string" && /[\u{10000}-\u{10FFFF}]/u.test(value)) {
    const issue = "must NOT have characters of four bytes in UTF-8, such as emoji";
    throw parameterError(pointer, value, issue, "body", { zh: "不能有 UTF-8 中占四个字节的字符，例如表情符号" });
  }
  if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value)) refuseFourBytes(inner, pointer + escapeSegment(key));
  }
}
