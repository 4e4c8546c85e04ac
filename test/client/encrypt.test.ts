import { execFileSync } from "node:child_process";
import { constants, privateDecrypt, publicEncrypt } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import {
  createWeChatPayClient,
  EncryptionError,
  type Operations,
  type WeChatPayClientOptions,
} from "wechatpay-openapi-fetch";
import { createSandbox } from "wechatpay-openapi-fetch/sandbox";
import { generateKeys } from "../support/keys.js";
import {
  createObservedClient,
  merchant,
  options,
  PLATFORM_KEY_ID,
  platform,
  signedReply,
} from "../support/wechatpay.js";
import openssl from "../vectors/openssl.json" with { type: "json" };

const operations: Operations = {
  "POST /v3/tokens": { operationId: "createToken", sensitive: { request: ["/user_name", "/id_card_number"] } },
  "POST /v3/transfers": {
    operationId: "transfer",
    idempotent: "/out_batch_no",
    sensitive: { request: ["/list/*/user_name", "/contacts/*/*/a~1b"], response: ["/list/*/user_name"] },
  },
  "POST /v3/plain/{id}": { operationId: "createPlain" },
  "GET /v3/details/{id}": { operationId: "getDetail", sensitive: { response: ["/username"] } },
};
type AnyClient = Record<string, (path: string, init?: object) => Promise<{ data?: unknown }>>;

function clientOf(reply: () => Response = () => signedReply(), more: Partial<WeChatPayClientOptions> = {}) {
  const { wechatpay, sent } = createObservedClient(reply, { operations, ...more });
  return { client: wechatpay as never as AnyClient, sent };
}

const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha1" };
/** As WeChat Pay decrypts, by node:crypto. */
const decrypt = (text: unknown) =>
  privateDecrypt({ key: platform.privateKey, ...oaep }, Buffer.from(String(text), "base64")).toString();
/** As WeChat Pay encrypts, by node:crypto. */
const encrypt = (text: string, key = merchant.publicKey) =>
  publicEncrypt({ key, ...oaep }, Buffer.from(text)).toString("base64");

