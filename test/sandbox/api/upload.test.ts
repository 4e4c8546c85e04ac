import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createSandbox, type OpenApiDocument } from "wechatpay-openapi-fetch/sandbox";
import { readSpec } from "../../../scripts/read/index.js";
import { ORIGIN, signedHeaders } from "../signed.js";

const UPLOAD = "/v3/merchant/media/upload";
const openapi = await readSpec<OpenApiDocument>("test/fixtures/another-family/openapi.yaml");
const sandbox = await createSandbox({ openapi });

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x2d, 0x2d, 0, 1, 2, 0xff]);
const sha256 = createHash("sha256").update(PNG).digest("hex");
const META = JSON.stringify({ filename: "a.png", sha256 });

/** As openapi-typescript writes it. */
interface Uploads {
  [UPLOAD]: {
    post: {
      requestBody: { content: { "multipart/form-data": { meta: { filename: string; sha256: string }; file: string } } };
      responses: { 200: { content: { "application/json": { media_id: string } } } };
    };
  };
}

/** A part as SDKs write it: its headers, and its content. */
type Part = [head: string, content: string | Buffer];
const meta = (content: string | Buffer = META): Part => ['Content-Disposition: form-data; name="meta"', content];
const file = (content: Buffer = PNG): Part => [
  'Content-Disposition: form-data; name="file"; filename="a.png"\r\nContent-Type: image/png',
  content,
];

function encode(parts: Part[], { before = "", after = "--\r\n" } = {}): Buffer {
  const pieces = parts.flatMap(([head, content]) => ["--BOUNDARY\r\n", head, "\r\n\r\n", content, "\r\n"]);
  return Buffer.concat([before, ...pieces, `--BOUNDARY${after}`].map((piece) => Buffer.from(piece as string)));
}

/** Sends a body that was made here; what it signed is the text of `meta`, where nothing else is said. */
async function send(
  body: Buffer,
  { signed = META as string | Buffer, type = "multipart/form-data; boundary=BOUNDARY" } = {},
) {
  const headers = signedHeaders(sandbox.credentials, {
    target: UPLOAD,
    body: signed,
    headers: { "Content-Type": type },
  });
  const reply = await sandbox.fetch(ORIGIN + UPLOAD, { method: "POST", headers, body: new Uint8Array(body) });
  const received = sandbox.requests.at(-1);
  return { status: reply.status, verdict: received?.verdict, received, json: await reply.json() };
}

