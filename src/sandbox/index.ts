import payrollCardApi from "../../generated/openapi.json" with { type: "json" };
import payApi from "../../generated/pay/openapi.json" with { type: "json" };
import { METHODS } from "../../spec/refs.js";
import { isRecord } from "../checks.js";
import { type OpenApiDocument, readDocuments } from "./api/document.js";
import type { UploadedFile } from "./api/multipart.js";
import { readNotifications } from "./api/notifications.js";
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
import { Deliveries, NOTIFICATION_MODE, type NotificationMode, type SentNotification } from "./server/deliveries.js";
import { FAULTS, type Fault, type FaultOptions, FaultQueue } from "./server/faults.js";
import { createFetch } from "./server/in-process.js";
import { createSandboxKeys, isKeySet, type SandboxKeys } from "./server/key-set.js";
import { LISTEN, listen } from "./server/listen.js";
import { createMerchant } from "./server/merchant.js";
import { type NotificationEvent, type NotifyOptions, type Sender, sendNotification } from "./server/notifications.js";
import { createPlatform, PLATFORM_KEY_MODES, type PlatformKeyMode } from "./server/platform.js";
import { apiError, type Verdict } from "./server/refusals.js";
import { REQUEST_LOG, type ReceivedRequest, RequestLog, type RequestLogOptions } from "./server/request-log.js";
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
  checkOptions("createSandbox", options, OPTIONS);
  if (options.requestLog !== undefined) checkOptions("requestLog", options.requestLog, REQUEST_LOG);
  const { openapi = OWN, authorized = true } = options;
  const documents = [openapi].flat() as OpenApiDocument[];
  const clock = new Clock(options.clock);
  const router = openapi === OWN ? readOwn() : readDocuments(documents);
  checkBehaviours(options.behaviours ?? {}, router.names);
  const faults = new FaultQueue(router.operationIds);
  const log = new RequestLog(options.onRequest, options.requestLog);
  const [merchant, platform] = await Promise.all([
    createMerchant(options.keys),
    createPlatform(options.platformKeys, clock.now, options.keys?.platform),
  ]);
  const notify = createNotify(documents, () => {
    return { signer: platform.standard(), apiV3Key: merchant.apiV3Key, now: clock.now() };
  });
  const deliveries = new Deliveries(options.notifications, clock.now, notify);
  const { behaviours: payrollCard, ...actions } = createPayrollCard(clock.now, authorized);
  const { behaviours: pay, records, ...payActions } = createPay(clock.now, deliveries);
  // A document of one's own may describe a part of it, in its own way: there is no telling what that part should do.
  const hasPay = Object.keys(pay).every((name) => router.names.includes(name));
  const behaviours = { ...payrollCard, ...(hasPay && pay), ...options.behaviours };
  const { handle } = new WeChatPayServer({ router, merchant, platform, clock, faults, log, behaviours, notify });

  const sandbox: Sandbox = {
    ...actions,
    ...payActions,
    get credentials() {
      const { mchid, serialNo, privateKey, apiV3Key } = merchant;
      return { mchid, serialNo, privateKey, platformKeys: platform.credentials(), apiV3Key };
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
      deliveries.flush();
    },
    rotate: platform.rotate,
    fail: faults.add,
    fetch: createFetch(handle),
    async listen(options = {}) {
      checkOptions("listen", options, LISTEN);
      if (!options.console) return listen(handle, options);
      const { createConsole } = await import("./console/index.js");
      const names = { host: options.host, operations: router.operationIds, records };
      return listen(handle, options, createConsole(sandbox, log.watchers, names));
    },
    notify,
  };
  return sandbox;
}

const OWN = [payrollCardApi, payApi] as unknown as OpenApiDocument[];

/** @param sender as it is when a notification is sent */
function createNotify(
  documents: OpenApiDocument[],
  sender: () => Pick<Sender, "signer" | "apiV3Key" | "now">,
): Sandbox["notify"] {
  // Other products have resources of their own under the event types of ours, such as combined orders under TRANSACTION.SUCCESS.
  const isWholeChecked = documents[0] !== OWN[0];
  let known: ReturnType<typeof readNotifications> | undefined;
  return (url, event, options = {}) => {
    known ??= readNotifications(documents);
    return sendNotification(url, event, options, { ...sender(), known, isWholeChecked });
  };
}

let own: ReturnType<typeof readDocuments> | undefined;
/** Read once for all sandboxes: nothing of it changes. */
function readOwn() {
  own ??= readDocuments(OWN);
  return own;
}

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
  requestLog: RECORD,
};