describe("sensitive fields of a request", () => {
  test("an abort while they are encrypted ends the call, and nothing is sent", async () => {
    const { client, sent } = clientOf();
    const controller = new AbortController();
    const hanging = vi.spyOn(crypto.subtle, "encrypt").mockImplementation(() => {
      controller.abort(new Error("the user left"));
      return new Promise(() => {});
    });
    const call = client.POST?.("/v3/tokens", { body: { user_name: "张三" }, signal: controller.signal });
    const error = await call?.catch((reason: unknown) => reason);
    hanging.mockRestore();
    expect(error).toBe(controller.signal.reason);
    expect(sent).toEqual([]);
  });

  test("are given as plain text and sent encrypted, for the key that the request names", async () => {
    const { client, sent } = clientOf();
    const body = { openid: "o", user_name: "张三", id_card_number: "11010119900307721X" };
    const given = structuredClone(body);
    await client.POST?.("/v3/tokens", { body });
    expect(body).toEqual(given);
    const wire = await (sent[0] as Request).json();
    expect(wire.openid).toBe("o");
    expect(wire.user_name).toHaveLength(344);
    expect([decrypt(wire.user_name), decrypt(wire.id_card_number)]).toEqual(["张三", "11010119900307721X"]);
    expect(sent[0]?.headers.get("Wechatpay-Serial")).toBe(PLATFORM_KEY_ID);
  });

  test("are found at any depth, in lists and maps, and under awkward names", async () => {
    const { client, sent } = clientOf(() => signedReply({ body: "{}" }));
    const body = {
      list: [{ user_name: "甲", n: 1 }, { n: 2 }, { user_name: "乙" }],
      contacts: { x: [{ "a/b": "丙" }] },
    };
    await client.POST?.("/v3/transfers", { body });
    const { list, contacts } = await (sent[0] as Request).json();
    expect([decrypt(list[0].user_name), decrypt(list[2].user_name), decrypt(contacts.x[0]["a/b"])]).toEqual([
      "甲",
      "乙",
      "丙",
    ]);
    expect(list[1]).toEqual({ n: 2 });
  });

  test("may be changed by the caller right after the call: what was given is sent", async () => {
    const { client, sent } = clientOf(() => signedReply({ body: "{}" }));
    const item = { user_name: "甲" };
    const body = { list: [item], contacts: { x: [{ "a/b": "丙" }] } };
    const call = client.POST?.("/v3/transfers", { body });
    item.user_name = "changed";
    body.list.push({ user_name: "added" });
    body.contacts = { x: [{ "a/b": "changed" }] };
    await call;
    const { list, contacts } = await (sent[0] as Request).json();
    expect(list).toHaveLength(1);
    expect([decrypt(list[0].user_name), decrypt(contacts.x[0]["a/b"])]).toEqual(["甲", "丙"]);
  });

  test.each(["/v3/transfers", "/v3/plain/{id}"])(
    "nothing that the caller changes right after the call to %s reaches it",
    async (path) => {
      const { client, sent } = clientOf();
      const body = { out_batch_no: "1", plain: { amount: 1 }, list: [{ user_name: "甲", note: { text: "a" } }] };
      const params = { path: { id: "1" }, query: { q: "1" } };
      const headers: Record<string, string> = { "X-A": "1" };
      const call = client.POST?.(path, { body, params, headers });
      body.plain.amount = 2;
      Object.assign(body.list[0]?.note as object, { text: "b" });
      params.path.id = "2";
      params.query.q = "2";
      headers["X-A"] = "2";
      await call;
      expect(sent[0]?.url).toBe(`https://api.mch.weixin.qq.com${path.replace("{id}", "1")}?q=1`);
      expect(sent[0]?.headers.get("X-A")).toBe("1");
      const wire = await (sent[0] as Request).json();
      expect(wire).toMatchObject({ plain: { amount: 1 }, list: [{ note: { text: "a" } }] });
    },
  );

  test("an empty, absent or null one stays as it is", async () => {
    const { client, sent } = clientOf();
    await client.POST?.("/v3/tokens", { body: { user_name: "", id_card_number: null } });
    expect(await (sent[0] as Request).json()).toEqual({ user_name: "", id_card_number: null });
  });

  test("are not looked for in a body that contains itself: it is named", async () => {
    const { client, sent } = clientOf();
    const body: Record<string, unknown> = { user_name: "张三" };
    body.self = body;
    await expect(client.POST?.("/v3/tokens", { body })).rejects.toThrow(
      /^(\/self)+ of body must be an object that does not contain itself/,
    );
    expect(sent).toEqual([]);
  });

  test("214 bytes are the most, in UTF-8", async () => {
    const { client, sent } = clientOf();
    const longest = `${"名".repeat(71)}x`;
    await client.POST?.("/v3/tokens", { body: { user_name: longest } });
    expect(decrypt((await (sent[0] as Request).json()).user_name)).toBe(longest);

    const error = await client
      .POST?.("/v3/tokens", { body: { user_name: `${longest}y` } })
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(EncryptionError);
    expect(error).toMatchObject({ name: "EncryptionError", reason: "too-long", field: "/user_name" });
    expect(String(error)).toBe("EncryptionError: /user_name has 215 bytes in UTF-8, and at most 214 can be encrypted.");
    expect(sent).toHaveLength(1);
  });

  test("the message names the field's place, never its value", async () => {
    const { client } = clientOf();
    const secret = "secret-".repeat(40);
    const error = await client
      .POST?.("/v3/transfers", { body: { list: [{ user_name: "甲" }, { user_name: secret }] } })
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ field: "/list/1/user_name" });
    expect(JSON.stringify(error) + String((error as Error).stack)).not.toContain("secret-");
  });

  test.each([[12345], [{ name: "张三" }], [true], ["张三\ud83d"]])(
    "%j is no text that UTF-8 can hold, and does not leave in the clear or changed",
    async (user_name) => {
      const { client, sent } = clientOf();
      await expect(client.POST?.("/v3/tokens", { body: { user_name } })).rejects.toMatchObject({
        reason: "not-text",
        field: "/user_name",
      });
      expect(sent).toEqual([]);
    },
  );

  test.each([
    ["a list in a list", { list: [[{ user_name: "张三" }]] }, "/list/0"],
    ["an object for a list's item", { list: { user_name: "张三" } }, "/list/user_name"],
    ["a list for the body", [{ list: [] }], ""],
  ])("%s is not what the spec says, and nothing is sent", async (_, body, field) => {
    const { client, sent } = clientOf();
    const error = await client.POST?.("/v3/transfers", { body }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: "EncryptionError", reason: "unsupported", field });
    expect(String(error)).not.toContain("张三");
    expect(sent).toEqual([]);
  });

  test("a query behind the path, and a Content-Type of the caller's, change nothing", async () => {
    const { client, sent } = clientOf();
    await client.POST?.("/v3/tokens?a=1", {
      body: { user_name: "张三" },
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
    });
    expect(decrypt((await (sent[0] as Request).json()).user_name)).toBe("张三");
  });

  test("an abort ends the wait for a key", async () => {
    const { client } = clientOf(() => new Promise<Response>(() => {}) as never, {
      platformKeys: undefined,
      apiV3Key: "x".repeat(32),
      timeout: false,
    });
    const call = client.POST?.("/v3/tokens", { body: { user_name: "张三" }, signal: AbortSignal.timeout(50) });
    const alive = setTimeout(() => {}, 5000);
    await expect(call).rejects.toMatchObject({ name: "TimeoutError" });
    clearTimeout(alive);
  });

  test("every repeat sends the same ciphertext, under a new signature", async () => {
    let count = 0;
    const { client, sent } = clientOf(
      () => (++count < 3 ? new Response("", { status: 500 }) : signedReply({ body: "{}" })),
      { retry: { baseDelay: 0 } },
    );
    await client.POST?.("/v3/transfers", { body: { out_batch_no: "1", list: [{ user_name: "甲" }] } });
    const bodies = await Promise.all(sent.map((request) => request.text()));
    expect(bodies).toHaveLength(3);
    expect(new Set(bodies).size).toBe(1);
  });

  test("an expired certificate encrypts nothing", async () => {
    const certificate = openssl.certificates["zero-nibble"];
    const { client, sent } = clientOf(undefined, {
      platformKeys: { [certificate.serialNo]: certificate.pem },
      clock: () => Date.UTC(2200, 0),
    });
    await expect(client.POST?.("/v3/tokens", { body: { user_name: "张三" } })).rejects.toMatchObject({
      reason: "no-platform-key",
      field: "/user_name",
    });
    expect(sent).toEqual([]);
  });
});

