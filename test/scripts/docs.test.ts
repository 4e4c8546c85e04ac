import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { ApiError } from "wechatpay-openapi-fetch";
import { createSandbox } from "wechatpay-openapi-fetch/sandbox";
import openapi from "../../generated/openapi.json" with { type: "json" };
import { main as generate } from "../../scripts/generate.js";
import { decorate } from "../../scripts/page/decorate.js";
import { patchRedoc } from "../../scripts/page/redoc.js";
import { closeChromium, openPage, withChromium } from "../support/chromium.js";
import { openAllInEditor, openInEditor } from "../support/language-service.js";

let folder: string;
let page: string;
let html: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "docs-test-"));
  page = join(folder, "index.html");
  expect(await docs("--output", page)).toContain(page);
  html = await readFile(page, "utf8");
});
afterAll(async () => {
  await closeChromium();
  await rm(folder, { recursive: true });
});

/** Runs `npm run docs -- …`, without npm. */
async function docs(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", "scripts/docs.ts", ...args]);
  return stdout;
}

/** The document that a page shows. */
function documentOf(html: string): typeof openapi {
  const [, json = ""] = /^ *const __redoc_definition = (.*);$/m.exec(html) ?? [];
  return JSON.parse(json);
}

/** The document's operations, each with what the page adds to it. */
function operationsOf({ paths }: { paths: object }) {
  return Object.values(paths as Record<string, Record<string, ShownOperation>>).flatMap((item) => Object.values(item));
}
interface ShownOperation {
  operationId: string;
  summary: string;
  description: string;
  requestBody?: { content: { "application/json": { examples: object } } };
  "x-codeSamples": { label: string; source: string }[];
}

test("the second family has a page of its own beside it, with its notifications", async () => {
  const ofPay = await readFile(join(folder, "pay.html"), "utf8");
  const { webhooks } = documentOf(ofPay) as { webhooks?: object };
  expect(ofPay).toContain("JSAPI下单");
  expect(Object.keys(webhooks ?? {})).toContain("TRANSACTION.SUCCESS");
  expect(html).not.toContain("JSAPI下单");
});

