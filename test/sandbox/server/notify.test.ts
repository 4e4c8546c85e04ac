import { createDecipheriv } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { describe, expect, test } from "vitest";
import { createNotificationReceiver, type Notification } from "wechatpay-openapi-fetch";
import {
  createSandbox,
  type NotificationEvent,
  type PlatformKeyMode,
  type SignatureFault,
} from "wechatpay-openapi-fetch/sandbox";
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

describe("a notification that the document describes", async () => {
  const resource = {
    type: "object",
    required: ["out_trade_no", "amount"],
    properties: {
      out_trade_no: { type: "string" },
      amount: { type: "object", required: ["total"], properties: { total: { type: "integer" } } },
    },
  };
  const order = { out_trade_no: "1217752501201407033233368018", amount: { total: 100 } };
  const described = (media: object) => ({ post: { requestBody: { content: media }, responses: {} } });
  const notification = (value: object) => ({
    schema: { $ref: "#/components/schemas/Order" },
    examples: { one: { value } },
  });
  const own = await createSandbox({
    clock: () => NOW,
    openapi: {
      paths: {},
      webhooks: {
        "TRANSACTION.SUCCESS": described({
          "application/json": notification({ summary: "支付成功", resource: order }),
        }),
        "TRANSACTION.CLOSED": described({
          "application/json; charset=utf-8": { schema: { properties: { resource } } },
        }),
      },
      components: {
        schemas: {
          Order: { type: "object", required: ["resource"], properties: { summary: { maxLength: 5 }, resource } },
        },
      },
    },
  });
  const receive = createNotificationReceiver({ ...own.credentials, clock: own.clock });
  const sent = async (event: NotificationEvent) => {
    let received: Notification | undefined;
    const fetch = async (request: Request) => {
      received = await receive(request);
      return new Response(null, { status: 204 });
    };
    await own.notify(URL, event, { fetch });
    return received;
  };
  const event_type = "TRANSACTION.SUCCESS";

  test("is sent as its example, if nothing else is said", async () => {
    expect(await sent({ event_type })).toMatchObject({ event_type, summary: "支付成功", resource: order });
  });

  test("is sent with the resource that is given, or that a function makes of the example", async () => {
    const other = { out_trade_no: "2", amount: { total: 1 }, new_field: true };
    expect(await sent({ event_type, resource: other })).toMatchObject({ resource: other });
    const resource = (example: object) => ({ ...example, out_trade_no: "3" });
    expect(await sent({ event_type, resource })).toMatchObject({ resource: { ...order, out_trade_no: "3" } });
    expect(await sent({ event_type })).toMatchObject({ resource: order });
  });

  test.each<[string, object, string]>([
    [
      "a field of another type",
      { resource: { ...order, amount: { total: "1" } } },
      "/resource/amount/total must be integer",
    ],
    ["a field that is missing", { resource: { out_trade_no: "1" } }, "/resource/amount is required"],
    ["a field that JSON leaves out", { resource: { ...order, amount: undefined } }, "/resource/amount is required"],
    ["a list", { resource: [] }, "/resource must be object"],
    ["a function's result", { resource: () => ({}) }, "/resource/out_trade_no is required"],
    ["a summary that is too long", { summary: "123456" }, "/summary must NOT have more than 5 characters"],
  ])("is refused by name where it is not as described: %s", async (_, more, message) => {
    const because = `, as the document describes ${event_type}: WeChat Pay sends none like it.`;
    await expect(sent({ event_type, ...more })).rejects.toThrow(message + because);
  });

  test("is refused where a function gives what JSON cannot hold", async () => {
    await expect(sent({ event_type, resource: () => new Map() })).rejects.toThrow(
      "resource must be an object or a list",
    );
  });

  test.each([{}, { resource: () => ({}) }])(
    "without an example it needs a resource, as any other does: %o",
    async (more) => {
      await expect(sent({ event_type: "TRANSACTION.CLOSED", ...more })).rejects.toThrow(
        "resource is missing, and the document has no example of TRANSACTION.CLOSED: give one.",
      );
      await expect(sent({ event_type: "TRANSACTION.SUCESS", ...more })).rejects.toThrow(
        "no example of TRANSACTION.SUCESS: give one. It has TRANSACTION.SUCCESS, TRANSACTION.CLOSED.",
      );
      const without = await createSandbox({ openapi: { paths: {} } });
      await expect(without.notify(URL, { event_type, ...more })).rejects.toThrow(/no example of .*: give one\.$/);
    },
  );

  test("of the sandbox's own documents is sent as it is given, since other products have others under the same event types", async () => {
    const received: Notification[] = [];
    const fetch = async (request: Request) => {
      received.push(await createNotificationReceiver({ ...sandbox.credentials, clock: sandbox.clock })(request));
      return new Response();
    };
    // 合单支付
    const combined = { combine_mchid: "1900000109", sub_orders: [{ out_trade_no: "1" }] };
    await sandbox.notify(URL, { event_type, resource: combined }, { fetch });
    expect(received).toMatchObject([{ event_type, summary: event_type, resource: combined }]);
    const wrong = sandbox.notify(URL, { event_type, resource: (example) => ({ ...example, amount: 1 }) }, { fetch });
    await expect(wrong).rejects.toThrow("/resource/amount must be object");
  });

  test("a resource without an example is checked all the same, and one that no description knows is sent", async () => {
    await expect(sent({ event_type: "TRANSACTION.CLOSED", resource: {} })).rejects.toThrow("/resource/out_trade_no");
    expect(await sent({ event_type: "COUPON.USE", resource: { a: 1 } })).toMatchObject({ resource: { a: 1 } });
  });

  test("a reference of it that leads nowhere is named when the sandbox starts", async () => {
    const webhooks = { X: described({ "application/json": { schema: { $ref: "#/components/schemas/None" } } }) };
    await expect(createSandbox({ openapi: { paths: {}, webhooks } })).rejects.toThrow("no #/components/schemas/None");
    await expect(createSandbox({ openapi: { paths: {}, webhooks: [] as never } })).rejects.toThrow(
      "openapi must be an OpenAPI document",
    );
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
