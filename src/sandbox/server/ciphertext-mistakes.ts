import { createPrivateKey, KeyObject } from "node:crypto";
import { fromBase64 } from "../../bytes.js";
import { type Reason, shown, type Why } from "../reasons/words.js";
import { isReadable, OAEP, type Padding, paddingOf } from "./ciphertext-padding.js";
import { asText } from "./http.js";
import type { Merchant } from "./merchant.js";
import type { Platform, PlatformKeyPair } from "./platform.js";

/** A sensitive field that could not be decrypted. */
export interface Ciphertext {
  /** Its JSON pointer. */
  pointer: string;
  text: string;
  /** What `Wechatpay-Serial` names; absent where it names none. */
  key: PlatformKeyPair | undefined;
}

/** Bytes that an RSA key of 2048 bits encrypts to. */
const SIZE = 256;
const ENCRYPT = `publicEncrypt({ key: platformPublicKey, padding: RSA_PKCS1_OAEP_PADDING }, text).toString("base64")`;

/** Why a field cannot be decrypted: its form tells, or what the keys that the sandbox has make of it. */
export async function explainCiphertext(
  { pointer, text, key }: Ciphertext,
  merchant: Merchant,
  platform: Platform,
): Promise<Why> {
  const form = formOf(text);
  const named = shown(pointer, 120);
  const name = /^[\w-]{1,60}$/.exec(pointer.slice(pointer.lastIndexOf("/") + 1))?.[0] ?? "field";
  const [{ zh, en }, fix] = form
    ? [form.what, `- ${name}: ${form.wrong}\n+ ${name}: ${form.right}`]
    : ((await ofPlatform(Buffer.from(text, "base64"), key, platform)) ?? ofOthers(text, key, merchant, platform));
  return { reason: { zh: `${named} ${zh}。`, en: `${named} ${en}.` }, fix };
}

type Told = readonly [what: Reason, fix: string];

/** Of what was encrypted with one of WeChat Pay's keys. */
async function ofPlatform(
  ciphertext: Uint8Array,
  key: PlatformKeyPair | undefined,
  platform: Platform,
): Promise<Told | undefined> {
  for (const { serial, signingKey, isInForce } of await platform.known()) {
    const padding = paddingOf(ciphertext, KeyObject.from(signingKey as Parameters<typeof KeyObject.from>[0]));
    if (padding === undefined) continue;
    if (padding !== OAEP) return wrongPadding(padding);
    if (key === undefined) return noSerial(serial);
    if (serial === key.serial) continue;
    const expired = isInForce ? { zh: "", en: "" } : { zh: "（不在有效期内）", en: ", which is not in force" };
    return [
      {
        zh: `是用 ${serial}${expired.zh} 的公钥加密的，但 Wechatpay-Serial 是 ${key.serial}`,
        en: `was encrypted with the key of ${serial}${expired.en}, but Wechatpay-Serial names ${key.serial}`,
      },
      isInForce ? `- Wechatpay-Serial: ${key.serial}\n+ Wechatpay-Serial: ${serial}` : OTHER_KEY,
    ];
  }
  return undefined;
}

const OTHER_KEY = "- key: otherPublicKey\n+ key: platformPublicKey";

const noSerial = (serial: string): Told => [
  {
    zh: "已加密，但缺少请求头 Wechatpay-Serial，无法得知用哪个密钥解密",
    en: "is encrypted, but the header Wechatpay-Serial, which names the key, is missing",
  },
  `+ Wechatpay-Serial: ${serial}`,
];

/** Of what was encrypted with no key of WeChat Pay's. */
function ofOthers(text: string, key: PlatformKeyPair | undefined, merchant: Merchant, platform: Platform): Told {
  if (paddingOf(Buffer.from(text, "base64"), createPrivateKey(merchant.privateKey)) !== undefined) {
    return [
      {
        zh: "是用商户自己的公钥加密的，应使用微信支付公钥或平台证书",
        en: "was encrypted with the merchant's own public key, not WeChat Pay's",
      },
      "- key: merchantPublicKey\n+ key: platformPublicKey",
    ];
  }
  if (key === undefined) return noSerial(platform.standard().serial);
  return [
    {
      zh: `不是用 Wechatpay-Serial 指定的 ${key.serial} 的公钥加密的`,
      en: `was encrypted with another key than ${key.serial}, which Wechatpay-Serial names`,
    },
    OTHER_KEY,
  ];
}

