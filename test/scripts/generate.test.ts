import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createWeChatPayClient } from "wechatpay-openapi-fetch";
import { createSandbox } from "wechatpay-openapi-fetch/sandbox";
import { main } from "../../scripts/generate.js";
import { openInEditor } from "../support/language-service.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "generate-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs `npm run generate -- …`, without npm. */
async function generateAlone(...args: string[]): Promise<{ code: number; output: string }> {
  const run = promisify(execFile)(process.execPath, ["--import", "tsx", "scripts/generate.ts", ...args]);
  return run.then(
    ({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }),
    ({ code, stdout, stderr }) => ({ code, output: stdout + stderr }),
  );
}

/** Does the same in this process, which has loaded what it takes. */
async function generate(...args: string[]): Promise<{ code: number; output: string }> {
  let output = "";
  const print = (text: string) => void (output += `${text}\n`);
  const spies = [vi.spyOn(console, "log"), vi.spyOn(console, "error")].map((spy) => spy.mockImplementation(print));
  const code = await main(args).catch((error: Error) => {
    print(error.message);
    return 1;
  });
  for (const spy of spies) spy.mockRestore();
  return { code, output };
}

const FILES = ["openapi.json", "schema.ts", "operations.ts", "chain.ts"];

/** The interface Chain, without what stands by path. */
async function chainIn(folder: string): Promise<string> {
  const [chain = ""] = (await readFile(join(folder, "chain.ts"), "utf8")).split("export interface ByPath");
  return chain;
}

describe("npm run generate -- --check", () => {
  test("passes on generated/ as it is committed: what is generated is the same to the byte", async () => {
    expect(await generateAlone("--check")).toEqual({ code: 0, output: "" });
  });

  test("any file that was changed fails, and the difference is printed", async () => {
    const out = join(folder, "stale");
    await cp("generated", out, { recursive: true });
    for (const name of FILES) {
      const text = await readFile(join(out, name), "utf8");
      await writeFile(join(out, name), text.replace(/preOrderAuthentication|payrollCard/, "typo"));
    }
    await writeFile(join(out, "left-over.ts"), "");
    const { code, output } = await generate("--check", "--out", out);
    expect(code).toBe(1);
    expect(output).toContain(`Nothing generates ${join(out, "left-over.ts")}: delete it.`);
    for (const name of FILES) expect(output).toMatch(new RegExp(`^--- .*${name}$`, "m"));
    expect(output.match(/^-.*typo/gm)).toHaveLength(FILES.length);
    expect(output.match(/^\+.*(preOrderAuthentication|payrollCard)/gm)?.length).toBeGreaterThanOrEqual(FILES.length);
    expect(output).toContain(`is stale: run \`npm run generate -- --out ${out}\``);
  });

  test("the advice repeats the options, for without them this package's own folder would be rewritten", async () => {
    const [file, out] = [join(folder, "advice.json"), join(folder, "advice")];
    await writeFile(file, spec(["/v3/a"]));
    const advice = `is stale: run \`npm run generate -- --spec ${file} --out ${out}\` and commit what it writes.`;
    expect((await generate("--check", "--spec", file, "--out", out)).output).toContain(advice);
  });

  test("a file that is missing fails", async () => {
    const { code, output } = await generateAlone("--check", "--out", join(folder, "nowhere"));
    expect(code).toBe(1);
    for (const name of FILES) expect(output).toContain(name);
  });
});

/** An operation as short as the generator takes it: what lint asks beside is not its concern. More of it is written in JSON. */
type ShortOperation = [path: string, method?: string, more?: object];

const COMPONENTS = {
  parameters: { Mobile: { name: "mobile", in: "query", schema: { $ref: "#/components/schemas/Name" } } },
  requestBodies: {
    Batch: json({ type: "object", properties: { details: { type: "array", items: schema("Detail") } } }),
  },
  responses: { Detail: { description: "OK", ...json(schema("Detail")) } },
  schemas: {
    Name: { type: "string", "x-wechatpay-sensitive": true },
    Detail: { type: "object", properties: { out_detail_no: { type: "string" }, user_name: schema("Name") } },
    Staff: { type: "object", properties: { name: schema("Name"), staff: { type: "array", items: schema("Staff") } } },
    Department: { type: "object", properties: { departments: { type: "array", items: schema("Department") } } },
  },
};

function spec(...operations: ShortOperation[]): string {
  const paths: Record<string, Record<string, object>> = {};
  for (const [index, [path, method = "get", more]] of operations.entries()) {
    const summary = "概述 Ends a comment */ early";
    const responses = { 200: { description: "OK" } };
    paths[path] = { ...paths[path], [method]: { operationId: `operation${index}`, summary, responses, ...more } };
  }
  return JSON.stringify({ openapi: "3.1.0", info: { title: "t", version: "1.0.0" }, paths, components: COMPONENTS });
}

function schema(name: string): object {
  return { $ref: `#/components/schemas/${name}` };
}

function json(itsSchema: object): { content: object } {
  return { content: { "application/json": { schema: itsSchema } } };
}

const BINARY = { type: "string", format: "binary" };

