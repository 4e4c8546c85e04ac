import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import {
  ApiError,
  createWeChatPayClient,
  type DownloadableFile,
  outcomeOf,
  VerificationError,
  type WeChatPayClientOptions,
} from "wechatpay-openapi-fetch";
import { nodeTransport } from "wechatpay-openapi-fetch/node";
import { createSandbox } from "wechatpay-openapi-fetch/sandbox";
import { verifyText } from "../support/keys.js";
import { createObservedClient, merchant, options, unsignedReply } from "../support/wechatpay.js";

const BILL = "交易时间,商户号\n`2019-06-11 12:00:00,`1230000109\n";
const URL_OF_BILL = "https://api.mch.weixin.qq.com/v3/billdownload/file?token=6a%2Fb%2b%E4%B8%AD~'(x)&tartype=gzip";

/** What the response of a bill has. */
const billOf = (file: string | Uint8Array, more: Partial<DownloadableFile> = {}): DownloadableFile => ({
  download_url: URL_OF_BILL,
  hash_type: "SHA1",
  hash_value: createHash("sha1").update(file).digest("hex"),
  ...more,
});
const bill = billOf(BILL);

const clientOf = (body: BodyInit | null, more: Partial<WeChatPayClientOptions> = {}, status = 200) =>
  createObservedClient(() => new Response(body, { status }), { retry: false, ...more });
const textOf = (stream: ReadableStream<Uint8Array>) => new Response(stream).text();
const rejection = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.unreachable(),
    (error: unknown) => error,
  );

/** A body in pieces, each made when it is asked for. */
function inPieces(count: number, piece: (i: number) => Uint8Array, error?: unknown) {
  const seen = { pulled: 0, cancelled: undefined as unknown };
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(into) {
        if (seen.pulled < count) return into.enqueue(piece(seen.pulled++));
        return error === undefined ? into.close() : into.error(error);
      },
      cancel: (reason) => {
        seen.cancelled = reason;
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, seen };
}

describe("a file that has the hash of its bill is a stream of its bytes", () => {
  test("as it is", async () => {
    const { wechatpay } = clientOf(BILL);
    expect(await textOf(await wechatpay.download(bill))).toBe(BILL);
  });

  test("decompressed where the bill was asked for with tar_type: GZIP; the hash is that of the decompressed file", async () => {
    const { wechatpay } = clientOf(gzipSync(BILL));
    expect(await textOf(await wechatpay.download({ ...bill, tar_type: "GZIP" }))).toBe(BILL);
  });

  test.each<[string, string]>([
    ["SHA1", "sha1"],
    ["SHA256", "sha256"],
    ["sha256", "sha256"],
    ["SHA-256", "sha256"],
  ])("by %s, in hex of either case, as openssl prints it", async (hash_type, algorithm) => {
    const printed = execFileSync("openssl", ["dgst", `-${algorithm}`, "-r"], { input: BILL }).toString();
    const hash_value = printed.split(" ", 1)[0] as string;
    const { wechatpay } = clientOf(BILL);
    expect(await textOf(await wechatpay.download({ ...bill, hash_type, hash_value }))).toBe(BILL);
    const upper = { ...bill, hash_type, hash_value: hash_value.toUpperCase() };
    expect(await textOf(await wechatpay.download(upper))).toBe(BILL);
  });

  test("an empty one, and one that a transport has read already", async () => {
    for (const body of [null, new Uint8Array(), new TextEncoder().encode(BILL)]) {
      const transport = async () => ({ status: 200, headers: {}, body });
      const wechatpay = createWeChatPayClient({ ...options, transport });
      const text = body?.length ? BILL : "";
      expect(await textOf(await wechatpay.download(billOf(text)))).toBe(text);
    }
  });

  test("however it is cut", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ minLength: 1 })), fc.boolean(), async (pieces, isZipped) => {
        const file = Buffer.concat(pieces);
        const sent = isZipped ? [...gzipSync(file)].map((byte) => Uint8Array.of(byte)) : pieces;
        const { wechatpay } = clientOf(inPieces(sent.length, (i) => sent[i] as Uint8Array).stream);
        const stream = await wechatpay.download(billOf(file, isZipped ? { tar_type: "GZIP" } : {}));
        expect(Buffer.from(await new Response(stream).arrayBuffer()).equals(file)).toBe(true);
      }),
      { seed: 20_261_126, numRuns: 40 },
    );
  });
});

