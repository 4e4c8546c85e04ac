import { createPrivateKey, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { createNotificationReceiver, createWeChatPayClient, unwrap } from "wechatpay-openapi-fetch";
import { createSandbox, createSandboxKeys, type SandboxOptions } from "wechatpay-openapi-fetch/sandbox";
import openapi from "../../../generated/openapi.json" with { type: "json" };
import type { Action, ActionResult, Connection } from "../../../src/sandbox/console/messages.js";
import { freshRequest, PRE_ORDER } from "../../support/wechatpay.js";
import { start as startPay } from "../family/pay.js";
import { isVerified, send as sendSigned } from "../signed.js";
import { messages, openConsole, visit } from "./visitor.js";

type Console = Awaited<ReturnType<typeof visit>>;
const { value: tokenRequest } = openapi.components.examples["createToken.authorize.request"];

/** What an action answers. */
async function done({ act }: Console, action: Action): Promise<string> {
  const result: ActionResult = await act(action);
  if ("refused" in result) throw new Error(result.refused.en);
  return result.done;
}

/** Sends a documented example; what came of it. */
async function sendExample(console: Console, operationId: string, example?: string) {
  const ask = await done(console, { action: "example", operationId, ...(example !== undefined && { example }) });
  const request: { method: string; path: string; body?: Record<string, unknown> } = JSON.parse(ask);
  const id = await done(console, { action: "send", ...request });
  return { ...(await console.detail(Number(id))), request };
}

describe("the console's buttons", () => {
  test("change orders, refunds and transfers, and say why they cannot", async () => {
    const { sandbox, ...merchant } = await startPay();
    const { act, close } = await visit(sandbox);
    const [order, transfer] = [merchant.order(), merchant.transfer()];
    const { out_trade_no } = order;
    const { out_bill_no } = transfer;
    await merchant.place(order);
    await merchant.send(transfer);
    expect(await act({ action: "pay", out_trade_no })).toEqual({ done: expect.stringMatching(/^4200000000/) });
    expect(await act({ action: "pay", out_trade_no })).toEqual({
      refused: {
        en: `The order ${out_trade_no} cannot be paid: it is paid.`,
        zh: expect.stringContaining(out_trade_no),
      },
    });
    const refund = merchant.refundOf(order, 30);
    const { out_refund_no } = refund;
    await merchant.refund(refund);
    expect(await act({ action: "finishRefund", out_refund_no, status: "ABNORMAL" })).toEqual({ done: "ABNORMAL" });
    expect(await act({ action: "confirm", out_bill_no })).toEqual({ done: "SUCCESS" });
    await close();
  });

  test("authorize, verify, rotate and set the time forward", async () => {
    const { sandbox, act, close } = await openConsole({ authorized: false });
    const { openid, sub_mchid, authenticate_number: number } = freshRequest();
    const user = { openid, sub_mchid };
    expect(await act({ action: "authorize", ...user, state: "AUTHORIZED" })).toEqual({ done: "" });
    const body = JSON.stringify({ ...freshRequest(), ...user, authenticate_number: number });
    await sendSigned(sandbox, { target: PRE_ORDER, body });
    const state = "AUTHENTICATE_SUCCESS";
    expect(await act({ action: "authenticate", number, state })).toEqual({ done: state });
    expect(await act({ action: "rotate" })).toEqual({ done: expect.stringMatching(/^[\dA-F]{40}$/) });
    const before = sandbox.clock();
    await act({ action: "advance", ms: 86_400_000 });
    expect(sandbox.clock() - before).toBeGreaterThanOrEqual(86_400_000);
    await close();
  });

  test("take away one fault, or those that were made here", async () => {
    const { sandbox, act, state, send, close } = await openConsole();
    await act({ action: "fail", fault: "bad-gateway", times: 2 });
    await act({ action: "fail", fault: "reset", times: 1 });
    sandbox.fail({ fault: "rate-limited" });
    const [, { id } = { id: 0 }] = (await state()).faults;
    expect(await act({ action: "removeFault", id })).toEqual({ done: "" });
    expect((await state()).faults.map(({ fault }) => fault)).toEqual(["bad-gateway", "rate-limited"]);
    expect(await act({ action: "removeFault", id })).toEqual({
      refused: { en: "This fault has happened, or was cancelled.", zh: "这个故障已经发生，或已取消。" },
    });
    await act({ action: "endFaults" });
    const statuses = [(await send("/v3/nowhere")).status, (await send("/v3/nowhere")).status];
    expect(statuses).toEqual([429, 404]);
    await close();
  });
});

describe("send", () => {
  test("sends a request that is signed now, with its sensitive fields encrypted, and answers its id", async () => {
    const { sandbox, ...console } = await openConsole();
    sandbox.advance(86_400_000);
    const id = await done(console, {
      action: "send",
      method: "POST",
      path: "/v3/payroll-card/tokens",
      body: tokenRequest,
    });
    expect(id).toBe("1");
    const told = await console.detail(1);
    expect(told).toMatchObject({ verdict: "accepted", origin: console.url, body: tokenRequest });
    expect(told.decrypted.request).toEqual(["/user_name", "/id_card_number"]);
    expect(sandbox.requests).toHaveLength(1);
    await console.close();
  });

  test.each<NonNullable<SandboxOptions["platformKeys"]>>(["public-key", "certificate", "gray"])(
    "with platformKeys %s",
    async (platformKeys) => {
      const { sandbox, ...console } = await openConsole({ platformKeys });
      expect(await sendExample(console, "createToken")).toMatchObject({ verdict: "accepted", status: 200 });
      await console.close();
    },
  );

  test("sends a text as it stands, a request without a body, and what WeChat Pay refuses", async () => {
    const { sandbox, ...console } = await openConsole();
    await done(console, { action: "send", method: "POST", path: PRE_ORDER, body: '{ "a": 1 }' });
    await done(console, { action: "send", method: "GET", path: "/v3/certificates" });
    await done(console, { action: "send", method: "GET", path: "/v3/nowhere?a=%20#b" });
    expect(sandbox.requests.map(({ verdict, path }) => [verdict, path])).toEqual([
      ["invalid-parameter", PRE_ORDER],
      ["accepted", "/v3/certificates"],
      ["unknown-path", "/v3/nowhere?a=%20#b"],
    ]);
    expect((await console.detail(1)).sentBody).toBe('{ "a": 1 }');
    await console.close();
  });

  test("meets faults, and says where it did not arrive", async () => {
    const { sandbox, ...console } = await openConsole();
    const ask: Action = { action: "send", method: "GET", path: "/v3/certificates" };
    for (const fault of ["hang", "slow-body", "truncated-body", "reset"] as const) {
      sandbox.fail({ fault });
      expect((await console.detail(Number(await done(console, ask)))).fault).toBe(fault);
    }
    sandbox.fail({ fault: "refused" });
    expect(await console.act(ask)).toEqual({
      refused: {
        en: "The fault refused: there was no connection, so the request did not arrive.",
        zh: "故障 refused：连接被拒绝，请求没有到达。",
      },
    });
    expect((await console.rows("unconnected")).length).toBe(1);
    await console.close();
  });

  test("says which sensitive field cannot be encrypted, and not what it is", async () => {
    const { act, close } = await openConsole();
    const path = "/v3/payroll-card/tokens";
    for (const user_name of ["secret".repeat(40), 5]) {
      const result = await act({ action: "send", method: "POST", path, body: { ...tokenRequest, user_name } });
      expect(result).toEqual({
        refused: { en: expect.stringContaining("/user_name"), zh: expect.stringContaining("/user_name") },
      });
      expect(JSON.stringify(result)).not.toContain("secretsecret");
    }
    await close();
  });
});

describe("example", () => {
  /** Of operations that ask for a day when nothing was: the real example is refused. */
  const REFUSED = /^(downloadBill|get\w+Bill)$/;

  test("fills in each documented request so that it is taken here, and the second time too, with WeChat Pay's own numbers of what there is", async () => {
    const { sandbox, ...console } = await openConsole();
    const [start] = await messages(console.url);
    const operations = start?.type === "start" ? start.operations : [];
    expect(operations.length).toBeGreaterThan(30);
    const verdicts: unknown[] = [];
    for (const round of [1, 2]) {
      await pay(console, "createJsapiOrder");
      await pay(console, "createPartnerJsapiOrder");
      for (const made of ["createTransferBatch", "createTransferBill"]) await sendExample(console, made);
      for (const { operationId, examples } of operations) {
        for (const example of examples) {
          const { verdict, path } = await sendExample(console, operationId, example);
          if (verdict !== "accepted" && !REFUSED.test(operationId)) verdicts.push([round, operationId, example, path]);
        }
      }
    }
    expect(verdicts).toEqual([]);
    await console.close();
  });

  async function pay(console: Console, operationId: string): Promise<void> {
    const { request } = await sendExample(console, operationId);
    await done(console, { action: "pay", out_trade_no: String(request.body?.out_trade_no) });
  }

  test("is what the API docs link to: #send=createToken.authorize", async () => {
    const console = await openConsole();
    const [operationId = "", example] = "createToken.authorize".split(".");
    const { request } = await sendExample(console, operationId, example);
    expect(request).toEqual({ method: "POST", path: "/v3/payroll-card/tokens", body: tokenRequest });
    await console.close();
  });

  test("has none of an operation that takes a file", async () => {
    const upload = {
      operationId: "uploadImage",
      requestBody: {
        content: { "multipart/form-data": { schema: { type: "object", properties: { meta: {}, file: {} } } } },
      },
      responses: { 200: { content: { "application/json": { example: { media_id: "a" } } } } },
    };
    const { act, close } = await openConsole({ openapi: { paths: { "/v3/upload": { post: upload } } } });
    expect(await act({ action: "example", operationId: "uploadImage" })).toEqual({
      refused: { en: "uploadImage has no example that can be sent.", zh: "uploadImage 没有可发送的示例。" },
    });
    await close();
  });
});

/** A handler of notifications on a server of its own. */
async function answering(answer: (request: Request) => Promise<string> | string) {
  const server = createServer(async (incoming, outgoing) => {
    const headers = new Headers(incoming.headers as Record<string, string>);
    outgoing.end(await answer(new Request("http://a", { method: "POST", headers, body: await text(incoming) })));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${port}/notify`, close };
}

describe("notify", () => {
  test("sends a notification that verifies, and answers the id of its row", async () => {
    const { sandbox, ...console } = await openConsole();
    const received: Request[] = [];
    const server = createServer(async (incoming, outgoing) => {
      const headers = new Headers(incoming.headers as Record<string, string>);
      received.push(new Request("http://a", { method: "POST", headers, body: await text(incoming) }));
      outgoing.end('{"code":"SUCCESS"}');
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/notify`;
    const resource = { out_trade_no: "1" };
    expect(await done(console, { action: "notify", url, event_type: "TRANSACTION.SUCCESS", resource })).toBe("1");
    expect(await done(console, { action: "notify", url, event_type: "REFUND.SUCCESS" })).toBe("2");
    expect(await console.rows("notification")).toMatchObject([
      { id: 1, url, event_type: "TRANSACTION.SUCCESS", resource, status: 200, body: '{"code":"SUCCESS"}' },
      { id: 2, resource: { refund_status: "SUCCESS" } },
    ]);
    const [platformKey = ""] = Object.values(sandbox.credentials.platformKeys);
    const webhooks = {
      "ORDER.PAID": {
        post: {
          requestBody: {
            content: {
              "application/json": {
                schema: { properties: { resource: { required: ["a"] } } },
                example: { resource: { a: 1 } },
              },
            },
          },
        },
      },
    };
    const other = await openConsole({ openapi: { paths: {}, webhooks } });
    expect(await other.act({ action: "notify", url, event_type: "ORDER.PAID", resource: {} })).toEqual({
      refused: {
        en: expect.stringMatching(/^\/resource\/a is required/),
        zh: expect.stringMatching(/^\/resource\/a 不符合/),
      },
    });
    await other.close();
    for (const request of received) expect(await isVerified(request, platformKey)).toBe(true);
    server.close();
    expect(await done(console, { action: "notify", url: "http://127.0.0.1:1/", event_type: "REFUND.SUCCESS" })).toBe(
      "3",
    );
    expect((await console.rows("notification")).at(-1)).toMatchObject({
      error: { en: expect.stringContaining("no answer") },
    });
    await console.close();
  });
});

