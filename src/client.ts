import type { Chain } from "../generated/chain.js";
import { operations as specOperations } from "../generated/operations.js";
import type { paths as specPaths } from "../generated/schema.js";
import { isRecord, kindOf, refuseUnknown, requireOption } from "./checks.js";
import { threeWays } from "./client/chain.js";
import { decryptFields, sealFields } from "./client/encrypt.js";
import { isRepeatable, readOperations } from "./client/operations.js";
import { openapiFetch } from "./client/staircase.js";
import { expandPath } from "./client/url.js";
import { type ErrorContext, errorBodyOf, setOutcome } from "./errors.js";
import { copyJson } from "./json-pointer.js";
import { readOptions, type WeChatPayClientOptions } from "./options.js";
import type { SignErrorContext } from "./sign-error.js";
import type { CallOptions, OwnOperations, WeChatPayClient } from "./types.js";
import { abortable } from "./wire/call.js";
import { connect } from "./wire/index.js";

/**
 * A client whose every request is signed and whose every response is verified before it becomes `data`.
 *
 * ```ts
 * const wechatpay = createWeChatPayClient({ mchid, serialNo, privateKey, platformKeys });
 * const preOrder = unwrap(await wechatpay.POST("/v3/payroll-card/authentications/pre-order", { body }));
 * ```
 *
 * A call resolves to openapi-fetch's `{ data, error, response }`: `error` is WeChat Pay's own error response. Everything that is not the
 * API's answer rejects: {@link VerificationError}, and the platform's `TypeError` and `AbortError`.
 *
 * @typeParam Paths the `paths` that openapi-typescript made of a spec of your own; `operations` then has to be given as well.
 * @typeParam ChainOf the `Chain` that was generated beside it.
 * @throws {TypeError} naming the option that is missing or of the wrong form.
 * @throws {KeyError} naming the option whose key cannot be used, and why.
 */
export function createWeChatPayClient<Paths = specPaths, ChainOf = Paths extends specPaths ? Chain : {}>(
  options: WeChatPayClientOptions & OwnOperations<Paths>,
): WeChatPayClient<Paths, ChainOf> {
  const settings = readOptions(options);
  const { operations = specOperations } = options as WeChatPayClientOptions;
  const table = readOperations(operations);
  const { keys, send } = connect(settings);

  async function call(method: string, path: string, given?: unknown): Promise<unknown> {
    const init = readInit(given);
    const target = expandPath(path, init.params?.path);
    const name = `${method} ${path.split("?", 1)[0]}`;
    const operation = table.find(name, `${method} ${target}`);
    const { operationId, sensitive } = operation;
    const fits = init.parseAs === "json" || sensitive?.response === undefined;
    requireOption("parseAs", fits, "json here: encrypted fields are decrypted in it", init.parseAs);
    requireOption("body", method !== "GET" || init.body === undefined, "left out of a GET", init.body);

    const body = sensitive?.request || operation.idempotent ? copyJson(init.body) : init.body;
    const seal = sealFields(body, sensitive?.request, () => abortable(keys.current(), init.signal));
    const repeatable = isRepeatable(method, operation.idempotent, body);
    const above = { ...init, body, seal, name, operationId, streamed: operation.response === "unsigned", repeatable };
    const { data, error, response, signed, verified } = await openapiFetch(method, target, above, send);

    const isWrite = method !== "GET";
    if (!response.ok) {
      const outcome = isWrite && response.status >= 500 ? "unknown" : undefined;
      const sent = { signed, date: response.headers.get("Date"), now: settings.clock() };
      contexts.set(response, { ...sent, name, operationId, verified, outcome });
      return { error: errorBodyOf(error, response), response };
    }
    await decryptFields(data, sensitive?.response, settings.decrypt).catch((failure) => {
      if (isWrite) setOutcome(failure, "done");
      throw failure;
    });
    return { data, response };
  }
  return threeWays(table.names, call) as WeChatPayClient<Paths, ChainOf>;
}

/** What `unwrap` needs to explain an error: it is given only the response. */
export const contexts = new WeakMap<Response, SignErrorContext & ErrorContext>();

const PARSE_AS = ["json", "text", "blob", "arrayBuffer", "stream"];

type Init = Required<CallOptions> & { params: { path?: unknown } | undefined; body: unknown };

/** Checks what a call was given. @throws {TypeError} naming what is wrong. */
function readInit(given: unknown = {}): Init {
  requireOption("init", isRecord(given), "an object", given);
  const { params, body, headers, signal, parseAs = "json" } = given as Partial<Init>;
  // openapi-fetch takes no list of pairs.
  const init = { params, body, headers: Array.isArray(headers) ? new Headers(headers) : headers, signal, parseAs };
  // In JavaScript, openapi-fetch would let a `fetch`, `baseUrl` or `middleware` of a call get round the signature.
  refuseUnknown("a call", given, Object.keys(init));
  requireOption("parseAs", PARSE_AS.includes(parseAs), PARSE_AS.join(", "), parseAs);
  // JSON.stringify would make {} of a Map, a Blob or a FormData.
  const isJson = ["Object", "Array", "Undefined"].includes(kindOf(body));
  requireOption("body", isJson, "an object, which is sent as JSON", body);
  return init;
}