describe("an upload is read as SDKs write it", () => {
  test.each<[what: string, body: Buffer, type?: string]>([
    ["both parts", encode([meta(), file()])],
    ["the file first", encode([file(), meta()])],
    [
      "as the documents' example and the official Go SDK: a semicolon at the end",
      encode([
        ['Content-Disposition: form-data; name="meta";\r\nContent-Type: application/json', META],
        ['Content-Disposition: form-data; name="file"; filename="a.png";\r\nContent-Type: image/png', PNG],
      ]),
    ],
    [
      "as Apache HttpClient: a transfer encoding",
      encode([
        [`${meta()[0]}\r\nContent-Type: application/json\r\nContent-Transfer-Encoding: 8bit`, META],
        [`${file()[0]}\r\nContent-Transfer-Encoding: binary`, PNG],
      ]),
    ],
    [
      "as OkHttp: a length, and the names of headers in lower case",
      encode([
        ['content-disposition: form-data; name="meta"\r\ncontent-length: 96', META],
        ['content-disposition: form-data; name="file"; filename="a.png"\r\ncontent-length: 12', PNG],
      ]),
    ],
    [
      "names without quotes",
      encode([
        ["Content-Disposition: form-data;name=meta", META],
        ["Content-Disposition: form-data; name=file; filename=a.png", PNG],
      ]),
    ],
    [
      "a name in RFC 5987's form",
      encode([meta(), ["Content-Disposition: form-data; name=\"file\"; filename*=UTF-8''a.png", PNG]]),
    ],
    [
      "something before and after the parts",
      encode([meta(), file()], { before: "preamble\r\n", after: "--\r\nepilogue" }),
    ],
    ["no line break at the end", encode([meta(), file()], { after: "--" })],
    ["a boundary in quotes", encode([meta(), file()]), 'multipart/form-data; charset=utf-8; boundary="BOUNDARY"'],
    ["meta as a file, as a Blob in a FormData goes out", encode([[`${meta()[0]}; filename="blob"`, META], file()])],
  ])("%s", async (_, body, type) => {
    const { status, verdict, received } = await send(body, { ...(type && { type }) });
    expect([status, verdict]).toEqual([200, "accepted"]);
    expect(received?.body).toMatchObject({
      meta: { filename: "a.png", sha256 },
      file: { filename: expect.stringContaining("a.png"), size: 12, sha256 },
    });
  });

  test("meta is verified over its bytes, whatever its white space, line ends and byte order mark", async () => {
    for (const text of [
      `{ "filename" : "a.png",\r\n\t"sha256":"${sha256}"}\n`,
      `{"filename":"\\u0061.png","sha256":"${sha256}"}`,
    ])
      expect(await send(encode([meta(text), file()]), { signed: text })).toMatchObject({ verdict: "accepted" });
    const marked = Buffer.from(`\uFEFF${META}`);
    expect(await send(encode([meta(marked), file()]), { signed: marked })).toMatchObject({
      verdict: "invalid-parameter",
    });
    expect(await send(encode([meta(marked), file()]))).toMatchObject({ verdict: "wrong-signature" });
  });

  test("a form of the platform arrives to the byte, whatever is in it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1 }), async (bytes) => {
        const form = new FormData();
        const hash = createHash("sha256").update(bytes).digest("hex");
        const text = JSON.stringify({ filename: "a.png", sha256: hash });
        form.append("meta", text);
        form.append("file", new Blob([bytes as Uint8Array<ArrayBuffer>]), "a.png");
        const request = new Request(ORIGIN + UPLOAD, { method: "POST", body: form });
        const type = request.headers.get("Content-Type") ?? "";
        const { verdict, received } = await send(Buffer.from(await request.arrayBuffer()), { signed: text, type });
        expect([verdict, received?.body]).toMatchObject(["accepted", { file: { size: bytes.length, sha256: hash } }]);
      }),
      { numRuns: 50 },
    );
  });
});

test("a behaviour is told meta and the file, with its content, and answers what it likes", async () => {
  const files = new Map<string, Uint8Array>();
  const behaved = await createSandbox<Uploads>({
    openapi,
    behaviours: {
      "POST /v3/merchant/media/upload": ({ body: { meta, file }, text }) => {
        files.set(meta.filename, file.bytes);
        return { media_id: `${file.filename} ${file.type} ${file.size} ${text === META}` };
      },
    },
  });
  const body = encode([meta(), file()]);
  const type = { "Content-Type": "multipart/form-data; boundary=BOUNDARY" };
  const headers = signedHeaders(behaved.credentials, { target: UPLOAD, body: META, headers: type });
  const reply = await behaved.fetch(ORIGIN + UPLOAD, { method: "POST", headers, body: new Uint8Array(body) });
  expect(await reply.json()).toEqual({ media_id: "a.png image/png 12 true" });
  expect([...files]).toEqual([["a.png", new Uint8Array(PNG)]]);
  expect(behaved.requests[0]?.body).toEqual({
    meta: JSON.parse(META),
    file: { filename: "a.png", type: "image/png", size: 12, sha256 },
  });
});

