import { createCipheriv } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { describe, expect, expectTypeOf, test } from "vitest";
import {
  acknowledge,
  createNotificationReceiver,
  type EncryptionError,
  type Notification,
  type NotificationRequest,
  refuse,
  VerificationError,
} from "wechatpay-openapi-fetch";
import { generateKeys, signText } from "./support/keys.js";
import { NOW, PLATFORM_KEY_ID, platform } from "./support/wechatpay.js";
import { isHere, title, vectors } from "./vectors/published.js";

const apiV3Key = "0123456789abcdefghijABCDEFGHIJ!@";
const platformKeys = { [PLATFORM_KEY_ID]: platform.publicKey };
const clock = () => NOW;
const receive = createNotificationReceiver({ platformKeys, apiV3Key, clock });
const resource = { mchid: "1900000109", out_trade_no: "1217752501201407033233368018", name: "张三" };

/** AES-256-GCM as WeChat Pay does it, by node:crypto. */
function encrypted(text: string, { key = apiV3Key, nonce = "fdasflkja484", associated_data = "transaction" } = {}) {
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(Buffer.from(associated_data));
  const ciphertext = Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]).toString("base64");
  return { algorithm: "AEAD_AES_256_GCM", original_type: "transaction", ciphertext, nonce, associated_data };
}

function envelope(more: object = {}) {
  return {
    id: "EV-2018022511223320873",
    create_time: "2015-05-20T13:29:35+08:00",
    resource_type: "encrypt-resource",
    event_type: "TRANSACTION.SUCCESS",
    summary: "支付成功",
    resource: encrypted(JSON.stringify(resource)),
    ...more,
  };
}

function notification(
  body: unknown,
  headers: Record<string, string | null> = {},
  signedBy = platform.privateKey,
): Request {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const [timestamp, nonce] = [String(headers["Wechatpay-Timestamp"] ?? NOW / 1000), "EcZ9Cmy4Xyx1i6RlJQzLcCyEqDa26NBz"];
  const all = new Headers({
    "Wechatpay-Timestamp": timestamp,
    "Wechatpay-Nonce": nonce,
    "Wechatpay-Serial": PLATFORM_KEY_ID,
    "Wechatpay-Signature": signText(signedBy, `${timestamp}\n${nonce}\n${text}\n`),
  });
  for (const [name, value] of Object.entries(headers)) value === null ? all.delete(name) : all.set(name, value);
  return new Request("https://merchant.example/notify", { method: "POST", body: text, headers: all });
}

const rejection = (request: Request) =>
  receive(request).then(
    () => undefined,
    (error: unknown) => error,
  );

describe("a notification", () => {
  test("is verified, decrypted and parsed", async () => {
    expect(await receive(notification(envelope()))).toEqual({
      id: "EV-2018022511223320873",
      create_time: "2015-05-20T13:29:35+08:00",
      event_type: "TRANSACTION.SUCCESS",
      summary: "支付成功",
      resource,
      plaintext: JSON.stringify(resource),
    });
  });

  test("keeps every digit of a number beyond 2^53 in its plaintext", async () => {
    const text = '{ "coupon_id": 9007199254740993 }';
    const { plaintext, resource } = await receive(notification(envelope({ resource: encrypted(text) })));
    expect(plaintext).toBe(text);
    expect(resource).toEqual({ coupon_id: 9007199254740992 });
  });

  test.each([
    ["empty", encrypted("{}", { associated_data: "" })],
    ["absent", { ...encrypted("{}", { associated_data: "" }), associated_data: undefined }],
    ["null", { ...encrypted("{}", { associated_data: "" }), associated_data: null }],
  ])("associated_data may be %s", async (_, withoutData) => {
    expect((await receive(notification(envelope({ resource: withoutData })))).resource).toEqual({});
  });

  test("is typed by its event", async () => {
    const typed = createNotificationReceiver<{
      "TRANSACTION.SUCCESS": typeof resource;
      "REFUND.SUCCESS": { refund_id: string };
    }>({ platformKeys, apiV3Key, clock });
    const received = await typed(notification(envelope()));
    if (received.event_type === "TRANSACTION.SUCCESS") expectTypeOf(received.resource).toEqualTypeOf(resource);
    else expectTypeOf(received.resource.refund_id).toBeString();
    expectTypeOf<Notification["resource"]>().toBeUnknown();
    expectTypeOf(received.plaintext).toBeString();
  });

  test("is asked for by type: a Request, or headers and a raw body", () => {
    expectTypeOf<Request>().toExtend<NotificationRequest>();
    expectTypeOf<{ headers: IncomingHttpHeaders; body: Buffer }>().toExtend<NotificationRequest>();
    expectTypeOf<{ headers: IncomingHttpHeaders; body: object }>().not.toExtend<NotificationRequest>();
    expectTypeOf<IncomingMessage>().not.toExtend<NotificationRequest>();
  });
});

