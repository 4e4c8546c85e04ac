import { request } from "node:http";
import { createRequire } from "node:module";
import { buffer } from "node:stream/consumers";

/** What wechatpay-node-v3 gives of a response. */
interface Output {
  status: number;
  data?: unknown;
  error?: unknown;
}

/** Of wechatpay-node-v3, what is called here. Its own types want a project of their own. */
export interface WxPay {
  createHttp(service: object): void;
  transactions_jsapi(params: object): Promise<Output>;
  query(params: object): Promise<Output>;
  refunds(params: object): Promise<Output>;
  find_refunds(out_refund_no: string): Promise<Output>;
  tradebill(params: object): Promise<Output>;
  downloadBill(download_url: string): Promise<Output>;
}

/** Its class, from the folder of these tests. */
export const classOf = (): (new (options: object) => WxPay) => createRequire(import.meta.url)("wechatpay-node-v3");

/** Makes a client of it. Its host cannot be set, so its HTTP service is one that takes the sandbox as its proxy. */
export function createPay(options: object, sandboxUrl: string): WxPay {
  async function send(method: string, url: string, headers: Record<string, string>, body?: object): Promise<Output> {
    const { hostname, port } = new URL(sandboxUrl);
    const sent = request({ hostname, port, path: url, method, headers });
    sent.end(body && JSON.stringify(body));
    return new Promise((resolve, reject) => {
      sent.on("error", reject);
      sent.on("response", async (response) => {
        const bytes = await buffer(response);
        const isJson = response.headers["content-type"]?.startsWith("application/json");
        const data = isJson ? JSON.parse(bytes.toString()) : bytes;
        const status = response.statusCode ?? 0;
        resolve(status < 300 ? { status, data } : { status, error: data });
      });
    });
  }
  const pay = new (classOf())(options);
  pay.createHttp({
    post: (url: string, body: object, headers: Record<string, string>) => send("POST", url, headers, body),
    get: (url: string, headers: Record<string, string>) => send("GET", url, headers),
  });
  return pay;
}
