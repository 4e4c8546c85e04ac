import { createCipheriv, X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  type ApiError,
  createNotificationReceiver,
  createWeChatPayClient,
  type KeyError,
  unwrap,
  type WeChatPayClient,
  type WeChatPayClientOptions,
} from "wechatpay-openapi-fetch";
import { generateKeys, signText } from "../support/keys.js";
import { examples, options, PLATFORM_KEY_ID, PRE_ORDER, platform } from "../support/wechatpay.js";
import openssl from "../vectors/openssl.json" with { type: "json" };
import { isHere, title, vectors } from "../vectors/published.js";

const apiV3Key = "0123456789abcdefghijABCDEFGHIJ!@";
const certificate = openssl.certificates["zero-nibble"];
const certificateKey = openssl.keys.platform.pkcs8;
const another = openssl.certificates["sign-byte"];
const START = Date.parse("2027-06-01T00:00:00Z");
const HOUR = 3_600_000;
const CERTIFICATES = "/v3/certificates";
const body = examples.request;
const { platformKeys: _, ...noKeys } = options;

interface Listed {
  serialNo: string;
  pem: string;
}

interface Signer {
  serial: string;
  privateKey: string;
}

interface Server {
  now: number;
  /** Paths that were asked for, with the Wechatpay-Serial of each. */
  asked: [path: string, serial: string | null][];
  listed: Listed[];
  signer: Signer;
  key: string;
  /** Answers downloads in its place. */
  certificates: (() => Response | Promise<Response>) | undefined;
  fetch(request: Request): Promise<Response>;
  row(listed: Listed): object;
  signed(text: string, status?: number, by?: Signer): Response;
}

/** A server whose certificates were made by the openssl command line; signing and AES-GCM are node:crypto's. */
function createServer() {
  const server: Server = {
    now: START,
    asked: [],
    listed: [certificate],
    signer: { serial: certificate.serialNo, privateKey: certificateKey },
    key: apiV3Key,
    certificates: undefined,
    fetch: async (request: Request): Promise<Response> => {
      const { pathname } = new URL(request.url);
      server.asked.push([pathname, request.headers.get("Wechatpay-Serial")]);
      if (pathname !== CERTIFICATES) return server.signed(JSON.stringify(examples.response));
      return server.certificates?.() ?? server.signed(JSON.stringify({ data: server.listed.map(server.row) }));
    },
    row: ({ serialNo, pem }: Listed): object => {
      const cipher = createCipheriv("aes-256-gcm", server.key, "61f9c719728a");
      cipher.setAAD(Buffer.from("certificate"));
      const ciphertext = Buffer.concat([cipher.update(pem), cipher.final(), cipher.getAuthTag()]).toString("base64");
      const encrypt_certificate = {
        algorithm: "AEAD_AES_256_GCM",
        nonce: "61f9c719728a",
        associated_data: "certificate",
        ciphertext,
      };
      return {
        serial_no: serialNo,
        effective_time: "2026-11-23T00:00:00+08:00",
        expire_time: "2031-11-22T00:00:00+08:00",
        encrypt_certificate,
      };
    },
    signed: (text: string, status = 200, { serial, privateKey } = server.signer): Response => {
      const timestamp = Math.floor(server.now / 1000);
      const signature = signText(privateKey, `${timestamp}\nnonce\n${text}\n`);
      const headers = {
        "Wechatpay-Timestamp": String(timestamp),
        "Wechatpay-Nonce": "nonce",
        "Wechatpay-Serial": serial,
        "Wechatpay-Signature": signature,
      };
      return new Response(text, { status, headers });
    },
  };
  const downloads = () => server.asked.filter(([path]) => path === CERTIFICATES).length;
  const create = (more: Partial<WeChatPayClientOptions> = {}) =>
    createWeChatPayClient({ ...noKeys, apiV3Key, clock: () => server.now, fetch: server.fetch, retry: false, ...more });
  return { server, downloads, create };
}

const post = (client: WeChatPayClient) => client.POST(PRE_ORDER, { body });
const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