describe("is refused", () => {
  test.each<[string, Request, string]>([
    ["without a signature", notification(envelope(), { "Wechatpay-Signature": null }), "missing-header"],
    [
      "when it is old: a replay",
      notification(envelope(), { "Wechatpay-Timestamp": String(NOW / 1000 - 301) }),
      "clock-skew",
    ],
    [
      "when it comes from the future",
      notification(envelope(), { "Wechatpay-Timestamp": String(NOW / 1000 + 301) }),
      "clock-skew",
    ],
    [
      "with a key that is not held",
      notification(envelope(), { "Wechatpay-Serial": "5157F09EFDC096DE15EBE81A47057A7232F1B8E1" }),
      "unknown-serial",
    ],
    [
      "when it is a probe",
      notification(envelope(), { "Wechatpay-Signature": `WECHATPAY/SIGNTEST/${"A".repeat(336)}` }),
      "not-base64",
    ],
    ["when somebody else signed it", notification(envelope(), {}, generateKeys().privateKey), "mismatch"],
  ])("%s", async (_, request, reason) => {
    const error = await rejection(request);
    expect(error).toBeInstanceOf(VerificationError);
    expect(error).toMatchObject({
      reason,
      outcome: undefined,
      message: expect.stringMatching(/^A notification cannot be trusted: it(?!.*x-wechatpay-response)/),
    });
  });

  test("when its JSON was parsed and written again", async () => {
    const original = notification(JSON.stringify(envelope(), null, 1));
    const parsed = new Request(original.url, {
      method: "POST",
      headers: original.headers,
      body: JSON.stringify(await original.json()),
    });
    expect(await rejection(parsed)).toMatchObject({ reason: "mismatch" });
  });

  test("when it is larger than anything that WeChat Pay sends", async () => {
    let sent = 0;
    const endless = new ReadableStream({
      pull: (controller) => void controller.enqueue(new Uint8Array((sent += 2 ** 20) && 2 ** 20)),
    });
    const request = new Request("https://merchant.example", {
      method: "POST",
      body: endless,
      duplex: "half",
    } as RequestInit);
    await expect(receive(request)).rejects.toThrow("A message has more than 16777216 bytes");
    expect(sent).toBeLessThan(20 * 2 ** 20);
  });

  test("with rawHeaders, or other pairs, in place of headers", async () => {
    const { headers } = notification(envelope());
    for (const pairs of [[...headers], [...headers].flat()]) {
      const given = { headers: pairs, body: JSON.stringify(envelope()) } as never;
      await expect(receive(given)).rejects.toThrow(/^request must be a fetch Request, or \{ headers, body \}/);
    }
  });

  test("when a body parser has read it", async () => {
    const request = notification(envelope());
    await request.text();
    await expect(receive(request)).rejects.toThrow(
      /^A body parser has read the body already, .* raw bytes: keep them\. Express: express\.raw/,
    );
  });

  test.each<[string, unknown, Partial<EncryptionError>]>([
    [
      "of another resource_type",
      envelope({ resource_type: "plain" }),
      { reason: "unsupported", field: "/resource_type" },
    ],
    [
      "of another algorithm",
      envelope({ resource: { ...encrypted("{}"), algorithm: "AEAD_SM4_GCM" } }),
      { reason: "unsupported", field: "/resource/algorithm" },
    ],
    ["without a resource", envelope({ resource: null }), { reason: "unsupported", field: "/resource/algorithm" }],
    ["that is no JSON", "<xml>", { reason: "unsupported", field: "" }],
    ["that is a number", "1", { reason: "unsupported", field: "" }],
    [
      "encrypted with another key",
      envelope({ resource: encrypted("{}", { key: "x".repeat(32) }) }),
      { reason: "decrypt-failed", field: "/resource/ciphertext" },
    ],
    [
      "with another nonce",
      envelope({ resource: { ...encrypted("{}"), nonce: "fdasflkja485" } }),
      { reason: "decrypt-failed" },
    ],
    [
      "with a nonce that is cut",
      envelope({ resource: { ...encrypted("{}"), nonce: "f" } }),
      { reason: "decrypt-failed" },
    ],
    [
      "with other associated_data",
      envelope({ resource: { ...encrypted("{}"), associated_data: "x" } }),
      { reason: "decrypt-failed" },
    ],
    [
      "whose plain text is no JSON",
      envelope({ resource: encrypted("张三") }),
      { reason: "unsupported", message: "The notification was decrypted, but what it holds is no JSON." },
    ],
  ])("%s", async (_, body, expected) => {
    const error = await rejection(notification(body));
    expect(error).toMatchObject({ name: "EncryptionError", ...expected });
    expect(String(error)).not.toContain("张三");
  });
});

