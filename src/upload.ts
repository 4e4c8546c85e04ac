import { type Bytes, concat, hex, toUtf8 } from "./bytes.js";
import { isRecord, isWellFormed, kindOf, refuseUnknown, requireOption } from "./checks.js";
import type { Seal } from "./client/encrypt.js";
import { copyJson } from "./json-pointer.js";

/** The fields of `meta` that the client can fill in. */
export type MetaField = "filename" | "sha256";

/** A file with a name of its own, such as a `File`. */
export type NamedFile = Blob & { readonly name: string };

/** A file of an upload: a `File` or another `Blob`, or bytes, such as a Node.js `Buffer`. */
export type UploadFile = Blob | Uint8Array | ArrayBuffer;

/**
 * What a call of an upload takes, where the spec describes `Parts`. `sha256` may be left out of `meta`, for the client computes it, and
 * `filename` where the file has a name.
 */
export type UploadOf<Parts> = Parts extends { meta: infer Meta }
  ? MetaInit<NamedFile, Without<Meta, MetaField>> | { file: UploadFile; meta: Without<Meta, "sha256"> }
  : Parts;

type MetaInit<Held, Meta> = {} extends Meta ? { file: Held; meta?: Meta } : { file: Held; meta: Meta };

/** `Meta` with some of its fields optional. */
type Without<Meta, Fields> = Omit<Meta, Fields & keyof Meta> & Partial<Pick<Meta, Fields & keyof Meta>>;

/**
 * 图片、视频上传 What the generator writes in the row of an operation whose body is `multipart/form-data`: with it, a call takes `{ file, meta }`.
 * The text of `meta` alone is signed.
 *
 * @param fields what the spec has in `meta` and the client fills in, where the caller leaves it out: the file's name, and the SHA-256 of its content.
 * @returns what a row of `operations` has as its `body`. It throws a `TypeError` naming what is wrong with the body of a call, before anything is sent.
 * @see {@link https://pay.weixin.qq.com/doc/v3/partner/4012760509}
 */
export function upload(...fields: MetaField[]): (body: unknown) => Seal {
  return (body) => {
    requireOption("body", isRecord(body), "{ file, meta }", body);
    refuseUnknown("the body of an upload", body, ["file", "meta"]);
    const { file, meta: given = {} } = body;
    requireOption("body.file", isFile(file), "a File, a Blob or bytes", file);
    const meta = copyJson(given, "meta", "");
    requireOption("body.meta", isRecord(given) && isRecord(meta), "an object", given);
    const name = meta.filename ?? nameOf(file) ?? (fields.includes("filename") ? undefined : "file");
    const isName = isWellFormed(name) && name !== "";
    requireOption("body.meta.filename", isName, "a name such as license.png, and given where file has none", name);
    if (fields.includes("filename")) meta.filename = name;
    // Read now, for the caller may change them; a Blob cannot be changed.
    const content = isBlob(file) ? file : new Uint8Array(ArrayBuffer.isView(file) ? file : file.slice(0));

    return async () => {
      const bytes = isBlob(content) ? new Uint8Array(await content.arrayBuffer()) : content;
      if (fields.includes("sha256")) {
        const sha256 = hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
        const fits = meta.sha256 === undefined || meta.sha256 === sha256;
        requireOption("body.meta.sha256", fits, "the SHA-256 of the file in lower-case hex, or left out", meta.sha256);
        meta.sha256 = sha256;
      }
      return encode(toUtf8(JSON.stringify(meta)), bytes, name as string, typeOf(file, name as string));
    };
  };
}

/** The bytes of both parts. Source: https://www.rfc-editor.org/rfc/rfc7578 */
function encode(meta: Bytes, file: Bytes, name: string, type: string): Awaited<ReturnType<Seal>> {
  const boundary = hex(crypto.getRandomValues(new Uint8Array(16)));
  // As browsers do; a name could otherwise end the text or the header that it stands in.
  const filename = name.replace(/["\\\p{Cc}]/gu, encodeURIComponent);
  const part = (head: string) => toUtf8(`--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n`);
  const body = concat([
    part('name="meta"\r\nContent-Type: application/json'),
    meta,
    toUtf8("\r\n"),
    part(`name="file"; filename="${filename}"\r\nContent-Type: ${type}`),
    file,
    toUtf8(`\r\n--${boundary}--\r\n`),
  ]);
  return { body, covered: meta, headers: { "content-type": `multipart/form-data; boundary=${boundary}` } };
}

const isBlob = (value: unknown): value is Blob => ["Blob", "File"].includes(kindOf(value));
const isFile = (value: unknown): value is UploadFile =>
  isBlob(value) || ["Uint8Array", "ArrayBuffer"].includes(kindOf(value));

/** The name of a file without its folders: some runtimes give a path. */
function nameOf(file: UploadFile): string | undefined {
  const { name } = file as Partial<NamedFile>;
  return typeof name === "string" ? name.replace(/.*[/\\]/s, "") : undefined;
}

/** The media types of what WeChat Pay takes, by the end of a file's name. */
const TYPES: Record<string, string> = {
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  png: "image/png",
  bmp: "image/bmp",
  gif: "image/gif",
  mp4: "video/mp4",
  mov: "video/quicktime",
  avi: "video/x-msvideo",
  wmv: "video/x-ms-wmv",
  mpeg: "video/mpeg",
  mkv: "video/x-matroska",
  flv: "video/x-flv",
  pdf: "application/pdf",
  csv: "text/csv",
};

/** The media type of a file: its own, or by its name. */
function typeOf(file: UploadFile, name: string): string {
  const { type = "" } = file as Partial<Blob>;
  const [, end = ""] = /\.(\w+)$/.exec(name) ?? [];
  const byName = Object.hasOwn(TYPES, end.toLowerCase()) ? TYPES[end.toLowerCase()] : undefined;
  return /^[\x20-\x7e]+$/.test(type) ? type : (byName ?? "application/octet-stream");
}
