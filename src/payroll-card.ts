import { isRecord, isWellFormed, requireOption } from "./checks.js";

/** AppID of the 微工卡 mini-program. */
const APP_ID = "wxd24d9057cd83d47a";

const PAGES = {
  auth: "/pages/card/auth",
  authenticate: "/pages/card/authenticate",
  authen_with_auth: "/pages/card/authen_with_auth",
} as const;

/** A page of the 微工卡 mini-program: authorize (`auth`), verify the face (`authenticate`), or both at once (`authen_with_auth`). */
export type PayrollCardPage = keyof typeof PAGES;

/** What every page is given. */
export interface PayrollCardAuthParams {
  /** 服务商商户号 */
  mchid: string;
  /** 特约商户号 */
  sub_mchid: string;
  /** 用户OpenID, under one of the AppIDs. */
  openid: string;
  /** token值, from the call that comes before the page. */
  token: string;
  /** 服务商AppID. One of `appid` and `sub_appid` is the AppID of the mini-program that launches the page. */
  appid?: string;
  /** 特约商户AppID */
  sub_appid?: string;
}

/** What the pages that verify a face are given. */
export interface PayrollCardAuthenticateParams extends PayrollCardAuthParams {
  /** 商家核身单号, the same as at the pre-order. */
  authenticate_number: string;
}

/** The argument of `wx.navigateToMiniProgram`. */
export interface PayrollCardLaunch {
  appId: string;
  path: string;
}

const OPTIONAL = ["appid", "sub_appid"];

/**
 * The argument of `wx.navigateToMiniProgram` that opens a page of the 微工卡 mini-program. Other properties of `params` are left out,
 * so a reply can be spread into it.
 *
 * ```ts
 * wx.navigateToMiniProgram(payrollCardLaunch("authenticate", { ...preOrder, sub_appid }));
 * ```
 *
 * Source: https://pay.weixin.qq.com/doc/v3/partner/4012157622, https://pay.weixin.qq.com/doc/v3/partner/4012179725
 *
 * @throws {TypeError} naming the parameter that is missing.
 */
export function payrollCardLaunch(page: "auth", params: PayrollCardAuthParams): PayrollCardLaunch;
export function payrollCardLaunch(
  page: "authenticate" | "authen_with_auth",
  params: PayrollCardAuthenticateParams,
): PayrollCardLaunch;
export function payrollCardLaunch(page: PayrollCardPage, params: PayrollCardAuthParams): PayrollCardLaunch {
  if (typeof page !== "string" || !Object.hasOwn(PAGES, page)) {
    const given = typeof page === "string" ? JSON.stringify(page) : typeof page;
    throw new TypeError(`${given} is no page of 微工卡: ${Object.keys(PAGES).join(", ")}.`);
  }
  requireOption("params", isRecord(params as unknown), "an object", params);
  const names = [
    "mchid",
    "sub_mchid",
    "appid",
    "sub_appid",
    "openid",
    ...(page === "auth" ? [] : ["authenticate_number"]),
    "token",
  ];
  const given: Record<string, unknown> = { ...params };
  for (const name of names) {
    if (given[name] !== "" && isWellFormed(given[name])) continue;
    if (OPTIONAL.includes(name) && given[name] === undefined) continue;
    throw new TypeError(`${name} is required by the page ${page} and must be a text.`);
  }
  if (OPTIONAL.every((name) => given[name] === undefined)) {
    throw new TypeError(
      `appid or sub_appid is required by the page ${page}: that of the mini-program that launches it.`,
    );
  }
  const query = names
    .filter((name) => given[name] !== undefined)
    .map((name) => `${name}=${encodeURIComponent(String(given[name]))}`);
  return { appId: APP_ID, path: `${PAGES[page]}?${query.join("&")}` };
}
