import { once } from "node:events";
import { request } from "node:http";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { describe, expect, test, vi } from "vitest";
import {
  ApiError,
  createNotificationReceiver,
  createWeChatPayClient,
  type Operations,
  unwrap,
} from "wechatpay-openapi-fetch";
import {
  apiError,
  type BehaviourInput,
  type Behaviours,
  createSandbox,
  inBeijing,
  type OpenApiDocument,
  type SandboxOptions,
} from "wechatpay-openapi-fetch/sandbox";
import { examples, NOW, PRE_ORDER } from "../support/wechatpay.js";
import { isSigned, isVerified, ORIGIN, send, signedHeaders } from "./signed.js";

const NATIVE = "/v3/pay/transactions/native";
const ORDER = "/v3/pay/transactions/out-trade-no/{out_trade_no}";
const CLOSE = "/v3/pay/transactions/out-trade-no/{out_trade_no}/close";
const BILL = "/v3/billdownload/file";

const text = { type: "string" };
const sensitive = { ...text, "x-wechatpay-sensitive": true };
const json = (schema: object, example?: object) => ({
  content: { "application/json": { schema, ...(example && { example }) } },
});
const inPath = { name: "out_trade_no", in: "path", required: true, schema: text };

const openapi: OpenApiDocument = {
  paths: {
    [NATIVE]: {
      post: {
        operationId: "createNativeOrder",
        requestBody: {
          required: true,
          ...json({
            type: "object",
            required: ["out_trade_no"],
            properties: { out_trade_no: text, payer_name: sensitive },
          }),
        },
        responses: {
          201: json(
            { type: "object", required: ["code_url"], properties: { code_url: text } },
            { code_url: "example" },
          ),
        },
      },
    },
    [ORDER]: {
      get: {
        operationId: "getOrder",
        parameters: [inPath, { name: "limit", in: "query", schema: { type: "integer" } }],
        responses: { 200: json({ $ref: "#/components/schemas/Order" }) },
      },
    },
    [CLOSE]: { post: { operationId: "closeOrder", parameters: [inPath], responses: { 204: { description: "" } } } },
    [BILL]: {
      get: {
        operationId: "downloadBill",
        "x-wechatpay-response": "unsigned",
        responses: { 200: { content: { "text/csv": { example: "example" } } } },
      },
    },
  },
  components: {
    schemas: {
      Order: {
        type: "object",
        required: ["out_trade_no", "trade_state"],
        properties: {
          out_trade_no: text,
          trade_state: text,
          total: { type: "integer" },
          payer_name: sensitive,
        },
      },
    },
  },
};
const operations: Operations = {
  [`POST ${NATIVE}`]: { operationId: "createNativeOrder", sensitive: { request: ["/payer_name"] } },
  [`GET ${ORDER}`]: { operationId: "getOrder", sensitive: { response: ["/payer_name"] } },
  [`POST ${CLOSE}`]: { operationId: "closeOrder" },
  [`GET ${BILL}`]: { operationId: "downloadBill", response: "unsigned" },
};

interface Order {
  out_trade_no: string;
  trade_state: "NOTPAY" | "SUCCESS" | "CLOSED" | (string & {});
  total?: number;
  payer_name?: string;
}
type Json<T> = { headers: Record<string, unknown>; content: { "application/json": T } };
type InPath = { query?: never; header?: never; path: { out_trade_no: string }; cookie?: never };
/** What openapi-typescript would make of it. */
interface Paths {
  [NATIVE]: {
    post: {
      parameters: { query?: never; header?: never; path?: never; cookie?: never };
      requestBody: { content: { "application/json": Omit<Order, "trade_state"> & { notify_url?: string } } };
      responses: { 201: Json<{ code_url: string }> };
    };
  };
  [ORDER]: {
    get: {
      parameters: Omit<InPath, "query"> & { query?: { limit?: number } };
      requestBody?: never;
      responses: { 200: Json<Order> };
    };
  };
  [CLOSE]: {
    post: {
      parameters: InPath;
      requestBody?: never;
      responses: { 204: { headers: Record<string, unknown>; content?: never } };
    };
  };
  [BILL]: {
    get: {
      parameters: { query?: never; header?: never; path?: never; cookie?: never };
      requestBody?: never;
      responses: { 200: { headers: Record<string, unknown>; content: { "text/csv": string } } };
    };
  };
}

