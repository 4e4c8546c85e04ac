import { type Bytes, fromBase64 } from "../bytes.js";
import { KeyError } from "../errors.js";
import { explainKey } from "../explain.js";
import * as der from "./der.js";

/** An RSA private key, PKCS#8 or PKCS#1, as PKCS#8 DER. @throws {KeyError} for all else, naming the `option` it was given as. */
export function readPrivateKey(pem: string, option: string): Bytes {
  return read(pem, option, "the merchant's RSA private key (apiclient_key.pem)", ({ label, body }) => {
    if (label === "CERTIFICATE") throw der.mistake("certificate-given", "a certificate");
    if (label.endsWith("PUBLIC KEY")) throw der.mistake("public-key-given", "a public key");
    // In PKCS#1 the body says it: "Proc-Type: 4,ENCRYPTED".
    if (/ENCRYPTED/.test(label + body)) throw der.mistake("encrypted", "an encrypted private key");
    if (label === "PRIVATE KEY") return der.fromPkcs8(bytesOf(body));
    if (label === "RSA PRIVATE KEY") return der.fromPrivatePkcs1(bytesOf(body));
  });
}

/** An RSA public key, bare or in a certificate, whose issuer and dates are not judged; of several, the first. @throws {KeyError} as above. */
export function readPublicKey(pem: string, option: string): der.PublicKey {
  const wanted = "WeChat Pay's public key (pub_key.pem, 商户平台 → API安全 → 微信支付公钥) or platform certificate";
  return read(pem, option, wanted, ({ label, body }) => {
    if (label.endsWith("PRIVATE KEY")) throw der.mistake("private-key-given", "a private key");
    if (label === "PUBLIC KEY") return der.fromSpki(der.decode(bytesOf(body)));
    if (label === "RSA PUBLIC KEY") return der.fromPublicPkcs1(bytesOf(body));
    if (label === "CERTIFICATE") return der.fromCertificate(bytesOf(body));
  });
}

/** What stands between a BEGIN and an END line. */
type Block = { label: string; body: string };

function read<Key>(pem: string, option: string, wanted: string, parse: (block: Block) => Key | undefined): Key {
  try {
    const block = armoured(pem);
    const key = parse(block);
    if (key === undefined) throw otherBlock(block);
    return key;
  } catch (error) {
    if (!(error instanceof KeyError)) throw error;
    throw new KeyError(`${option}: ${explainKey(error.reason, error.message, wanted)}`, error.reason, option);
  }
}

/** The block to read: a private key before all else, then a public one. */
function armoured(pem: unknown): Block {
  const other = pem ? "something other than text (a Buffer?)" : `${pem}`;
  if (typeof pem !== "string") throw der.mistake("not-text", other);
  // Splitting takes linear time on any text; a pattern that looks for pairs of lines would not.
  const parts = pem.split("-----");
  const blocks = parts.flatMap((part, index) => {
    const [, label] = /^BEGIN ([A-Z0-9 ]{1,40})$/.exec(part) ?? [];
    if (label === undefined) return [];
    if (parts[index + 2] !== `END ${label}`) throw der.mistake("truncated", "a PEM without its END line");
    return { label, body: parts[index + 1] as string };
  });
  const find = (pattern: RegExp) => blocks.find(({ label }) => pattern.test(label));
  const block = find(/PRIVATE KEY$/) ?? find(/PUBLIC KEY$|^CERTIFICATE$/) ?? blocks[0];
  if (block === undefined) throw unarmoured(pem.trim());
  return block;
}

function unarmoured(text: string): KeyError {
  if (text.includes("-----END ")) return der.mistake("truncated", "a PEM without its BEGIN line");
  if (text === "") return der.mistake("not-pem", "an empty text");
  // It begins like ~/, ../, C:\ or file:/, or it ends like .pem.
  if (/^([\w~.:]{0,5}[\\/].*|.*\.\w{3})$/.test(text)) return der.mistake("file-path", "a file path");
  // "-----BEGIN" in base64, the form in which CI systems and Kubernetes keep files.
  const isWrapped = text.startsWith("LS0tLS1CRUdJ");
  return der.mistake("not-pem", isWrapped ? "a PEM wrapped in base64 (use atob(text))" : "no PEM, maybe bare base64,");
}

function bytesOf(body: string): Bytes {
  if (/\\[nr]/.test(body)) throw der.mistake("escaped-newlines", "a PEM with \\n as two characters");
  const bytes = fromBase64(body.replace(/\s+/g, ""));
  der.ensure(bytes !== undefined);
  return bytes;
}

function otherBlock({ label, body }: Block): KeyError {
  const [, algorithm] = /^(EC|SM2|DSA) /.exec(label) ?? [];
  if (algorithm !== undefined) return der.notRsa(bytesOf(body), algorithm);
  const isRequest = label.endsWith("REQUEST");
  return der.mistake("other-given", isRequest ? "a certificate request (CSR)" : `a PEM of ${label}`);
}
