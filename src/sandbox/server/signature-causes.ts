import type { Reason } from "../reasons/words.js";
import type { SigningMistake } from "./signing-mistake.js";

/** Why a signature is wrong, in words. */
export interface Cause {
  /** One sentence, and whether the key is right. */
  headline: Reason;
  /** What is right. */
  advice: Reason;
  /** As {@link ReceivedRequest.fix}. */
  fix?: string;
}

const withRightKey = ({ zh, en }: Reason): Reason => ({
  zh: `${zh}。私钥是对的。`,
  en: `${en}. Your private key is right.`,
});

/** Of another message that was signed. */
export function mistaken(mistakes: readonly SigningMistake[], isUpload: boolean): Cause {
  const en = mistakes.map(({ what }) => what.en).join(", and ");
  const what = { zh: mistakes.map(({ what }) => what.zh).join("；"), en: en.charAt(0).toUpperCase() + en.slice(1) };
  const advice = {
    zh: mistakes.map(({ advice }) => advice.zh).join("") + (isUpload ? "上传文件时，请求体指 meta 的 JSON 文本。" : ""),
    en:
      mistakes.map(({ advice }) => advice.en).join(" ") +
      (isUpload ? " Of an upload, the body is the text of meta." : ""),
  };
  return { headline: withRightKey(what), advice, fix: mistakes.map(({ fix }) => fix).join("\n") };
}

const ALGORITHM: Reason = {
  zh: "微信支付使用 SHA256 with RSA（PKCS#1 v1.5）。",
  en: "WeChat Pay takes SHA-256 with RSA and PKCS#1 v1.5.",
};

export const PSS: Cause = {
  headline: withRightKey({ zh: "签名使用了 RSA-PSS 填充", en: "It was signed with RSA-PSS" }),
  advice: ALGORITHM,
  fix: "- padding: RSA_PKCS1_PSS_PADDING\n+ padding: RSA_PKCS1_PADDING",
};

export const NO_PADDING: Cause = {
  headline: withRightKey({ zh: "签名没有使用填充", en: "It was signed without padding" }),
  advice: ALGORITHM,
  fix: "- padding: RSA_NO_PADDING\n+ padding: RSA_PKCS1_PADDING",
};

export const OTHER_KEY: Cause = {
  headline: {
    zh: "签名用的是其他私钥，不是这个商户的商户API私钥。",
    en: "It was signed with another private key, not this merchant's.",
  },
  advice: {
    zh: "请使用沙箱给出的私钥（credentials.privateKey，或 --keys 文件夹里的 apiclient_key.pem），不要使用真实商户或其他商户的。没有 --keys（代码里是 keys 选项）时，沙箱每次启动都换新密钥。",
    en: "Use the one that the sandbox gives (credentials.privateKey, or apiclient_key.pem in the folder of --keys), not one of the real merchant or of another. Without --keys, in code the option keys, each start makes new keys.",
  },
  fix: "- privateKey: other\n+ privateKey: sandbox.credentials.privateKey",
};

const UNKNOWN = withRightKey({
  zh: "被签名的不是应签名的签名串，且不属于已尝试的常见错误",
  en: "Another message was signed, and none of the usual mistakes explains it",
});

const UNKNOWN_BODY: Cause = {
  headline: UNKNOWN,
  advice: {
    zh: "最可能的原因：请求体在签名之后又有变化（HTTP 库再次序列化，或签名之后才加密敏感信息字段），或者签名时的随机串、时间戳、URL 与发送的不同。请只生成一次请求体、随机串和时间戳，签名后原样发送，并打印签名串与应签名的签名串比较。",
    en: "Most likely the body was changed after it was signed (an HTTP library serialized it again, or its fields were encrypted only then), or the nonce, the timestamp or the URL that was signed is not the one that was sent. Make body, nonce and timestamp once, sign them and send exactly these. Print what you sign and compare it with the expected message.",
  },
};