/** The sandbox with behaviours, and a merchant who calls it. */
async function start(behaviours: Behaviours<Paths>, options: SandboxOptions<Paths> = {}) {
  const sandbox = await createSandbox({ openapi, behaviours, clock: () => NOW, ...options });
  const wire: Response[] = [];
  const wechatpay = createWeChatPayClient<Paths>({
    ...sandbox.credentials,
    operations,
    clock: sandbox.clock,
    retry: false,
    async fetch(request) {
      const reply = await sandbox.fetch(request);
      wire.push(reply.clone());
      return reply;
    },
  });
  const params = { path: { out_trade_no: "订单/1" } };
  return {
    sandbox,
    wechatpay,
    /** The replies, as they came. */
    wire,
    create: async (more: object = {}) =>
      unwrap(await wechatpay.POST(NATIVE, { body: { out_trade_no: "订单/1", ...more } })),
    query: async () => unwrap(await wechatpay.GET(ORDER, { params })),
    close: async () => unwrap(await wechatpay.POST(CLOSE, { params })),
  };
}

/** A behaviour that nobody's types have seen, as from JavaScript. */
const untyped = (behaviour: (input: BehaviourInput) => unknown) => behaviour as () => never;

test("create, query, close, query: one story", async () => {
  const orders = new Map<string, Order>();
  const find = (number: string) => {
    const order = orders.get(number);
    if (order === undefined) throw apiError(404, "ORDER_NOT_EXIST", "订单不存在");
    return order;
  };
  const merchant = await start({
    "POST /v3/pay/transactions/native": ({ body }) => {
      orders.set(body.out_trade_no, { ...body, trade_state: "NOTPAY" });
      return { code_url: `weixin://wxpay/bizpayurl?pr=${orders.size}` };
    },
    "GET /v3/pay/transactions/out-trade-no/{out_trade_no}": ({ params }) => find(params.path.out_trade_no),
    "POST /v3/pay/transactions/out-trade-no/{out_trade_no}/close": ({ params }) => {
      find(params.path.out_trade_no).trade_state = "CLOSED";
    },
  });

  await expect(merchant.query()).rejects.toMatchObject({ code: "ORDER_NOT_EXIST" });
  expect(await merchant.create({ total: 100 })).toEqual({ code_url: "weixin://wxpay/bizpayurl?pr=1" });
  expect(await merchant.query()).toEqual({ out_trade_no: "订单/1", total: 100, trade_state: "NOTPAY" });
  expect(await merchant.close()).toBeUndefined();
  expect(await merchant.query()).toMatchObject({ trade_state: "CLOSED" });
  expect(merchant.wire.map(({ status }) => status)).toEqual([404, 201, 200, 204, 200]);
  expect(merchant.sandbox.requests.map(({ verdict }) => verdict)).toEqual([
    "business-error",
    ...Array(4).fill("accepted"),
  ]);
});

describe("a behaviour is told", () => {
  test("parameters and body as the caller gave them, the merchant, the sandbox's time", async () => {
    const told: unknown[] = [];
    const { sandbox, wechatpay, create } = await start({
      "POST /v3/pay/transactions/native": ({ notify, ...input }) => {
        told.push(structuredClone(input));
        input.body.out_trade_no = "changed";
        return { code_url: "" };
      },
      "GET /v3/pay/transactions/out-trade-no/{out_trade_no}": ({ params, body, now }) => {
        told.push({ params, body, now: inBeijing(now) });
        return { out_trade_no: params.path.out_trade_no, trade_state: "SUCCESS" };
      },
    });
    await create({ payer_name: "张三" });
    sandbox.advance(60_000);
    await wechatpay.GET(ORDER, { params: { path: { out_trade_no: "a b" }, query: { limit: 5 } } });
    const { mchid } = sandbox.credentials;
    const body = { out_trade_no: "订单/1", payer_name: "张三" };
    const sent = /^\{"out_trade_no":"订单\/1","payer_name":"[\w+/]{342}=="\}$/;
    expect(told).toEqual([
      { params: { path: {}, query: {} }, body, text: expect.stringMatching(sent), mchid, origin: ORIGIN, now: NOW },
      {
        params: { path: { out_trade_no: "a b" }, query: { limit: 5 } },
        body: undefined,
        now: "2019-04-02T20:35:20+08:00",
      },
    ]);
    expect(sandbox.requests[0]?.body, "what arrived stays as it was").toEqual(body);
  });

  test("how to send a notification, which the merchant verifies and decrypts", async () => {
    const received: unknown[] = [];
    const { sandbox, create } = await start({
      "POST /v3/pay/transactions/native": async ({ body, notify }) => {
        const event = { event_type: "TRANSACTION.SUCCESS", resource: { out_trade_no: body.out_trade_no } };
        const { status } = await notify("http://localhost/notify", event, { fetch: handle });
        return { code_url: `${status}` };
      },
    });
    const { apiV3Key, platformKeys } = sandbox.credentials;
    const receive = createNotificationReceiver({ apiV3Key, platformKeys, clock: sandbox.clock });
    async function handle(request: Request) {
      received.push((await receive(request)).resource);
      return new Response(null, { status: 204 });
    }
    expect(await create()).toEqual({ code_url: "204" });
    expect(received).toEqual([{ out_trade_no: "订单/1" }]);
  });
});

