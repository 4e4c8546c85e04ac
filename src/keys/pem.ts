import { type Bytes, fromBase64 } from "../bytes.js";
import { KeyError, type KeyReason } from "../errors.js";
import { explainKey } from "../explain.js";
import * as der from "./der.js";

/** An RSA private key, PKCS#8 or PKCS#1, as PKCS#8 DER. @throws {KeyError} for all else, naming the `option` it was given as. */
export function readPrivateKey(pem: string, option: string): Bytes {
  return read(pem, option, "the merchant's RSA private key (apiclient_key.pem)", (label, body) => {
    // In PKCS#1 the body says it: "Proc-Type: 4,ENCRYPTED".
    if (/ENCRYPTED/.test(label + body)) return "encrypted";
    if (/^(RSA )?PRIVATE KEY$/.test(label)) return der.fromPrivateKey;
    if (label === "CERTIFICATE") return "certificate-given";
    if (label.endsWith("PUBLIC KEY")) return "public-key-given";
  });
}

/** An RSA public key, bare or in a certificate, whose issuer and dates are not judged; of several, the first. @throws {KeyError} as above. */
export function readPublicKey(pem: string, option: string): der.PublicKey {
  const wanted = "WeChat Pay's public key (pub_key.pem) or platform certificate";
  return read(pem, option, wanted, (label) => {
    if (/^(RSA )?PUBLIC KEY$/.test(label)) return der.fromPublicKey;
    if (label === "CERTIFICATE") return der.fromCertificate;
    if (label.endsWith("PRIVATE KEY")) return "private-key-given";
  });
}

/** What reads a block with this label, or why none does. */
type Choose<Key> = (label: string, body: string) => ((bytes: Bytes) => Key) | KeyReason | undefined;

function read<Key>(pem: string, option: string, wanted: string, choose: Choose<Key>): Key {
  try {
    const [label = "", body = ""] = armoured(pem);
    const [other] = /^(EC|SM2|DSA)(?= .*KEY$)/.exec(label) ?? [];
    const parse = choose(label, body) ?? (other ? (bytes) => der.refuseAlgorithm(bytes, other) : "other-given");
    if (typeof parse === "string")
      throw new KeyError(`a ${label.replace(/^(RSA|ENCRYPTED) /, "").toLowerCase()}`, parse, "");
    der.ensure(!/\\[nr]/.test(body), "escaped-newlines", "a PEM with \\n as two characters");
    const bytes = fromBase64(body.replace(/\s+/g, ""));
    der.ensure(bytes !== undefined);
    return parse(bytes);
  } catch (error) {
    if (!(error instanceof KeyError)) throw error;
    throw new KeyError(`${option}: ${explainKey(error.reason, error.message, wanted)}`, error.reason, option);
  }
}

/** Label and body of the block to read: a private key before all else, then what may hold a public key. */
function armoured(pem: unknown): string[] {
  der.ensure(typeof pem === "string", "not-text", pem ? "something other than text (a Buffer?)" : `${pem}`);
  // Splitting takes linear time on any text; a pattern that looks for pairs of lines would not.
  const [before = "", ...parts] = pem.trim().split(/-----BEGIN (?=[A-Z0-9 ]{1,40}-----)/);
  const blocks = parts.map((part) => part.split("-----", 3));
  for (const [label, , end] of blocks) der.ensure(end === `END ${label}`, "truncated", "a PEM without its END line");
  const find = (form: RegExp) => blocks.find(([label = ""]) => form.test(label));
  const block = find(/PRIVATE KEY$/) ?? find(/^(RSA )?PUBLIC KEY$|^CERTIFICATE$/) ?? blocks[0];
  if (block !== undefined) return block;
  der.ensure(before !== "", "not-pem", "an empty text");
  der.ensure(!before.includes("-----END "), "truncated", "a PEM without its BEGIN line");
  // A path begins like ~/, ../, C:\ or file:/, or it ends like .pem; so may base64, but it is long or has a "=".
  const isPath = before.length < 256 && /^[\w~.:]{0,5}[\\/][^=]*$|\.\w{3}$/.test(before);
  der.ensure(!isPath, "file-path", "a file path");
  // "-----BEGIN" in base64: CI systems and Kubernetes keep files so.
  der.ensure(!before.startsWith("LS0tLS1CRUdJ"), "not-pem", "a PEM wrapped in base64 (use atob(text))");
  const isBase64 = before.length >= 64 && !/[^0-9A-Za-z+/=\s]/.test(before);
  throw new KeyError(isBase64 ? "bare base64" : "a text that is no PEM", "not-pem", "");
}
