import { toUtf8 } from "../../bytes.js";
import { sealFields } from "../../client/encrypt.js";
import { sign } from "../../crypto.js";
import { EncryptionError } from "../../errors.js";
import { parsePointer } from "../../json-pointer.js";
import { readPrivateKey } from "../../keys/pem.js";
import { readPlatformKey } from "../../keys/platform-key.js";
import { authorize } from "../../wire/sign.js";
import { ActionError } from "../action-error.js";
import type { ArrivingRequest } from "../server/http.js";
import type { Action } from "./messages.js";
import type { ConsoleParts } from "./parts.js";
import { OWN_PATHS } from "./paths.js";

type Send = Extract<Action, { action: "send" }>;

/**
 * Sends a request as a client would: its sensitive fields encrypted, signed by the merchant's key. It goes through the sandbox's own server,
 * and nowhere else.
 *
 * @param origin where it says that it was sent to
 * @returns its id
 * @throws {ActionError} if it cannot be sent, or a fault kept it from arriving.
 */
export async function send(asked: Send, origin: string, parts: ConsoleParts): Promise<number> {
  const { method, path } = asked;
  if (OWN_PATHS.test(path.split("?", 1)[0] ?? "")) {
    throw new ActionError(
      "这是控制台自己的路径，不是微信支付的接口。",
      "This path is the console's own, and none of WeChat Pay's API.",
    );
  }
  const { target, body, headers } = await sealed(asked, parts);
  const { clock } = parts.sandbox;
  const { mchid, serialNo, privateKey } = parts.merchant;
  const der = readPrivateKey(privateKey, "privateKey");
  const settings = { mchid, serialNo, clock, nonce: undefined, sign: (message: typeof body) => sign(der, message) };
  const [authorization] = await authorize({ method, target, body }, settings);
  const rawHeaders = Object.entries({
    Accept: "application/json",
    "User-Agent": "wechatpay-sandbox-console",
    ...(body.length > 0 && { "Content-Type": "application/json" }),
    ...headers,
    Authorization: authorization,
  });
  const arriving: ArrivingRequest = {
    method,
    origin,
    target,
    headers: new Headers(rawHeaders),
    rawHeaders: rawHeaders.flat(),
    readBody: async () => body,
  };
  const id = await parts.watchers.first(
    (happening) => {
      return happening.what === "exchange" && happening.exchange.arriving === arriving
        ? happening.exchange.id
        : undefined;
    },
    async () => {
      const outcome = await parts.handle(arriving);
      if (outcome instanceof Response) await outcome.body?.cancel();
    },
  );
  if (id !== undefined) return id;
  throw new ActionError(
    "故障 refused：连接被拒绝，请求没有到达。",
    "The fault refused: there was no connection, so the request did not arrive.",
  );
}

/** The target, the body's bytes and headers of its own, sensitive fields encrypted with WeChat Pay's key of the moment. */
async function sealed({ method, path, body }: Send, { router, platform }: ConsoleParts) {
  const text = typeof body === "string" ? body : body === undefined ? "" : JSON.stringify(body);
  const route = router.route(method, path.split("?", 1)[0] ?? "");
  const { serial, pem } = platform.standard();
  const named = { "Wechatpay-Serial": serial };
  const plain = { target: path, body: toUtf8(text), headers: named };
  if (typeof route === "string" || typeof body === "string") return plain;
  const { request, query } = route.operation.sensitive;
  const names = query.map((pointer) => parsePointer(pointer)[0] ?? "");
  const fields = { request, ...(names.length > 0 && { query: names }) };
  try {
    const key = readPlatformKey(serial, pem);
    const seal = sealFields(text === "" ? undefined : JSON.parse(text), path, fields, async () => key);
    const { target = path, body: bytes = plain.body } = (await seal?.()) ?? {};
    return { target, body: bytes, headers: named };
  } catch (error) {
    if (!(error instanceof EncryptionError)) throw error;
    throw new ActionError(
      `敏感信息字段 ${error.field} 无法加密：应为文本，UTF-8 编码后不超过 214 字节。`,
      error.message,
    );
  }
}