describe("what is wrong with an upload is a PARAM_ERROR that names its place", () => {
  const other = "0".repeat(64);
  const named = (more: object) => JSON.stringify({ filename: "a.png", sha256, ...more });
  test.each<[what: string, parts: Part[], field: string, issue: RegExp]>([
    [
      "the hash of another file",
      [meta(named({ sha256: other })), file()],
      "/meta/sha256",
      /not the SHA-256 of the file/,
    ],
    [
      "a hash in capitals",
      [meta(named({ sha256: sha256.toUpperCase() })), file()],
      "/meta/sha256",
      /in lower-case hex/,
    ],
    ["a name that the spec refuses", [meta(named({ filename: "a.exe" })), file()], "/meta/filename", /pattern/],
    ["a field that the spec does not know", [meta(named({ more: 1 })), file()], "/meta/more", /is not known/],
    ["no hash", [meta('{"filename":"a.png"}'), file()], "/meta/sha256", /is required/],
    ["meta that is no JSON", [meta("filename=a.png"), file()], "/meta", /is not JSON/],
    ["an emoji in meta", [meta(named({ filename: "😀.png" })), file()], "/meta/filename", /four bytes/],
    ["no file", [meta()], "/file", /is required, once, with a filename/],
    ["two files", [meta(), file(), file()], "/file", /is required, once/],
    [
      "a file without a name",
      [meta(), ['Content-Disposition: form-data; name="file"', PNG]],
      "/file",
      /with a filename/,
    ],
    ["an empty file", [meta(), file(Buffer.alloc(0))], "/file", /fewer than 1 char/],
  ])("%s", async (_, parts, field, issue) => {
    const signed = (parts.find(([head]) => head.includes('"meta"')) as Part)[1];
    const { status, verdict, json } = await send(encode(parts), { signed });
    expect([status, verdict]).toEqual([400, "invalid-parameter"]);
    expect(json).toMatchObject({
      code: "PARAM_ERROR",
      detail: { field, location: "body", issue: expect.stringMatching(issue) },
    });
  });

  test("a file larger than the spec allows is told by its size, and not shown", async () => {
    const large = Buffer.alloc(2 ** 21 + 1, 0x80);
    const text = named({ sha256: createHash("sha256").update(large).digest("hex") });
    const { json, received } = await send(encode([meta(text), file(large)]), { signed: text });
    expect(json.detail).toMatchObject({ field: "/file", value: { filename: "a.png", size: 2 ** 21 + 1 } });
    expect(JSON.stringify([json, received]).length).toBeLessThan(2000);
  });

  test("JSON in place of an upload", async () => {
    const body = JSON.stringify({ meta: {}, file: "…" });
    const { verdict, json } = await send(Buffer.from(body), { signed: body, type: "application/json" });
    expect(verdict).toBe("invalid-parameter");
    expect(json.detail.issue).toBe("is not multipart/form-data with a boundary");
  });
});

describe("a wrong signature of an upload is explained", () => {
  const body = encode([meta(), file()]);
  test.each<[what: string, body: Buffer, how: Parameters<typeof send>[1], cause: RegExp]>([
    ["the whole form was signed", body, { signed: body }, /whole multipart\/form-data body was signed/],
    ["nothing was signed", body, { signed: "" }, /body was not signed/],
    ["meta was serialized again", body, { signed: JSON.stringify(JSON.parse(META), null, 2) }, /serialized twice/],
    ["the form has no meta", encode([file()]), {}, /has no part `meta`/],
    ["the form has two", encode([meta(), meta(), file()]), {}, /has 2 parts `meta`, not one/],
    ["Content-Type has no boundary", body, { type: "multipart/form-data" }, /names the boundary/],
    ["Content-Type has another boundary", body, { type: "multipart/form-data; boundary=OTHER" }, /names the boundary/],
    ["a form that breaks off", body.subarray(0, -20), {}, /cannot be read as multipart/],
    [
      "a part without a name",
      encode([["Content-Disposition: form-data", ""], meta(), file()]),
      {},
      /cannot be read as multipart/,
    ],
    ["more parts than any upload has", encode(Array(30).fill(file())), {}, /cannot be read as multipart/],
  ])("%s", async (_, sent, how, cause) => {
    const { status, verdict, received } = await send(sent, how);
    expect([status, verdict]).toEqual([401, "wrong-signature"]);
    expect(received?.signature?.cause.en).toMatch(cause);
    expect(received?.signature?.cause.zh).toMatch(/meta/);
  });

  test("the file stays out of the log, also where nobody can read the form", async () => {
    const large = Buffer.alloc(2 ** 20, 1);
    for (const type of ["multipart/form-data", "multipart/form-data; boundary=BOUNDARY"]) {
      const { received } = await send(encode([meta(), file(large)]), { type, signed: "" });
      expect(JSON.stringify(received).length).toBeLessThan(3000);
    }
    expect(sandbox.requests.at(-2)?.body).toMatch(/^\(multipart\/form-data of \d+ bytes that cannot be read\)$/);
  });
});