test("the page has all that it shows", () => {
  for (const text of ["微工卡核身预下单", "下载平台证书", "mcdhehfgisdhfjghed39384564i83"])
    expect(html).toContain(text);
  // What a browser loads by itself: scripts, styles, pictures, fonts.
  expect(html).not.toMatch(/<(script|img|iframe)[^>]+src=["']?(https?:)?\/\//i);
  expect(html).not.toMatch(/<link[^>]+href=["']?(https?:)?\/\//i);
  expect(html).not.toMatch(/@import\s+(url\()?["']?https?:|url\(["']?https?:/i);
  // Redoc's logo is set by its script.
  expect(html).not.toContain("https://cdn.redoc.ly/");
});

test("what is folded comes last, after the official page and all that the page adds", () => {
  for (const { operationId, description } of operationsOf(documentOf(html))) {
    const [said = "", folded = ""] = description.split("<details>");
    expect(folded.trimEnd(), operationId).toMatch(/<\/details>$/);
    expect(said, operationId).toMatch(/\[微信支付官方文档：[^\]]+\]\(https:\/\/pay\.weixin\.qq\.com\/[^)]+\)\s*$/);
  }
});

// The page is patched already, and so each place that is patched is missing, as it might be in another version of Redoc.
test("what another version of Redoc has elsewhere is named", () => {
  expect(patchRedoc(html)).toEqual({
    page: html,
    unchanged: ["the logo", "the search", "the choice of code samples"],
  });
  const { page: patched, unchanged } = patchRedoc(
    `${html}https://cdn.redoc.ly/redoc/logo-mini.svg tokenize:\`forward\`,context:`,
  );
  expect(unchanged).toEqual(["the choice of code samples"]);
  expect(patched).not.toContain("https://cdn.redoc.ly/");
});

describe("the samples", () => {
  let samples: { name: string; operationId: string; source: string }[];
  // The day that the documented values speak of: of a day in the past, the API says no more.
  const DAY = Date.parse("2020-12-25T12:00:00+08:00");
  const file = (name: string) => join(folder, name);

  beforeAll(async () => {
    samples = operationsOf(documentOf(html)).flatMap(({ operationId, "x-codeSamples": codes }) =>
      codes.map(({ source }, i) => ({ name: `${operationId}-${i}.ts`, operationId, source })),
    );
    // What the samples import, as the page shows it.
    const [, client = ""] = /```ts\n(.*?)```/s.exec(documentOf(html).info.description) ?? [];
    await writeFile(file("package.json"), `{ "type": "module" }`);
    await writeFile(file("wechatpay.ts"), client);
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllEnvs();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  test("are three for every example of an operation: by the chain, by the path, and by the property", () => {
    const thrice = operationsOf(openapi).flatMap(({ operationId, requestBody }) => {
      const examples = Object.keys(requestBody?.content["application/json"].examples ?? { none: {} });
      return examples.flatMap(() => [operationId, operationId, operationId]);
    });
    expect(samples.map(({ operationId }) => operationId)).toEqual(thrice);
    const { "x-codeSamples": codes } = operationsOf(documentOf(html)).find(
      ({ operationId }) => operationId === "preOrderAuthentication",
    ) as ShownOperation;
    const forms = ["链式 Chain", "路径 Path", "属性 Property"];
    expect(codes.map(({ label }) => label)).toEqual([...forms, ...forms]);
    expect(codes[0]?.source).toContain("await wechatpay.v3.payrollCard.authentications.preOrder.post({\n  body: {\n");
    expect(codes[1]?.source).toContain('.POST(\n  "/v3/payroll-card/authentications/pre-order",\n  {\n    body: {\n');
    expect(codes[2]?.source).toContain(
      'wechatpay[\n  "/v3/payroll-card/authentications/pre-order"\n].POST({\n  body: {\n',
    );
  });

  test("are as narrow as their place, where no text is longer than that", () => {
    const wide = samples.flatMap(({ source }) => source.split("\n").filter((line) => line.length > 80));
    expect(wide.filter((line) => !/^ *("[^"]*"|\w+: "[^"]*"),?$/.test(line))).toEqual([]);
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

describe.skipIf(!withChromium)("in a browser without a network", { tags: ["slow"] }, () => {
  test("nothing is asked for, nothing fails, and the flow leads to the operations", async () => {
    const { page: tab, left, errors } = await openPage(pathToFileURL(page));
    expect(await tab.title()).toBe(openapi.info.title);
    expect(await tab.locator("html").getAttribute("lang")).toBe("zh-CN");
    const guide = await readFile("spec/guide.md", "utf8");
    const linked = new Set([...guide.matchAll(/#operation\/(\w+)/g)].map(([, operationId]) => operationId));
    expect(linked).toContain("preOrderAuthentication");
    for (const { operationId, summary } of operationsOf(openapi).filter((each) => linked.has(each.operationId))) {
      await tab.goto(`${pathToFileURL(page)}#/`);
      await tab.locator(`li a[href$="/${operationId.toLowerCase()}"]`).last().click();
      await tab.getByRole("heading", { name: summary }).waitFor();
    }
    expect({ left, errors }).toEqual({ left: [], errors: [] });
  });

  test.each(["核身预下单", "pre-order"])("a search for %s finds the pre-order and opens it", async (text) => {
    const { page: tab, left, errors } = await openPage(pathToFileURL(page));
    // Comes with the first effects of the script, and so with its keys.
    await tab.getByAltText("redocly logo").waitFor();
    await tab.keyboard.press("Control+k");
    const dialog = tab.getByTestId("search-dialog");
    await dialog.getByRole("textbox").fill(text);
    await dialog.getByText("微工卡核身预下单 Pre-order an identity verification").click();
    await tab.getByRole("heading", { name: "微工卡核身预下单 Pre-order an identity verification" }).waitFor();
    expect(tab.url()).toMatch(/#\/authentications\/preorderauthentication$/);
    await tab.getByText("wechatpay.v3.payrollCard.authentications.preOrder.post({").waitFor();
    expect({ left, errors }).toEqual({ left: [], errors: [] });
  });

  test("the code is that of the chosen example, in all forms, and so is the payload", async () => {
    const { page: tab, left, errors } = await openPage(`${pathToFileURL(page)}#/transferbatches/createtransferbatch`);
    const panel = tab.locator(".panel-request-samples");
    const choose = async (button: string, item: string) => {
      await panel.getByRole("button", { name: button }).click();
      await tab.getByRole("menuitem", { name: item }).click();
    };
    const shows = (call: string, type: string) =>
      panel.filter({ hasText: new RegExp(`${call}[^;]*"${type}_AUTHORIZATION_TYPE"`) }).waitFor();
    await shows("transferBatches.post", "INFORMATION");
    await choose("Example", "资金授权");
    await shows("transferBatches.post", "FUND");
    await choose("链式 Chain", "路径 Path");
    await shows("wechatpay.POST", "FUND");
    await choose("Example", "信息授权");
    await shows("wechatpay.POST", "INFORMATION");
    await choose("路径 Path", "属性 Property");
    await shows('wechatpay\\["/v3/payroll-card/transfer-batches"\\]', "INFORMATION");
    await choose("属性 Property", "Payload");
    await shows(`"sub_mchid"`, "INFORMATION");
    await choose("Example", "资金授权");
    await shows(`"sub_mchid"`, "FUND");
    expect({ left, errors }).toEqual({ left: [], errors: [] });
  });

  test("an operation links its official page, and folds where the documents disagree", async () => {
    const {
      page: tab,
      left,
      errors,
    } = await openPage(`${pathToFileURL(page)}#/authentications/preorderauthentication`);
    const link = tab.getByRole("link", { name: "微信支付官方文档：微工卡核身预下单" });
    expect(await link.getAttribute("href")).toBe("https://pay.weixin.qq.com/doc/v3/partner/4012923362");
    const folded = tab.getByText("up to 12 in a community copy of 2021").first();
    expect(await folded.isVisible()).toBe(false);
    await tab.getByText("公开文档的分歧与未说明之处").first().click();
    await folded.waitFor();
    // As Markdown, and not as the text of a tag.
    await tab.locator("details li code", { hasText: "authenticate_type" }).first().waitFor();
    expect({ left, errors }).toEqual({ left: [], errors: [] });
  });

  test("a page that loads a script from elsewhere is caught", async () => {
    const remote = join(folder, "remote.html");
    await writeFile(remote, html.replace("<head>", `<head><script src="https://cdn.example.com/x.js"></script>`));
    const { left, errors } = await openPage(pathToFileURL(remote));
    expect(left).toEqual(["https://cdn.example.com/x.js"]);
    expect(errors).toHaveLength(1);
  });
});

test("a notification shows its resource decrypted, and code that receives it and compiles", async () => {
  const family = await mkdtemp("test/readme-docs-");
  try {
    const spec = ["--spec", "test/fixtures/another-family/openapi.yaml"];
    const output = join(family, "index.html");
    await Promise.all([docs(...spec, "--output", output), generate([...spec, "--out", join(family, "api")])]);
    const { webhooks, components } = documentOf(await readFile(output, "utf8")) as unknown as Family;
    expect(components.examples["onTransactionSuccess.paid.request"]?.value.resource).toMatchObject({ amount: {} });
    const types = Object.keys(webhooks);
    expect(types).toEqual(["TRANSACTION.SUCCESS", "REFUND.SUCCESS", "REFUND.ABNORMAL", "REFUND.CLOSED"]);
    const codes = Object.values(webhooks).map(({ post: { description } }) => {
      expect(description).toMatch(/^.*\n\n🔔 \*\*通知 Notification\*\*: .*📖 \[官方文档：.*\]\(https:.*\)$/s);
      return /```typescript\n(.*?)```/s.exec(description)?.[1] ?? "";
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
interface Family {
  webhooks: Record<string, { post: { description: string } }>;
  components: { examples: Record<string, { value: { resource: unknown } }> };
}

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

  /** Writes the spec, and makes its page. */
  async function build(name: string, { post = transfer as object, get = query as object, guide = "" }) {
    await mkdir(join(folder, name));
    const spec = join(folder, name, "openapi.json");
    const components = {
      schemas: { Name: { type: "string", description: "姓名 Name.", "x-wechatpay-sensitive": true } },
    };
    const paths = {
      "/v3/own-transfers": { post },
      "/v3/own-transfers/{out_no}": { get },
      "/v3/files/": { get: download },
    };
    await writeFile(spec, JSON.stringify({ openapi: "3.1.0", info: { title: "T", version: "1" }, paths, components }));
    await writeFile(join(folder, name, "guide.md"), guide);
    const output = join(folder, `${name}.html`);
    await docs("--spec", spec, "--output", output);
    return output;
  }

  test("has samples of its documented values", async () => {
    const output = await build("samples", {});
    const samples = operationsOf(documentOf(await readFile(output, "utf8"))).map(
      ({ "x-codeSamples": [chain] }) => chain?.source,
    );
    expect(samples[0]).toContain(`
const result = await wechatpay.v3.ownTransfers.post({
  body: { out_no: "1", appid: "wx1", list: [{ "user-name": "张三" }, {}] },
});
`);
    expect(samples[1]).toContain(`
const result = await wechatpay.v3.ownTransfers._out_no_.get({
  params: { path: { out_no: "plfk" }, query: { limit: 20 } },
});
`);
    // A path's last slash has no place in the chain, and a file is read as what the caller says.
    expect(samples[2]).toContain(`wechatpay.v3.files.get({ parseAs: "text" });`);
  });

  /** The operations as the page shows them, without making the page. */
  function shown(paths: object) {
    const document = { info: {}, paths, components: { schemas: { Name: { type: "string" } } } };
    decorate(document, "");
    return operationsOf(document);
  }

  test("is made of a notification without an operationId as well", () => {
    const webhooks = { "ORDER.PAID": { post: { description: "付款成功", responses: {} } } };
    const document = { info: {}, paths: {}, webhooks };
    decorate(document, "");
    expect(webhooks["ORDER.PAID"].post.description).toContain('"ORDER.PAID"');
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
    const [post, get] = shown({
      "/v3/own-transfers": { post: { ...transfer, requestBody: { required: true, content: json(schema) } } },
      "/v3/own-transfers/{out_no}": { get: { ...query, parameters } },
    });
    const made = { out_no: "strin", amount: 100, state: "ON", list: ["string"] };
    expect(post?.requestBody?.content["application/json"]).toMatchObject({ example: made });
    expect(post?.["x-codeSamples"][0]?.source).toContain(
      'body: { out_no: "strin", amount: 100, state: "ON", list: ["string"] },',
    );
    expect(get?.["x-codeSamples"][0]?.source).toMatch(
      /params: \{\s+path: \{ out_no: "\d{4}" \},\s+query: \{ date: "2019-08-24", size: 10, code: "string" \},\s+\}/,
    );
  });

  test("has no chain where an operation has no place in it, and reads an image as bytes", async () => {
    const image = { description: "OK", content: { "image/png": { schema: { type: "string" } } } };
    const [get] = shown({ "/v3/codes/get": { get: { ...download, responses: { 200: image } } } });
    expect(get?.["x-codeSamples"].map(({ label }) => label)).toEqual(["路径 Path", "属性 Property"]);
    expect(get?.["x-codeSamples"][0]?.source).toContain('wechatpay.GET("/v3/codes/get", { parseAs: "arrayBuffer" });');
  });

  test("reads the file of an upload, leaves its hash to the client, and says what the client does", async () => {
    const text = { type: "string" };
    const meta = { type: "object", required: ["filename"], properties: { filename: text, sha256: text } };
    const properties = { meta, file: { ...text, format: "binary" } };
    const schema = { type: "object", required: ["meta", "file"], properties };
    const value = { meta: { filename: "license.png", sha256: "00" }, file: "license.png" };
    const content = (examples?: object) => ({ "multipart/form-data": { schema, ...examples } });
    const [shownOne, madeUp] = shown({
      "/v3/images": { post: { ...transfer, requestBody: { content: content({ examples: { one: { value } } }) } } },
      "/v3/videos": { post: { ...transfer, requestBody: { required: true, content: content() } } },
    });
    expect(shownOne?.["x-codeSamples"][0]?.source).toBe(`import { readFile } from "node:fs/promises";
import { unwrap } from "wechatpay-openapi-fetch";
import { wechatpay } from "./wechatpay.js";

const result = await wechatpay.v3.images.post({
  body: {
    file: await readFile("license.png"),
    meta: { filename: "license.png" },
  },
});
console.log(unwrap(result));
`);
    expect(shownOne?.description).toContain("fills in `filename` `sha256` from the file where they are left out");
    expect(madeUp?.["x-codeSamples"][0]?.source).toMatch(
      /file: await readFile\("\w+"\),\s+meta: \{ filename: "\w+" \}/,
    );
  });

  test.skipIf(!withChromium)("has its marks in words", { tags: ["slow"] }, async () => {
    const output = await build("marks", { guide: "[转账 Transfer](#operation/createTransfer)" });
    const { page: tab, left, errors } = await openPage(pathToFileURL(output));
    await tab.getByRole("link", { name: "转账 Transfer" }).first().click();
    for (const text of [
      "🔒 加密字段 Encrypted fields: 请求 request /list/*/user-name。",
      "🔁 可重复调用 May be repeated: 以同一 out_no 和相同的参数",
      "🔓 应答无签名 Unsigned response: ",
      "🔒 加密字段：由客户端加解密",
      "☝️ 至少填一项 At least one of: appid sub_appid",
      "以下为已知取值，今后可能增加。",
      '"CLOSED"',
    ])
      await tab.getByText(text).first().waitFor();
    expect({ left, errors }).toEqual({ left: [], errors: [] });
  });

  test("a link to no operation is refused", async () => {
    await expect(build("no-operation", { guide: "[转账](#operation/createTransfers)" })).rejects.toThrow(
      "guide.md links to the operation createTransfers",
    );
  });
});
