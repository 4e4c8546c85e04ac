import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createNotificationReceiver, createWeChatPayClient, KeyError, WeChatPayError } from "wechatpay-openapi-fetch";
import { fromBase64, toBase64 } from "../src/bytes.js";
import { decryptAead } from "../src/crypto.js";
import { readPrivateKey, readPublicKey } from "../src/keys/pem.js";
import { encryptAead } from "../src/sandbox/server/aead.js";
import { parseAuthorization } from "../src/sandbox/server/authorization.js";
import { formatAuthorization, requestMessage } from "../src/wire/sign.js";
import { responseMessage } from "../src/wire/verify.js";
import { signText } from "./support/keys.js";
import { merchant, NOW, options, PLATFORM_KEY_ID, PRE_ORDER, platform } from "./support/wechatpay.js";

const seed = 20_261_123;
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Uint8Array.from(array));
const line = fc.stringMatching(/^[!-~]{0,40}$/);
const decode = (message: Uint8Array) => Buffer.from(message).toString("latin1");

describe("messages", () => {
  test("hold their parts byte for byte, each closed by LF", () => {
    fc.assert(
      fc.property(line, line, line, line, bytes, (method, target, timestamp, nonce, body) => {
        const latin1 = decode(body);
        expect(decode(requestMessage({ method, target, timestamp, nonce, body }))).toBe(
          `${method}\n${target}\n${timestamp}\n${nonce}\n${latin1}\n`,
        );
        expect(decode(responseMessage({ timestamp, nonce, body }))).toBe(`${timestamp}\n${nonce}\n${latin1}\n`);
      }),
      { seed },
    );
  });
});

describe("Authorization", () => {
  const value = fc.stringMatching(/^[0-9A-Za-z_+/=]{1,40}$/);
  test("what is written is read", () => {
    fc.assert(
      fc.property(
        fc.record({ mchid: value, nonce: value, timestamp: value, serialNo: value, signature: value }),
        (authorization) => {
          expect(parseAuthorization(formatAuthorization(authorization))).toEqual(authorization);
        },
      ),
      { seed },
    );
  });

  test("any other text is no header, and no crash", () => {
    const mutated = fc.tuple(fc.string(), fc.nat(300), fc.nat(20)).map(([text, at, cut]) => {
      const header = formatAuthorization({ mchid: "1", nonce: "n", timestamp: "1", serialNo: "1", signature: "s" });
      return header.slice(0, at) + text + header.slice(at + cut);
    });
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), mutated), (header) => {
        const parsed = parseAuthorization(header);
        if (parsed !== undefined) for (const part of Object.values(parsed)) expect(part).not.toMatch(/^$|"/);
      }),
      { seed },
    );
  });
});

describe("base64", () => {
  test("round trip; every other text of the alphabet is refused", () => {
    fc.assert(
      fc.property(bytes, (data) => {
        expect(fromBase64(toBase64(data))).toEqual(data);
      }),
      { seed },
    );
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[A-Za-z0-9+/=]{0,20}$/)), (text) => {
        const data = fromBase64(text);
        if (data !== undefined) expect(toBase64(data)).toBe(text);
      }),
      { seed },
    );
  });
});

describe("PEM", () => {
  const damaged = fc.tuple(
    fc.constantFrom(merchant.privateKey, merchant.publicKey),
    fc.nat(1800),
    fc.nat(60),
    fc.string({ unit: "binary", maxLength: 60 }),
  );
  const anything = fc.oneof(
    fc.string({ unit: "binary" }),
    damaged.map(([pem, at, cut, text]) => pem.slice(0, at) + text + pem.slice(at + cut)),
    bytes.map((der) => `-----BEGIN PRIVATE KEY-----\n${toBase64(der)}\n-----END PRIVATE KEY-----`),
    bytes.map((der) => `-----BEGIN CERTIFICATE-----\n${toBase64(der)}\n-----END CERTIFICATE-----`),
  );
  test.each([
    ["readPrivateKey", readPrivateKey],
    ["readPublicKey", readPublicKey],
  ])("%s gives a key or a KeyError, never anything else, and shows no key", (_, read) => {
    fc.assert(
      fc.property(anything, (pem) => {
        try {
          read(pem, "privateKey");
        } catch (error) {
          expect(error).toBeInstanceOf(KeyError);
          for (const part of pem.match(/[A-Za-z0-9+/]{24,}/g) ?? [])
            expect((error as Error).message).not.toContain(part);
        }
      }),
      { seed, numRuns: 2000 },
    );
  });
});

