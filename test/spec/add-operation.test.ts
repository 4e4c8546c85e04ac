import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ApiError, type Operations, type WeChatPayClientOptions } from "wechatpay-openapi-fetch";
import { createSandbox, type OpenApiDocument } from "wechatpay-openapi-fetch/sandbox";
import { openInEditor } from "../support/language-service.js";

const FAMILY = "test/fixtures/another-family";
/** 256 bytes in base64. */
const CIPHERTEXT = /^[0-9A-Za-z+/]{342}==$/;

/** What the tests of a clone need beside its folders. */
const CONFIGURATION = ["package.json", "tsconfig.json", "vitest.config.ts", "redocly.yaml"];
/** The tests that hold every operation of the spec to something, or edit the spec, and those of them that concern what is added. */
const READ_THE_SPEC = ["test/spec-examples.test.ts", "test/sandbox/sandbox.test.ts", "test/spec/lint.test.ts"];
const OF_WHAT_IS_ADDED =
  "/v3/combine-transactions|/v3/transferdownload|/v3/applyment4sub|of the spec is one|the lint gate of the spec accepts";
const FROM_FAMILY = `tags:
  - { name: Bills, description: 账单。 Bills. }
  - { name: Applyments, description: 进件。 Applications. }
paths:
  /v3/transferdownload/signfile: { $ref: paths/v3_transferdownload_signfile.yaml }
  /v3/applyment4sub/applyment/: { $ref: paths/v3_applyment4sub_applyment_.yaml }
`;
/** The other vitest is none of this one's workers. */
const ENV = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("VITEST")));
interface VitestReport {
  testResults: {
    name: string;
    status: string;
    message: string;
    assertionResults: { fullName: string; status: string }[];
  }[];
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp("test/readme-spec-");
});
afterAll(() => rm(folder, { recursive: true }));

/** What `npx redocly lint <spec>` says; it rejects where the exit code is not 0. */
async function lint(spec: string): Promise<string> {
  const redocly = join(dirname(createRequire(import.meta.url).resolve("@redocly/cli/package.json")), "bin/cli.js");
  const env = { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" };
  const { stderr } = await promisify(execFile)(process.execPath, [redocly, "lint", spec, "--lint-config=error"], {
    env,
  });
  return stderr;
}

/** Runs `npm run generate -- --spec <spec> --out <out>`, without npm, and gives what it prints. */
async function generate(spec: string, out: string): Promise<string> {
  const args = ["--import", "tsx", "scripts/generate.ts", "--spec", spec, "--out", out];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args);
  return stdout + stderr;
}

/** Checks a module's types as an editor would, runs it, and gives what it exports. */
async function run(code: string, file: string) {
  expect(openInEditor(code, file).errors()).toEqual([]);
  await writeFile(file, code);
  return import(/* @vite-ignore */ `../../${file}`);
}

/** The YAML and the TypeScript of spec/README.md. */
async function readReadme(): Promise<{ yaml: string; code: string; behaviours: string }> {
  const page = await readFile("spec/README.md", "utf8");
  const [, yaml = ""] = /^```yaml\n(.*?)^```$/ms.exec(page) ?? [];
  const [code = "", behaviours = ""] = Array.from(page.matchAll(/^```ts\n(.*?)^```$/gms), ([, code = ""]) => code);
  return { yaml, code, behaviours };
}

