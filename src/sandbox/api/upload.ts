import { randomBytes } from "node:crypto";
import { isRecord } from "../../checks.js";
import type { SandboxRequest } from "../server/http.js";
import { parameterError } from "../server/refusals.js";
import type { Example } from "./example.js";
import { readJson, refuseFourBytes } from "./json-body.js";
import { describeFile, partNamed } from "./multipart.js";
import type { Check } from "./validation.js";

export const UPLOAD_TYPE = "multipart/form-data";

/**
 * What an upload has in its parts: `meta`, and the file with its content as `bytes`. Lengths in the schema of `file` are bytes.
 * @throws {Refusal} 400 `PARAM_ERROR`: for a part that is missing, what the spec refuses, and a hash that is another file's.
 */
export async function readUpload({ parts }: SandboxRequest, check: Check): Promise<object> {
  if (parts === undefined) {
    const zh = "不是带 boundary 的 multipart/form-data";
    throw parameterError("", undefined, "is not multipart/form-data with a boundary", "body", { zh });
  }
  const [meta, file] = ["meta", "file"].map((name) => partNamed(parts, name));
  const once = { zh: "应有且只有一个" };
  if (meta === undefined) throw parameterError("/meta", undefined, "is required, once", "body", once);
  if (file?.filename === undefined) {
    const zh = `${once.zh}，并带文件名`;
    throw parameterError("/file", undefined, "is required, once, with a filename", "body", { zh });
  }
  const json = readJson(meta.bytes, "/meta");
  const described = await describeFile(file);
  // Each character a byte, so that the lengths are right.
  check({ meta: json, file: Buffer.from(file.bytes).toString("latin1") }, { meta: json, file: described });
  refuseFourBytes(json, "/meta");
  const { sha256 } = json as { sha256?: unknown };
  if (sha256 !== undefined && sha256 !== described.sha256) {
    const zh = "不是文件的 SHA-256（小写十六进制）";
    throw parameterError("/meta/sha256", sha256, "is not the SHA-256 of the file in lower-case hex", "body", { zh });
  }
  return { meta: json, file: { ...described, bytes: file.bytes } };
}

/** The answer to an upload: each file gets an identifier of its own, as long as the documents' example. */
export function withMediaId(example: Example): Example {
  const { body } = example;
  if (!isRecord(body) || typeof body.media_id !== "string") return example;
  return { ...example, body: { ...body, media_id: randomBytes(80).toString("base64url") } };
}
