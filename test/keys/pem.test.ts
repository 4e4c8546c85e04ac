import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import type { Bytes } from "../../src/bytes.js";
import { keyOf } from "../../src/crypto.js";
import { KeyError, type KeyReason } from "../../src/errors.js";
import { BIT_STRING, encode, INTEGER, OCTET_STRING, SEQUENCE } from "../../src/keys/der.js";
import { readPrivateKey, readPublicKey } from "../../src/keys/pem.js";
import openssl from "../vectors/openssl.json" with { type: "json" };
import * as published from "../vectors/published.js";

const { keys, certificates, mistakes } = openssl;
const { pkcs8, pkcs1, spki } = keys.merchant;
const certificate = certificates["zero-nibble"].pem;

const privateKeyOf = (pem: unknown) => readPrivateKey(pem as string, "privateKey");
const publicKeyOf = (pem: unknown) => readPublicKey(pem as string, "platformKeys.PUB_KEY_ID_1");
const pkcs8Of = (pem: string) => bytes(createPrivateKey(pem).export({ format: "der", type: "pkcs8" }));
const spkiOf = (pem: string) => bytes(createPublicKey(pem).export({ format: "der", type: "spki" }));

describe("readPrivateKey gives the PKCS#8 that node:crypto gives", () => {
  describe.each(Object.entries(keys))("of openssl's key %s", (_, key) => {
    it.each(["pkcs8", "pkcs1"] as const)("from %s", async (form) => {
      expect(privateKeyOf(key[form])).toEqual(pkcs8Of(key.pkcs8));
      await expect(keyOf(privateKeyOf(key[form]), "sign")).resolves.toHaveProperty("type", "private");
    });
  });

  it.each([
    ["CRLF", pkcs8.replaceAll("\n", "\r\n")],
    ["indentation, as in a YAML file", pkcs8.replaceAll(/^/gm, "    ")],
    ["white space around", `\n\n  ${pkcs8}\t\n`],
    ["a byte order mark", `\uFEFF${pkcs8}`],
    ["blanks for line breaks, as an unquoted shell variable leaves them", pkcs8.replaceAll("\n", " ")],
    ["a single line", pkcs8.replaceAll("\n", "")],
    ["the quotes of a docker --env-file", `"${pkcs8}"`],
    ["an unpacked .p12: bag attributes, certificate, key", mistakes["unpacked .p12"]],
  ])("with %s", (_, pem) => {
    expect(privateKeyOf(pem)).toEqual(pkcs8Of(pkcs8));
  });
});

