import { type Bytes, fromBase64, hex } from "../../bytes.js";
import { requestMessage } from "../../wire/sign.js";
import { isMultipart, partNamed } from "../api/multipart.js";
import { parseAuthorization } from "./authorization.js";
import { asText, type SandboxRequest } from "./http.js";
import type { Merchant } from "./merchant.js";
import { closed, type Draft, MISTAKES, type SigningMistake, sha256 } from "./signing-mistakes.js";

/** Why a signature is wrong. */
export interface SignatureCheck {
  /** The message whose signature WeChat Pay expects. */
  expected: string;
  /** The message that was signed, where it is found: a signature holds only its hash, so the usual mistakes are tried. */
  signed?: string;
  /** Where `signed` first differs from `expected`: an index of both. */
  differsAt?: number;
  /** The likely cause and what to do, in Chinese and in English. */
  cause: { zh: string; en: string };
}

type Cause = SignatureCheck["cause"];

/** The message that WeChat Pay builds from a request; absent where `Authorization` cannot be read. */
export function expectedMessage({ method, target, headers, covered: body }: SandboxRequest): string | undefined {
  const authorization = parseAuthorization(headers.get("Authorization") ?? "");
  if (authorization === undefined) return undefined;
  const { timestamp, nonce } = authorization;
  return asText(requestMessage({ method, target, timestamp, nonce, body }));
}

/**
 * Why the signature of a request is wrong. A signature of RSA with PKCS#1 v1.5 gives back the hash of the signed message. So the message can
 * be guessed, and the guess is right when the hashes are equal.
 */
export async function checkSignature(request: SandboxRequest, merchant: Merchant): Promise<SignatureCheck> {
  const {
    signature = "",
    timestamp = "",
    nonce = "",
  } = parseAuthorization(request.headers.get("Authorization") ?? "") ?? {};
  const expected = expectedMessage(request) ?? "";
  const { n = "" } = await crypto.subtle.exportKey("jwk", merchant.verifyingKey);
  const modulus = Buffer.from(n, "base64url");
  const bytes = fromBase64(signature);
  if (bytes?.length !== modulus.length) return { expected, cause: formCause(signature, bytes, modulus.length) };

  const encoded = recover(bytes, modulus);
  const [, content] = /^0001(?:ff){8,}00((?:..)*)$/.exec(encoded) ?? [];
  if (content === undefined) return { expected, cause: isPss(encoded) ? PSS : OTHER_KEY };
  const digest = content.startsWith(SHA_256) ? content.slice(SHA_256.length) : "";
  if (digest.length !== 64) return { expected, cause: hashCause(content) };

  const { method, target: url, covered: body } = request;
  if (isMultipart(request.headers)) {
    if (partNamed(request.parts, "meta") === undefined) return { expected, cause: NO_META };
    const whole = requestMessage({ method, target: url, timestamp, nonce, body: request.body });
    if (hex(sha256(whole)) === digest) return { expected, cause: WHOLE_UPLOAD };
  }
  const right = { method, url, timestamp, nonce, body: asText(body), layout: closed, finish: (text: string) => text };
  const found = search(right, request, digest);
  if (found === undefined) return { expected, cause: UNKNOWN };
  const cause = {
    zh: `商户API私钥正确，但签名串不对：${found.mistakes.map(({ zh }) => zh).join("；")}。`,
    en: `The private key is right, but the message is not: ${found.mistakes.map(({ en }) => en).join("; and ")}.`,
  };
  // Where a digest was signed as if it were the message, there is no text to show.
  if (typeof found.message !== "string") return { expected, cause };
  return { expected, signed: found.message, differsAt: firstDifference(found.message, expected), cause };
}

/** DigestInfo of RFC 8017 (9.2), up to the digest. */
const SHA_256 = "3031300d060960864801650304020105000420";
const OTHER_HASHES = {
  MD5: "3020300c06082a864886f70d020505000410",
  "SHA-1": "3021300906052b0e03021a05000414",
  "SHA-224": "302d300d06096086480165030402040500041c",
  "SHA-384": "3041300d060960864801650304020205000430",
  "SHA-512": "3051300d060960864801650304020305000440",
};

