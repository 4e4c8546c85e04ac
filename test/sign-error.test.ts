import { describe, expect, test } from "vitest";
import { ApiError, createWeChatPayClient, unwrap } from "wechatpay-openapi-fetch";
import { createSandbox } from "wechatpay-openapi-fetch/sandbox";
import { generateKeys } from "./support/keys.js";
import { createObservedClient, examples, NOW, PRE_ORDER } from "./support/wechatpay.js";
import { isHere, title, vectors } from "./vectors/published.js";

const body = examples.request;

/** The message of the ApiError for a 401 whose sign_information is made from what was sent. */
async function explanation(
  change: (information: Record<string, unknown>) => void,
  headers: HeadersInit = {},
  issue = "sign not match",
): Promise<string> {
  const { wechatpay } = createObservedClient(async (request) => {
    const { timestamp, nonce_str } = Object.fromEntries(
      Array.from((request.headers.get("Authorization") ?? "").matchAll(/(\w+)="([^"]*)"/g), ([, name, value]) => [
        name,
        value,
      ]),
    );
    const text = await request.text();
    const url = new URL(request.url).pathname;
    const head = `POST\n${url}\n${timestamp}\n${nonce_str}\n`;
    const information: Record<string, unknown> = {
      method: "POST",
      sign_message_length: Buffer.byteLength(`${head}${text}\n`),
      truncated_sign_message: `${head}${text.slice(0, 8)}\n`,
      url,
    };
    change(information);
    const detail = {
      detail: { issue },
      field: "signature",
      location: "authorization",
      sign_information: information,
    };
    return Response.json({ code: "SIGN_ERROR", message: "错误的签名，验签失败", detail }, { status: 401, headers });
  });
  const result = await wechatpay.POST(PRE_ORDER, { body });
  expect(result.error?.message).toBe("错误的签名，验签失败");
  try {
    unwrap(result);
  } catch (error) {
    if (error instanceof ApiError) return error.message;
  }
  throw new Error("an ApiError was expected");
}

