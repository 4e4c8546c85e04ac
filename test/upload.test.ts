import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createWeChatPayClient, unwrap, upload, type WeChatPayClientOptions } from "wechatpay-openapi-fetch";
import { createSandbox, type OpenApiDocument } from "wechatpay-openapi-fetch/sandbox";
import { readSpec } from "../scripts/read/index.js";
import { merchant, options, signedReply, unsignedReply } from "./support/wechatpay.js";

const UPLOAD = "/v3/merchant/media/upload";
const operations = { [`POST ${UPLOAD}`]: { operationId: "uploadImage", body: upload("filename", "sha256") } };
const openapi = await readSpec<OpenApiDocument>("test/fixtures/another-family/openapi.yaml");

/** As openapi-typescript writes it. */
interface Paths {
  [UPLOAD]: {
    post: {
      requestBody: { content: { "multipart/form-data": { meta: { filename: string; sha256: string }; file: string } } };
      responses: { 200: { content: { "application/json": { media_id: string } } } };
    };
  };
}

const PNG = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 1, 2, 0xff]);
const sha256 = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex");

/** A client whose requests stay here, and each of them as it went out. */
function observe(more: Partial<WeChatPayClientOptions> = {}, reply = () => signedReply({ body: '{"media_id":"1"}' })) {
  const sent: { request: Request; bytes: Buffer }[] = [];
  const wechatpay = createWeChatPayClient<Paths>({
    ...options,
    fetch: async (request) => {
      sent.push({ request, bytes: Buffer.from(await request.clone().arrayBuffer()) });
      return reply();
    },
    ...more,
    operations: more.operations ?? operations,
  });
  /** As JavaScript may call it. */
  const call = (body: unknown, path = UPLOAD) => wechatpay.POST(path as typeof UPLOAD, { body: body as never });
  /** The parts of the last request, as the platform reads them. */
  const parts = async () => (await (sent.at(-1) as (typeof sent)[0]).request.clone().formData()) as FormData;
  return { wechatpay, call, sent, parts };
}

/** A part's bytes, found without a parser. */
function partOf(bytes: Buffer, name: string): { head: string; content: Buffer } {
  const boundary = bytes.subarray(0, bytes.indexOf("\r\n"));
  const at = bytes.indexOf(`form-data; name="${name}"`);
  const start = bytes.indexOf("\r\n\r\n", at) + 4;
  const end = bytes.indexOf(Buffer.concat([Buffer.from("\r\n"), boundary]), start);
  return {
    head: bytes.toString("utf8", bytes.lastIndexOf("\r\n", at) + 2, start),
    content: bytes.subarray(start, end),
  };
}

/** The message that was to be signed, and the signature. */
function signatureOf({ request }: { request: Request }, body: Buffer) {
  const header = request.headers.get("Authorization") ?? "";
  const of = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(header)?.[1] ?? "";
  const head = Buffer.from(`POST\n${UPLOAD}\n${of("timestamp")}\n${of("nonce_str")}\n`);
  return { message: Buffer.concat([head, body, Buffer.from("\n")]), signature: Buffer.from(of("signature"), "base64") };
}

