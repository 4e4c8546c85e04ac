import { execFileSync, spawnSync } from "node:child_process";
import { createDecipheriv, X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createWeChatPayClient, unwrap } from "wechatpay-openapi-fetch";
import { createSandbox, type Sandbox } from "wechatpay-openapi-fetch/sandbox";
import { readPublicKey } from "../../../src/keys/pem.js";
import { examples, freshRequest, NOW, PRE_ORDER } from "../../support/wechatpay.js";
import { isHere, title, vectors } from "../../vectors/published.js";
import { isVerified, send } from "../signed.js";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** A pre-order, another one each time, that names this platform key, or none. */
function preOrder(sandbox: Sandbox, serial?: string): Promise<Response> {
  const body = JSON.stringify(freshRequest());
  return send(sandbox, { target: PRE_ORDER, body, ...(serial && { headers: { "Wechatpay-Serial": serial } }) });
}

async function signerOf(reply: Promise<Response>): Promise<string | null> {
  return (await reply).headers.get("Wechatpay-Serial");
}

function list(sandbox: Sandbox, headers: Record<string, string> = {}): Promise<Response> {
  return send(sandbox, { method: "GET", target: "/v3/certificates", headers });
}

interface Row {
  serial_no: string;
  effective_time: string;
  expire_time: string;
}
type Encrypted = Record<"algorithm" | "nonce" | "associated_data" | "ciphertext", string>;
type Listed = Row & { pem: string };

/** The list, decrypted by node:crypto. */
async function listed(sandbox: Sandbox): Promise<Listed[]> {
  const { data }: { data: (Row & { encrypt_certificate: Encrypted })[] } = await (await list(sandbox)).json();
  return data.map(({ encrypt_certificate: { algorithm, nonce, associated_data, ciphertext }, ...row }) => {
    expect([algorithm, associated_data]).toEqual(["AEAD_AES_256_GCM", "certificate"]);
    expect(nonce).toMatch(/^[0-9a-f]{12}$/);
    const bytes = Buffer.from(ciphertext, "base64");
    const decipher = createDecipheriv("aes-256-gcm", sandbox.credentials.apiV3Key, nonce)
      .setAAD(Buffer.from(associated_data))
      .setAuthTag(bytes.subarray(-16));
    return { ...row, pem: decipher.update(bytes.subarray(0, -16)).toString() + decipher.final() };
  });
}

const plain = await createSandbox({ clock: () => NOW });
const [first] = (await listed(plain)) as [Listed];

describe("a platform certificate", () => {
  const x509 = new X509Certificate(first.pem);

  test("is a self-signed X.509 certificate in node:crypto's eyes, valid for five years", () => {
    expect(x509.verify(x509.publicKey)).toBe(true);
    expect([x509.subject, x509.issuer, x509.ca]).toEqual(["CN=WeChat Pay sandbox", "CN=WeChat Pay sandbox", false]);
    expect(x509.publicKey.asymmetricKeyDetails?.modulusLength).toBe(2048);
    expect(x509.serialNumber).toBe(first.serial_no);
    expect(Date.parse(x509.validTo) - Date.parse(x509.validFrom)).toBe(5 * 365 * DAY);
    expect(Date.parse(x509.validFrom)).toBe(NOW - 30 * DAY);
  });

  const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;
  test.skipIf(!hasOpenssl)(`is one in openssl's eyes${hasOpenssl ? "" : ": there is no openssl here"}`, () => {
    const folder = mkdtempSync(join(tmpdir(), "wechatpay-"));
    const file = join(folder, "certificate.pem");
    writeFileSync(file, first.pem);
    const openssl = (...args: string[]) => execFileSync("openssl", args, { encoding: "utf8" });
    const text = openssl("x509", "-in", file, "-noout", "-text", "-serial");
    const verified = openssl("verify", "-attime", String(NOW / 1000), "-check_ss_sig", "-CAfile", file, file);
    rmSync(folder, { recursive: true });
    expect(text).toContain("Version: 3 (0x2)");
    expect(text).toContain("Digital Signature, Non Repudiation, Key Encipherment, Data Encipherment");
    expect(text).toContain(`serial=${first.serial_no}`);
    expect(verified).toContain("OK");
  });

  test("is one in our client's eyes", () => {
    expect(readPublicKey(first.pem, "").certificate).toEqual({
      serialNo: first.serial_no,
      notBefore: NOW - 30 * DAY,
      notAfter: NOW - 30 * DAY + 5 * 365 * DAY,
    });
  });

  test("is listed with its times in Beijing", () => {
    expect(first).toMatchObject({
      serial_no: expect.stringMatching(/^[0-7][0-9A-F]{39}$/),
      effective_time: "2019-03-03T20:34:20+08:00",
      expire_time: "2024-03-01T20:34:20+08:00",
    });
  });

  test("may last beyond 2049, when certificates write the year with four digits", async () => {
    const [late] = await listed(await createSandbox({ clock: () => Date.UTC(2047, 0) }));
    expect(new X509Certificate(late?.pem ?? "").validTo).toMatch(/2051 GMT$/);
    expect(readPublicKey(late?.pem ?? "", "").certificate?.notAfter).toBe(Date.UTC(2047, 0) + (5 * 365 - 30) * DAY);
  });
});