describe("a behaviour answers", () => {
  test("sensitive fields in plain text, which the sandbox encrypts", async () => {
    const { query, wire } = await start({
      "GET /v3/pay/transactions/out-trade-no/{out_trade_no}": async () => ({
        out_trade_no: "1",
        trade_state: "SUCCESS",
        payer_name: "张三",
      }),
    });
    expect(await query()).toMatchObject({ payer_name: "张三" });
    expect(await wire[0]?.json()).toMatchObject({ payer_name: expect.stringMatching(/^[\w+/]{342}==$/) });
  });

  test("an error, signed, as the caller's ApiError", async () => {
    const detail = { field: "/out_trade_no", value: "1", issue: "is used", location: "body" };
    const { sandbox, create, wire } = await start({
      "POST /v3/pay/transactions/native": () => {
        throw apiError(403, "OUT_TRADE_NO_USED", "商户订单号重复", detail);
      },
    });
    const error = await create().catch((error: unknown) => error);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 403, code: "OUT_TRADE_NO_USED", detail, verified: true });
    const [key = ""] = Object.values(sandbox.credentials.platformKeys);
    expect(await isVerified(wire[0] as Response, key)).toBe(true);
    expect(sandbox.requests).toMatchObject([{ verdict: "business-error", status: 403 }]);
  });

  test.each([
    ["status", [200, "X", "x"]],
    ["status", ["404", "X", "x"]],
    ["code", [404, "", "x"]],
    ["message", [404, "X", undefined]],
    ["detail", [400, "X", "x", "field"]],
  ])("no error without its %s: %j", (name, given) => {
    expect(() => apiError(...(given as Parameters<typeof apiError>))).toThrow(new RegExp(`^${name} must be `));
  });

  test("a number beyond 2^53 by a BigInt, with all its digits; and reads one in the text of the request", async () => {
    const { sandbox, wechatpay, query } = await start({
      "GET /v3/pay/transactions/out-trade-no/{out_trade_no}": () => ({
        out_trade_no: "1",
        trade_state: "SUCCESS",
        payer_name: "张三",
        total: 9007199254740993n,
      }),
      "POST /v3/pay/transactions/native": ({ text }) => ({ code_url: /"total":(\d+)/.exec(text)?.[1] ?? "" }),
    });
    const params = { path: { out_trade_no: "1" } };
    const { data } = await wechatpay.GET(ORDER, { params, parseAs: "text" });
    expect(data).toBe('{"out_trade_no":"1","trade_state":"SUCCESS","payer_name":"张三","total":9007199254740993}');
    expect(await query()).toMatchObject({ total: 9007199254740992 });
    const body = '{"out_trade_no":"1","total":9007199254740993}';
    expect(await (await send(sandbox, { target: NATIVE, body })).json()).toEqual({ code_url: "9007199254740993" });
  });

  test("a file by its text or its bytes, unsigned as the spec says", async () => {
    const bytes = gzipSync("交易时间\n`2019-06-11\n");
    const answers = ["交易时间,1\n", bytes, new Uint8Array(0)];
    const { wechatpay, wire } = await start({ "GET /v3/billdownload/file": () => answers.shift() ?? "" });
    const download = async () => Buffer.from(unwrap(await wechatpay.GET(BILL, { parseAs: "arrayBuffer" })));
    expect((await download()).toString()).toBe("交易时间,1\n");
    expect(await download()).toEqual(bytes);
    expect((await download()).length).toBe(0);
    expect(wire.map((reply) => [reply.status, isSigned(reply)])).toEqual(Array(3).fill([200, false]));
    expect(wire[1]?.headers.get("Content-Type")).toBe("text/csv");
  });
});

