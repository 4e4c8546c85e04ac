import type { Bytes } from "../bytes.js";
import { fromBase64 } from "../bytes.js";
import { KeyError } from "../errors.js";
import { DerError, decode } from "./der.js";
import {
  Mistake,
  notRsa,
  type PublicKey,
  readCertificate,
  unwrapPrivateKey,
  unwrapPublicKey,
  wrapPrivateKey,
  wrapPublicKey,
} from "./pkix.js";

export type { PublicKey };

/**
 * Reads an RSA private key, PKCS#8 (`PRIVATE KEY`) or PKCS#1 (`RSA PRIVATE KEY`), as PKCS#8 DER. Text around the PEM, indentation
 * and CRLF do not matter.
 *
 * @param option what the key was given as, for the message
 * @throws KeyError for everything else, a damaged key included: its numbers must belong together.
 */
export function readPrivateKey(pem: string, option: string): Bytes {
  return diagnose(option, "the merchant's RSA private key (what apiclient_key.pem holds)", () => {
    const blocks = armoured(pem);
    const { label, body } = blocks.find((block) => block.label.endsWith("PRIVATE KEY")) ?? blocks[0];
    if (label === "CERTIFICATE") throw new Mistake("certificate-given", "a certificate", OWN_KEY_FILE);
    if (label.endsWith("PUBLIC KEY")) throw new Mistake("public-key-given", "a public key", OWN_KEY_FILE);
    if (label === "ENCRYPTED PRIVATE KEY" || body.includes("Proc-Type:")) {
      throw new Mistake("encrypted", "an encrypted private key", DECRYPT);
    }
    if (label === "PRIVATE KEY") return wrapPrivateKey(unwrapPrivateKey(der(body)));
    if (label === "RSA PRIVATE KEY") return wrapPrivateKey(der(body));
    throw unfit(label, body, OWN_KEY_FILE);
  });
}

/**
 * Reads an RSA public key: a bare one (`PUBLIC KEY`, `RSA PUBLIC KEY`) or that of an X.509 certificate (`CERTIFICATE`); of several,
 * the first. Who signed the certificate and whether it is in force is not looked at.
 *
 * @param option what the key was given as, for the message
 * @throws KeyError for everything else, a private key above all.
 */
export function readPublicKey(pem: string, option: string): PublicKey {
  return diagnose(option, "WeChat Pay's RSA public key (what pub_key.pem holds) or platform certificate", () => {
    const blocks = armoured(pem);
    if (blocks.some((block) => block.label.endsWith("PRIVATE KEY"))) {
      throw new Mistake("private-key-given", "a private key", EXPOSED_KEY);
    }
    const { label, body } = blocks.find((block) => /^(RSA )?PUBLIC KEY$|^CERTIFICATE$/.test(block.label)) ?? blocks[0];
    if (label === "PUBLIC KEY") return { spki: wrapPublicKey(unwrapPublicKey(decode(der(body)))) };
    if (label === "RSA PUBLIC KEY") return { spki: wrapPublicKey(der(body)) };
    if (label === "CERTIFICATE") return readCertificate(der(body));
    throw unfit(label, body, PLATFORM_KEY_FILE);
  });
}

const OWN_KEY_FILE = "The private key is in a file of its own: apiclient_key.pem, beside apiclient_cert.pem.";
const PLATFORM_KEY_FILE = "pub_key.pem is to be had on the merchant platform: 账户中心 > API安全 > 微信支付公钥.";
const EXPOSED_KEY =
  "That is dangerous: a private key must never go where public keys go. If this one has been passed around, replace it.";
const DECRYPT = "Decrypt it: openssl pkey -in key.pem -out apiclient_key.pem.";
const READ_FILE = 'Give the text of the file, not its path or a Buffer: await readFile(path, "utf8").';
const IS_IT_SET = "Is the environment variable set?";

function diagnose<Key>(option: string, wanted: string, read: () => Key): Key {
  try {
    return read();
  } catch (error) {
    const mistake = error instanceof DerError ? damaged() : error;
    if (!(mistake instanceof Mistake)) throw error;
    const { reason, given, advice } = mistake;
    throw new KeyError(`${option}: ${wanted} is wanted, but ${given} was given. ${advice}`, { reason, option });
  }
}

/** What stands between a BEGIN and an END line. */
interface Block {
  label: string;
  body: string;
}

function armoured(pem: unknown): [Block, ...Block[]] {
  if (pem === undefined || pem === null) throw new Mistake("not-text", `${pem}`, IS_IT_SET);
  if (typeof pem !== "string") throw new Mistake("not-text", "something other than text", READ_FILE);
  // Splitting takes linear time on any text; a pattern that looks for pairs of lines would not.
  const parts = pem.split("-----");
  const [first, ...more] = parts.flatMap((part, index) => {
    const [, label] = /^BEGIN ([A-Z0-9 ]{1,40})$/.exec(part) ?? [];
    if (label === undefined) return [];
    if (parts[index + 2] !== `END ${label}`) throw truncated("END");
    return [{ label, body: parts[index + 1] as string }];
  });
  if (first === undefined) throw parts.some((part) => part.startsWith("END ")) ? truncated("BEGIN") : unarmoured(pem);
  return [first, ...more];
}

function truncated(line: string): Mistake {
  const advice =
    "A .env file or a shell often cuts a value of several lines: put it in double quotes, or read the file.";
  return new Mistake("truncated", `a PEM without its ${line} line`, advice);
}

function unarmoured(pem: string): Mistake {
  const text = pem.trim();
  if (text === "") return new Mistake("not-pem", "an empty text", IS_IT_SET);
  if (/^(~|\.\.?)?[\\/][^\n]*$|^[A-Za-z]:[\\/]|^file:|^[^\n]*\.(pem|key|crt|cer|der|p12|pfx|txt)$/.test(text)) {
    return new Mistake("file-path", "a file path", READ_FILE);
  }
  // "-----BEGIN" in base64, the form in which CI systems and Kubernetes keep files.
  const wrapped = text.startsWith("LS0tLS1CRUdJ");
  if (wrapped) return new Mistake("not-pem", "a PEM wrapped in base64", "Unwrap it: atob(text).");
  const given = text.length < 64 || /[^0-9A-Za-z+/=\s]/.test(text) ? "a text that is no PEM" : "bare base64";
  return new Mistake("not-pem", given, "Give the whole file, with its -----BEGIN …----- and -----END …----- lines.");
}

function der(body: string): Bytes {
  if (/\\[nr]/.test(body)) {
    const advice = String.raw`Make them line breaks: pem.replaceAll("\\n", "\n").`;
    throw new Mistake("escaped-newlines", String.raw`a PEM with \n spelled out as two characters`, advice);
  }
  const bytes = fromBase64(body.replace(/\s+/g, ""));
  if (bytes === undefined) throw damaged();
  return bytes;
}

function damaged(): Mistake {
  const advice =
    "Copy the file again, unchanged; openssl pkey -check -noout -in key.pem (-pubin for public keys) tests it.";
  return new Mistake("malformed", "a damaged PEM (characters lost, added or changed)", advice);
}

function unfit(label: string, body: string, advice: string): Mistake {
  const [, algorithm] = /^(EC|SM2|DSA) .*KEY$/.exec(label) ?? [];
  if (algorithm !== undefined) return notRsa(der(body), algorithm);
  const given = label.endsWith("CERTIFICATE REQUEST") ? "a certificate request (CSR)" : `a PEM of ${label}`;
  return new Mistake("other-given", given, advice);
}
