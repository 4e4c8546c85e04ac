import { expect, test } from "vitest";
import { createSandbox } from "wechatpay-openapi-fetch/sandbox";
import { NOW, PRE_ORDER } from "../../support/wechatpay.js";
import { send, signedHeaders } from "../signed.js";
import { lastRefused } from "./refused.js";

const sandbox = await createSandbox({ clock: () => NOW });
const SCHEME = "WECHATPAY2-SHA256-RSA2048";
const { Authorization: right = "" } = signedHeaders(sandbox.credentials, { target: PRE_ORDER, timestamp: NOW / 1000 });
const without = (name: string) => right.replace(new RegExp(`${name}="[^"]*",?`), "").replace(/,$/, "");

test.each<[what: string, header: string | null, en: string, zh: string]>([
  ["none", null, "The header Authorization is missing.", "缺少请求头 Authorization。"],
  ["an empty one", "", "The header Authorization is missing.", "缺少请求头 Authorization。"],
  [
    "a Bearer token",
    "Bearer abc.def=",
    `Authorization has the scheme Bearer; it must be ${SCHEME}.`,
    `Authorization 的方案名是 Bearer，应为 ${SCHEME}。`,
  ],
  [
    "the brand's scheme",
    right.replace(SCHEME, "WECHATPAY-BRAND-SHA256-RSA2048"),
    `Authorization has the scheme WECHATPAY-BRAND-SHA256-RSA2048; it must be ${SCHEME}.`,
    `Authorization 的方案名是 WECHATPAY-BRAND-SHA256-RSA2048，应为 ${SCHEME}。`,
  ],
  [
    "a token alone, which may be secret",
    "sk-0123456789",
    `Authorization has another scheme; it must be ${SCHEME}.`,
    `Authorization 的方案名不对，应为 ${SCHEME}。`,
  ],
  [
    "the scheme in lower case",
    right.replace(SCHEME, SCHEME.toLowerCase()),
    `Authorization must have its scheme in upper case: ${SCHEME}.`,
    `Authorization 的方案名应大写：${SCHEME}。`,
  ],
  [
    "no scheme",
    right.slice(SCHEME.length + 1),
    `Authorization does not begin with the scheme ${SCHEME}.`,
    `Authorization 没有以方案名 ${SCHEME} 开头。`,
  ],
  [
    "the scheme alone",
    SCHEME,
    `Authorization has the scheme ${SCHEME} alone: its five values are missing.`,
    `Authorization 只有方案名 ${SCHEME}，缺少五个值。`,
  ],
  [
    "a comma after the scheme",
    right.replace(" ", ","),
    `Authorization must have one blank after the scheme ${SCHEME}.`,
    `Authorization 的方案名 ${SCHEME} 之后应为一个空格。`,
  ],
  [
    "two blanks after it",
    right.replace(" ", "  "),
    `There must be one blank after the scheme ${SCHEME}, not more.`,
    `方案名 ${SCHEME} 之后应只有一个空格。`,
  ],
  [
    "the header's own name",
    `Authorization: ${right}`,
    "Authorization begins with its own name: leave that out.",
    "Authorization 的值以请求头的名字开头，应去掉。",
  ],
  [
    "the header twice",
    `${right}, ${right}`,
    "Authorization was sent twice, or names its scheme twice.",
    "Authorization 请求头发送了两次，或方案名写了两次。",
  ],
  ["no nonce_str", without("nonce_str"), "Authorization has no nonce_str.", "Authorization 缺少 nonce_str。"],
  [
    "three values too few",
    `${SCHEME} mchid="1900000109",signature="x"`,
    "Authorization has no nonce_str, timestamp and serial_no.",
    "Authorization 缺少 nonce_str、timestamp、serial_no。",
  ],
  [
    "an empty value",
    right.replace(/timestamp="\d+"/, 'timestamp=""'),
    "timestamp in Authorization is empty.",
    "Authorization 中的 timestamp 为空。",
  ],
  ["a value twice", `${right},mchid="1"`, "Authorization has mchid twice.", "Authorization 中有两个 mchid。"],
  [
    "a value by another name",
    right.replace("mchid", "mch_id"),
    "mch_id is no value of Authorization: it is called mchid.",
    "Authorization 中没有 mch_id 这个名字，应为 mchid。",
  ],
  [
    "camelCase",
    right.replace("serial_no", "serialNo"),
    "serialNo is no value of Authorization: it is called serial_no.",
    "Authorization 中没有 serialNo 这个名字，应为 serial_no。",
  ],
  [
    "nonce",
    right.replace("nonce_str", "nonce"),
    "nonce is no value of Authorization: it is called nonce_str.",
    "Authorization 中没有 nonce 这个名字，应为 nonce_str。",
  ],
  [
    "a value that is none",
    `${right},charset="utf-8"`,
    "charset is no value of Authorization; they are mchid, nonce_str, timestamp, serial_no and signature.",
    "Authorization 中没有 charset 这个名字，只有 mchid、nonce_str、timestamp、serial_no、signature。",
  ],
  [
    "no quotes",
    right.replaceAll('"', ""),
    "mchid in Authorization must stand in double quotes.",
    "Authorization 中 mchid 的值应放在双引号里。",
  ],
  [
    "single quotes",
    right.replaceAll('"', "'"),
    "mchid in Authorization has single quotes: use double ones.",
    "Authorization 中的 mchid 用了单引号，应为双引号。",
  ],
  [
    "blanks after the commas",
    right.replaceAll(",", ", "),
    "Authorization has a blank after a comma: leave it out.",
    "Authorization 中逗号之后有空格，应去掉。",
  ],
  [
    "tabs after the commas",
    right.replaceAll(",", ",\t"),
    "Authorization has a tab after a comma: leave it out.",
    "Authorization 中逗号之后有制表符，应去掉。",
  ],
  [
    "blanks in place of the signature's +",
    right.replace(/(?<=signature=".{10})./, " "),
    "The + of the signature in Authorization became blanks.",
    "Authorization 中 signature 的 + 变成了空格。",
  ],
  [
    "a blank before the signature's =",
    right.replace('=="', ' =="'),
    "signature in Authorization has white space in it: leave it out.",
    "Authorization 中 signature 的值里有空白字符，应去掉。",
  ],
  [
    "a blank in the nonce",
    right.replace('nonce_str="', 'nonce_str="a b'),
    "nonce_str in Authorization has white space in it: leave it out.",
    "Authorization 中 nonce_str 的值里有空白字符，应去掉。",
  ],
  ["a comma at the end", `${right},`, "Authorization has a comma too many.", "Authorization 中多了一个逗号。"],
  [
    "JSON",
    `${SCHEME} {"mchid":"1900000109"}`,
    'Authorization has a part that is not name="value".',
    'Authorization 中有一项不是 name="value" 的形式。',
  ],
])("what is wrong with Authorization is named, and nothing of it is repeated: %s", async (_what, header, en, zh) => {
  await send(sandbox, { target: PRE_ORDER, headers: { Authorization: header } });
  const { verdict, reason, fix } = lastRefused(sandbox);
  expect([verdict, reason]).toEqual(["malformed-authorization", { en, zh }]);
  const told = JSON.stringify({ reason, fix });
  for (const secret of [/signature="([^"]+)"/.exec(right)?.[1] ?? "", "abc.def", "sk-012"])
    expect(told).not.toContain(secret);
});
