import { describe, expect, it } from "vitest";
import { type Bytes, fromBase64, toBase64 } from "../../src/bytes.js";
import { keyOf, sign, verify } from "../../src/crypto.js";
import { readPrivateKey, readPublicKey } from "../../src/keys/pem.js";
import { parseAuthorization } from "../../src/sandbox/server/authorization.js";
import { type Authorization, formatAuthorization, requestMessage, SCHEME } from "../../src/wire/sign.js";
import { responseMessage } from "../../src/wire/verify.js";
import openssl from "../vectors/openssl.json" with { type: "json" };
import * as published from "../vectors/published.js";

const { keys, requests, replies } = openssl;
const signingKey = (pem: string) => keyOf(readPrivateKey(pem, "privateKey"), "sign");
const verifyingKey = (pem: string) => keyOf(readPublicKey(pem, "platformKeys").spki, "verify");
const utf8 = (text: string): Bytes => Uint8Array.from(new TextEncoder().encode(text));
const base64 = (text: string): Bytes => fromBase64(text) ?? expect.unreachable("no base64");
const flipped = (bytes: Bytes, bit: number): Bytes =>
  bytes.map((byte, index) => (index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));

describe("a request is signed as the openssl command line signs it", () => {
  it.each(requests)("$method $target", async ({ body, message, signature, ...parts }) => {
    const own = requestMessage({ ...parts, body: utf8(body) });
    expect(own).toEqual(utf8(message));
    expect(toBase64(await sign(await signingKey(keys.merchant.pkcs8), own))).toBe(signature);
    expect(toBase64(await sign(await signingKey(keys.merchant.pkcs1), own))).toBe(signature);
  });

  it("over the bytes of the body, whatever they are", () => {
    const body = Uint8Array.of(0xff, 0x00, 0x0a, 0x0d, 0xc3, 0x28);
    const parts = { method: "PUT", target: "/v3", timestamp: "1", nonce: "2" };
    expect(requestMessage({ ...parts, body })).toEqual(Uint8Array.of(...utf8("PUT\n/v3\n1\n2\n"), ...body, 0x0a));
  });
});

describe("a reply that the openssl command line signed", () => {
  const [reply] = replies as [(typeof replies)[number]];
  const message = utf8(reply.message);
  const signature = base64(reply.signature);

  it.each(replies)("is accepted: $body", async ({ body, message, signature, ...parts }) => {
    const own = responseMessage({ ...parts, body: utf8(body) });
    expect(own).toEqual(utf8(message));
    expect(await verify(await verifyingKey(keys.platform.spki), base64(signature), own)).toBe(true);
    expect(await verify(await verifyingKey(openssl.certificates["sign-byte"].pem), base64(signature), own)).toBe(true);
  });

  it("is refused under another key", async () => {
    expect(await verify(await verifyingKey(keys.merchant.spki), signature, message)).toBe(false);
    expect(await verify(await verifyingKey(keys.long.spki), signature, message)).toBe(false);
  });

  it("is refused with any one bit of its message changed", async () => {
    const key = await verifyingKey(keys.platform.spki);
    const bits = Array.from({ length: message.length * 8 }, (_, bit) => bit);
    const accepted = await Promise.all(bits.map((bit) => verify(key, signature, flipped(message, bit))));
    expect(accepted).not.toContain(true);
  });

  it("is refused with any one bit of its signature changed", async () => {
    const key = await verifyingKey(keys.platform.spki);
    const bits = Array.from({ length: signature.length * 8 }, (_, bit) => bit);
    const accepted = await Promise.all(bits.map((bit) => verify(key, flipped(signature, bit), message)));
    expect(accepted).not.toContain(true);
  });

  it("is refused with any one character of its Wechatpay-Signature changed", async () => {
    const key = await verifyingKey(keys.platform.spki);
    const accepted = await Promise.all(
      Array.from(reply.signature, async (char, at) => {
        // The neighbour in the base64 alphabet: in the last character it differs only in bits that padding throws away.
        const other = char === "=" ? "A" : String.fromCharCode(char.charCodeAt(0) + 1);
        const bytes = fromBase64(reply.signature.slice(0, at) + other + reply.signature.slice(at + 1));
        return bytes !== undefined && (await verify(key, bytes, message));
      }),
    );
    expect(accepted).not.toContain(true);
  });

  it.each([0, 1, 128, 255, 257, 512])(
    "is refused with a signature of %i bytes, and nothing is thrown",
    async (length) => {
      const key = await verifyingKey(keys.platform.spki);
      expect(await verify(key, new Uint8Array(length), message)).toBe(false);
    },
  );
});