describe("sensitive parameters of a query", () => {
  const table: Operations = {
    "GET /v3/smartguide/guides": { operationId: "listGuides", sensitive: { query: ["mobile"] } },
    "POST /v3/people/{id}": { operationId: "addPerson", sensitive: { query: ["mobile"], request: ["/name"] } },
  };
  const listOf = (more: Partial<WeChatPayClientOptions> = {}) =>
    clientOf(() => signedReply({ body: "{}" }), { operations: table, ...more });
  const GUIDES = "/v3/smartguide/guides";
  const queryOf = (request?: Request) => new URL(request?.url ?? "").searchParams;

  test.each<[string, string, object]>([
    ["an object", GUIDES, { store_id: 1, mobile: "139 0000+0000/张三" }],
    ["URLSearchParams", GUIDES, new URLSearchParams({ store_id: "1", mobile: "139 0000+0000/张三" })],
    ["a text behind the path", `${GUIDES}?store_id=1&mobile=139%200000%2B0000/张三`, {}],
    ["as forms write it, its name encoded", `${GUIDES}?store_id=1&%6dobile=139+0000%2b0000%2F%E5%BC%A0%E4%B8%89`, {}],
  ])("are sent encrypted, however the query is given: %s", async (_, path, query) => {
    const { client, sent } = listOf();
    await client.GET?.(path, { params: { query } });
    const [request] = sent as [Request];
    expect(request.url).toMatch(/\?store_id=1&(m|%6d)obile=[\w%]+%3D%3D$/);
    expect(decrypt(queryOf(request).get("mobile"))).toBe("139 0000+0000/张三");
    expect(request.headers.get("Wechatpay-Serial")).toBe(PLATFORM_KEY_ID);
  });

  test.each(["MOBILE", "mobile ", "mobile[]", " Mobile[0]"])(
    "are encrypted under a name that a server may take for theirs: %j",
    async (name) => {
      const { client, sent } = listOf();
      await client.GET?.(GUIDES, { params: { query: { [name]: "13900000000" } } });
      expect(decrypt(queryOf(sent[0]).get(name))).toBe("13900000000");
    },
  );

  test.each(["a=1;mobile=13900000000", "?mobile=13900000000", "a=1&amp;mobile=13900000000", "mobile%ff=13900000000"])(
    "where servers differ on what is a parameter, nothing is sent: %s",
    async (query) => {
      const { client, sent } = listOf();
      const error = await client.GET?.(`${GUIDES}?${query}`).catch(String);
      expect(error).toMatch(/^EncryptionError: params\.query has ; or \?/);
      expect(error).not.toContain("13900000000");
      expect(sent).toEqual([]);
    },
  );

  test("what is signed is what is sent", async () => {
    const sandbox = await createSandbox();
    const wechatpay = createWeChatPayClient({
      ...sandbox.credentials,
      fetch: sandbox.fetch,
      operations: { "GET /v3/certificates": { operationId: "listCertificates", sensitive: { query: ["mobile"] } } },
    });
    const { response } = await wechatpay.GET("/v3/certificates", { params: { query: { mobile: "张三'~" } } as never });
    expect(response.status).toBe(200);
    expect(sandbox.requests[0]?.path).toMatch(/\?mobile=[\w%]+%3D%3D$/);
  });

  test("every item of a list is, and what is empty, absent or not marked is not", async () => {
    const { client, sent } = listOf();
    const query = { mobile: ["1", "", "2"], mobiles: "x&y", other: undefined };
    await client.GET?.(GUIDES, { params: { query } });
    const [first, second, third] = queryOf(sent[0]).getAll("mobile");
    expect([decrypt(first), second, decrypt(third)]).toEqual(["1", "", "2"]);
    expect(queryOf(sent[0]).get("mobiles")).toBe("x&y");
    await client.GET?.(GUIDES, { params: { query: { mobile: "" } } });
    await client.GET?.(GUIDES);
    expect(sent.slice(1).map(({ url }) => new URL(url).search)).toEqual(["?mobile=", ""]);
  });

  test("beside fields of the body, all by one key", async () => {
    const { client, sent } = listOf();
    const params = { path: { id: "a b" }, query: { mobile: "139" } };
    await client.POST?.("/v3/people/{id}", { params, body: { name: "张三" } });
    expect(new URL(sent[0]?.url ?? "").pathname).toBe("/v3/people/a%20b");
    expect(decrypt(queryOf(sent[0]).get("mobile"))).toBe("139");
    expect(decrypt((await (sent[0] as Request).json()).name)).toBe("张三");
  });

  test("every repeat sends the same ciphertext", async () => {
    let count = 0;
    const { client, sent } = clientOf(
      () => (++count < 3 ? new Response("", { status: 500 }) : signedReply({ body: "{}" })),
      { operations: table, retry: { baseDelay: 0 } },
    );
    await client.GET?.(GUIDES, { params: { query: { mobile: "139" } } });
    expect(sent).toHaveLength(3);
    expect(new Set(sent.map(({ url }) => url)).size).toBe(1);
  });

  test.each<[string, string, object, string]>([
    ["too long", GUIDES, { mobile: "secret".repeat(40) }, "has 240 bytes in UTF-8, and at most 214 can be encrypted."],
    ["no UTF-8", `${GUIDES}?mobile=secret%D5%C5`, {}, "is no text, or has a lone surrogate in it."],
    ["half of a percent sign", `${GUIDES}?mobile=secret%`, {}, "is no text, or has a lone surrogate in it."],
  ])("%s: the error names the parameter, never its value, and nothing is sent", async (_, path, query, message) => {
    const { client, sent } = listOf();
    const error = await client.GET?.(path, { params: { query } }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: "EncryptionError", field: "params.query.mobile" });
    expect((error as Error).message).toBe(`params.query.mobile ${message}`);
    expect(String((error as Error).stack)).not.toContain("secret");
    expect(sent).toEqual([]);
  });
});

