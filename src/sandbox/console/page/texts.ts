import type { Fault } from "../../server/faults.js";
import type { Verdict } from "../../server/refusals.js";

/** A text of the page in both languages. The first value goes where `{0}` is. */
export interface Text {
  zh: string;
  en: string;
}

export const texts = {
  title: { zh: "微信支付沙箱", en: "WeChat Pay sandbox" },
  skip: { zh: "跳到请求详情", en: "Skip to the details" },
  address: { zh: "地址", en: "Address" },
  mchid: { zh: "商户号", en: "mchid" },
  clock: { zh: "沙箱时间", en: "Sandbox time" },
  aheadHours: { zh: "快 {0} 小时 {1} 分钟", en: "{0} h {1} min ahead" },
  aheadMinutes: { zh: "快 {0} 分钟", en: "{0} min ahead" },
  live: { zh: "实时", en: "Live" },
  lost: { zh: "连接已断开，正在重连……", en: "Connection lost, trying again…" },
  docs: { zh: "API 文档", en: "API docs" },
  otherLanguage: { zh: "English", en: "中文" },
  controls: { zh: "沙箱操作", en: "Sandbox controls" },
  time: { zh: "时间", en: "Time" },
  minutes5: { zh: "+5 分钟", en: "+5 min" },
  hour1: { zh: "+1 小时", en: "+1 h" },
  day1: { zh: "+24 小时", en: "+24 h" },
  advanced: {
    zh: "沙箱时间又快了 {0} 分钟：期间该到期、该完成的都已发生（token、转账批次、平台证书、每日次数）。客户端的时钟不必跟着调。",
    en: "Sandbox time moved forward by {0} min: tokens, batches, certificates and daily limits are as they would be by then. Clients need not set their clocks.",
  },
  fault: { zh: "故障", en: "Fault" },
  operation: { zh: "接口", en: "Operation" },
  any: { zh: "任意接口", en: "any" },
  times: { zh: "次数", en: "Times" },
  addFault: { zh: "制造故障", en: "Add fault" },
  faultAdded: { zh: "接下来的请求会遇到：{0}（{1} 次）。", en: "The next requests will fail: {0} ({1}×)." },
  endFaults: { zh: "结束故障", en: "End faults" },
  faultsEnded: {
    zh: "在这里制造的、尚未遇到的故障都已取消。",
    en: "The faults that were added here and not used yet are gone.",
  },
  rotate: { zh: "轮换平台证书", en: "Rotate certificates" },
  rotated: {
    zh: "已签发新的平台证书 {0}：即刻出现在证书列表里，24 小时后开始用于签名。",
    en: "Certificate {0} was issued: it is listed now and signs from 24 h later.",
  },
  clear: { zh: "清空", en: "Clear" },
  cleared: { zh: "列表已清空。", en: "The list is empty." },
  requests: { zh: "请求", en: "Requests" },
  countAll: { zh: "{0}", en: "{0}" },
  countOf: { zh: "共 {1} 个，显示 {0} 个", en: "{0} of {1}" },
  countDropped: {
    zh: "共 {1} 个，显示 {0} 个，沙箱已丢弃最早的 {2} 个",
    en: "{0} of {1}; the sandbox dropped the oldest {2}",
  },
  arrived: { zh: "收到 {0} 个新请求", en: "New requests: {0}" },
  details: { zh: "请求详情", en: "Details" },
  empty: { zh: "等待第一个请求", en: "Waiting for the first request" },
  emptyHow: {
    zh: "把客户端的 baseUrl 设为上面的地址，密钥用 wechatpay sandbox 启动时在终端里打印的那些。任何语言的 SDK 都可以，请求到达后会立即显示在这里。",
    en: "Set your client's baseUrl to the address above and give it the keys that wechatpay sandbox printed in the terminal. An SDK in any language will do. Requests show up here as they arrive.",
  },
  pick: { zh: "选择一个请求查看详情。", en: "Choose a request to see its details." },
  user: { zh: "用户会怎么做", en: "What the user would do" },
  userHow: {
    zh: "这些事在真实环境里由用户在微工卡小程序里完成。",
    en: "With the real server, users do this in the payroll-card mini program.",
  },
  authorize: { zh: "授权", en: "Authorize" },
  deauthorize: { zh: "取消授权", en: "Withdraw authorization" },
  authorized: { zh: "用户已授权。", en: "The user has authorized." },
  deauthorized: { zh: "用户已取消授权。", en: "The user has withdrawn the authorization." },
  pass: { zh: "核身通过", en: "Pass the face check" },
  failCheck: { zh: "核身失败", en: "Fail the face check" },
  checked: { zh: "核身结果：{0}", en: "Result of the face check: {0}" },
  transfers: { zh: "转账结果", en: "Results of the transfers" },
  transfersToFail: { zh: "共 {0} 条明细，选择要失败的", en: "{0} transfers: choose which fail" },
  failTransfer: { zh: "使 {0} 转账失败", en: "Fail {0}" },
  transferFailed: { zh: "批次完成时，明细 {0} 将转账失败。", en: "When the batch finishes, {0} will have failed." },
  records: { zh: "订单、退款与转账", en: "Orders, refunds, transfers" },
  kind: { zh: "种类", en: "Kind" },
  number: { zh: "商户单号", en: "Number" },
  state: { zh: "状态", en: "State" },
  amount: { zh: "金额（元）", en: "Amount (yuan)" },
  order: { zh: "订单", en: "Order" },
  refund: { zh: "退款", en: "Refund" },
  transfer: { zh: "转账", en: "Transfer" },
  pay: { zh: "支付", en: "Pay" },
  paid: { zh: "用户已支付，微信支付订单号：{0}。", en: "The user has paid: transaction_id {0}." },
  refundDone: { zh: "退款成功", en: "Succeed" },
  refundClosed: { zh: "退款关闭", en: "Close" },
  refundAbnormal: { zh: "退款异常", en: "Fail (ABNORMAL)" },
  refundEnded: { zh: "退款状态：{0}", en: "State of the refund: {0}" },
  confirm: { zh: "确认收款", en: "Confirm" },
  confirmFails: { zh: "收款失败", en: "Confirm and fail" },
  confirmed: { zh: "转账状态：{0}", en: "State of the transfer: {0}" },
  signature: { zh: "签名比对", en: "Signature" },
  signed: { zh: "你签名的签名串", en: "What you signed" },
  expected: { zh: "微信支付期望的签名串", en: "What WeChat Pay expects" },
  difference: {
    zh: "第一处不同：第 {0} 行（{1}）第 {2} 个字符，你签的是“{3}”，应为“{4}”。",
    en: "First difference: line {0} ({1}), character {2}: you signed “{3}”, expected “{4}”.",
  },
  nothing: { zh: "（无）", en: "(nothing)" },
  message: { zh: "待签名串", en: "The message to sign" },
  lineMethod: { zh: "方法", en: "method" },
  lineUrl: { zh: "URL", en: "URL" },
  lineTimestamp: { zh: "时间戳", en: "timestamp" },
  lineNonce: { zh: "随机串", en: "nonce" },
  lineBody: { zh: "请求体", en: "body" },
  decrypted: { zh: "解密后的敏感信息字段", en: "Decrypted fields" },
  field: { zh: "字段", en: "Field" },
  decryptedFields: { zh: "共 {0} 个字段", en: "{0} fields" },
  plain: { zh: "明文", en: "Plain text" },
  requestBody: { zh: "请求体", en: "Request body" },
  replyBody: { zh: "应答", en: "Reply" },
  cut: { zh: "内容过长，只显示开头部分。", en: "Too long: only the beginning is shown." },
  lostAnswer: {
    zh: "调用方没有收到这个应答，因为故障：{0}。",
    en: "The caller did not get this reply, because of a fault: {0}.",
  },
  faultyAnswer: { zh: "应答带着故障送达调用方：{0}。", en: "The reply reached the caller with a fault: {0}." },
  noBody: { zh: "空", en: "Empty" },
  unreachable: { zh: "沙箱没有应答，它还在运行吗？", en: "The sandbox does not answer. Is it still running?" },
} satisfies Record<string, Text>;