describe("certificates that were given", () => {
  test("verify beside a public key; the public key is named", async () => {
    const { server, create } = createServer();
    const client = create({
      platformKeys: { [certificate.serialNo]: certificate.pem, [PLATFORM_KEY_ID]: platform.publicKey },
    });
    expect(unwrap(await post(client))).toEqual(examples.response);
    server.signer = { serial: PLATFORM_KEY_ID, privateKey: platform.privateKey };
    expect(unwrap(await post(client))).toEqual(examples.response);
    expect(server.asked).toEqual([
      [PRE_ORDER, PLATFORM_KEY_ID],
      [PRE_ORDER, PLATFORM_KEY_ID],
    ]);
  });

  test("are known by their serial in any case, without leading zeros", async () => {
    const { server, create } = createServer();
    server.signer.serial = certificate.serialNo.toLowerCase().replace(/^0/, "");
    expect(unwrap(await post(create({ platformKeys: { [certificate.serialNo]: certificate.pem } })))).toEqual(
      examples.response,
    );
  });

  test("are refused outside their validity", async () => {
    const { server, create } = createServer();
    const client = create({ apiV3Key: undefined as never, platformKeys: { [certificate.serialNo]: certificate.pem } });
    server.now = Date.parse(certificate.notAfter) + 1000;
    await expect(post(client)).rejects.toMatchObject({ name: "KeyError", reason: "expired", option: "platformKeys" });
    server.now = Date.parse(certificate.notBefore) - 1000;
    await expect(post(client)).rejects.toMatchObject({ reason: "expired" });
    expect(server.asked).toEqual([]);
  });

  test("must stand under their own serial", () => {
    const { create } = createServer();
    expect(() => create({ platformKeys: { "0123": certificate.pem } })).toThrow(
      `holds the certificate with serial ${certificate.serialNo}`,
    );
    expect(() => create({ platformKeys: { [PLATFORM_KEY_ID]: certificate.pem } })).toThrow("Name it by its own serial");
  });
});