describe("a behaviour that is wrong is an unsigned 500 that names it, and no lie", () => {
  const order = { out_trade_no: "1", trade_state: "SUCCESS" };
  const rows: [string, keyof Behaviours<Paths>, unknown, string][] = [
    ["a field that is missing", `GET ${ORDER}`, { out_trade_no: "1" }, "/trade_state is required"],
    ["a text for a number", `GET ${ORDER}`, { ...order, total: "1" }, "/total must be integer"],
    ["NaN", `GET ${ORDER}`, { ...order, total: Number.NaN }, "/total must be integer"],
    ["a BigInt for a text", `GET ${ORDER}`, { ...order, trade_state: 1n }, "/trade_state must be string"],
    ["a missing await", `GET ${ORDER}`, { ...order, trade_state: Promise.resolve("") }, "/trade_state must be string"],
    ["a list", `GET ${ORDER}`, [order], "the body must be object"],
    ["nothing", `GET ${ORDER}`, undefined, "it must return the JSON that the spec describes; it returned Undefined"],
    ["bytes for JSON", `GET ${ORDER}`, new Uint8Array(1), "/out_trade_no is required"],
    ["a body of a 204", `POST ${CLOSE}`, {}, "it must return nothing: the spec describes no body; it returned Object"],
    ["JSON for a file", `GET ${BILL}`, {}, "it must return text or bytes (text/csv) that the spec describes"],
  ];
  const call = (sandbox: Parameters<typeof send>[0], name: string) => {
    const [method = "", path = ""] = name.split(" ");
    return send(sandbox, { method, target: path.replace("{out_trade_no}", "1") });
  };

  test.each(rows)("it returns %s", async (_, name, returned, message) => {
    const { sandbox } = await start({ [name]: untyped(() => returned) });
    const reply = await call(sandbox, name);
    expect([reply.status, isSigned(reply)]).toEqual([500, false]);
    const said = expect.stringContaining(message);
    expect(await reply.json()).toEqual({ code: "SYSTEM_ERROR", message: said });
    expect(sandbox.requests).toMatchObject([{ verdict: "sandbox-error", status: 500, error: said }]);
  });

  test("it throws: the message is in the reply, and the stack in the log", async () => {
    const { sandbox, query } = await start({
      "GET /v3/pay/transactions/out-trade-no/{out_trade_no}": async () => {
        throw new RangeError("no such row");
      },
    });
    await expect(query()).rejects.toMatchObject({
      code: "SYSTEM_ERROR",
      message: `The sandbox failed: the behaviour of GET ${ORDER}: RangeError: no such row`,
    });
    expect(sandbox.requests[0]?.error).toMatch(/^RangeError: no such row\n.*behaviours\.test\.ts/s);
  });

  test("it returns an error that it should throw", async () => {
    const { sandbox } = await start({
      [`GET ${ORDER}`]: untyped(() => apiError(404, "ORDER_NOT_EXIST", "订单不存在")),
      [`POST ${CLOSE}`]: untyped(() => Object.assign(new Error("no such row"), order)),
    });
    expect((await call(sandbox, `GET ${ORDER}`)).status).toBe(404);
    expect((await call(sandbox, `POST ${CLOSE}`)).status).toBe(500);
  });

  test("it throws what is no Error", async () => {
    const { sandbox } = await start({
      "POST /v3/pay/transactions/out-trade-no/{out_trade_no}/close": () => {
        throw "closed";
      },
    });
    expect(await (await call(sandbox, `POST ${CLOSE}`)).json()).toMatchObject({
      message: expect.stringContaining(`the behaviour of POST ${CLOSE}: closed`),
    });
    expect(sandbox.requests[0]?.error).toBe("closed");
  });
});

test("it knows the origin that it was called by, of a proxy's client too", async () => {
  const { sandbox } = await start({ "POST /v3/pay/transactions/native": ({ origin }) => ({ code_url: origin }) });
  const { url, close } = await sandbox.listen();
  const body = '{"out_trade_no":"1"}';
  const headers = signedHeaders(sandbox.credentials, { target: NATIVE, body, timestamp: NOW / 1000 });
  const called = await fetch(url + NATIVE, { method: "POST", headers, body });
  const asProxy = request(url, { method: "POST", path: ORIGIN + NATIVE, headers }).end(body);
  const [reply] = (await once(asProxy, "response")) as [Readable];
  const replies = [await called.json(), await new Response(Readable.toWeb(reply) as never).json()];
  await close();
  expect(replies).toEqual([{ code_url: url }, { code_url: ORIGIN }]);
});