describe("never in memory as a whole", () => {
  const PIECE = new Uint8Array(65_536).map((_, i) => i * 7);
  const COUNT = 1_600;

  /** Reads it piece by piece, and gives how far, in bytes, the server was ever ahead of the reader. */
  async function mostAhead(stream: ReadableStream<Uint8Array>, seen: { pulled: number }) {
    let [read, ahead] = [0, 0];
    for await (const chunk of stream) {
      read += chunk.length;
      ahead = Math.max(ahead, seen.pulled * PIECE.length - read);
    }
    expect(read).toBe(COUNT * PIECE.length);
    return ahead;
  }
  function hashOfAll() {
    const hash = createHash("sha1");
    for (let i = 0; i < COUNT; i++) hash.update(PIECE);
    return hash.digest("hex");
  }

  test("100 MB: a piece is fetched when the reader asks for it", async () => {
    const { stream, seen } = inPieces(COUNT, () => PIECE);
    const { wechatpay } = clientOf(stream, { timeout: false });
    const file = await wechatpay.download({ ...bill, hash_value: hashOfAll() });
    expect(seen.pulled).toBe(0);
    expect(await mostAhead(file, seen)).toBeLessThanOrEqual(PIECE.length);
  });

  test("100 MB compressed: the decompressor is a few pieces ahead", async () => {
    // One member for each piece, stored as it is: that is gzip, too.
    const member = gzipSync(PIECE, { level: 0 });
    const { stream, seen } = inPieces(COUNT, () => member);
    const { wechatpay } = clientOf(stream, { timeout: false });
    const file = await wechatpay.download({ ...bill, hash_value: hashOfAll(), tar_type: "GZIP" });
    expect(await mostAhead(file, seen)).toBeLessThan(20 * PIECE.length);
  });

  test("cancelled, with its reason: the server is asked for no more", async () => {
    for (const tar_type of [undefined, "GZIP"]) {
      const member = gzipSync(PIECE, { level: 0 });
      const { stream, seen } = inPieces(COUNT, () => member);
      const { wechatpay } = clientOf(stream);
      const reader = (await wechatpay.download({ ...bill, tar_type })).getReader();
      await reader.read();
      const reason = new Error("enough");
      await reader.cancel(reason);
      await expect.poll(() => seen.cancelled).toBe(reason);
      expect(seen.pulled).toBeLessThan(20);
    }
  });
});

describe("another file is an error at its end", () => {
  const other = BILL.replace("12:00", "13:00");

  test("after all of its bytes, and says so", async () => {
    const { wechatpay } = createObservedClient(() => new Response(other, { headers: { "Request-ID": "08F7" } }));
    const reader = (await wechatpay.download(bill)).getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toBe(other);
    const error = await rejection(reader.read());
    expect(error).toBeInstanceOf(VerificationError);
    expect(error).toMatchObject({ reason: "hash-mismatch", status: 200, requestId: "08F7", outcome: undefined });
    expect(String(error)).toBe(
      "VerificationError: The file of GET /v3/billdownload/file is not to be used, nor what was read of it: its SHA1 is not hash_value. Likely cause: it was changed or cut off on the way, or the hash is of another file.",
    );
  });

  test.each<[string, BodyInit, Partial<DownloadableFile>, RegExp]>([
    ["cut off", BILL.slice(0, -1), {}, /its SHA1 is not hash_value. Likely cause: it was changed or cut off/],
    ["empty", "", {}, /its SHA1 is not hash_value/],
    ["the hash of another function", BILL, { hash_type: "SHA256", hash_value: "0".repeat(64) }, /its SHA256 is not/],
    ["compressed, and not told so", gzipSync(BILL), {}, /it is compressed: give tar_type: "GZIP"/],
    [
      "not compressed, and told so",
      BILL,
      { tar_type: "GZIP" },
      /it is no gzip, or ends too early: tar_type is "GZIP" only/,
    ],
    [
      "compressed and cut off",
      gzipSync(BILL).subarray(0, -9),
      { tar_type: "GZIP" },
      /it is no gzip, or ends too early/,
    ],
    ["compressed and changed", gzipSync(other), { tar_type: "GZIP" }, /its SHA1 is not hash_value/],
    ["compressed and empty", "", { tar_type: "GZIP" }, /is not to be used/],
  ])("%s", async (_, body, more, message) => {
    const { wechatpay } = clientOf(body);
    const error = await rejection(textOf(await wechatpay.download({ ...bill, ...more })));
    expect(error).toMatchObject({ name: "VerificationError", reason: "hash-mismatch" });
    expect(String(error)).toMatch(message);
    expect(outcomeOf(error)).toBeUndefined();
  });
});

