import type { Text } from "../../../messages.js";
import { ORDER } from "./snippet.js";

export const UNTRIED: Text = {
  zh: "按这个 SDK 的文档写成，没有在这里运行过",
  en: "Written from this SDK's documentation; not run here",
};
/** As one line of JSON, with a number and a merchant that the program puts in. */
export const orderWith = (mchid: string, out_trade_no: string) =>
  `{"appid":"${ORDER.appid}","mchid":"${mchid}","description":"${ORDER.description}","out_trade_no":"${out_trade_no}","notify_url":"${ORDER.notify_url}","amount":{"total":100},"payer":{"openid":"${ORDER.openid}"}}`;
