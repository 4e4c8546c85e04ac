/** Cloudflare Workers: runs the capabilities against the peer that the request's body names, and answers what became of them. */
import { createSandbox } from "wechatpay-openapi-fetch/sandbox";
import { runAll } from "./capabilities.js";
import { connectTo } from "./remote.js";

export default {
  fetch: async (request: Request): Promise<Response> =>
    Response.json(await runAll(connectTo(await request.text()), { isWorkers: true, createSandbox })),
};
