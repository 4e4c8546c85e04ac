import { type Key, keyOf } from "../../crypto.js";
import { MCHID, type SandboxKeys } from "./key-set.js";
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
}

/** With the keys that are given, or with fresh ones. */
export async function createMerchant(given?: SandboxKeys): Promise<Merchant> {
  const pair = given ? await readKeyPair(given.privateKey, "keys.privateKey") : await generateKeyPair();
  const certificate = given && (await readCertificate(given.certificate, pair, "keys.certificate"));
  return {
    mchid: MCHID,
    serialNo: certificate?.serialNo ?? randomSerial(),
    privateKey: toPem("PRIVATE KEY", await toDer(pair.privateKey)),
    apiV3Key: given?.apiV3Key ?? randomHex(16),
    verifyingKey: pair.publicKey,
    encryptingKey: await keyOf(await toDer(pair.publicKey), "encrypt"),
  };
}
