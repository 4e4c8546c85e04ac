import type { KeyReason, SignatureReason, VerificationError } from "./errors.js";

/** What was judged; a notification has no status. `likely` is what its body shows of why a signature does not fit. */
type Judged = Pick<VerificationError, "status" | "outcome"> & { headers: Headers; likely?: string | undefined };

/** Why a signed message is not accepted, as the rest of a sentence: by our clock in ms, with the platform keys of the serials `held`. */
export function explainVerification(reason: SignatureReason, judged: Judged, now: number, held: string): string {
  const { headers, status, outcome, likely = "a changed body, or a wrong key in platformKeys" } = judged;
  const serial = JSON.stringify(headers.get("Wechatpay-Serial")?.slice(0, 80));
  const skew = Number(headers.get("Wechatpay-Timestamp")) - Math.floor(now / 1000);
  const off = `${Math.abs(skew)} s ${skew < 0 ? "behind" : "ahead of"}`;
  const mark = 'mark its operation: x-wechatpay-response: unsigned in the spec, response: "unsigned" in operations';
  const file = status === undefined || outcome ? "" : `. If it is a file, which comes unsigned, ${mark}`;
  return {
    "missing-header": `its Wechatpay-* headers are not all there. Likely cause: a proxy stripped them, or a forgery${file}`,
    "clock-skew": `its Wechatpay-Timestamp is ${off} our clock (300 are allowed). Likely cause: our clock (check NTP), or a replay`,
    "unknown-serial": `its key ${serial} is not held (${held}). Likely cause: a new key. Add it to platformKeys`,
    "not-base64": "its signature is no base64. Likely cause: WeChat Pay's probe WECHATPAY/SIGNTEST",
    mismatch: `its signature does not belong to its body and ${serial}. Likely cause: ${likely}`,
  }[reason];
}

/** Why `what` is not decrypted with the APIv3 key. */
export const explainApiV3Key = (what: string): string =>
  `apiV3Key does not decrypt ${what}: it is another merchant's, or was replaced (商户平台 → API安全).`;

/** What to do, unless there is better advice. */
const READ_FILE = 'Give that file from -----BEGIN on: await readFile(path, "utf8"), or its environment variable.';

const ADVICE: Partial<Record<KeyReason, string>> = {
  truncated: "Copy the whole file. Put .env values in double quotes.",
  "escaped-newlines": 'Use pem.replaceAll("\\\\n", "\\n").',
  malformed: "Copy it again. To test it: openssl pkey -check -noout -in key.pem (-pubin if public).",
  encrypted: "It is encrypted: openssl pkey -in key.pem -out apiclient_key.pem decrypts it.",
  "private-key-given": "That is dangerous: a private key never goes there. If it was passed around, replace it.",
  "not-rsa": "WeChat Pay takes RSA keys only.",
  "too-short": "WeChat Pay takes 2048 bits or more.",
};

/** Why a PEM is not the key that is wanted, and what to do. */
export function explainKey(reason: KeyReason, given: string, wanted: string): string {
  return `${wanted} is wanted, but ${given} was given. ${ADVICE[reason] ?? READ_FILE}`;
}