describe("a file that does not arrive whole rejects with what became of it", () => {
  afterEach(() => vi.useRealTimers());

  test.each([undefined, "GZIP"])("a connection that breaks, tar_type %s", async (tar_type) => {
    const sent = tar_type ? gzipSync(BILL, { level: 0 }).subarray(0, 30) : new TextEncoder().encode(BILL);
    const broken = new TypeError("terminated", { cause: new Error("other side closed") });
    const { wechatpay } = clientOf(inPieces(1, () => sent, broken).stream);
    const error = await rejection(textOf(await wechatpay.download({ ...bill, tar_type })));
    expect(String(error)).toBe(
      "TypeError: terminated: GET /v3/billdownload/file got no whole response from api.mch.weixin.qq.com (other side closed).",
    );
  });

  test.each([undefined, "GZIP"])("an abort, before and after it has begun, tar_type %s", async (tar_type) => {
    const piece = gzipSync(new Uint8Array(65_536), { level: 0 });
    const { stream, seen } = inPieces(99, () => piece);
    const { wechatpay, sent } = clientOf(stream);
    const controller = new AbortController();
    const reason = new Error("the user left");
    const reader = (await wechatpay.download({ ...bill, tar_type }, { signal: controller.signal })).getReader();
    await reader.read();
    controller.abort(reason);
    // What was decompressed already may still be read.
    const toItsEnd = async () => {
      while (!(await reader.read()).done);
    };
    expect(await rejection(toItsEnd())).toBe(reason);
    await expect.poll(() => seen.cancelled).toBe(reason);
    expect(await rejection(wechatpay.download(bill, { signal: controller.signal }))).toBe(reason);
    expect(sent).toHaveLength(1);
  });

  test.each([undefined, "GZIP"])("the time-out, which holds to the end of the file, tar_type %s", async (tar_type) => {
    vi.useFakeTimers();
    const hanging = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}) }, { highWaterMark: 0 });
    const { wechatpay } = clientOf(hanging, { timeout: 1_000 });
    const call = wechatpay.download({ ...bill, tar_type });
    await vi.advanceTimersByTimeAsync(1);
    const end = rejection(textOf(await call));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await end).toMatchObject({ name: "TimeoutError", message: expect.stringContaining("within 1000 ms") });
  });

  test.each<[string, Partial<WeChatPayClientOptions>]>([
    ["fetch", {}],
    ["nodeTransport()", { transport: nodeTransport() }],
  ])("over a socket that closes too early, by %s", async (_, more) => {
    const server = createServer((_, response) => {
      response.writeHead(200, { "Content-Length": 1_000 });
      response.write(BILL, () => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const wechatpay = createWeChatPayClient({ ...options, baseUrl, retry: false, ...more });
    for (const tar_type of [undefined, "GZIP"]) {
      const error = await wechatpay
        .download({ ...bill, tar_type })
        .then(textOf)
        .then(
          () => undefined,
          (each) => each,
        );
      expect(error?.name).toMatch(/^(TypeError|VerificationError)$/);
    }
    server.close();
  });
});

describe("the request", () => {
  test("is a signed GET of path and query as they stand, and takes any media type", async () => {
    const { wechatpay, sent } = clientOf(BILL);
    await textOf(await wechatpay.download(bill));
    const [request] = sent as [Request];
    expect(request.url).toBe(URL_OF_BILL.replaceAll("'", "%27"));
    expect([request.method, request.headers.get("Accept")]).toEqual(["GET", "*/*"]);
    const { pathname, search } = new URL(request.url);
    const read = (name: string) =>
      new RegExp(`${name}="([^"]+)"`).exec(request.headers.get("Authorization") ?? "")?.[1];
    const message = `GET\n${pathname}${search}\n${read("timestamp")}\n${read("nonce_str")}\n\n`;
    expect(verifyText(merchant.publicKey, message, read("signature") as string)).toBe(true);
  });

  test.each(["https://api.mch.weixin.qq.com", "https://api2.mch.weixin.qq.com"])(
    "goes to a baseUrl of one's own where the URL is of %s",
    async (origin) => {
      const { wechatpay, sent } = clientOf(BILL, { baseUrl: "http://127.0.0.1:8080" });
      await textOf(await wechatpay.download({ ...bill, download_url: `${origin}/v3/billdownload/file?token=a` }));
      expect(sent.map(({ url }) => url)).toEqual(["http://127.0.0.1:8080/v3/billdownload/file?token=a"]);
    },
  );

  test.each([
    "http://127.0.0.1:8080/v3/billdownload/file?token=secret",
    "http://api.mch.weixin.qq.com/v3/billdownload/file?token=secret",
    "https://api.mch.weixin.qq.com.evil.example/v3/billdownload/file?token=secret",
    "https://api.mch.weixin.qq.com@evil.example/?token=secret",
    "https://pay.wechatpay.cn/invoicing/fapiao/fapiao-file?token=secret",
    "file:///v3/billdownload/file?token=secret",
  ])("never leaves for an origin that was not configured: %s", async (download_url) => {
    const { wechatpay, sent } = clientOf(BILL);
    const error = await rejection(wechatpay.download({ ...bill, download_url }));
    const { origin } = new URL(download_url);
    expect(String(error)).toBe(
      `TypeError: download_url is of ${origin}, and this client asks https://api.mch.weixin.qq.com, https://api2.mch.weixin.qq.com only: nothing was sent. What another server has is fetched without a signature.`,
    );
    expect(sent).toEqual([]);
  });

  test.each([
    "blob:https://api.mch.weixin.qq.com/v3/billdownload/file?token=secret",
    "BLOB:HTTPS:\\\\api.mch.weixin.qq.com\\v3?token=secret",
    "data:,secret",
  ])("never leaves for what a URL within a URL would make of the origin: %s", async (download_url) => {
    const { wechatpay, sent } = clientOf(BILL);
    const error = await rejection(wechatpay.download({ ...bill, download_url }));
    expect(String(error)).toMatch(
      /^TypeError: download_url must be a URL of https; given: string of \d+ characters\.$/,
    );
    expect(sent).toEqual([]);
  });

  test("is repeated as a query is, and goes to the backup", async () => {
    const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED", syscall: "connect" });
    const replies = [
      () => Promise.reject(new TypeError("fetch failed", { cause: refused })),
      () => Promise.resolve(unsignedReply(503, "")),
      () => Promise.resolve(new Response(BILL)),
    ];
    const { wechatpay, sent } = createObservedClient(() => (replies.shift() as () => Promise<Response>)(), {
      retry: { baseDelay: 0 },
    });
    expect(await textOf(await wechatpay.download(bill))).toBe(BILL);
    expect(sent.map(({ url }) => new URL(url).host)).toEqual([
      "api.mch.weixin.qq.com",
      "api2.mch.weixin.qq.com",
      "api2.mch.weixin.qq.com",
    ]);
  });

  test("is made with a list of operations too, and reported by the operationId that the table has", async () => {
    const path = "GET /v3/billdownload/file";
    const told: unknown[] = [];
    for (const operations of [[], [{ [path]: { operationId: "downloadBill" } }]]) {
      const table = [{ "POST /v3/x": { operationId: "x" } }, ...operations];
      const { wechatpay } = clientOf(BILL, {
        operations: table,
        onAttempt: ({ operationId }) => told.push(operationId),
      });
      await textOf(await wechatpay.download(bill));
    }
    expect(told).toEqual([undefined, "downloadBill"]);
  });
});

describe("what WeChat Pay answers instead is thrown as unwrap throws it", () => {
  test("a URL that is too old", async () => {
    const body = {
      code: "RESOURCE_NOT_EXISTS",
      message: "文件 6a/b 已失效",
      detail: { field: "token", value: "6a/b" },
    };
    const { wechatpay } = createObservedClient(() => unsignedReply(404, JSON.stringify(body)));
    const error = await rejection(wechatpay.download(bill));
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      status: 404,
      code: "RESOURCE_NOT_EXISTS",
      message: "文件 … 已失效 (token.)",
      verified: false,
    });
  });

  test("a gateway's page", async () => {
    const { wechatpay } = createObservedClient(() => unsignedReply(502, "<html>", "text/html"), { retry: false });
    expect(await rejection(wechatpay.download(bill))).toMatchObject({
      code: "HTTP_502",
      message: "HTTP 502 with text/html: <html>.",
    });
  });

  test("a wrong signature says what differs", async () => {
    const sandbox = await createSandbox();
    const wechatpay = createWeChatPayClient({
      ...sandbox.credentials,
      fetch: (request) => sandbox.fetch(new Request(request.url.replace("token", "toke"), request)),
    });
    const path = "https://api.mch.weixin.qq.com/v3/certificates?token=a";
    const error = await rejection(wechatpay.download({ ...bill, download_url: path }));
    expect(error).toMatchObject({ code: "SIGN_ERROR", message: expect.stringMatching(/^错误的签名.*\(.*query/) });
  });
});

