import { type Bytes, toUtf8 } from "./bytes.js";
import { expandPath, shapeOf } from "./client/url.js";
import { readMerchantKey } from "./keys/merchant-key.js";
import { checkOptions, readIds, readOrigins, type SigningOptions } from "./options.js";
import { isRedirected, requireAnswer } from "./wire/send.js";
import { authorize, refuseReserved } from "./wire/sign.js";

/**
 * Signing as an openapi-fetch middleware, for a client of your own: `client.use(signing({ mchid, serialNo, privateKey }))`.
 * Register it last, for a middleware after it would change what was signed. It only signs: responses stay
 * unverified, so prefer `createWeChatPayClient`. Of an upload (a `FormData`) it signs the part `meta`, as WeChat Pay asks: the caller appends
 * it as a text, with the `sha256` of the file in it.
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
      const { method } = request;
      const headers = new Headers(request.headers);
      const body = new Uint8Array(await request.arrayBuffer());
      const covered = isForm(headers) ? await metaOf(body, headers) : body;
      const [authorization] = await authorize({ method, target: pathname + search, body: covered }, settings);
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

const isForm = (headers: Headers) => /^multipart\/form-data\b/i.test(headers.get("Content-Type") ?? "");

/** Of an upload, the text of `meta` alone is signed: as it stands in the body, where a form has changed its line ends. */
async function metaOf(body: Bytes, headers: Headers): Promise<Bytes> {
  const form = new Response(body, { headers: { "Content-Type": headers.get("Content-Type") ?? "" } }).formData();
  const [meta, ...others] = await form.then((parts) => parts.getAll("meta")).catch(() => []);
  if (meta === undefined || others.length > 0) {
    const advice = "append that one, a JSON text, to a FormData, and leave Content-Type to the platform";
    throw new TypeError(`Of an upload the part \`meta\` is signed, and this body has none or several: ${advice}.`);
  }
  return toUtf8(typeof meta === "string" ? meta : await meta.text());
}

/** Keeps the original Request alive: a derived Request holds its signal only weakly. */
const sources = new WeakMap<Request, Request>();
