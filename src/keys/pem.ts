import { type Bytes, fromBase64 } from "../bytes.js";
import { KeyError } from "../errors.js";
import { explainKey } from "../explain.js";
import { decode, KeyMistake } from "./der.js";
import {
  notRsa,
  type PublicKey,
  readCertificate,
  unwrapPrivateKey,
  unwrapPublicKey,
  wrapPrivateKey,
  wrapPublicKey,
} from "./rsa.js";

/**
 * Reads an RSA private key, PKCS#8 (`PRIVATE KEY`) or PKCS#1 (`RSA PRIVATE KEY`), as PKCS#8 DER. Text around the PEM, indentation
 * and CRLF do not matter.
 *
 * @param option what the key was given as, for the message
 * @throws {KeyError} for everything else, a damaged key included: its numbers must belong together.
 */
export function readPrivateKey(pem: string, option: string): Bytes {
  return diagnose(option, "the merchant's RSA private key (what apiclient_key.pem holds)", () => {
    const blocks = armoured(pem);
    const { label, body } = blocks.find((block) => block.label.endsWith("PRIVATE KEY")) ?? blocks[0];
    if (label === "CERTIFICATE") throw new KeyMistake("certificate-given");
    if (label.endsWith("PUBLIC KEY")) throw new KeyMistake("public-key-given");
    if (label === "ENCRYPTED PRIVATE KEY" || body.includes("Proc-Type:")) throw new KeyMistake("encrypted");
    if (label === "PRIVATE KEY") return wrapPrivateKey(unwrapPrivateKey(der(body)));
    if (label === "RSA PRIVATE KEY") return wrapPrivateKey(der(body));
    throw otherBlock(label, body, "not-a-private-key");
  });
}

/**
 * Reads an RSA public key: a bare one (`PUBLIC KEY`, `RSA PUBLIC KEY`) or that of an X.509 certificate (`CERTIFICATE`); of several,
 * the first. Who signed the certificate and whether it is in force is not looked at.
 *
 * @param option what the key was given as, for the message
 * @throws {KeyError} for everything else, a private key above all.
 */
export function readPublicKey(pem: string, option: string): PublicKey {
  return diagnose(option, "WeChat Pay's RSA public key (what pub_key.pem holds) or platform certificate", () => {
    const blocks = armoured(pem);
    if (blocks.some((block) => block.label.endsWith("PRIVATE KEY"))) throw new KeyMistake("private-key-given");
    const { label, body } = blocks.find((block) => /^(RSA )?PUBLIC KEY$|^CERTIFICATE$/.test(block.label)) ?? blocks[0];
    if (label === "PUBLIC KEY") return { spki: wrapPublicKey(unwrapPublicKey(decode(der(body)))) };
    if (label === "RSA PUBLIC KEY") return { spki: wrapPublicKey(der(body)) };
    if (label === "CERTIFICATE") return readCertificate(der(body));
    throw otherBlock(label, body, "not-a-public-key");
  });
}

function diagnose<Read>(option: string, wanted: string, read: () => Read): Read {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof KeyMistake)) throw error;
    const [reason, message] = explainKey(error.mistake, error.detail, wanted);
    throw new KeyError(`${option}: ${message}`, reason, option);
  }
}

/** What stands between a BEGIN and an END line. */
interface Block {
  label: string;
  body: string;
}

function armoured(pem: unknown): [Block, ...Block[]] {
  if (pem === undefined || pem === null) throw new KeyMistake("absent", `${pem}`);
  if (typeof pem !== "string") throw new KeyMistake("not-text");
  // Splitting takes linear time on any text; a pattern that looks for pairs of lines would not.
  const parts = pem.split("-----");
  const [first, ...more] = parts.flatMap((part, index) => {
    const [, label] = /^BEGIN ([A-Z0-9 ]{1,40})$/.exec(part) ?? [];
    if (label === undefined) return [];
    if (parts[index + 2] !== `END ${label}`) throw new KeyMistake("truncated", "END");
    return [{ label, body: parts[index + 1] as string }];
  });
  if (first !== undefined) return [first, ...more];
  throw parts.some((part) => part.startsWith("END ")) ? new KeyMistake("truncated", "BEGIN") : unarmoured(pem.trim());
}

function unarmoured(text: string): KeyMistake {
  if (text === "") return new KeyMistake("empty");
  const isPath = /^(~|\.\.?)?[\\/][^\n]*$|^[A-Za-z]:[\\/]|^file:|^[^\n]*\.(pem|key|crt|cer|der|p12|pfx|txt)$/.test(
    text,
  );
  if (isPath) return new KeyMistake("file-path");
  // "-----BEGIN" in base64.
  if (text.startsWith("LS0tLS1CRUdJ")) return new KeyMistake("wrapped");
  const isBase64 = text.length >= 64 && !/[^0-9A-Za-z+/=\s]/.test(text);
  return new KeyMistake("unarmoured", isBase64 ? "bare base64" : "a text that is no PEM");
}

function der(body: string): Bytes {
  if (/\\[nr]/.test(body)) throw new KeyMistake("escaped-newlines");
  const bytes = fromBase64(body.replace(/\s+/g, ""));
  if (bytes === undefined) throw new KeyMistake();
  return bytes;
}

function otherBlock(label: string, body: string, mistake: "not-a-private-key" | "not-a-public-key"): KeyMistake {
  const [, algorithm] = /^(EC|SM2|DSA) .*KEY$/.exec(label) ?? [];
  if (algorithm !== undefined) return notRsa(der(body), algorithm);
  return new KeyMistake(
    mistake,
    label.endsWith("CERTIFICATE REQUEST") ? "a certificate request (CSR)" : `a PEM of ${label}`,
  );
}
