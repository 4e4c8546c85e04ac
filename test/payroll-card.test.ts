import { describe, expect, test } from "vitest";
import { payrollCardLaunch } from "wechatpay-openapi-fetch";
import { examples } from "./support/wechatpay.js";

const params = {
  mchid: "1900000109",
  sub_mchid: "1111111",
  openid: "onqOjjmo8wmTOOtSKwXtGjg9Gb58",
  token: "abcdefghijklmn",
  sub_appid: "wxa1111111",
};
const authenticate_number = "mcdhehfgisdhfjghed39384564i83";

describe("payrollCardLaunch gives the argument of wx.navigateToMiniProgram", () => {
  test("auth: authorize this merchant", () => {
    expect(payrollCardLaunch("auth", params)).toEqual({
      appId: "wxd24d9057cd83d47a",
      path: "/pages/card/auth?mchid=1900000109&sub_mchid=1111111&sub_appid=wxa1111111&openid=onqOjjmo8wmTOOtSKwXtGjg9Gb58&token=abcdefghijklmn",
    });
  });

  test.each([
    ["authenticate", "/pages/card/authenticate"],
    ["authen_with_auth", "/pages/card/authen_with_auth"],
  ] as const)("%s: verify the face", (page, path) => {
    expect(payrollCardLaunch(page, { ...params, authenticate_number })).toEqual({
      appId: "wxd24d9057cd83d47a",
      path: `${path}?mchid=1900000109&sub_mchid=1111111&sub_appid=wxa1111111&openid=onqOjjmo8wmTOOtSKwXtGjg9Gb58&authenticate_number=${authenticate_number}&token=abcdefghijklmn`,
    });
  });

  test("a reply can be spread into it: what the page does not take is left out", () => {
    const { path } = payrollCardLaunch("authenticate", { ...examples.response, appid: "wxa1111111" });
    expect(path).not.toContain("expires_in");
    expect(path).toContain("&appid=wxa1111111&");
  });

  test("values are encoded", () => {
    const { path } = payrollCardLaunch("auth", { ...params, token: "a+b/c=&d 某" });
    expect(new URL(path, "https://x").searchParams.get("token")).toBe("a+b/c=&d 某");
  });

  test.each(["mchid", "sub_mchid", "openid", "token", "authenticate_number"])(
    "without %s as text it says so",
    (name) => {
      for (const value of [undefined, "", null, 5, true, ["x"], "\ud83d"]) {
        expect(() =>
          payrollCardLaunch("authenticate", { ...params, authenticate_number, [name]: value } as never),
        ).toThrow(`${name} is required by the page authenticate`);
      }
    },
  );

  test("one of the AppIDs is that of the mini program which launches it", () => {
    const { sub_appid: _, ...neither } = params;
    expect(() => payrollCardLaunch("auth", neither)).toThrow("appid or sub_appid is required by the page auth");
  });

  test.each(["appid", "sub_appid"])("%s is a text, where it is given", (name) => {
    for (const value of ["", null, 5, true, ["x"], "\ud83d"]) {
      expect(() => payrollCardLaunch("auth", { ...params, [name]: value } as never)).toThrow(
        `${name} is required by the page auth and must be a text.`,
      );
    }
  });

  test.each([undefined, null, "", 5, true, [params]])("%j is no page and no params", (given) => {
    expect(() => payrollCardLaunch(given as never, params)).toThrow("is no page of 微工卡");
    expect(() => payrollCardLaunch("auth", given as never)).toThrow("params must be an object");
    expect(() => payrollCardLaunch(["auth"] as never, params)).toThrow("object is no page of 微工卡");
    expect(() => payrollCardLaunch("auth", Promise.resolve(params) as never)).toThrow("is an await missing?");
  });

  test.each(["card", "constructor"])("%s is no page", (page) => {
    expect(() => payrollCardLaunch(page as never, params)).toThrow(
      `"${page}" is no page of 微工卡: auth, authenticate, authen_with_auth.`,
    );
  });
});
