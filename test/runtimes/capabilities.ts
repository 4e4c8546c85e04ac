/**
 * What every runtime must be able to do: plain functions over public names, without a test framework, so that they run anywhere. One entry
 * is one row of the table of guide/runtimes.md. What a capability throws fails it; a note that it returns stands in the table.
 */
import {
  ApiError,
  createNotificationReceiver,
  createWeChatPayClient,
  EncryptionError,
  outcomeOf,
  paySign,
  unwrap,
  upload,
  VerificationError,
  type WeChatPayClientOptions,
} from "wechatpay-openapi-fetch";
import type { nodeTransport } from "wechatpay-openapi-fetch/node";
import type { createSandbox } from "wechatpay-openapi-fetch/sandbox";
import type { RemoteSandbox, StartSandbox } from "./remote.js";

/** What only some runtimes have. */
export interface Runtime {
  isWorkers?: boolean;
  isDeno?: boolean;
  nodeTransport?: typeof nodeTransport;
  createSandbox: typeof createSandbox;
}

export interface Texts {
  en: string;
  zh: string;
}

export interface Capability extends Texts {
  /** @returns what the table says in place of a tick */
  run(start: StartSandbox, runtime: Runtime): Promise<Texts | undefined>;
}

export const QUERIES_ONLY: Texts = { en: "what may be repeated", zh: "仅限可重发的请求" };
export const OVER_HTTP: Texts = { en: "over HTTP", zh: "通过 HTTP" };
export const NONE: Texts = { en: "–", zh: "–" };

const PRE_ORDER = "/v3/payroll-card/authentications/pre-order";
const DAY = 24 * 60 * 60 * 1000;
const SUB = { sub_mchid: "1111111", sub_appid: "wxa1111111" };
const IDENTITY = { user_name: "张三", id_card_number: "110101199003070012" };

/** However slow the machine is, no call is too slow. */
const PATIENT = { timeout: 60_000, retry: { baseDelay: 1 } };

/** 图片上传, as the generator writes it. */
interface Uploads {
  "/v3/merchant/media/upload": {
    post: {
      requestBody: { content: { "multipart/form-data": { file: string; meta: { filename: string; sha256: string } } } };
      responses: { 200: { content: { "application/json": object } } };
    };
  };
}