const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;
test.skipIf(!hasOpenssl)(
  `the signature covers the text of meta alone, in openssl's eyes${hasOpenssl ? "" : ": it is not here"}`,
  async () => {
    const { call, sent } = observe();
    await call({ file: new File([PNG], "执照.png", { type: "image/png" }), meta: {} });
    const [only] = sent as [(typeof sent)[0]];
    const { message, signature } = signatureOf(only, partOf(only.bytes, "meta").content);
    const folder = await mkdtemp(join(tmpdir(), "upload-"));
    try {
      const files = Object.entries({ message, signature, key: Buffer.from(merchant.publicKey) }).map(
        async ([name, content]) => writeFile(join(folder, name), content),
      );
      await Promise.all(files);
      const args = ["dgst", "-sha256", "-verify", "key", "-signature", "signature", "message"];
      expect(execFileSync("openssl", args, { cwd: folder, encoding: "utf8" })).toBe("Verified OK\n");
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);

describe("a file goes out with its name, its media type and its hash, in two parts that any parser reads", () => {
  test.each<[what: string, file: unknown, meta: object | undefined, name: string, type: string]>([
    ["a File", new File([PNG], "a.png", { type: "image/png" }), undefined, "a.png", "image/png"],
    ["a File under another name", new File([PNG], "a.png"), { filename: "b.BMP" }, "b.BMP", "image/bmp"],
    ["a Blob", new Blob([PNG], { type: "image/jpeg" }), { filename: "a.jpg" }, "a.jpg", "image/jpeg"],
    ["a Blob without a type", new Blob([PNG]), { filename: "a.JPEG" }, "a.JPEG", "image/jpeg"],
    ["bytes", PNG, { filename: "a.png" }, "a.png", "image/png"],
    ["a Buffer", Buffer.from(PNG), { filename: "a.mp4" }, "a.mp4", "video/mp4"],
    ["an ArrayBuffer", PNG.slice().buffer, { filename: "a.xyz" }, "a.xyz", "application/octet-stream"],
    [
      "the end of a larger buffer",
      Buffer.concat([Buffer.from("-"), PNG]).subarray(1),
      { filename: "constructor" },
      "constructor",
      "application/octet-stream",
    ],
    [
      "a file that its runtime names by a path",
      Object.assign(new Blob([PNG]), { name: "/home/me/a.png" }),
      {},
      "a.png",
      "image/png",
    ],
    ["a hash that was given", PNG, { filename: "a.png", sha256: sha256(PNG) }, "a.png", "image/png"],
    [
      "undefined for what is left out",
      new File([PNG], "a.gif"),
      { filename: undefined, sha256: undefined },
      "a.gif",
      "image/gif",
    ],
  ])("%s", async (_, file, meta, name, type) => {
    const { call, parts } = observe();
    expect((await call({ file, meta })).data).toEqual({ media_id: "1" });
    const form = await parts();
    expect([...form.keys()]).toEqual(["meta", "file"]);
    expect(JSON.parse(String(form.get("meta")))).toEqual({ filename: name, sha256: sha256(PNG) });
    const sent = form.get("file") as File;
    expect([sent.name, sent.type, Buffer.from(await sent.arrayBuffer())]).toEqual([name, type, Buffer.from(PNG)]);
  });

  test("no name breaks out of its header, and meta has it as it is", async () => {
    const { call, sent, parts } = observe();
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string({ unit: "grapheme", minLength: 1 }),
          fc.constantFrom('"; name="meta', "a\r\n\r\n--", "\\", "\0.png"),
        ),
        async (filename) => {
          await call({ file: PNG, meta: { filename } });
          const form = await parts();
          expect([...form.keys()]).toEqual(["meta", "file"]);
          expect(JSON.parse(String(form.get("meta"))).filename).toBe(filename);
          const { head, content } = partOf((sent.at(-1) as (typeof sent)[0]).bytes, "file");
          expect(head).toMatch(
            /^Content-Disposition: form-data; name="file"; filename="[^"\\\p{Cc}]*"\r\nContent-Type: [^\r\n]+\r\n\r\n$/u,
          );
          expect(content).toEqual(Buffer.from(PNG));
        },
      ),
      { numRuns: 50 },
    );
  });

  test("what looks like the end of a part is content", async () => {
    const { call, parts } = observe();
    const file = Buffer.from(
      '\r\n--boundary\r\nContent-Disposition: form-data; name="meta"\r\n\r\n{}\r\n--boundary--\r\n',
    );
    await call({ file, meta: { filename: "a.csv" } });
    const form = await parts();
    expect([...form.keys()]).toEqual(["meta", "file"]);
    expect(await (form.get("file") as File).text()).toBe(file.toString());
  });

  test("meta has what the spec has there: without filename and sha256, none is added", async () => {
    const fapiao = { "POST /v3/merchant/media/upload": { operationId: "uploadFapiao", body: upload() } };
    const { call, parts } = observe({ operations: fapiao });
    const meta = { sub_mchid: "1900000109", file_type: "PDF", digest: "00", sha256: "anything" };
    await call({ file: PNG, meta });
    const form = await parts();
    expect(JSON.parse(String(form.get("meta")))).toEqual(meta);
    expect((form.get("file") as File).name).toBe("file");
  });

  test("a caller's own Content-Type cannot take the boundary away", async () => {
    const { wechatpay, sent } = observe();
    await wechatpay.POST(UPLOAD, {
      body: { file: PNG, meta: { filename: "a.png" } },
      headers: { "Content-Type": "text/plain" },
    });
    expect(sent[0]?.request.headers.get("Content-Type")).toMatch(/^multipart\/form-data; boundary=[\da-f]{32}$/);
  });
});

