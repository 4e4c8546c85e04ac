import { toBase64, toUtf8 } from "./bytes.js";
import { isRecord, isText, refuseMisspelt, requireOption } from "./checks.js";
import { readMerchantKey } from "./keys/merchant-key.js";
import { readId } from "./keys/platform-key.js";
import { checkOptions, type SigningOptions } from "./options.js";
import { stamp } from "./wire/sign.js";

/** The merchant and its signing key: the options of the client that made the order will do. */
export type PaySignOptions = Omit<SigningOptions, "serialNo"> & Partial<Pick<SigningOptions, "serialNo">>;

/** An order (预支付交易会话) that waits for its user to pay. */
export interface PrepaidOrder {
  /** 应用ID The AppID where the user pays, as the order has it; for a service provider `sp_appid` or `sub_appid`. */
  appid: string;
  /** 预支付交易会话标识 From the response to the order; it can be used for 2 hours. */
  prepay_id: string;
}

/** The argument of `wx.requestPayment` in a mini program (小程序调起支付). */
export type MiniProgramPayment = {
  /** 时间戳 Unix time in seconds. */
  timeStamp: string;
  /** 随机字符串 */
  nonceStr: string;
  /** 预支付交易会话标识 `prepay_id=…` */
  package: string;
  /** 签名方式 */
  signType: "RSA";
  /** 签名值 */
  paySign: string;
};

/** The argument of `WeixinJSBridge.invoke("getBrandWCPayRequest", …)` on a page in WeChat (JSAPI调起支付). */
export type JsapiPayment = {
  /** 公众号ID */
  appId: string;
} & MiniProgramPayment;

/** The fields of the OpenSDK's `PayReq` in an App (APP调起支付), as Android and HarmonyOS name them. */
export type AppPayment = {
  /** 应用ID */
  appId: string;
  /** 商户号 */
  partnerId: string;
  /** 预支付交易会话标识 */
  prepayId: string;
  /** 订单详情扩展字符串 On iOS this field is called `package`. */
  packageValue: "Sign=WXPay";
  /** 随机字符串 */
  nonceStr: string;
  /** 时间戳 Unix time in seconds. */
  timeStamp: string;
  /** 签名值 */
  sign: string;
};

/** What {@link paySign} gives: a function for each place where a user pays. */
export interface PaySign {
  /** On a page in WeChat: the argument of `WeixinJSBridge.invoke("getBrandWCPayRequest", …)`. */
  jsapi(order: PrepaidOrder): Promise<JsapiPayment>;
  /** In a mini program: the argument of `wx.requestPayment`, beside its callbacks. */
  miniProgram(order: PrepaidOrder): Promise<MiniProgramPayment>;
  /** In an App: the fields of the OpenSDK's `PayReq`. */
  app(order: PrepaidOrder): Promise<AppPayment>;
}

/**
 * The second signature (调起支付签名): what the front end opens the payment with, once the order has a `prepay_id`.
 *
 * ```ts
 * const { jsapi, miniProgram, app } = paySign({ mchid, privateKey });
 * const payment = await miniProgram({ appid, prepay_id }); // the front end: wx.requestPayment(payment)
 * ```
 *
 * The key has to be the one that signed the order. What the front end is told afterwards proves no payment: wait for the notification, or query
 * the order. H5 and Native payments need no second signature.
 *
 * The functions it gives reject with a `TypeError` that names what is wrong with the order.
 *
 * Source: https://pay.weixin.qq.com/doc/v3/merchant/4012365339, https://pay.weixin.qq.com/doc/v3/merchant/4012365340,
 * https://pay.weixin.qq.com/doc/v3/merchant/4013070351
 *
 * @throws {TypeError} naming the option that is missing or of the wrong form.
 * @throws {KeyError} if `privateKey` is no RSA private key.
 */