describe("with apiV3Key, certificates are downloaded", () => {
  test("when the first call needs one, and not before", async () => {
    const { server, downloads, create } = createServer();
    const client = create();
    expect(downloads()).toBe(0);
    expect(unwrap(await post(client))).toEqual(examples.response);
    expect(unwrap(await post(client))).toEqual(examples.response);
    expect(server.asked).toEqual([
      [CERTIFICATES, null],
      [PRE_ORDER, certificate.serialNo],
      [PRE_ORDER, certificate.serialNo],
    ]);
  });

  test.each<[string, unknown]>([
    ["null", null],
    ["left out", undefined],
  ])("their associated_data may be %s, as an empty one", async (_, associated_data) => {
    const { server, create } = createServer();
    const cipher = createCipheriv("aes-256-gcm", server.key, "61f9c719728a");
    const ciphertext = Buffer.concat([cipher.update(certificate.pem), cipher.final(), cipher.getAuthTag()]);
    const encrypt_certificate = { nonce: "61f9c719728a", associated_data, ciphertext: ciphertext.toString("base64") };
    server.certificates = () =>
      server.signed(JSON.stringify({ data: [{ serial_no: certificate.serialNo, encrypt_certificate }] }));
    expect(unwrap(await post(create()))).toEqual(examples.response);
  });

  test("once, however many calls wait for them", async () => {
    const { downloads, create } = createServer();
    const client = create();
    await Promise.all(Array.from({ length: 20 }, () => post(client)));
    expect(downloads()).toBe(1);
  });

  test("not at all while what was given serves", async () => {
    const { server, downloads, create } = createServer();
    server.signer = { serial: PLATFORM_KEY_ID, privateKey: platform.privateKey };
    const client = create({ platformKeys: { [PLATFORM_KEY_ID]: platform.publicKey } });
    for (let day = 0; day < 3; day++) {
      await post(client);
      server.now += 24 * HOUR;
    }
    expect(downloads()).toBe(0);
  });

  test("again before 12 h have passed, off the path of the call", async () => {
    const { server, downloads, create } = createServer();
    const client = create();
    await post(client);
    server.now += 10 * HOUR;
    await post(client);
    expect(downloads()).toBe(1);
    server.now += 1.5 * HOUR;
    let release = () => {};
    server.certificates = () =>
      new Promise(
        (resolve) =>
          (release = () => resolve(server.signed(JSON.stringify({ data: [certificate, another].map(server.row) })))),
      );
    expect(unwrap(await post(client))).toEqual(examples.response);
    await post(client);
    expect(downloads()).toBe(2);
    release();
    await settled();
  });

  test("a refresh that fails is tried again later, and harms no call", async () => {
    const { server, downloads, create } = createServer();
    const client = create();
    await post(client);
    server.certificates = () => new Response("", { status: 500 });
    server.now += 12 * HOUR;
    for (let i = 0; i < 5; i++) {
      expect(unwrap(await post(client))).toEqual(examples.response);
      await settled();
    }
    expect(downloads()).toBe(2);
    server.now += 61_000;
    await post(client);
    expect(downloads()).toBe(3);
  });

  test("a list that is a day old is waited for, but not long", async () => {
    const { server, create } = createServer();
    const client = create();
    await post(client);
    server.now += 25 * HOUR;
    server.certificates = () => new Promise(() => {});
    expect(unwrap(await post(client))).toEqual(examples.response);
  });

  test("platformKeys may be empty then", async () => {
    const { create } = createServer();
    expect(unwrap(await post(create({ platformKeys: {} })))).toEqual(examples.response);
  });

  test("a serial that nobody knows makes us ask once a minute", async () => {
    const { server, downloads, create } = createServer();
    const client = create();
    await post(client);
    server.now += 61_000;
    server.signer = { serial: "5157F09EFDC096DE15EBE81A47057A7232F1B8E1", privateKey: generateKeys().privateKey };
    server.certificates = () =>
      server.signed(JSON.stringify({ data: [server.row(certificate)] }), 200, {
        serial: certificate.serialNo,
        privateKey: certificateKey,
      });
    for (let i = 0; i < 10; i++) await expect(post(client)).rejects.toMatchObject({ reason: "unknown-serial" });
    expect(downloads()).toBe(2);
    server.now += 61_000;
    await expect(post(client)).rejects.toMatchObject({ reason: "unknown-serial" });
    expect(downloads()).toBe(3);
  });

  test("a new certificate that signs before we knew of it loses no call", async () => {
    const { server, downloads, create } = createServer();
    server.listed = [another];
    server.signer = { serial: another.serialNo, privateKey: openssl.keys[another.key as "platform"].pkcs8 };
    const client = create();
    server.now = Date.parse(another.notBefore) + HOUR;
    await post(client);
    server.now = Math.max(server.now, START) + 61_000;
    server.listed = [certificate];
    server.signer = { serial: certificate.serialNo, privateKey: certificateKey };
    const results = await Promise.all(Array.from({ length: 10 }, () => post(client)));
    for (const result of results) expect(unwrap(result)).toEqual(examples.response);
    expect(downloads()).toBe(2);
  });
});

