import createClient from "openapi-fetch";
import { describe, expect, test } from "vitest";
import {
  createNotificationReceiver,
  createWeChatPayClient,
  signing,
  unwrap,
  type WeChatPayClientOptions,
} from "wechatpay-openapi-fetch";
import {
  createObservedClient,
  examples,
  merchant,
  options,
  PLATFORM_KEY_ID,
  PRE_ORDER,
  platform,
  signedReply,
} from "../support/wechatpay.js";
import openssl from "../vectors/openssl.json" with { type: "json" };

const body = examples.request;
const { mchid, serialNo } = options;
const certificate = openssl.certificates["zero-nibble"];
const pairs = (serial: string, separator: string) => serial.match(/../g)?.join(separator) as string;

/** What a call sends when the client is made with these options: who signed, and which key it names. */
async function sentWith(more: Partial<WeChatPayClientOptions>, signedBy?: { name: string; privateKey: string }) {
  const reply = signedBy && { signedBy: signedBy.privateKey, headers: { "Wechatpay-Serial": signedBy.name } };
  const { wechatpay, sent } = createObservedClient(() => signedReply(reply), more);
  unwrap(await wechatpay.POST(PRE_ORDER, { body }));
  const headers = sent[0]?.headers;
  const [, mchid] = /mchid="(.*?)"/.exec(headers?.get("Authorization") ?? "") ?? [];
  const [, serialNo] = /serial_no="(.*?)"/.exec(headers?.get("Authorization") ?? "") ?? [];
  return { mchid, serialNo, platformKey: headers?.get("Wechatpay-Serial") };
}

describe("an ID is taken as meant", () => {
  test.each([
    ["a line end, as a file ends", `${mchid}\n`, `${serialNo}\r\n`],
    ["blanks and a tab around", ` ${mchid}\t`, `\t${serialNo} `],
    ["a byte order mark", `\uFEFF${mchid}`, `\uFEFF${serialNo}`],
    ["the invisible mark that Windows' certificate viewer adds", `\u200E${mchid}`, `\u200E${serialNo}`],
    ["a zero-width blank inside", `1900\u200B000109`, `${serialNo.slice(0, 8)}\u200B${serialNo.slice(8)}`],
  ])("with %s", async (_, mchid, serialNo) => {
    expect(await sentWith({ mchid, serialNo })).toMatchObject({ mchid: options.mchid, serialNo: options.serialNo });
  });

  test.each([
    ["openssl x509 -serial", `serial=${serialNo}\n`],
    ["openssl x509 -text", pairs(serialNo.toLowerCase(), ":")],
    ["Windows", pairs(serialNo.toLowerCase(), " ")],
    ["tools that write lower case", serialNo.toLowerCase()],
  ])("a serial as it is printed by %s", async (_, printed) => {
    expect(await sentWith({ serialNo: printed })).toMatchObject({ serialNo });
  });

  test("a platform key's, which is then named and found by it", async () => {
    const name = PLATFORM_KEY_ID;
    const signedBy = { name, privateKey: platform.privateKey };
    const given = { platformKeys: { [` ${name}\n`]: platform.publicKey } };
    expect(await sentWith(given, signedBy)).toMatchObject({ platformKey: name });
  });

  test.each([
    ["openssl x509 -serial", `serial=${certificate.serialNo}\n`],
    ["openssl x509 -text", pairs(certificate.serialNo.toLowerCase(), ":")],
  ])("a platform certificate's, as it is printed by %s", async (_, printed) => {
    const signedBy = { name: certificate.serialNo, privateKey: openssl.keys.platform.pkcs8 };
    const clock = () => Date.parse(certificate.notBefore) + 1000;
    const reply = () =>
      signedReply({
        timestamp: Math.floor(clock() / 1000),
        signedBy: signedBy.privateKey,
        headers: { "Wechatpay-Serial": signedBy.name },
      });
    const { wechatpay, sent } = createObservedClient(reply, { clock, platformKeys: { [printed]: certificate.pem } });
    unwrap(await wechatpay.POST(PRE_ORDER, { body }));
    expect(sent[0]?.headers.get("Wechatpay-Serial")).toBe(certificate.serialNo);
  });

  test("the merchant's own certificate is known in any form", () => {
    const platformKeys = { [certificate.serialNo]: certificate.pem };
    const serialNo = ` serial=${certificate.serialNo.toLowerCase()}\n`;
    expect(() => createWeChatPayClient({ ...options, serialNo, platformKeys })).toThrow("is your own certificate");
  });

  test("by signing() too", async () => {
    const sent: string[] = [];
    const fetch = async (request: Request) => {
      sent.push(request.headers.get("Authorization") ?? "");
      return Response.json({});
    };
    const client = createClient<{ "/v3/x": { get: { responses: Record<number, unknown> } } }>({
      baseUrl: "https://api.mch.weixin.qq.com",
      fetch,
    });
    const own = { mchid: `${mchid}\n`, serialNo: `serial=${serialNo}`, privateKey: merchant.privateKey };
    client.use(signing(own));
    await client.GET("/v3/x");
    expect(sent[0]).toContain(`mchid="${mchid}",`);
    expect(sent[0]).toContain(`serial_no="${serialNo}",`);
  });
});

describe("an ID of another form is refused at construction, and its form is named", () => {
  const create = (more: object) => () => createWeChatPayClient({ ...options, ...more });
  const decimal = BigInt(`0x${serialNo}`).toString();
  const apiV3Key = "0123456789abcdefghijABCDEFGHIJ!@";

  test.each<[string, object, string]>([
    ["a serial in decimal", { serialNo: decimal }, "serialNo must be the merchant API certificate's serial, in hex"],
    ["a public key's ID for the serial", { serialNo: PLATFORM_KEY_ID }, "serialNo must be"],
    ["a platform serial in decimal", { platformKeys: { [decimal]: certificate.pem } }, "One name is no serial in hex"],
    [
      "a public key's ID without its prefix",
      { platformKeys: { [PLATFORM_KEY_ID.replace("PUB_KEY_ID_", "")]: platform.publicKey } },
      "One name is an ID without its PUB_KEY_ID_",
    ],
    ["a blank in the APIv3 key", { apiV3Key: apiV3Key.replace("a", " ") }, "without blanks or line ends"],
    ["a line end that makes 32 bytes", { apiV3Key: `${apiV3Key.slice(1)}\n` }, "without blanks or line ends"],
    ["a CR that makes 32 bytes", { apiV3Key: `${apiV3Key.slice(1)}\r` }, "without blanks or line ends"],
    ["an invisible character", { apiV3Key: `\u200B${apiV3Key.slice(3)}` }, "without blanks or line ends"],
  ])("%s", (_, more, message) => {
    expect(create(more)).toThrow(TypeError);
    expect(create(more)).toThrow(message);
    for (const value of [decimal, apiV3Key.slice(4, 20)]) expect(create(more)).not.toThrow(value);
  });

  test("by the receiver of notifications too", () => {
    const platformKeys = { [PLATFORM_KEY_ID]: platform.publicKey };
    expect(() => createNotificationReceiver({ platformKeys, apiV3Key: `${apiV3Key.slice(1)}\n` })).toThrow("line ends");
  });
});