describe("an upload is sent like any other write", () => {
  const body = { file: PNG, meta: { filename: "a.png" } };

  test("what the caller changes during the call is not sent", async () => {
    const { call, parts } = observe();
    const given = { file: PNG.slice(), meta: { filename: "a.png" } };
    const called = call(given);
    given.file.fill(0);
    given.meta.filename = "b.png";
    await called;
    const form = await parts();
    expect(JSON.parse(String(form.get("meta")))).toEqual({ filename: "a.png", sha256: sha256(PNG) });
    expect(Buffer.from(await (form.get("file") as File).arrayBuffer())).toEqual(Buffer.from(PNG));
  });

  test("it is not repeated, and goes to the backup with the same bytes and a signature of its own", async () => {
    const refused = () => {
      throw new TypeError("fetch failed", { cause: Object.assign(new Error("refused"), { code: "ECONNREFUSED" }) });
    };
    const replies = [refused, () => signedReply({ body: '{"media_id":"1"}' })];
    const { call, sent } = observe({}, () => (replies.shift() as () => Response)());
    expect((await call(body)).data).toEqual({ media_id: "1" });
    const [first, second] = sent as [(typeof sent)[0], (typeof sent)[0]];
    expect(sent.map(({ request }) => new URL(request.url).host)).toEqual([
      "api.mch.weixin.qq.com",
      "api2.mch.weixin.qq.com",
    ]);
    expect(second.bytes).toEqual(first.bytes);
    expect(second.request.headers.get("Authorization")).not.toBe(first.request.headers.get("Authorization"));

    const failing = observe({}, () => unsignedReply(500, '{"code":"SYSTEM_ERROR"}'));
    expect((await failing.call(body)).error).toMatchObject({ code: "SYSTEM_ERROR" });
    expect(failing.sent).toHaveLength(1);
  });

  test("an abort while the file is read ends it, and nothing is sent", async () => {
    const { wechatpay, sent } = observe();
    const controller = new AbortController();
    const file = Object.assign(new Blob([PNG]), { name: "a.png", arrayBuffer: () => new Promise<never>(() => {}) });
    const called = wechatpay.POST(UPLOAD, { body: { file }, signal: controller.signal });
    controller.abort();
    await expect(called).rejects.toMatchObject({ name: "AbortError" });
    expect(sent).toEqual([]);
  });

  test("a file that cannot be read is an error of the call", async () => {
    const { call, sent } = observe();
    const gone = Object.assign(new Blob([PNG]), {
      arrayBuffer: async () => Promise.reject(new DOMException("gone", "NotReadableError")),
    });
    await expect(call({ file: gone, meta: { filename: "a.png" } })).rejects.toMatchObject({ name: "NotReadableError" });
    expect(sent).toEqual([]);
  });
});

describe("what is wrong is said before anything is sent, without a value of it", () => {
  const meta = { filename: "a.png" };
  test.each<[what: string, body: unknown, message: string]>([
    ["nothing", undefined, "body must be { file, meta }; given: undefined."],
    ["a form", new FormData(), "body must be { file, meta }; given: FormData."],
    ["no file", { meta }, "body.file must be a File, a Blob or bytes; given: undefined."],
    [
      "a path for the file",
      { file: "/home/me/a.png", meta },
      "body.file must be a File, a Blob or bytes; given: string of ",
    ],
    [
      "a promise of the file",
      { file: Promise.resolve(PNG), meta },
      "body.file must be a File, a Blob or bytes; given: Promise: is an await missing?",
    ],
    ["meta that becomes null", { file: PNG, meta: { toJSON: () => null } }, "body.meta must be an object"],
    ["meta as text", { file: PNG, meta: '{"filename":"a.png"}' }, "body.meta must be an object; given: string of "],
    [
      "what JSON would lose in meta",
      { file: PNG, meta: { ...meta, at: Number.NaN } },
      "/meta/at of body must be a text,",
    ],
    [
      "another key",
      { file: PNG, meta, media: PNG },
      '"media" is not an option of the body of an upload; it takes file, meta.',
    ],
    [
      "no name",
      { file: PNG, meta: {} },
      "body.meta.filename must be a name such as license.png, and given where file has none; given: undefined.",
    ],
    ["an empty name", { file: PNG, meta: { filename: "" } }, "body.meta.filename must be a name such as license.png"],
    [
      "a name of lone surrogates",
      { file: PNG, meta: { filename: "\ud800" } },
      "body.meta.filename must be a name such as",
    ],
    [
      "the hash of something else",
      { file: PNG, meta: { ...meta, sha256: sha256("") } },
      "body.meta.sha256 must be the SHA-256 of the file in lower-case hex, or left out; given: string of ",
    ],
    [
      "the hash in capitals",
      { file: PNG, meta: { ...meta, sha256: sha256(PNG).toUpperCase() } },
      "body.meta.sha256 must be",
    ],
  ])("%s", async (_, body, message) => {
    const { call, sent } = observe();
    const error: Error = await call(body).then(
      () => new Error("it was sent"),
      (error) => error,
    );
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toContain(message);
    for (const value of [sha256(PNG), sha256(""), "/home/me"]) expect(error.message.toLowerCase()).not.toContain(value);
    expect(sent).toEqual([]);
  });

  test.each<[what: string, path: string, body: unknown, place: string]>([
    ["{ file, meta } on a path without a row", "/v3/merchant/media/video_upload", { file: PNG, meta }, "/file of body"],
    [
      "{ meta, file } there, the file a Blob",
      "/v3/merchant/media/video_upload",
      { meta, file: new Blob([PNG]) },
      "/file of body",
    ],
    ["a form there", "/v3/merchant/media/video_upload", new FormData(), "body"],
    ["a Blob there", "/v3/merchant/media/video_upload", new Blob([PNG]), "body"],
    ["an upload by another spelling of its path", "/v3/merchant/media/upload/", { file: PNG, meta }, "/file of body"],
  ])("%s: what has to be added is named", async (_, path, body, place) => {
    const { call, sent } = observe();
    const advice =
      "must be JSON: a file is sent as { file, meta }, by an operation that `operations` has with an upload";
    await expect(call(body, path)).rejects.toThrow(`${place} ${advice}`);
    expect(sent).toEqual([]);
  });

  test("a row whose body is no function", () => {
    const row = { operationId: "uploadImage", body: ["filename"] };
    const create = () => createWeChatPayClient({ ...options, operations: { [`POST ${UPLOAD}`]: row } as never });
    expect(create).toThrow(`operations["POST ${UPLOAD}"] must be what the generator writes`);
  });
});