const PSS = {
  zh: "私钥正确，但签名使用了RSA-PSS填充。微信支付使用SHA256 with RSA（PKCS#1 v1.5），请更换签名算法。",
  en: "The private key is right, but it signed with RSA-PSS. WeChat Pay takes SHA-256 with RSA and PKCS#1 v1.5: choose that algorithm.",
};
const OTHER_KEY = {
  zh: "签名不是用这个商户号的商户API私钥、以SHA256 with RSA（PKCS#1 v1.5）生成的。沙箱每次启动都会生成新的密钥：请使用本次启动给出的私钥，不要使用上次启动的、真实商户的或其他商户的私钥。",
  en: "It was not signed with this merchant's private key, or not by SHA-256 with RSA and PKCS#1 v1.5. The sandbox makes new keys at every start: use the privateKey of this start, not one of an earlier start, of the real merchant or of another merchant.",
};
const UNKNOWN = {
  zh: "私钥正确，但被签名的不是应签名的签名串，且不属于已尝试的常见错误。最可能的原因：请求报文主体在签名之后又有变化（HTTP库再次序列化，或签名之后才加密敏感字段），或者签名时的随机串、时间戳、URL与实际发送的不同。请只生成一次请求报文主体、随机串和时间戳，签名后原样发送，并打印签名串与应签名的签名串比较。",
  en: "The private key is right, but another message was signed, and none of the usual mistakes that were tried explains it. Most likely the body was changed after it was signed (an HTTP library serialized it again, or its fields were encrypted only then), or the nonce, the timestamp or the URL that was signed is not the one that was sent. Make body, nonce and timestamp once, sign them and send exactly these. Print what you sign and compare it with the expected message.",
};

const WHOLE_UPLOAD = {
  zh: "私钥正确，但被签名的是整个multipart/form-data请求报文主体。上传文件时，签名串第五行只是meta这一部分的JSON文本，与发送的完全一致，文件内容不参与签名。",
  en: "The private key is right, but the whole multipart/form-data body was signed. Of an upload, the fifth line is only the JSON text of the part `meta`, exactly as it is sent: the file is not signed.",
};
const NO_META = {
  zh: "请求报文主体不是可读取的multipart/form-data，或其中没有（或有多个）名为meta的部分，因此无法确定被签名的文本。请检查Content-Type是否带有boundary（由HTTP库生成，不要手写），以及meta是否以JSON文本的形式加入表单。",
  en: "The body cannot be read as multipart/form-data, or it has no part `meta`, or several, so there is no text to be signed. Check that Content-Type names the boundary (leave that header to the HTTP library), and that `meta` is appended to the form as a JSON text.",
};

function hashCause(content: string): Cause {
  const [hash] = Object.entries(OTHER_HASHES).find(([, prefix]) => content.startsWith(prefix)) ?? [];
  if (hash === undefined) {
    return {
      zh: "私钥正确，但这不是签名，而是用私钥“加密”的数据，其中没有SHA-256的DigestInfo。请使用SHA256 with RSA的签名函数，不要使用私钥加密函数。",
      en: "The private key is right, but it was used to encrypt, not to sign: there is no DigestInfo of SHA-256. Call the function that signs with SHA-256 and RSA, not one that encrypts with the private key.",
    };
  }
  return {
    zh: `私钥正确，但签名使用了${hash}，微信支付要求SHA-256，请改用SHA256 with RSA。`,
    en: `The private key is right, but it signed with ${hash}. WeChat Pay takes SHA-256: choose SHA-256 with RSA.`,
  };
}

/** What is wrong with the form of a signature. */
function formCause(signature: string, bytes: Bytes | undefined, length: number): Cause {
  const text = bytes && asText(bytes);
  const [, zh, en] = (
    [
      [/^[\da-f]{512}$/i.test(signature), "签名值是十六进制", "it is in hex"],
      [/%[\da-f]{2}/i.test(signature), "签名值做了URL编码", "it is percent-encoded"],
      [/^[\w-]+=*$/.test(signature) && /[-_]/.test(signature), "签名值是base64url编码", "it is base64url"],
      [
        bytes === undefined,
        "签名值不是有效的base64",
        "it is not base64 (white space, no padding, or blanks in place of +)",
      ],
      [/^[\w+/]{300,}=*$/.test(text ?? ""), "签名值做了两次base64编码", "it was encoded in base64 twice"],
      [
        bytes?.length === 32,
        "签名值只有32字节，是HMAC-SHA256或哈希值",
        "it has 32 bytes, like a hash or the HMAC of APIv2",
      ],
    ] as const
  ).find(([isSo]) => isSo) ?? [
    true,
    `签名值是${bytes?.length}字节，私钥不是2048位的RSA密钥或不是这个商户的`,
    `it has ${bytes?.length} bytes, so the key is not the merchant's RSA key of 2048 bits`,
  ];
  return {
    zh: `${zh}。应为用商户API私钥以SHA256 with RSA生成的${length}字节签名，再做一次标准base64编码（带=填充）。`,
    en: `The signature cannot be read: ${en}. It must be ${length} bytes, made with the merchant's private key by SHA-256 with RSA, encoded once in standard base64 with padding.`,
  };
}