describe("a SIGN_ERROR explains itself", () => {
  test.each<[string, (information: Record<string, unknown>) => void, RegExp]>([
    [
      "another method",
      (i) => void (i.method = "GET"),
      /the method was changed after it was signed \(WeChat Pay saw "GET"\)/,
    ],
    [
      "another URL",
      (i) => void (i.url = `/wx${PRE_ORDER}`),
      /the URL was changed after it was signed \(WeChat Pay saw "\/wx\/v3/,
    ],
    [
      "another timestamp",
      (i) => void (i.truncated_sign_message = String(i.truncated_sign_message).replace("1554208460", "1554208461")),
      /the timestamp was changed after it was signed \(WeChat Pay saw "1554208461"\)/,
    ],
    [
      "another nonce",
      (i) => void (i.truncated_sign_message = String(i.truncated_sign_message).replace(/\n\w{32}\n/, "\nx\n")),
      /the nonce was changed after it was signed/,
    ],
    [
      "another length",
      (i) => void (i.sign_message_length = 71),
      /was signed with 3\d\d bytes, but WeChat Pay counted 71: the body was changed/,
    ],
    [
      "another body of the same length",
      (i) => void (i.truncated_sign_message = String(i.truncated_sign_message).replace('{"openid', "{ openid")),
      /the body that arrived begins differently from the one that was signed/,
    ],
    [
      "no difference",
      () => {},
      /the very message that was signed, so most likely privateKey and serialNo do not belong together/,
    ],
  ])("%s", async (_, change, message) => {
    const text = await explanation(change);
    expect(text).toMatch(/^错误的签名，验签失败 \(.*\.\)$/);
    expect(text).toMatch(message);
    expect(text).not.toContain(body.openid);
  });

  test.each([
    [NOW + 600_000, /clock is 600 s behind WeChat Pay's/],
    [NOW - 3_600_000, /clock is 3600 s ahead of WeChat Pay's/],
  ])("the clock, by the reply's Date", async (date, message) => {
    expect(await explanation(() => {}, { Date: new Date(date).toUTCString() })).toMatch(message);
  });

  test.each<[string, (information: Record<string, unknown>) => void]>([
    ["an object for the message", (i) => void (i.truncated_sign_message = { toString: 1 })],
    ["a URL of 5 MB with control characters", (i) => void (i.url = `/\u001b[2J\u202e${"x".repeat(5e6)}`)],
    [
      "a line of the body in the nonce's place",
      (i) => void (i.truncated_sign_message = `POST\n${PRE_ORDER}\n{"id_card":"44010419900101"}\nx\ny\n`),
    ],
    [
      "everything null",
      (i) =>
        void Object.assign(i, { method: null, url: null, sign_message_length: null, truncated_sign_message: null }),
    ],
  ])("hostile: %s", async (_, change) => {
    const text = await explanation(change);
    expect(text.length).toBeLessThan(600);
    expect(text).not.toMatch(/\p{Cc}|\p{Cf}|44010419900101/u);
  });

  test("a reply that tells nothing gets no explanation", async () => {
    const { wechatpay } = createObservedClient(() =>
      Response.json({ code: "SIGN_ERROR", message: "签名错误" }, { status: 401 }),
    );
    const result = await wechatpay.POST(PRE_ORDER, { body });
    expect(() => unwrap(result)).toThrow(/^签名错误$/);
  });
});

describe("a URL that was changed is shown without what a caller filled in", () => {
  const RELATION = "/v3/payroll-card/relations/{openid}";

  /** The message for a query of `openid` that WeChat Pay saw as `url`. */
  async function explanationOf(openid: string, url: string): Promise<string> {
    const { wechatpay } = createObservedClient(() => {
      const detail = { detail: { issue: "sign not match" }, sign_information: { method: "GET", url } };
      return Response.json({ code: "SIGN_ERROR", message: "错误的签名，验签失败", detail }, { status: 401 });
    });
    const params = { path: { openid }, query: { sub_mchid: "1111111" } } as const;
    const result = await wechatpay.GET(RELATION, { params });
    try {
      unwrap(result);
    } catch (error) {
      return (error as ApiError).message;
    }
    throw new Error("an ApiError was expected");
  }

  test.each<[string, string, string, RegExp]>([
    [
      "a proxy that strips the beginning",
      "onqOjjmo8wmTOOtSKwXtGjg9Gb58",
      "/relations/onqOjjmo8wmTOOtSKwXtGjg9Gb58?sub_mchid=1111111",
      /the URL was changed after it was signed \(WeChat Pay saw "\/relations\/…"\)/,
    ],
    [
      "a value that was written in another way",
      "张三",
      "/v3/payroll-card/relations/张三?sub_mchid=1111111",
      /the URL was changed .* \(WeChat Pay saw "\/v3\/payroll-card\/relations\/…"\)/,
    ],
    [
      "a value that looks like a name of the API",
      "zhangsan",
      "/wx/v3/payroll-card/relations/zhangsan?sub_mchid=1111111",
      /the URL was changed .* \(WeChat Pay saw "\/wx\/v3\/payroll-card\/relations\/…"\)/,
    ],
    [
      "another query",
      "onqOjjmo8wmTOOtSKwXtGjg9Gb58",
      "/v3/payroll-card/relations/onqOjjmo8wmTOOtSKwXtGjg9Gb58?id_card=secret&sub_mchid=1111111",
      /the query was changed after it was signed, by the transport/,
    ],
  ])("%s", async (_, openid, url, message) => {
    const text = await explanationOf(openid, url);
    expect(text).toMatch(message);
    for (const value of [openid, "1111111", "secret"]) expect(text).not.toContain(value);
  });
});

test("a fault that the server names, and that is no wrong signature, is not explained by a key", async () => {
  const text = await explanation(
    (information) => {
      delete information.truncated_sign_message;
      delete information.sign_message_length;
    },
    {},
    "malformed",
  );
  expect(text).toBe("错误的签名，验签失败");
});

describe("against the sandbox", async () => {
  const sandbox = await createSandbox();
  const create = (more: object) => createWeChatPayClient({ ...sandbox.credentials, fetch: sandbox.fetch, ...more });

  test("a key that does not belong to the serial", async () => {
    const result = await create({ privateKey: generateKeys().privateKey }).POST(PRE_ORDER, { body });
    expect(() => unwrap(result)).toThrow(/privateKey and serialNo do not belong together/);
  });

  test("a clock that is off", async () => {
    const result = await create({ clock: () => Date.now() - 400_000 }).POST(PRE_ORDER, { body });
    expect(() => unwrap(result)).toThrow(/clock is (400|401|399) s behind/);
  });

  test("a transport that changes the body", async () => {
    const fetch = async (request: Request) =>
      sandbox.fetch(new Request(request, { body: (await request.text()).replace("某项目", "某项目二") }));
    const result = await create({ fetch }).POST(PRE_ORDER, { body });
    expect(() => unwrap(result)).toThrow(/the body was changed after it was signed/);
  });
});

test.skipIf(!isHere)(`${title}: a SIGN_ERROR of the real server is understood`, async () => {
  const found = vectors<{ id: string; body: string }>("samples", "error-body").find(
    ({ id }) => id === "error-sign-not-match",
  );
  const { wechatpay } = createObservedClient(() => new Response(found?.body, { status: 401 }));
  const result = await wechatpay.POST(PRE_ORDER, { body });
  expect(() => unwrap(result)).toThrow(
    /the URL was changed after it was signed \(WeChat Pay saw "\/v3\/transfer\/batches"\)/,
  );
});
