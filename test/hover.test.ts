import { describe, expect, test } from "vitest";
import { openInEditor } from "./support/language-service.js";

// openapi-fetch infers `init`, so its keys have neither docs nor errors (openapi-ts/openapi-typescript#1769, #2329).
describe("in the editor", () => {
  const editor = openInEditor(`
    import { createWeChatPayClient, unwrap } from "wechatpay-openapi-fetch";
    const wechatpay = createWeChatPayClient({ mchid: "", serialNo: "", privateKey: "", platformKeys: {} });
    const PATH = "/v3/payroll-card/authentications/pre-order";
    const body = { openid: "", sub_mchid: "", appid: "", authenticate_number: "", project_name: "", employer_name: "" };
    wechatpay.POST(PATH, { body: { ...body, openid: "1", sub_appid: "", authenticate_type: "SIGN_IN" }, signal: AbortSignal.timeout(1) });
    wechatpay[PATH].POST({ body: { ...body, project_name: "2" } });
    const result = await wechatpay.v3.payrollCard.authentications.preOrder.post({ body: { ...body, employer_name: "3" } });
    result.error?.code;
    const preOrder = unwrap(result);
    preOrder.token;
    interface Paths {
      "/v3/bills/{date}": {
        get: {
          parameters: {
            query: {
              /** 账单类型 The kind of bill */
              bill_type: "ALL" | "SUCCESS";
            };
            path: {
              /** 账单日期 The day of the bill */
              date: string;
            };
          };
          responses: { 200: { headers: {}; content: { "application/json": { url: string } } } };
        };
      };
    }
    const own = createWeChatPayClient<Paths>({ mchid: "", serialNo: "", privateKey: "", platformKeys: {}, operations: {} });
    own.GET("/v3/bills/{date}", { params: { query: { bill_type: "ALL" }, path: { date: "" } } });
    own["/v3/bills/{date}"].GET({ params: { query: { bill_type: "SUCCESS" }, path: { date: "" } } });
  `);

  test("the source has no error", () => expect(editor.errors()).toEqual([]));

  test.each([
    ["openid: ", "wechatpay.POST", "用户OpenID"],
    ["sub_appid: ", "wechatpay.POST", "特约商户AppID"],
    ["authenticate_type: ", "wechatpay.POST", "核身类型"],
    ["signal: ", "wechatpay.POST", "Aborts the call"],
    ["project_name: ", "wechatpay[PATH]", "项目名称"],
    ["employer_name: ", "preOrder.post", "用工单位名称"],
    ["post(", "preOrder", "微工卡核身预下单"],
    ["post(", "preOrder", "`POST /v3/payroll-card/authentications/pre-order`"],
    ["post(", "preOrder", "下单成功后才能进行核身"],
    ["post(", "preOrder", "https://pay.weixin.qq.com/doc/v3/partner/4012923362"],
    ["POST(", "wechatpay.", "init: CallInit<PreOrderAuthenticationOperation, "],
    ["POST(", "wechatpay.", "outcomeOf(error)"],
    ["POST(", "wechatpay[PATH]", "微工卡核身预下单 Pre-order an identity verification"],
    ["POST(", "wechatpay[PATH]", "https://pay.weixin.qq.com/doc/v3/partner/4012923362"],
    ["error?", "result", "code: "],
    ["code;", "result", "PARAM_ERROR"],
    ["token;", "preOrder.", "token"],
    ["token;", "preOrder.", "拉起微工卡"],
    ["bill_type: ", "own.GET", "账单类型 The kind of bill"],
    ["date: ", "own.GET", "账单日期 The day of the bill"],
    ["bill_type: ", 'own["', "账单类型 The kind of bill"],
    ["mchid: ", "createWeChatPayClient({", "商户号"],
    ["createWeChatPayClient({", "wechatpay =", "every request is signed"],
  ])("%j after %j shows %j", (text, after, docs) => {
    expect(editor.hover(text, after)).toContain(docs);
  });

  test("what a page folds is left out, for an editor would show its tags", () => {
    expect(editor.hover("post(", "preOrder")).not.toMatch(/details>|Where the public documents disagree/);
    expect(editor.hover("token;", "preOrder.")).not.toMatch(/details>|1024/);
  });

  test.each([
    ["wechatpay.", "POST("],
    ["wechatpay[PATH]", "POST("],
    ["preOrder", "post("],
  ])("hovering a call after %j shows the operation by its name, not what is in it", (after, text) => {
    const [signature = ""] = editor.hover(text, after).split("\n}>>");
    expect(signature).toContain("CallInit<PreOrderAuthenticationOperation,");
    expect(signature).not.toContain("WechatpaySerial");
  });

  test("hovering the client shows its name, not its type's insides", () => {
    expect(editor.hover("wechatpay =")).toMatch(/^const wechatpay: WeChatPayClient<paths, Chain>\n/);
  });

  test("a typo is told by its name", () => {
    const [error] = openInEditor(`
      import { createWeChatPayClient } from "wechatpay-openapi-fetch";
      const wechatpay = createWeChatPayClient({ mchid: "", serialNo: "", privateKey: "", platformKeys: {} });
      wechatpay.POST("/v3/payroll-card/authentications/pre-order", {
        body: { openid: "", sub_mchid: "", appid: "", authenticate_number: "", project_name: "", employer_nmae: "" },
      });
    `).errors();
    expect(error).toMatch(/'employer_nmae' does not exist in type.*employer_name/s);
  });
});
