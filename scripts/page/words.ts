// What the page says by itself.
import { say, type Text } from "./languages.js";

export const WORDS = {
  request: { zh: "请求体", en: "Request body" },
  path: { zh: "路径参数", en: "Path parameters" },
  query: { zh: "查询参数", en: "Query parameters" },
  header: { zh: "请求头", en: "Request headers" },
  cookie: { zh: "Cookie", en: "Cookies" },
  response: { zh: "应答", en: "Response" },
  responses: { zh: "错误应答", en: "Error responses" },
  answers: { zh: "应答通知", en: "How to answer" },
  responseHeaders: { zh: "应答头", en: "Response headers" },
  required: { zh: "必填", en: "required" },
  deprecated: { zh: "已弃用", en: "deprecated" },
  example: { zh: "示例", en: "Example" },
  default: { zh: "默认", en: "default" },
  values: { zh: "取值", en: "Values" },
  oneOf: { zh: "以下之一", en: "One of these" },
  anyOf: { zh: "以下之一或几个", en: "One or more of these" },
  recursive: { zh: "结构同上层", en: "as the level above" },
  anyName: { zh: "任意名称", en: "any name" },
  guide: { zh: "指南", en: "Guide" },
  servers: { zh: "服务器", en: "Servers" },
  operations: { zh: "接口", en: "Operations" },
  notification: { zh: "通知", en: "EVENT" },
  receive: { zh: "接收", en: "Receive" },
  shared: { zh: "错误应答与应答头", en: "Error responses and headers" },
  fieldsAbove: { zh: "字段同", en: "Fields as of" },
  security: { zh: "请求签名", en: "Signature of requests" },
  search: { zh: "搜索", en: "Search" },
  menu: { zh: "目录", en: "Menu" },
  nothing: { zh: "没有找到", en: "Nothing found" },
  copy: { zh: "复制", en: "Copy" },
  copied: { zh: "已复制", en: "Copied" },
  send: { zh: "发送到沙箱", en: "Send to the sandbox" },
  samples: { zh: "↓ 示例代码", en: "↓ Samples" },
  chain: { zh: "链式", en: "Chain" },
  byPath: { zh: "路径", en: "Path" },
  byMethod: { zh: "方法", en: "Method" },
  payload: { zh: "请求体", en: "Payload" },
  local: {
    zh: "本地沙箱，不需要商户号，由此命令启动：",
    en: "The sandbox on your own machine, without an account, started by",
  },
  received: {
    zh: "**通知**：微信支付对其签名，并以 APIv3密钥 加密 `resource`；此处为 `createNotificationReceiver` 验签、解密之后的样子。",
    en: "**Notification**: WeChat Pay signs it, and encrypts `resource` with the APIv3 key. It is shown as `createNotificationReceiver` gives it, verified and decrypted.",
  },
  unsigned: {
    zh: "**应答无签名**：成功应答不带签名，客户端不验签。",
    en: "**Unsigned response**: a good response carries no signature, and the client asks for none.",
  },
  sensitive: {
    zh: "加密字段：由客户端加解密，请使用明文。",
    en: "Encrypted on the wire by the client: use plain text.",
  },
  open: { zh: "以下为已知取值，今后可能增加：", en: "The values known today; others may come:" },
} satisfies Record<string, Text>;

export const choice = (fields: string[]): Text =>
  say`**${{ zh: "至少填一项**：", en: "At least one of**: " }}${list(fields)}`;

/** @param at the encrypted fields of the request and of the response */
export function encrypted(at: { request: string[]; response: string[] }): Text {
  const places: Text[] = [
    ...(at.request.length > 0 ? [say`${{ zh: "请求 ", en: "request " }}${list(at.request)}`] : []),
    ...(at.response.length > 0 ? [say`${{ zh: "应答 ", en: "response " }}${list(at.response)}`] : []),
  ];
  return {
    zh: `**加密字段**：${places.map(({ zh }) => zh).join("；")}。客户端自动加解密，收发均为明文。`,
    en: `**Encrypted fields**: ${places.map(({ en }) => en).join("; ")}. The client encrypts and decrypts them: give and get plain text.`,
  };
}

export const repeatable = (number: string): Text => ({
  zh: `**可重复调用**：以同一 \`${number}\` 和相同的参数重复调用无害，失败后客户端会自动重试。`,
  en: `**May be repeated**: with the same \`${number}\` and the same parameters another call does no harm, and the client repeats it after a failure.`,
});

/** @param fields that the client fills in */
export const upload = (fields: string[]): Text => ({
  zh: `**上传文件**：客户端生成表单，只签名 \`meta\`${fields.length > 0 ? `，未填的 ${list(fields)} 由客户端按文件填写` : ""}。`,
  en: `**Upload**: the client makes the form${fields.length > 0 ? "," : " and"} signs \`meta\` alone${fields.length > 0 ? `, and fills in ${list(fields)} from the file where they are left out` : ""}.`,
});

const list = (names: string[]) => names.map((name) => `\`${name}\``).join(" ");
