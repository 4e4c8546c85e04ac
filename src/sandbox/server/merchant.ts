import { type Key, keyOf } from "../../crypto.js";
import { generateKeyPair, randomHex, randomSerial, toDer, toPem } from "./keys.js";

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

const MCHID = "1900000109";

export async function createMerchant(): Promise<Merchant> {
  const { publicKey, privateKey } = await generateKeyPair();
  return {
    mchid: MCHID,
    serialNo: randomSerial(),
    privateKey: toPem("PRIVATE KEY", await toDer(privateKey)),
    apiV3Key: randomHex(16),
    verifyingKey: publicKey,
    encryptingKey: await keyOf(await toDer(publicKey), "encrypt"),
  };
}