describe("by default there are a public key and a certificate", () => {
  const [[publicKeyId, publicKey] = ["", ""], ...others] = Object.entries(plain.credentials.platformKeys);

  test("a client is given the public key", () => {
    expect([publicKeyId, others]).toEqual([expect.stringMatching(/^PUB_KEY_ID_0114\d{24}$/), []]);
  });

  test.each<[string, string | undefined, () => [string, string]]>([
    ["none: the public key", undefined, () => [publicKeyId, publicKey]],
    ["the public key: that", publicKeyId, () => [publicKeyId, publicKey]],
    ["it in lower case", publicKeyId.toLowerCase(), () => [publicKeyId, publicKey]],
    ["the certificate: that", first.serial_no, () => [first.serial_no, first.pem]],
    ["it in lower case", first.serial_no.toLowerCase(), () => [first.serial_no, first.pem]],
    ["it with more leading zeros", `00${first.serial_no}`, () => [first.serial_no, first.pem]],
    ["it without leading zeros", first.serial_no.replace(/^0+/, ""), () => [first.serial_no, first.pem]],
  ])("Wechatpay-Serial chooses which signs: %s", async (_, asked, expected) => {
    const reply = await preOrder(plain, asked);
    const [serial, pem] = expected();
    expect([reply.status, reply.headers.get("Wechatpay-Serial")]).toEqual([200, serial]);
    expect(await isVerified(reply, pem)).toBe(true);
  });

  test("the list of certificates is signed with one, for who holds none yet; or with the key that was asked for", async () => {
    const reply = await list(plain);
    expect(reply.headers.get("Wechatpay-Serial")).toBe(first.serial_no);
    expect(await isVerified(reply, first.pem)).toBe(true);
    expect(await isVerified(await list(plain, { "Wechatpay-Serial": publicKeyId }), publicKey)).toBe(true);
  });

  test("the list is encrypted anew each time", async () => {
    expect(await (await list(plain)).text()).not.toBe(await (await list(plain)).text());
  });
});

describe("other merchants", () => {
  test("public-key: no certificate, not in the list either", async () => {
    const sandbox = await createSandbox({ platformKeys: "public-key" });
    const [[serial, pem] = ["", ""], ...others] = Object.entries(sandbox.credentials.platformKeys);
    expect([serial, others]).toEqual([expect.stringMatching(/^PUB_KEY_ID_/), []]);
    expect(await signerOf(preOrder(sandbox))).toBe(serial);
    const reply = await list(sandbox);
    expect([reply.status, await isVerified(reply, pem)]).toEqual([404, true]);
    expect(await reply.json()).toMatchObject({ code: "RESOURCE_NOT_EXISTS" });
    expect(sandbox.requests.at(-1)).toMatchObject({ verdict: "business-error", status: 404 });
    await expect(sandbox.rotate()).rejects.toThrow("public key only");
  });

  test.runIf(isHere)(`${title}: its 404 has the same bytes as the real one`, async () => {
    const real = vectors<{ id: string; body: string }>("samples", "error-body").find(
      ({ id }) => id === "error-no-platform-cert",
    );
    const sandbox = await createSandbox({ platformKeys: "public-key" });
    expect(await (await list(sandbox)).text()).toBe(real?.body);
  });

  test("certificate: no public key", async () => {
    const sandbox = await createSandbox({ platformKeys: "certificate" });
    const [[serial, pem] = ["", ""], ...others] = Object.entries(sandbox.credentials.platformKeys);
    expect([new X509Certificate(pem).serialNumber, others]).toEqual([serial, []]);
    const reply = await preOrder(sandbox);
    expect(reply.headers.get("Wechatpay-Serial")).toBe(serial);
    expect(await isVerified(reply, pem)).toBe(true);
    expect((await preOrder(sandbox, Object.keys(plain.credentials.platformKeys)[0])).status).toBe(400);
    const [row, ...more] = await listed(sandbox);
    expect([row?.pem, more]).toEqual([pem, []]);
  });

  test("gray: both, and a certificate where none is named", async () => {
    const sandbox = await createSandbox({ platformKeys: "gray" });
    const [publicKeyId = "", serial = ""] = Object.keys(sandbox.credentials.platformKeys);
    expect([publicKeyId, serial]).toEqual([
      expect.stringMatching(/^PUB_KEY_ID_/),
      expect.stringMatching(/^[0-9A-F]{40}$/),
    ]);
    expect(await signerOf(preOrder(sandbox))).toBe(serial);
    expect(await signerOf(preOrder(sandbox, publicKeyId))).toBe(publicKeyId);
  });

  test("anything else is refused", async () => {
    await expect(createSandbox({ platformKeys: "grey" as never })).rejects.toThrow(/public-key, certificate, gray/);
  });
});

