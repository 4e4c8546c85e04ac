import type { KeyReason, VerificationReason } from "./errors.js";

/** Where a signed message was judged. */
export interface VerificationContext {
  headers: Headers;
  /** Our clock, in ms. */
  now: number;
  /** The serials of the platform keys that are held. */
  held: string;
}

/** Why a signed message is not accepted, as half a sentence and its likely cause. */
export function explainVerification(reason: VerificationReason, { headers, now, held }: VerificationContext): string {
  const serial = (headers.get("Wechatpay-Serial") ?? "").slice(0, 80);
  const skew = Number(headers.get("Wechatpay-Timestamp")) - Math.floor(now / 1000);
  const off = `${Math.abs(skew)} s ${skew < 0 ? "behind" : "ahead of"} our clock`;
  const [what, cause] = {
    "missing-header": [
      "Wechatpay-Timestamp, -Nonce, -Signature and -Serial headers are not all there",
      "somebody else answered or called in WeChat Pay's place, or a proxy stripped the headers",
    ],
    "clock-skew": [
      `Wechatpay-Timestamp is ${off}, and 300 s are allowed`,
      "this machine's clock is off (check NTP), or an old message was replayed",
    ],
    "unknown-serial": [
      `platform key is ${JSON.stringify(serial)}, and those held are: ${held}`,
      "WeChat Pay's keys were changed, or the public key is not switched on yet. Add that key to platformKeys",
    ],
    "not-base64": [
      "Wechatpay-Signature is no base64",
      "one of the probes (WECHATPAY/SIGNTEST/…) by which WeChat Pay checks that we verify",
    ],
    mismatch: [
      `signature does not belong to its body and ${serial}`,
      "it was changed on its way, or that name stands for another key in platformKeys",
    ],
  }[reason];
  return `its ${what}. Likely cause: ${cause}`;
}

const OWN_KEY = "The private key is in a file of its own: apiclient_key.pem, beside apiclient_cert.pem.";
const PUBLIC_KEY = "Download pub_key.pem from the merchant platform: 账户中心 > API安全 > 微信支付公钥.";
const READ_FILE = 'Give the text of the file, not its path or a Buffer: await readFile(path, "utf8").';
const IS_IT_SET = "Is the environment variable set?";
const WHOLE = "Give the whole file, with its -----BEGIN …----- and -----END …----- lines.";
const QUOTE = "A .env file or a shell often cuts a value of several lines: put it in double quotes, or read the file.";
const UNESCAPE = 'Make them line breaks: pem.replaceAll("\\\\n", "\\n").';
const COPY =
  "Copy the file again, unchanged; openssl pkey -check -noout -in key.pem (-pubin for public keys) tests it.";
const EXPOSED = "That is dangerous: it must never go where public keys go. If it has been passed around, replace it.";
const DECRYPT = "Decrypt it: openssl pkey -in key.pem -out apiclient_key.pem.";

/** What is given in a key's place, and what to do. `%` stands for the detail, such as an algorithm. */
const KEYS = {
  absent: ["not-text", "%", IS_IT_SET],
  "not-text": ["not-text", "something other than text", READ_FILE],
  empty: ["not-pem", "an empty text", IS_IT_SET],
  "file-path": ["file-path", "a file path", READ_FILE],
  // The form in which CI systems and Kubernetes keep files.
  wrapped: ["not-pem", "a PEM wrapped in base64", "Unwrap it: atob(text)."],
  unarmoured: ["not-pem", "%", WHOLE],
  truncated: ["truncated", "a PEM without its % line", QUOTE],
  "escaped-newlines": ["escaped-newlines", "a PEM with \\n spelled out as two characters", UNESCAPE],
  malformed: ["malformed", "a damaged PEM (characters lost, added or changed)", COPY],
  "certificate-given": ["certificate-given", "a certificate", OWN_KEY],
  "public-key-given": ["public-key-given", "a public key", OWN_KEY],
  encrypted: ["encrypted", "an encrypted private key", DECRYPT],
  "private-key-given": ["private-key-given", "a private key", EXPOSED],
  "not-a-private-key": ["other-given", "%", OWN_KEY],
  "not-a-public-key": ["other-given", "%", PUBLIC_KEY],
  "not-rsa": ["not-rsa", "a key that is not RSA (%)", "WECHATPAY2-SHA256-RSA2048 takes RSA keys only."],
  "too-short": ["too-short", "an RSA key of % bits", "WeChat Pay's keys have 2048 bits or more."],
} satisfies Record<string, readonly [KeyReason, given: string, advice: string]>;

/** What can be wrong with a PEM. */
export type PemMistake = keyof typeof KEYS;

/** Why a PEM is not the key that was wanted. */
export function explainKey(mistake: PemMistake, detail: string, wanted: string): [KeyReason, string] {
  const [reason, given, advice] = KEYS[mistake];
  return [reason, `${wanted} is wanted, but ${given.replace("%", () => detail)} was given. ${advice}`];
}