/** What was signed with the private key, padding included: `signature ** 65537 % modulus`, in hex. */
function recover(signature: Bytes, modulus: Bytes): string {
  const n = BigInt(`0x${hex(modulus)}`);
  const s = BigInt(`0x${hex(signature)}`);
  let power = s;
  for (let squared = 0; squared < 16; squared++) power = (power * power) % n;
  return ((power * s) % n).toString(16).padStart(modulus.length * 2, "0");
}

/** Whether it has the form of RSA-PSS with SHA-256 (RFC 8017, 9.1.2), whatever the message. */
function isPss(encoded: string): boolean {
  if (!encoded.endsWith("bc")) return false;
  const [, masked = "", hash = ""] = /^(.*)(.{64})bc$/.exec(encoded) ?? [];
  let mask = "";
  for (let counter = 0; mask.length < masked.length; counter++)
    mask += hex(sha256(Buffer.from(hash + counter.toString(16).padStart(8, "0"), "hex")));
  const unmasked = BigInt(`0x${masked}`) ^ BigInt(`0x${mask.slice(0, masked.length)}`);
  // The first bit is cleared after the mask; zeros and a 1 stand before the salt.
  const salted = (unmasked & ((1n << BigInt(masked.length * 4 - 1)) - 1n)).toString(16);
  return salted.length % 2 === 1 && salted.startsWith("1");
}

/** The most to hash for a request, in characters. */
const MOST_HASHED = 2 ** 24;
/** A longer body is not rewritten: it was signed as it is, or not at all. */
const LONGEST_REWRITTEN = 2 ** 16;

function search(
  right: Draft,
  request: SandboxRequest,
  digest: string,
): { mistakes: SigningMistake[]; message: string | Bytes } | undefined {
  let hashed = 0;
  for (const { mistakes, change } of candidates(right, request)) {
    const { method, url, timestamp, nonce, body, layout, finish } = { ...right, ...change };
    const message = finish(layout([method, url, timestamp, nonce, body]));
    hashed += message.length;
    if (hashed > MOST_HASHED) return undefined;
    if (hex(sha256(message)) === digest) return { mistakes, message };
  }
  return undefined;
}

interface Candidate {
  mistakes: SigningMistake[];
  change: Partial<Draft>;
}

/** Each mistake alone, and then any two in different parts. */
function* candidates(right: Draft, request: SandboxRequest): Iterable<Candidate> {
  const isLong = right.body.length > LONGEST_REWRITTEN;
  const from = isLong ? { ...right, body: "" } : right;
  const sent = isLong ? { ...request, covered: new Uint8Array() } : request;
  const made: { mistake: SigningMistake; change: Partial<Draft> }[] = [];
  for (const tries of ["change", "alone"] as const) {
    for (const mistake of MISTAKES) {
      for (const value of values(() => mistake[tries]?.(from, sent), right[mistake.part])) {
        const change = { [mistake.part]: value };
        yield { mistakes: [mistake], change };
        if (tries === "change") made.push({ mistake, change });
      }
    }
  }
  for (const [index, one] of made.entries()) {
    for (const other of made.slice(index + 1)) {
      if (one.mistake.part === other.mistake.part) continue;
      yield { mistakes: [one.mistake, other.mistake], change: { ...one.change, ...other.change } };
    }
  }
}

/** Each value once, but not the right one. */
function* values<Value>(make: () => Iterable<Value> | undefined, right: Value): Iterable<Value> {
  const seen = new Set([right]);
  try {
    for (const value of make() ?? []) {
      if (!seen.has(value)) yield value;
      seen.add(value);
    }
  } catch {
    // This mistake cannot be made: the body is not JSON or not an object, or the URL cannot be decoded.
  }
}

function firstDifference(one: string, other: string): number {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at++;
  return at;
}
