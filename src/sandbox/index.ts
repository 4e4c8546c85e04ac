import payrollCardApi from "../../generated/openapi.json" with { type: "json" };
import payApi from "../../generated/pay/openapi.json" with { type: "json" };
import { METHODS } from "../../spec/refs.js";
import { isRecord } from "../checks.js";
import { type OpenApiDocument, readDocuments } from "./api/document.js";
import type { UploadedFile } from "./api/multipart.js";
import {
  type Behaviour,
  type BehaviourInput,
  type Behaviours,
  checkBehaviours,
  type SandboxPaths,
} from "./behaviours.js";
import { BOOLEAN, checkOptions, FUNCTION, oneOf, RECORD, type Rule } from "./checks.js";
import { createPay, type PayActions } from "./family/pay/index.js";
import { createPayrollCard } from "./family/payroll-card.js";
import type { PayrollCardUser } from "./family/relations.js";
import { once } from "./once.js";
import { Deliveries, NOTIFICATION_MODE, type NotificationMode, type SentNotification } from "./server/deliveries.js";
import { FAULTS, type Fault, type FaultOptions, FaultQueue } from "./server/faults.js";
import { createFetch } from "./server/in-process.js";
import { createSandboxKeys, isKeySet, type SandboxKeys } from "./server/key-set.js";
import { LISTEN, listen } from "./server/listen.js";
import { createMerchant, type Merchant } from "./server/merchant.js";
import { createNotify, type NotificationEvent, type NotifyOptions } from "./server/notifications.js";
import { createPlatform, PLATFORM_KEY_MODES, type Platform, type PlatformKeyMode } from "./server/platform.js";
import type { ReceivedRequest, UnconnectedRequest } from "./server/received-request.js";
import { apiError, type Verdict } from "./server/refusals.js";
import { REQUEST_LOG, RequestLog, type RequestLogOptions } from "./server/request-log.js";
import { WeChatPayServer } from "./server/server.js";
import type { SignatureFault } from "./server/signature.js";
import type { SignatureCheck } from "./server/signature-check.js";
import { Clock, inBeijing } from "./server/time.js";
import type { Listening, ListenOptions, Sandbox, SandboxCredentials, SandboxOptions } from "./types.js";

export {
  apiError,
  type Behaviour,
  type BehaviourInput,
  type Behaviours,
  createSandboxKeys,
  FAULTS,
  type Fault,
  type FaultOptions,
  inBeijing,
  type Listening,
  type ListenOptions,
  type NotificationEvent,
  type NotificationMode,
  type NotifyOptions,
  type OpenApiDocument,
  type PayActions,
  type PayrollCardUser,
  type PlatformKeyMode,
  type ReceivedRequest,
  type RequestLogOptions,
  type Sandbox,
  type SandboxCredentials,
  type SandboxKeys,
  type SandboxOptions,
  type SandboxPaths,
  type SentNotification,
  type SignatureCheck,
  type SignatureFault,
  type UnconnectedRequest,
  type UploadedFile,
  type Verdict,
};

/**
 * Starts a sandbox: fresh keys, empty state, nothing on disk.
 *
 * ```ts
 * const sandbox = await createSandbox();
 * const wechatpay = createWeChatPayClient({ ...sandbox.credentials, fetch: sandbox.fetch });
 * ```
 *
 * What it does where public documents do not describe the real server is listed in `guide/sandbox.md`.
 *
 * @typeParam Paths the `paths` that openapi-typescript made of a document of your own, for the types of `behaviours`.
 * @throws {TypeError} naming the option that is of the wrong form, such as a behaviour of an operation that `openapi` does not have;
 * if a reference of `openapi` leads nowhere.
 * @throws {KeyError} naming the key of `keys` that cannot be used.
 */
