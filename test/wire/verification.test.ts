import { describe, expect, test } from "vitest";
import { unwrap, VerificationError, type VerificationReason } from "wechatpay-openapi-fetch";
import { generateKeys } from "../support/keys.js";
import {
  createObservedClient,
  examples,
  NOW,
  options,
  PLATFORM_KEY_ID,
  PRE_ORDER,
  platform,
  type ReplyInit,
  signedReply,
  unsignedReply,
} from "../support/wechatpay.js";
import { isHere, title, vectors } from "../vectors/published.js";

const body = examples.request;
const PROBE = `WECHATPAY/SIGNTEST/${"A".repeat(336)}`;

async function post(reply: Response, more = {}) {
  return createObservedClient(() => reply, more).wechatpay.POST(PRE_ORDER, { body });
}

async function rejection(reply: Response, more = {}): Promise<VerificationError> {
  const error = await post(reply, more).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof VerificationError) return error;
  throw new Error(`a VerificationError was expected, not ${String(error)}`);
}

describe("a good reply becomes data only with a valid signature", () => {
  test.each<[string, ReplyInit]>([
    ["as it comes", {}],
    ["300 s behind our clock", { timestamp: NOW / 1000 - 300 }],
    ["300 s ahead of our clock", { timestamp: NOW / 1000 + 300 }],
    ["201", { status: 201 }],
    ["serial in lower case", { headers: { "Wechatpay-Serial": PLATFORM_KEY_ID.toLowerCase() } }],
  ])("accepted: %s", async (_, init) => {
    expect(unwrap(await post(signedReply(init)))).toEqual(examples.response);
  });

  test.each<[string, ReplyInit, VerificationReason, RegExp]>([
    ["no timestamp", { headers: { "Wechatpay-Timestamp": null } }, "missing-header", /not all there/],
    ["no nonce", { headers: { "Wechatpay-Nonce": null } }, "missing-header", /not all there/],
    ["no signature", { headers: { "Wechatpay-Signature": null } }, "missing-header", /a proxy stripped them/],
    ["no serial", { headers: { "Wechatpay-Serial": null } }, "missing-header", /not all there/],
    ["a timestamp that is no time", { headers: { "Wechatpay-Timestamp": "1e9" } }, "missing-header", /not all there/],
    ["301 s behind", { timestamp: NOW / 1000 - 301 }, "clock-skew", /301 s behind our clock.*NTP/],
    ["301 s ahead", { timestamp: NOW / 1000 + 301 }, "clock-skew", /301 s ahead of our clock/],
    [
      "a serial that is not held",
      { headers: { "Wechatpay-Serial": "5157F09EFDC0" } },
      "unknown-serial",
      /5157F09EFDC0.*PUB_KEY_ID_0114/,
    ],
    ["a signature probe", { headers: { "Wechatpay-Signature": PROBE } }, "not-base64", /SIGNTEST/],
    ["base64 without its padding", { headers: { "Wechatpay-Signature": "QQ" } }, "not-base64", /no base64/],
    ["another key's signature", { signedBy: generateKeys().privateKey }, "mismatch", /does not belong to its body/],
    ["a signature that is cut", { headers: { "Wechatpay-Signature": "QUJD" } }, "mismatch", /does not belong/],
    ["another nonce", { headers: { "Wechatpay-Nonce": "x" } }, "mismatch", /does not belong/],
  ])("refused: %s", async (_, init, reason, message) => {
    const error = await rejection(signedReply(init));
    expect(error).toMatchObject({
      name: "VerificationError",
      reason,
      status: 200,
      requestId: "08F78BEDF20510E1B0011880D4D9E4CFBE05-0",
      operationId: "preOrderAuthentication",
      outcome: "unknown",
    });
    expect(error.message).toMatch(message);
    expect(error.message).toContain(`POST ${PRE_ORDER} was answered 200`);
    expect(error.message).toContain("query before you repeat it");
  });

  test("refused: a file whose operation is not marked, and the message says how to mark it", async () => {
    const file = () => unsignedReply(200, "a,b", "text/csv");
    const get = createObservedClient(file, { retry: false }).wechatpay.GET as (
      path: string,
      init: object,
    ) => Promise<unknown>;
    const error = await get("/v3/billdownload/file", { parseAs: "text" }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: "VerificationError", reason: "missing-header", operationId: undefined });
    expect(String(error)).toContain('x-wechatpay-response: unsigned in the spec, response: "unsigned" in operations');
    expect((await rejection(unsignedReply(200, "{}"))).message).not.toContain("x-wechatpay-response");
  });

  test("refused: a body changed by one byte", async () => {
    const reply = signedReply();
    const changed = (await reply.clone().text()).replace("300", "301");
    expect(await rejection(new Response(changed, { headers: reply.headers }))).toMatchObject({ reason: "mismatch" });
  });

  test("refused: the same JSON in other words, for raw bytes are what was signed", async () => {
    const reply = signedReply();
    const spaced = JSON.stringify(JSON.parse(await reply.clone().text()), null, 1);
    expect(await rejection(new Response(spaced, { headers: reply.headers }))).toMatchObject({ reason: "mismatch" });
  });

  test("verified before anyone parses: bytes that are no UTF-8 and begin with a BOM", async () => {
    const bytes = Uint8Array.of(0xef, 0xbb, 0xbf, 0x22, 0xff, 0x22);
    expect((await post(signedReply({ body: bytes }))).data).toBe("\ufffd");
  });

  test.each([
    ["204", signedReply({ status: 204, body: null }), unsignedReply(200, "")],
    ["200 with an empty body", signedReply({ body: "" }), unsignedReply(200, null)],
  ])("%s carries a signature as well", async (_, signed, unsigned) => {
    const { data, response } = await post(signed);
    expect(data).toBeUndefined();
    expect(response.ok).toBe(true);
    expect(await rejection(unsigned)).toMatchObject({ reason: "missing-header" });
  });

  test("an HTML page with status 200 is no answer of the API", async () => {
    expect(await rejection(unsignedReply(200, "<html>login</html>", "text/html"))).toMatchObject({
      reason: "missing-header",
    });
  });

  test("a query has no unknown outcome", async () => {
    const { wechatpay } = createObservedClient(() => unsignedReply(200, "{}"));
    const get = wechatpay as never as { GET(path: string): Promise<unknown> };
    const error = await get.GET("/v3/unknown").catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: "VerificationError", outcome: undefined, operationId: undefined });
    expect(String(error)).not.toContain("query before you repeat it");
  });

  test("by its status, whatever else a transport says of it", async () => {
    const stub = { status: 200, headers: new Headers(), body: new Response('{"evil":1}').body };
    expect(await rejection(stub as Response)).toMatchObject({ reason: "missing-header" });
    const lying = Object.defineProperty(unsignedReply(200, '{"evil":1}'), "ok", { value: false });
    expect(await rejection(lying)).toMatchObject({ reason: "missing-header" });
  });

  test("though somebody wrote into Object.prototype", async () => {
    const polluted = Object.prototype as { response?: string };
    polluted.response = "unsigned";
    try {
      expect(await rejection(unsignedReply(200, "{}"))).toMatchObject({ reason: "missing-header" });
    } finally {
      delete polluted.response;
    }
  });

  test("a reason phrase that no constructor takes does no harm", async () => {
    const reply = Object.defineProperty(signedReply(), "statusText", { value: "好" });
    expect(unwrap(await post(reply))).toEqual(examples.response);
  });

  test("no more than 16 MiB are read", async () => {
    let sent = 0;
    const endless = new ReadableStream({
      pull: (controller) => void controller.enqueue(new Uint8Array((sent += 2 ** 20) && 2 ** 20)),
    });
    await expect(post(new Response(endless))).rejects.toThrow(/more than 16777216 bytes/);
    expect(sent).toBeLessThan(20 * 2 ** 20);
  });

  test.each([0, 99, 600, 999])("%i is no status", async (status) => {
    const reply = { status, headers: new Headers(), body: null, type: "default", redirected: false };
    await expect(post(reply as Response)).rejects.toThrow(`was answered ${status}, no status of HTTP`);
  });

  test("only an operation that the spec marks as unsigned is exempt", async () => {
    const operations = { "GET /v3/billdownload/file": { operationId: "downloadBill", response: "unsigned" } } as const;
    const { wechatpay } = createObservedClient(() => unsignedReply(200, "`2020-01-01", "text/plain"), { operations });
    const get = wechatpay as never as { GET(path: string, init?: unknown): Promise<{ data: unknown }> };
    expect((await get.GET("/v3/billdownload/file", { parseAs: "text" })).data).toBe("`2020-01-01");
    await expect(get.GET("/v3/certificates", { parseAs: "text" })).rejects.toThrow(VerificationError);
  });

  test("the reply keeps its status, headers and URL", async () => {
    const { response } = await post(
      Object.defineProperty(signedReply({ status: 202 }), "url", { value: "https://api.mch.weixin.qq.com/x" }),
    );
    expect(response.status).toBe(202);
    expect(response.url).toBe("https://api.mch.weixin.qq.com/x");
    expect(response.headers.get("Wechatpay-Serial")).toBe(PLATFORM_KEY_ID);
  });
});

