import { fromUtf8, parseJson } from "../bytes.js";
import { isRecord, requireOption } from "../checks.js";
import { apiErrorOf, errorBodyOf, VerificationError } from "../errors.js";
import { PLATFORM, type Settings } from "../options.js";
import type { Send } from "../wire/call.js";
import { createHash, HASHES, hashed, type Source } from "./hashed-stream.js";
import { shapeOf } from "./url.js";

/** A file to download, as the response of 申请交易账单 and its like describes it. */
export interface DownloadableFile {
  /** 下载地址 Its path and query are sent as they stand, to the client's own server. */
  download_url: string;
  /** 摘要算法 `SHA1` or `SHA256`. */
  hash_type: string;
  /** 摘要值 The hash of the file, decompressed, in hex. */
  hash_value: string;
  /** 压缩类型 `GZIP` where the request asked for that; the stream is then decompressed. */
  tar_type?: string | undefined;
}

/** What a download needs of its client. */
interface Client {
  send: Send;
  settings: Pick<Settings, "origins" | "clock">;
  idOf: (name: string) => string | undefined;
  /** unwrap's explanation of an error, where unwrap is at hand. */
  describe: typeof import("../api-error.js").describeError | undefined;
}

/** Asks for a file, and gives its bytes, which are hashed while they are read. */
export async function download(given: unknown, signal: AbortSignal | undefined, client: Client): Promise<Source> {
  const { send, settings, idOf, describe } = client;
  const file = readFile(given, settings.origins);
  const { target } = file;
  const path = target.replace(/\?.*/s, "");
  const [name, operationId] = [`GET ${shapeOf(path)}`, idOf(`GET ${path}`)];
  const call = { method: "GET", target, headers: { accept: "*/*" }, body: new Uint8Array(), signal, name, operationId };
  const received = await send({ ...call, streamed: true, repeatable: true });
  const { status, headers, body, signed, verified } = received;
  if (status >= 300) {
    const bytes = body as Uint8Array;
    const error = errorBodyOf(parseJson(bytes) ?? fromUtf8(bytes), received);
    const context = { name, signed, date: headers.get("Date"), now: settings.clock() };
    const [message, why] = describe?.(error, context) ?? [error.message];
    throw apiErrorOf({ ...error, message }, received, { operationId, verified }, why);
  }
  const refuse = (why: string, cause?: unknown) => {
    const text = `The file of ${name} is not to be used, nor what was read of it: ${why}.`;
    const details = { reason: "hash-mismatch", status, headers, operationId, outcome: undefined } as const;
    return new VerificationError(text, details, cause);
  };
  // A transport may have read it already.
  const source = body instanceof Uint8Array ? (new Response(body).body as Source) : body;
  return hashed(source, file, refuse);
}

const FILE = "what a bill's response has, as unwrap gives it: { download_url, hash_type, hash_value }";

/** What is asked for, and how it is checked. No message has the URL, for its token opens the file. */
function readFile(given: unknown, origins: readonly (string | undefined)[]) {
  const { download_url: url, hash_type: type, hash_value: value, tar_type: tar } = Object(given);
  const texts = [url, type, value].every((each) => typeof each === "string");
  requireOption("file", isRecord(given) && texts, FILE, given);
  const requireKnown = (option: string, name: string, known: readonly string[]) => {
    if (known.includes(name)) return;
    throw new TypeError(`${option} is ${JSON.stringify(name.slice(0, 40))}, and only ${known.join(" and ")} is known.`);
  };
  const name = type.toUpperCase().replace("SHA-", "SHA") as keyof typeof HASHES;
  requireKnown("hash_type", name, Object.keys(HASHES));
  if (tar !== undefined) requireKnown("tar_type", `${tar}`, ["GZIP"]);
  const isHex = /^[\da-f]+$/i.test(value) && value.length === HASHES[name];
  requireOption("hash_value", isHex, `${HASHES[name]} digits in hex, as ${name} has`, value);
  requireOption("download_url", URL.canParse(url), "a URL", url);
  const { origin, pathname, search } = new URL(url);
  // blob:https://host/x has the origin of host too, and its path would go on with the name of the host.
  requireOption("download_url", pathname.startsWith("/"), "a URL of https", url);
  // A baseUrl of one's own, such as a sandbox's or a proxy's, stands for WeChat Pay's.
  if (![...origins, ...PLATFORM].includes(origin)) {
    const only = `download_url is of ${origin}, and this client asks ${origins.filter(Boolean).join(", ")} only`;
    throw new TypeError(`${only}: nothing was sent. What another server has is fetched without a signature.`);
  }
  return {
    target: pathname + search,
    hash: createHash(name),
    name,
    value: value.toLowerCase(),
    isZipped: tar === "GZIP",
  };
}
