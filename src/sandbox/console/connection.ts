import { toPkcs1 } from "../server/pkcs1.js";
import type { Connection } from "./messages.js";
import type { ConsoleParts } from "./parts.js";

/** All that a client needs, as other languages' SDKs ask for it. */
export async function connectionOf({ sandbox, merchant }: ConsoleParts): Promise<Connection> {
  const { credentials } = sandbox;
  const certificate = await merchant.certificate();
  return { ...credentials, privateKeyPkcs1: toPkcs1(credentials.privateKey), certificate };
}