test("what a sandbox without certificates cannot do is said in both languages", async () => {
  const { act, close } = await openConsole({ platformKeys: "public-key" });
  expect(await act({ action: "rotate" })).toEqual({
    refused: {
      en: expect.stringMatching(/^This sandbox has a public key only/),
      zh: expect.stringContaining("公钥不会轮换"),
    },
  });
  await close();
});

describe("exampleNotification", () => {
  test("is verified by a program elsewhere, whose clock did not go forward with the sandbox's", async () => {
    const { sandbox, ...console } = await openConsole();
    const receive = createNotificationReceiver(sandbox.credentials);
    const told: unknown[] = [];
    const handler = await answering(async (request) => {
      told.push((await receive(request)).event_type);
      return "";
    });
    sandbox.advance(86_400_000);
    await done(console, { action: "notify", url: handler.url, event_type: "REFUND.SUCCESS" });
    expect(told).toEqual(["REFUND.SUCCESS"]);
    await handler.close();
    await console.close();
  });

  test("survives an answer that is long, and read no further", { tags: ["slow"] }, async () => {
    const { sandbox, ...console } = await openConsole();
    const unhandled: unknown[] = [];
    const hear = (reason: unknown) => unhandled.push(reason);
    process.on("unhandledRejection", hear);
    const handler = await answering(() => "y".repeat(3_000_000));
    await done(console, { action: "notify", url: handler.url, event_type: "REFUND.SUCCESS" });
    expect(await console.rows("notification")).toMatchObject([{ status: 200, body: "y".repeat(2_000) }]);
    // Longer than an answer is waited for.
    await new Promise((resolve) => setTimeout(resolve, 5_500));
    process.off("unhandledRejection", hear);
    expect(unhandled).toEqual([]);
    await handler.close();
    await console.close();
  });

  test("tells what notify sends by default, of each event type that the description knows", async () => {
    const { sandbox, ...console } = await openConsole();
    const [start] = await messages(console.url);
    const events = start?.type === "start" ? start.events : [];
    for (const event_type of events) {
      const told = JSON.parse(await done(console, { action: "exampleNotification", event_type }));
      let sent: Request | undefined;
      const keep = (request: Request) => {
        sent = request;
        return new Response();
      };
      await sandbox.notify("http://a.example/", { event_type }, { fetch: keep });
      const { credentials } = sandbox;
      const receive = createNotificationReceiver({ ...credentials, clock: sandbox.clock });
      expect((await receive(sent as Request)).resource).toEqual(told);
    }
    expect(events.length).toBeGreaterThan(3);
    expect(await console.act({ action: "exampleNotification", event_type: "NONE" })).toEqual({
      refused: {
        en: expect.stringMatching(/no example of the event type NONE: give a resource/),
        zh: expect.stringContaining("没有事件类型 NONE 的示例"),
      },
    });
    await console.close();
  });
});

