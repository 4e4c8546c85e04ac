import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { ApiError } from "wechatpay-openapi-fetch";
import { createSandbox } from "wechatpay-openapi-fetch/sandbox";
import payrollCard from "../../generated/openapi.json" with { type: "json" };
import pay from "../../generated/pay/openapi.json" with { type: "json" };
import { main as generate } from "../../scripts/generate.js";
import { pageOf } from "../../scripts/page/index.js";
import { type PageSample, samplesOf, sectionsOf, textIn, unescaped, withoutCode } from "../support/docs-page.js";
import { openAllInEditor, openInEditor } from "../support/language-service.js";

let folder: string;
let html: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "docs-test-"));
  const page = join(folder, "index.html");
  expect(await docs("--output", page)).toContain(page);
  html = await readFile(page, "utf8");
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs `npm run docs -- …`, without npm. */
async function docs(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", "scripts/docs.ts", ...args]);
  return stdout;
}

interface Operation {
  operationId: string;
  tags: string[];
  externalDocs: { url: string };
  requestBody?: { content: { "application/json"?: { examples?: object } } };
}
const operationsOf = (paths: object) =>
  Object.values(paths as Record<string, Record<string, Operation>>).flatMap((item) => Object.values(item));
const operations = [payrollCard, pay].flatMap(({ paths }) => operationsOf(paths));
const sectionOf = (operationId: string) => sectionsOf(html).get(`operation/${operationId}`) ?? "";

