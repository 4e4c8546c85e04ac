import { describe, expectTypeOf, test } from "vitest";
import { type CallInit, createWeChatPayClient, upload, type WeChatPayClientOptions } from "wechatpay-openapi-fetch";

/** As openapi-typescript writes it. */
interface Paths {
  "/v3/merchant/media/upload": { post: Upload<{ filename: string; sha256: string }> };
  "/v3/packages": { post: Upload<{ bank_type: string; filename: string; sha256: string }> };
  "/v3/fapiao": { post: Upload<{ digest: string; note?: string }> };
}
interface Upload<Meta> {
  requestBody: { content: { "multipart/form-data": { meta: Meta; file: string } } };
  responses: { 200: { content: { "application/json": { media_id: string } } } };
}

declare const options: WeChatPayClientOptions;
declare const named: File;
declare const blob: Blob;
declare const bytes: Uint8Array;
const row = { operationId: "uploadImage", body: upload("filename", "sha256") };
const wechatpay = createWeChatPayClient<Paths>({ ...options, operations: { "POST /v3/merchant/media/upload": row } });
const IMAGE = "/v3/merchant/media/upload";

describe("the body of an upload", () => {
  test("is a file with what its meta needs: the client computes sha256, and reads the name of a File", async () => {
    const { data } = await wechatpay.POST(IMAGE, { body: { file: named } });
    expectTypeOf(data).toEqualTypeOf<{ media_id: string } | undefined>();
    wechatpay.POST(IMAGE, { body: { file: named, meta: { filename: "a.png", sha256: "00" } } });
    wechatpay.POST(IMAGE, { body: { file: blob, meta: { filename: "a.png" } } });
    wechatpay.POST(IMAGE, { body: { file: bytes, meta: { filename: "a.png" } } });
    wechatpay.POST(IMAGE, { body: { file: Buffer.from(""), meta: { filename: "a.png" } } });
    wechatpay.POST(IMAGE, { body: { file: new ArrayBuffer(8), meta: { filename: "a.png" } } });
    wechatpay[IMAGE].POST({ body: { file: named } });
    wechatpay.POST("/v3/packages", { body: { file: named, meta: { bank_type: "CMB_CREDIT" } } });
    wechatpay.POST("/v3/fapiao", { body: { file: bytes, meta: { digest: "00" } } });
  });

  test("needs the name of what has none, and every other field", () => {
    // @ts-expect-error -- a Blob has no name
    wechatpay.POST(IMAGE, { body: { file: blob } });
    // @ts-expect-error -- nor have bytes
    wechatpay.POST(IMAGE, { body: { file: bytes, meta: {} } });
    // @ts-expect-error -- bank_type
    wechatpay.POST("/v3/packages", { body: { file: named } });
    // @ts-expect-error -- digest is the caller's to compute
    wechatpay.POST("/v3/fapiao", { body: { file: named, meta: {} } });
  });

  test("takes no other key, and no text for a file", () => {
    // @ts-expect-error -- meta.sha265
    wechatpay.POST(IMAGE, { body: { file: named, meta: { sha265: "00" } } });
    // @ts-expect-error -- media
    wechatpay.POST(IMAGE, { body: { media: named, file: named } });
    // @ts-expect-error -- a path
    wechatpay.POST(IMAGE, { body: { file: "/home/me/a.png", meta: { filename: "a.png" } } });
    // @ts-expect-error -- the client fills in filename and sha256, and nothing else
    upload("digest");
  });

  test("has a type with a name", () => {
    type Body = CallInit<Paths[typeof IMAGE]["post"]>["body"];
    expectTypeOf<{ file: File }>().toExtend<Body>();
    expectTypeOf<{ file: Blob; meta: { filename: string } }>().toExtend<Body>();
  });
});