describe("encryption by hand", () => {
  const other = generateKeys();
  const OTHER_ID = "PUB_KEY_ID_0114232134912410000000000001";
  const platformKeys = { [PLATFORM_KEY_ID]: platform.publicKey, [OTHER_ID]: other.publicKey };
  const plain = { "GET /v3/x": { operationId: "getX" }, ...operations };

  function handOf(more: Partial<WeChatPayClientOptions> = {}) {
    return createObservedClient(() => signedReply({ body: "{}" }), { operations: plain, ...more });
  }

  test("gives what openssl decrypts, and the serial of its key", async () => {
    const { wechatpay } = handOf();
    const { ciphertext, serial } = await wechatpay.encrypt("13900000000, 张三");
    expect(serial).toBe(PLATFORM_KEY_ID);
    const folder = await mkdtemp(join(tmpdir(), "oaep-"));
    const key = join(folder, "key.pem");
    await writeFile(key, platform.privateKey);
    const args = ["pkeyutl", "-decrypt", "-inkey", key, "-pkeyopt", "rsa_padding_mode:oaep"];
    const decrypted = execFileSync("openssl", args, { input: Buffer.from(ciphertext, "base64") }).toString();
    await rm(folder, { recursive: true });
    expect(decrypted).toBe("13900000000, 张三");
  });

  test("the same text twice is not the same ciphertext, and an empty one stays empty", async () => {
    const { wechatpay } = handOf();
    const [first, second] = await Promise.all([wechatpay.encrypt("张三"), wechatpay.encrypt("张三")]);
    expect(first.ciphertext).not.toBe(second.ciphertext);
    expect(await wechatpay.encrypt("")).toEqual({ ciphertext: "", serial: PLATFORM_KEY_ID });
  });

  test.each<[string, unknown, string]>([
    [
      "too long",
      "secret".repeat(40),
      "EncryptionError: /text has 240 bytes in UTF-8, and at most 214 can be encrypted.",
    ],
    ["half a character", "secret\ud83d", "EncryptionError: /text is no text, or has a lone surrogate in it."],
    ["a number", 13900000000, "TypeError: text must be a text; given: number."],
    ["nothing", undefined, "TypeError: text must be a text; given: undefined."],
    ["a promise", Promise.resolve("secret"), "TypeError: text must be a text; given: Promise: is an await missing?"],
  ])("%s is refused, and not repeated in the error", async (_, text, message) => {
    const { wechatpay } = handOf();
    expect(await wechatpay.encrypt(text as string).catch(String)).toBe(message);
  });

  test("where no key is valid, the error says so", async () => {
    const { serialNo, pem } = openssl.certificates["zero-nibble"];
    const { wechatpay } = handOf({ platformKeys: { [serialNo]: pem }, clock: () => Date.UTC(2200, 0) });
    for (const text of ["张三", ""]) {
      const error = await wechatpay.encrypt(text).catch(String);
      expect(error).toContain("No platform key is valid now: check platformKeys and this machine's clock");
    }
  });

  test.each(["/v3/x", "/v3/unknown"])("a call to %s that sends it names its key: headers of any kind", async (path) => {
    const { wechatpay, sent } = handOf({ platformKeys });
    const client = wechatpay as never as AnyClient;
    const named = OTHER_ID.toLowerCase();
    const all = [
      { "Wechatpay-Serial": named },
      new Headers({ "wechatpay-serial": named }),
      [["WECHATPAY-SERIAL", named]],
    ];
    for (const headers of all) await client.GET?.(path, { headers });
    await client.GET?.(path, { params: { header: { "Wechatpay-Serial": named } } });
    await client.GET?.(path, { headers: { "Wechatpay-Serial": "" } });
    const serials = sent.map(({ headers }) => headers.get("Wechatpay-Serial"));
    expect(serials).toEqual([...Array(4).fill(OTHER_ID), PLATFORM_KEY_ID]);
  });

  test("and what the client encrypts in that call is encrypted for the same", async () => {
    const { wechatpay, sent } = handOf({ platformKeys });
    const headers = { "Wechatpay-Serial": OTHER_ID };
    await (wechatpay as never as AnyClient).POST?.("/v3/tokens", { body: { user_name: "张三" }, headers });
    expect(sent[0]?.headers.get("Wechatpay-Serial")).toBe(OTHER_ID);
    const { user_name } = await (sent[0] as Request).json();
    const plaintext = privateDecrypt({ key: other.privateKey, ...oaep }, Buffer.from(user_name, "base64"));
    expect(plaintext.toString()).toBe("张三");
  });

  test.each<[string, object, object]>([
    [
      "a call that the client encrypts nothing in",
      {},
      { name: "KeyError", reason: "unknown-serial", option: "Wechatpay-Serial" },
    ],
    [
      "one that it does",
      { user_name: "张三" },
      { name: "EncryptionError", reason: "no-platform-key", field: "/user_name" },
    ],
  ])("a key that is not held is refused before anything is sent: %s", async (_, body, expected) => {
    const { wechatpay, sent } = handOf();
    const call = { body, headers: { "Wechatpay-Serial": options.serialNo } };
    const error = await (wechatpay as never as AnyClient).POST?.("/v3/tokens", call).catch((reason: unknown) => reason);
    expect(error).toMatchObject(expected);
    expect(String(error)).toContain(
      `Wechatpay-Serial names no platform key that is held (${PLATFORM_KEY_ID}): name the one that encrypt gave, or none.`,
    );
    expect(sent).toEqual([]);
  });
});