describe("the two replies", () => {
  test("acknowledge: 204, without a body", async () => {
    const reply = acknowledge();
    expect(reply.status).toBe(204);
    expect(await reply.text()).toBe("");
  });

  test("refuse: 4xx, with FAIL and the reason", async () => {
    const reply = refuse("订单不存在");
    expect(reply.status).toBe(400);
    expect(reply.headers.get("Content-Type")).toContain("application/json");
    expect(await reply.json()).toEqual({ code: "FAIL", message: "订单不存在" });
    expect((await refuse("x".repeat(1000)).json()).message).toHaveLength(256);
  });
});

test("options fail at construction, naming the option", () => {
  expect(() => createNotificationReceiver({ platformKeys, apiV3Key: "short" })).toThrow("apiV3Key");
  expect(() => createNotificationReceiver({ platformKeys } as never)).toThrow("apiV3Key");
  expect(() => createNotificationReceiver({ apiV3Key })).toThrow("platformKeys");
  expect(() => createNotificationReceiver({ apiV3Key, platformKeys, clock: 1 as never })).toThrow("clock");
});

describe.skipIf(!isHere)(title, () => {
  interface Callback {
    clock: number;
    headers: Record<string, string>;
    body: string;
    plaintext: string;
  }
  test("a whole callback is verified; its key of 16 bytes is no APIv3 key, so it is not decrypted", async () => {
    const [callback] = vectors<Callback>("notifications", "notification");
    const { keys } = await import("./vectors/published.js");
    const certificates = keys["go-test-rsa"]?.certificates ?? [];
    const own = createNotificationReceiver({
      platformKeys: Object.fromEntries(certificates.map(({ serial, pem }) => [serial, pem])),
      apiV3Key,
      clock: () => (callback?.clock ?? 0) * 1000,
    });
    const request = (body: string) =>
      new Request("https://merchant.example", { method: "POST", headers: callback?.headers ?? {}, body });
    await expect(own(request(callback?.body ?? ""))).rejects.toMatchObject({
      name: "EncryptionError",
      reason: "decrypt-failed",
    });
    await expect(own(request(`${callback?.body} `))).rejects.toMatchObject({ reason: "mismatch" });
  });
});
