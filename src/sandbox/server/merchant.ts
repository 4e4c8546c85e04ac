import { type Key, keyOf } from "../../crypto.js";
import { once } from "../once.js";
import { certify, MCHID, type SandboxKeys } from "./key-set.js";
import { generateKeyPair, randomHex, randomSerial, readCertificate, readKeyPair, toDer, toPem } from "./keys.js";

/** The one merchant that the sandbox knows. */
export interface Merchant {
  mchid: string;
  /** Of the merchant API certificate. */
  serialNo: string;
  /** PEM. */
  privateKey: string;
  apiV3Key: string;
  verifyingKey: Key;
  encryptingKey: Key;
  /** The merchant API certificate, PEM; made when it is first asked for, where none was given. */
  certificate(): Promise<string>;
}

/** With the keys that are given, or with fresh ones. */
export async function createMerchant(given?: SandboxKeys): Promise<Merchant> {
  const pair = given ? await readKeyPair(given.privateKey, "keys.privateKey") : await generateKeyPair();
  const certificate = given && (await readCertificate(given.certificate, pair, "keys.certificate"));
  const serialNo = certificate?.serialNo ?? randomSerial();
  return {
    mchid: MCHID,
    serialNo,
    privateKey: toPem("PRIVATE KEY", await toDer(pair.privateKey)),
    apiV3Key: given?.apiV3Key ?? randomHex(16),
    verifyingKey: pair.publicKey,
    encryptingKey: await keyOf(await toDer(pair.publicKey), "encrypt"),
    certificate: once(async () => given?.certificate ?? certify(pair, serialNo, MCHID)),
  };
}