describe("connect", () => {
  const connection = async (options?: SandboxOptions) => {
    const { sandbox, ...console } = await openConsole(options);
    const told: Connection = JSON.parse(await done(console, { action: "connect" }));
    await console.close();
    return { sandbox, told };
  };

  test("gives all that a client needs, and what other SDKs ask for", async () => {
    const { sandbox, told } = await connection();
    const { privateKeyPkcs1, certificate, ...credentials } = told;
    expect(credentials).toEqual(sandbox.credentials);
    const wechatpay = createWeChatPayClient({ ...credentials, fetch: sandbox.fetch });
    expect(unwrap(await wechatpay.POST(PRE_ORDER, { body: freshRequest() })).expires_in).toBe(300);
    expect(privateKeyPkcs1).toMatch(/^-----BEGIN RSA PRIVATE KEY-----\n/);
    const { serialNumber, subject } = new X509Certificate(certificate);
    expect([serialNumber, subject]).toEqual([credentials.serialNo, `CN=${credentials.mchid}`]);
    for (const pem of [credentials.privateKey, privateKeyPkcs1]) {
      expect(new X509Certificate(certificate).checkPrivateKey(createPrivateKey(pem))).toBe(true);
    }
  });

  test("gives the certificate of the keys that the sandbox was given", async () => {
    const keys = await createSandboxKeys();
    const { told } = await connection({ keys });
    expect(told).toMatchObject({ certificate: keys.certificate, apiV3Key: keys.apiV3Key });
  });

  test("is the only way to a key: nothing else that the console tells has one", async () => {
    const { sandbox, ...console } = await openConsole();
    await sendExample(console, "createToken");
    await done(console, { action: "connect" });
    const { privateKey, apiV3Key } = sandbox.credentials;
    const [, line = ""] = privateKey.split("\n");
    const told = [JSON.stringify(await messages(console.url))];
    for (const path of ["requests.json", "requests.har", "requests/1.json"])
      told.push(await (await fetch(`${console.url}/console/${path}`)).text());
    for (const each of told) {
      expect(each).not.toContain(apiV3Key);
      expect(each).not.toContain(line);
    }
    await console.close();
  });
});

test("createSandbox refuses an onUnconnected that is no function", async () => {
  await expect(createSandbox({ onUnconnected: "x" as never })).rejects.toThrow(/onUnconnected must be a function/);
});
