import type { Bytes } from "../../bytes.js";
import { asText } from "./http.js";
import type { Cause } from "./signature-causes.js";

/** What is wrong with the form of a signature. */
export function formCause(signature: string, bytes: Bytes | undefined, length: number): Cause {
  const text = bytes && asText(bytes);
  const forms: [isSo: boolean, zh: string, en: string, fix: string][] = [
    [
      /^[\da-f]{32}$/i.test(signature),
      "是 APIv2 的 MD5 签名（32 个十六进制字符）",
      "is the MD5 signature of APIv2 (32 characters of hex)",
      '- createHash("md5").update(sorted + "&key=" + apiKey).digest("hex")',
    ],
    [
      /^[\da-f]{64}$/i.test(signature),
      "是 APIv2 的 HMAC-SHA256 签名（64 个十六进制字符）",
      "is the HMAC-SHA256 signature of APIv2 (64 characters of hex)",
      '- createHmac("sha256", apiKey).update(sorted + "&key=" + apiKey).digest("hex")',
    ],
    [/^[\da-f]{512}$/i.test(signature), "是十六进制", "is in hex", '- signature.toString("hex")'],
    [/%[\da-f]{2}/i.test(signature), "做了 URL 编码", "is percent-encoded", "- encodeURIComponent(signature)"],
    [
      /^[\w-]+=*$/.test(signature) && /[-_]/.test(signature),
      "是 base64url 编码",
      "is in base64url",
      '- signature.toString("base64url")',
    ],
    [bytes === undefined, "不是有效的 base64", "is not base64 (its padding may be missing)", "- signature"],
    [
      /^[\w+/]{300,}=*$/.test(text ?? ""),
      "做了两次 base64 编码",
      "was encoded in base64 twice",
      '- btoa(signature.toString("base64"))',
    ],
    [
      bytes?.length === 32,
      "只有 32 字节，是 HMAC-SHA256 或哈希值",
      "has 32 bytes, like a hash or the HMAC of APIv2",
      '- createHmac("sha256", apiKey).update(message)',
    ],
  ];
  const [, zh, en, fix] = forms.find(([isSo]) => isSo) ?? [
    true,
    `有 ${bytes?.length} 字节，应为 ${length} 字节：私钥不是这个商户的 2048 位 RSA 密钥`,
    `has ${bytes?.length} bytes, not ${length}: the key is not the merchant's RSA key of 2048 bits`,
    "- privateKey: other",
  ];
  return {
    headline: { zh: `签名值${zh}。`, en: `The signature ${en}.` },
    advice: {
      zh: `应为用商户API私钥以 SHA256 with RSA 生成的 ${length} 字节，再做一次标准 base64 编码（带 = 填充）。`,
      en: `It must be ${length} bytes, made with the merchant's private key by SHA-256 with RSA, and encoded once in standard base64 with padding.`,
    },
    fix: `${fix}\n+ sign("sha256", message, privateKey).toString("base64")`,
  };
}