describe("the download is trusted only as far as it proves itself", () => {
  const rejection = async (prepare: (server: Server) => void, more: Partial<WeChatPayClientOptions> = {}) => {
    const { server, create } = createServer();
    prepare(server);
    const error: unknown = await post(create(more)).catch((reason: unknown) => reason);
    expect(server.asked.map(([path]) => path)).not.toContain(PRE_ORDER);
    return error;
  };

  test.each<[string, (server: Server) => void, string]>([
    ["unsigned", (s) => (s.certificates = () => Response.json({ data: s.listed.map(s.row) })), "missing-header"],
    ["signed by a certificate that it does not carry", (s) => (s.listed = [another]), "unknown-serial"],
    ["signed by another key", (s) => (s.signer.privateKey = generateKeys().privateKey), "mismatch"],
    [
      "from another day",
      (s) =>
        (s.certificates = () => {
          s.now -= 400_000;
          const reply = s.signed(JSON.stringify({ data: s.listed.map(s.row) }));
          s.now += 400_000;
          return reply;
        }),
      "clock-skew",
    ],
    ["empty", (s) => (s.listed = []), "unknown-serial"],
    ["HTML", (s) => (s.certificates = () => new Response("<html>")), "missing-header"],
  ])("%s", async (_, prepare, reason) => {
    expect(await rejection(prepare)).toMatchObject({
      name: "VerificationError",
      reason,
      operationId: "listCertificates",
    });
  });

  test("a probe is cured by asking again", async () => {
    const { server, downloads, create } = createServer();
    let count = 0;
    server.certificates = () => {
      const reply = server.signed(JSON.stringify({ data: server.listed.map(server.row) }));
      if (count++ === 0) reply.headers.set("Wechatpay-Signature", `WECHATPAY/SIGNTEST/${"A".repeat(336)}`);
      return reply;
    };
    expect(unwrap(await post(create({ retry: {} })))).toEqual(examples.response);
    expect(downloads()).toBe(2);
  });

  test.each<[string, (row: Record<string, unknown>) => object]>([
    ["a public key in place of a certificate, in its own name", (row) => ({ ...row, serial_no: "PUB_KEY_ID_EVIL" })],
    ["a certificate under another serial", (row) => ({ ...row, serial_no: "0123456789ABCDEF" })],
  ])("%s is no row of the list", async (_, change) => {
    const error = await rejection((s) => {
      s.certificates = () =>
        s.signed(JSON.stringify({ data: s.listed.map((listed) => change(s.row(listed) as Record<string, unknown>)) }));
    });
    expect(error).toMatchObject({ name: "VerificationError", reason: "unknown-serial" });
  });

  test("what others wrote into a notification is no certificate, though it is encrypted with the same key", async () => {
    const evil = generateKeys();
    const error = await rejection((s) => {
      const attach = `{"attach":"${evil.publicKey.replaceAll("\n", " ")}"}`;
      s.listed = [{ serialNo: "PUB_KEY_ID_EVIL", pem: attach }];
      s.signer = { serial: "PUB_KEY_ID_EVIL", privateKey: evil.privateKey };
    });
    expect(error).toMatchObject({ name: "VerificationError", reason: "unknown-serial" });
  });

  test("one that is empty takes nothing away that is held", async () => {
    const { server, create } = createServer();
    const client = create();
    await post(client);
    server.certificates = () => server.signed(JSON.stringify({ data: [] }));
    server.now += 12 * HOUR;
    await post(client);
    await settled();
    expect(unwrap(await post(client))).toEqual(examples.response);
  });

  test("its failure is repeated by itself, and not by every call once more", async () => {
    const { server, downloads, create } = createServer();
    server.certificates = () => Promise.reject(new TypeError("fetch failed"));
    const get = create({ retry: { baseDelay: 0 } }) as never as { GET(path: string): Promise<unknown> };
    await expect(get.GET("/v3/other")).rejects.toThrow("fetch failed");
    expect(downloads()).toBe(3);
  });

  test("encrypted with another APIv3 key", async () => {
    const error = (await rejection((s) => (s.key = "x".repeat(32)))) as KeyError;
    expect(error).toMatchObject({ name: "KeyError", reason: "wrong-key", option: "apiV3Key" });
    expect(error.message).not.toContain(apiV3Key);
  });

  test("a merchant with a public key only is told what to configure", async () => {
    const error = await rejection(
      (s) =>
        (s.certificates = () =>
          Response.json({ code: "RESOURCE_NOT_EXISTS", message: "无可用的平台证书" }, { status: 404 })),
    );
    expect(error).toMatchObject({ name: "KeyError", reason: "no-certificates", option: "platformKeys" });
    expect((error as KeyError).message).toContain("platformKeys: { PUB_KEY_ID_…: pem }");
  });

  test("an error of the API is thrown as it is", async () => {
    const error = (await rejection(
      (s) => (s.certificates = () => Response.json({ code: "SIGN_ERROR", message: "签名错误" }, { status: 401 })),
    )) as ApiError;
    expect(error).toMatchObject({ name: "ApiError", status: 401, code: "SIGN_ERROR", operationId: "listCertificates" });
    expect(String(error)).toContain("签名错误 (mchid, serialNo and privateKey must be one merchant's");
  });

  test("and the next call tries again", async () => {
    const { server, create } = createServer();
    const client = create();
    server.certificates = () => Promise.reject(new TypeError("fetch failed"));
    await expect(post(client)).rejects.toThrow("fetch failed");
    server.certificates = undefined;
    expect(unwrap(await post(client))).toEqual(examples.response);
  });

  test("while it fails, calls one after another do not each start one: its error stands for 1 s, then 2 s, up to a minute", async () => {
    const { server, create } = createServer();
    const client = create();
    let downloads = 0;
    server.certificates = () => {
      downloads++;
      return Promise.reject(new TypeError("fetch failed"));
    };
    const fifty = async () => {
      for (let i = 0; i < 50; i++) await expect(post(client)).rejects.toThrow("fetch failed");
      return downloads;
    };
    expect(await fifty()).toBe(2);
    server.now += 1_000;
    expect(await fifty()).toBe(3);
    server.now += 1_000;
    expect(await fifty()).toBe(3);
    server.now += 1_000;
    expect(await fifty()).toBe(4);
    for (let i = 0; i < 10; i++) {
      server.now += 60_000;
      expect(await fifty()).toBe(5 + i);
    }
    server.certificates = undefined;
    server.now += 60_000;
    expect(unwrap(await post(client))).toEqual(examples.response);
  });

  test("a caller who gives up takes nothing from the others", async () => {
    const { create } = createServer();
    const client = create();
    const controller = new AbortController();
    const first = client.POST(PRE_ORDER, { body, signal: controller.signal });
    const second = post(client);
    controller.abort();
    await expect(first).rejects.toMatchObject({ name: "AbortError" });
    expect(unwrap(await second)).toEqual(examples.response);
  });
});