/** In hex. */
async function hashOf(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest(name, bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function createClient({ url, credentials }: RemoteSandbox, more: Partial<WeChatPayClientOptions> = {}) {
  return createWeChatPayClient({ ...credentials, ...PATIENT, baseUrl: url, ...more });
}
type Client = ReturnType<typeof createClient>;

/** A user of today, and a number of a pre-order: a day has 20 of them for each user. */
const newId = () => `o${crypto.randomUUID().replaceAll("-", "")}`.slice(0, 28);
const newJob = () => ({
  ...SUB,
  openid: newId(),
  authenticate_number: newId(),
  project_name: "某项目",
  employer_name: "某单位名称",
});
const write = (client: Client) => client.POST(PRE_ORDER, { body: newJob() });
const query = (client: Client) =>
  client.v3.payrollCard.relations._openid_.get({ params: { path: { openid: newId() }, query: SUB } });

function same(what: string, actual: unknown, expected: unknown): void {
  const [found, wanted] = [actual, expected].map((value) => JSON.stringify(value));
  if (found !== wanted) throw new Error(`${what}: ${found} in place of ${wanted}`);
}

function demand(what: string, fits: boolean, found?: unknown): void {
  if (!fits) throw new Error(`not true: ${what}; found: ${found}`);
}

/** The error of what must fail. */
async function failure(what: string, promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    (value) => {
      throw new Error(`${what} did not fail, and gave ${JSON.stringify(value)}`);
    },
    (error) => error as Error,
  );
}

/** A network error is one, and says which call got nothing from which server. */
async function requireLost(what: string, promise: Promise<unknown>): Promise<void> {
  const error = await failure(what, promise);
  demand(`${what} is a TypeError`, error instanceof TypeError, error);
  demand(`${what} names call and server`, /\/v3\/.*127\.0\.0\.1/.test(error.message), error.message);
}

export const capabilities: Capability[] = [
  {
    en: "signs, by method, path and chain",
    zh: "签名，按方法、路径和链式调用",
    async run(start) {
      const sandbox = await start();
      const client = createClient(sandbox);
      unwrap(await client.POST(PRE_ORDER, { body: newJob() }));
      unwrap(await client[PRE_ORDER].POST({ body: newJob() }));
      unwrap(await client.v3.payrollCard.authentications.preOrder.post({ body: newJob() }));
      const verdicts = (await sandbox.requests()).map(({ verdict }) => verdict);
      same("verdicts", verdicts, ["accepted", "accepted", "accepted"]);
      return undefined;
    },
  },
  {
    en: "verifies, and refuses what is forged",
    zh: "验签，拒绝伪造的应答",
    async run(start) {
      const sandbox = await start();
      const client = createClient(sandbox);
      const reasons = {
        unsigned: "missing-header",
        "bad-signature": "mismatch",
        "tampered-body": "mismatch",
        "signature-probe": "not-base64",
        "clock-skew": "clock-skew",
        "unknown-serial": "unknown-serial",
      } as const;
      for (const [fault, reason] of Object.entries(reasons)) {
        await sandbox.fail(fault as keyof typeof reasons);
        const error = await failure(fault, write(client));
        demand(`${fault} is a VerificationError`, error instanceof VerificationError, error);
        same(fault, (error as VerificationError).reason, reason);
        same(`outcome of ${fault}`, outcomeOf(error), "unknown");
      }
      return undefined;
    },
  },
  {
    en: "encrypts fields",
    zh: "加密敏感信息字段",
    async run(start) {
      const sandbox = await start();
      let sent = "";
      const observe = async (request: Request) => {
        sent = await request.clone().text();
        return fetch(request);
      };
      const client = createClient(sandbox, { fetch: observe });
      unwrap(await client.v3.payrollCard.tokens.post({ body: { ...SUB, openid: newId(), ...IDENTITY } }));
      demand("the body shows no name", !sent.includes(IDENTITY.user_name), sent);
      const [request] = await sandbox.requests();
      same("the name as decrypted", Object(request?.body).user_name, IDENTITY.user_name);
      return undefined;
    },
  },
  {
    en: "decrypts fields",
    zh: "解密敏感信息字段",
    async run(start) {
      const sandbox = await start();
      const client = createClient(sandbox);
      const detail = { out_detail_no: newId(), transfer_amount: 100, transfer_remark: "工资", openid: newId() };
      const batch = {
        ...SUB,
        authorization_type: "INFORMATION_AUTHORIZATION_TYPE" as const,
        out_batch_no: newId(),
        batch_name: "工资",
        batch_remark: "工资",
        total_amount: 100,
        total_num: 1,
        transfer_detail_list: [{ ...detail, user_name: IDENTITY.user_name }],
      };
      unwrap(await client.v3.payrollCard.transferBatches.post({ body: batch }));
      const path = { out_batch_no: batch.out_batch_no, out_detail_no: detail.out_detail_no };
      const { outBatchNo } = client.v3.partnerTransfer.batches;
      const found = await outBatchNo._out_batch_no_.details.outDetailNo._out_detail_no_.get({ params: { path } });
      same("the name", unwrap(found).username, IDENTITY.user_name);
      return undefined;
    },
  },
  {
    en: "downloads certificates, and follows a rotation",
    zh: "下载平台证书并随之轮换",
    async run(start) {
      const sandbox = await start({ platformKeys: "certificate" });
      let now = 0;
      const { platformKeys, ...credentials } = sandbox.credentials;
      const client = createWeChatPayClient({
        ...credentials,
        ...PATIENT,
        baseUrl: sandbox.url,
        clock: () => Date.now() + now,
      });
      unwrap(await write(client));
      const [download] = await sandbox.requests();
      same("the first request", download?.operationId, "listCertificates");
      const serial = await sandbox.rotate();
      demand("another certificate", !(serial in platformKeys), serial);
      now = DAY + 60_000;
      await sandbox.advance(now);
      // Both certificates are good for a day. A call waits for the new list a moment only, and then goes on with the old one.
      let signedBy: string | null | undefined;
      while (signedBy !== serial) {
        const answer = await write(client);
        unwrap(answer);
        signedBy = answer.response.headers.get("Wechatpay-Serial");
      }
      return undefined;
    },
  },
  {
    en: "receives notifications",
    zh: "接收回调通知",
    async run(start) {
      const sandbox = await start();
      const { platformKeys, apiV3Key } = sandbox.credentials;
      const receive = createNotificationReceiver({ platformKeys, apiV3Key });
      const given = await sandbox.notification();
      const request = new Request("http://merchant.invalid/notify", { method: "POST", ...given });
      for (const form of [given, request]) {
        const { event_type, resource } = await receive(form);
        same("the notification", [event_type, resource], ["TRANSACTION.SUCCESS", { out_trade_no: "张三1" }]);
      }
      const forged = await failure("a forged notification", receive(await sandbox.notification("tampered-body")));
      demand("it is a VerificationError", forged instanceof VerificationError, forged);
      const wrongKey = createNotificationReceiver({ platformKeys, apiV3Key: "0".repeat(32) });
      const undecrypted = await failure("a wrong APIv3 key", wrongKey(given));
      demand("it is an EncryptionError", undecrypted instanceof EncryptionError, undecrypted);
      return undefined;
    },
  },
  {
    en: "`paySign`",
    zh: "`paySign` 调起支付签名",
    async run(start) {
      const { credentials, sign } = await start();
      const { jsapi } = paySign({ ...credentials, clock: () => 1_700_000_000_000, nonce: () => "nonce" });
      const payment = await jsapi({ appid: "wx1", prepay_id: "p1" });
      same("the signature", payment.paySign, await sign("wx1\n1700000000\nnonce\nprepay_id=p1\n"));
      return undefined;
    },
  },
  {
    en: "downloads a bill, decompressed, by its hash",
    zh: "下载账单：解压并校验摘要",
    async run(start) {
      const { credentials } = await start();
      const bill = "`2019-06-11 12:00:00,`1230000109\n".repeat(100_000);
      const bytes = new TextEncoder().encode(bill);
      const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
      const zipped = new Uint8Array(await new Response(stream).arrayBuffer());
      const download = async (sent: Uint8Array<ArrayBuffer>, name: "SHA1" | "SHA256", more = {}) => {
        const hash_value = await hashOf(name.replace("SHA", "SHA-"), bytes);
        const client = createWeChatPayClient({ ...credentials, ...PATIENT, fetch: async () => new Response(sent) });
        const download_url = "https://api.mch.weixin.qq.com/v3/billdownload/file?token=a";
        return new Response(await client.download({ download_url, hash_type: name, hash_value, ...more })).text();
      };
      const tar_type = "GZIP";
      for (const name of ["SHA1", "SHA256"] as const) demand(name, (await download(bytes, name)) === bill);
      demand("GZIP", (await download(zipped, "SHA1", { tar_type })) === bill);
      const wrong: [string, () => Promise<unknown>][] = [
        ["another file", () => download(bytes, "SHA1", { hash_value: "0".repeat(40) })],
        ["a file that is cut off", () => download(zipped.slice(0, -20), "SHA1", { tar_type })],
        ["a file that is no gzip", () => download(bytes, "SHA1", { tar_type })],
      ];
      for (const [what, file] of wrong) {
        const error = await failure(what, file());
        same(what, error instanceof VerificationError && error.reason, "hash-mismatch");
      }
      return undefined;
    },
  },
  {
    en: "uploads a file, `meta` signed",
    zh: "上传文件：对 `meta` 签名",
    async run(start) {
      const { credentials, sign } = await start();
      const path = "/v3/merchant/media/upload";
      let sent: Request | undefined;
      const fetch = async (request: Request) => {
        sent = request;
        return new Response("{}");
      };
      const operations = { [`POST ${path}`]: { operationId: "uploadImage", body: upload("filename", "sha256") } };
      const client = createWeChatPayClient<Uploads>({ ...credentials, ...PATIENT, fetch, operations });
      const file = new File(["image"], "a.png", { type: "image/png" });
      await failure("a response that is not signed", client.POST(path, { body: { file } }));
      const authorization = sent?.headers.get("Authorization") ?? "";
      const [nonce, timestamp, signature] = ["nonce_str", "timestamp", "signature"].map(
        (name) => authorization.split(`${name}="`)[1]?.split('"')[0],
      );
      const form = await sent?.formData();
      const meta = form?.get("meta");
      same("the signature", signature, await sign(`POST\n${path}\n${timestamp}\n${nonce}\n${meta}\n`));
      const part = form?.get("file");
      same("the file", part instanceof File && (await part.text()), "image");
      const sha256 = await hashOf("SHA-256", new TextEncoder().encode("image"));
      same("meta", JSON.parse(`${meta}`), { filename: "a.png", sha256 });
      return undefined;
    },
  },
  {
    en: "`CryptoKey`, `signer`",
    zh: "`CryptoKey`、`signer`",
    async run(start) {
      const sandbox = await start();
      const { privateKey: pem } = sandbox.credentials;
      const der = Uint8Array.from(atob(pem.replace(/-----[^-]+-----|\s/g, "")), (char) => char.charCodeAt(0));
      const rsa = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
      const privateKey = await crypto.subtle.importKey("pkcs8", der, rsa, false, ["sign"]);
      const signer = async (message: Uint8Array<ArrayBuffer>) =>
        new Uint8Array(await crypto.subtle.sign(rsa, privateKey, message));
      unwrap(await write(createClient(sandbox, { privateKey })));
      unwrap(await write(createClient(sandbox, { privateKey: undefined, signer })));
      return undefined;
    },
  },
  {
    en: "explains a `SIGN_ERROR`",
    zh: "解释 `SIGN_ERROR` 的原因",
    async run(start) {
      const change = (request: Request) => fetch(new Request(`${request.url}&changed=1`, request));
      const answer = await query(createClient(await start(), { fetch: change }));
      const error = await failure("a request that was changed", (async () => unwrap(answer))());
      demand("it is an ApiError", error instanceof ApiError, error);
      same("code", (error as ApiError).code, "SIGN_ERROR");
      demand("it names what was changed", error.message.includes("the query was changed after it was signed"), error);
      return undefined;
    },
  },
  {
    en: "repeats what may be repeated",
    zh: "重试可安全重发的请求",
    async run(start) {
      for (const fault of ["system-error", "rate-limited", "bad-gateway", "reset", "truncated-body"] as const) {
        const sandbox = await start();
        await sandbox.fail(fault);
        unwrap(await query(createClient(sandbox)));
        same(`requests after ${fault}`, (await sandbox.requests()).length, 2);
      }
      for (const fault of ["reset", "truncated-body"] as const) {
        const sandbox = await start();
        const client = createClient(sandbox);
        // On a connection that was used before, Deno's fetch would send it again by itself.
        unwrap(await write(client));
        await sandbox.fail(fault);
        await failure("a plain write", write(client));
        same(`requests of two writes, one of them lost by ${fault}`, (await sandbox.requests()).length, 2);
      }
      return undefined;
    },
  },
  {
    en: "a lost connection is a `TypeError`",
    zh: "网络故障一律为 `TypeError`",
    async run(start) {
      const sandbox = await start();
      const client = createClient(sandbox);
      for (const fault of ["reset", "truncated-body", "refused"] as const) {
        await sandbox.fail(fault);
        await requireLost(fault, write(client));
      }
      const own = { fetch: (request: Request) => fetch(request) };
      for (const baseUrl of [sandbox.nobody, sandbox.losing]) {
        await requireLost(baseUrl, write(createClient(sandbox, { baseUrl })));
        const error = await failure(baseUrl, write(createClient(sandbox, { baseUrl, ...own })));
        demand("that of a fetch which was given is a TypeError", error instanceof TypeError, error);
      }
      return undefined;
    },
  },
  {
    en: "the backup server, if nothing listens at the first",
    zh: "主域名连不上时改用备域名",
    async run(start, { isWorkers }) {
      const sandbox = await start();
      const { url: backupUrl, nobody, losing } = sandbox;
      const from = (baseUrl: string) => createClient(sandbox, { retry: false, baseUrl, backupUrl });
      unwrap(await query(from(nobody)));
      // Workers do not tell a connection that was refused from one that was lost, after which a write may have taken effect.
      if (isWorkers) {
        unwrap(await query(from(losing)));
        same("a write, refused", outcomeOf(await failure("a write, refused", write(from(nobody)))), "unknown");
      } else {
        await requireLost("a query, lost", query(from(losing)));
        unwrap(await write(from(nobody)));
      }
      same("a write, lost", outcomeOf(await failure("a write, lost", write(from(losing)))), "unknown");
      same("requests at the backup", (await sandbox.requests()).length, 2);
      return isWorkers ? QUERIES_ONLY : undefined;
    },
  },
  {
    en: "time-out",
    zh: "超时",
    async run(start) {
      for (const fault of ["hang", "slow-body"] as const) {
        const sandbox = await start();
        await sandbox.fail(fault);
        const error = await failure(fault, write(createClient(sandbox, { timeout: 300 })));
        same(fault, [error.name, outcomeOf(error)], ["TimeoutError", "unknown"]);
      }
      return undefined;
    },
  },
  {
    en: "abort",
    zh: "中止",
    async run(start) {
      const reasons = [undefined, new RangeError("mine")];
      for (const reason of reasons) {
        const sandbox = await start();
        await sandbox.fail("hang");
        const controller = new AbortController();
        setTimeout(() => controller.abort(reason), 100);
        const call = createClient(sandbox).POST(PRE_ORDER, { body: newJob(), signal: controller.signal });
        const error = await failure("an aborted call", call);
        demand("the reason is the signal's", error === controller.signal.reason, error);
        same("name", error.name, reason?.name ?? "AbortError");
      }
      return undefined;
    },
  },
  {
    en: "follows no redirect",
    zh: "拒绝重定向",
    async run(start) {
      const sandbox = await start();
      await sandbox.fail("redirect");
      const error = await failure("a redirect", query(createClient(sandbox)));
      demand("it says so", error instanceof TypeError && error.message.includes("redirect"), error);
      return undefined;
    },
  },
  {
    en: "32 calls at once, each reported to `onAttempt`",
    zh: "32 个并发调用，逐一通知 `onAttempt`",
    async run(start) {
      const statuses: (number | undefined)[] = [];
      const client = createClient(await start(), { onAttempt: ({ status }) => void statuses.push(status) });
      for (const result of await Promise.all(Array.from({ length: 32 }, () => write(client)))) unwrap(result);
      same("attempts", statuses, Array(32).fill(200));
      return undefined;
    },
  },
  {
    en: "`nodeTransport()`",
    zh: "`nodeTransport()`",
    async run(start, { nodeTransport, isDeno }) {
      if (isDeno) {
        const refused = await failure("nodeTransport()", (async () => nodeTransport?.())());
        demand("it says why not", refused.message.includes("send a write twice"), refused);
      }
      if (isDeno || !nodeTransport) return NONE;
      const sandbox = await start();
      const client = createClient(sandbox, { transport: nodeTransport() });
      unwrap(await write(client));
      await sandbox.fail("reset");
      await requireLost("reset", write(client));
      return undefined;
    },
  },
  {
    en: "the sandbox itself",
    zh: "沙箱本身",
    async run(_, { createSandbox, isWorkers }) {
      if (isWorkers) {
        const { message } = await failure("the sandbox on Workers", createSandbox());
        demand("it says where it runs, and how to reach it", /Node\.js.*baseUrl/s.test(message), message);
        return OVER_HTTP;
      }
      const sandbox = await createSandbox();
      unwrap(await write(createWeChatPayClient({ ...sandbox.credentials, ...PATIENT, fetch: sandbox.fetch })));
      const { url, close } = await sandbox.listen();
      unwrap(await write(createWeChatPayClient({ ...sandbox.credentials, ...PATIENT, baseUrl: url })));
      await close();
      return undefined;
    },
  },
];

/** Of a capability: what the table says in place of a tick, or why it fails. */
export type Result = { note?: Texts; error?: string };

/** Runs them one after the other; by their English names. */
export async function runAll(start: StartSandbox, runtime: Runtime): Promise<Record<string, Result>> {
  const results: Record<string, Result> = {};
  for (const { en, run } of capabilities) {
    results[en] = await endOf(run(start, runtime)).then(
      (note) => (note ? { note } : {}),
      (error) => ({ error: String(Object(error).stack || error) }),
    );
  }
  return results;
}

/** Ends what hangs, and nothing else. */
function endOf<T>(promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout>;
  const hung = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("no end within 120 s")), 120_000);
  });
  return Promise.race([promise, hung]).finally(() => clearTimeout(timer));
}
