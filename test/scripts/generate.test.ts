import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
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

function json(itsSchema: object): object {
  return { content: { "application/json": { schema: itsSchema } } };
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
    const chain = await readFile(join(out, "chain.ts"), "utf8");
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

  test.each([
    ["two paths under one name", ["/v3/a-b", "/v3/aB/c"], "/v3/a-b and /v3/aB would both be .aB"],
    [
      "a path with and without a slash at its end",
      ["/v3/a", "/v3/a/"],
      "/v3/a and /v3/a/ would both be .get in the chain",
    ],
    ["an empty segment", ["/v3//a"], "/v3/ would be . in the chain, which is taken"],
    ["a segment called like a method", ["/v3/x/post"], "/v3/x/post would be .post in the chain, which is taken"],
    ["a segment called then", ["/v3/x/then"], "/v3/x/then would be .then in the chain, which is taken"],
  ])("%s is refused", async (_, paths, message) => {
    const { code, output } = await generateFrom(...paths.map((path): ShortOperation => [path]));
    expect(code).toBe(1);
    expect(output).toContain(message);
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
      ["/v3/shared", "get", { parameters: [{ $ref: "#/components/parameters/Mobile" }] }],
      ["/v3/header", "get", parameter("header", { schema: { allOf: [schema("Name")] } })],
      ["/v3/path/{mobile}", "get", parameter("path", json(schema("Detail")))],
      ["/v3/misplaced", "get", parameter("query", { "x-wechatpay-sensitive": true, schema: { type: "string" } })],
      ["/v3/form", "post", { requestBody: { content: { "multipart/form-data": { schema: schema("Detail") } } } }],
      ["/v3/text", "post", { requestBody: json(schema("Name")) }],
      ["/v3/good", "post", { requestBody: json(schema("Detail")) }],
    );
    expect(code).toBe(1);
    expect(output.trimEnd().split("\n")).toEqual([
      expect.stringMatching(/^POST \/v3\/endless: the schema at "" comes again at "\/staff\/\*", .* repeat endlessly/),
      expect.stringMatching(/^GET \/v3\/shared: .* stands in the query parameter mobile, .* JSON bodies only/),
      expect.stringMatching(/^GET \/v3\/header: .* stands in the header parameter mobile, /),
      expect.stringMatching(/^GET \/v3\/path\/\{mobile\}: .* stands in the path parameter mobile, /),
      expect.stringMatching(/^GET \/v3\/misplaced: .* stands in the query parameter mobile, /),
      expect.stringMatching(/^POST \/v3\/form: .* stands in a body of multipart\/form-data, /),
      expect.stringMatching(/^POST \/v3\/text: .* stands on the body itself, /),
    ]);
  });
});