describe("the keys that sign and verify", () => {
  it("cannot be exported from the process", async () => {
    const key = await signingKey(keys.merchant.pkcs8);
    expect(key.extractable).toBe(false);
    expect(key.usages).toEqual(["sign"]);
    await expect(crypto.subtle.exportKey("pkcs8", key)).rejects.toThrow();
  });

  it("belong together also at 4096 bits", async () => {
    const message = utf8("微工卡");
    const signature = await sign(await signingKey(keys.long.pkcs1), message);
    expect(signature).toHaveLength(512);
    expect(await verify(await verifyingKey(keys.long.publicPkcs1), signature, message)).toBe(true);
  });
});

describe("Authorization", () => {
  const authorization: Authorization = {
    mchid: "1900000109",
    nonce: "593BEC0C930BF1AFEB40B4A08C8FB242",
    timestamp: "1667318400",
    serialNo: "0C4AEF34B89340881BB2B25226393DC2E47F094B",
    signature: "A+/=",
  };
  const header = formatAuthorization(authorization);
  const pairs = header.slice(SCHEME.length + 1).split(",");

  it("is one line, without a blank after the commas", () => {
    expect(header).toBe(
      'WECHATPAY2-SHA256-RSA2048 mchid="1900000109",nonce_str="593BEC0C930BF1AFEB40B4A08C8FB242",timestamp="1667318400",' +
        'serial_no="0C4AEF34B89340881BB2B25226393DC2E47F094B",signature="A+/="',
    );
  });

  it("is read back as it was written", () => {
    expect(parseAuthorization(header)).toEqual(authorization);
  });

  it("is read in any order", () => {
    expect(parseAuthorization(`${SCHEME} ${[...pairs].reverse().join(",")}`)).toEqual(authorization);
  });

  it.each([
    ["nothing", ""],
    ["the scheme alone", SCHEME],
    ["the scheme and a blank", `${SCHEME} `],
    ["the values alone", pairs.join(",")],
    ["another scheme", header.replace(SCHEME, "WECHATPAY2-SM2-WITH-SM3")],
    ["Basic", "Basic dXNlcjpwYXNz"],
    ["a blank after a comma", header.replace(",", ", ")],
    ["two blanks after the scheme", header.replace(" ", "  ")],
    ["a blank before the scheme", ` ${header}`],
    ["a blank at the end", `${header} `],
    ["a comma at the end", `${header},`],
    ["a comma at the beginning", header.replace(" ", " ,")],
    ["semicolons for commas", header.replaceAll(",", ";")],
    ["no quotes", header.replaceAll('"', "")],
    ["single quotes", header.replaceAll('"', "'")],
    ["a quote that is not closed", header.slice(0, -1)],
    ["a quote inside a value", header.replace("A+/=", 'A"+/=')],
    ["a value twice", `${header},${pairs[0]}`],
    ["a value twice and another missing", `${SCHEME} ${[...pairs.slice(0, 4), pairs[0]].join(",")}`],
    ["a sixth value", `${header},body_hash="x"`],
    ["an empty value", header.replace("1900000109", "")],
    ["a name in capitals", header.replace("mchid", "MCHID")],
    ["two headers joined", `${header}, ${header}`],
  ])("%s is no Authorization", (_, malformed) => {
    expect(parseAuthorization(malformed)).toBeUndefined();
  });

  it.each(pairs)("without %s it is none", (pair) => {
    expect(parseAuthorization(`${SCHEME} ${pairs.filter((other) => other !== pair).join(",")}`)).toBeUndefined();
  });
});

describe("base64", () => {
  // RFC 4648, section 10.
  it.each([
    ["", ""],
    ["f", "Zg=="],
    ["fo", "Zm8="],
    ["foo", "Zm9v"],
    ["foob", "Zm9vYg=="],
    ["fooba", "Zm9vYmE="],
    ["foobar", "Zm9vYmFy"],
  ])("of %j is %j, both ways", (text, encoded) => {
    expect(toBase64(utf8(text))).toBe(encoded);
    expect(fromBase64(encoded)).toEqual(utf8(text));
  });

  it("holds every byte, as Node's Buffer writes it", () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString("base64"));
    expect(fromBase64(toBase64(bytes))).toEqual(bytes);
  });

  it.each([
    ["no padding", "Zg"],
    ["half the padding", "Zg="],
    ["padding too many", "Zm9v="],
    ["nothing but padding", "===="],
    ["padding inside", "Zg==Zg=="],
    ["a blank", "Zm9v Zm9v"],
    ["a line break", "Zm9vZm9v\n"],
    ["stray bits before ==", "Zh=="],
    ["stray bits before =", "Zm9="],
    ["base64url", "-_-_"],
    ["a character beyond ASCII", "Zm9微"],
    // The prefix is of base64's alphabet; it is the length of 355 characters that gives a probe away.
    ["WeChat Pay's probe of verifiers", `WECHATPAY/SIGNTEST/${replies[0]?.signature.slice(8)}`],
  ])("is not read with %s", (_, text) => {
    expect(fromBase64(text)).toBeUndefined();
  });

  it("of eight megabytes is read without exhausting the stack", () => {
    expect(fromBase64("A".repeat(8_000_000))).toHaveLength(6_000_000);
  });
});

