import type { Verdict } from "../../server/verdicts.js";
import type { Text } from "../messages.js";

/** What each verdict is called. */
export const verdictTexts: Record<Verdict, Text> = {
  accepted: { zh: "通过", en: "accepted" },
  "too-large": { zh: "请求体过大", en: "too large" },
  "unknown-path": { zh: "路径不存在", en: "unknown path" },
  "wrong-method": { zh: "方法错误", en: "wrong method" },
  "missing-header": { zh: "缺少请求头", en: "missing header" },
  "malformed-authorization": { zh: "Authorization 缺失或格式错误", en: "no valid Authorization" },
  "unknown-mchid": { zh: "商户号错误", en: "unknown mchid" },
  "unknown-serial": { zh: "证书序列号错误", en: "unknown serial" },
  "clock-skew": { zh: "时间戳偏差过大", en: "clock skew" },
  "wrong-signature": { zh: "签名错误", en: "wrong signature" },
  "unknown-platform-key": { zh: "平台密钥错误", en: "unknown platform key" },
  "invalid-parameter": { zh: "参数错误", en: "invalid parameter" },
  "invalid-ciphertext": { zh: "密文错误", en: "invalid ciphertext" },
  "business-error": { zh: "业务拒绝", en: "business error" },
  fault: { zh: "故障", en: "fault" },
  "sandbox-error": { zh: "沙箱出错", en: "sandbox error" },
};
