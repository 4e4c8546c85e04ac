import { createDecipheriv } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { describe, expect, test } from "vitest";
import { createSandbox, type PlatformKeyMode, type SignatureFault } from "wechatpay-openapi-fetch/sandbox";
import { isHere, title, vectors } from "../../vectors/published.js";
import { isVerified } from "../signed.js";

const NOW = 1_624_523_846_000;
const URL = "https://merchant.example/notify?a=b";
const event = { event_type: "PAYSCORE.USER_OPEN_SERVICE", resource: { out_contract_code: "1", 姓名: "张三" } };

const sandbox = await createSandbox({ clock: () => NOW });
const [[publicKeyId, publicKey] = ["", ""]] = Object.entries(sandbox.credentials.platformKeys);

/** What a handler is given. */
async function notified(
  more: { event?: object; fault?: SignatureFault } = {},
  from = sandbox,
): Promise<{ request: Request; reply: Response }> {
  let request: Request | undefined;
  const fetch = (given: Request) => {
    request = given.clone();
    return new Response(null, { status: 204 });
  };
  const options = { fetch, ...(more.fault && { fault: more.fault }) };
  const reply = await from.notify(URL, { ...event, ...more.event }, options);
  return { request: request as Request, reply };
}

async function decrypted({ resource }: { resource: Record<string, string> }): Promise<unknown> {
  const { ciphertext = "", nonce = "", associated_data = "" } = resource;
  const bytes = Buffer.from(ciphertext, "base64");
  const decipher = createDecipheriv("aes-256-gcm", sandbox.credentials.apiV3Key, nonce)
    .setAAD(Buffer.from(associated_data))
    .setAuthTag(bytes.subarray(-16));
  return JSON.parse(decipher.update(bytes.subarray(0, -16)).toString() + decipher.final());
}

describe("a notification", () => {
  test("has the documented form, and resolves to the handler's reply", async () => {
    const { request, reply } = await notified({ event: { summary: "签约成功" } });
    expect(reply.status).toBe(204);
    expect([request.method, request.url]).toEqual(["POST", URL]);
    const body = await request.json();
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      create_time: "2021-06-24T16:37:26+08:00",
      resource_type: "encrypt-resource",
      event_type: event.event_type,
      summary: "签约成功",
      resource: {
        original_type: "payscore",
        algorithm: "AEAD_AES_256_GCM",
        ciphertext: expect.any(String),
        associated_data: "payscore",
        nonce: expect.stringMatching(/^\w{12}$/),
      },
    });
    expect(await decrypted(body)).toEqual(event.resource);
  });

  test("is signed as a reply is", async () => {
    const { request } = await notified();
    expect(Object.fromEntries(request.headers)).toEqual({
      "content-type": "application/json",
      "user-agent": "Mozilla/4.0",
      "wechatpay-timestamp": String(NOW / 1000),
      "wechatpay-nonce": expect.stringMatching(/^\w{32}$/),
      "wechatpay-signature": expect.any(String),
      "wechatpay-signature-type": "WECHATPAY2-SHA256-RSA2048",
      "wechatpay-serial": publicKeyId,
    });
    expect(await isVerified(request, publicKey)).toBe(true);
  });

  test("is another one each time", async () => {
    const [one, two] = await Promise.all([notified(), notified()]);
    expect((await one.request.json()).id).not.toBe((await two.request.json()).id);
  });

  test("says what it is told to", async () => {
    const { request } = await notified({ event: { original_type: "security", resource: [] } });
    const body = await request.json();
    expect(body.resource).toMatchObject({ original_type: "security", associated_data: "security" });
    expect(body.summary).toBe(event.event_type);
    expect(await decrypted(body)).toEqual([]);
  });

  test.each<PlatformKeyMode>(["certificate", "gray"])("is signed with a certificate: %s", async (platformKeys) => {
    const other = await createSandbox({ platformKeys });
    const [serial = "", pem = ""] = Object.entries(other.credentials.platformKeys).at(-1) ?? [];
    const { request } = await notified({}, other);
    expect(request.headers.get("Wechatpay-Serial")).toBe(serial);
    expect(await isVerified(request, pem)).toBe(true);
  });

  test.runIf(isHere)(`${title}: has the same keys and headers as a real one`, async () => {
    const [real] = vectors<{ headers: object; body: string }>("notifications", "notification");
    const { request } = await notified();
    const body = await request.json();
    const sample = JSON.parse(real?.body ?? "");
    expect(Object.keys(body)).toEqual(Object.keys(sample));
    expect(Object.keys(body.resource)).toEqual(Object.keys(sample.resource));
    for (const name of Object.keys(real?.headers ?? {})) expect(request.headers.has(name)).toBe(true);
  });
});

describe("a notification with a fault", () => {
  test.each<[SignatureFault, (request: Request) => unknown]>([
    ["bad-signature", ({ headers }) => Buffer.from(headers.get("Wechatpay-Signature") ?? "", "base64").length === 256],
    [
      "signature-probe",
      ({ headers }) => /^WECHATPAY\/SIGNTEST\/.{336}$/.test(headers.get("Wechatpay-Signature") ?? ""),
    ],
    ["tampered-body", (request) => request.json()],
  ])("%s is not verified", async (fault, isAsDescribed) => {
    const { request } = await notified({ fault });
    expect(await isVerified(request, publicKey)).toBe(false);
    expect(await isAsDescribed(request)).toBeTruthy();
  });

  test.each<[SignatureFault, string, string]>([
    ["unknown-serial", "Wechatpay-Serial", publicKeyId],
    ["clock-skew", "Wechatpay-Timestamp", String(NOW / 1000)],
  ])("%s is rightly signed, and gives itself away by %s", async (fault, name, usual) => {
    const { request } = await notified({ fault });
    expect(await isVerified(request, publicKey)).toBe(true);
    expect(request.headers.get(name)).not.toBe(usual);
  });
});

test("goes over HTTP by itself, and follows no redirect", async () => {
  const server = createServer((incoming, outgoing) => {
    outgoing.writeHead(302, { Location: "/elsewhere", "X-Agent": incoming.headers["user-agent"] ?? "" }).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const reply = await sandbox.notify(`http://127.0.0.1:${port}/notify`, event);
  expect([reply.status, reply.headers.get("X-Agent")]).toEqual([302, "Mozilla/4.0"]);
  server.close();
});