describe("the sandbox takes an upload as WeChat Pay does", () => {
  test("it verifies it, answers with a media_id of its own, and keeps what is known of the file", async () => {
    const sandbox = await createSandbox({ openapi });
    const wechatpay = createWeChatPayClient<Paths>({ ...sandbox.credentials, fetch: sandbox.fetch, operations });
    const body = { file: new File([PNG], "执照.png", { type: "image/png" }) };
    const ids = [unwrap(await wechatpay.POST(UPLOAD, { body })), unwrap(await wechatpay.POST(UPLOAD, { body }))];
    expect(new Set(ids.map(({ media_id }) => media_id)).size).toBe(2);
    for (const { media_id } of ids) expect(media_id).toMatch(/^[\w-]{107}$/);
    const hash = sha256(PNG);
    expect(sandbox.requests[0]).toEqual({
      operationId: "uploadImage",
      method: "POST",
      path: UPLOAD,
      verdict: "accepted",
      status: 200,
      body: {
        meta: { filename: "执照.png", sha256: hash },
        file: { filename: "执照.png", type: "image/png", size: PNG.length, sha256: hash },
      },
    });
  });

  test("over HTTP too, by a transport that sends bytes", async () => {
    const { nodeTransport } = await import("wechatpay-openapi-fetch/node");
    const sandbox = await createSandbox({ openapi });
    const { url, close } = await sandbox.listen();
    const transport = nodeTransport();
    try {
      const wechatpay = createWeChatPayClient<Paths>({ ...sandbox.credentials, baseUrl: url, transport, operations });
      const file = Buffer.alloc(2 ** 21, 7);
      unwrap(await wechatpay.POST(UPLOAD, { body: { file, meta: { filename: "a.png" } } }));
      expect(sandbox.requests).toMatchObject([
        { verdict: "accepted", body: { file: { size: 2 ** 21, sha256: sha256(file) } } },
      ]);
      const { error } = await wechatpay.POST(UPLOAD, {
        body: { file: Buffer.alloc(2 ** 21 + 1), meta: { filename: "a.png" } },
      });
      expect(error).toMatchObject({
        code: "PARAM_ERROR",
        detail: { field: "/file", value: { size: 2 ** 21 + 1 }, issue: expect.stringContaining("2097152") },
      });
    } finally {
      await close();
    }
  });
});

test("whoever bundles one call of another family pays nothing for uploads", async () => {
  const bundle = async (row: string) => {
    const contents = `
      import { createWeChatPayClient, upload } from "./src/index.ts";
      const one = { "POST /v3/x": { operationId: "x", body: /* @__PURE__ */ upload("sha256") } };
      const other = { "POST /v3/y": { operationId: "y" } };
      console.log(createWeChatPayClient({ operations: [${row}] }));`;
    const stdin = { contents, resolveDir: ".", loader: "ts" } as const;
    const { outputFiles } = await build({
      stdin,
      bundle: true,
      format: "esm",
      platform: "neutral",
      mainFields: ["module"],
      write: false,
      logLevel: "error",
    });
    return outputFiles[0]?.text;
  };
  expect(await bundle("one")).toContain('name="meta"');
  expect(await bundle("other")).not.toContain('name="meta"');
});
