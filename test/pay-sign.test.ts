import { build } from "esbuild";
import { describe, expect, expectTypeOf, test } from "vitest";
import { type JsapiPayment, KeyError, merchantTransferLaunch, paySign } from "wechatpay-openapi-fetch";
import { verifyText } from "./support/keys.js";
import { merchant, options } from "./support/wechatpay.js";
import openssl from "./vectors/openssl.json" with { type: "json" };
import * as published from "./vectors/published.js";

const NONCE = "593BEC0C930BF1AFEB40B4A08C8FB242";
const fixed = { mchid: "1900000109", clock: () => 1_554_208_460_999, nonce: () => NONCE };
const order = { appid: "wx2421b1c4370ec43b", prepay_id: "wx201410272009395522657a690389285100" };

describe("paySign gives what the front end opens the payment with, signed as the openssl command line signs it", () => {
  const { jsapi, miniProgram, app } = paySign({ ...fixed, privateKey: openssl.keys.merchant.pkcs8 });
  const [withPrefix, bare] = openssl.payments;

  test("jsapi: the argument of WeixinJSBridge.invoke('getBrandWCPayRequest', …)", async () => {
    expect(await jsapi(order)).toEqual({
      appId: "wx2421b1c4370ec43b",
      timeStamp: "1554208460",
      nonceStr: NONCE,
      package: "prepay_id=wx201410272009395522657a690389285100",
      signType: "RSA",
      paySign: withPrefix?.signature,
    });
  });

  test("miniProgram: the argument of wx.requestPayment, which knows the AppID itself", async () => {
    expect(await miniProgram(order)).toEqual({
      timeStamp: "1554208460",
      nonceStr: NONCE,
      package: "prepay_id=wx201410272009395522657a690389285100",
      signType: "RSA",
      paySign: withPrefix?.signature,
    });
  });

  test("app: the fields of the OpenSDK's PayReq, signed over the bare prepay_id", async () => {
    expect(await app(order)).toEqual({
      appId: "wx2421b1c4370ec43b",
      partnerId: "1900000109",
      prepayId: "wx201410272009395522657a690389285100",
      packageValue: "Sign=WXPay",
      nonceStr: NONCE,
      timeStamp: "1554208460",
      sign: bare?.signature,
    });
  });

  test("each is typed by its own fields", () => {
    expectTypeOf(jsapi).returns.resolves.toEqualTypeOf<JsapiPayment>();
    expectTypeOf<JsapiPayment["signType"]>().toEqualTypeOf<"RSA">();
    expectTypeOf<Awaited<ReturnType<typeof miniProgram>>>().not.toHaveProperty("appId");
    expectTypeOf<Awaited<ReturnType<typeof app>>["packageValue"]>().toEqualTypeOf<"Sign=WXPay">();
  });
});

describe("paySign takes", () => {
  test("the client's own options, and the order's response spread beside the AppID", async () => {
    const response = { prepay_id: order.prepay_id };
    const { timeStamp, ...payment } = await paySign(options).jsapi({ appid: order.appid, ...response });
    const signed = `wx2421b1c4370ec43b\n${timeStamp}\n${payment.nonceStr}\n${payment.package}\n`;
    expect(verifyText(merchant.publicKey, signed, payment.paySign)).toBe(true);
  });

  test("the time and a nonce of each payment's own, unless told otherwise", async () => {
    const { app } = paySign({ mchid: "1900000109", privateKey: merchant.privateKey });
    const before = Math.floor(Date.now() / 1000);
    const [one, other] = [await app(order), await app(order)];
    expect(Number(one.timeStamp)).toBeGreaterThanOrEqual(before);
    expect(one.timeStamp).toMatch(/^\d{10}$/);
    expect(one.nonceStr).toMatch(/^[\dA-Za-z]{32}$/);
    expect(one.nonceStr).not.toBe(other.nonceStr);
    const signed = `${order.appid}\n${one.timeStamp}\n${one.nonceStr}\n${order.prepay_id}\n`;
    expect(verifyText(merchant.publicKey, signed, one.sign)).toBe(true);
  });

  test("a signer in place of the key: it is given the four lines, each closed by LF", async () => {
    const messages: string[] = [];
    const signer = async (message: Uint8Array) => {
      messages.push(new TextDecoder().decode(message));
      return Uint8Array.of(1, 2, 3);
    };
    const { jsapi, app } = paySign({ ...fixed, signer });
    expect([(await jsapi(order)).paySign, (await app(order)).sign]).toEqual(["AQID", "AQID"]);
    expect(messages).toEqual(openssl.payments.map(({ message }) => message));
  });

  test("a merchant number as it is pasted", async () => {
    const { app } = paySign({ ...fixed, mchid: " 1900000109\n", privateKey: merchant.privateKey });
    expect((await app(order)).partnerId).toBe("1900000109");
  });
});

