import { createPrivateKey, sign, webcrypto } from "node:crypto";
import createClient from "openapi-fetch";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { createWeChatPayClient, KeyError, type SigningOptions, signing } from "wechatpay-openapi-fetch";
import { generateKeys, verifyText } from "../support/keys.js";
import {
  createObservedClient,
  examples,
  merchant,
  options,
  PRE_ORDER,
  signedReply,
  unsignedReply,
} from "../support/wechatpay.js";

const body = examples.request;
const { privateKey: _, ...noKey } = options;

/** Checks a request as WeChat Pay does, by node:crypto. */
async function isSigned(request: Request, publicKey = merchant.publicKey): Promise<boolean> {
  const { timestamp, nonce_str, signature } = authorization(request);
  const { pathname, search } = new URL(request.url);
  const message = `${request.method}\n${pathname}${search}\n${timestamp}\n${nonce_str}\n${await request.clone().text()}\n`;
  return verifyText(publicKey, message, signature ?? "");
}

function authorization(request: Request): Record<string, string> {
  const header = request.headers.get("Authorization") ?? "";
  return Object.fromEntries(Array.from(header.matchAll(/(\w+)="([^"]*)"/g), ([, name, value]) => [name, value]));
}

describe("every request is signed, as the last hand on it", () => {
  const { wechatpay, sent } = createObservedClient(() => signedReply());
  const call = wechatpay as never as Record<string, (path: string, init?: unknown) => Promise<unknown>>;
  beforeEach(() => void sent.splice(0));

  test("the header has the scheme and its five values", async () => {
    await wechatpay.POST(PRE_ORDER, { body });
    expect(sent[0]?.headers.get("Authorization")).toMatch(
      /^WECHATPAY2-SHA256-RSA2048 mchid="1900000109",nonce_str="[0-9A-Za-z]{32}",timestamp="1554208460",serial_no="444F4864EA9B34415D6E36A1F9D09C2FCE6CCF12",signature="[0-9A-Za-z+/]{342}=="$/,
    );
  });

  test.each([
    ["POST with a body in Chinese", "POST", PRE_ORDER, { body }],
    ["POST without a body", "POST", "/v3/x/close", undefined],
    ["GET without a query", "GET", "/v3/certificates", undefined],
    [
      "GET with an awkward query",
      "GET",
      "/v3/x",
      { params: { query: { a: "某 项目'\"+&=#?|", b: ["x", "y"], c: true, d: 0 } } },
    ],
    ["a path parameter in Chinese", "GET", "/v3/x/{id}", { params: { path: { id: "某/项目'()" } } }],
    [
      "GET with the query of wechatpay-go's tests",
      "GET",
      "/v3/resource?first=this+is+a+field&second=was+it+clear+%28already%29%3F",
      undefined,
    ],
    ["PUT", "PUT", "/v3/x", { body: { a: 1 } }],
    ["PATCH", "PATCH", "/v3/x", { body: { a: undefined, b: [1.0, "2.0"] } }],
    ["DELETE", "DELETE", "/v3/x", undefined],
  ])("%s: what is signed is what is sent", async (_name, method, path, init) => {
    await call[method]?.(path, init);
    expect(sent[0]?.method).toBe(method);
    expect(await isSigned(sent[0] as Request)).toBe(true);
  });

  test("each call has a nonce of its own: 32 base62 characters, all of them in use", async () => {
    await Promise.all(Array.from({ length: 60 }, () => wechatpay.POST(PRE_ORDER, { body })));
    const nonces = sent.map((request) => authorization(request).nonce_str ?? "");
    expect(new Set(nonces).size).toBe(60);
    expect(new Set(nonces.join("")).size).toBe(62);
  });

  test.each(["a\nb", 'x",timestamp="1', "a,b", "", "x".repeat(33), undefined])(
    "the nonce %j is refused, and no header is shown",
    async (nonce) => {
      const wrong = createObservedClient(() => signedReply(), { nonce: () => nonce as string });
      const error = await wrong.wechatpay.POST(PRE_ORDER, { body }).catch((reason: unknown) => reason);
      expect(String(error)).toMatch(/^TypeError: nonce must be/);
      expect(wrong.sent).toEqual([]);
    },
  );

  test("a clock that gives no time is refused", async () => {
    const wrong = createObservedClient(() => signedReply(), { clock: () => Number.NaN, timeout: 1000 });
    await expect(wrong.wechatpay.POST(PRE_ORDER, { body })).rejects.toThrow();
    expect(wrong.sent).toEqual([]);
  });

  test("clock and nonce can be set, for tests", async () => {
    const fixed = createObservedClient(() => signedReply({ timestamp: 1_600_000_000 }), {
      clock: () => 1_600_000_000_999,
      nonce: () => "n0nce",
    });
    await fixed.wechatpay.POST(PRE_ORDER, { body });
    expect(authorization(fixed.sent[0] as Request)).toMatchObject({ timestamp: "1600000000", nonce_str: "n0nce" });
  });
});

describe("the private key", () => {
  test("is imported once, however many calls", async () => {
    const importKey = vi.spyOn(crypto.subtle, "importKey");
    const { wechatpay } = createObservedClient(() => signedReply());
    await Promise.all([1, 2, 3].map(() => wechatpay.POST(PRE_ORDER, { body })));
    await wechatpay.POST(PRE_ORDER, { body });
    expect(importKey.mock.calls.map(([format]) => format).sort()).toEqual(["pkcs8", "spki"]);
    importKey.mockRestore();
  });

  const pkcs1 = String(createPrivateKey(merchant.privateKey).export({ type: "pkcs1", format: "pem" }));
  const algorithm = {
    name: "RSASSA-PKCS1-v1_5",
    hash: "SHA-256",
    modulusLength: 2048,
    publicExponent: Uint8Array.of(1, 0, 1),
  };
  const imported = () =>
    webcrypto.subtle.importKey(
      "pkcs8",
      createPrivateKey(merchant.privateKey).export({ type: "pkcs8", format: "der" }),
      algorithm,
      false,
      ["sign"],
    );

  test.each<[string, () => Promise<Partial<SigningOptions>>]>([
    ["PKCS#8 PEM", async () => ({ privateKey: merchant.privateKey })],
    ["PKCS#1 PEM", async () => ({ privateKey: pkcs1 })],
    ["a CryptoKey", async () => ({ privateKey: (await imported()) as CryptoKey })],
    ["a signer", async () => ({ signer: async (message) => sign("sha256", message, merchant.privateKey) })],
  ])("as %s", async (_name, key) => {
    const sent: Request[] = [];
    const wechatpay = createWeChatPayClient({
      ...noKey,
      ...(await key()),
      fetch: async (request) => {
        sent.push(request.clone());
        return signedReply();
      },
    });
    await wechatpay.POST(PRE_ORDER, { body });
    expect(await isSigned(sent[0] as Request)).toBe(true);
  });

  test.each<[string, () => Promise<unknown>, string]>([
    [
      "a public CryptoKey",
      async () => (await webcrypto.subtle.generateKey(algorithm, false, ["sign", "verify"])).publicKey,
      "wrong-usage",
    ],
    [
      "a CryptoKey for SHA-1",
      async () =>
        (await webcrypto.subtle.generateKey({ ...algorithm, hash: "SHA-1" }, false, ["sign", "verify"])).privateKey,
      "wrong-usage",
    ],
    [
      "a CryptoKey for encryption",
      async () =>
        (await webcrypto.subtle.generateKey({ ...algorithm, name: "RSA-OAEP" }, false, ["encrypt", "decrypt"]))
          .privateKey,
      "wrong-usage",
    ],
    [
      "an elliptic CryptoKey",
      async () =>
        (await webcrypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]))
          .privateKey,
      "not-rsa",
    ],
    ["a KeyObject of node:crypto", async () => createPrivateKey(merchant.privateKey), "not-text"],
  ])("%s is refused at construction", async (_name, key, reason) => {
    const privateKey = (await key()) as never;
    try {
      createWeChatPayClient({ ...options, privateKey });
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(KeyError);
      expect(error).toMatchObject({ name: "KeyError", reason, option: "privateKey" });
    }
  });

  test("a signer's failure is the call's failure", async () => {
    const failure = new Error("KMS is away");
    const wechatpay = createWeChatPayClient({
      ...noKey,
      signer: () => Promise.reject(failure),
      fetch: async () => signedReply(),
    });
    await expect(wechatpay.POST(PRE_ORDER, { body })).rejects.toBe(failure);
  });

  test("a signer that gives no bytes is told so", async () => {
    const wechatpay = createWeChatPayClient({
      ...noKey,
      signer: async () => "c2lnbg==" as never,
      fetch: async () => signedReply(),
    });
    await expect(wechatpay.POST(PRE_ORDER, { body })).rejects.toThrow(/signer must .*Uint8Array/);
  });
});