test("it runs for requests that passed every check, and where a fault lets the operation be carried out", async () => {
  const behaviour = vi.fn(() => ({ code_url: "" }));
  const { sandbox } = await start({ "POST /v3/pay/transactions/native": behaviour });
  const body = '{"out_trade_no":"1"}';
  const order = { target: NATIVE, body };
  await send(sandbox, { ...order, signature: "AAAA" });
  await send(sandbox, { target: NATIVE, body: "{}" });
  await send(sandbox, { ...order, headers: { "Wechatpay-Serial": "00" } });
  sandbox.fail({ fault: "rate-limited" });
  await send(sandbox, order);
  expect(behaviour).not.toHaveBeenCalled();
  sandbox.fail({ fault: "system-error" });
  expect((await send(sandbox, order)).status).toBe(500);
  expect(behaviour).toHaveBeenCalledTimes(1);
});

test("without one, an operation answers the example of the spec", async () => {
  const { create } = await start({});
  expect(await create()).toEqual({ code_url: "example" });
});

test("it goes before the payroll card's; with undefined, the operation answers its example", async () => {
  const sandbox = await createSandbox({
    behaviours: {
      "POST /v3/payroll-card/authentications/pre-order": ({ body, mchid }) => {
        const { authenticate_number, openid, sub_mchid } = body;
        return { authenticate_number, openid, sub_mchid, mchid, token: "a".repeat(32), expires_in: 1 };
      },
      "GET /v3/payroll-card/relations/{openid}": undefined,
      "GET /v3/certificates": () => {
        throw apiError(404, "RESOURCE_NOT_EXISTS", "无可用的平台证书");
      },
    },
  });
  const wechatpay = createWeChatPayClient({ ...sandbox.credentials, fetch: sandbox.fetch });
  const { data } = await wechatpay.POST(PRE_ORDER, { body: examples.request });
  expect(data).toMatchObject({ expires_in: 1, openid: examples.request.openid });
  const { relations, tokens } = wechatpay.v3.payrollCard;
  const query = { sub_mchid: "1", appid: "wx1" };
  const relation = unwrap(await relations._openid_.get({ params: { path: { openid: "mine" }, query } }));
  expect(relation.openid).not.toBe("mine");
  const user = { openid: "mine", sub_mchid: "1", appid: "wx1", user_name: "张三", id_card_number: "1" } as const;
  const token = await tokens.post({ body: { ...user, employment_type: "LONG_TERM_EMPLOYMENT" } });
  expect(token.data?.openid).toBe("mine");
  expect((await wechatpay.v3.certificates.get()).error?.code).toBe("RESOURCE_NOT_EXISTS");
});

test("the payroll card's own are held to the document as well, whoever wrote it", async () => {
  const path = "/v3/payroll-card/tokens";
  const schema = { type: "object", required: ["tomorrows"], properties: { tomorrows: text } };
  const sandbox = await createSandbox({
    openapi: { paths: { [path]: { post: { requestBody: json({}), responses: { 200: json(schema) } } } } },
  });
  const reply = await send(sandbox, { target: path, body: '{"openid":"o","sub_mchid":"1"}' });
  expect(await reply.json()).toMatchObject({
    message: expect.stringMatching(/POST .*tokens: .* \/tomorrows is required/),
  });
});

test.each<[string, object, string]>([
  ["another path", { [`POST ${NATIVE}s`]: () => {} }, `(the nearest there is POST ${NATIVE})`],
  ["another method", { [`GET ${CLOSE}`]: () => {} }, `(the nearest there is POST ${CLOSE})`],
  ["an operationId", { closeOrder: () => {} }, "A key is the method and the path"],
  ["no function", { [`POST ${CLOSE}`]: {} }, `behaviours["POST ${CLOSE}"] must be a function`],
])("what would never run is refused at once: %s", async (_, behaviours, message) => {
  const created = createSandbox({ openapi, behaviours: behaviours as Behaviours });
  await expect(created).rejects.toThrow(message);
  await expect(created).rejects.toThrow(/^behaviours/);
});