describe("an RSA key that OpenSSL reads is never called damaged", () => {
  const rsaEncryption = [0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
  const NULL = [0x05, 0];
  const algorithm = (...parameters: number[]) => encode(SEQUENCE, rsaEncryption, parameters);
  const version = (number: number) => encode(INTEGER, [number]);
  const key = encode(OCTET_STRING, derOf(pkcs1));
  const point = encode(BIT_STRING, [0], derOf(keys.merchant.publicPkcs1));

  // `openssl pkey -noout` takes each of these, but for the public key in version 1, which OpenSSL 3.0 does not know yet.
  it.each([
    ["PKCS#8 without NULL after the algorithm", pemOf("PRIVATE KEY", encode(SEQUENCE, version(0), algorithm(), key))],
    ["PKCS#8 of version 1", pemOf("PRIVATE KEY", encode(SEQUENCE, version(1), algorithm(...NULL), key))],
    [
      "PKCS#8 of version 1, with its public key (RFC 5958)",
      pemOf("PRIVATE KEY", encode(SEQUENCE, version(1), algorithm(...NULL), key, encode(0x81, point.slice(4)))),
    ],
    ["PKCS#1 under PKCS#8's label", relabelled(pkcs1, "PRIVATE KEY")],
    ["PKCS#8 under PKCS#1's label", relabelled(pkcs8, "RSA PRIVATE KEY")],
  ])("private: %s", (_, pem) => {
    expect(privateKeyOf(pem)).toEqual(pkcs8Of(pkcs8));
  });

  it.each([
    ["without NULL after the algorithm", pemOf("PUBLIC KEY", encode(SEQUENCE, algorithm(), point))],
    ["PKCS#1 under the other label", relabelled(keys.merchant.publicPkcs1, "PUBLIC KEY")],
    ["not PKCS#1, though its label says so", relabelled(spki, "RSA PUBLIC KEY")],
  ])("public: %s", (_, pem) => {
    expect(publicKeyOf(pem)).toEqual({ spki: spkiOf(spki) });
  });

  it.each([
    ["PKCS#8 of version 2", pemOf("PRIVATE KEY", encode(SEQUENCE, version(2), algorithm(...NULL), key)), "malformed"],
    [
      "PKCS#8 with parameters that RSA does not have",
      pemOf("PRIVATE KEY", encode(SEQUENCE, version(0), algorithm(SEQUENCE, 0), key)),
      "not-rsa",
    ],
  ])("but %s is refused", (_, pem, reason) => {
    expect(mistakeOf(() => privateKeyOf(pem)).reason).toBe(reason);
  });
});

describe("readPublicKey gives the SPKI that node:crypto gives", () => {
  it.each(Object.entries(keys))("of openssl's key %s, PKCS#1 or not", async (_, key) => {
    expect(publicKeyOf(key.spki)).toEqual({ spki: spkiOf(key.spki) });
    expect(publicKeyOf(key.publicPkcs1)).toEqual({ spki: spkiOf(key.spki) });
    await expect(keyOf(publicKeyOf(key.spki).spki, "verify")).resolves.toHaveProperty("type", "public");
  });

  it.each(Object.entries(certificates))("of openssl's certificate %s, with its serial and validity", (_, made) => {
    const x509 = new X509Certificate(made.pem);
    expect(publicKeyOf(made.pem)).toEqual({
      spki: spkiOf(keys[made.key as keyof typeof keys].spki),
      certificate: {
        serialNo: made.serialNo,
        notBefore: Date.parse(made.notBefore),
        notAfter: Date.parse(made.notAfter),
      },
    });
    expect(made.serialNo).toBe(x509.serialNumber);
    expect(Date.parse(made.notAfter)).toBe(Date.parse(x509.validTo));
  });

  it("keeps the leading zero of a serial and drops DER's sign byte", () => {
    expect(serialOf(certificates["zero-nibble"].pem)).toBe("0C4AEF34B89340881BB2B25226393DC2E47F094B");
    expect(serialOf(certificates["sign-byte"].pem)).toBe("F576575600ABCDEF0123456789ABCDEF01234567");
    expect(serialOf(certificates["version-1"].pem)).toBe("05");
  });

  it("reads a certificate below the text of openssl x509 -text", () => {
    const text =
      "Certificate:\n    Data:\n        Serial Number:\n            0c:4a:ef:34\n    Signature Value:\n        4a:ef";
    expect(serialOf(`${text}\n${certificate}`)).toBe(certificates["zero-nibble"].serialNo);
  });

  it("takes the first certificate of a chain", () => {
    expect(serialOf(`${certificates["version-1"].pem}${certificate}`)).toBe("05");
  });

  // openssl stamps certificates with today's date, so the other dates are written over it; nobody here checks the signature.
  it.each([
    ["491231235959Z", "2049-12-31T23:59:59Z"],
    ["500101000000Z", "1950-01-01T00:00:00Z"],
    ["991231235959Z", "1999-12-31T23:59:59Z"],
    ["000229120000Z", "2000-02-29T12:00:00Z"],
  ])("reads UTCTime %s as node does", (utcTime, iso) => {
    const pem = overwritten(certificate, /\d{12}Z/, utcTime);
    expect(publicKeyOf(pem).certificate?.notBefore).toBe(Date.parse(iso));
    expect(Date.parse(new X509Certificate(pem).validFrom)).toBe(Date.parse(iso));
  });

  it("refuses a GeneralizedTime in another form, though Date.parse takes it", () => {
    const pem = overwritten(certificates["sign-byte"].pem, /\d{14}Z/, "2050/12/31 1:00");
    expect(mistakeOf(() => publicKeyOf(pem)).reason).toBe("malformed");
  });

  it.each(["20501231235959Z", "99991231235959Z"])("reads GeneralizedTime %s as node does", (generalizedTime) => {
    const pem = overwritten(certificates["sign-byte"].pem, /\d{14}Z/, generalizedTime);
    const { notAfter } = publicKeyOf(pem).certificate ?? {};
    expect(notAfter).toBe(Date.parse(new X509Certificate(pem).validTo));
  });

  it.each(["991331235959Z", "990100235959Z", "990101246000Z", "99010112000 Z", "9901011200+08", "-50101000000Z"])(
    "refuses UTCTime %s",
    (utcTime) => {
      expect(mistakeOf(() => publicKeyOf(overwritten(certificate, /\d{12}Z/, utcTime))).reason).toBe("malformed");
    },
  );
});

describe("a mistake says what was given, what is wanted and what to do", () => {
  const firstLine = "-----BEGIN PRIVATE KEY-----";
  const bare = pkcs8.replaceAll(/-----.*-----/g, "");
  const middleLost = pkcs8.slice(0, 500) + pkcs8.slice(532);

  /** What is given as `privateKey`, the reason, and phrases of the message. */
  const privateKeys: [title: string, given: unknown, reason: KeyReason, ...phrases: string[]][] = [
    ["a variable that is not set", undefined, "not-text", "undefined was given", "environment variable"],
    ["null", null, "not-text", "null was given", "environment variable"],
    ["an empty variable", " \n", "not-pem", "an empty text", "environment variable"],
    ["a Buffer", Buffer.from(pkcs8), "not-text", "Buffer", 'readFile(path, "utf8")'],
    ["an ArrayBuffer", new ArrayBuffer(8), "not-text", 'readFile(path, "utf8")'],
    ["a promise that was not awaited", Promise.resolve(pkcs8), "not-text", "await"],
    ["a KeyObject", createPrivateKey(pkcs8), "not-text", "other than text"],
    ["a relative path", "./certs/own.pem", "file-path", "a file path", 'readFile(path, "utf8")'],
    ["a file's name", "own.pem", "file-path", "a file path"],
    ["an absolute path", "/run/secrets/own_key", "file-path", "a file path"],
    ["a path in the home folder", "~/own_key", "file-path", "a file path"],
    ["a path on Windows", "C:\\certs\\own_key", "file-path", "a file path"],
    ["a file URL", "file:///certs/own_key", "file-path", "a file path"],
    [
      "\\n for line breaks",
      pkcs8.replaceAll("\n", "\\n"),
      "escaped-newlines",
      "two characters",
      'replaceAll("\\\\n", "\\n")',
    ],
    ["\\r\\n for line breaks", pkcs8.replaceAll("\n", "\\r\\n"), "escaped-newlines", "two characters"],
    ["the first line only", firstLine, "truncated", "without its END line", ".env", "double quotes"],
    ["the first half only", pkcs8.slice(0, 800), "truncated", "without its END line"],
    ["the second half only", pkcs8.slice(800), "truncated", "without its BEGIN line"],
    ["BEGIN and END of two kinds", pkcs8.replace("END PRIVATE", "END RSA PRIVATE"), "truncated", "END line"],
    ["base64 without armour", bare, "not-pem", "bare base64", "-----BEGIN"],
    ["a PEM in base64", btoa(pkcs8), "not-pem", "wrapped in base64", "atob(text)"],
    ["base64 in one line, with an early /", `MII/${"A".repeat(300)}`, "not-pem", "bare base64"],
    ["short base64, with an early /", "MII/QUJDRA==", "not-pem", "no PEM"],
    ["some other text", "my key", "not-pem", "no PEM", "-----BEGIN"],
    ["the merchant's certificate", certificate, "certificate-given", "a certificate", "apiclient_key.pem"],
    ["a public key", spki, "public-key-given", "a public key", "apiclient_key.pem"],
    ["a public key, PKCS#1", keys.merchant.publicPkcs1, "public-key-given", "a public key"],
    ["a certificate request", mistakes.CSR, "other-given", "a certificate request", "apiclient_key.pem"],
    ["an OpenSSH key", relabelled(pkcs8, "OPENSSH PRIVATE KEY"), "other-given", "openssh private key"],
    ["an encrypted key", mistakes["encrypted PKCS#8"], "encrypted", "encrypted", "openssl pkey -in"],
    ["an encrypted key, PKCS#1", mistakes["encrypted PKCS#1"], "encrypted", "encrypted", "openssl pkey -in"],
    ["an EC key", mistakes["P-256"], "not-rsa", "not RSA (EC P-256)", "RSA keys only"],
    ["an EC key, SEC 1", mistakes["P-256 with parameters, SEC 1"], "not-rsa", "not RSA (EC P-256)"],
    ["an EC key of another curve", mistakes["P-384"], "not-rsa", "not RSA (EC P-384)"],
    ["an SM2 key", mistakes.SM2, "not-rsa", "not RSA (SM2, 国密)"],
    ["an Ed25519 key", mistakes.Ed25519, "not-rsa", "not RSA (Ed25519)"],
    ["a DSA key", mistakes.DSA, "not-rsa", "not RSA (DSA)"],
    ["a DSA key, traditional", mistakes["DSA, traditional"], "not-rsa", "not RSA (DSA)"],
    ["an RSA-PSS key", mistakes["RSA-PSS"], "not-rsa", "not RSA (RSA-PSS)"],
    ["an RSA key of 1024 bits", mistakes["RSA-1024"], "too-short", "1024 bits", "2048 bits"],
    ["an RSA key of three primes", mistakes["RSA with three primes"], "malformed", "openssl pkey -check"],
    ["characters lost in the middle", middleLost, "malformed", "damaged", "openssl pkey -check"],
    ["a character that is no base64", pkcs8.replace("MII", "M!I"), "malformed", "damaged"],
    ["a body of nothing", `${firstLine}\n-----END PRIVATE KEY-----`, "malformed", "damaged"],
  ];

  it.each(privateKeys)("as privateKey: %s", (_, given, reason, ...phrases) => {
    const error = mistakeOf(() => privateKeyOf(given));
    expect(error).toMatchObject({ name: "KeyError", reason, option: "privateKey" });
    for (const phrase of ["privateKey: the merchant's RSA private key", ...phrases])
      expect(error.message).toContain(phrase);
    expectNoKeyIn(error, given);
  });

  const publicKeys: typeof privateKeys = [
    ["a private key", pkcs8, "private-key-given", "a private key", "dangerous", "replace it"],
    ["a private key, PKCS#1", pkcs1, "private-key-given", "dangerous"],
    ["a private key, encrypted", mistakes["encrypted PKCS#8"], "private-key-given", "dangerous"],
    ["a private key, EC", mistakes["P-256"], "private-key-given", "dangerous"],
    ["a private key beside a certificate", mistakes["unpacked .p12"], "private-key-given", "dangerous"],
    ["a path", "pub_key.pem", "file-path", "a file path"],
    ["\\n for line breaks", spki.replaceAll("\n", "\\n"), "escaped-newlines", "two characters"],
    ["the first line of a certificate", "-----BEGIN CERTIFICATE-----", "truncated", ".env"],
    ["a certificate request", mistakes.CSR, "other-given", "a certificate request", "pub_key.pem"],
    ["an EC key", mistakes["P-256 public"], "not-rsa", "not RSA (EC P-256)"],
    ["an SM2 key", mistakes["SM2 public"], "not-rsa", "not RSA (SM2, 国密)"],
    ["an Ed25519 key", mistakes["Ed25519 public"], "not-rsa", "not RSA (Ed25519)"],
    ["an EC certificate", mistakes["P-256 certificate"], "not-rsa", "not RSA (EC P-256)"],
    ["an RSA key of 1024 bits", mistakes["RSA-1024 public"], "too-short", "1024 bits"],
    ["a certificate cut in the middle", certificate.slice(0, 600) + certificate.slice(632), "malformed", "damaged"],
  ];

  it.each(publicKeys)("as a platform key: %s", (_, given, reason, ...phrases) => {
    const error = mistakeOf(() => publicKeyOf(given));
    expect(error).toMatchObject({ name: "KeyError", reason, option: "platformKeys.PUB_KEY_ID_1" });
    for (const phrase of ["platformKeys.PUB_KEY_ID_1: WeChat Pay's", ...phrases])
      expect(error.message).toContain(phrase);
    expectNoKeyIn(error, given);
  });
});

describe("damage is found when a key is read, not when it is used", () => {
  const good = { pkcs8: derOf(pkcs8), pkcs1: derOf(pkcs1), spki: derOf(spki), certificate: derOf(certificate) };

  it.each([
    ["PRIVATE KEY", good.pkcs8],
    ["RSA PRIVATE KEY", good.pkcs1],
  ])("%s: any one byte changed is refused, whichever it is", (label, der) => {
    const random = randomness(1);
    for (let at = 0; at < der.length; at++) {
      const damaged = changed(der, at, random(255) + 1);
      mistakeOf(() => privateKeyOf(pemOf(label, damaged)));
    }
  });

  it.each([
    ["PRIVATE KEY", good.pkcs8, privateKeyOf],
    ["RSA PRIVATE KEY", good.pkcs1, privateKeyOf],
    ["PUBLIC KEY", good.spki, publicKeyOf],
    ["CERTIFICATE", good.certificate, publicKeyOf],
  ])("%s: cut anywhere, or with a byte too many, is refused", (label, der, read) => {
    for (let length = 0; length < der.length; length++) {
      expect(mistakeOf(() => read(pemOf(label, der.slice(0, length)))).reason).toBe("malformed");
    }
    expect(mistakeOf(() => read(pemOf(label, Uint8Array.of(...der, 0)))).reason).toBe("malformed");
    expect(mistakeOf(() => read(pemOf(label, Uint8Array.of(...der, ...der)))).reason).toBe("malformed");
  });

  it("PUBLIC KEY: with any one byte changed it is refused, or node:crypto takes it too", () => {
    const random = randomness(2);
    for (let at = 0; at < good.spki.length; at++) {
      const pem = pemOf("PUBLIC KEY", changed(good.spki, at, random(255) + 1));
      const read = readOrMistake(() => publicKeyOf(pem));
      if (!(read instanceof KeyError)) expect(read.spki).toEqual(spkiOf(pem));
    }
  });

  it("nothing but a key or a KeyError comes of 10,000 mutations (seed 3)", () => {
    const random = randomness(3);
    const started = [pkcs8, pkcs1, spki, keys.merchant.publicPkcs1, certificate, certificates["version-1"].pem];
    for (let round = 0; round < 10_000; round++) {
      let pem = started[random(started.length)] as string;
      for (let edits = random(3); edits >= 0; edits--) pem = mutated(pem, random);
      for (const read of [privateKeyOf, publicKeyOf]) readOrMistake(() => read(pem));
    }
  });

  it("nothing but a key or a KeyError comes of 5,000 damaged structures (seed 4)", () => {
    const random = randomness(4);
    const started = Object.values(good);
    const labels = ["PRIVATE KEY", "RSA PRIVATE KEY", "PUBLIC KEY", "RSA PUBLIC KEY", "CERTIFICATE", "EC PRIVATE KEY"];
    for (let round = 0; round < 5_000; round++) {
      const noise = Uint8Array.from({ length: random(64) }, () => random(256));
      let der = random(4) === 0 ? noise : (started[random(started.length)] as Bytes);
      for (let edits = random(4); edits > 0 && der.length > 0; edits--)
        der = changed(der, random(der.length), random(256));
      const pem = pemOf(labels[random(labels.length)] as string, der);
      for (const read of [privateKeyOf, publicKeyOf]) readOrMistake(() => read(pem));
    }
  });

  const { n, e, d, p, q, dp, dq, qi } = numbersOf(pkcs1);
  const privateNumbers = { version: 0n, n, e, d, p, q, dp, dq, qi };

  it("nine numbers that belong together are a private key", () => {
    expect(privateKeyOf(pemOf("RSA PRIVATE KEY", sequenceOf(privateNumbers)))).toEqual(pkcs8Of(pkcs1));
  });

  it.each([
    ["version 1", { version: 1n }],
    ["another modulus", { n: n + 2n }],
    ["another e", { e: 3n }],
    ["an e that fits p alone", { e: e + (p - 1n) }],
    ["an e that fits q alone", { e: e + (q - 1n) }],
    ["another d", { d: d + 2n }],
    ["a d that fits p alone", { d: d + (p - 1n) }],
    ["a d that fits q alone", { d: d + (q - 1n) }],
    ["p and q exchanged", { p: q, q: p }],
    ["the factors 1 and n", { p: 1n, q: n }],
    ["the factors n and 1", { p: n, q: 1n }],
    ["another coefficient", { qi: qi + 1n }],
    ["zeros for d's short forms", { dp: 0n, dq: 0n, qi: 0n }],
    ["a tenth number", { more: 1n }],
  ])("%s is no private key", (_, changes) => {
    const pem = pemOf("RSA PRIVATE KEY", sequenceOf({ ...privateNumbers, ...changes }));
    expect(mistakeOf(() => privateKeyOf(pem)).reason).toBe("malformed");
  });

  it.each([
    ["an even modulus", sequenceOf({ n: n + 1n, e })],
    ["an even exponent", sequenceOf({ n, e: e + 1n })],
    ["the exponent 1", sequenceOf({ n, e: 1n })],
    ["a third number", sequenceOf({ n, e, more: 1n })],
    [
      "a negative modulus",
      encode(SEQUENCE, encode(INTEGER, derOf(keys.merchant.publicPkcs1).slice(9, 265)), integerOf(e)),
    ],
    ["a modulus with zeros before it", encode(SEQUENCE, encode(INTEGER, Uint8Array.of(0, 0, 1)), integerOf(e))],
    ["an empty number", encode(SEQUENCE, encode(INTEGER), integerOf(e))],
  ])("%s is no public key", (_, der) => {
    expect(mistakeOf(() => publicKeyOf(pemOf("RSA PUBLIC KEY", der))).reason).toBe("malformed");
  });

  it("PKCS#8 attributes are walked too, and then left behind", () => {
    const [version, algorithm, key] = [good.pkcs8.slice(4, 7), good.pkcs8.slice(7, 22), good.pkcs8.slice(22)];
    const withAttributes = (...attributes: number[]) =>
      pemOf("PRIVATE KEY", encode(SEQUENCE, version, algorithm, key, Uint8Array.from(attributes)));
    expect(privateKeyOf(withAttributes(0xa0, 2, 0x05, 0))).toEqual(good.pkcs8);
    expect(mistakeOf(() => privateKeyOf(withAttributes(0xa0, 2, 0x05, 1))).reason).toBe("malformed");
    expect(mistakeOf(() => privateKeyOf(withAttributes(0x9f, 1, 0))).reason).toBe("malformed");
  });

  it.each([
    ["a SEQUENCE nested 100,000 deep", "PRIVATE KEY", nested(100_000)],
    ["an indefinite length", "PRIVATE KEY", Uint8Array.of(0x30, 0x80, 0, 0)],
    ["a length of 2^1008", "PRIVATE KEY", Uint8Array.of(0x30, 0xff, ...new Uint8Array(127).fill(0xff))],
    ["a length written longer than need be", "PUBLIC KEY", longWinded(good.spki)],
    ["an integer of a megabyte", "RSA PUBLIC KEY", twoIntegers(1_000_000)],
  ])("%s is refused at once", (_, label, der) => {
    expect(mistakeOf(() => (label === "PRIVATE KEY" ? privateKeyOf : publicKeyOf)(pemOf(label, der))).reason).toBe(
      "malformed",
    );
  });

  it("text of ten megabytes is refused in good time", () => {
    for (const text of ["-----BEGIN PRIVATE KEY-----", "-", " ", "\\n", "M", "/."]) {
      mistakeOf(() => privateKeyOf(text.repeat(10_000_000 / text.length)));
    }
  });
});

describe.skipIf(!published.isHere)(published.title, () => {
  it("are read", () => {
    expect(published.keys).not.toEqual({});
  });

  it.each(Object.entries(published.keys))("%s", (_, key) => {
    const privatePem = key.privateKeyPkcs8 ?? key.privateKeyPkcs1;
    for (const pem of [key.privateKeyPkcs8, key.privateKeyPkcs1].filter((pem) => pem !== undefined)) {
      expect(privateKeyOf(pem)).toEqual(pkcs8Of(privatePem as string));
    }
    for (const pem of [key.publicKeySpki, key.publicKeyPkcs1].filter((pem) => pem !== undefined)) {
      expect(publicKeyOf(pem)).toEqual({ spki: spkiOf(pem) });
    }
    for (const { pem, serial } of key.certificates ?? []) {
      const { spki, certificate } = publicKeyOf(pem);
      const x509 = new X509Certificate(pem);
      expect(spki).toEqual(bytes(x509.publicKey.export({ format: "der", type: "spki" })));
      expect(certificate?.serialNo).toBe(serial);
      expect(certificate?.notBefore).toBe(Date.parse(x509.validFrom));
      expect(certificate?.notAfter).toBe(Date.parse(x509.validTo));
    }
  });

  it.each(published.vectors<{ id: string; pem: string; expectedSerial: string }>("responses", "certificate-serial"))(
    "$id",
    ({ pem, expectedSerial }) => {
      expect(serialOf(pem)).toBe(expectedSerial);
    },
  );

  it.each(published.vectors<{ id: string; body: string; decrypted: string[] }>("responses", "certificates-response"))(
    "$id: serial and validity are what the list of certificates says",
    ({ body, decrypted }) => {
      const { data } = JSON.parse(body) as {
        data: { serial_no: string; effective_time: string; expire_time: string }[];
      };
      expect(decrypted.map((pem) => publicKeyOf(pem).certificate)).toEqual(
        data.map(({ serial_no, effective_time, expire_time }) => ({
          serialNo: serial_no,
          notBefore: Date.parse(effective_time),
          notAfter: Date.parse(expire_time),
        })),
      );
    },
  );
});

function bytes(buffer: Uint8Array): Bytes {
  return Uint8Array.from(buffer);
}

function serialOf(pem: string): string | undefined {
  return publicKeyOf(pem).certificate?.serialNo;
}

/** The KeyError that `read` gives instead of a key; anything else it throws fails the test. */
function readOrMistake<Key>(read: () => Key): Key | KeyError {
  try {
    return read();
  } catch (error) {
    if (error instanceof KeyError) return error;
    throw error;
  }
}

function mistakeOf(read: () => unknown): KeyError {
  const error = readOrMistake(read);
  if (error instanceof KeyError) return error;
  throw new Error("a key was read where a KeyError was expected");
}

/** Nothing that an error prints, hidden fields included, repeats twelve characters of what was given. */
function expectNoKeyIn(error: KeyError, given: unknown): void {
  if (typeof given !== "string") return;
  const body = given.replaceAll(/-----[^-]*-----/g, "").replaceAll(/\s+/g, "");
  const printed = inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true }).replaceAll(/^ +at .*$/gm, "");
  const windows = Array.from(printed, (_, at) => printed.slice(at, at + 12)).filter(({ length }) => length === 12);
  expect(windows.filter((window) => body.includes(window))).toEqual([]);
}

