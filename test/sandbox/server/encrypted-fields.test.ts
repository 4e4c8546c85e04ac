import { constants, createPrivateKey, createPublicKey, privateDecrypt, publicEncrypt } from "node:crypto";
import { describe, expect, test } from "vitest";
import { createSandbox } from "wechatpay-openapi-fetch/sandbox";
import { generateKeys } from "../../support/keys.js";
import { isHere, title, vectors } from "../../vectors/published.js";
import { isVerified, send } from "../signed.js";

const secret = { type: "string", maxLength: 1024, "x-wechatpay-sensitive": true };
const json = (schema: object, more: object = {}) => ({ content: { "application/json": { schema, ...more } } });
const example = { name: "李四", cards: [{ no: "6222", bank: "招商" }, { no: "" }], note: "明文" };

const sandbox = await createSandbox({
  platformKeys: "gray",
  behaviours: {
    "GET /v3/people": ({ params }: { params: { query: object } }) => ({ note: JSON.stringify(params.query) }),
  } as object,
  openapi: {
    paths: {
      "/v3/people": {
        parameters: [{ $ref: "#/components/parameters/Name" }],
        get: {
          operationId: "findPerson",
          parameters: [{ $ref: "#/components/parameters/Phones" }],
          responses: { 200: { description: "", ...json({ $ref: "#/components/schemas/Person" }, { example }) } },
        },
        post: {
          operationId: "addPerson",
          requestBody: json({ $ref: "#/components/schemas/Person" }),
          responses: { 200: { description: "", ...json({ $ref: "#/components/schemas/Person" }, { example }) } },
        },
      },
    },
    components: {
      parameters: {
        Name: { name: "name", in: "query", schema: { ...secret, minLength: 344 } },
        Phones: { name: "phones", in: "query", schema: { type: "array", items: secret } },
      },
      schemas: {
        Person: {
          type: "object",
          properties: {
            name: { ...secret, minLength: 344 },
            cards: { type: "array", items: { $ref: "#/components/schemas/Card" } },
            phones: { type: "object", properties: { home: secret }, additionalProperties: secret },
            note: { type: "string" },
          },
        },
        Card: { type: "object", properties: { no: secret, bank: { type: "string" } } },
      },
    },
  },
});
const { credentials } = sandbox;
const [[publicKeyId, publicKey], [serial, certificate]] = Object.entries(credentials.platformKeys) as [
  [string, string],
  [string, string],
];
const padding = constants.RSA_PKCS1_OAEP_PADDING;

/** As any SDK encrypts a field: by node:crypto, with WeChat Pay's public key or certificate. */
function encrypt(text: string, pem = publicKey, more: object = {}): string {
  return publicEncrypt({ key: createPublicKey(pem), padding, ...more }, Buffer.from(text)).toString("base64");
}

function add(person: object, named: string | null = publicKeyId): Promise<Response> {
  const headers = { "Wechatpay-Serial": named };
  return send(sandbox, { target: "/v3/people", body: JSON.stringify(person), headers });
}

const lastRequest = () => sandbox.requests.at(-1);

describe("encrypted fields of a request", () => {
  const person = (pem: string) => ({
    name: encrypt("张三", pem),
    cards: [{ no: encrypt("6217", pem), bank: "工商" }, { no: "" }, {}],
    phones: { home: encrypt("139", pem), "a/b": encrypt("138", pem) },
    note: "明文",
    others: { name: "not described" },
  });
  const read = {
    name: "张三",
    cards: [{ no: "6217", bank: "工商" }, { no: "" }, {}],
    phones: { home: "139", "a/b": "138" },
    note: "明文",
    others: { name: "not described" },
  };

  test.each([
    ["public key", publicKeyId, publicKey],
    ["certificate", serial, certificate],
    ["certificate, without its leading zeros and in lower case", serial.replace(/^0+/, "").toLowerCase(), certificate],
  ])("are decrypted with the key that Wechatpay-Serial names: %s", async (_, named, pem) => {
    const reply = await add(person(pem), named);
    expect(reply.status).toBe(200);
    expect(lastRequest()).toMatchObject({ verdict: "accepted", body: read });
  });

  const refused = { code: "PARAM_ERROR", message: "请确认待处理的消息是否为加密后的密文" };

  test.each<[string, object, (string | null)?]>([
    ["no Wechatpay-Serial", { name: encrypt("张三") }, null],
    ["an empty one", { name: encrypt("张三") }, ""],
    ["encrypted with another key than is named", { name: encrypt("张三", certificate) }],
    ["encrypted with the merchant's own key", { name: encrypt("张三", credentials.privateKey) }],
    ["encrypted with a stranger's key", { name: encrypt("张三", generateKeys().publicKey) }],
    ["plain text", { cards: [{ no: "6217" }] }],
    ["plain text in a map", { phones: { home: "138" } }],
    ["plain text in base64", { cards: [{ no: Buffer.from("6217").toString("base64") }] }],
    ["base64 without padding", { name: encrypt("张三").replace(/=+$/, "").padEnd(344) }],
    ["PKCS#1 v1.5", { name: encrypt("张三", publicKey, { padding: constants.RSA_PKCS1_PADDING }) }],
    ["OAEP with SHA-256", { name: encrypt("张三", publicKey, { oaepHash: "sha256" }) }],
  ])("are refused: %s", async (_, body, named) => {
    const reply = await add(body, named);
    expect(reply.status).toBe(400);
    expect(await isVerified(reply, named === undefined ? publicKey : certificate)).toBe(true);
    expect(await reply.json()).toEqual(refused);
    expect(lastRequest()).toMatchObject({ verdict: "invalid-ciphertext", body });
  });

  test("one in plain text: the others are decrypted in what is kept of the request", async () => {
    const { status } = await add({ name: encrypt("张三"), cards: [{ no: encrypt("6217") }, { no: "6217" }] });
    expect(status).toBe(400);
    expect(lastRequest()).toMatchObject({
      verdict: "invalid-ciphertext",
      body: { name: "张三", cards: [{ no: "6217" }, { no: "6217" }] },
      reason: { en: "/cards/1/no is plain text: encrypt it." },
    });
  });

  test("one that was encrypted with another key stays as it was sent", async () => {
    const wrong = encrypt("6217", certificate);
    expect((await add({ name: encrypt("张三"), cards: [{ no: wrong }] })).status).toBe(400);
    expect(lastRequest()).toMatchObject({
      verdict: "invalid-ciphertext",
      body: { name: "张三", cards: [{ no: wrong }] },
    });
  });

  test.runIf(isHere)(`${title}: with the same bytes as the real server`, async () => {
    const samples = vectors<{ id: string; body: string }>("samples", "error-body");
    const real = samples.find(({ id }) => id === "error-encrypt-field");
    expect(await (await add({ cards: [{ no: "6217" }] })).text()).toBe(real?.body);
  });

  test.each([
    ["too short for a ciphertext", "张三", "/name"],
    ["too long", encrypt("张三").repeat(3), "/name"],
  ])("have the spec's length as they are sent: %s", async (_, name, field) => {
    expect((await (await add({ name })).json()).detail).toMatchObject({ field });
    expect(lastRequest()).toMatchObject({ verdict: "invalid-parameter", body: { name } });
  });

  test("need no key where there are none, or only empty ones", async () => {
    expect((await add({ note: "明文" }, null)).status).toBe(200);
    expect((await add({ cards: [{ no: "" }] }, null)).status).toBe(200);
  });
});