interface Form {
  what: Reason;
  wrong: string;
  right: string;
}

/** What a text is that is no ciphertext of the right size in base64. */
function formOf(text: string): Form | undefined {
  const bytes = fromBase64(text);
  if (bytes?.length === SIZE) return undefined;
  const encoded = (zh: string, en: string, wrong: string): Form => {
    const what = {
      zh: `的密文${zh}，应为标准 base64（带 = 填充）`,
      en: `is a ciphertext ${en}: it must be in standard base64 with padding`,
    };
    return { what, wrong, right: 'ciphertext.toString("base64")' };
  };
  if (/^[\da-f]{512}$/i.test(text)) return encoded("是十六进制", "in hex", 'ciphertext.toString("hex")');
  if (isSize(text.replace(/\s/g, "+")) && !/[\r\n]/.test(text)) {
    return encoded(
      "中的 + 变成了空格（没有做 URL 编码）",
      "whose + became blanks, as it was not percent-encoded",
      "ciphertext",
    );
  }
  if (isSize(text.replace(/\s/g, "")))
    return encoded("中有换行符或空格", "with line feeds or blanks", "wrapped(ciphertext)");
  const padded = `${text.replace(/[=\s]+$/, "")}==`;
  if (/%[\da-f]{2}/i.test(text) && isSize(decoded(text))) {
    return encoded("做了 URL 编码", "that is percent-encoded", "encodeURIComponent(ciphertext)");
  }
  if (isSize(padded.replaceAll("-", "+").replaceAll("_", "/"))) {
    return /[-_]/.test(text)
      ? encoded("是 base64url 编码", "in base64url", 'ciphertext.toString("base64url")')
      : encoded("缺少 = 填充", "without the padding of base64", "ciphertext");
  }
  if (bytes !== undefined && isSize(asText(bytes))) {
    return encoded("做了两次 base64 编码", "in base64 twice", 'btoa(ciphertext.toString("base64"))');
  }
  if (bytes !== undefined && bytes.length > SIZE / 2 - 1 && !isReadable(bytes)) {
    const { length } = bytes;
    const isCut = length < SIZE && length !== SIZE / 2;
    return {
      what: {
        zh: `的密文有 ${length} 字节，应为 ${SIZE} 字节：${isCut ? "被截断了" : "不是用微信支付的 2048 位 RSA 密钥加密的"}`,
        en: `is a ciphertext of ${length} bytes, not ${SIZE}: ${isCut ? "it was cut" : "it was not made with WeChat Pay's RSA key of 2048 bits"}`,
      },
      wrong: isCut ? `ciphertext.slice(0, ${length})` : "encrypt(text, otherPublicKey)",
      right: isCut ? "ciphertext" : "encrypt(text, platformPublicKey)",
    };
  }
  const what = { zh: "是明文，应先加密", en: "is plain text: encrypt it" };
  return { what, wrong: "text", right: ENCRYPT };
}

const isSize = (text: string) => fromBase64(text)?.length === SIZE;

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function wrongPadding(padding: Padding): Told {
  const right = "+ padding: RSA_PKCS1_OAEP_PADDING";
  if (padding === "PKCS#1 v1.5") {
    return [
      {
        zh: "的密文使用了 PKCS#1 v1.5 填充，应为 OAEP（SHA-1）",
        en: "was encrypted with PKCS#1 v1.5: the padding must be OAEP, with SHA-1",
      },
      `- padding: RSA_PKCS1_PADDING\n${right}`,
    ];
  }
  if (padding === "none") {
    return [
      {
        zh: "的密文没有使用填充，应为 OAEP（SHA-1）",
        en: "was encrypted without padding: it must be OAEP, with SHA-1",
      },
      `- padding: RSA_NO_PADDING\n${right}`,
    ];
  }
  const [, hash = "", mask = ""] = padding.split(" ");
  const name = (each: string) => each.toUpperCase().replace("SHA", "SHA-");
  const used = hash === mask ? name(hash) : `${name(hash)} and MGF1 of ${name(mask)}`;
  return [
    {
      zh: `的密文使用了 OAEP 和 ${used.replace(" and MGF1 of ", "、MGF1 ")}，哈希应为 SHA-1`,
      en: `was encrypted by OAEP with ${used}: the hash must be SHA-1`,
    },
    `- oaepHash: "${hash}"\n+ oaepHash: "sha1"`,
  ];
}