function derOf(pem: string): Bytes {
  return bytes(Buffer.from(pem.replaceAll(/-----.*-----/g, ""), "base64"));
}

function pemOf(label: string, der: Uint8Array): string {
  return `-----BEGIN ${label}-----\n${Buffer.from(der).toString("base64")}\n-----END ${label}-----\n`;
}

/** The numbers of an RSA private key, as node:crypto reads them. */
function numbersOf(pem: string): Record<"n" | "e" | "d" | "p" | "q" | "dp" | "dq" | "qi", bigint> {
  const { n, e, d, p, q, dp, dq, qi } = createPrivateKey(pem).export({ format: "jwk" });
  const number = (base64url = "") => BigInt(`0x${Buffer.from(base64url, "base64url").toString("hex")}`);
  return {
    n: number(n),
    e: number(e),
    d: number(d),
    p: number(p),
    q: number(q),
    dp: number(dp),
    dq: number(dq),
    qi: number(qi),
  };
}

function integerOf(number: bigint): Bytes {
  const digits = number.toString(16);
  const octets = bytes(Buffer.from(digits.padStart(digits.length + (digits.length % 2), "0"), "hex"));
  return encode(INTEGER, (octets[0] ?? 0) < 0x80 ? octets : Uint8Array.of(0, ...octets));
}