function uploaded(properties: object, type = "multipart/form-data", more: object = {}): { requestBody: object } {
  return { requestBody: { content: { [type]: { schema: { type: "object", properties }, ...more } } } };
}

/** The types of the spec that is called in a test. */
interface OwnPaths {
  "/v3/a": { post: { requestBody: { content: { "application/json": { amount: number } } }; responses: object } };
  "/v3/profitsharing/receivers/delete": {
    post: {
      requestBody: { content: { "application/json": { user_name?: string } } };
      responses: { 200: { content?: never } };
    };
  };
}

describe("a spec of one's own", () => {
  let count = 0;
  async function generateFrom(...operations: ShortOperation[]) {
    const out = join(folder, `own-${++count}`);
    const file = `${out}.json`;
    await writeFile(file, spec(...operations));
    return { ...(await generate("--spec", file, "--out", out)), out };
  }

  test("gives a table and a chain for whoever has the package installed", async () => {
    const reply = { description: "OK", ...json({ type: "object", properties: { id_card: schema("Name") } }) };
    const { out, ...run } = await generateFrom(
      ["/v3/pay/out-trade-no/{out_trade_no}"],
      ["/v3/pay/out-trade-no/{out_trade_no}/close", "post"],
      ["/v3/billdownload/file", "get", { "x-wechatpay-response": "unsigned" }],
      [
        "/v3/transfer/batches",
        "post",
        { "x-wechatpay-idempotent": "/out_batch_no", requestBody: { $ref: "#/components/requestBodies/Batch" } },
      ],
      [
        "/v3/transfer/details",
        "get",
        { responses: { 200: { $ref: "#/components/responses/Detail" }, "2XX": reply, 400: reply } },
      ],
      ["/v3/departments", "put", { requestBody: json(schema("Department")), responses: { 200: reply, 202: reply } }],
      ["/v3/3ds/{out-no}/{id}:close", "post"],
      ["/v3/applyment4sub/applyment/", "post"],
      ["/v3/applyment4sub/applyment/{id}"],
    );
    expect(run).toEqual({ code: 0, output: "" });
    const chain = await chainIn(out);
    expect(chain).toContain('from "wechatpay-openapi-fetch"');
    expect(chain).toMatch(/outTradeNo: \{\s+_out_trade_no_: \{/);
    expect(chain).toContain('post: Call<paths["/v3/pay/out-trade-no/{out_trade_no}/close"]["post"]>');
    expect(chain).toContain("Ends a comment *\\/ early");
    expect(chain).toMatch(/"3ds": \{\s+"_out-no_": \{\s+IdClose: \{/);
    // A slash at the end adds no name.
    expect(chain).toMatch(
      /applyment: \{\s[^{]+post: Call<paths\["\/v3\/applyment4sub\/applyment\/"\]\["post"\]>;\s+_id_: \{/,
    );
    const { operations } = await import(join(out, "operations.ts"));
    expect(operations).toEqual({
      "GET /v3/pay/out-trade-no/{out_trade_no}": { operationId: "operation0" },
      "POST /v3/pay/out-trade-no/{out_trade_no}/close": { operationId: "operation1" },
      "GET /v3/billdownload/file": { operationId: "operation2", response: "unsigned" },
      "POST /v3/transfer/batches": {
        operationId: "operation3",
        idempotent: "/out_batch_no",
        sensitive: { request: ["/details/*/user_name"] },
      },
      "GET /v3/transfer/details": { operationId: "operation4", sensitive: { response: ["/user_name", "/id_card"] } },
      "PUT /v3/departments": { operationId: "operation5", sensitive: { response: ["/id_card"] } },
      "POST /v3/3ds/{out-no}/{id}:close": { operationId: "operation6" },
      "POST /v3/applyment4sub/applyment/": { operationId: "operation7" },
      "GET /v3/applyment4sub/applyment/{id}": { operationId: "operation8" },
    });
  });

  test("a segment that is called like a method costs an operation its place in the chain, and nothing else", async () => {
    const { out, ...run } = await generateFrom(
      ["/v3/profitsharing/receivers/add", "post"],
      ["/v3/profitsharing/receivers/delete", "post", { requestBody: json(schema("Detail")) }],
      ["/v3/profitsharing/receivers", "delete"],
    );
    expect(run).toEqual({
      code: 0,
      output:
        'POST /v3/profitsharing/receivers/delete is not in the chain, where no segment is called "delete": write wechatpay.POST("/v3/profitsharing/receivers/delete", …).\n',
    });
    const chain = await chainIn(out);
    expect(chain.match(/Call<.*>/g)).toEqual([
      'Call<paths["/v3/profitsharing/receivers"]["delete"]>',
      'Call<paths["/v3/profitsharing/receivers/add"]["post"]>',
    ]);
    expect(await readFile(join(out, "schema.ts"), "utf8")).toContain('"/v3/profitsharing/receivers/delete": {');
    const { operations } = await import(join(out, "operations.ts"));
    const openapi = JSON.parse(await readFile(join(out, "openapi.json"), "utf8"));
    const sandbox = await createSandbox({ openapi });
    const wechatpay = createWeChatPayClient<OwnPaths>({ ...sandbox.credentials, fetch: sandbox.fetch, operations });
    const { response } = await wechatpay.POST("/v3/profitsharing/receivers/delete", { body: { user_name: "张三" } });
    expect(response.status).toBe(200);
    expect(sandbox.requests).toMatchObject([{ operationId: "operation1", body: { user_name: "张三" } }]);
  });

  test.each([
    ["a segment called then", "/v3/x/then", 'no segment is called "then": write wechatpay.GET("/v3/x/then", …).'],
    ["a segment called like a method in capitals", "/v3/x/PUT/y", 'no segment is called "PUT": write'],
    ["a segment without a letter", "/v3//a", 'no segment is called "": write wechatpay.GET("/v3//a", …).'],
  ])("%s has no place in the chain either", async (_, path, message) => {
    const { out, ...run } = await generateFrom([path], ["/v3/x"]);
    expect(run).toEqual({
      code: 0,
      output: expect.stringContaining(`GET ${path} is not in the chain, where ${message}`),
    });
    expect((await chainIn(out)).match(/Call<.*>/g)).toEqual(['Call<paths["/v3/x"]["get"]>']);
  });

  test("operations with the same place in the chain both lose it; what is above and below keeps its own", async () => {
    const { out, ...run } = await generateFrom(
      ["/v3/policy-periods"],
      ["/v3/policy_periods"],
      ["/v3/policy-periods", "post"],
      ["/v3/policy_periods/{id}"],
      ["/v3/a"],
      ["/v3/a/"],
    );
    const why = (chain: string, ...paths: string[]) =>
      `${paths.map((path) => `GET ${path}`).join(" and ")} are not in the chain, where each would be ${chain}: write ${paths
        .map((path) => `wechatpay.GET("${path}", …)`)
        .join(" and ")}.`;
    expect(run.code).toBe(0);
    expect(run.output.trimEnd().split("\n")).toEqual([
      why("v3.policyPeriods.get", "/v3/policy-periods", "/v3/policy_periods"),
      why("v3.a.get", "/v3/a", "/v3/a/"),
    ]);
    const chain = await chainIn(out);
    expect(chain.match(/Call<.*>/g)).toEqual([
      'Call<paths["/v3/policy-periods"]["post"]>',
      'Call<paths["/v3/policy_periods/{id}"]["get"]>',
    ]);
    const { operations } = await import(join(out, "operations.ts"));
    expect(Object.keys(operations)).toHaveLength(6);
  });

  test("any operationId makes a table that compiles and can be imported, Unicode letters among them", async () => {
    const ids = [
      "Operations",
      "operations",
      "Object",
      "eval",
      "arguments",
      "await",
      "a-b",
      "查询订单",
      "创建 订单",
      "3ds",
      "",
    ];
    const { out, ...run } = await generateFrom(
      ...ids.map((operationId, i): ShortOperation => [`/v3/${i}`, "get", { operationId }]),
    );
    expect(run).toEqual({ code: 0, output: "" });
    const table = await readFile(join(out, "operations.ts"), "utf8");
    expect(openInEditor(table, "test/operations-of-any-name.ts").errors()).toEqual([]);
    const { operations, ...rows } = await import(join(out, "operations.ts"));
    expect(Object.values(operations)).toEqual(ids.map((operationId) => ({ operationId })));
    expect(Object.keys(rows).sort()).toEqual(
      ["_Operations", "_operations", "_Object", "_eval", "_arguments", "_await"]
        .concat(["_a_b", "查询订单", "_创建_订单", "_3ds", "_"])
        .sort(),
    );
  });

  test("operationIds that are the same, or become so, are refused, and both operations are named", async () => {
    const ids = ["close", "close", "a-b", "_a_b"];
    const { code, output } = await generateFrom(
      ...ids.map((operationId, i): ShortOperation => [`/v3/${i}`, "get", { operationId }]),
    );
    expect({ code, lines: output.trimEnd().split("\n") }).toEqual({
      code: 1,
      lines: [
        expect.stringMatching(/^GET \/v3\/0 and GET \/v3\/1 would both be exported as close: each needs/),
        expect.stringMatching(/^GET \/v3\/2 and GET \/v3\/3 would both be exported as _a_b: each needs/),
      ],
    });
  });

  test("one file under two paths is refused", async () => {
    const root = JSON.parse(spec());
    await mkdir(join(folder, "shared"));
    root.paths = { "/v3/one": { $ref: "path.json" }, "/v3/other": { $ref: "path.json" } };
    await writeFile(join(folder, "shared", "openapi.json"), JSON.stringify(root));
    const item = { get: { operationId: "query", responses: {} } };
    await writeFile(join(folder, "shared", "path.json"), JSON.stringify(item));
    const file = join(folder, "shared", "openapi.json");
    const { code, output } = await generate("--spec", file, "--out", join(folder, "shared", "api"));
    expect({ code, output }).toEqual({
      code: 1,
      output: expect.stringMatching(/^GET \/v3\/one and GET \/v3\/other would both .* each path a file of its own\.$/m),
    });
  });

  test("an operation of a method that the client does not know is refused: nobody could call it", async () => {
    const { code, output } = await generateFrom(["/v3/a"], ["/v3/a", "head"], ["/v3/a", "options"], ["/v3/b", "trace"]);
    const why = "cannot be called: the client knows GET, PUT, POST, PATCH, DELETE. Leave it out.";
    const lines = ["HEAD /v3/a", "OPTIONS /v3/a", "TRACE /v3/b"].map((key) => `${key} ${why}`);
    expect({ code, lines: output.trimEnd().split("\n") }).toEqual({ code: 1, lines });
  });

  test("a mark that would leave a sensitive field in plain text is refused, and every operation with one is named", async () => {
    const parameter = (place: string, more: object) => ({ parameters: [{ name: "mobile", in: place, ...more }] });
    const { code, output } = await generateFrom(
      ["/v3/endless", "post", { requestBody: json(schema("Staff")) }],
      ["/v3/header", "get", parameter("header", { schema: { allOf: [schema("Name")] } })],
      ["/v3/path/{mobile}", "get", parameter("path", json(schema("Detail")))],
      ["/v3/misplaced", "get", parameter("query", { "x-wechatpay-sensitive": true, schema: { type: "string" } })],
      ["/v3/form", "post", uploaded({ meta: schema("Detail"), file: BINARY })],
      ["/v3/text", "post", { requestBody: json(schema("Name")) }],
      ["/v3/good", "post", { requestBody: json(schema("Detail")) }],
    );
    expect(code).toBe(1);
    expect(output.trimEnd().split("\n")).toEqual([
      expect.stringMatching(/^POST \/v3\/endless: the schema at "" comes again at "\/staff\/\*", .* repeat endlessly/),
      expect.stringMatching(
        /^GET \/v3\/header: .* stands in the header parameter mobile, .* JSON bodies and texts of a/,
      ),
      expect.stringMatching(/^GET \/v3\/path\/\{mobile\}: .* stands in the path parameter mobile, /),
      expect.stringMatching(/^GET \/v3\/path\/\{mobile\}: the path parameter mobile has `content`/),
      expect.stringMatching(/^GET \/v3\/misplaced: .* stands in the query parameter mobile, /),
      expect.stringMatching(/^POST \/v3\/form: .* stands in a body of multipart\/form-data, /),
      expect.stringMatching(/^POST \/v3\/text: .* stands on the body itself, /),
    ]);
  });

  test("a parameter of a query that is marked, itself or each item of a list, stands in the row by its name", async () => {
    const query = (name: string, schema: object) => ({ name, in: "query", schema });
    const parameters = [
      { $ref: "#/components/parameters/Mobile" },
      query("names", { type: "array", items: schema("Name") }),
      query("store_id", { type: "integer" }),
    ];
    const paths = { "/v3/guides": { get: { operationId: "listGuides", parameters, responses: {} } } };
    const { operations } = await openapiFrom("query", { openapi: "3.1.0", paths, components: COMPONENTS });
    expect(operations).toEqual({
      "GET /v3/guides": { operationId: "listGuides", sensitive: { query: ["mobile", "names"] } },
    });
  });

  /** Generates from a document, and gives back what openapi.json says. */
  async function openapiFrom(name: string, document: object) {
    const file = join(folder, `${name}.json`);
    await writeFile(file, JSON.stringify({ info: { title: "t", version: "1.0.0" }, ...document }));
    const out = join(folder, name);
    const { code, output } = await generate("--spec", file, "--out", out);
    expect({ code, output }).toEqual({ code: 0, output: "" });
    const read = async (each: string) => readFile(join(out, each), "utf8");
    const { operations } = await import(join(out, "operations.ts"));
    return { openapi: JSON.parse(await read("openapi.json")), types: await read("schema.ts"), operations };
  }

  test("what the client would not do as the spec says is refused, each with its place and a way out", async () => {
    const text = { type: "string" };
    const list = (items: object) => ({ schema: { type: "array", items } });
    const one = (place: string, more: object) => ({ parameters: [{ name: "p", in: place, schema: text, ...more }] });
    const body = (type: string) => ({ requestBody: { content: { [type]: { schema: text } } } });
    const { code, output } = await generateFrom(
      ["/v3/path/{p}", "get", one("path", { style: "label", explode: true })],
      ["/v3/path-list/{p}", "get", one("path", list(text))],
      ["/v3/joined", "get", one("query", { ...list(text), explode: false })],
      ["/v3/piped", "get", one("query", { ...list(text), style: "pipeDelimited" })],
      ["/v3/deep", "get", one("query", { schema: { type: "object" }, style: "deepObject" })],
      ["/v3/object", "get", one("query", { schema: { allOf: [schema("Detail")] } })],
      ["/v3/objects", "get", one("query", list(schema("Detail")))],
      ["/v3/json", "get", one("query", { schema: undefined, ...json(text) })],
      ["/v3/reserved", "get", one("query", { allowReserved: true })],
      ["/v3/header", "get", one("header", { schema: { type: ["object", "null"] } })],
      ["/v3/cookie", "get", one("cookie", {})],
      ["/v3/body", "get", { requestBody: json(text) }],
      ["/v3/form", "post", body("application/x-www-form-urlencoded")],
      ["/v3/xml", "post", body("text/xml; charset=utf-8")],
      ["/v3/any", "get", { responses: { 200: { description: "OK", content: { "*/*": { schema: text } } } } }],
      ["/v3/query?a={a}", "get"],
      ["v3/relative", "get"],
    );
    expect(code).toBe(1);
    expect(output.trimEnd().split("\n")).toEqual([
      "GET /v3/path/{p}: the path parameter p has `style: label`, and the client writes `style: simple` there: describe it as a text that callers write themselves.",
      "GET /v3/path-list/{p}: the path parameter p is a list, which the client does not write there: describe it as a text that callers write themselves.",
      "GET /v3/joined: the query parameter p has `explode: false`, a list in one value. The client writes a list once for each item, as a=1&a=2: if the documents show that, write `explode: true`; otherwise describe it as a text that callers write themselves.",
      expect.stringMatching(/^GET \/v3\/piped: .* has `style: pipeDelimited`, and the client writes `style: form`/),
      expect.stringMatching(/^GET \/v3\/deep: .* has `style: deepObject`, and the client writes `style: form`/),
      expect.stringMatching(/^GET \/v3\/object: .* stands in the query parameter p, /),
      expect.stringMatching(/^GET \/v3\/object: the query parameter p is an object, which the client does not write/),
      expect.stringMatching(/^GET \/v3\/objects: .* stands in the query parameter p, /),
      expect.stringMatching(/^GET \/v3\/objects: the query parameter p is a list of lists or objects/),
      expect.stringMatching(/^GET \/v3\/json: the query parameter p has `content`, .*: give it a `schema`, or /),
      expect.stringMatching(/^GET \/v3\/reserved: .* has `allowReserved: true`, but the client encodes/),
      expect.stringMatching(/^GET \/v3\/header: the header parameter p is an object, /),
      expect.stringMatching(/^GET \/v3\/cookie: the cookie parameter p is refused, .*: leave it out\.$/),
      expect.stringMatching(/^GET \/v3\/body: it has a request body, and the client sends none with GET/),
      "POST /v3/form: its request body is application/x-www-form-urlencoded, but the client sends JSON, as APIv3 has it, and no forms: describe it as application/json, or leave it out.",
      expect.stringMatching(/^POST \/v3\/xml: its request body is text\/xml; charset=utf-8, but the client sends JSON/),
      expect.stringMatching(/^GET \/v3\/any: its response is \*\/\*, which does not say how to read it/),
      "GET /v3/query?a={a}: a path starts with / and has no query: describe that by parameters.",
      "GET v3/relative: a path starts with / and has no query: describe that by parameters.",
    ]);
  });

  /** An entry of `webhooks` whose resource is as given. */
  const notification = (resource: object, more: object = {}, type = "application/json") => ({
    post: { requestBody: { content: { [type]: { schema: { properties: { resource } } } } }, responses: {}, ...more },
  });
  const paths = { "/v3/a": { get: { operationId: "getA", responses: { 204: { description: "OK" } } } } };

  test("a notification that the receiver would not give as it is described is refused, and each is named", async () => {
    const webhooks = {
      "A.GET": { get: {}, ...notification({}) },
      "A.PUT": { put: {} },
      "A.TEXT": notification({}, {}, "text/xml"),
      "A.BARE": { post: { requestBody: json({ properties: { event_type: {} } }), responses: {} } },
      "A.WIRE": notification({ allOf: [{ properties: { ciphertext: {}, nonce: {} } }] }),
      "A.MARKED": notification({ properties: { name: { type: "string", "x-wechatpay-sensitive": true } } }),
    };
    const file = join(folder, "notifications.json");
    await writeFile(
      file,
      JSON.stringify({ openapi: "3.1.0", info: { title: "t", version: "1.0.0" }, paths, webhooks }),
    );
    const { code, output } = await generate("--spec", file, "--out", join(folder, "notifications"));
    expect(code).toBe(1);
    const byHand = "as the receiver gives it";
    expect(output.trimEnd().split("\n")).toEqual([
      "The notification A.GET has get, but WeChat Pay sends notifications by POST: leave it out.",
      "The notification A.PUT has put, but WeChat Pay sends notifications by POST: leave it out.",
      "The notification A.PUT has no `post`: describe there what WeChat Pay sends.",
      expect.stringMatching(`^The notification A.TEXT has no JSON body with a \`resource\`: .* ${byHand}, decrypted.$`),
      expect.stringMatching(`^The notification A.BARE has no JSON body with a \`resource\`: .* ${byHand}, decrypted.$`),
      `The notification A.WIRE describes its \`resource\` encrypted: describe what is in it, ${byHand}.`,
      expect.stringMatching(
        /^The notification A.MARKED has x-wechatpay-sensitive in it, but the receiver .* decrypts no/,
      ),
    ]);
  });

  test("a notification is typed with several resources, a charset, or without a name", async () => {
    const other = { required: ["b"], properties: { b: { type: "string" } } };
    const resource = { anyOf: [{ $ref: "#/components/schemas/Detail" }, other] };
    const webhooks = {
      "A.CHARSET": notification(resource, {}, "application/json; charset=utf-8"),
      "A.ONE": notification(resource, { operationId: "onOne" }),
      "A.TWO": notification(resource),
    };
    const components = { schemas: { Detail: { required: ["a"], properties: { a: { type: "integer" } } } } };
    const { types, openapi } = await openapiFrom("webhooks", { openapi: "3.1.0", paths, webhooks, components });
    expect(Object.keys(openapi.webhooks)).toEqual(Object.keys(webhooks));
    const code = `${types}
import type { Notification } from "wechatpay-openapi-fetch";
export function read({ event_type, resource }: Notification<webhooks>): number | undefined {
  if (event_type === "A.CHARSET" || event_type === "A.TWO") return "a" in resource ? resource.a : resource.b.length;
  return event_type === "A.ONE" && "a" in resource ? resource.a : undefined;
}`;
    expect(openInEditor(code).errors()).toEqual([]);
  });

  test("what the client does as the spec says passes, whether it is written out or left to the defaults", async () => {
    const list = { type: "array", items: { type: "string" } };
    const parameters = [
      { name: "ids", in: "query", schema: list },
      { name: "tags", in: "query", schema: list, style: "form", explode: true },
      { name: "state", in: "query", schema: { type: "string" }, explode: false },
      { name: "id", in: "path", required: true, schema: { type: "string" }, style: "simple", explode: true },
      { name: "X-List", in: "header", schema: list, style: "simple" },
    ];
    const { code, output } = await generateFrom(["/v3/a/{id}", "get", { parameters }]);
    expect({ code, output }).toEqual({ code: 0, output: "" });
  });

  test("a server with a path is refused, for the client calls the paths of the operations alone", async () => {
    const file = join(folder, "server.json");
    const servers = [{ url: "https://api.mch.weixin.qq.com" }, { url: "https://api.mch.weixin.qq.com/v3/" }];
    const document = JSON.parse(spec(["/pay", "get", { servers: [{ url: "/own/" }] }]));
    await writeFile(file, JSON.stringify({ ...document, servers }));
    const { code, output } = await generate("--spec", file, "--out", join(folder, "server"));
    expect({ code, output }).toEqual({
      code: 1,
      output:
        "The server https://api.mch.weixin.qq.com/v3/ has a path, which the client would leave out: take it away there, and let each path of an operation start with /v3.\nThe server /own/ has a path, which the client would leave out: take it away there, and let each path of an operation start with /own.\n",
    });
  });

  test("an upload gets a row with the function that makes its bytes, and the fields of meta that this fills in", async () => {
    const text = { type: "string" };
    const meta = (...names: string[]) => ({ properties: Object.fromEntries(names.map((name) => [name, text])) });
    const { out, ...run } = await generateFrom(
      [
        "/v3/images",
        "post",
        uploaded({ meta: { allOf: [meta("filename"), meta("sha256", "bank_type")] }, file: BINARY }),
      ],
      ["/v3/invoices", "post", uploaded({ meta: meta("digest"), file: {} }, "Multipart/Form-Data; boundary=x")],
      ["/v3/upload", "put", { operationId: "upload", ...uploaded({ meta: meta("sha256"), file: BINARY }) }],
    );
    expect(run).toEqual({ code: 0, output: "" });
    const table = await readFile(join(out, "operations.ts"), "utf8");
    expect(table.match(/\w+: Operations = .*upload\(.*?\)/g)).toEqual([
      expect.stringMatching(/^operation0: .*upload\("filename", "sha256"\)$/),
      expect.stringMatching(/^operation1: .*upload\(\)$/),
      expect.stringMatching(/^_upload: .*upload\("sha256"\)$/),
    ]);
    const { operations } = await import(join(out, "operations.ts"));
    expect(operations["PUT /v3/upload"]).toEqual({ operationId: "upload", body: expect.any(Function) });
    const { paths } = JSON.parse(await readFile(join(out, "openapi.json"), "utf8"));
    expect(Object.keys(paths["/v3/invoices"].post.requestBody.content)).toEqual(["multipart/form-data"]);
    expect(openInEditor(table, "test/operations-with-uploads.ts").errors()).toEqual([]);
  });

  test("an upload that is not as APIv3 has it is refused, each part with a way out", async () => {
    const good = { meta: { type: "object" }, file: BINARY };
    const multipart = { "multipart/form-data": { schema: { type: "object", properties: good } } };
    const { code, output } = await generateFrom(
      ["/v3/empty", "post", uploaded({})],
      ["/v3/text-meta", "post", uploaded({ ...good, meta: { type: "string" } })],
      ["/v3/files", "post", uploaded({ ...good, file: { type: "array", items: BINARY } })],
      ["/v3/third", "post", uploaded({ ...good, thumbnail: BINARY })],
      ["/v3/headers", "post", uploaded(good, undefined, { encoding: { file: { headers: {} } } })],
      ["/v3/xml", "post", uploaded(good, undefined, { encoding: { meta: { contentType: "text/xml" } } })],
      ["/v3/good", "post", uploaded(good, undefined, { encoding: { file: { contentType: "image/png, image/jpeg" } } })],
      ["/v3/both", "post", { requestBody: { content: { ...multipart, ...json({}).content } } }],
    );
    expect(code).toBe(1);
    expect(output.trimEnd().split("\n")).toEqual([
      "POST /v3/empty: its request body is multipart/form-data, whose text of the part meta is signed: describe meta as an object, such as one with filename and sha256.",
      "POST /v3/empty: its request body is multipart/form-data, which has one file in the part file: describe it as `{ type: string, format: binary }`.",
      expect.stringMatching(/^POST \/v3\/text-meta: .*: describe meta as an object/),
      expect.stringMatching(/^POST \/v3\/files: .* one file in the part file: describe it as/),
      expect.stringMatching(/^POST \/v3\/third: .* its part thumbnail would not be sent: .* Leave it out\.$/),
      expect.stringMatching(/^POST \/v3\/headers: .* does not write the `headers` of the part file: leave it out\.$/),
      expect.stringMatching(/^POST \/v3\/xml: .* sends its part meta as application\/json: leave `contentType` out\.$/),
      expect.stringMatching(
        /^POST \/v3\/both: its request body is an upload or something else, .*: describe that one\.$/,
      ),
    ]);
  });

  test("JSON is JSON with a charset as well: its fields are encrypted, and the sandbox checks it", async () => {
    const content = { "application/json; charset=utf-8": { schema: schema("Detail") } };
    const upper = { "Application/JSON;charset=UTF-8": { schema: schema("Detail") } };
    const { openapi, types, operations } = await openapiFrom("charset", {
      ...JSON.parse(spec(["/v3/a", "post", { requestBody: { content }, responses: { 200: { content: upper } } }])),
    });
    const { requestBody, responses } = openapi.paths["/v3/a"].post;
    expect(Object.keys(requestBody.content)).toEqual(["application/json"]);
    expect(Object.keys(responses[200].content)).toEqual(["application/json"]);
    expect(types).not.toContain("charset");
    const sensitive = { request: ["/user_name"], response: ["/user_name"] };
    expect(operations).toEqual({ "POST /v3/a": { operationId: "operation0", sensitive } });
  });

  test("`default` is the good response where there is no other, and only there", async () => {
    const detail = { description: "OK", ...json(schema("Detail")) };
    const { openapi, types, operations } = await openapiFrom("default", {
      ...JSON.parse(
        spec(
          ["/v3/only", "get", { responses: { default: detail } }],
          ["/v3/beside", "get", { responses: { 200: { description: "OK" }, default: detail } }],
        ),
      ),
    });
    expect(Object.keys(openapi.paths["/v3/only"].get.responses)).toEqual(["2XX", "default"]);
    expect(Object.keys(openapi.paths["/v3/beside"].get.responses)).toEqual(["200", "default"]);
    expect(types).toContain('"2XX": {');
    expect(operations).toEqual({
      "GET /v3/only": { operationId: "operation0", sensitive: { response: ["/user_name"] } },
      "GET /v3/beside": { operationId: "operation1" },
    });
  });

  test("an operation without an operationId is named by its method and path", async () => {
    const bare = { responses: { 200: { description: "OK" } } };
    const { openapi, operations } = await openapiFrom("nameless", {
      openapi: "3.1.0",
      paths: {
        "/v3/refund/{refund_id}": {
          get: bare,
          put: { ...bare, operationId: "getV3AB" },
          post: { ...bare, operationId: "putV3AB" },
        },
        "/v3/a-b": { get: bare },
        "/v3/a_b/": { put: bare, post: bare },
      },
    });
    expect(Object.values(operations).map((row) => (row as { operationId: string }).operationId)).toEqual([
      "getV3RefundByRefundId",
      "getV3AB",
      "putV3AB",
      "getV3AB2",
      "putV3AB2",
      "postV3AB",
    ]);
    expect(openapi.paths["/v3/a_b/"].post.operationId).toBe("postV3AB");
  });

  test("a path that stands among the components is one like any other", async () => {
    const item = { get: { operationId: "shared", responses: { 200: { description: "OK" } } } };
    const { operations } = await openapiFrom("path-item", {
      openapi: "3.1.0",
      paths: { "/v3/shared": { $ref: "#/components/pathItems/Shared" } },
      components: { pathItems: { Shared: item } },
    });
    expect(operations).toEqual({ "GET /v3/shared": { operationId: "shared" } });
  });

  test("a parameter of the path that nobody describes is a text", async () => {
    const id = { name: "id", in: "path", required: true, schema: { type: "integer" } };
    const { types } = await openapiFrom("undescribed", {
      ...JSON.parse(spec(["/v3/a/{id}/b/{out_no}", "get", { parameters: [id] }])),
    });
    expect(types).toMatch(/path: \{\s+id: number;\s+out_no: string;\s+\}/);
  });

  test("an operation without anything is refused by its name", async () => {
    const file = join(folder, "empty-operation.yaml");
    await writeFile(file, `openapi: 3.1.0\ninfo: { title: t, version: "1" }\npaths:\n  /v3/a:\n    post:\n  /v3/b:\n`);
    const { output } = await generate("--spec", file, "--out", join(folder, "empty-operation"));
    expect(output).toBe("POST /v3/a is empty in the spec: describe it, or leave it out.\n");
  });

  test("headers that OpenAPI does not count as parameters are not asked of callers", async () => {
    const header = (name: string) => ({ name, in: "header", required: true, schema: { type: "string" } });
    const { types } = await openapiFrom("headers", {
      ...JSON.parse(
        spec([
          "/v3/a",
          "get",
          { parameters: ["Authorization", "accept", "Content-Type", "Wechatpay-Serial"].map(header) },
        ]),
      ),
    });
    expect(types).toContain('"Wechatpay-Serial": string;');
    expect(types).not.toMatch(/Authorization|accept|Content-Type/);
  });

  test("OpenAPI 3.0 becomes 3.1, where a schema says the same in another way", async () => {
    const data = { nullable: true, schema: { exclusiveMinimum: true } };
    const amount = { type: "integer", minimum: 0, exclusiveMinimum: true, maximum: 9, exclusiveMaximum: false };
    const { openapi, types } = await openapiFrom("three-zero", {
      openapi: "3.0.3",
      paths: {
        "/v3/a": {
          post: {
            operationId: "createA",
            parameters: [
              { name: "limit", in: "query", schema: { type: "integer", maximum: 9, exclusiveMaximum: true } },
            ],
            requestBody: { content: { "application/json": { schema: schema("A"), example: data } } },
            responses: { default: { description: "OK", ...json({ not: { type: "string", nullable: true } }) } },
          },
        },
      },
      components: {
        schemas: {
          A: {
            type: "object",
            properties: {
              amount,
              note: { type: "string", nullable: true },
              nullable: { type: "boolean", nullable: false },
              list: { type: "array", items: { allOf: [{ type: "string", nullable: true }] }, example: [data] },
              untyped: { nullable: true },
            },
          },
        },
      },
    });
    const { parameters, requestBody, responses } = openapi.paths["/v3/a"].post;
    expect(openapi.openapi).toBe("3.1.0");
    expect(openapi.components.schemas.A.properties).toEqual({
      amount: { type: "integer", exclusiveMinimum: 0, maximum: 9 },
      note: { type: ["string", "null"] },
      nullable: { type: "boolean" },
      list: { type: "array", items: { allOf: [{ type: ["string", "null"] }] }, example: [data] },
      untyped: {},
    });
    expect(parameters[0].schema).toEqual({ type: "integer", exclusiveMaximum: 9 });
    expect(requestBody.content["application/json"].example).toEqual(data);
    expect(responses.default.content["application/json"].schema).toEqual({ not: { type: ["string", "null"] } });
    expect(types).toContain("note?: string | null;");
    const sandbox = await createSandbox({ openapi });
    const options = { ...sandbox.credentials, fetch: sandbox.fetch, operations: {} };
    const { error } = await createWeChatPayClient<OwnPaths>(options).POST("/v3/a", { body: { amount: 0 } });
    expect(error).toMatchObject({ detail: { field: "/amount", issue: "must be > 0" } });
  });

  test.each([
    [
      "swagger.json",
      '{"info":{},"swagger":"2.0"}',
      "is Swagger 2.0, and only OpenAPI 3.1 and 3.0 are read. Convert it",
    ],
    ["swagger.yaml", "# 接口\nswagger: '2.0'\npaths: { /v3/a: { $ref: nowhere.yaml } }\n", "is Swagger 2.0, and only"],
    ["newer.yaml", "openapi: 3.2.0\ninfo: {}\npaths: {}\n", "is OpenAPI 3.2.0, and only OpenAPI 3.1 and 3.0 are read."],
    [
      "short.yaml",
      "openapi: 3.1\npaths: {}\n",
      "says `openapi: 3.1`. Write the version in three numbers: `openapi: 3.1.0`.",
    ],
    ["unsaved.yaml", "\n", "is empty: is it saved?"],
    ["other.yaml", "paths: {}\n", "is no OpenAPI description: one starts with `openapi: 3.1.0`."],
    [
      "empty.yaml",
      "openapi: 3.1.0\ninfo: { title: t, version: '1' }\npaths: {}\n",
      "has no paths, so there is nothing to call.",
    ],
  ])("%s is refused in one line, before anything else is said", async (name, text, why) => {
    const file = join(folder, name);
    await writeFile(file, text);
    const { code, output } = await generate("--spec", file, "--out", join(folder, "refused"));
    expect({ code, lines: output.trimEnd().split("\n") }).toEqual({
      code: 1,
      lines: [expect.stringContaining(`${file} ${why}`)],
    });
  });

  test("a file that is not there is named", async () => {
    const { output } = await generate("--spec", join(folder, "gone.yaml"), "--out", join(folder, "refused"));
    expect(output).toBe(`There is no file ${join(folder, "gone.yaml")}.\n`);
  });
});