describe("signing(), a middleware for an openapi-fetch client of one's own", () => {
  const sent: Request[] = [];
  const { platformKeys: _keys, ...signingOptions } = options;
  const fetch = async (request: Request) => {
    sent.push(request.clone());
    return unsignedReply(200, "{}");
  };
  beforeEach(() => void sent.splice(0));

  test("signs what the middlewares before it made", async () => {
    const client = createClient<Record<string, never>>({ baseUrl: "https://api.mch.weixin.qq.com", fetch });
    client.use({ onRequest: ({ request }) => new Request(`${request.url}?a=某`, request) }, signing(signingOptions));
    await client.request("post" as never, PRE_ORDER as never, { body } as never);
    expect(sent[0]?.url).toContain("?a=%E6%9F%90");
    expect(await sent[0]?.clone().json()).toEqual(body);
    expect(await isSigned(sent[0] as Request)).toBe(true);
    expect(sent[0]?.redirect).toBe("manual");
  });

  test("keeps signal and headers", async () => {
    const controller = new AbortController();
    const request = new Request(`https://api2.mch.weixin.qq.com${PRE_ORDER}`, {
      signal: controller.signal,
      headers: { "X-Trace": "7" },
    });
    const signed = await signing(signingOptions).onRequest({ request });
    expect(signed.headers.get("X-Trace")).toBe("7");
    controller.abort();
    expect(signed.signal.aborted).toBe(true);
  });

  test("nothing signed leaves for an origin that was not configured", async () => {
    const request = (url: string) => ({ request: new Request(url) });
    await expect(signing(signingOptions).onRequest(request("https://evil.example/v3/x"))).rejects.toThrow(
      "evil.example is not the configured baseUrl",
    );
    await expect(signing(signingOptions).onRequest(request("http://api.mch.weixin.qq.com/v3/x"))).rejects.toThrow(
      "not the configured",
    );
    const own = signing({ ...signingOptions, baseUrl: "http://127.0.0.1:8080" });
    expect((await own.onRequest(request("http://127.0.0.1:8080/v3/x"))).headers.has("Authorization")).toBe(true);
    await expect(own.onRequest(request("https://api.mch.weixin.qq.com/v3/x"))).rejects.toThrow("not the configured");
  });

  test("the caller's Authorization is refused", async () => {
    const request = new Request(`https://api.mch.weixin.qq.com${PRE_ORDER}`, { headers: { Authorization: "x" } });
    await expect(signing(signingOptions).onRequest({ request })).rejects.toThrow(
      "Authorization is written by the signer",
    );
  });

  test("a path that climbs is refused, and a redirect", async () => {
    const client = createClient<Record<string, never>>({
      baseUrl: "https://api.mch.weixin.qq.com",
      fetch: async () => new Response(null, { status: 302 }),
    });
    client.use(signing(signingOptions));
    const get = client.GET as never as (path: string, init?: object) => Promise<unknown>;
    await expect(get("/v3/a/{id}", { params: { path: { id: ".." } } })).rejects.toThrow("params.path.id");
    await expect(get("/v3/a/../../x")).rejects.toThrow("path must be one such as /v3/x");
    await expect(get("/v3/a")).rejects.toThrow("GET /v3/a was answered 302, a redirect");
    await expect(get("/v3/a/ID1101?name=secret")).rejects.toThrow("GET /v3/a/… was answered 302, a redirect");
    await expect(get("/v3/a/{id}", { params: { path: { id: "secret" } } })).rejects.toThrow(
      "GET /v3/a/{id} was answered 302, a redirect",
    );
  });

  test("wrong options fail when it is made", () => {
    expect(() => signing({ ...signingOptions, mchid: "" })).toThrow("mchid");
    expect(() => signing({ ...signingOptions, baseUrl: "x" })).toThrow("baseUrl");
    for (const options of [undefined, null, "", 5, [signingOptions]]) {
      expect(() => signing(options as never)).toThrow("options must be an object");
    }
    expect(() => signing({ ...signingOptions, privateKey: generateKeys().publicKey })).toThrow(KeyError);
  });
});

