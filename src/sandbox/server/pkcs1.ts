import { createPrivateKey } from "node:crypto";

/** A private key of PKCS#8 as PKCS#1, which some SDKs ask for; both PEM. */
export const toPkcs1 = (pem: string): string => String(createPrivateKey(pem).export({ type: "pkcs1", format: "pem" }));