describe("an error reply shows WeChat Pay's own code and message", () => {
  const error = '{"code":"NO_AUTH","message":"商户号没有权限"}';

  test.each<[string, Response]>([
    ["signed", signedReply({ status: 403, body: error })],
    ["unsigned", unsignedReply(403, error)],
    [
      "signed with a key that we do not hold",
      signedReply({ status: 403, body: error, headers: { "Wechatpay-Serial": "5157F09EFDC0" } }),
    ],
    ["with a header stripped", signedReply({ status: 403, body: error, headers: { "Wechatpay-Nonce": null } })],
  ])("%s", async (_, reply) => {
    expect((await post(reply)).error).toEqual(JSON.parse(error));
  });

  test.each<[string, ReplyInit, VerificationReason]>([
    ["a wrong signature", { signedBy: generateKeys().privateKey }, "mismatch"],
    ["a signature that is no base64", { headers: { "Wechatpay-Signature": PROBE } }, "not-base64"],
    ["an old signature", { timestamp: NOW / 1000 - 3600 }, "clock-skew"],
  ])("and with %s it rejects", async (_, init, reason) => {
    expect(await rejection(signedReply({ status: 403, body: error, ...init }))).toMatchObject({ reason, status: 403 });
  });
});

describe("which key", () => {
  const other = generateKeys();

  test("several at once: the reply's Wechatpay-Serial chooses, the public key is asked for", async () => {
    const serial = "05157F09EFDC096DE15EBE81A47057A7232F1B8E";
    const platformKeys = { [serial]: other.publicKey, [PLATFORM_KEY_ID]: platform.publicKey };
    for (const [name, key] of [
      [PLATFORM_KEY_ID, platform],
      [serial, other],
      [serial.toLowerCase().slice(1), other],
    ] as const) {
      const reply = signedReply({ signedBy: key.privateKey, headers: { "Wechatpay-Serial": name } });
      const { wechatpay, sent } = createObservedClient(() => reply, { platformKeys });
      expect(unwrap(await wechatpay.POST(PRE_ORDER, { body }))).toEqual(examples.response);
      expect(sent[0]?.headers.get("Wechatpay-Serial")).toBe(PLATFORM_KEY_ID);
    }
    const swapped = signedReply({ signedBy: other.privateKey });
    expect(await rejection(swapped, { platformKeys })).toMatchObject({ reason: "mismatch", serial: PLATFORM_KEY_ID });
  });

  test("the merchant's own serial among platformKeys is refused at construction", () => {
    for (const serial of [options.serialNo, options.serialNo.toLowerCase(), `0${options.serialNo}`]) {
      expect(() =>
        createObservedClient(() => signedReply(), { platformKeys: { [serial]: platform.publicKey } }),
      ).toThrow(/is your own certificate.*PUB_KEY_ID_/);
    }
  });
});

describe.skipIf(!isHere)(title, () => {
  test("a captured signature probe is told apart", async () => {
    const [{ headers } = { headers: {} as Record<string, string> }] = vectors<{ headers: Record<string, string> }>(
      "samples",
      "probe-signature",
    );
    const serial = headers["Wechatpay-Serial"] ?? "";
    const error = await rejection(signedReply({ headers }), {
      platformKeys: { [serial]: platform.publicKey },
      clock: () => Number(headers["Wechatpay-Timestamp"]) * 1000,
    });
    expect(error.reason).toBe("not-base64");
  });

  for (const { id, status, body: text } of vectors<{ id: string; status: number; body: string }>(
    "samples",
    "error-body",
  )) {
    test(`${id} stays as it is`, async () => {
      expect((await post(unsignedReply(status, text))).error).toEqual(JSON.parse(text));
    });
  }
});
