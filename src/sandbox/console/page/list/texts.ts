import type { DeedRow, Text } from "../../messages.js";
import type { IconName } from "../icon.js";

export const listTexts = {
  countAll: { zh: "{0}", en: "{0}" },
  countOf: { zh: "共 {1} 个，显示 {0} 个", en: "{0} of {1}" },
  countDropped: { zh: "共 {1} 个，沙箱已丢弃最早的 {2} 个", en: "{0} of {1}; the sandbox dropped the oldest {2}" },
  clear: { zh: "清空", en: "Clear" },
  cleared: { zh: "列表已清空。", en: "The list is empty." },
  arrived: { zh: "收到 {0} 个新请求", en: "New requests: {0}" },
  fresh: { zh: "↑ {0} 个新的", en: "↑ {0} new" },
  search: { zh: "搜索", en: "Search" },
  searchHint: { zh: "路径、openid、单号、Request-ID、原因", en: "Path, openid, number, Request-ID, reason" },
  only: { zh: "只看", en: "Show only" },
  refused: { zh: "被拒绝", en: "Refused" },
  fault: { zh: "故障", en: "Faults" },
  notification: { zh: "通知", en: "Notifications" },
  operation: { zh: "接口", en: "Operation" },
  anyOperation: { zh: "全部接口", en: "All operations" },
  noMatch: { zh: "没有符合条件的记录。", en: "Nothing matches." },
  clearFilters: { zh: "清除筛选", en: "Clear filters" },
  keys: { zh: "快捷键", en: "Keyboard keys" },
  close: { zh: "关闭", en: "Close" },
  took: { zh: "{0} 毫秒", en: "{0} ms" },
  attempt: { zh: "第 {0} 次，共 {1} 次", en: "attempt {0} of {1}" },
  noConnection: { zh: "未建立连接", en: "no connection" },
  waiting: { zh: "等待应答", en: "waiting" },
  notAccepted: { zh: "未被接受", en: "not accepted" },
  unanswered: { zh: "没有应答", en: "no answer" },
} satisfies Record<string, Text>;

export const keyTexts: [keys: string, what: Text][] = [
  ["/", { zh: "搜索", en: "Search" }],
  ["j  ↓", { zh: "下一条（更早）", en: "Next, older" }],
  ["k  ↑", { zh: "上一条（更新）", en: "Previous, newer" }],
  ["Home  End", { zh: "最新、最早", en: "Newest, oldest" }],
  ["Enter", { zh: "转到详情", en: "To the details" }],
  ["Esc", { zh: "清除搜索和筛选", en: "Clear search and filters" }],
  ["?", { zh: "显示快捷键", en: "Show the keys" }],
];

/** Values in braces are those that the deed was given. */
export const deedTexts: Record<DeedRow["deed"], Text> = {
  authorize: { zh: "{openid} 已授权 {sub_mchid}", en: "{openid} authorized {sub_mchid}" },
  authenticate: { zh: "核身 {number} 通过", en: "passed the face check {number}" },
  failTransfer: { zh: "转账 {out_detail_no} 将失败", en: "transfer {out_detail_no} will fail" },
  pay: { zh: "已支付 {out_trade_no}", en: "paid {out_trade_no}" },
  finishRefund: { zh: "退款 {out_refund_no}：{status}", en: "refund {out_refund_no}: {status}" },
  confirm: { zh: "已确认收款 {out_bill_no}", en: "confirmed {out_bill_no}" },
  advance: { zh: "+{ms}", en: "+{ms}" },
  rotate: { zh: "已轮换平台证书", en: "certificate rotated" },
  fail: { zh: "添加故障：{fault}", en: "fault added: {fault}" },
};

export const deedIcons: Record<DeedRow["deed"], IconName> = {
  authorize: "user",
  authenticate: "user",
  failTransfer: "fault",
  pay: "user",
  finishRefund: "clock",
  confirm: "user",
  advance: "clock",
  rotate: "key",
  fail: "fault",
};

export const otherDeeds = {
  deauthorize: { zh: "{openid} 已取消授权 {sub_mchid}", en: "{openid} withdrew from {sub_mchid}" },
  failCheck: { zh: "核身 {number} 未通过", en: "failed the face check {number}" },
} satisfies Record<string, Text>;
