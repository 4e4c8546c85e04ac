import type { Example } from "../api/example.js";
import { readable } from "../api/json-body.js";
import { isMultipart, partNamed, readableParts, readParts } from "../api/multipart.js";
import type { OperationInput, SandboxOperation } from "../api/operation.js";
import type { Route, Router } from "../api/router.js";
import { withMediaId } from "../api/upload.js";
import type { BehaviourInput } from "../behaviours.js";
import { asked, failed } from "../reasons/routes.js";
import { authenticate, refusePlatformKey } from "./authentication.js";
import { parseAuthorization } from "./authorization.js";
import { certificateList, LIST_CERTIFICATES } from "./certificate-list.js";
import { type Ciphertext, explainCiphertext } from "./ciphertext-mistakes.js";
import { deliver } from "./delivery.js";
import { decryptFields, encryptFields } from "./encrypted-fields.js";
import { type FaultOptions, type FaultQueue, faultReply } from "./faults.js";
import {
  type ArrivingRequest,
  asText,
  LARGEST_BODY,
  type Outcome,
  type SandboxReply,
  type SandboxRequest,
} from "./http.js";
import type { Merchant } from "./merchant.js";
import type { Platform, PlatformKeyPair } from "./platform.js";
import type { ReceivedRequest } from "./received-request.js";
import { Refusal, refuseRoute } from "./refusals.js";
import type { RequestLog } from "./request-log.js";
import { expectedMessage } from "./signed-message.js";
import type { Clock } from "./time.js";

/** Of any operation: what it is told has been checked by its spec. */
type AnyBehaviour = (input: never) => unknown;

export interface ServerParts {
  router: Router;
  merchant: Merchant;
  platform: Platform;
  clock: Clock;
  faults: FaultQueue;
  log: RequestLog;
  /** By method and path. Without one, an operation answers the example of the spec. */
  behaviours: Record<string, AnyBehaviour | undefined>;
  notify: BehaviourInput["notify"];
}

/** WeChat Pay's server: from a request to its signed reply. */
export class WeChatPayServer {
  readonly #parts: ServerParts;
  readonly #behaviours: ReadonlyMap<string, AnyBehaviour | undefined>;

  constructor(parts: ServerParts) {
    this.#parts = parts;
    const listCertificates = () => certificateList(parts.platform, parts.merchant.apiV3Key);
    this.#behaviours = new Map(Object.entries({ [LIST_CERTIFICATES]: listCertificates, ...parts.behaviours }));
  }