/** What each verdict is called, and what it means for the caller. */
export const verdicts: Record<Verdict, { name: Text; advice: Text }> = {
  accepted: {
    name: { zh: "通过", en: "accepted" },
    advice: {
      zh: "签名和参数都正确，请求已执行。",
      en: "Signature and parameters are correct. The request was carried out.",
    },
  },
  "too-large": {
    name: { zh: "请求体过大", en: "too large" },
    advice: {
      zh: "沙箱只接受 16 MiB 以内的请求体，这个请求没有被检查，也没有执行。",
      en: "The sandbox accepts bodies of up to 16 MiB. The request was neither checked nor carried out.",
    },
  },
  "unknown-path": {
    name: { zh: "路径不存在", en: "unknown path" },
    advice: {
      zh: "没有这个路径的接口：检查 URL，路径参数里的特殊字符要做百分号编码。",
      en: "No operation has this path: check the URL, and percent-encode path parameters.",
    },
  },
  "wrong-method": {
    name: { zh: "方法错误", en: "wrong method" },
    advice: {
      zh: "路径存在，但不支持这个 HTTP 方法：见 API 文档。",
      en: "The path exists, but not with this HTTP method. See the API docs.",
    },
  },
  "missing-header": {
    name: { zh: "缺少请求头", en: "missing header" },
    advice: {
      zh: "Accept 和 User-Agent 两个请求头都必须发送。",
      en: "The headers Accept and User-Agent must both be sent.",
    },
  },
  "malformed-authorization": {
    name: { zh: "Authorization 缺失或格式错误", en: "no valid Authorization" },
    advice: {
      zh: '请求头 Authorization 缺失，或格式不对。格式应为 WECHATPAY2-SHA256-RSA2048 mchid="…",nonce_str="…",signature="…",timestamp="…",serial_no="…"。',
      en: 'The header Authorization is missing or malformed. It should be WECHATPAY2-SHA256-RSA2048 mchid="…",nonce_str="…",signature="…",timestamp="…",serial_no="…".',
    },
  },
  "unknown-mchid": {
    name: { zh: "商户号错误", en: "unknown mchid" },
    advice: {
      zh: "Authorization 里的 mchid 不是沙箱的商户号：用本页顶部的商户号，也是 wechatpay sandbox 启动时在终端打印的那个。",
      en: "The mchid in Authorization is not the sandbox's merchant. Use the one at the top of this page; wechatpay sandbox also printed it in the terminal.",
    },
  },
  "unknown-serial": {
    name: { zh: "证书序列号错误", en: "unknown serial" },
    advice: {
      zh: "serial_no 不是该商户的 API 证书序列号：用 wechatpay sandbox 启动时在终端打印的 serialNo（代码里是 sandbox.credentials.serialNo）；每次启动密钥都会更换。",
      en: "serial_no is not the serial of the merchant's certificate. Use the serialNo that wechatpay sandbox printed in the terminal (in code, sandbox.credentials.serialNo). Every start makes new keys.",
    },
  },
  "clock-skew": {
    name: { zh: "时间戳过期", en: "clock skew" },
    advice: {
      zh: "时间戳与当前时间和沙箱时间相差都超过 5 分钟：时间戳应为以秒（不是毫秒）为单位的 Unix 时间；若单位正确，请校准时钟。",
      en: "The timestamp is more than 5 min away from now and from the sandbox's time. It must be Unix time in seconds, not milliseconds. If it is, set your clock.",
    },
  },
  "wrong-signature": {
    name: { zh: "签名错误", en: "wrong signature" },
    advice: {
      zh: "签名与微信支付期望的签名串不符，原因如下。",
      en: "The signature does not match the message that WeChat Pay expects. The cause is below.",
    },
  },
  "unknown-platform-key": {
    name: { zh: "平台密钥错误", en: "unknown platform key" },
    advice: {
      zh: "Wechatpay-Serial 不是有效的微信支付公钥 ID 或平台证书序列号。",
      en: "Wechatpay-Serial names neither WeChat Pay's public key nor a certificate of WeChat Pay's that is in force.",
    },
  },
  "invalid-parameter": {
    name: { zh: "参数错误", en: "invalid parameter" },
    advice: {
      zh: "签名正确，但参数不符合接口描述：见应答里的 detail。",
      en: "The signature is correct, but a parameter does not match the API description. See detail in the reply.",
    },
  },
  "invalid-ciphertext": {
    name: { zh: "密文错误", en: "invalid ciphertext" },
    advice: {
      zh: "敏感信息字段无法解密：用微信支付公钥（或平台证书公钥）做 RSA-OAEP（SHA-1）加密，再做 Base64 编码；并发送请求头 Wechatpay-Serial：它可能缺失，或者不是加密所用公钥的 ID（或证书序列号）。",
      en: "A sensitive field cannot be decrypted. Encrypt it with WeChat Pay's key by RSA-OAEP (SHA-1), encode it in Base64, and send the header Wechatpay-Serial: it may be missing, or name another key than the one that encrypted.",
    },
  },
  "business-error": {
    name: { zh: "业务拒绝", en: "business error" },
    advice: {
      zh: "签名和参数都正确，但业务规则不允许：见应答里的 code 和 message。",
      en: "Signature and parameters are correct, but a business rule forbids the request. See code and message in the reply.",
    },
  },
  fault: {
    name: { zh: "故障", en: "fault" },
    advice: {
      zh: "按你的要求制造的故障：请求没有被检查，也没有执行。",
      en: "You asked for this fault. The request was neither checked nor carried out.",
    },
  },
  "sandbox-error": {
    name: { zh: "沙箱出错", en: "sandbox error" },
    advice: { zh: "沙箱自己出错了，请报告给我们。", en: "The sandbox itself failed. Please report it." },
  },
};

export const faults: Record<Fault, Text> = {
  "system-error": { zh: "500 系统异常", en: "500" },
  "rate-limited": { zh: "429 频率超限", en: "429" },
  "bad-gateway": { zh: "502 网关错误", en: "502, in HTML" },
  redirect: { zh: "302 跳转到别处", en: "302, redirect" },
  unsigned: { zh: "应答没有签名", en: "reply not signed" },
  "bad-signature": { zh: "应答签名错误", en: "wrong signature" },
  "signature-probe": { zh: "签名探测流量", en: "signature probe" },
  "unknown-serial": { zh: "应答的证书未知", en: "unknown key" },
  "clock-skew": { zh: "应答签于 600 秒前", en: "signed 600 s ago" },
  "tampered-body": { zh: "应答体被篡改", en: "body changed" },
  "truncated-body": { zh: "应答体中断", en: "body cut off" },
  reset: { zh: "连接被重置", en: "connection lost" },
  refused: { zh: "连接被拒绝", en: "no connection" },
  hang: { zh: "一直不应答", en: "no answer, ever" },
  "slow-body": { zh: "应答体极慢", en: "2 bytes a second" },
};