describe("what is no file to download is refused before anything is sent", () => {
  test.each<[string, unknown, string]>([
    [
      "nothing",
      undefined,
      "file must be what a bill's response has, as unwrap gives it: { download_url, hash_type, hash_value }; given: undefined.",
    ],
    ["a promise", Promise.resolve(bill), "given: Promise: is an await missing?"],
    ["what a call resolves to", { data: bill, response: new Response() }, "as unwrap gives it"],
    ["no hash", { ...bill, hash_value: undefined }, "as unwrap gives it"],
    ["an unknown hash", { ...bill, hash_type: "SM3" }, 'hash_type is "SM3", and only SHA1 and SHA256 is known.'],
    ["the name of something else", { ...bill, hash_type: "constructor" }, 'hash_type is "CONSTRUCTOR", and only SHA1'],
    [
      "a hash of another length",
      { ...bill, hash_type: "SHA256" },
      "hash_value must be 64 digits in hex, as SHA256 has; given: string of ",
    ],
    ["a hash in base64", { ...bill, hash_value: "x".repeat(40) }, "hash_value must be 40 digits in hex"],
    ["an unknown compression", { ...bill, tar_type: "ZIP" }, 'tar_type is "ZIP", and only GZIP is known.'],
    [
      "a path",
      { ...bill, download_url: "/v3/billdownload/file?token=secret" },
      "download_url must be a URL; given: string of ",
    ],
  ])("%s", async (_, file, message) => {
    const { wechatpay, sent } = clientOf(BILL);
    const error = await rejection(wechatpay.download(file as DownloadableFile));
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toContain(message);
    expect(String(error)).not.toContain("secret");
    expect(sent).toEqual([]);
  });

  test("an option that there is not, and a signal that is none", async () => {
    const { wechatpay } = clientOf(BILL);
    await expect(wechatpay.download(bill, { timeout: 1 } as never)).rejects.toThrow('"timeout" is not an option of');
    await expect(wechatpay.download(bill, { signal: {} } as never)).rejects.toThrow("signal must be an AbortSignal");
  });

  test("what the caller changes after the call is not looked at", async () => {
    const { wechatpay } = clientOf(BILL);
    const file = { ...bill };
    const call = wechatpay.download(file);
    file.hash_value = "0".repeat(40);
    expect(await textOf(await call)).toBe(BILL);
  });
});

