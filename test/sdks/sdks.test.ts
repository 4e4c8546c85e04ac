// @module-tag slow
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSandbox, type Sandbox } from "wechatpay-openapi-fetch/sandbox";
import { openKeyFolder } from "../../src/cli/key-folder.js";
import { installOnce } from "../support/project.js";
import { freshRequest, PRE_ORDER } from "../support/wechatpay.js";
import { describeComparison } from "./comparison.js";
import { describeMigration } from "./migration.js";
import { describePayments } from "./payments.js";
import { describeSnippets } from "./snippets.js";

// SDKs that were not written for the sandbox, nor the sandbox for them: keys are read from the files of `wechatpay sandbox --keys`, and
// signing, verification, decryption and X.509 are their own.
const here = import.meta.dirname;
const require = createRequire(import.meta.url);
const PRODUCTION = "https://api.mch.weixin.qq.com";

let folder: string;
let sandbox: Sandbox;
let url: string;
let close: () => Promise<void>;
const read = (name: string) => readFile(join(folder, name));

beforeAll(async () => {
  await installOnce(here);
  folder = await mkdtemp(join(tmpdir(), "sdks-"));
  const { keys } = await openKeyFolder(folder);
  sandbox = await createSandbox({ keys, platformKeys: "certificate" });
  ({ url, close } = await sandbox.listen());
});
afterAll(async () => {
  await close();
  await rm(folder, { recursive: true });
});

describe.each(["apiclient_key.pem", "apiclient_key_pkcs1.pem"])("wechatpay-node-v3, with %s", (keyFile) => {
  /** What it has no types for. */
  interface Answer {
    status: number;
    data: Record<string, unknown>;
    headers: Record<string, string>;
  }

  async function createPay() {
    const Pay = require("wechatpay-node-v3");
    const { mchid, apiV3Key: key } = sandbox.credentials;
    const pay = new Pay({
      appid: "wx1",
      mchid,
      publicKey: await read("apiclient_cert.pem"),
      privateKey: await read(keyFile),
      key,
    });
    // Its own way to another transport, which sends what it has signed to the sandbox.
    const send = async (
      method: string,
      target: string,
      headers: Record<string, string>,
      body?: object,
    ): Promise<Answer> => {
      const { "Accept-Encoding": _, ...rest } = headers;
      const init = body && { body: JSON.stringify(body) };
      const response = await fetch(target.replace(PRODUCTION, url), { method, headers: rest, ...init });
      const data = (await response.json()) as Answer["data"];
      return { status: response.status, data, headers: Object.fromEntries(response.headers) };
    };
    pay.createHttp({
      get: (target: string, headers: Record<string, string>) => send("GET", target, headers),
      post: (target: string, body: object, headers: Record<string, string>) => send("POST", target, headers, body),
    });
    const post = (path: string, body: object): Promise<Answer> => {
      const target = PRODUCTION + path;
      return pay.httpService.post(target, body, pay.getHeaders(pay.buildAuthorization("POST", target, body)));
    };
    return { pay, post };
  }

  const signatureOf = (headers: Record<string, string>, body: unknown) => ({
    timestamp: headers["wechatpay-timestamp"],
    nonce: headers["wechatpay-nonce"],
    serial: headers["wechatpay-serial"],
    signature: headers["wechatpay-signature"],
    body,
  });

  test("downloads the certificates, and its call is accepted, its answer verified", async () => {
    const { pay, post } = await createPay();
    const [certificate] = await pay.get_certificates(sandbox.credentials.apiV3Key);
    expect(sandbox.credentials.platformKeys).toHaveProperty(certificate.serial_no);
    const { status, data, headers } = await post(PRE_ORDER, freshRequest());
    expect([status, sandbox.requests.at(-1)?.verdict]).toEqual([200, "accepted"]);
    expect(await pay.verifySign(signatureOf(headers, data))).toBe(true);
    expect(await pay.verifySign(signatureOf(headers, { ...data, expires_in: 301 }))).toBe(false);
  });

  test("reads a notification", async () => {
    const { pay } = await createPay();
    const event = { event_type: "TRANSACTION.SUCCESS", resource: { out_trade_no: "张三" } };
    let seen: unknown;
    const fetch = async (request: Request) => {
      const body = await request.text();
      const { resource } = JSON.parse(body);
      const isSigned = await pay.verifySign(signatureOf(Object.fromEntries(request.headers), body));
      seen = isSigned && pay.decipher_gcm(resource.ciphertext, resource.associated_data, resource.nonce);
      return new Response();
    };
    await sandbox.notify("http://localhost/", event, { fetch });
    expect(seen).toEqual(event.resource);
  });
});

test("node-easywechat: its call is accepted, its answer verified, with the certificates that it downloads", async () => {
  // Not its index, which does not load beside the newest of a dependency that payments do not need.
  const Pay = require("node-easywechat/dist/Pay/Application");
  const { mchid, apiV3Key } = sandbox.credentials;
  const app = new Pay({
    mch_id: mchid,
    private_key: join(folder, "apiclient_key.pem"),
    certificate: join(folder, "apiclient_cert.pem"),
    secret_key: apiV3Key,
    http: { baseURL: url },
  });
  // It would keep them in a file, where it runs.
  const cache = new Map<string, unknown>();
  app.setCache({
    get: async (key: string) => cache.get(key),
    set: async (key: string, value: unknown) => cache.set(key, value),
  });
  const response = await app.getClient().post(PRE_ORDER, { data: freshRequest() });
  expect(sandbox.requests.at(-1)?.verdict).toBe("accepted");
  const data = response.toObject();
  expect(data).toMatchObject({ expires_in: 300, mchid });
  const message = (body: object) => ({
    hasHeader: (name: string) => response.hasHeader(name.toLowerCase()),
    getHeader: (name: string) => String(response.getHeader(name.toLowerCase())),
    getBody: () => JSON.stringify(body),
  });
  expect(await app.getValidator().validate(message(data))).toBe(true);
  await expect(app.getValidator().validate(message({ ...data, expires_in: 301 }))).rejects.toThrow("Invalid Signature");
  expect(Object.keys(await app.getMerchant().loadPlatformCerts(true))).toEqual(
    Object.keys(sandbox.credentials.platformKeys),
  );
});

describePayments();
describeMigration();
describeSnippets();
describeComparison();