export function paySign(options: PaySignOptions): PaySign {
  checkOptions(options, ["mchid"]);
  const { mchid, privateKey, signer, clock = Date.now, nonce } = options;
  const merchant = readMerchantKey(privateKey, signer);

  /** What is signed: AppID, time, nonce and `prefix` with the order's ID, each closed by LF. */
  async function sign(order: PrepaidOrder, prefix: "prepay_id=" | "") {
    const { appid: appId, prepay_id: prepayId } = readFields(order, ["appid", "prepay_id"]);
    const { timestamp: timeStamp, nonce: nonceStr } = stamp({ clock, nonce });
    const message = `${appId}\n${timeStamp}\n${nonceStr}\n${prefix}${prepayId}\n`;
    return { appId, prepayId, timeStamp, nonceStr, signature: toBase64(await merchant.sign(toUtf8(message))) };
  }

  async function jsapi(order: PrepaidOrder): Promise<JsapiPayment> {
    const { appId, prepayId, timeStamp, nonceStr, signature } = await sign(order, "prepay_id=");
    return { appId, timeStamp, nonceStr, package: `prepay_id=${prepayId}`, signType: "RSA", paySign: signature };
  }

  return {
    jsapi,
    async miniProgram(order) {
      const { appId: _, ...payment } = await jsapi(order);
      return payment;
    },
    async app(order) {
      const { appId, prepayId, timeStamp, nonceStr, signature } = await sign(order, "");
      const partnerId = readId(mchid);
      return { appId, partnerId, prepayId, packageValue: "Sign=WXPay", nonceStr, timeStamp, sign: signature };
    },
  };
}

/** A transfer (商家转账) that waits for its user to confirm it. */
export interface TransferToConfirm {
  /** 商户号 That of the call that started the transfer. */
  mchid: string;
  /** 商户AppID That of the call that started the transfer. */
  appid: string;
  /** 跳转领取页面的package信息 From the response; only a transfer whose state is `WAIT_USER_CONFIRM` has one. */
  package_info: string;
}

/** The argument of `wx.requestMerchantTransfer`. */
export type MerchantTransferLaunch = {
  /** 商户号 */
  mchId: string;
  /** 商户AppID */
  appId: string;
  /** 跳转领取页面的package信息 */
  package: string;
};

/**
 * The argument of `wx.requestMerchantTransfer`, or `WeixinJSBridge.invoke("requestMerchantTransfer", …)`, with which the user confirms a
 * transfer. Nothing is signed. Other properties of `transfer` are left out, so a response can be spread into it.
 *
 * ```ts
 * const launch = merchantTransferLaunch({ mchid, appid, package_info }); // the front end: wx.requestMerchantTransfer(launch)
 * ```
 *
 * In an App, `String(new URLSearchParams(launch))` is the `query` of the OpenSDK's `WXOpenBusinessView`. What the front end is told afterwards
 * says that the page was shown, and not that the money moved.
 *
 * Source: https://developers.weixin.qq.com/miniprogram/dev/api/payment/wx.requestMerchantTransfer.html,
 * https://pay.weixin.qq.com/doc/v3/merchant/4015930512
 *
 * @throws {TypeError} naming the property that is missing or of the wrong form.
 */
export function merchantTransferLaunch(transfer: TransferToConfirm): MerchantTransferLaunch {
  const { mchid, appid, package_info } = readFields(transfer, ["mchid", "appid", "package_info"]);
  return { mchId: readId(mchid), appId: appid, package: package_info };
}

/** What the front end's documents allow, and what is meant. A line end would make another message of the one that is signed. */
const FIELDS = {
  mchid: [/^\s*\d{1,32}\s*$/, "a text of digits"],
  appid: [/^[!-~]{1,32}$/, "an AppID: at most 32 visible ASCII characters"],
  prepay_id: [/^(?!prepay_id=)[!-~]{1,64}$/, "the prepay_id of the order's response, and nothing before or after it"],
  package_info: [/^[!-~]{1,1024}$/, "the package_info of a transfer whose state is WAIT_USER_CONFIRM"],
} as const;

/** Checks fields that are there. @throws {TypeError} naming the one at fault, and never its value. */
function readFields<Name extends keyof typeof FIELDS>(given: Record<Name, string>, names: readonly Name[]) {
  requireOption(names.join(", "), isRecord(given), "properties of an object", given);
  for (const name of names) {
    const [form, wanted] = FIELDS[name];
    if (given[name] === undefined) refuseMisspelt(given, [name]);
    requireOption(name, isText(form)(given[name]), wanted, given[name]);
  }
  return given;
}