describe("paySign refuses at construction", () => {
  test.each<[string, object, RegExp]>([
    ["no merchant number", { mchid: undefined }, /^mchid must be a text of digits; given: undefined\.$/],
    ["no key", { privateKey: undefined }, /^privateKey or signer, exactly one of them, is required; given: neither\.$/],
    ["a key and a signer", { signer: async () => new Uint8Array(1) }, /^privateKey or signer, exactly one/],
    ["a clock that is no function", { clock: 1_554_208_460 }, /^clock must be a function; given: number\.$/],
    ["a misspelt option", { private_key: "…" }, /^private_key is written privateKey\.$/],
  ])("%s", (_, wrong, message) => {
    expect(() => paySign({ ...fixed, privateKey: merchant.privateKey, ...wrong })).toThrow(TypeError);
    expect(() => paySign({ ...fixed, privateKey: merchant.privateKey, ...wrong })).toThrow(message);
  });

  test("what is no private key, with the reason", () => {
    expect(() => paySign({ ...fixed, privateKey: merchant.publicKey })).toThrow(KeyError);
  });

  test("no options at all", () => {
    expect(() => paySign(undefined as never)).toThrow("options must be an object; given: undefined.");
  });
});

describe("an order is refused, by the name of what is wrong and without its value", () => {
  const { jsapi, miniProgram, app } = paySign({ ...fixed, privateKey: merchant.privateKey });
  const places = Object.entries({ jsapi, miniProgram, app });

  test.each<[string, object, RegExp]>([
    ["without a prepay_id, such as that of H5", { prepay_id: undefined }, /^prepay_id must be .*given: undefined\.$/],
    ["with an empty prepay_id", { prepay_id: "" }, /^prepay_id must be .*given: string of 0 characters\.$/],
    [
      "with prepay_id= before it",
      { prepay_id: "prepay_id=wx2014" },
      /^prepay_id must be .* nothing before or after it;/,
    ],
    ["with a prepay_id that is no text", { prepay_id: 2014 }, /^prepay_id must be .*given: number\.$/],
    ["with a prepay_id of 65 characters", { prepay_id: "w".repeat(65) }, /^prepay_id must be/],
    ["with a line end after the prepay_id", { prepay_id: "wx2014\n" }, /^prepay_id must be/],
    ["with a blank in the prepay_id", { prepay_id: "wx 2014" }, /^prepay_id must be/],
    ["with a lone surrogate", { prepay_id: "wx\ud8002014" }, /^prepay_id must be/],
    ["with Chinese in the AppID", { appid: "公众号" }, /^appid must be an AppID: at most 32 visible ASCII characters;/],
    ["with a further line in the AppID", { appid: "wx2014\n1554208460" }, /^appid must be/],
    ["with an AppID of 33 characters", { appid: "w".repeat(33) }, /^appid must be/],
    ["with an empty AppID", { appid: "" }, /^appid must be/],
    ["without an AppID", { appid: null }, /^appid must be .*given: null\.$/],
    ["with the names of the front end", { appid: undefined, appId: "wx2014" }, /^appId is written appid\.$/],
    ["with a name in camelCase", { prepay_id: undefined, prepayId: "wx2014" }, /^prepayId is written prepay_id\.$/],
  ])("%s", async (_, wrong, message) => {
    for (const [, place] of places) {
      const refused = place({ ...order, ...wrong } as never);
      await expect(refused).rejects.toThrow(TypeError);
      await expect(refused).rejects.toThrow(message);
      await expect(refused).rejects.not.toThrow(/2014|www/);
    }
  });

  test.each(places)("%s: that is no object", async (_, place) => {
    await expect(place("wx201410272009395522657a690389285100" as never)).rejects.toThrow(
      "appid, prepay_id must be properties of an object; given: string of ",
    );
  });

  test.each<[string, object, string]>([
    ["a clock in no number", { clock: () => Number.NaN }, "clock must be a function that gives ms since the epoch"],
    [
      "a nonce with a line end",
      { nonce: () => "a\nb" },
      "nonce must be a function that gives 1 to 32 visible characters",
    ],
    [
      "a signer without a signature",
      { privateKey: undefined, signer: async () => "" },
      "signer must be a function that",
    ],
  ])("so is %s", async (_, wrong, message) => {
    const { app } = paySign({ ...fixed, privateKey: merchant.privateKey, ...wrong });
    await expect(app(order)).rejects.toThrow(message);
  });
});

