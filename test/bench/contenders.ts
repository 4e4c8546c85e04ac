/** Who is measured: each makes the same call, the pre-order of a verification, in its own way. */
import { randomUUID } from "node:crypto";

/** The server and the keys of a run. */
export interface Target {
  origin: string;
  mchid: string;
  serialNo: string;
  privateKey: string;
  platformKeyId: string;
  platformKey: string;
}

/** One call; gives the reply's data. */
export type Call = () => Promise<unknown>;

export interface Contender {
  readonly name: string;
  /** Whether it claims to refuse a reply that WeChat Pay did not sign. The run proves it. */
  readonly verifies: boolean;
  /** What must be said beside its figures. */
  readonly note?: string;
  /** The least that the same HTTP client costs with a signature and a verification. */
  readonly floor: string;
  /** Whether it would be something else there: Bun puts its own fetch in the place of undici. */
  readonly notOnBun?: boolean;
  create(target: Target): Promise<Call>;
}

export const PATH = "/v3/payroll-card/authentications/pre-order";
export const REQUEST = {
  openid: "onqOjjmo8wmTOOtSKwXtGjg9Gb58",
  sub_mchid: "1111111",
  sub_appid: "wxa1111111",
  authenticate_number: "mcdhehfgisdhfjghed39384564i83",
  project_name: "某项目",
  employer_name: "某单位名称",
};

/** The peer that does what we do: it signs and verifies. */
export const PEER = "wechatpay-axios-plugin";
export const PACKAGE = "wechatpay-openapi-fetch";
/** Another build of the package, by the name under which the runner installs it. */
export const BEFORE = "before";

/**
 * Imports what the benchmark's own package.json names, or the runner installs: `tsc` finds neither, so callers say the little that they
 * use of it.
 */
const load = <T>(name: string): Promise<T> => import(name);

type Package = typeof import("wechatpay-openapi-fetch");

const floors: Contender[] = [
  {
    name: "floor-fetch",
    note: "the least with fetch",
    verifies: true,
    floor: "floor-fetch",
    create: (target) => floor(target, fetchSender()),
  },
  {
    name: "floor-node:http",
    note: "the least with node:http",
    verifies: true,
    floor: "floor-node:http",
    create: async (target) => floor(target, await httpSender(target)),
  },
  {
    name: "floor-undici",
    note: "the least with undici",
    verifies: true,
    floor: "floor-undici",
    notOnBun: true,
    create: async (target) => floor(target, await undiciSender()),
  },
];

const ours: Contender[] = [
  { name: "ours", note: "this package", verifies: true, floor: "floor-fetch", create: (target) => client(target) },
  {
    name: "ours-node",
    note: "this package, nodeTransport()",
    verifies: true,
    floor: "floor-node:http",
    create: (target) => client(target, { nodeTransport: true }),
  },
  {
    name: "ours-undici",
    note: "this package, undici's fetch",
    verifies: true,
    floor: "floor-undici",
    notOnBun: true,
    create: async (target) => client(target, { options: { fetch: await undiciFetch() } }),
  },
];

const others: Contender[] = [
  {
    name: "openapi-fetch",
    note: "neither signs nor verifies",
    verifies: false,
    floor: "floor-fetch",
    create: openapiFetch,
  },
  { name: PEER, verifies: true, floor: "floor-node:http", create: axiosPlugin },
  { name: "wechatpay-node-v3", note: "never verifies", verifies: false, floor: "floor-node:http", create: nodeV3 },
];

/** Another build of the package, for comparisons while developing. */
const before: Contender[] = [
  {
    name: BEFORE,
    note: "another build",
    verifies: true,
    floor: "floor-fetch",
    create: (target) => client(target, { from: BEFORE }),
  },
  {
    name: `${BEFORE}-node`,
    note: "another build, nodeTransport()",
    verifies: true,
    floor: "floor-node:http",
    create: (target) => client(target, { from: BEFORE, nodeTransport: true }),
  },
];

const ROWS = 1000;
/** A table of many rows. All but one have something to say, for only those are looked through for a path that the table does not know. */
const manyRows = Object.fromEntries(
  Array.from({ length: ROWS }, (_, i) => [
    `POST /v3/synthetic/operation-${i}`,
    { operationId: `operation${i}`, ...(i > 0 && { idempotent: "/out_batch_no" }) },
  ]),
);

/** What could make a call dearer as a user's world grows. */
const GROWTH: Record<string, ClientInit> = {
  "as it is": {},
  "1,000 clients": { clients: 1000 },
  "50 platform keys": { platformKeys: 50 },
  "1,000 operations": { options: { operations: manyRows }, path: "/v3/synthetic/operation-0" },
  "1,000 operations, a path of none": { options: { operations: manyRows }, path: "/v3/another/path" },
};