test("a certificate that was given is left for those of the list, when WeChat Pay has replaced it", async () => {
  const { server, downloads, create } = createServer();
  const client = create({ platformKeys: { [certificate.serialNo]: certificate.pem } });
  await post(client);
  await expect.poll(downloads).toBe(1);
  server.listed = [another];
  server.signer = { serial: another.serialNo, privateKey: openssl.keys[another.key as "platform"].pkcs8 };
  server.now += 11.5 * HOUR;
  const inForce = Date.parse(another.notBefore) <= server.now && server.now <= Date.parse(another.notAfter);
  if (!inForce) server.now = Date.parse(another.notBefore) + HOUR;
  const asked = () =>
    post(client).then(
      () => server.asked.at(-1),
      () => "not yet",
    );
  await expect.poll(asked).toEqual([PRE_ORDER, another.serialNo]);
  expect(unwrap(await post(client))).toEqual(examples.response);
  expect(server.asked.at(-1)).toEqual([PRE_ORDER, another.serialNo]);
});

describe.skipIf(!isHere)(title, () => {
  test("of two valid certificates, the one that started last is named", async () => {
    const [{ certificates, expectedSerial } = { certificates: [], expectedSerial: "" }] = vectors<{
      certificates: string[];
      expectedSerial: string;
    }>("responses", "certificate-choice");
    const platformKeys = Object.fromEntries(certificates.map((pem) => [new X509Certificate(pem).serialNumber, pem]));
    for (const order of [Object.entries(platformKeys), Object.entries(platformKeys).reverse()]) {
      const { server, create } = createServer();
      await post(create({ apiV3Key: undefined, platformKeys: Object.fromEntries(order) })).catch(() => {});
      expect(server.asked).toEqual([[PRE_ORDER, expectedSerial]]);
    }
  });

  test("a list that cannot be decrypted, with blanks after its keys, is an error that says so", async () => {
    const [{ body: text } = { body: "" }] = vectors<{ body: string }>("responses", "malformed-sample");
    const { server, create } = createServer();
    server.certificates = () => server.signed(text);
    await expect(post(create())).rejects.toMatchObject({ name: "KeyError", reason: "wrong-key" });
  });
});

test("a notification receiver downloads as well, where it is given what a client is given", async () => {
  const { server, downloads } = createServer();
  const receive = createNotificationReceiver({ ...noKeys, apiV3Key, clock: () => server.now, fetch: server.fetch });
  const reply = server.signed("{}");
  const request = new Request("https://merchant.example", {
    method: "POST",
    headers: reply.headers,
    body: await reply.text(),
  });
  await expect(receive(request)).rejects.toMatchObject({ name: "EncryptionError", field: "/resource_type" });
  expect(downloads()).toBe(1);
});