describe("the page", () => {
  test("has every operation and notification of both families, each with its official page", () => {
    const all = [...operations, ...operationsOf(pay.webhooks)];
    expect(all).toHaveLength(40);
    for (const { operationId, externalDocs } of all)
      expect(sectionOf(operationId), operationId).toContain(`<a href="${externalDocs.url}"`);
  });

  test("is one file that asks for nothing, is smaller than 2 MB, and runs its own scripts only", () => {
    // What a browser loads by itself: scripts, styles, pictures, fonts.
    expect(html).not.toMatch(/<(script|img|iframe|link)\b[^>]+(src|href)=["']?(https?:)?\/\//i);
    expect(/<style>(.*?)<\/style>/s.exec(html)?.[1]).not.toMatch(/@import|url\(/i);
    expect(html).toMatch(/content="default-src 'none'; [^"]*script-src 'sha256-[^']+' 'sha256-[^']+'"/);
    expect(Buffer.byteLength(html)).toBeLessThan(2_000_000);
  });

  test("leads where it links to", () => {
    const ids = new Set(Array.from(html.matchAll(/ id="([^"]+)"/g), ([, id]) => id));
    const links = Array.from(html.matchAll(/href="#([^"]+)"/g), ([, id = ""]) => id);
    expect(links.length).toBeGreaterThan(200);
    expect(links.filter((id) => !ids.has(id))).toEqual([]);
    expect(links).toContain("operation/preOrderAuthentication");
  });

  test("has its menu in the order of the flow", () => {
    const menu = html.slice(html.indexOf("<nav"), html.indexOf("</nav>"));
    const headings = (language: "zh-CN" | "en") =>
      Array.from(menu.matchAll(/<h3>(.*?)<\/h3>/g), ([, heading = ""]) => textIn(heading, language).trim());
    const payment = ["1 下单：直连商户", "1 下单：服务商", "2 退款", "3 账单", "4 商家转账"];
    expect(headings("zh-CN")).toEqual(["指南", "1 授权", "2 核身", "3 发薪", "4 查询转账", "平台证书", ...payment]);
    expect(headings("en").slice(0, 4)).toEqual(["Guide", "1 Authorize", "2 Verify identity", "3 Pay wages"]);
    expect(textIn(menu, "en")).toContain("SIGN_ERROR");
    expect(menu).toContain('href="#guide/errors"');
  });

  test("knows the sandbox: as a server, and beside each example by the name that the console has for it", () => {
    expect(textIn(sectionsOf(html).values().next().value ?? "", "en")).toMatch(
      /http:\/\/127\.0\.0\.1:8787\s+The sandbox/,
    );
    const links = Array.from(html.matchAll(/<a class="send" hidden href="\/#send=([^"]+)"/g), ([, name]) => name);
    const named = operations.flatMap(({ operationId, requestBody }) => {
      const examples = Object.keys(requestBody?.content["application/json"]?.examples ?? {});
      return examples.length > 0 ? examples.map((example) => `${operationId}.${example}`) : [operationId];
    });
    expect(links.sort()).toEqual(named.sort());
    expect(links).toContain("createToken.authorize");
  });

  test("says what an error means, and what to do about each kind of SIGN_ERROR", () => {
    const errors = textIn(sectionsOf(html).get("guide/errors") ?? "", "en");
    for (const code of payrollCard.components.schemas.Error.properties.code["x-extensible-enum"])
      expect(errors).toContain(code);
    const kinds = textIn(sectionsOf(html).get("guide/sign-error") ?? "", "en");
    for (const field of ["authorization", "mchid", "商户证书序列号有误。", "timestamp", "signature"])
      expect(kinds).toContain(` = ${field}\n`);
  });

  test("shows what is folded last, but for the errors that all share", () => {
    const text = textIn(sectionOf("preOrderAuthentication"), "en");
    expect(text.indexOf("up to 12 in a community copy")).toBeGreaterThan(text.indexOf("Error responses"));
  });
});

describe("in one language", () => {
  test("the English page has no Chinese but official names and values", () => {
    for (const [id, section] of sectionsOf(html)) {
      const text = textIn(withoutCode(section), "en").replaceAll(/\([^()]*\)|"[^"\n]*"/g, "");
      expect(text.match(/\p{Script=Han}+/gu) ?? [], id).toEqual([]);
    }
  });

  test("the Chinese page has no English sentence", () => {
    for (const [id, section] of sectionsOf(html)) {
      const text = textIn(withoutCode(section), "zh-CN").replaceAll(/<[^>]*>/g, "");
      expect(text.match(/\b[A-Za-z][a-z']+ [a-z][a-z']*(?: [a-z][a-z']*)+/g) ?? [], id).toEqual([]);
    }
  });

  test("comments of our samples are in the language of the page", () => {
    const comments = samplesOf(html).flatMap(({ sources }) => sources.map((source) => source.match(/^# .*$/gm) ?? []));
    const [zh = [], en = []] = comments.filter((found) => found.length > 0);
    expect(zh.join()).toMatch(/待签名串/);
    expect(en.join()).not.toMatch(/\p{Script=Han}/u);
  });
});

describe("the samples in TypeScript", () => {
  let samples: (PageSample & { name: string; source: string })[];
  // The day that the documented values speak of: of a day in the past, the API says no more.
  const DAY = Date.parse("2020-12-25T12:00:00+08:00");
  const file = (name: string) => join(folder, name);
  const FORMS = ["chain", "byPath", "byMethod"];

  beforeAll(async () => {
    samples = samplesOf(html)
      .filter(({ form }) => FORMS.includes(form))
      .map((each) => ({
        ...each,
        name: `${each.operationId}-${each.example}-${each.form}.ts`,
        source: each.sources[0] ?? "",
      }));
    // What the samples import, as the page shows it; those of the second family by its entry.
    const [, client = ""] =
      /<code class="language-ts">(.*?)<\/code>/s.exec(sectionsOf(html).get("guide/code") ?? "") ?? [];
    await writeFile(file("package.json"), `{ "type": "module" }`);
    await writeFile(file("wechatpay.ts"), unescaped(client));
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllEnvs();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  test("are three for every example of an operation: by the chain, by the path, and by the method", () => {
    const thrice = operations.flatMap(({ operationId, requestBody }) => {
      const examples = Object.keys(requestBody?.content["application/json"]?.examples ?? { none: {} });
      return examples.flatMap((_, i) => FORMS.map((form) => `${operationId} ${i} ${form}`));
    });
    const found = samples.map(({ operationId, example, form }) => `${operationId} ${example} ${form}`);
    expect(found.sort()).toEqual(thrice.sort());
    const [chain, path, method] = FORMS.map(
      (wanted) =>
        samples.find(({ operationId, form }) => operationId === "preOrderAuthentication" && form === wanted)?.source,
    );
    expect(chain).toContain("await wechatpay.v3.payrollCard.authentications\n  .preOrder.post({\n    body: {\n");
    expect(path).toContain('wechatpay[\n  "/v3/payroll-card/authentications/pre-order"\n].POST({\n  body: {\n');
    expect(method).toContain('.POST(\n  "/v3/payroll-card/authentications/pre-order",\n  {\n    body: {\n');
  });

  test("are as narrow as their place, where no text is longer than that", () => {
    const wide = samplesOf(html).flatMap(({ form, sources }) =>
      form === "payload" ? [] : sources.flatMap((source) => source.split("\n").filter((line) => line.length > 64)),
    );
    expect(wide.filter((line) => !/^ *("[^"]*"|"?\w+"?: "[^"]*"|URL\+?=.*),?$/.test(line))).toEqual([]);
  });

  test("compile, and the client that they import", async () => {
    const client = await readFile(file("wechatpay.ts"), "utf8");
    const all = [{ name: "wechatpay.ts", source: client }, ...samples];
    const editor = openAllInEditor(Object.fromEntries(all.map(({ name, source }) => [file(name), source])));
    const errors = all.map(({ name }) => [name, editor.errors(file(name))]);
    expect(errors.filter(([, found]) => found?.length)).toEqual([]);
  });

  test("would not compile with a key that the spec has not", async () => {
    const { source = "" } = samples.find(({ operationId }) => operationId === "preOrderAuthentication") ?? {};
    const misspelt = openInEditor(source.replace("employer_name", "employer_nam"), file("misspelt.ts"));
    expect(misspelt.errors()).toEqual([expect.stringContaining("'employer_nam' does not exist")]);
  });

  test("run: the sandbox takes every request, up to what it knows of the number", async () => {
    vi.useFakeTimers({ now: DAY, toFake: ["Date"] });
    const sandbox = await createSandbox();
    const [[id, pem] = []] = Object.entries(sandbox.credentials.platformKeys);
    vi.stubEnv("WECHATPAY_MCHID", sandbox.credentials.mchid);
    vi.stubEnv("WECHATPAY_SERIAL_NO", sandbox.credentials.serialNo);
    vi.stubEnv("WECHATPAY_PRIVATE_KEY", sandbox.credentials.privateKey);
    vi.stubEnv("WECHATPAY_PLATFORM_KEY_ID", id);
    vi.stubEnv("WECHATPAY_PLATFORM_KEY", pem);
    vi.stubGlobal("fetch", sandbox.fetch);
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    for (const { name, operationId, source } of samples) {
      await writeFile(file(name), source);
      const before = { requests: sandbox.requests.length, logs: log.mock.calls.length };
      const refusal = await import(/* @vite-ignore */ file(name)).then(
        () => undefined,
        (error: unknown) => error,
      );
      const [request] = sandbox.requests.slice(before.requests);
      expect(request?.operationId, name).toBe(operationId);
      expect(["accepted", "business-error"], `${name}: ${refusal}`).toContain(request?.verdict);
      if (request?.verdict === "business-error") expect(refusal).toBeInstanceOf(ApiError);
      else expect(log.mock.calls.length, `${name}: ${refusal}`).toBe(before.logs + 1);
    }
  });
});

test("a notification shows its resource decrypted, and code that receives it and compiles", async () => {
  const family = await mkdtemp("test/readme-docs-");
  try {
    const spec = ["--spec", "test/fixtures/another-family/openapi.yaml"];
    const output = join(family, "index.html");
    await Promise.all([docs(...spec, "--output", output), generate([...spec, "--out", join(family, "api")])]);
    const sections = [...sectionsOf(await readFile(output, "utf8"))].flatMap(([id, section]) =>
      id.startsWith("operation/") && section.includes("badge event") ? [section] : [],
    );
    const types = ["TRANSACTION.SUCCESS", "REFUND.SUCCESS", "REFUND.ABNORMAL", "REFUND.CLOSED"];
    expect(sections).toHaveLength(types.length);
    const codes = sections.map((section, i) => {
      const text = textIn(section, "en");
      expect(text).toContain(types[i]);
      expect(text).toContain("Notification: WeChat Pay signs it");
      expect(section).toMatch(/<p><a href="https:[^>]+>(<span lang="zh-CN">)?官方文档：/);
      // Decrypted.
      expect(text).toMatch(/"resource": \{\s+"\w+"/);
      return unescaped(/<code class="language-ts">(.*?)<\/code>/s.exec(section)?.[1] ?? "");
    });
    const keys = `export const apiV3Key = "";\nexport const platformKeys: Record<string, string> = {};`;
    const files = codes.map((code, i): [string, string] => [join(family, `${i}.ts`), code]);
    await writeFile(join(family, "keys.ts"), keys);
    const editor = openAllInEditor(Object.fromEntries(files));
    expect(files.flatMap(([name]) => editor.errors(name))).toEqual([]);
    const misspelt = openInEditor(codes[0]?.replace(".SUCCESS", ".SUCESS") ?? "", join(family, "misspelt.ts"));
    expect(misspelt.errors()[0]).toContain("no overlap");
  } finally {
    await rm(family, { recursive: true });
  }
});

describe("a spec of your own", () => {
  const reply = { description: "OK", content: json({ type: "object", properties: { state: openEnum() } }) };
  const transfer = {
    operationId: "createTransfer",
    summary: "转账 Transfer",
    description: "转账。Transfers money.",
    tags: ["Own Transfers"],
    "x-wechatpay-idempotent": "/out_no",
    "x-wechatpay-response": "unsigned",
    requestBody: {
      required: true,
      content: json(
        {
          type: "object",
          required: ["out_no"],
          anyOf: [{ required: ["appid"] }, { required: ["sub_appid"] }],
          properties: {
            out_no: { type: "string" },
            appid: { type: "string" },
            sub_appid: { type: "string" },
            list: {
              type: "array",
              items: {
                type: "object",
                properties: { "user-name": { $ref: "#/components/schemas/Name", description: "收款人 Payee." } },
              },
            },
          },
        },
        { out_no: "1", appid: "wx1", list: [{ "user-name": "张三" }, {}] },
      ),
    },
    responses: { 200: reply },
  };
  const query = {
    operationId: "getTransfer",
    summary: "查询 Query",
    tags: ["Own Transfers"],
    parameters: [
      { name: "out_no", in: "path", required: true, schema: { type: "string", example: "plfk" } },
      { name: "limit", in: "query", schema: { type: "integer" }, example: 20 },
      { name: "offset", in: "query", schema: { type: "integer" } },
      { name: "Wechatpay-Serial", in: "header", schema: { type: "string", example: "PUB_KEY_ID_1" } },
    ],
    responses: { 200: reply },
  };

  const download = {
    operationId: "downloadFile",
    summary: "下载 Download",
    tags: ["Own Transfers"],
    responses: { 200: { description: "OK", content: { "text/csv": { schema: { type: "string" } } } } },
  };

  function json(schema: object, value?: object) {
    return { "application/json": { schema, ...(value && { examples: { one: { value } } }) } };
  }
  function openEnum() {
    return { type: "string", "x-extensible-enum": ["DONE", "CLOSED"] };
  }

  const paths = (post: object = transfer, get: object = query) => ({
    "/v3/own-transfers": { post },
    "/v3/own-transfers/{out_no}": { get },
    "/v3/files/": { get: download },
  });

  /** Its page. */
  function pageWith(
    paths: object,
    { guide = "", ...more }: { guide?: string; webhooks?: object; components?: object } = {},
  ) {
    const components = {
      schemas: { Name: { type: "string", description: "姓名 Name.", "x-wechatpay-sensitive": true } },
    };
    const document = { openapi: "3.1.0", info: { title: "T", version: "1" }, paths, components, ...more };
    return pageOf([{ document, guide, sandbox: "wechatpay sandbox --openapi my.yaml", types: "./api/schema.js" }]);
  }
  /** All that is read on it. */
  const readIn = (page: string, language: "zh-CN" | "en") =>
    textIn([...sectionsOf(page).values()].join(""), language).replaceAll(/\s+/g, " ");
  const samplesWith = async (paths: object) => samplesOf(await pageWith(paths));

  test("has samples of its documented values", async () => {
    const samples = (await samplesWith(paths()))
      .filter(({ form }) => form === "chain")
      .map(({ sources }) => sources[0]);
    expect(samples[0]).toContain(`
const result = await wechatpay.v3.ownTransfers.post({
  body: {
    out_no: "1",
    appid: "wx1",
    list: [{ "user-name": "张三" }, {}],
  },
});
`);
    expect(samples[1]).toContain(`
const result = await wechatpay.v3.ownTransfers._out_no_.get({
  params: { path: { out_no: "plfk" }, query: { limit: 20 } },
});
`);
    // A path's last slash has no place in the chain, and a file is read as what the caller says.
    expect(samples[2]).toContain(`wechatpay.v3.files.get({\n  parseAs: "text",\n});`);
  });

  test("is made of a notification without an operationId as well", async () => {
    const page = await pageWith(
      {},
      { webhooks: { "ORDER.PAID": { post: { description: "付款成功", responses: {} } } } },
    );
    expect(unescaped(sectionsOf(page).get("operation/ORDER.PAID") ?? "")).toContain('event_type === "ORDER.PAID"');
  });

  test("has made-up values that fit where a required one has no example, and the payload is the same", async () => {
    const schema = {
      type: "object",
      required: ["out_no", "amount", "list"],
      properties: {
        out_no: { type: "string", minLength: 3, maxLength: 5 },
        amount: { type: "integer", minimum: 100 },
        remark: { type: "string" },
        state: { type: "string", enum: ["ON", "OFF"] },
        list: { type: "array", items: { $ref: "#/components/schemas/Name" } },
      },
    };
    const parameters = [
      { name: "out_no", in: "path", required: true, schema: { type: "string", pattern: "^\\d{4}$" } },
      { name: "date", in: "query", required: true, schema: { type: "string", format: "date" } },
      { name: "size", in: "query", schema: { type: "integer", default: 10 } },
      { name: "offset", in: "query", schema: { type: "integer" } },
      { name: "code", in: "query", required: true, schema: { type: "string", pattern: "(?<=a)[" } },
    ];
    const samples = await samplesWith(
      paths({ ...transfer, requestBody: { required: true, content: json(schema) } }, { ...query, parameters }),
    );
    const of = (operationId: string, form: string) =>
      samples.find((each) => each.operationId === operationId && each.form === form)?.sources[0] ?? "";
    const made = { out_no: "strin", amount: 100, state: "ON", list: ["string"] };
    expect(JSON.parse(of("createTransfer", "payload"))).toEqual(made);
    expect(of("createTransfer", "chain")).toMatch(
      /body: \{\s+out_no: "strin",\s+amount: 100,\s+state: "ON",\s+list: \["string"\],/,
    );
    expect(of("getTransfer", "chain")).toMatch(
      /path: \{ out_no: "\d{4}" \},\s+query: \{ date: "2019-08-24", size: 10, code: "string" \},/,
    );
    expect(of("getTransfer", "curl")).toMatch(
      /URL=\/v3\/own-transfers\/\d{4}\nURL\+='\?date=2019-08-24'\nURL\+='&size=10'\nURL\+='&code=string'\n/,
    );
  });

  test("has no chain where an operation has no place in it, and reads an image as bytes", async () => {
    const image = { description: "OK", content: { "image/png": { schema: { type: "string" } } } };
    const samples = await samplesWith({ "/v3/codes/get": { get: { ...download, responses: { 200: image } } } });
    expect(samples.map(({ form }) => form)).toEqual(["byPath", "byMethod", "curl"]);
    expect(samples[1]?.sources[0]).toContain('wechatpay.GET("/v3/codes/get", {\n  parseAs: "arrayBuffer",\n});');
  });

  test("reads the file of an upload, leaves its hash to the client, and says what the client does", async () => {
    const text = { type: "string" };
    const meta = { type: "object", required: ["filename"], properties: { filename: text, sha256: text } };
    const properties = { meta, file: { ...text, format: "binary" } };
    const schema = { type: "object", required: ["meta", "file"], properties };
    const value = { meta: { filename: "license.png", sha256: "00" }, file: "license.png" };
    const content = (examples?: object) => ({ "multipart/form-data": { schema, ...examples } });
    const page = await pageWith({
      "/v3/images": { post: { ...transfer, requestBody: { content: content({ examples: { one: { value } } }) } } },
      "/v3/videos": {
        post: { ...transfer, operationId: "video", requestBody: { required: true, content: content() } },
      },
    });
    const [shown, , , curl] = samplesOf(page).map(({ sources }) => sources.at(-1));
    expect(shown).toBe(`import { readFile } from "node:fs/promises";
import { unwrap } from "wechatpay-openapi-fetch";
import { wechatpay } from "./wechatpay.js";

const result = await wechatpay.v3.images.post({
  body: {
    file: await readFile("license.png"),
    meta: { filename: "license.png" },
  },
});
console.log(unwrap(result));`);
    expect(curl).toContain(`"sha256": "'"$(openssl dgst -sha256 -r license.png | cut -c1-64)"'"`);
    expect(curl).toContain(`-F 'meta=<-;type=application/json' \\\n  -F 'file=@license.png'`);
    expect(readIn(page, "en")).toMatch(/fills in filename sha256 from the file where they are left out/);
    expect(samplesOf(page).find(({ operationId }) => operationId === "video")?.sources[0]).toMatch(
      /file: await readFile\("\w+"\),\s+meta: \{ filename: "\w+" \}/,
    );
  });

  test("has its marks in words, in each language", async () => {
    const shown = async (language: "zh-CN" | "en") => readIn(await pageWith(paths()), language);
    const en = await shown("en");
    for (const text of [
      "Encrypted fields: request /list/*/user-name.",
      "May be repeated: with the same out_no and the same parameters",
      "Unsigned response: a good response",
      "Encrypted on the wire by the client: use plain text.",
      "At least one of: appid sub_appid",
      "The values known today; others may come: DONE CLOSED",
      "wechatpay sandbox --openapi my.yaml",
    ])
      expect(en).toContain(text);
    expect(await shown("zh-CN")).toContain("以下为已知取值，今后可能增加： DONE CLOSED");
  });

  test("shows fields of every shape, and ends where a schema contains itself", async () => {
    const node = {
      type: "object",
      required: ["id"],
      properties: {
        id: { type: "integer", format: "int64", minimum: 1, maximum: 9 },
        parts: { type: "array", maxItems: 3, items: { $ref: "#/components/schemas/Node" } },
        either: {
          oneOf: [
            { type: "string", title: "A text" },
            { type: "object", properties: { deep: {} } },
          ],
        },
      },
      additionalProperties: { type: "string" },
    };
    const whole = { allOf: [{ $ref: "#/components/schemas/Node" }, { required: ["more"], properties: { more: {} } }] };
    const components = { schemas: { Node: node } };
    const responses = { 200: { description: "OK", content: json(whole) }, 404: { description: "None" } };
    const page = await pageWith({ "/v3/nodes": { get: { ...download, responses } } }, { components });
    const text = textIn(sectionsOf(page).get("operation/downloadFile") ?? "", "en").replaceAll(/\s+/g, " ");
    expect(text).toContain("id integer (int64) · 1–9 required");
    expect(text).toContain("parts object[] · ≤ 3 items ↑ as the level above");
    expect(text).toContain("more required");
    expect(text).toContain("either One of these A text string object deep");
    expect(text).toContain("any name string");
    expect(text).toContain("404 None");
  });

  test("of one language has no switch, and one of two languages has", async () => {
    const plain = { get: { operationId: "ping", summary: "Ping", responses: { 200: { description: "OK" } } } };
    const page = await pageWith({ "/v3/ping": plain }, { components: {} });
    expect(page).not.toContain('<div id="languages">');
    expect(page).toContain('<html lang="en" ');
    expect(sectionsOf(page).get("operation/ping")).toContain("<h1>Ping</h1>");
    expect(await pageWith(paths())).toContain('<div id="languages">');
  });

  test("runs no script of its own texts", async () => {
    const summary = "<script>alert(1)</script>";
    const plain = { get: { operationId: "ping", summary, responses: { 200: { description: "OK" } } } };
    expect(await pageWith({ "/v3/ping": plain })).not.toContain(summary);
  });

  test("lets no HTML of a description through but what folds, so none leads the reader away", async () => {
    const refresh = '<meta http-equiv="refresh" content="0;url=https://evil.example">';
    const description = [
      `${refresh}\n`,
      `Inline ${refresh} <a href="javascript:alert(1)" onclick="alert(1)">x</a> <!-- ${refresh} -->\n`,
      // Behind <code>, marked lets text through as it is; and what has no end is closed by the next tag.
      `<code> <meta http-equiv=refresh content='0;url=https://evil.example'\n`,
      `<details open onclick="alert(1)">\n\n<details>\n<summary>Folded</summary>\n${refresh}\n\nText\n\n</details>\n`,
      `| a |\n|---|\n| ${refresh}<br>b |\n`,
      `\`\`\`ts"><meta\n${refresh}\n\`\`\``,
    ].join("\n");
    const schema = { type: "object", properties: { [`\`${refresh}`]: { description, title: refresh } } };
    const page = await pageWith({
      "/v3/ping": { post: { ...transfer, description, requestBody: { content: json(schema) } } },
    });
    const body = page.slice(page.indexOf("<main"));
    expect(body).not.toMatch(/<meta|<a [^>]*(onclick|javascript)|<details [^>]/i);
    expect(body).toContain("&lt;meta http-equiv=&quot;refresh&quot;");
    expect(body).toContain("<details>\n<summary>Folded</summary>");
    expect(body).toContain("<br>b");
  });

  test("leads to pages alone: no link of a description has another scheme, and none ends its attribute", async () => {
    const description = [
      "[a](javascript:alert(1)) <javascript:alert(2)> [b](data:text/html,x) [c](&#106;avascript:alert(3)) [d](//evil.example)",
      '[e](https://good.example/"onclick="x) [f](#operation/ping) ![g](https://evil.example/pixel.png)',
    ].join("\n\n");
    const name = 'X"><meta http-equiv="refresh" content="0;url=https:evil.example">';
    const headers = { [name]: { $ref: "#/components/headers/Hostile" } };
    const shared = { description: "Bad", headers };
    const responses = {
      200: { description: "OK" },
      400: { $ref: `#/components/responses/${name.replaceAll("/", "")}` },
    };
    const operation = { operationId: "ping", description, responses };
    const page = await pageWith(
      {
        "/v3/one": { post: { ...operation, externalDocs: { url: "javascript:alert(4)" } } },
        "/v3/two": { post: { ...operation, operationId: name, tags: [name], externalDocs: { url: 4 } } },
      },
      { components: { headers: { Hostile: { schema: {} } }, responses: { [name]: shared } } },
    );
    const body = page.slice(page.indexOf("<body"));
    const links = new Set(Array.from(body.matchAll(/(?:href|src)="([^"]*)"/g), ([, link = ""]) => unescaped(link)));
    expect([...links].filter((link) => !/^(https:\/\/good\.example|#|\/#send=)/.test(link))).toEqual([]);
    expect(links).toContain("#operation/ping");
    expect(body).not.toMatch(/<meta|<[^>]* onclick=/);
  });

  test("a link to no operation is refused", async () => {
    await expect(pageWith(paths(), { guide: "[转账](#operation/createTransfers)" })).rejects.toThrow(
      "guide.md links to the operation createTransfers",
    );
  });
});