describe("toJSON is followed as JSON.stringify does, so that no sensitive field gets past", () => {
  class Person {
    readonly #name: string;
    constructor(name: string) {
      this.#name = name;
    }
    toJSON(key: string) {
      return { user_name: this.#name, key };
    }
  }
  /** A copy of it that still had its toJSON would become the original again. */
  const itself = (fields: object) => {
    const made = { ...fields, toJSON: (): object => made };
    return made;
  };
  const text = (value: string) => ({ toJSON: () => value });

  test.each<[string, object]>([
    ["of the body, which brings the fields", { list: [], toJSON: () => ({ list: [{ user_name: "张三" }] }) }],
    ["of the body, which renames it", { name: "张三", toJSON: () => ({ list: [{ user_name: "张三" }] }) }],
    ["of the body, own and enumerable, that returns the body", itself({ list: [{ user_name: "张三" }] })],
    ["of the list", { list: { toJSON: () => [{ user_name: "张三" }] } }],
    ["of an item, by its class", { list: [new Person("张三"), new Person("李四")] }],
    ["of an item, own and enumerable, that returns the item", { list: [itself({ user_name: "张三", n: 1 })] }],
    ["of an item, whose JSON has one that is not called", { list: [{ toJSON: () => itself({ user_name: "张三" }) }] }],
    ["of the text", { list: [{ user_name: text("张三") }], contacts: { x: { y: { "a/b": text("李四") } } } }],
    ["that hides the field", { list: [{ user_name: "张三", toJSON: () => ({ n: 1 }) }] }],
    ["that is a field and no function", { list: [{ user_name: "张三", toJSON: "x" }] }],
    ["beside the fields", { list: [{ user_name: "张三", at: new Date(0) }], more: text("x") }],
    [
      "where there is none: holes, __proto__",
      { list: Object.assign([], { 1: { user_name: "张三" } }), contacts: JSON.parse('{"__proto__":[{"a/b":"李四"}]}') },
    ],
  ])("%s", async (_, body) => {
    const { client, sent } = clientOf(() => signedReply({ body: "{}" }));
    await client.POST?.("/v3/transfers", { body });
    const wire = (await sent[0]?.text()) ?? "";
    expect(wire).not.toMatch(/张三|李四/);
    const decrypted = wire.replace(/"([0-9A-Za-z+/]{342}==)"/g, (_, ciphertext) => JSON.stringify(decrypt(ciphertext)));
    expect(decrypted).toBe(JSON.stringify(body));
  });

  test("it is called once, for it may answer otherwise the next time", async () => {
    const { client, sent } = clientOf();
    const toJSON = vi.fn().mockReturnValueOnce({ user_name: "张三" }).mockReturnValue({ user_name: "李四" });
    await client.POST?.("/v3/tokens", { body: { toJSON } });
    expect(toJSON).toHaveBeenCalledExactlyOnceWith("");
    expect(decrypt((await (sent[0] as Request).json()).user_name)).toBe("张三");
  });

  test("what it makes something else of is refused", async () => {
    const { client, sent } = clientOf();
    const body = { toJSON: () => ({ user_name: { toJSON: () => ({ name: "张三" }) } }) };
    await expect(client.POST?.("/v3/tokens", { body })).rejects.toMatchObject({ reason: "not-text" });
    await expect(client.POST?.("/v3/tokens", { body: { toJSON: () => "张三" } })).rejects.toThrow(
      "body must be an object, which is sent as JSON, or a list; given: string of ",
    );
    expect(sent).toEqual([]);
  });
});

describe("sensitive fields of a reply", () => {
  const detail = (username: string) => () => signedReply({ body: JSON.stringify({ amount: 1, username }) });
  const get = (client: AnyClient) => client.GET?.("/v3/details/{id}", { params: { path: { id: "1" } } });

  test("are verified as they came, and handed out as plain text", async () => {
    const { client } = clientOf(detail(encrypt("张三")));
    expect((await get(client))?.data).toEqual({ amount: 1, username: "张三" });
  });

  test("an empty one stays empty", async () => {
    const { client } = clientOf(detail(""));
    expect((await get(client))?.data).toEqual({ amount: 1, username: "" });
  });

  test.each([
    ["another key's", encrypt("张三", generateKeys().publicKey)],
    ["plain text", "张三"],
    ["no base64", "****"],
  ])("%s is an error that names the field", async (_, username) => {
    const { client } = clientOf(detail(username));
    const error = await get(client)?.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: "EncryptionError", reason: "decrypt-failed", field: "/username" });
    expect(String(error)).not.toContain("张三");
  });

  test("parseAs: text gives the text with plain text in it, and the digits of long numbers", async () => {
    const [name, other] = [encrypt('张"三'), encrypt("李四")];
    const escaped = name.replaceAll("/", "\\/").replaceAll("+", "\\u002b");
    const text = `{ "id": 9007199254740993, "list": [{"user_name":"${escaped}"}, {"note":"${other}\\"","user_name" : "${other}"}], "f": 1.0 }`;
    const { client } = clientOf(() => signedReply({ body: text }));
    const { data } = (await client.POST?.("/v3/transfers", { body: { list: [] }, parseAs: "text" })) ?? {};
    expect(data).toBe(text.replace(`"${escaped}"`, '"张\\"三"').replace(`: "${other}"`, ': "李四"'));
  });

  test("parseAs: text of a response without JSON is its text", async () => {
    for (const [reply, text] of [
      [{ body: "" }, ""],
      [{ status: 204, body: null }, undefined],
      [{ body: "`a" }, "`a"],
    ] as const) {
      const { client } = clientOf(() => signedReply(reply));
      const { data } = (await client.POST?.("/v3/transfers", { body: { list: [] }, parseAs: "text" })) ?? {};
      expect(data).toBe(text);
    }
  });

  test.each(["blob", "arrayBuffer", "stream"])("parseAs: %s would give ciphertext, and is refused", async (parseAs) => {
    const { client, sent } = clientOf(detail(encrypt("张三")));
    const call = client.GET?.("/v3/details/{id}", { params: { path: { id: "1" } }, parseAs });
    await expect(call).rejects.toThrow("parseAs must be json or text here: encrypted fields are decrypted in it");
    expect(sent).toEqual([]);
  });

  test("an error reply has none", async () => {
    const { client } = clientOf(() => new Response('{"code":"X","message":"y","username":"z"}', { status: 400 }));
    expect(await get(client)).toMatchObject({ error: { code: "X", username: "z" } });
  });

  describe("where the private key is out of reach", () => {
    const { privateKey: _, ...noKey } = options;
    const signer = async () => new Uint8Array(256);
    const withSigner = (more: object) =>
      createWeChatPayClient({
        ...noKey,
        signer,
        operations,
        fetch: async () => detail(encrypt("张三"))(),
        ...more,
      }) as never as AnyClient;

    test("decrypter decrypts", async () => {
      const decrypter = async (ciphertext: Uint8Array) =>
        privateDecrypt({ key: merchant.privateKey, ...oaep }, ciphertext);
      expect((await get(withSigner({ decrypter })))?.data).toEqual({ amount: 1, username: "张三" });
    });

    test("and without it the error says what to give", async () => {
      const error = await get(withSigner({}))?.catch((reason: unknown) => reason);
      expect(error).toMatchObject({
        reason: "no-private-key",
        field: "/username",
        message: expect.stringContaining("a decrypter beside the signer"),
      });
    });

    test("what it throws is the cause", async () => {
      const cause = new Error("KMS is away");
      await expect(get(withSigner({ decrypter: () => Promise.reject(cause) }))).rejects.toMatchObject({
        reason: "decrypt-failed",
        cause,
      });
    });
  });
});