describe("merchantTransferLaunch gives the argument of wx.requestMerchantTransfer", () => {
  const transfer = { mchid: "1900000109", appid: "wxf636efh567hg4356", package_info: "affffddafdfafddffda==" };
  const launch = { mchId: "1900000109", appId: "wxf636efh567hg4356", package: "affffddafdfafddffda==" };

  test("of a transfer that waits for its user", () => {
    expect(merchantTransferLaunch(transfer)).toEqual(launch);
  });

  test("a response can be spread into it: what the front end does not take is left out", () => {
    const response = { out_bill_no: "plfk2020042013", state: "WAIT_USER_CONFIRM", mch_id: "1900000109" };
    expect(merchantTransferLaunch({ ...response, ...transfer, mchid: "1900000109\n" })).toEqual(launch);
  });

  test("in an App it is the query of WXOpenBusinessView", () => {
    expect(String(new URLSearchParams(merchantTransferLaunch(transfer)))).toBe(
      "mchId=1900000109&appId=wxf636efh567hg4356&package=affffddafdfafddffda%3D%3D",
    );
  });

  test.each<[string, object, RegExp]>([
    ["a transfer that waits for nobody", { package_info: undefined }, /^package_info must be .*WAIT_USER_CONFIRM;/],
    ["an empty package_info", { package_info: "" }, /^package_info must be/],
    ["a lone surrogate", { package_info: "af\udc00" }, /^package_info must be/],
    ["a package_info of 1025 characters", { package_info: "a".repeat(1025) }, /^package_info must be/],
    ["a merchant number as a number", { mchid: 1900000109 }, /^mchid must be a text of digits; given: number\.$/],
    ["another spelling", { mchid: undefined, mch_id: "1900000109" }, /^mch_id is written mchid\.$/],
    ["no AppID", { appid: "" }, /^appid must be an AppID/],
  ])("%s is refused by name", (_, wrong, message) => {
    expect(() => merchantTransferLaunch({ ...transfer, ...wrong } as never)).toThrow(TypeError);
    expect(() => merchantTransferLaunch({ ...transfer, ...wrong } as never)).toThrow(message);
  });
});

test("who does not use them does not bundle them", async () => {
  const bundled = async (name: string) => {
    const stdin = { contents: `export { ${name} } from "./src/index.ts";`, resolveDir: "." };
    const { metafile } = await build({ stdin, bundle: true, format: "esm", write: false, metafile: true });
    const inputs = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs));
    return inputs.some(([file, { bytesInOutput }]) => file === "src/pay-sign.ts" && bytesInOutput > 0);
  };
  expect(await bundled("createWeChatPayClient")).toBe(false);
  expect(await bundled("paySign")).toBe(true);
});

const isHere = published.hasFile("pay-sign");
const title = "vectors of WeChat Pay's documents";
describe.skipIf(!isHere)(isHere ? title : `${title}: ../shared/vectors/pay-sign.json is not here`, () => {
  interface Vector {
    id: string;
    privateKeyPkcs8: string;
    appid: string;
    timestamp: string;
    nonce: string;
    prepay_id: string;
    signature: string;
  }
  const all = (kind: string) => (isHere ? published.vectors<Vector>("pay-sign", kind) : []);
  const signerOf = ({ privateKeyPkcs8: privateKey, timestamp, nonce }: Vector) =>
    paySign({ mchid: "1900000109", privateKey, clock: () => Number(timestamp) * 1000, nonce: () => nonce });

  test("are of both kinds", () => {
    expect(all("jsapi-pay-sign")).not.toEqual([]);
    expect(all("app-pay-sign")).not.toEqual([]);
  });

  test.each(all("jsapi-pay-sign"))("$id", async ({ signature, ...vector }) => {
    const { jsapi, miniProgram } = signerOf({ signature, ...vector });
    expect((await jsapi(vector)).paySign).toBe(signature);
    expect((await miniProgram(vector)).paySign).toBe(signature);
  });

  test.each(all("app-pay-sign"))("$id", async ({ signature, ...vector }) => {
    expect((await signerOf({ signature, ...vector }).app(vector)).sign).toBe(signature);
  });
});