/** The contenders of `--scale`. */
export const growth: readonly Contender[] = [false, true].flatMap((nodeTransport) =>
  Object.entries(GROWTH).map(([what, init]) => ({
    name: `${nodeTransport ? "ours-node" : "ours"}, ${what}`,
    verifies: true,
    floor: `${nodeTransport ? "ours-node" : "ours"}, as it is`,
    create: (target: Target) => client(target, { ...init, nodeTransport }),
  })),
);

/** What runs without being asked for. */
export const contenders: readonly Contender[] = [...floors, ...ours, ...others];
export const everyContender: readonly Contender[] = [...contenders, ...before, ...growth];

/** Sends one signed request; gives the reply's headers, by lower-case names, and its raw bytes. */
type Sender = (url: string, headers: Record<string, string>, body: string) => Promise<Reply>;
type Reply = readonly [header: (name: string) => string, body: Uint8Array<ArrayBuffer>];

/** One signature, one request, one verification over the raw bytes, one JSON.parse, and nothing else. */
async function floor({ origin, mchid, serialNo, privateKey, platformKey }: Target, send: Sender): Promise<Call> {
  const { subtle } = crypto;
  const signer = await subtle.importKey("pkcs8", der(privateKey), RSA, false, ["sign"]);
  const verifier = await subtle.importKey("spki", der(platformKey), RSA, false, ["verify"]);
  const url = origin + PATH;
  return async () => {
    const body = JSON.stringify(REQUEST);
    const timestamp = Math.floor(Date.now() / 1000);
    const nonce = randomUUID().replaceAll("-", "");
    const message = Buffer.from(`POST\n${PATH}\n${timestamp}\n${nonce}\n${body}\n`);
    const signature = Buffer.from(await subtle.sign(RSA.name, signer, message)).toString("base64");
    const authorization = `WECHATPAY2-SHA256-RSA2048 mchid="${mchid}",nonce_str="${nonce}",signature="${signature}",timestamp="${timestamp}",serial_no="${serialNo}"`;
    const headers = { authorization, accept: "application/json", "content-type": "application/json" };
    const [header, bytes] = await send(url, headers, body);
    const head = `${header("wechatpay-timestamp")}\n${header("wechatpay-nonce")}\n`;
    const signed = Buffer.concat([Buffer.from(head), bytes, Buffer.from("\n")]);
    const given = Buffer.from(header("wechatpay-signature"), "base64");
    if (!(await subtle.verify(RSA.name, verifier, given, signed))) throw new Error("The signature does not match.");
    return JSON.parse(Buffer.from(bytes).toString());
  };
}

const RSA = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
const der = (pem: string) => Buffer.from(pem.replace(/-----.*-----/g, ""), "base64");

function fetchSender(): Sender {
  return async (url, headers, body) => {
    const response = await fetch(url, { method: "POST", headers, body });
    return [(name) => response.headers.get(name) ?? "", new Uint8Array(await response.arrayBuffer())];
  };
}

async function httpSender({ origin }: Target): Promise<Sender> {
  const { Agent, request } = await nodeHttp(origin);
  const agent = new Agent({ keepAlive: true });
  return (url, headers, body) =>
    new Promise((resolve, reject) => {
      const sent = request(url, { method: "POST", headers, agent }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("end", () => resolve([(name) => String(response.headers[name] ?? ""), Buffer.concat(chunks)]));
        response.on("error", reject);
      });
      sent.on("error", reject).end(body);
    });
}

const nodeHttp = (origin: string): Promise<typeof import("node:http")> =>
  load(origin.startsWith("https:") ? "node:https" : "node:http");

/** The little of undici that is used here. */
interface Undici {
  request(
    url: string,
    init: object,
  ): Promise<{ headers: Record<string, string>; body: { arrayBuffer(): Promise<ArrayBuffer> } }>;
  fetch(url: string, init: object): Promise<Response>;
}

async function undiciSender(): Promise<Sender> {
  const { request } = await load<Undici>("undici");
  return async (url, headers, body) => {
    const reply = await request(url, { method: "POST", headers, body });
    return [(name) => reply.headers[name] ?? "", new Uint8Array(await reply.body.arrayBuffer())];
  };
}

/** undici's fetch takes no `Request` but its own. */
async function undiciFetch() {
  const { fetch } = await load<Undici>("undici");
  return async (request: Request) => {
    const { url, method, headers, redirect, signal } = request;
    return fetch(url, { method, headers, redirect, signal, body: await request.arrayBuffer() });
  };
}

