import { describe, expectTypeOf, test } from "vitest";
import type { components, paths } from "wechatpay-openapi-fetch";
import { type BehaviourInput, type Behaviours, createSandbox } from "wechatpay-openapi-fetch/sandbox";

type Schemas = components["schemas"];
type Parameters = { query?: never; header?: never; path?: never; cookie?: never };
type Reply<Content> = { headers: Record<string, unknown>; content: Content };
/** Another family, as openapi-typescript writes it. */
interface FilePaths {
  "/v3/files/{file_id}": {
    get: {
      parameters: Omit<Parameters, "path" | "query"> & { path: { file_id: number }; query?: { part?: number } };
      requestBody?: never;
      responses: { 200: Reply<{ "application/octet-stream": string }>; 400: Reply<{ "application/json": object }> };
    };
    delete: {
      parameters: Omit<Parameters, "path"> & { path: { file_id: number } };
      requestBody?: { content: { "application/json": { reason: string } } };
      responses: { 204: { headers: Record<string, unknown>; content?: never } };
    };
    post?: never;
  };
}

const TOKENS = "POST /v3/payroll-card/tokens";
const DELETE = "DELETE /v3/files/{file_id}";
const DOWNLOAD = "GET /v3/files/{file_id}";
const token = { openid: "o", mchid: "1", sub_mchid: "1", token: "t", expires_in: 1800 };

describe("what a behaviour is told", () => {
  test("has the types of the spec, by the name of the operation or by the operation", () => {
    const behaviours: Behaviours = {
      "GET /v3/payroll-card/relations/{openid}": ({ params, body, now, mchid, text }) => {
        expectTypeOf(params.path).toEqualTypeOf<{ openid: string }>();
        expectTypeOf(params.query.sub_mchid).toEqualTypeOf<string>();
        expectTypeOf(body).toEqualTypeOf<undefined>();
        expectTypeOf(now).toEqualTypeOf<number>();
        expectTypeOf([mchid, text]).toEqualTypeOf<string[]>();
        return {} as Schemas["RelationEntity"];
      },
      [TOKENS]: ({ body, params }) => {
        expectTypeOf(body).toEqualTypeOf<Schemas["CreateTokenRequest"]>();
        expectTypeOf(params).toEqualTypeOf<{}>();
        return token;
      },
    };
    expectTypeOf(behaviours).not.toBeAny();
    type Input = BehaviourInput<paths["/v3/payroll-card/tokens"]["post"]>;
    expectTypeOf<Input["body"]>().toEqualTypeOf<Schemas["CreateTokenRequest"]>();
  });

  test("a query is always there, and a body where it is optional may not be", () => {
    const behaviours: Behaviours<FilePaths> = {
      [DOWNLOAD]: ({ params }) => {
        expectTypeOf(params).toEqualTypeOf<{ path: { file_id: number }; query: { part?: number } }>();
        return "";
      },
      [DELETE]: ({ body }) => {
        expectTypeOf(body).toEqualTypeOf<{ reason: string } | undefined>();
      },
    };
    expectTypeOf(behaviours).not.toBeAny();
  });
});

describe("what it answers is checked", () => {
  test("JSON by the good response, now or later, a number as a BigInt too, an open enum with values of tomorrow", () => {
    const good: Behaviours["POST /v3/payroll-card/tokens"][] = [
      () => token,
      async () => token,
      () => ({ ...token, expires_in: 1800n }),
      undefined,
    ];
    // @ts-expect-error -- expires_in is missing
    const missing: Behaviours = { [TOKENS]: () => ({ openid: "o", mchid: "1", sub_mchid: "1", token: "t" }) };
    // @ts-expect-error -- expires_in is a number
    const wrong: Behaviours = { [TOKENS]: async () => ({ ...token, expires_in: "1800" }) };
    // @ts-expect-error -- nothing is no body
    const nothing: Behaviours = { [TOKENS]: () => {} };
    const open: Behaviours = {
      "GET /v3/payroll-card/relations/{openid}": ({ params, mchid }) => ({
        openid: params.path.openid,
        mchid,
        sub_mchid: params.query.sub_mchid,
        authorize_state: "OF_TOMORROW",
        register_state: "REGISTERED",
      }),
    };
    void [good, missing, wrong, nothing, open];
  });

  test("a file is text or bytes, and a 204 nothing", () => {
    const good: Behaviours<FilePaths>[] = [
      { [DOWNLOAD]: () => "text", [DELETE]: () => {} },
      { [DOWNLOAD]: async () => new Uint8Array(1), [DELETE]: async () => {} },
      { [DOWNLOAD]: () => Buffer.from("text") },
    ];
    // @ts-expect-error -- a file is no object
    const json: Behaviours<FilePaths> = { [DOWNLOAD]: () => ({}) };
    // @ts-expect-error -- a 204 has no body
    const body: Behaviours<FilePaths> = { [DELETE]: () => ({}) };
    void [good, json, body];
  });
});

describe("createSandbox takes those of its paths", () => {
  const openapi = { paths: {} };

  test("of the payroll card, of one family, or of several", () => {
    createSandbox({ behaviours: { [TOKENS]: () => token } });
    createSandbox<FilePaths>({ openapi, behaviours: { [DOWNLOAD]: () => "" } });
    createSandbox<paths & FilePaths>({ openapi, behaviours: { [DOWNLOAD]: () => "", [TOKENS]: () => token } });
    createSandbox({ openapi });
  });

  test("and no other, misspelt ones neither", () => {
    // @ts-expect-error -- of another family
    createSandbox({ openapi, behaviours: { [DOWNLOAD]: () => "" } });
    // @ts-expect-error -- POST is not there
    createSandbox<FilePaths>({ openapi, behaviours: { "POST /v3/files/{file_id}": () => "" } });
    // @ts-expect-error -- params.path.file_i
    createSandbox<FilePaths>({ openapi, behaviours: { [DOWNLOAD]: ({ params }) => params.path.file_i } });
  });
});