describe.skipIf(!published.isHere)(published.title, () => {
  it("are read", () => {
    expect(signatures).not.toEqual([]);
  });

  interface MessageCase {
    method: string;
    url: string;
    timestamp: string;
    nonce: string;
    body: string;
    message: string;
  }
  it.each(published.vectors<{ id: string; cases: MessageCase[] }>("signing", "authorization-shape"))(
    "$id",
    ({ cases }) => {
      for (const { url, body, message, ...parts } of cases) {
        expect(requestMessage({ ...parts, target: url, body: utf8(body) })).toEqual(utf8(message));
      }
    },
  );

  interface Shapes {
    id: string;
    request: { parts: [string, string, string, string, string]; message: string }[];
    response: { parts: [string, string, string]; message: string }[];
    authorization: {
      mchid: string;
      nonce: string;
      signature: string;
      timestamp: string;
      serial: string;
      header: string;
    };
  }
  it.each(published.vectors<Shapes>("signing", "message-shape"))("$id", ({ request, response, authorization }) => {
    for (const { parts, message } of request) {
      const [method, target, timestamp, nonce, body] = parts;
      expect(requestMessage({ method, target, timestamp, nonce, body: utf8(body) })).toEqual(utf8(message));
    }
    for (const { parts, message } of response) {
      const [timestamp, nonce, body] = parts;
      expect(responseMessage({ timestamp, nonce, body: utf8(body) })).toEqual(utf8(message));
    }
    const { header, serial: serialNo, ...rest } = authorization;
    expect(parseAuthorization(header)).toEqual({ ...rest, serialNo });
  });

  interface Signature {
    id: string;
    key: string;
    message: string;
    signature: string;
    negativeMessages?: string[];
    negativeSignatures?: string[];
    negativeKeys?: string[];
  }
  const signatures = published.vectors<Signature>("rsa", "rsa-sha256-sign", "rsa-sha256-verify");

  it.each(signatures)("$id: signed alike, by each form of the key", async ({ key, message, signature }) => {
    const { privateKeyPkcs8, privateKeyPkcs1 } = published.keys[key] ?? {};
    for (const pem of [privateKeyPkcs8, privateKeyPkcs1].filter((pem) => pem !== undefined)) {
      expect(toBase64(await sign(await signingKey(pem), utf8(message)))).toBe(signature);
    }
  });

  it.each(signatures)("$id: accepted, by each form of the key", async ({ key, message, signature }) => {
    for (const pem of publicPems(key)) {
      expect(await verify(await verifyingKey(pem), base64(signature), utf8(message))).toBe(true);
    }
  });

  it.each(signatures)("$id: another message, signature or key is refused", async (vector) => {
    const [pem = ""] = publicPems(vector.key);
    const key = await verifyingKey(pem);
    for (const message of vector.negativeMessages ?? []) {
      expect(await verify(key, base64(vector.signature), utf8(message))).toBe(false);
    }
    for (const text of vector.negativeSignatures ?? []) {
      const signature = fromBase64(text);
      expect(signature !== undefined && (await verify(key, signature, utf8(vector.message)))).toBe(false);
    }
    for (const other of (vector.negativeKeys ?? []).flatMap(publicPems)) {
      expect(await verify(await verifyingKey(other), base64(vector.signature), utf8(vector.message))).toBe(false);
    }
  });

  it.each(published.vectors<{ id: string; headers: { "Wechatpay-Signature": string } }>("samples", "probe-signature"))(
    "$id is no base64",
    ({ headers }) => {
      expect(fromBase64(headers["Wechatpay-Signature"])).toBeUndefined();
    },
  );

  function publicPems(name: string): string[] {
    const { publicKeySpki, publicKeyPkcs1, certificates = [] } = published.keys[name] ?? {};
    return [publicKeySpki, publicKeyPkcs1, ...certificates.map(({ pem }) => pem)].filter((pem) => pem !== undefined);
  }
});
