// What the view Connect says.
import type { Text } from "../../messages.js";

export const connectTexts = {
  title: { zh: "接入", en: "Connect" },
  how: {
    zh: "沙箱地址是 {0}。任何语言的 SDK 都可以用下面的密钥调用它。",
    en: "The sandbox is at {0}. An SDK of any language can call it with the keys below.",
  },
  throwAway: {
    zh: "这些密钥只属于这个沙箱，在微信支付那里毫无用处，可以放心复制。",
    en: "These keys belong to this sandbox alone and are worth nothing at WeChat Pay: copy them freely.",
  },
  keep: {
    zh: "不带 --keys 启动时，每次都会换新的密钥；带上它，重启后密钥不变：",
    en: "Without --keys, each start makes new keys. With it they stay the same:",
  },
  loading: { zh: "正在读取密钥……", en: "Loading the keys…" },
  retry: { zh: "重试", en: "Try again" },
  failed: { zh: "没有读到密钥。", en: "The keys could not be loaded." },
  tabs: { zh: "接入方式", en: "Ways to connect" },
  envHow: {
    zh: "与 wechatpay sandbox --env 写出的相同。Node.js 用 node --env-file=.env 读取。",
    en: "The same as wechatpay sandbox --env writes. Node.js reads it with node --env-file=.env.",
  },
  pem: { zh: "PEM 文件", en: "PEM files" },
  pemHow: {
    zh: "SDK 要的文件，文件名与商户平台给的一样。",
    en: "The files that SDKs ask for, named as the merchant platform names them.",
  },
  noCertificate: {
    zh: "平台证书由 SDK 从 /v3/certificates 下载。要有 wechatpay_<序列号>.pem 文件，启动时加上 --platform-keys certificate。",
    en: "SDKs download platform certificates from /v3/certificates. For wechatpay_<serial>.pem as a file, start with --platform-keys certificate.",
  },
  copy: { zh: "复制", en: "Copy" },
  download: { zh: "下载", en: "Download" },
  keyFile: { zh: "商户API私钥（PKCS#8）", en: "The merchant's private key (PKCS#8)" },
  keyPkcs1File: { zh: "同一把私钥，PKCS#1 格式", en: "The same private key as PKCS#1" },
  certFile: { zh: "商户API证书，序列号 {0}", en: "The merchant's certificate, serial {0}" },
  publicKeyFile: { zh: "微信支付公钥，ID {0}", en: "WeChat Pay's public key, ID {0}" },
  platformFile: { zh: "平台证书，序列号 {0}", en: "WeChat Pay's certificate, serial {0}" },
  apiV3Key: { zh: "APIv3密钥", en: "APIv3 key" },
  mchid: { zh: "商户号", en: "mchid" },
  serialNo: { zh: "商户API证书序列号", en: "Serial of the merchant's certificate" },
} satisfies Record<string, Text>;
