import { createPublicKey, X509Certificate } from "node:crypto";
import { mkdir } from "node:fs/promises";
import nodePath from "node:path";
import { parseJson, toUtf8 } from "../bytes.js";
import { createSandboxKeys, type SandboxKeys } from "../sandbox/index.js";
import { isKeySet } from "../sandbox/server/key-set.js";
import { toPkcs1 } from "../sandbox/server/pkcs1.js";
import { readIfThere, writeNew } from "./files.js";

/** What a sandbox is started with again. The other files are made of it. */
const STATE = "sandbox.json";
/** For their owner alone. These keys are worth nothing, but secret scanners do not know that. */
const SECRET = 0o600;

/** The keys of a folder: those that were kept there, or fresh ones, which are kept from now on. */
export async function openKeyFolder(folder: string): Promise<{ keys: SandboxKeys; files: readonly string[] }> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const kept = await readKeys(folder);
  const keys = kept ?? (await createSandboxKeys());
  const files = filesOf(folder, keys);
  const state: [string, string][] = kept ? [] : [[nodePath.join(folder, STATE), `${JSON.stringify(keys, null, 2)}\n`]];
  // The state last: without it, what is there is not the sandbox's.
  for (const [file, text] of [...files, ...state]) await writeNew(file, text, SECRET);
  return { keys, files: files.map(([file]) => file) };
}

/** The keys that a sandbox keeps in a folder; `undefined` where it keeps none. */
export async function readKeys(folder: string): Promise<SandboxKeys | undefined> {
  const file = nodePath.join(folder, STATE);
  const text = await readIfThere(file);
  if (text === undefined) return undefined;
  const keys = parseJson(toUtf8(text));
  if (isKeySet(keys)) return keys as SandboxKeys;
  throw new TypeError(`${file} holds no keys of a sandbox: take the folder away, and the next start makes other keys.`);
}

/** What SDKs insist on, each under the name that the merchant platform or its tools give it. */
export function filesOf(
  folder: string,
  { privateKey, certificate, platform }: SandboxKeys,
  path: Pick<typeof nodePath, "join"> = nodePath,
): [file: string, text: string][] {
  const publicKey = createPublicKey(platform.privateKey).export({ type: "spki", format: "pem" });
  const { serialNumber } = new X509Certificate(platform.certificate);
  const files = {
    "apiclient_key.pem": privateKey,
    "apiclient_key_pkcs1.pem": toPkcs1(privateKey),
    "apiclient_cert.pem": certificate,
    "pub_key.pem": String(publicKey),
    [`wechatpay_${serialNumber}.pem`]: platform.certificate,
  };
  return Object.entries(files).map(([name, text]) => [path.join(folder, name), text]);
}
