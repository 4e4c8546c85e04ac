import createClient from "openapi-fetch";
import { describe, expectTypeOf, test } from "vitest";
import {
  type AnyWeChatPayError,
  type ApiError,
  type Call,
  createWeChatPayClient,
  type ErrorBody,
  type paths,
  signing,
  unwrap,
  type WeChatPayClient,
} from "wechatpay-openapi-fetch";

declare const wechatpay: WeChatPayClient;
declare const privateKey: string;
const PRE_ORDER = "/v3/payroll-card/authentications/pre-order";
const body = {
  openid: "onqOjjmo8wmTOOtSKwXtGjg9Gb58",
  sub_mchid: "1111111",
  sub_appid: "wxa1111111",
  authenticate_number: "mcdhehfgisdhfjghed39384564i83",
  project_name: "某项目",
  employer_name: "某单位名称",
};

describe("a call", () => {
  test("resolves to data, or error, and the response", async () => {
    const { data, error, response } = await wechatpay.POST(PRE_ORDER, { body });
    expectTypeOf(data).not.toBeAny();
    expectTypeOf(data?.token).toEqualTypeOf<string | undefined>();
    expectTypeOf(data?.expires_in).toEqualTypeOf<number | undefined>();
    expectTypeOf(error).toEqualTypeOf<ErrorBody | undefined>();
    expectTypeOf(response).toEqualTypeOf<Response>();
  });

  test("gives the same by path and by chain", () => {
    type PreOrder = Call<paths[typeof PRE_ORDER]["post"]>;
    expectTypeOf(wechatpay[PRE_ORDER].POST).toEqualTypeOf<PreOrder>();
    expectTypeOf(wechatpay.v3.payrollCard.authentications.preOrder.post).toEqualTypeOf<PreOrder>();
  });

  test("unwrap gives the data", async () => {
    const preOrder = unwrap(await wechatpay.POST(PRE_ORDER, { body }));
    expectTypeOf(preOrder).not.toBeAny();
    expectTypeOf(preOrder.token).toEqualTypeOf<string>();
    // @ts-expect-error -- no such field in the reply
    preOrder.tokn;
  });

  test("parseAs decides what data is", async () => {
    const { data } = await wechatpay.POST(PRE_ORDER, { body, parseAs: "text" });
    expectTypeOf(data).toEqualTypeOf<string | undefined>();
  });
});

describe("a typo is a compile error", () => {
  test("in the path, the method, the chain", () => {
    // @ts-expect-error -- path
    wechatpay.POST("/v3/payroll-card/authentications/preorder", { body });
    // @ts-expect-error -- method
    wechatpay.GET(PRE_ORDER);
    // @ts-expect-error -- method by path
    wechatpay[PRE_ORDER].GET();
    // @ts-expect-error -- chain
    wechatpay.v3.payrollCard.authentication;
  });

  test("in a key of the body", () => {
    // @ts-expect-error -- misspelt
    wechatpay.POST(PRE_ORDER, { body: { ...body, authenticat_type: "SIGN_IN" } });
    // @ts-expect-error -- misspelt
    wechatpay[PRE_ORDER].POST({ body: { ...body, authenticat_type: "SIGN_IN" } });
    // @ts-expect-error -- misspelt
    wechatpay.v3.payrollCard.authentications.preOrder.post({ body: { ...body, authenticat_type: "SIGN_IN" } });
  });

  test("in an option, a query key, a parameter", () => {
    // @ts-expect-error -- misspelt
    wechatpay.POST(PRE_ORDER, { body, heders: {} });
    // @ts-expect-error -- pre-order has no query
    wechatpay.POST(PRE_ORDER, { body, params: { query: { limit: 1 } } });
    // @ts-expect-error -- no such place
    wechatpay.POST(PRE_ORDER, { body, params: { qery: {} } });
    // @ts-expect-error -- written by the client
    wechatpay.POST(PRE_ORDER, { body, params: { header: { "Wechatpay-Serial": "x" } } });
  });

  test("and so is what would get round the signature", () => {
    // @ts-expect-error -- a per-call transport
    wechatpay.POST(PRE_ORDER, { body, fetch: globalThis.fetch });
    // @ts-expect-error -- a per-call middleware
    wechatpay.POST(PRE_ORDER, { body, middleware: [] });
    // @ts-expect-error -- another server
    wechatpay.POST(PRE_ORDER, { body, baseUrl: "https://evil.example" });
  });

  test("a query may be URLSearchParams, where there is one", () => {
    const path = { openid: "o" };
    wechatpay.GET("/v3/payroll-card/relations/{openid}", { params: { path, query: new URLSearchParams("a=b") } });
    // @ts-expect-error -- a text
    wechatpay.GET("/v3/payroll-card/relations/{openid}", { params: { path, query: "sub_mchid=1" } });
    // @ts-expect-error -- misspelt
    wechatpay.GET("/v3/payroll-card/relations/{openid}", { params: { path, query: { sub_mchid: "", sub_appi: "" } } });
    // @ts-expect-error -- pre-order has no query
    wechatpay.POST(PRE_ORDER, { body, params: { query: new URLSearchParams() } });
  });

  test("a signal may be null, as for fetch", () => {
    wechatpay.POST(PRE_ORDER, { body, signal: null });
  });

  test("what is required is required", () => {
    // @ts-expect-error -- no init
    wechatpay.POST(PRE_ORDER);
    // @ts-expect-error -- no body
    wechatpay.POST(PRE_ORDER, {});
    const { openid: _openid, ...withoutOpenid } = body;
    // @ts-expect-error -- openid
    wechatpay.POST(PRE_ORDER, { body: withoutOpenid });
    const { sub_appid, ...withoutAppid } = body;
    // @ts-expect-error -- neither appid nor sub_appid
    wechatpay.POST(PRE_ORDER, { body: withoutAppid });
    wechatpay.POST(PRE_ORDER, { body: { ...withoutAppid, appid: sub_appid } });
    // @ts-expect-error -- a request's enum is closed
    wechatpay.POST(PRE_ORDER, { body: { ...body, authenticate_type: "SIGNIN" } });
  });

  test("in an option of the client", () => {
    const options = { mchid: "1900000109", serialNo: "444F", privateKey, platformKeys: {} };
    createWeChatPayClient(options);
    // @ts-expect-error -- misspelt
    createWeChatPayClient({ ...options, platformkeys: {} });
    // @ts-expect-error -- a text
    createWeChatPayClient({ ...options, mchid: 1900000109 });
  });
});