interface ClientInit {
  /** Name of the package to import. */
  from?: string;
  nodeTransport?: boolean;
  /** As many clients as this, which take turns. */
  clients?: number;
  /** As many platform keys as this. */
  platformKeys?: number;
  options?: object;
  path?: string;
}

async function client(target: Target, init: ClientInit = {}): Promise<Call> {
  const { from = PACKAGE, clients: count = 1, path = PATH, nodeTransport = false } = init;
  const { createWeChatPayClient, unwrap } = await load<Package>(from);
  const { origin: baseUrl, mchid, serialNo, privateKey } = target;
  const given = { baseUrl, mchid, serialNo, privateKey, platformKeys: platformKeys(target, init.platformKeys) };
  const options = { ...given, ...init.options, ...(nodeTransport && { transport: await createNodeTransport(from) }) };
  // `operations` and `transport` depend on the contender.
  const clients = Array.from({ length: count }, () => createWeChatPayClient(options as typeof given));
  let turn = 0;
  return async () => {
    const wechatpay = clients[turn++ % count] as (typeof clients)[0];
    return unwrap(await wechatpay.POST(path as typeof PATH, { body: REQUEST }));
  };
}

async function createNodeTransport(from: string): Promise<unknown> {
  const name = `${from}/node`;
  const { nodeTransport } = await load<{ nodeTransport(): unknown }>(name).catch((error) => {
    throw /_(NOT_EXPORTED|MODULE_NOT_FOUND)$/.test(error.code) ? new MissingEntry(`there is no ${name}`) : error;
  });
  return nodeTransport();
}

/** A build may be older than an entry of the package. */
export class MissingEntry extends Error {}

function platformKeys({ platformKeyId, platformKey }: Target, count = 1): Record<string, string> {
  const ids = Array.from({ length: count - 1 }, (_, i) => `PUB_KEY_ID_${String(i).padStart(32, "0")}`);
  return Object.fromEntries([...ids, platformKeyId].map((id) => [id, platformKey]));
}

async function openapiFetch({ origin }: Target): Promise<Call> {
  const { default: createClient } = await load<typeof import("openapi-fetch")>("openapi-fetch");
  const api = createClient<{ [PATH]: { post: Operation } }>({ baseUrl: origin });
  return async () => (await api.POST(PATH, { body: REQUEST })).data;
}

interface Operation {
  requestBody: { content: { "application/json": typeof REQUEST } };
  responses: { 200: { content: { "application/json": object } } };
}

async function axiosPlugin({ origin, mchid, serialNo, privateKey, platformKeyId, platformKey }: Target): Promise<Call> {
  const { Wechatpay } = await load<{ Wechatpay: new (options: object) => AxiosPlugin }>(PEER);
  const { Agent } = await nodeHttp(origin);
  const agent = new Agent({ keepAlive: true });
  const certs = { [platformKeyId]: platformKey };
  const agents = { httpAgent: agent, httpsAgent: agent };
  const wxpay = new Wechatpay({ mchid, serial: serialNo, privateKey, certs, baseURL: origin, ...agents });
  return async () => (await wxpay.v3.payrollCard.authentications.preOrder.post(REQUEST)).data;
}

interface AxiosPlugin {
  v3: { payrollCard: { authentications: { preOrder: { post(body: object): Promise<{ data: unknown }> } } } };
}

/** By its own parts, as its methods of single operations do it; the origin of those is fixed. Its HTTP client uses Node's global agent. */
async function nodeV3({ origin, mchid, serialNo, privateKey, platformKey }: Target): Promise<Call> {
  const { default: WxPay } = await load<{ default: new (options: object) => NodeV3 }>("wechatpay-node-v3");
  const keys = { publicKey: Buffer.from(platformKey), privateKey: Buffer.from(privateKey), serial_no: serialNo };
  const pay = new WxPay({ appid: "wxa1111111", mchid, ...keys });
  return async () => {
    const authorization = pay.buildAuthorization("POST", PATH, REQUEST);
    const headers = pay.getHeaders(authorization, { "Content-Type": "application/json" });
    const { status, data } = await pay.httpService.post(origin + PATH, REQUEST, headers);
    if (status !== 200) throw new Error(`Answered ${status}`);
    return data;
  };
}

interface NodeV3 {
  buildAuthorization(method: string, path: string, body: object): string;
  getHeaders(authorization: string, headers: object): object;
  httpService: { post(url: string, body: object, headers: object): Promise<{ status: number; data: unknown }> };
}