describe("AEAD", () => {
  const key = Uint8Array.from(Buffer.from("0123456789abcdefghijABCDEFGHIJ!@"));
  test("what is encrypted is decrypted; with any change it is nothing", async () => {
    await fc.assert(
      fc.asyncProperty(bytes, fc.string({ maxLength: 20 }), fc.nat(), async (plaintext, associatedData, at) => {
        const nonce = "61f9c719728a";
        const ciphertext = await encryptAead({ key, nonce, associatedData, plaintext });
        expect(await decryptAead({ key, nonce, associatedData, ciphertext })).toEqual(plaintext);
        const changed = fromBase64(ciphertext) as Uint8Array<ArrayBuffer>;
        changed[at % changed.length] = (changed[at % changed.length] as number) ^ 1;
        expect(await decryptAead({ key, nonce, associatedData, ciphertext: toBase64(changed) })).toBeUndefined();
        expect(await decryptAead({ key, nonce, associatedData: `${associatedData}x`, ciphertext })).toBeUndefined();
      }),
      { seed },
    );
  });

  test("malformed input is nothing, never a crash", async () => {
    await fc.assert(
      fc.asyncProperty(
        bytes,
        fc.string(),
        fc.string(),
        fc.oneof(fc.string(), bytes.map(toBase64)),
        async (anyKey, nonce, associatedData, ciphertext) => {
          expect(await decryptAead({ key: anyKey, nonce, associatedData, ciphertext })).toBeUndefined();
        },
      ),
      { seed, numRuns: 500 },
    );
  });
});

describe("whatever is signed by WeChat Pay but makes no sense", () => {
  const json = fc.oneof(
    fc.json(),
    fc.string(),
    fc
      .record({
        resource_type: fc.constantFrom("encrypt-resource", "x"),
        resource: fc.oneof(
          fc.jsonValue(),
          fc.record({
            algorithm: fc.constant("AEAD_AES_256_GCM"),
            nonce: fc.jsonValue(),
            ciphertext: fc.jsonValue(),
            associated_data: fc.jsonValue(),
          }),
        ),
      })
      .map((value) => JSON.stringify(value)),
  );
  const headersFor = (text: string) => ({
    "Wechatpay-Timestamp": String(NOW / 1000),
    "Wechatpay-Nonce": "n",
    "Wechatpay-Serial": PLATFORM_KEY_ID,
    "Wechatpay-Signature": signText(platform.privateKey, `${NOW / 1000}\nn\n${text}\n`),
  });
  const platformKeys = { [PLATFORM_KEY_ID]: platform.publicKey };
  const apiV3Key = "0123456789abcdefghijABCDEFGHIJ!@";

  test("as a notification is one of our errors", async () => {
    const receive = createNotificationReceiver({ platformKeys, apiV3Key, clock: () => NOW });
    await fc.assert(
      fc.asyncProperty(json, async (text) => {
        const request = new Request("https://merchant.example", {
          method: "POST",
          body: text,
          headers: headersFor(text),
        });
        await expect(receive(request)).rejects.toBeInstanceOf(WeChatPayError);
      }),
      { seed, numRuns: 150 },
    );
  });

  test("as a list of certificates is one of our errors", async () => {
    const rows = fc
      .record({
        data: fc.array(
          fc.oneof(fc.jsonValue(), fc.record({ serial_no: fc.jsonValue(), encrypt_certificate: fc.jsonValue() })),
        ),
      })
      .map((value) => JSON.stringify(value));
    const { platformKeys: _, ...noKeys } = options;
    await fc.assert(
      fc.asyncProperty(fc.oneof(json, rows), async (text) => {
        const fetch = async () => new Response(text, { headers: headersFor(text) });
        const client = createWeChatPayClient({ ...noKeys, apiV3Key, fetch, retry: false });
        await expect(client.POST(PRE_ORDER, { body: {} as never })).rejects.toBeInstanceOf(WeChatPayError);
      }),
      { seed, numRuns: 150 },
    );
  });
});