describe("a call stringifies its body once and parses its reply once", () => {
  test.each([
    ["without sensitive fields", "/v3/other", { out_batch_no: "once", list: [] }, { amount: 1 }],
    [
      "with them",
      "/v3/transfers",
      { out_batch_no: "once", list: [{ user_name: "甲" }] },
      { list: [{ user_name: encrypt("乙") }] },
    ],
  ])("%s", async (_, path, body, reply) => {
    const text = JSON.stringify(reply);
    const { client } = clientOf(() => signedReply({ body: text }));
    const stringify = vi.spyOn(JSON, "stringify");
    const parse = vi.spyOn(JSON, "parse");
    try {
      await client.POST?.(path, { body });
      const isBody = (value: unknown) => (value as typeof body | undefined)?.out_batch_no === "once";
      expect(stringify.mock.calls.filter(([value]) => isBody(value))).toHaveLength(1);
      expect(parse.mock.calls.filter(([given]) => given === text)).toHaveLength(1);
      expect(parse.mock.calls.filter(([given]) => given.includes("once"))).toEqual([]);
    } finally {
      vi.restoreAllMocks();
    }
  });
});

test("an operation without such fields pays nothing: its bytes are not even parsed", async () => {
  const { client, sent } = clientOf();
  await client.POST?.("/v3/plain/{id}", { params: { path: { id: "1" } }, body: { user_name: "张三", big: 1e21 } });
  expect(await sent[0]?.text()).toBe('{"user_name":"张三","big":1e+21}');
});
