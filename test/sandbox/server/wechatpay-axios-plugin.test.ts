import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import axiosPlugin from "wechatpay-axios-plugin";
import { createSandbox, type OpenApiDocument } from "wechatpay-openapi-fetch/sandbox";
import { readSpec } from "../../../scripts/read/index.js";
import { generateKeys } from "../../support/keys.js";
import { examples, freshRequest } from "../../support/wechatpay.js";

// An SDK that was not written for the sandbox, nor the sandbox for it: it signs and verifies with code of its own.
const { Wechatpay, Multipart } = axiosPlugin as never as typeof import("wechatpay-axios-plugin") & { Multipart: Form };

const sandbox = await createSandbox();
const { mchid, serialNo: serial, privateKey, platformKeys: certs } = sandbox.credentials;
const { url: baseURL, close } = await sandbox.listen();
afterAll(close);

function preOrder(options: { privateKey?: string; certs?: Record<string, string> }, body: object = freshRequest()) {
  const wxpay = new Wechatpay({ mchid, serial, privateKey, certs, baseURL, ...options } as never);
  return (wxpay as never as Chain).v3.payrollCard.authentications.preOrder.post(body);
}

/** What is used of its form. */
type Form = new () => {
  append(name: string, value: string | Buffer, filename?: string): InstanceType<Form>;
  getHeaders(): Record<string, string>;
  getBuffer(): Buffer;
};
interface Uploads {
  v3: {
    merchant: { media: { upload: { post(form: object, config: object): Promise<{ status: number; data: unknown }> } } };
  };
}

/** The SDK's chain has no types beyond "anything". */
interface Chain {
  v3: {
    payrollCard: { authentications: { preOrder: { post(body: object): Promise<{ status: number; data: unknown }> } } };
  };
}

test("its pre-order is accepted, and its verifier accepts the reply", async () => {
  const { status, data } = await preOrder({}, examples.request);
  const { authenticate_number, openid, sub_mchid } = examples.request;
  expect(status).toBe(200);
  expect(data).toEqual({ authenticate_number, openid, mchid, sub_mchid, token: expect.any(String), expires_in: 300 });
});

test("its verifier refuses the reply where it holds another key", async () => {
  const [platformKeyId = ""] = Object.keys(certs);
  await expect(preOrder({ certs: { [platformKeyId]: generateKeys().publicKey } })).rejects.toMatchObject({
    name: "AxiosError",
    code: "EV3_RES_HEADER_SIGNATURE_DIGEST",
  });
});

test("with the wrong private key it is refused: 401 SIGN_ERROR", async () => {
  await expect(preOrder({ privateKey: generateKeys().privateKey })).rejects.toMatchObject({
    name: "AxiosError",
    response: { status: 401, data: { code: "SIGN_ERROR", message: "错误的签名，验签失败" } },
  });
  expect(sandbox.requests.at(-1)?.verdict).toBe("wrong-signature");
});

test("with a wrong body it is refused: 400 PARAM_ERROR", async () => {
  await expect(preOrder({}, { ...examples.request, openid: "" })).rejects.toMatchObject({
    response: { status: 400, data: { code: "PARAM_ERROR", detail: { field: "/openid", location: "body" } } },
  });
});

describe("its upload is accepted: it signs meta, and verifies the reply, by itself", async () => {
  const openapi = await readSpec<OpenApiDocument>("test/fixtures/another-family/openapi.yaml");
  const files = await createSandbox({ openapi });
  const { url, close } = await files.listen();
  const folder = await mkdtemp(join(tmpdir(), "upload-"));
  const image = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0xff, 0x0d, 0x0a]);
  const sha256 = createHash("sha256").update(image).digest("hex");
  await writeFile(join(folder, "license.png"), image);
  afterAll(() => Promise.all([close(), rm(folder, { recursive: true })]));

  const { mchid, serialNo: serial, privateKey, platformKeys: certs } = files.credentials;
  const wxpay = new Wechatpay({ mchid, serial, privateKey, certs, baseURL: url } as never) as never as Uploads;
  const { post } = wxpay.v3.merchant.media.upload;

  test.each<[what: string, upload: (meta: object) => ReturnType<typeof post>]>([
    [
      "by its own form",
      (meta) => {
        const form = new Multipart().append("meta", JSON.stringify(meta)).append("file", image, "license.png");
        return post(form.getBuffer(), { meta, headers: form.getHeaders() });
      },
    ],
    [
      "by the form that axios makes of an object, as its documents show since 0.9.4",
      (meta) => {
        const parts = { meta: JSON.stringify(meta), file: createReadStream(join(folder, "license.png")) };
        return post(parts, { meta, headers: { "Content-Type": "multipart/form-data" } });
      },
    ],
  ])("%s", async (_, upload) => {
    const { status, data } = await upload({ filename: "license.png", sha256 });
    expect([status, data]).toEqual([200, { media_id: expect.any(String) }]);
    const file = { filename: "license.png", type: "image/png", size: 8, sha256 };
    expect(files.requests.at(-1)).toMatchObject({ verdict: "accepted", body: { meta: { sha256 }, file } });
    await expect(upload({ filename: "license.png", sha256: "0".repeat(64) })).rejects.toMatchObject({
      response: { status: 400, data: { code: "PARAM_ERROR", detail: { field: "/meta/sha256" } } },
    });
  });
});