const UNKNOWN_NONCE: Cause = {
  headline: UNKNOWN,
  advice: {
    zh: "最可能的原因：随机串生成了两次，签名串中的与 Authorization 中的不同；也可能是 URL 不同。请只生成一次，两处使用同一个值，并打印签名串与应签名的签名串比较。",
    en: "Most likely the nonce was made twice, once to be signed and once for Authorization; or the URL that was signed is another one. Make the nonce once and use it for both. Print what you sign and compare it with the expected message.",
  },
  fix: [
    "- sign(method, url, timestamp, randomNonce(), body)",
    "- authorization(timestamp, randomNonce(), signature)",
    "+ const nonce = randomNonce()",
    "+ sign(method, url, timestamp, nonce, body)",
    "+ authorization(timestamp, nonce, signature)",
  ].join("\n"),
};

/** Of a message that is not found out. */
export const unknown = (body: string): Cause => (body === "" ? UNKNOWN_NONCE : UNKNOWN_BODY);

export const WHOLE_UPLOAD: Cause = {
  headline: withRightKey({
    zh: "被签名的是整个 multipart/form-data 请求体",
    en: "The whole multipart/form-data body was signed",
  }),
  advice: {
    zh: "上传文件时，签名串第五行只是 meta 这一部分的 JSON 文本，与发送的完全一致，文件内容不参与签名。",
    en: "Of an upload, line 5 is only the JSON text of the part `meta`, exactly as it is sent: the file is not signed.",
  },
  fix: "- sign(method, url, timestamp, nonce, form)\n+ sign(method, url, timestamp, nonce, meta)",
};

/** @param count of the parts `meta`; undefined where the body cannot be read */
export const noMeta = (count: number | undefined): Cause => ({
  headline: withRightKey(
    count === undefined
      ? { zh: "请求体不是可读取的 multipart/form-data", en: "The body cannot be read as multipart/form-data" }
      : {
          zh: `表单中应有一个 meta 部分，而不是 ${count} 个`,
          en: count === 0 ? "The form has no part `meta`" : `The form has ${count} parts \`meta\`, not one`,
        },
  ),
  advice: {
    zh: "因此没有可签名的文本。请检查 Content-Type 是否带有 boundary（由 HTTP 库生成，不要手写），以及 meta 是否以 JSON 文本的形式加入表单。",
    en: "So there is no text to be signed. Check that Content-Type names the boundary (leave that header to the HTTP library), and that `meta` is appended to the form, once, as a JSON text.",
  },
  fix: '- headers["Content-Type"] = "multipart/form-data"\n+ form.append("meta", meta)',
});

/** DigestInfo of RFC 8017 (9.2), up to the digest. */
export const SHA_256 = "3031300d060960864801650304020105000420";
const OTHER_HASHES = {
  MD5: "3020300c06082a864886f70d020505000410",
  "SHA-1": "3021300906052b0e03021a05000414",
  "SHA-224": "302d300d06096086480165030402040500041c",
  "SHA-384": "3041300d060960864801650304020205000430",
  "SHA-512": "3051300d060960864801650304020305000440",
};

/** @param content what the padding held, in hex */
export function hashCause(content: string): Cause {
  const [hash] = Object.entries(OTHER_HASHES).find(([, prefix]) => content.startsWith(prefix)) ?? [];
  if (hash === undefined) {
    return {
      headline: withRightKey({
        zh: "这不是签名，而是用私钥“加密”的数据",
        en: "The private key was used to encrypt, not to sign",
      }),
      advice: {
        zh: "其中没有 SHA-256 的 DigestInfo。请使用 SHA256 with RSA 的签名函数，不要使用私钥加密函数。",
        en: "There is no DigestInfo of SHA-256 in it. Call the function that signs with SHA-256 and RSA, not one that encrypts with the private key.",
      },
      fix: '- privateEncrypt(privateKey, sha256(message))\n+ sign("sha256", message, privateKey)',
    };
  }
  return {
    headline: withRightKey({ zh: `签名使用了 ${hash}，应为 SHA-256`, en: `It was signed with ${hash}, not SHA-256` }),
    advice: ALGORITHM,
    fix: `- createSign("RSA-${hash.replace("-", "")}")\n+ createSign("RSA-SHA256")`,
  };
}