  readonly handle = async (arriving: ArrivingRequest): Promise<Outcome> => {
    const { router, platform, clock, faults, log } = this.#parts;
    const { method, origin, target, headers } = arriving;
    const [at, start] = [clock.now(), performance.now()];
    const route = router.route(method, target.split("?", 1)[0] ?? "");
    const operation = typeof route === "string" ? undefined : route.operation;
    const options = faults.take(operation?.operationId);
    const fault = options?.fault;
    const call = { operationId: operation?.operationId, method, path: target };
    if (fault === "refused") {
      log.addUnconnected({ ...call, at });
      return "refused";
    }

    const sent = await arriving.readBody();
    const isTooLarge = sent.length > LARGEST_BODY;
    const request = read({ method, origin, target, headers, body: isTooLarge ? new Uint8Array() : sent });
    const received: ReceivedRequest = {
      ...call,
      verdict: "fault",
      body: isMultipart(headers) ? await readableParts(request.parts, sent.length) : readable(request.body),
      status: 0,
      ...(fault && { fault }),
    };
    const reply = await this.#reply(request, isTooLarge ? "too-large" : route, received, options);
    received.status = reply.status;
    const signer = (await this.#signerFor(headers, operation?.name)) ?? platform.standard();
    const delivery = await deliver(reply, { signer, now: this.#timeFor(headers), fault }, arriving);
    const took = performance.now() - start;
    log.add(received, request.covered, () => {
      const expected = isTooLarge ? undefined : expectedMessage(request);
      return { at, took, arriving, body: request.body, expected, reply, delivery };
    });
    return delivery.outcome;
  };

  async #reply(
    request: SandboxRequest,
    route: Route | "too-large",
    received: ReceivedRequest,
    options: FaultOptions | undefined,
  ): Promise<SandboxReply> {
    const instead = options && faultReply(options, request.target);
    if (options && instead !== undefined && options.fault !== "system-error") {
      received.reason = asked(options.fault);
      return instead;
    }
    const reply = await this.#judge(request, route, received);
    return instead ? { ...instead, replaced: reply } : reply;
  }

  /** Sets the verdict, and answers accordingly. */
  async #judge(request: SandboxRequest, route: Route | "too-large", received: ReceivedRequest): Promise<SandboxReply> {
    try {
      if (typeof route === "string") throw refuseRoute(route, request, this.#parts.router);
      const reply = await this.#carryOut(request, route, received);
      received.verdict = "accepted";
      return reply;
    } catch (error) {
      received.verdict = error instanceof Refusal ? error.verdict : "sandbox-error";
      if (error instanceof Refusal) {
        Object.assign(received, error.why);
        return error.reply;
      }
      const { cause = error, message } = error as Error;
      received.reason = failed(message);
      received.error = String((cause instanceof Error && cause.stack) || cause);
      return { status: 500, body: { code: "SYSTEM_ERROR", message: `The sandbox failed: ${message}` }, signed: false };
    }
  }

  async #carryOut(
    request: SandboxRequest,
    { operation, path }: Exclude<Route, string>,
    received: ReceivedRequest,
  ): Promise<SandboxReply> {
    const { merchant, platform } = this.#parts;
    const { headers } = request;
    await authenticate(request, merchant, platform, this.#timeFor(headers));
    const signer = await this.#signerFor(headers, operation.name);
    if (signer === undefined) throw await refusePlatformKey(headers.get("Wechatpay-Serial") ?? "", merchant, platform);
    const input = await operation.read(request, path);
    const { sensitive } = operation;
    const key = headers.get("Wechatpay-Serial") ? signer : undefined;
    const explain = (wrong: Ciphertext) => explainCiphertext(wrong, merchant, platform);
    const query = await decryptFields(input.query, sensitive.query, key, explain);
    input.query = query.plain as typeof input.query;
    let { refusal } = query;
    if (sensitive.request.length > 0) {
      const sent = await decryptFields(input.body, sensitive.request, key, explain);
      received.body = input.body = sent.plain;
      refusal ??= sent.refusal;
    }
    if (refusal) throw refusal;
    const answer = await this.#behave(operation, input, request);
    const encrypted = operation.sensitive.response;
    // A file is no JSON.
    const body = answer.type ? answer.body : await encryptFields(answer.body, encrypted, merchant.encryptingKey);
    return { plain: answer.body, ...answer, body, signed: !operation.unsigned };
  }

  async #behave(operation: SandboxOperation, input: OperationInput, request: SandboxRequest): Promise<Example> {
    const behaviour = this.#behaviours.get(operation.name);
    if (behaviour === undefined) return request.parts ? withMediaId(operation.example()) : operation.example();
    const { merchant, clock, notify } = this.#parts;
    const { path, query, body } = structuredClone(input);
    const { origin } = request;
    const params = { path, query };
    const text = asText(request.covered);
    const told = { params, body, text, mchid: merchant.mchid, origin, now: clock.now(), notify };
    try {
      const returned = await behaviour(told as never);
      if (returned instanceof Error) throw returned;
      return operation.answer(returned);
    } catch (error) {
      if (error instanceof Refusal) throw error;
      throw new Error(`the behaviour of ${operation.name}: ${error}`, { cause: error });
    }
  }

  #timeFor(headers: Headers): number {
    const { timestamp } = parseAuthorization(headers.get("Authorization") ?? "") ?? {};
    return this.#parts.clock.asSeenBy(Number(timestamp) * 1000);
  }

  /** The key that a request wants its reply signed with; undefined where it names an unknown one. Some SDKs send the header empty. */
  async #signerFor(headers: Headers, operation: string | undefined): Promise<PlatformKeyPair | undefined> {
    const { platform } = this.#parts;
    const asked = headers.get("Wechatpay-Serial");
    if (asked) return platform.find(asked);
    return (operation === LIST_CERTIFICATES && (await platform.certificate())) || platform.standard();
  }
}

/** A request whose body is read as far as its signature asks for it. */
function read(request: Omit<SandboxRequest, "covered" | "parts">): SandboxRequest {
  if (!isMultipart(request.headers)) return { ...request, covered: request.body };
  const parts = readParts(request.headers, request.body);
  return { ...request, parts, covered: partNamed(parts, "meta")?.bytes ?? new Uint8Array() };
}
