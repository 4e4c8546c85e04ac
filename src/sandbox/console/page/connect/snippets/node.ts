import { ORDER, type Snippet } from "./snippet.js";

const JSAPI = `{
  appid: "${ORDER.appid}",
  mchid: env.WECHATPAY_MCHID,
  description: "${ORDER.description}",
  out_trade_no: \`sandbox\${Date.now()}\`,
  notify_url: "${ORDER.notify_url}",
  amount: { total: 100 },
  payer: { openid: "${ORDER.openid}" },
}`;

export const ours: Snippet = {
  id: "wechatpay-openapi-fetch",
  name: "wechatpay-openapi-fetch",
  file: "order.mjs",
  how: { zh: "运行：node --env-file=.env order.mjs", en: "Run: node --env-file=.env order.mjs" },
  code: (language) => `import { unwrap } from "wechatpay-openapi-fetch";
import { createWeChatPayClient } from "wechatpay-openapi-fetch/pay";

const { env } = process;
const wechatpay = createWeChatPayClient({
  mchid: env.WECHATPAY_MCHID,
  serialNo: env.WECHATPAY_SERIAL_NO,
  privateKey: env.WECHATPAY_PRIVATE_KEY,
  platformKeys: { [env.WECHATPAY_PLATFORM_KEY_ID]: env.WECHATPAY_PLATFORM_KEY },
  apiV3Key: env.WECHATPAY_API_V3_KEY,
  baseUrl: env.WECHATPAY_BASE_URL, // ${{ zh: "不设置则访问微信支付", en: "left out: WeChat Pay itself" }[language]}
});

const body = ${JSAPI};
console.log(unwrap(await wechatpay.v3.pay.transactions.jsapi.post({ body })));
`,
};

export const axiosPlugin: Snippet = {
  id: "wechatpay-axios-plugin",
  name: "wechatpay-axios-plugin",
  file: "order.mjs",
  how: {
    zh: "运行：npm install wechatpay-axios-plugin，然后 node --env-file=.env order.mjs",
    en: "Run: npm install wechatpay-axios-plugin, then node --env-file=.env order.mjs",
  },
  code: (language) => `import plugin from "wechatpay-axios-plugin";

const { env } = process;
const wxpay = new plugin.Wechatpay({
  mchid: env.WECHATPAY_MCHID,
  serial: env.WECHATPAY_SERIAL_NO,
  privateKey: env.WECHATPAY_PRIVATE_KEY,
  certs: { [env.WECHATPAY_PLATFORM_KEY_ID]: env.WECHATPAY_PLATFORM_KEY },
  baseURL: env.WECHATPAY_BASE_URL, // ${{ zh: "不设置则访问微信支付", en: "left out: WeChat Pay itself" }[language]}
});

const order = ${JSAPI};
const { data } = await wxpay.v3.pay.transactions.jsapi.post(order);
console.log(data);
`,
};

export const nodeV3: Snippet = {
  id: "wechatpay-node-v3",
  name: "wechatpay-node-v3",
  file: "order.mjs",
  how: {
    zh: "把 apiclient_cert.pem 放在旁边。运行：npm install wechatpay-node-v3，然后 node --env-file=.env order.mjs",
    en: "Put apiclient_cert.pem beside it. Run: npm install wechatpay-node-v3, then node --env-file=.env order.mjs",
  },
  code: (language) => `import { readFileSync } from "node:fs";
import WxPay from "wechatpay-node-v3";

const { env } = process;
const pay = new WxPay({
  appid: "${ORDER.appid}",
  mchid: env.WECHATPAY_MCHID,
  publicKey: readFileSync("apiclient_cert.pem"),
  privateKey: env.WECHATPAY_PRIVATE_KEY,
  key: env.WECHATPAY_API_V3_KEY,
});

// ${
    {
      zh: "它的域名是写死的，所以换掉它的 HTTP 服务：签名不变，只是发往沙箱。它不会自己验签。",
      en: "Its host is fixed, so its HTTP service is replaced: what it has signed goes to the sandbox. It verifies nothing by itself.",
    }[language]
  }
async function send(method, url, { "Accept-Encoding": _, ...headers }, body) {
  const { pathname, search } = new URL(url, env.WECHATPAY_BASE_URL);
  const response = await fetch(env.WECHATPAY_BASE_URL + pathname + search, { method, headers, body: body && JSON.stringify(body) });
  const data = await response.json();
  return response.ok ? { status: response.status, data } : { status: response.status, error: data };
}
pay.createHttp({
  get: (url, headers) => send("GET", url, headers),
  post: (url, body, headers) => send("POST", url, headers, body),
});

console.log(
  await pay.transactions_jsapi({
    description: "${ORDER.description}",
    out_trade_no: \`sandbox\${Date.now()}\`,
    notify_url: "${ORDER.notify_url}",
    amount: { total: 100 },
    payer: { openid: "${ORDER.openid}" },
  }),
);
`,
};
