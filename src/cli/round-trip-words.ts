/** What a signed query can show of server, clock and merchant, as the others of `doctor`. */
export const ROUND_TRIP = {
  answers: ["server", "ok", "{0} answers, {1} ms", "{0} 有应答，{1} 毫秒"],
  unreachable: [
    "server",
    "problem",
    "{0} cannot be reached: {1}.\nCheck DNS, firewall and proxy. For the sandbox: is it running, on that port?",
    "无法连接 {0}：{1}。\n请检查 DNS、防火墙和代理。若是沙箱：它在运行吗，端口对吗？",
  ],
  "not-wechat-pay": [
    "server",
    "problem",
    "{0} answered, but not with WeChat Pay's signature ({1}).\nSomebody else answers there, or a proxy takes the Wechatpay- headers away.",
    "{0} 的应答没有微信支付的签名（{1}）。\n应答的不是微信支付，或代理去掉了 Wechatpay- 开头的应答头。",
  ],

  "clock-right": ["clock", "ok", "{0} s off", "相差 {0} 秒"],
  "clock-near": [
    "clock",
    "warning",
    "{0} s off; at 300 s every call fails.\nLet the system set its clock (NTP).",
    "相差 {0} 秒；达到 300 秒时所有调用都会失败。\n请让系统自动校时（NTP）。",
  ],
  "clock-ahead": [
    "clock",
    "problem",
    "this machine is {0} s ahead of the server, and 300 s are allowed.\nLet the system set its clock (NTP).",
    "本机比服务器快 {0} 秒，只允许 300 秒。\n请让系统自动校时（NTP）。",
  ],
  "clock-behind": [
    "clock",
    "problem",
    "this machine is {0} s behind the server, and 300 s are allowed.\nLet the system set its clock (NTP).",
    "本机比服务器慢 {0} 秒，只允许 300 秒。\n请让系统自动校时（NTP）。",
  ],
  "clock-unknown": ["clock", "skipped", "the server did not say its time", "服务器没有给出时间"],

  accepted: [
    "round-trip",
    "ok",
    "GET /v3/certificates: signed, accepted, verified",
    "GET /v3/certificates：签名被接受，应答验签通过",
  ],
  "accepted-none": [
    "round-trip",
    "ok",
    "GET /v3/certificates: signed and accepted; this merchant has a public key and no certificates",
    "GET /v3/certificates：签名被接受；这个商户只有公钥，没有平台证书",
  ],
  "wrong-mchid": [
    "round-trip",
    "problem",
    "WeChat Pay does not know the merchant: {0}\nWECHATPAY_MCHID must be the caller's own number: a service provider's own, not a sub-merchant's.",
    "微信支付不认识这个商户号：{0}\nWECHATPAY_MCHID 应为调用方自己的商户号：服务商用自己的，不用特约商户的。",
  ],
  "wrong-serial": [
    "round-trip",
    "problem",
    "the merchant has no certificate of that serial: {0}\nopenssl x509 -in apiclient_cert.pem -noout -serial prints the right one.",
    "该商户没有这个序列号的证书：{0}\n用 openssl x509 -in apiclient_cert.pem -noout -serial 查看正确的序列号。",
  ],
  "wrong-signature": [
    "round-trip",
    "problem",
    "the signature is refused: {0}\nMost likely the private key is not that of the serial: take both of one download.",
    "签名被拒绝：{0}\n多半是私钥与序列号不是一对：两者要取自同一次下载。",
  ],
  "not-accepted-clock": ["round-trip", "problem", "not accepted, because of the clock", "未被接受，原因是时钟"],
  refused: ["round-trip", "problem", "WeChat Pay refused: {0}", "微信支付拒绝：{0}"],
  "not-sent": ["round-trip", "skipped", "not sent: mend what is above first", "没有发出：请先解决上面的问题"],
} as const;