describe("rotation", async () => {
  const sandbox = await createSandbox({ clock: () => NOW, platformKeys: "certificate" });
  const [old = ""] = Object.keys(sandbox.credentials.platformKeys);
  const next = await sandbox.rotate();
  const states = async () => ({
    listed: (await listed(sandbox)).map(({ serial_no }) => serial_no),
    given: Object.keys(sandbox.credentials.platformKeys),
    signs: await signerOf(preOrder(sandbox)),
    named: await Promise.all([old, next].map(async (serial) => (await preOrder(sandbox, serial)).status)),
  });

  test("the new one is listed 24 h ahead, and the old one's end is moved to 24 h after that", async () => {
    const [one, two] = (await listed(sandbox)) as [Listed, Listed];
    expect(one.expire_time).toBe("2019-04-04T20:34:20+08:00");
    expect([two.effective_time, two.expire_time]).toEqual(["2019-04-03T20:34:20+08:00", "2024-04-01T20:34:20+08:00"]);
    const x509 = new X509Certificate(two.pem);
    expect([x509.serialNumber, Date.parse(x509.validFrom)]).toEqual([next, NOW + DAY]);
  });

  test("then it goes its way", async () => {
    expect(await states()).toEqual({ listed: [old, next], given: [old], signs: old, named: [200, 400] });
    sandbox.advance(DAY - 1);
    expect(await states()).toEqual({ listed: [old, next], given: [old], signs: old, named: [200, 400] });
    sandbox.advance(1);
    expect(await states()).toEqual({ listed: [old, next], given: [old, next], signs: next, named: [200, 200] });
    sandbox.advance(DAY - 1);
    expect(await states()).toEqual({ listed: [old, next], given: [old, next], signs: next, named: [200, 200] });
    sandbox.advance(1);
    expect(await states()).toEqual({ listed: [next], given: [next], signs: next, named: [400, 200] });
    expect(await isVerified(await preOrder(sandbox), sandbox.credentials.platformKeys[next] ?? "")).toBe(true);
  });

  test("again, before the last one has ended: none is without another", async () => {
    const again = await sandbox.rotate();
    const last = await sandbox.rotate();
    expect((await listed(sandbox)).map(({ serial_no }) => serial_no)).toEqual([next, again, last]);
    sandbox.advance(DAY);
    expect(await signerOf(preOrder(sandbox))).toBe(last);
    sandbox.advance(DAY);
    expect((await listed(sandbox)).map(({ serial_no }) => serial_no)).toEqual([last]);
  });
});

test("the sandbox's time goes by its clock, further what it was advanced by, and is to be a client's as well", async () => {
  let now = NOW;
  const sandbox = await createSandbox({ clock: () => now });
  sandbox.advance(90 * DAY);
  now += 1000;
  expect(sandbox.clock()).toBe(NOW + 90 * DAY + 1000);
  const { credentials, fetch, clock } = sandbox;
  const wechatpay = createWeChatPayClient({ ...credentials, fetch, clock });
  const result = await wechatpay.POST(PRE_ORDER, { body: examples.request });
  unwrap(result);
  expect(result.response.headers.get("Date")).toBe(new Date(clock()).toUTCString());
  // One that stays behind is answered with the time that it has.
  const behind = createWeChatPayClient({ ...credentials, fetch, clock: () => now });
  const { response } = await behind.POST(PRE_ORDER, { body: freshRequest() });
  expect([response.status, response.headers.get("Date")]).toEqual([200, new Date(now).toUTCString()]);
  const elsewhere = createWeChatPayClient({ ...credentials, fetch, clock: () => now + DAY });
  expect((await elsewhere.POST(PRE_ORDER, { body: freshRequest() })).error?.code).toBe("SIGN_ERROR");
});