function sequenceOf(numbers: Record<string, bigint>): Bytes {
  return encode(SEQUENCE, ...Object.values(numbers).map(integerOf));
}

function relabelled(pem: string, label: string): string {
  return pemOf(label, derOf(pem));
}

/** `pem` with the first match of `pattern` in its DER written over. */
function overwritten(pem: string, pattern: RegExp, text: string): string {
  const latin1 = Buffer.from(derOf(pem)).toString("latin1");
  return pemOf("CERTIFICATE", Buffer.from(latin1.replace(pattern, text), "latin1"));
}

/** A copy in which the byte at `at` is another one, unless `by` is 0. */
function changed(der: Bytes, at: number, by: number): Bytes {
  return der.map((byte, index) => (index === at ? byte ^ by : byte));
}

function mutated(pem: string, random: (below: number) => number): string {
  const at = random(pem.length);
  const char = String.fromCharCode(random(4) === 0 ? random(0x10000) : 0x0a + random(0x75));
  const edits = [
    pem.slice(0, at) + char + pem.slice(at + 1),
    pem.slice(0, at) + char + pem.slice(at),
    pem.slice(0, at) + pem.slice(at + 1 + random(64)),
    pem.slice(0, at),
    pem.slice(at),
    pem.slice(0, at) + pem,
  ];
  return edits[random(edits.length)] as string;
}

/** Whole numbers below a bound, the same in every run (mulberry32). */
function randomness(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** SEQUENCEs inside each other, well-formed but for their depth. */
function nested(depth: number): Uint8Array {
  const heads: number[][] = [];
  let length = 0;
  while (heads.length < depth) {
    const digits = length.toString(16);
    const size = Buffer.from(digits.padStart(digits.length + (digits.length % 2), "0"), "hex");
    heads.push(length < 0x80 ? [0x30, length] : [0x30, 0x80 | size.length, ...size]);
    length += heads[heads.length - 1]?.length ?? 0;
  }
  return Uint8Array.from(heads.reverse().flat());
}

function threeByteLength(length: number): number[] {
  return [0x83, length >> 16, (length >> 8) & 0xff, length & 0xff];
}

function longWinded(der: Bytes): Uint8Array {
  return Uint8Array.of(0x30, ...threeByteLength(der.length - 4), ...der.subarray(4));
}

function twoIntegers(length: number): Uint8Array {
  const integer = [0x02, ...threeByteLength(length), ...new Uint8Array(length).fill(0x7f)];
  return Uint8Array.from([0x30, ...threeByteLength(integer.length + 3), ...integer, 0x02, 1, 3]);
}