describe("of an upload, the middleware signs meta alone", () => {
  const baseUrl = "https://api.mch.weixin.qq.com";
  const PATH = "/v3/merchant/media/upload";
  interface Uploads {
    [PATH]: { post: { requestBody: { content: { "multipart/form-data": FormData } }; responses: { 200: object } } };
  }
  async function send(body: FormData | string, headers: Record<string, string> = {}) {
    const sent: Request[] = [];
    const client = createClient<Uploads>({
      baseUrl,
      fetch: async (request) => {
        sent.push(request);
        return unsignedReply(200, "{}");
      },
      bodySerializer: (form) => form,
    });
    client.use(signing(noKeyOptions));
    await client.POST(PATH, { body: body as FormData, headers });
    return sent[0] as Request;
  }
  const noKeyOptions = { mchid: options.mchid, serialNo: options.serialNo, privateKey: options.privateKey };
  const META = '{\n"filename":"a.png",\n"sha256":"00"}';
  const form = (...metas: (string | Blob)[]) => {
    const made = new FormData();
    for (const meta of metas) made.append("meta", meta as string);
    made.append("file", new Blob([new Uint8Array([0, 255, 13, 10])]), "a.png");
    return made;
  };

  test.each([
    // A FormData makes two characters of a line feed.
    ["a text", META, META.replaceAll("\n", "\r\n")],
    ["a Blob", new Blob([META], { type: "application/json" }), META],
  ])("%s, as it stands in the body", async (_, meta, text) => {
    const request = await send(form(meta));
    const { timestamp, nonce_str, signature } = authorization(request);
    const message = `POST\n${PATH}\n${timestamp}\n${nonce_str}\n${text}\n`;
    expect(verifyText(merchant.publicKey, message, signature ?? "")).toBe(true);
    const body = Buffer.from(await request.clone().arrayBuffer());
    expect(body.includes(text)).toBe(true);
    expect(await ((await request.formData()).get("file") as File).arrayBuffer()).toHaveProperty("byteLength", 4);
  });

  test.each<[what: string, body: FormData | string, headers?: Record<string, string>]>([
    ["no meta", form()],
    ["two of them", form("{}", "{}")],
    ["a form that nobody can read", "--x", { "Content-Type": "multipart/form-data" }],
  ])("%s is refused", async (_, body, headers) => {
    await expect(send(body, headers)).rejects.toThrow(
      "Of an upload the part `meta` is signed, and this body has none or several: append that one",
    );
  });
});