/** Adds what is written there to a copy of spec/. */
async function follow(yaml: string, spec: string): Promise<void> {
  for (const file of yaml.split(/^# /m).slice(1)) {
    const [, name = "", text = ""] = /^([^\s,]+).*?\n(.*)/s.exec(file) ?? [];
    await writeFile(join(spec, name), name === "openapi.yaml" ? await withEntries(join(spec, name), text) : text);
  }
}

/** The file with the entries of each section of `sections` at the end of its own, but for those that it has. */
async function withEntries(file: string, sections: string): Promise<string> {
  let text = await readFile(file, "utf8");
  for (const [, head = "", lines = ""] of sections.matchAll(/^(\w+:\n)((?: .*\n)+)/gm)) {
    const section = new RegExp(`^${head}(?: .*\n|\n)*`, "m");
    expect(text).toMatch(section);
    const isNew = (entry: string) => !text.includes(/name: \w+|\/v3\/\S+:/.exec(entry)?.[0] ?? entry);
    const entries = lines.split(/^(?= {2}\S)/m).filter(isNew);
    text = text.replace(section, (found) => found + entries.join(""));
  }
  return text;
}

test("whoever follows spec/README.md has added an operation: its files pass lint, and its call compiles and runs", async () => {
  const { yaml, code } = await readReadme();
  const spec = join(folder, "spec");
  await cp("spec", spec, { recursive: true });
  await follow(yaml, spec);

  expect(await lint(join(spec, "openapi.yaml"))).toContain("Your API description is valid");
  expect(await generate(join(spec, "openapi.yaml"), join(folder, "api"))).toBe("");
  const { sandbox } = await run(code, join(folder, "readme.ts"));
  expect(sandbox.requests).toMatchObject([{ operationId: "closeCombinedOrder", verdict: "accepted", status: 204 }]);
});

test("and no other line is needed: with it, a download and encrypted fields added, types and tests pass in a clone", {
  tags: ["slow"],
}, async () => {
  const clone = await mkdtemp(join(tmpdir(), "clone-"));
  const here = (...args: string[]) =>
    promisify(execFile)(process.execPath, args, { cwd: clone, env: ENV, maxBuffer: 2 ** 28 });
  try {
    await symlink(resolve("node_modules"), join(clone, "node_modules"));
    for (const name of ["spec", "src", "generated", "scripts", "test", ...CONFIGURATION])
      await cp(name, join(clone, name), {
        recursive: true,
        filter: (file) => !/^test\/(readme-|\w+\/(node_modules|out-))/.test(file),
      });
    await follow((await readReadme()).yaml, join(clone, "spec"));
    // Neither of our families has what is added: the sandbox serves both.
    for (const [name, to] of [
      ["v3_billdownload_file", "v3_transferdownload_signfile"],
      ["v3_applyment4sub_applyment_"],
    ]) {
      const text = (await readFile(join(FAMILY, `paths/${name}.yaml`), "utf8"))
        .replaceAll("../../../../spec/", "../")
        .replace("operationId: downloadBill", "operationId: downloadReceipt")
        .replace("downloadBill.bill", "downloadReceipt.receipt");
      await writeFile(join(clone, "spec/paths", `${to ?? name}.yaml`), text);
    }
    await cp(join(FAMILY, "components"), join(clone, "spec/components"), {
      recursive: true,
      filter: (file) => !file.endsWith(".yaml") || /createApplyment/i.test(file),
    });
    const example = "components/examples/download";
    await cp(
      join(FAMILY, `${example}Bill.bill.response.yaml`),
      join(clone, "spec", `${example}Receipt.receipt.response.yaml`),
    );
    const root = join(clone, "spec/openapi.yaml");
    await writeFile(root, await withEntries(root, FROM_FAMILY));
    await here("--import", "tsx", "scripts/generate.ts");

    const tsconfig = { extends: "./tsconfig.json", include: READ_THE_SPEC };
    await writeFile(join(clone, "tsconfig.some.json"), JSON.stringify(tsconfig));
    const vitest = ["node_modules/vitest/vitest.mjs", "run", "--typecheck.enabled=false", "--reporter=json", "-t"];
    const [types, tests] = await Promise.all(
      [
        ["node_modules/typescript/bin/tsc", "-p", "tsconfig.some.json"],
        [...vitest, OF_WHAT_IS_ADDED, ...READ_THE_SPEC],
      ].map((args) => here(...args).catch((error: { stdout: string }) => error)),
    );
    expect(types?.stdout).toBe("");
    const { testResults } = JSON.parse(tests?.stdout ?? "") as VitestReport;
    expect(testResults.filter(({ status }) => status === "failed")).toEqual([]);
    const passed = testResults.flatMap(({ assertionResults }) =>
      assertionResults.filter(({ status }) => status === "passed").map(({ fullName }) => fullName),
    );
    for (const name of OF_WHAT_IS_ADDED.split("|")) expect(passed).toContainEqual(expect.stringContaining(name));
  } finally {
    await rm(clone, { recursive: true });
  }
});

/** Calls of the family, as its users write them. `@ts-expect-error` is itself an error where there is none. */
const CALLS = `
import { type CallInit, createWeChatPayClient, unwrap, type WeChatPayClientOptions } from "wechatpay-openapi-fetch";
import type { Chain } from "./family/chain.js";
import { operations } from "./family/operations.js";
import type { paths } from "./family/schema.js";

export const create = (options: WeChatPayClientOptions, table = operations) =>
  createWeChatPayClient<paths, Chain>({ ...options, operations: table });
type Client = ReturnType<typeof create>;
type BodyOf<Path extends keyof paths> = CallInit<paths[Path]["post"]>["body"];

const JSAPI = "/v3/pay/transactions/jsapi";
export async function placeOrder(wechatpay: Client, body: BodyOf<typeof JSAPI>): Promise<string[]> {
  return [
    unwrap(await wechatpay.POST(JSAPI, { body })).prepay_id,
    unwrap(await wechatpay[JSAPI].POST({ body })).prepay_id,
    unwrap(await wechatpay.v3.pay.transactions.jsapi.post({ body })).prepay_id,
  ];
}
export function misspeltOrders(wechatpay: Client, body: BodyOf<typeof JSAPI>) {
  // @ts-expect-error -- amount.totl
  wechatpay.POST(JSAPI, { body: { ...body, amount: { totl: 1 } } });
  // @ts-expect-error -- detail.goods_detail[].quantty
  wechatpay.POST(JSAPI, { body: { ...body, detail: { goods_detail: [{ merchant_goods_id: "1", quantty: 1, quantity: 1, unit_price: 1 }] } } });
  // @ts-expect-error -- scene_info.store_info.id is required
  wechatpay.POST(JSAPI, { body: { ...body, scene_info: { payer_client_ip: "14.23.150.211", store_info: {} } } });
  // @ts-expect-error -- a request's enum is closed
  wechatpay.POST(JSAPI, { body: { ...body, amount: { total: 1, currency: "EUR" } } });
  // @ts-expect-error -- payer is required
  wechatpay.POST(JSAPI, { body: { ...body, payer: undefined } });
}

const ORDER = "/v3/pay/transactions/out-trade-no/{out_trade_no}";
export async function queryOrder(wechatpay: Client, out_trade_no: string) {
  const params = { path: { out_trade_no }, query: { mchid: "1230000109" } };
  const order = unwrap(await wechatpay.v3.pay.transactions.outTradeNo._out_trade_no_.get({ params }));
  const openid: string | undefined = order.payer?.openid;
  const discounts: number[] = (order.promotion_detail ?? []).map(({ amount }) => amount);
  const isPaid = order.trade_state === "SUCCESS" || order.trade_state === "OF_TOMORROW";
  return { openid, discounts, isPaid };
}
export function misspeltQueries(wechatpay: Client) {
  // @ts-expect-error -- mchid is required
  wechatpay.GET(ORDER, { params: { path: { out_trade_no: "1217752501" } } });
  // @ts-expect-error -- out_trade_no is required
  wechatpay.GET(ORDER, { params: { query: { mchid: "1230000109" } } });
  // @ts-expect-error -- mchid is a text
  wechatpay.GET(ORDER, { params: { path: { out_trade_no: "1217752501" }, query: { mchid: 1230000109 } } });
}

export async function close(wechatpay: Client, out_trade_no: string): Promise<undefined> {
  const init = { params: { path: { out_trade_no } }, body: { mchid: "1230000109" } };
  return unwrap(await wechatpay.v3.pay.transactions.outTradeNo._out_trade_no_.close.post(init));
}

const APPLYMENT = "/v3/applyment4sub/applyment/";
export async function apply(wechatpay: Client, body: BodyOf<typeof APPLYMENT>): Promise<number[]> {
  return [
    unwrap(await wechatpay.POST(APPLYMENT, { body })).applyment_id,
    unwrap(await wechatpay.v3.applyment4sub.applyment.post({ body })).applyment_id,
  ];
}
export function misspeltApplyments(wechatpay: Client, body: BodyOf<typeof APPLYMENT>) {
  const { identity_info } = body.subject_info;
  const ubo = { ubo_id_doc_type: "IDENTIFICATION_TYPE_IDCARD", ubo_id_doc_name: "李四", ubo_id_doc_number: "1" } as const;
  const subject = { subject_type: "SUBJECT_TYPE_OTHERS", identity_info } as const;
  // @ts-expect-error -- subject_info.ubo_info_list[].ubo_id_doc_adress
  wechatpay.POST(APPLYMENT, { body: { ...body, subject_info: { ...subject, ubo_info_list: [{ ...ubo, ubo_id_doc_adress: "" }] } } });
  // @ts-expect-error -- the slash belongs to the path
  wechatpay.POST("/v3/applyment4sub/applyment", { body });
}

export async function bill(wechatpay: Client): Promise<[hash: string, url: string]> {
  const params = { query: { bill_date: "2019-06-11", tar_type: "GZIP" } } as const;
  const { hash_value, download_url } = unwrap(await wechatpay.v3.bill.tradebill.get({ params }));
  return [hash_value, download_url];
}
export async function download(wechatpay: Client, token: string): Promise<[string, string, ArrayBuffer, Blob, ReadableStream | null]> {
  const { get } = wechatpay.v3.billdownload.file;
  const params = { query: { token } };
  return [
    unwrap(await get({ params, parseAs: "text" })),
    unwrap(await wechatpay.GET("/v3/billdownload/file", { params, parseAs: "text" })),
    unwrap(await get({ params, parseAs: "arrayBuffer" })),
    unwrap(await get({ params, parseAs: "blob" })),
    unwrap(await get({ params, parseAs: "stream" })),
  ];
}
export function misreadFiles(wechatpay: Client) {
  const params = { query: { token: "abc" } };
  // @ts-expect-error -- a file is no JSON, so parseAs is required
  wechatpay.GET("/v3/billdownload/file", { params });
  // @ts-expect-error -- by chain as well
  wechatpay.v3.billdownload.file.get({ params });
  // @ts-expect-error -- and is not json
  wechatpay.v3.billdownload.file.get({ params, parseAs: "json" });
}

const IMAGE = "/v3/merchant/media/upload";
export async function uploadImage(wechatpay: Client, file: File): Promise<string[]> {
  const meta = { filename: "执照.png" };
  return [
    unwrap(await wechatpay.v3.merchant.media.upload.post({ body: { file } })).media_id,
    unwrap(await wechatpay.POST(IMAGE, { body: { file: await file.arrayBuffer(), meta } })).media_id,
    unwrap(await wechatpay[IMAGE].POST({ body: { file: Buffer.from(await file.arrayBuffer()), meta } })).media_id,
  ];
}
export function misspeltUploads(wechatpay: Client, file: File) {
  // @ts-expect-error -- meta.filname
  wechatpay.POST(IMAGE, { body: { file, meta: { filname: "a.png" } } });
  // @ts-expect-error -- bytes have no name
  wechatpay.POST(IMAGE, { body: { file: new Uint8Array(8), meta: {} } });
  // @ts-expect-error -- a path is no file
  wechatpay.POST(IMAGE, { body: { file: "a.png", meta: { filename: "a.png" } } });
}

export async function save(wechatpay: Client): Promise<string> {
  const bill = unwrap(await wechatpay.v3.bill.tradebill.get({ params: { query: { bill_date: "2019-06-11" } } }));
  const stream: ReadableStream<Uint8Array> = await wechatpay.download(bill);
  return new Response(stream).text();
}

export async function guide(wechatpay: Client, mobile: string): Promise<string | undefined> {
  const params = { query: { store_id: 1234, mobile } };
  return unwrap(await wechatpay.v3.smartguide.guides.get({ params })).data?.[0]?.guide_id;
}

export async function complaints(wechatpay: Client, limit: number) {
  const params = { query: { limit, offset: 0, begin_date: "2019-01-01", end_date: "2019-01-31" } };
  const { data = [] } = unwrap(await wechatpay.v3.merchantService.complaintsV2.get({ params }));
  const phones: (string | undefined)[] = data.map(({ payer_phone }) => payer_phone);
  return phones;
}
export function misspeltComplaints(wechatpay: Client) {
  // @ts-expect-error -- limit is a number
  wechatpay.v3.merchantService.complaintsV2.get({ params: { query: { limit: "5", begin_date: "2019-01-01", end_date: "2019-01-31" } } });
  // @ts-expect-error -- begin_dat
  wechatpay.v3.merchantService.complaintsV2.get({ params: { query: { begin_dat: "2019-01-01", begin_date: "2019-01-01", end_date: "2019-01-31" } } });
}

export function withoutOperations(options: WeChatPayClientOptions) {
  // @ts-expect-error -- without the table of operations, sensitive fields would go out as plain text
  createWeChatPayClient<paths, Chain>({ ...options });
}
`;

/** What a merchant calls on the sandbox of spec/README.md, one after the other. */
const STORY = `
import { type CallInit, createWeChatPayClient, unwrap } from "wechatpay-openapi-fetch";
import type { Chain } from "./api/chain.js";
import { operations } from "./api/operations.js";

const wechatpay = createWeChatPayClient<paths, Chain>({ ...sandbox.credentials, fetch: sandbox.fetch, operations });
const { transactions } = wechatpay.v3.pay;
export async function tell(body: CallInit<paths["/v3/pay/transactions/jsapi"]["post"]>["body"]) {
  const { mchid, out_trade_no } = body;
  const order = transactions.outTradeNo._out_trade_no_;
  const query = () => order.get({ params: { path: { out_trade_no }, query: { mchid } } });
  return [
    (await query()).error?.code,
    unwrap(await transactions.jsapi.post({ body })).prepay_id,
    unwrap(await query()).trade_state,
    unwrap(await order.close.post({ params: { path: { out_trade_no } }, body: { mchid } })),
    unwrap(await query()).trade_state,
  ];
}
`;

describe("a family of one's own is served without a line of code", () => {
  type Body = Record<string, unknown>;
  type Application = Body & { subject_info: { ubo_info_list: { former_names?: { name?: string }[] }[] } };
  type Calls = { create(options: WeChatPayClientOptions, operations?: Operations): unknown } & Record<
    | "placeOrder"
    | "queryOrder"
    | "close"
    | "apply"
    | "bill"
    | "download"
    | "uploadImage"
    | "save"
    | "guide"
    | "complaints",
    (wechatpay: unknown, argument?: unknown) => Promise<unknown>
  >;
  let openapi: OpenApiDocument & { components: { examples: Record<string, { value: Body }> } };
  let calls: Calls;

  beforeAll(async () => {
    const out = join(folder, "family");
    expect(await generate(join(FAMILY, "openapi.yaml"), out)).toBe("");
    openapi = JSON.parse(await readFile(join(out, "openapi.json"), "utf8"));
    calls = await run(CALLS, join(folder, "calls.ts"));
  });

  const example = (name: string) => openapi.components.examples[name]?.value;

  /** A client of the family, its sandbox, and what went over the wire in between. */
  async function connect(document: OpenApiDocument = openapi, operations?: Operations) {
    const sandbox = await createSandbox({ openapi: document });
    const wire: { url: URL; sent: string; headers: Headers; came: string }[] = [];
    const options: WeChatPayClientOptions = {
      ...sandbox.credentials,
      retry: false,
      async fetch(request) {
        const sent = await request.clone().text();
        const reply = await sandbox.fetch(request);
        wire.push({ url: new URL(request.url), sent, headers: reply.headers, came: await reply.clone().text() });
        return reply;
      },
    };
    return { sandbox, wechatpay: calls.create(options, operations), wire };
  }

  test("its spec passes our lint rules", async () => {
    expect(await lint(join(FAMILY, "openapi.yaml"))).toContain("Your API description is valid");
  });

  test("a mistake in a nested key is an error where it is written", () => {
    const misspelt = CALLS.replace("// @ts-expect-error -- amount.totl\n", "");
    expect(openInEditor(misspelt, join(folder, "calls.ts")).errors()).toEqual([
      expect.stringContaining("'totl' does not exist in type '{ total: number; currency?: \"CNY\""),
    ]);
  });

  test("nested objects and lists arrive as they were given, by path and by chain", async () => {
    const { sandbox, wechatpay } = await connect();
    const body = example("createJsapiOrder.detailed.request");
    const prepayId = example("createJsapiOrder.placed.response")?.prepay_id;
    expect(await calls.placeOrder(wechatpay, body)).toEqual([prepayId, prepayId, prepayId]);
    expect(sandbox.requests).toHaveLength(3);
    for (const request of sandbox.requests) expect(request).toMatchObject({ verdict: "accepted", body });
  });

  test("path and query are encoded once, and the server accepts the signature over what it got", async () => {
    const { sandbox, wechatpay, wire } = await connect();
    expect(await calls.queryOrder(wechatpay, "订单/1|2 ")).toEqual({
      openid: "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
      discounts: [10],
      isPaid: true,
    });
    const path = "/v3/pay/transactions/out-trade-no/%E8%AE%A2%E5%8D%95%2F1%7C2%20?mchid=1230000109";
    expect(wire.map(({ url }) => url.pathname + url.search)).toEqual([path]);
    expect(sandbox.requests).toMatchObject([{ operationId: "getOrderByOutTradeNo", path, verdict: "accepted" }]);
  });

  test("and told how in spec/README.md, its sandbox keeps what it was told: create, query, close, query", async () => {
    const { behaviours } = await readReadme();
    const code = `${behaviours}${STORY}`.replaceAll("./api/", "./family/");
    const { sandbox, tell } = await run(code, join(folder, "story.ts"));
    expect(await tell(example("createJsapiOrder.detailed.request"))).toEqual([
      "ORDER_NOT_EXIST",
      "wx1217752501201407033233368018",
      "NOTPAY",
      undefined,
      "CLOSED",
    ]);
    expect(sandbox.requests.map(({ status }: { status: number }) => status)).toEqual([404, 200, 200, 204, 200]);
  });

  test("numbers in a query are checked as numbers", async () => {
    const { wechatpay, wire } = await connect();
    await calls.complaints(wechatpay, 50);
    expect(wire[0]?.url.search).toBe("?limit=50&offset=0&begin_date=2019-01-01&end_date=2019-01-31");
    await expect(calls.complaints(wechatpay, 51)).rejects.toMatchObject({
      code: "PARAM_ERROR",
      detail: { field: "limit", value: 51, location: "query" },
    });
  });

  test("a 204 has no data and is verified all the same", async () => {
    const { sandbox, wechatpay, wire } = await connect();
    expect(await calls.close(wechatpay, "1217752501")).toBeUndefined();
    expect(sandbox.requests).toMatchObject([{ operationId: "closeOrder", verdict: "accepted", status: 204 }]);
    expect(wire[0]?.came).toBe("");
    sandbox.fail({ operation: "closeOrder", fault: "unsigned" });
    await expect(calls.close(wechatpay, "1217752501")).rejects.toMatchObject({
      name: "VerificationError",
      reason: "missing-header",
      outcome: "unknown",
    });
  });

  test("sensitive fields are ciphertext on the wire, at every item of a list, and plain text at both ends", async () => {
    const { sandbox, wechatpay, wire } = await connect();
    const body = example("createApplyment.enterprise.request") as Body;
    const id = example("createApplyment.submitted.response")?.applyment_id;
    expect(await calls.apply(wechatpay, body)).toEqual([id, id]);
    expect(sandbox.requests.map((request) => request.body)).toEqual([body, body]);
    for (const { url, sent } of wire) {
      expect(url.pathname).toBe("/v3/applyment4sub/applyment/");
      const { contact_info, subject_info, ...rest } = JSON.parse(sent);
      const ciphertext = expect.stringMatching(CIPHERTEXT);
      expect(rest).toEqual({ business_code: body.business_code });
      expect(contact_info).toEqual({
        contact_type: "LEGAL",
        contact_name: ciphertext,
        contact_id_number: ciphertext,
        mobile_phone: ciphertext,
        contact_email: ciphertext,
      });
      expect(subject_info).toEqual({
        subject_type: "SUBJECT_TYPE_ENTERPRISE",
        identity_info: {
          id_doc_type: "IDENTIFICATION_TYPE_IDCARD",
          id_card_info: { id_card_name: ciphertext, id_card_number: ciphertext },
        },
        ubo_info_list: [
          {
            ubo_id_doc_type: "IDENTIFICATION_TYPE_IDCARD",
            ubo_id_doc_name: ciphertext,
            ubo_id_doc_number: ciphertext,
            ubo_id_doc_address: ciphertext,
          },
          {
            ubo_id_doc_type: "IDENTIFICATION_TYPE_OVERSEA_PASSPORT",
            ubo_id_doc_name: ciphertext,
            ubo_id_doc_number: ciphertext,
          },
        ],
      });
    }
  });

  test("an upload arrives as a file with its name and its hash, whatever the caller has of it", async () => {
    const { sandbox, wechatpay } = await connect();
    const file = new File([new Uint8Array([0x89, 0x50, 0x4e, 0x47])], "执照.png", { type: "image/png" });
    const ids = (await calls.uploadImage(wechatpay, file)) as string[];
    expect(new Set(ids).size).toBe(3);
    const sha256 = "0f4636c78f65d3639ece5a064b5ae753e3408614a14fb18ab4d7540d2c248543";
    expect(sandbox.requests.map(({ body }) => body)).toEqual(
      Array(3).fill({
        meta: { filename: "执照.png", sha256 },
        file: { filename: "执照.png", type: "image/png", size: 4, sha256 },
      }),
    );
  });

  test("and so are those of a reply", async () => {
    const { wechatpay, wire } = await connect();
    expect(await calls.complaints(wechatpay, 5)).toEqual(["18500000000", "18500000001"]);
    expect(wire[0]?.came).toContain("200201820200101080076610001");
    expect(wire[0]?.came).not.toContain("1850000000");
  });

  test("a file comes as the spec shows it, unsigned, in every form it is asked for", async () => {
    const { wechatpay, wire } = await connect();
    const file = String(example("downloadBill.bill.response"));
    const [text, again, buffer, blob, stream] = (await calls.download(wechatpay, "a+b=")) as [
      string,
      string,
      ArrayBuffer,
      Blob,
      ReadableStream,
    ];
    expect(text).toMatch(/^交易时间,.*\n`2019-06-11/);
    expect([
      text,
      again,
      new TextDecoder().decode(buffer),
      await blob.text(),
      await new Response(stream).text(),
    ]).toEqual(Array(5).fill(file));
    for (const { url, headers } of wire) {
      expect(url.search).toBe("?token=a%2Bb%3D");
      expect(headers.get("Content-Type")).toBe("application/octet-stream");
      expect(headers.get("Wechatpay-Signature")).toBeNull();
    }
  });

  test("a bill is downloaded by what was answered of it, and verified by its hash", async () => {
    const { sandbox, wechatpay, wire } = await connect();
    expect(await calls.save(wechatpay)).toBe(example("downloadBill.bill.response"));
    expect(sandbox.requests).toMatchObject([
      { operationId: "getTradeBill" },
      { operationId: "downloadBill", path: "/v3/billdownload/file?token=abc", verdict: "accepted" },
    ]);
    expect(wire[1]?.headers.get("Wechatpay-Signature")).toBeNull();
  });

  test("a parameter of the query is ciphertext on the wire as well, and the request names its key", async () => {
    const { sandbox, wechatpay, wire } = await connect();
    expect(await calls.guide(wechatpay, "18500000000")).toBe("LLA3WJ6DSZUfiaZDS79FH5Wm5m4X69TBic");
    expect(wire[0]?.url.search).toMatch(/^\?store_id=1234&mobile=[\w%]+%3D%3D$/);
    expect(wire[0]?.url.searchParams.get("mobile")).toMatch(CIPHERTEXT);
    expect(sandbox.requests).toMatchObject([{ operationId: "listGuides", verdict: "accepted" }]);
  });

  test("every other reply is verified: a wrong signature makes the call reject", async () => {
    const { sandbox, wechatpay } = await connect();
    const order = example("createJsapiOrder.detailed.request");
    const applyment = example("createApplyment.enterprise.request");
    for (const [call, argument] of [
      ["placeOrder", order],
      ["queryOrder", "1217752501"],
      ["close", "1217752501"],
      ["apply", applyment],
      ["bill"],
      ["complaints", 5],
    ] as const) {
      const restore = sandbox.fail({ fault: "bad-signature" });
      await expect(calls[call](wechatpay, argument), call).rejects.toMatchObject({ reason: "mismatch" });
      restore();
    }
    sandbox.fail({ fault: "bad-signature", times: 5 });
    await expect(calls.download(wechatpay, "abc")).resolves.toContain(example("downloadBill.bill.response"));
    expect(await calls.bill(wechatpay)).toEqual([
      "657a645f87be9dd9fe224f02b43964ea1c544c69",
      "https://api.mch.weixin.qq.com/v3/billdownload/file?token=abc",
    ]);
  });

  test("when the API gains a field, one file is edited: a list in a list is encrypted at every item", async () => {
    const edited = join(folder, "edited");
    const file = join(edited, "components/schemas/CreateApplymentRequest.yaml");
    await cp(FAMILY, edited, { recursive: true });
    const formerNames = `            former_names:
              type: array
              description: 曾用名 Former names
              items:
                type: object
                properties: { name: { type: string, x-wechatpay-sensitive: true, description: 姓名 Name, example: 李三 } }
`;
    const schema = await readFile(file, "utf8");
    await writeFile(
      file,
      schema.replace(/^ +ubo_id_doc_address:$/m, (line) => formerNames + line),
    );
    const out = join(folder, "edited-api");
    await generate(join(edited, "openapi.yaml"), out);
    const { operations } = await import(/* @vite-ignore */ `../../${out}/operations.ts`);

    const { sandbox, wechatpay, wire } = await connect(
      JSON.parse(await readFile(join(out, "openapi.json"), "utf8")),
      operations,
    );
    const { subject_info, ...body } = structuredClone(example("createApplyment.enterprise.request")) as Application;
    for (const owner of subject_info.ubo_info_list) owner.former_names = [{ name: "李三" }, {}, { name: "李二" }];
    await calls.apply(wechatpay, { ...body, subject_info });
    expect(sandbox.requests[0]?.body).toEqual({ ...body, subject_info });
    const sent = (JSON.parse(wire[0]?.sent ?? "") as Application).subject_info.ubo_info_list;
    const ciphertext = expect.stringMatching(CIPHERTEXT);
    const names = [{ name: ciphertext }, {}, { name: ciphertext }];
    expect(sent.map(({ former_names }) => former_names)).toEqual([names, names]);
  });

  test("where the spec has no example of a reply, nor of its schema, the sandbox names the operation", async () => {
    const document = JSON.parse(JSON.stringify(openapi), (name, value) =>
      name === "application/octet-stream" ? { schema: { type: "string" } } : value,
    );
    const { sandbox, wechatpay } = await connect(document);
    const download = calls.download(wechatpay, "abc");
    await expect(download).rejects.toThrow(
      "GET /v3/billdownload/file has no example of its application/octet-stream reply",
    );
    await expect(download).rejects.toBeInstanceOf(ApiError);
    expect(sandbox.requests).toMatchObject([{ verdict: "sandbox-error", status: 500 }]);
  });
});