describe("encrypted parameters of a query", () => {
  const find = (query: Record<string, string[]>, named: string | null = publicKeyId) => {
    const pairs = Object.entries(query).flatMap(([name, values]) => values.map((value) => [name, value]));
    const headers = { "Wechatpay-Serial": named };
    return send(sandbox, { method: "GET", target: `/v3/people?${new URLSearchParams(pairs)}`, body: "", headers });
  };

  test.each<[string, Record<string, string[]>, object]>([
    ["one", { name: [encrypt("张三")] }, { name: "张三" }],
    ["a list, of which one is empty", { phones: [encrypt("139"), "", encrypt("138")] }, { phones: ["139", "", "138"] }],
    ["a list of one", { phones: [encrypt("139")] }, { phones: ["139"] }],
  ])("are plain text for what the operation does: %s", async (_, query, plain) => {
    const reply = await find(query);
    expect(JSON.parse((await reply.json()).note)).toEqual(plain);
    expect(lastRequest()).toMatchObject({ operationId: "findPerson", verdict: "accepted" });
  });

  test("need no key where there are none", async () => {
    expect((await find({ phones: [""] }, null)).status).toBe(200);
    expect((await find({ note: ["1"] }, null)).status).toBe(200);
  });

  test.each<[string, Record<string, string[]>, (string | null)?]>([
    ["plain text", { phones: ["139"] }],
    ["one of two in plain text", { phones: [encrypt("139"), "138"] }],
    ["a blank for the + of base64", { name: [`${encrypt("张三").slice(0, 99)} ${encrypt("张三").slice(100)}`] }],
    ["no Wechatpay-Serial", { name: [encrypt("张三")] }, null],
    ["another key than is named", { name: [encrypt("张三", certificate)] }],
  ])("are refused: %s", async (_, query, named) => {
    const reply = await find(query, named);
    expect(reply.status).toBe(400);
    expect(await reply.json()).toEqual({ code: "PARAM_ERROR", message: "请确认待处理的消息是否为加密后的密文" });
    expect(lastRequest()).toMatchObject({ verdict: "invalid-ciphertext" });
  });

  test("have the spec's length as they are sent", async () => {
    const { detail } = await (await find({ name: ["张三"] })).json();
    expect(detail).toMatchObject({ field: "name", location: "query" });
  });
});

test("fields of a reply are encrypted with the merchant's public key, and the reply is signed as it is sent", async () => {
  const reply = await add({});
  expect(await isVerified(reply, publicKey)).toBe(true);
  const { name, cards, ...others } = await reply.json();
  expect(others).toEqual({ note: "明文" });
  expect(cards).toEqual([{ no: expect.stringMatching(/^[\w+/]{342}==$/), bank: "招商" }, { no: "" }]);
  const key = createPrivateKey(credentials.privateKey);
  const decrypt = (text: string) => privateDecrypt({ key, padding }, Buffer.from(text, "base64")).toString();
  expect([name, cards[0].no].map(decrypt)).toEqual(["李四", "6222"]);
  expect((await (await add({})).json()).name).not.toBe(name);
});
