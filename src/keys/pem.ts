import { type Bytes, fromBase64 } from "../bytes.js";
import { KeyError } from "../errors.js";
import { explainKey } from "../explain.js";
import * as der from "./der.js";
import { ensure } from "./der.js";

/** An RSA private key, PKCS#8 or PKCS#1, as PKCS#8 DER. @throws {KeyError} for all else, naming the `option` it was given as. */
export function readPrivateKey(pem: string, option: string): Bytes {
  return read(pem, option, "the merchant's RSA private key (apiclient_key.pem)", (label, body) => {
    ensure(label !== "CERTIFICATE", "certificate-given", "a certificate");
    ensure(!label.endsWith("PUBLIC KEY"), "public-key-given", "a public key");
    // In PKCS#1 the body says it: "Proc-Type: 4,ENCRYPTED".
    ensure(!/ENCRYPTED/.test(label + body), "encrypted", "an encrypted private key");
    if (label === "PRIVATE KEY") return der.fromPkcs8;
    if (label === "RSA PRIVATE KEY") return der.fromPrivatePkcs1;
  });
}

/** An RSA public key, bare or in a certificate, whose issuer and dates are not judged; of several, the first. @throws {KeyError} as above. */
export function readPublicKey(pem: string, option: string): der.PublicKey {
  const wanted = "WeChat Pay's public key (pub_key.pem, 商户平台 → API安全) or platform certificate";
  return read(pem, option, wanted, (label) => {
    ensure(!label.endsWith("PRIVATE KEY"), "private-key-given", "a private key");
    if (label === "PUBLIC KEY") return der.fromSpki;
    if (label === "RSA PUBLIC KEY") return der.fromPublicPkcs1;
    if (label === "CERTIFICATE") return der.fromCertificate;
  });
}

type Parse<Key> = (bytes: Bytes) => Key;

function read<Key>(
  pem: string,
  option: string,
  wanted: string,
  parserOf: (label: string, body: string) => Parse<Key> | undefined,
): Key {
  try {
    const { label, body } = armoured(pem);
    const parse = parserOf(label, body);
    ensure(!/^(EC|SM2|DSA) /.test(label), "not-rsa", `a key that is not RSA (${label})`);
    ensure(parse !== undefined, "other-given", `a PEM of ${label}`);
    ensure(!/\\[nr]/.test(body), "escaped-newlines", "a PEM with \\n as two characters");
    const bytes = fromBase64(body.replace(/\s+/g, ""));
    ensure(bytes !== undefined);
    return parse(bytes);
  } catch (error) {
    if (!(error instanceof KeyError)) throw error;
    throw new KeyError(`${option}: ${explainKey(error.reason, error.message, wanted)}`, error.reason, option);
  }
}

/** The block to read: a private key before all else, then a public one. */
function armoured(pem: unknown): { label: string; body: string } {
  const other = pem ? "something other than text (a Buffer?)" : `${pem}`;
  ensure(typeof pem === "string", "not-text", other);
  // Splitting takes linear time on any text; a pattern that looks for pairs of lines would not.
  const [, ...parts] = pem.split(/-----BEGIN (?=[A-Z0-9 ]{1,40}-----)/);
  const blocks = parts.map((part) => {
    const [label = "", body = "", end] = part.split("-----", 3);
    ensure(end === `END ${label}`, "truncated", "a PEM without its END line");
    return { label, body };
  });
  const find = (pattern: RegExp) => blocks.find(({ label }) => pattern.test(label));
  const block = find(/PRIVATE KEY$/) ?? find(/PUBLIC KEY$|^CERTIFICATE$/) ?? blocks[0];
  return block ?? refuseText(pem.trim());
}

function refuseText(text: string): never {
  ensure(!text.includes("-----END "), "truncated", "a PEM without its BEGIN line");
  ensure(text !== "", "not-pem", "an empty text");
  // A path begins like ~/, ../, C:\ or file:/, or it ends like .pem; so may base64, but it is long or has a "=".
  const isPath = text.length < 256 && /^[\w~.:]{0,5}[\\/][^=]*$|\.\w{3}$/.test(text);
  ensure(!isPath, "file-path", "a file path");
  // The form in which CI systems and Kubernetes keep files: "-----" in base64.
  ensure(!text.startsWith("LS0tLS1"), "not-pem", "a PEM wrapped in base64 (use atob(text))");
  throw new KeyError("no PEM, maybe bare base64,", "not-pem", "");
}
