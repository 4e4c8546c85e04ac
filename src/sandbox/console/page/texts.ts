// What more than one part of the page says. Each part has its own beside it: `list-texts.ts`, `detail-texts.ts` …
import type { Fault } from "../../server/faults.js";
import type { Text } from "../messages.js";

export const texts = {
  title: { zh: "微信支付沙箱", en: "WeChat Pay sandbox" },
  skip: { zh: "跳到详情", en: "Skip to the details" },
  views: { zh: "视图", en: "Views" },
  details: { zh: "详情", en: "Details" },
  requests: { zh: "请求", en: "Requests" },
  state: { zh: "状态", en: "State" },
  trigger: { zh: "触发", en: "Trigger" },
  connect: { zh: "接入", en: "Connect" },
  docs: { zh: "API 文档", en: "API docs" },
  otherLanguage: { zh: "English", en: "中文" },
  export: { zh: "导出", en: "Export" },
  exportHar: { zh: "HAR 文件", en: "HAR file" },
  exportJson: { zh: "JSON 文件", en: "JSON file" },
  address: { zh: "沙箱地址", en: "Address" },
  copyAddress: { zh: "复制地址", en: "Copy address" },
  clock: { zh: "沙箱时间", en: "Sandbox time" },
  forward: { zh: "已前进 {0}", en: "{0} ahead" },
  live: { zh: "实时", en: "Live" },
  lost: { zh: "连接已断开，正在重连……", en: "Connection lost, trying again…" },
  unreachable: { zh: "沙箱没有应答，它还在运行吗？", en: "The sandbox does not answer. Is it still running?" },
  dismiss: { zh: "关闭提示", en: "Dismiss" },
  copied: { zh: "已复制", en: "Copied" },
  copyJson: { zh: "复制 JSON", en: "Copy JSON" },
  noBody: { zh: "空", en: "Empty" },
  cut: { zh: "内容过长，只显示开头部分。", en: "Too long: only the beginning is shown." },
  showAll: { zh: "显示全部 {0} 个字符", en: "Show all {0} characters" },
  showMore: { zh: "再显示 {0} 行", en: "Show {0} more lines" },
  items: { zh: "{0} 项", en: "{0} items" },
  item: { zh: "{0} 项", en: "{0} item" },
  fields: { zh: "{0} 个字段", en: "{0} fields" },
  field: { zh: "{0} 个字段", en: "{0} field" },
  unfold: { zh: "展开", en: "Unfold" },
  fold: { zh: "折叠", en: "Fold" },
  wasEncrypted: { zh: "传输时已加密", en: "encrypted on the wire" },
  offending: { zh: "这里有错", en: "this is wrong" },
} satisfies Record<string, Text>;

export const units = {
  zh: { hours: "小时", minutes: "分钟", seconds: "秒" },
  en: { hours: "h", minutes: "min", seconds: "s" },
};

export const faults: Record<Fault, Text> = {
  "system-error": { zh: "500 系统异常", en: "500 system error" },
  "rate-limited": { zh: "429 频率超限", en: "429 rate limited" },
  "bad-gateway": { zh: "502 网关错误", en: "502 in HTML" },
  redirect: { zh: "302 跳转到别处", en: "302 redirect" },
  unsigned: { zh: "应答没有签名", en: "response not signed" },
  "bad-signature": { zh: "应答签名错误", en: "wrong signature" },
  "signature-probe": { zh: "签名探测流量", en: "signature probe" },
  "unknown-serial": { zh: "应答的证书未知", en: "unknown key" },
  "clock-skew": { zh: "应答签于 600 秒前", en: "signed 600 s ago" },
  "tampered-body": { zh: "应答体被篡改", en: "body changed" },
  "truncated-body": { zh: "应答体中断", en: "body cut off" },
  reset: { zh: "连接被重置", en: "connection reset" },
  refused: { zh: "连接被拒绝", en: "no connection" },
  hang: { zh: "一直不应答", en: "no response, ever" },
  "slow-body": { zh: "应答体极慢", en: "2 bytes a second" },
};