test("where the runtime has no node:crypto it is the runtime's DigestStream, as Workers have; without either it is refused", async () => {
  const { wechatpay, sent } = clientOf(BILL);
  vi.spyOn(process, "getBuiltinModule").mockReturnValue(undefined as never);
  const error = await rejection(wechatpay.download(bill));
  vi.restoreAllMocks();
  expect(String(error)).toContain("This runtime cannot hash a stream");
  expect(sent).toEqual([]);
});

describe("in a sandbox whose bills have a URL of its own", () => {
  const json = (properties: object) => ({
    content: { "application/json": { schema: { type: "object", properties } } },
  });
  const text = { type: "string" };
  const query = (name: string) => ({ name, in: "query", schema: text });
  const file = { "application/octet-stream": { schema: text } };
  const openapi = {
    paths: {
      "/v3/bill/tradebill": {
        get: {
          operationId: "getTradeBill",
          parameters: [query("tar_type")],
          responses: { 200: { description: "", ...json({ hash_type: text, hash_value: text, download_url: text }) } },
        },
      },
      "/v3/billdownload/file": {
        get: {
          operationId: "downloadBill",
          "x-wechatpay-response": "unsigned",
          parameters: [query("token"), query("tartype")],
          responses: { 200: { description: "", content: file } },
        },
      },
    },
  };
  type Query = { params: { query: Record<string, string> } };
  const behaviours = {
    "GET /v3/bill/tradebill": ({ params, origin }: Query & { origin: string }) => {
      const tartype = params.query.tar_type ? "&tartype=gzip" : "";
      const download_url = `${origin}/v3/billdownload/file?token=a%2Bb${tartype}`;
      return { ...billOf(BILL), download_url };
    },
    "GET /v3/billdownload/file": ({ params }: Query) => (params.query.tartype ? gzipSync(BILL) : BILL),
  };
  const operations = {
    "GET /v3/bill/tradebill": { operationId: "getTradeBill" },
    "GET /v3/billdownload/file": { operationId: "downloadBill", response: "unsigned" },
  } as const;

  test.each<[string, (baseUrl: string, fetch: WeChatPayClientOptions["fetch"]) => Partial<WeChatPayClientOptions>]>([
    ["in process", (_, fetch) => ({ fetch })],
    ["over HTTP", (baseUrl) => ({ baseUrl })],
    ["over HTTP, by nodeTransport()", (baseUrl) => ({ baseUrl, transport: nodeTransport() })],
  ])("%s", async (_, reach) => {
    const sandbox = await createSandbox({ openapi, behaviours: behaviours as never });
    const { url, close } = await sandbox.listen();
    const more = { ...reach(url, sandbox.fetch), operations };
    const wechatpay = createWeChatPayClient<never, unknown>({ ...sandbox.credentials, ...more }) as never as {
      GET(path: string, init: object): Promise<{ data: DownloadableFile }>;
      download(file: DownloadableFile): Promise<ReadableStream<Uint8Array>>;
    };
    for (const tar_type of [undefined, "GZIP"]) {
      const { data } = await wechatpay.GET("/v3/bill/tradebill", { params: { query: { tar_type } } });
      expect(await textOf(await wechatpay.download({ ...data, tar_type }))).toBe(BILL);
    }
    expect(sandbox.requests.map(({ operationId, verdict }) => [operationId, verdict])).toEqual(
      ["getTradeBill", "downloadBill", "getTradeBill", "downloadBill"].map((name) => [name, "accepted"]),
    );
    await close();
  });
});