describe("errors", () => {
  test("a code is one of the spec's, open to new ones", () => {
    expectTypeOf<"SIGN_ERROR">().toExtend<ApiError["code"]>();
    expectTypeOf<"SOMETHING_NEW">().toExtend<ApiError["code"]>();
    expectTypeOf<ApiError["code"]>().not.toEqualTypeOf<string>();
    expectTypeOf<number>().not.toExtend<ApiError["code"]>();
  });

  test("name narrows, reason and outcome are literals", () => {
    const error = {} as AnyWeChatPayError;
    if (error.name === "VerificationError") {
      expectTypeOf(error.outcome).toEqualTypeOf<"unknown" | undefined>();
      // @ts-expect-error -- no such reason
      error.reason === "forged";
    }
    if (error.name === "KeyError") expectTypeOf(error.option).toEqualTypeOf<string>();
    if (error.name === "ApiError") expectTypeOf(error.status).toEqualTypeOf<number>();
  });
});

describe("a spec of one's own", () => {
  interface MyPaths {
    "/v3/bills/{date}": {
      parameters: { query?: never; header?: never; path?: never; cookie?: never };
      get: {
        parameters: {
          query: {
            /** 账单类型 */
            bill_type: "ALL" | "SUCCESS";
          };
          header: { "Idempotency-Key": string; "Wechatpay-Serial"?: string };
          path: { date: string };
          cookie?: never;
        };
        requestBody?: never;
        responses: {
          200: {
            headers: Record<string, unknown>;
            content: { "application/json": { download_url: string; state: "READY" | "PENDING" | (string & {}) } };
          };
        };
      };
      post?: never;
    };
    "/v3/orders/{id}/close": {
      parameters: { query?: never; header?: never; path?: never; cookie?: never };
      post: {
        parameters: { query?: never; header?: never; path: { id: string }; cookie?: never };
        requestBody?: { content: { "application/json": { reason?: string } } };
        responses: { 204: { headers: Record<string, unknown>; content?: never } };
      };
    };
    "/v3/billdownload/file": {
      parameters: { query?: never; header?: never; path?: never; cookie?: never };
      get: {
        parameters: { query: { token: string }; header?: never; path?: never; cookie?: never };
        responses: {
          200: { headers: Record<string, unknown>; content: { "text/csv": string } };
          404: { headers: Record<string, unknown>; content: { "application/json": { code: string } } };
        };
      };
    };
  }

  test("replaces ours", async () => {
    const own = createWeChatPayClient<MyPaths>({} as never);
    const params = {
      query: { bill_type: "ALL" },
      path: { date: "2026-01-01" },
      header: { "Idempotency-Key": "1" },
    } as const;
    expectTypeOf(unwrap(await own.GET("/v3/bills/{date}", { params })).download_url).toEqualTypeOf<string>();
    expectTypeOf(unwrap(await own["/v3/bills/{date}"].GET({ params })).download_url).toEqualTypeOf<string>();
    // An open enum of a reply is a text, and the known values are offered.
    expectTypeOf(unwrap(await own.GET("/v3/bills/{date}", { params })).state).toEqualTypeOf<
      "READY" | "PENDING" | (string & {})
    >();
    const { data: stream } = await own.GET("/v3/bills/{date}", { params, parseAs: "stream" });
    expectTypeOf(stream).toEqualTypeOf<ReadableStream<Uint8Array> | null | undefined>();
    // @ts-expect-error -- params are required
    own.GET("/v3/bills/{date}");
    // @ts-expect-error -- misspelt query key
    own.GET("/v3/bills/{date}", { params: { ...params, query: { bill_type: "ALL", bil_type: "ALL" } } });
    // @ts-expect-error -- ours is gone
    own.POST(PRE_ORDER, { body });
    // @ts-expect-error -- and so is our chain
    own.v3;
  });

  test("downloads what its responses describe, and encrypts texts by hand", async () => {
    type BillOf = { hash_type: "SHA1" | (string & {}); hash_value: string; download_url: string; note?: string };
    const bill = {} as BillOf;
    const own = {} as WeChatPayClient<MyPaths>;
    expectTypeOf(await own.download(bill)).toEqualTypeOf<ReadableStream<Uint8Array>>();
    own.download({ ...bill, tar_type: "GZIP" }, { signal: AbortSignal.timeout(1) });
    expectTypeOf(await own.encrypt("x")).toEqualTypeOf<{ ciphertext: string; serial: string }>();
    expectTypeOf(own.download).toEqualTypeOf(wechatpay.download);
    // @ts-expect-error -- what a call resolves to is unwrapped first
    own.download({ data: bill, response: new Response() });
    // @ts-expect-error -- without a hash it could be any file
    own.download({ download_url: bill.download_url });
    // @ts-expect-error -- misspelt
    own.download(bill, { singal: AbortSignal.timeout(1) });
    // @ts-expect-error -- a text
    own.encrypt(13900000000);
  });

  test("brings its operations: without them, sensitive fields would go out as plain text", () => {
    const options = { mchid: "1900000109", serialNo: "444F", privateKey, platformKeys: {} };
    createWeChatPayClient<MyPaths>({ ...options, operations: {} });
    createWeChatPayClient<paths>(options);
    // @ts-expect-error -- operations is required
    createWeChatPayClient<MyPaths>(options);
    // @ts-expect-error -- operations is a table
    createWeChatPayClient<MyPaths>({ ...options, operations: undefined });
    // @ts-expect-error -- more than ours is not ours
    createWeChatPayClient<paths & MyPaths>(options);
    // @ts-expect-error -- nor is a copy of ours with one thing added that may be left out
    createWeChatPayClient<paths & { "/v3/y"?: object }>(options);
    // @ts-expect-error -- nor what can be anything
    createWeChatPayClient<ReturnType<typeof JSON.parse>>(options);
  });

  test("where no good reply is JSON, the call says how it is read", async () => {
    const own = createWeChatPayClient<MyPaths>({} as never);
    const params = { query: { token: "abc" } };
    const file = unwrap(await own.GET("/v3/billdownload/file", { params, parseAs: "text" }));
    expectTypeOf(file).toEqualTypeOf<string>();
    const bytes = unwrap(await own["/v3/billdownload/file"].GET({ params, parseAs: "arrayBuffer" }));
    expectTypeOf(bytes).toEqualTypeOf<ArrayBuffer>();
    // @ts-expect-error -- parseAs is required
    own.GET("/v3/billdownload/file", { params });
    // @ts-expect-error -- parseAs is required
    own["/v3/billdownload/file"].GET({ params });
    // @ts-expect-error -- it is no JSON
    own.GET("/v3/billdownload/file", { params, parseAs: "json" });
    // @ts-expect-error -- misspelt
    own.GET("/v3/billdownload/file", { params, parseAs: "txt" });
  });

  test("a reply without a body unwraps to undefined, a body may be optional", async () => {
    const own = createWeChatPayClient<MyPaths>({} as never);
    const params = { path: { id: "1" } };
    expectTypeOf(unwrap(await own.POST("/v3/orders/{id}/close", { params }))).toEqualTypeOf<undefined>();
    own.POST("/v3/orders/{id}/close", { params, body: { reason: "x" } });
    // @ts-expect-error -- misspelt
    own.POST("/v3/orders/{id}/close", { params, body: { reson: "x" } });
  });
});

test("signing() is a Middleware of openapi-fetch", () => {
  createClient().use(signing({ mchid: "1", serialNo: "1", privateKey }));
});
