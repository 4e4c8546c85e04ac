import type { Chain } from "../generated/chain.js";
import { operations as specOperations } from "../generated/operations.js";
import type { paths as specPaths } from "../generated/schema.js";
import type { describeError } from "./api-error.js";
import { isRecord, refuseUnknown, requireOption } from "./checks.js";
import { threeWays } from "./client/chain.js";
import { download } from "./client/download.js";
import { both, decryptFields, encryptText, type Seal, sealFields } from "./client/encrypt.js";
import { readInit } from "./client/init.js";
import { explainUnknown, isRepeatable, type Operations, readOperations } from "./client/operations.js";
import { openapiFetch } from "./client/staircase.js";
import { expandPath, withQuery } from "./client/url.js";
import { type ErrorContext, errorBodyOf, setOutcome, VerificationError } from "./errors.js";
import { readOptions, type WeChatPayClientOptions } from "./options.js";
import type { SignErrorContext } from "./sign-error.js";
import type { OwnOperations, WeChatPayClient } from "./types.js";
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
  return clientOf(options, specOperations) as WeChatPayClient<Paths, ChainOf>;
}

/** A client of the family whose table is `own`, where the options have no other. Each family has its own function, and pays for no other. */
export function clientOf(options: WeChatPayClientOptions, own: Operations): unknown {
  const settings = readOptions(options);
  const { operations = own } = options;
  const table = readOperations(operations);
  const { keys, send } = connect(settings);

  async function call(method: string, path: string, given?: unknown): Promise<unknown> {
    const { path: values, query, ...init } = readInit(given);
    const { parseAs, signal } = init;
    const target = withQuery(expandPath(path, values), query);
    const operation = table.find(method, path, target, init.body);
    const { name, operationId, sensitive, body } = operation;
    const fits = parseAs === "json" || parseAs === "text" || sensitive?.response === undefined;
    requireOption("parseAs", fits, "json or text here: encrypted fields are decrypted in it", parseAs);
    requireOption("body", method !== "GET" || body === undefined, "left out of a GET", body);

    const upload = typeof body === "function" ? (body as Seal) : undefined;
    const keyFor = (named?: string) => abortable(keys.current(named), signal);
    const fields = sealFields(upload ? undefined : body, target, sensitive, keyFor);
    const seal = upload && fields ? both(upload, fields) : (upload ?? fields);
    const repeatable = isRepeatable(method, operation.idempotent, body);
    const above = { ...init, body, seal, name, operationId, streamed: operation.response === "unsigned", repeatable };
    const { data, error, response, signed, verified, outcome } = await openapiFetch(method, target, above, send);

    const isWrite = method !== "GET";
    if (!response.ok) {
      const sent = { signed, date: response.headers.get("Date"), now: settings.clock() };
      contexts.set(response, { ...sent, name, operationId, verified });
      const isUnknown = [404, 405].includes(response.status) && operationId === undefined;
      const advice = isUnknown ? explainUnknown(table.names, method, path) : undefined;
      const body = errorBodyOf(error, response, advice);
      if (outcome) setOutcome(body, outcome);
      return { error: body, response };
    }
    const decrypted = decryptFields(data, sensitive?.response, settings.decrypt, parseAs === "text");
    const plain = await decrypted.catch((failure) => {
      if (isWrite) setOutcome(failure, "done");
      throw failure;
    });
    return { data: plain, response };
  }
  const functions = {
    encrypt: (text: unknown) => encryptText(text, keys.current),
    async download(file: unknown, init: unknown = {}) {
      const { signal } = readInit(init);
      refuseUnknown("download", init as object, ["signal"]);
      const given = isRecord(file) ? { ...file } : file;
      return download(given, signal, { send, settings, idOf: table.idOf, describe: explaining.describe });
    },
  };
  return threeWays(table.names, call, functions);
}

/** How `unwrap` explains errors, for a download: set where a bundle has `unwrap`. */
export const explaining: { describe?: typeof describeError } = {};

/** What `unwrap` needs to explain an error: it is given only the response. */
export const contexts = new WeakMap<Response, SignErrorContext & ErrorContext>();
