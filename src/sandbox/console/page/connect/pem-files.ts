import type { Connection, Text } from "../../messages.js";
import { connectTexts } from "./texts.js";

interface PemFile {
  file: string;
  text: string;
  /** What it is; arguments of `say`. */
  what: [text: Text, ...values: string[]];
}

/** What SDKs ask for, each under the name that the merchant platform or its tools give it. */
export function pemsOf({
  serialNo,
  privateKey,
  privateKeyPkcs1,
  certificate,
  platformKeys,
}: Omit<Connection, "mchid" | "apiV3Key">): PemFile[] {
  return [
    { file: "apiclient_key.pem", text: privateKey, what: [connectTexts.keyFile] },
    { file: "apiclient_key_pkcs1.pem", text: privateKeyPkcs1, what: [connectTexts.keyPkcs1File] },
    { file: "apiclient_cert.pem", text: certificate, what: [connectTexts.certFile, serialNo] },
    ...Object.entries(platformKeys).map(
      ([serial, text]): PemFile =>
        text.includes("CERTIFICATE")
          ? { file: `wechatpay_${serial}.pem`, text, what: [connectTexts.platformFile, serial] }
          : { file: "pub_key.pem", text, what: [connectTexts.publicKeyFile, serial] },
    ),
  ];
}
