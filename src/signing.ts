import { expandPath, shapeOf } from "./client/url.js";
import { readMerchantKey } from "./keys/merchant-key.js";
import { checkOptions, readIds, readOrigins, type SigningOptions } from "./options.js";
import { isRedirected, requireAnswer } from "./wire/send.js";
import { authorize, refuseReserved } from "./wire/sign.js";

/**
 * Signing as an openapi-fetch middleware, for a client of your own: `client.use(signing({ mchid, serialNo, privateKey }))`.
 * Register it last, for a middleware after it would change what was signed. It only signs: responses stay
 * unverified, so prefer `createWeChatPayClient`.
 *
 * @param options.baseUrl the only origin that gets signed requests; default WeChat Pay's production and backup server.
 * @throws {TypeError} naming the option that is missing or of the wrong form.
 * @throws {KeyError} if `privateKey` is no RSA private key.
 */
export function signing(options: SigningOptions & { baseUrl?: string }): {
  onRequest(context: { request: Request; schemaPath?: string; params?: { path?: unknown } }): Promise<Request>;
  onResponse(context: { request: Request; response: Response; schemaPath?: string }): void;
} {
  checkOptions(options, ["mchid", "serialNo"]);
  const { baseUrl, privateKey, signer, clock = Date.now, ...rest } = options;
  const settings = { ...rest, ...readIds(rest), sign: readMerchantKey(privateKey, signer).sign, clock };
  const origins = readOrigins({ baseUrl, backupUrl: baseUrl === undefined ? undefined : false });
  return {
    async onRequest({ request, schemaPath, params }) {
      refuseReserved(request.headers.keys());
      if (schemaPath !== undefined) expandPath(schemaPath, params?.path);
      const { origin, pathname, search } = new URL(request.url);
      if (!origins.includes(origin)) {
        throw new TypeError(`${origin} is not the configured baseUrl: nothing was signed or sent.`);
      }
      const body = new Uint8Array(await request.arrayBuffer());
      const headers = new Headers(request.headers);
      const [authorization] = await authorize({ method: request.method, target: pathname + search, body }, settings);
      headers.set("Authorization", authorization);
      const signed = new Request(request, { headers, redirect: "manual", ...(request.body && { body }) });
      sources.set(signed, request);
      return signed;
    },
    onResponse({ request: { method, url }, response, schemaPath = new URL(url).pathname }) {
      const redirected = isRedirected(response);
      if (redirected) response.body?.cancel().catch(() => {});
      requireAnswer(`${method} ${shapeOf(schemaPath)}`, { status: response.status, redirected });
    },
  };
}

/** Keeps the original Request alive: a derived Request holds its signal only weakly. */
const sources = new WeakMap<Request, Request>();