export async function createSandbox<Paths = SandboxPaths>(options: SandboxOptions<Paths> = {}): Promise<Sandbox> {
  checkAll(options);
  const { openapi = OWN, authorized = true } = options;
  const documents = [openapi].flat() as OpenApiDocument[];
  const clock = new Clock(options.clock);
  const router = openapi === OWN ? readOwn() : readDocuments(documents);
  checkBehaviours(options.behaviours ?? {}, router.names);
  const log = new RequestLog(options, options.requestLog);
  const { watchers } = log;
  const did = watchers.recorder(clock.now);
  const faults = new FaultQueue(router.operationIds, did);
  const [merchant, platform] = await Promise.all([
    createMerchant(options.keys),
    createPlatform(options.platformKeys, clock.now, did, options.keys?.platform),
  ]);
  // Other products have resources of their own under the event types of ours, such as combined orders under TRANSACTION.SUCCESS.
  let isConsoleServed = false;
  const { notify, events, resourceOf } = createNotify(documents, documents[0] !== OWN[0], watchers, () => {
    // Who presses buttons in a console has a program elsewhere, whose clock they do not set.
    const signedAt = isConsoleServed ? clock.unadvanced() : clock.now();
    const { apiV3Key, mchid } = merchant;
    return { signer: platform.standard(), apiV3Key, mchid, now: clock.now(), signedAt };
  });
  const deliveries = new Deliveries(options.notifications, clock.now, notify, watchers);
  const { behaviours: payrollCard, state, ...actions } = createPayrollCard(clock.now, authorized, did);
  const { behaviours: pay, records, ...payActions } = createPay(clock.now, deliveries, did);
  const behaviours = { ...payrollCard, ...whole(pay, router.names), ...options.behaviours };
  const { handle } = new WeChatPayServer({ router, merchant, platform, clock, faults, log, behaviours, notify });

  const sandbox: Sandbox = {
    ...actions,
    ...payActions,
    get credentials() {
      return credentialsOf(merchant, platform);
    },
    requests: log.requests,
    get droppedRequests() {
      return log.dropped;
    },
    clearRequests: log.clear,
    notifications: deliveries.sent,
    notified: deliveries.settled,
    clock: clock.now,
    advance(ms) {
      clock.advance(ms);
      did("advance", { ms });
      deliveries.flush();
    },
    rotate: platform.rotate,
    fail: faults.add,
    fetch: createFetch(handle),
    async listen(options = {}) {
      checkOptions("listen", options, LISTEN);
      if (!options.console) return listen(handle, options);
      isConsoleServed = true;
      const { createConsole } = await import("./console/index.js");
      const { host } = options;
      const states = (most: number) => ({ ...state(most), records: records(most) });
      const parts = { sandbox, handle, host, router, faults, merchant, platform, watchers, events, resourceOf, states };
      return listen(handle, options, createConsole(parts));
    },
    notify,
  };
  return sandbox;
}

function checkAll(options: SandboxOptions<never>): void {
  checkOptions("createSandbox", options, OPTIONS);
  if (options.requestLog !== undefined) checkOptions("requestLog", options.requestLog, REQUEST_LOG);
}

/** A family, where all of it is there. A document of one's own may describe a part of it, in its own way: there is no telling what that part should do. */
const whole = <Family extends object>(family: Family, names: readonly string[]): Family | object =>
  Object.keys(family).every((name) => names.includes(name)) ? family : {};

function credentialsOf({ mchid, serialNo, privateKey, apiV3Key }: Merchant, platform: Platform): SandboxCredentials {
  return { mchid, serialNo, privateKey, platformKeys: platform.credentials(), apiV3Key };
}

const OWN = [payrollCardApi, payApi] as unknown as OpenApiDocument[];

/** Read once for all sandboxes: nothing of it changes. */
const readOwn = once(() => readDocuments(OWN));

const isDocument = (value: unknown) =>
  isRecord(value) &&
  isRecord(value.paths) &&
  isRecord(value.webhooks ?? {}) &&
  Object.values({ ...value.paths, ...(value.webhooks as object) }).every(isPathItem);
const areDocuments = (value: unknown) =>
  Array.isArray(value) ? value.length > 0 && value.every(isDocument) : isDocument(value);
const isPathItem = (item: unknown) =>
  isRecord(item) && METHODS.every((method) => item[method] === undefined || isRecord(item[method]));

const OPTIONS: Record<keyof SandboxOptions, Rule> = {
  openapi: [areDocuments, "an OpenAPI document in one piece, such as the generated openapi.json, or a list of them"],
  behaviours: RECORD,
  platformKeys: oneOf(PLATFORM_KEY_MODES),
  keys: [isKeySet, "what createSandboxKeys() makes"],
  authorized: BOOLEAN,
  notifications: NOTIFICATION_MODE,
  clock: FUNCTION,
  onRequest: FUNCTION,
  onUnconnected: FUNCTION,
  requestLog: RECORD,
};
