import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { faults } from "../../spec/rulesets.js";
import { command } from "../../src/cli/lint.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lint-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs `wechatpay lint`. */
async function lint(specs: string[], values: object = {}): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const out = { stdout: "", stderr: "" };
  const spies = [
    vi.spyOn(process.stdout, "write").mockImplementation((text) => Boolean((out.stdout += text))),
    vi.spyOn(console, "error").mockImplementation((text) => void (out.stderr += `${text}\n`)),
  ];
  try {
    return { code: await command.run({ style: false, format: "json", ...values }, specs, "en"), ...out };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

/** A spec of these paths, and what stands beside them. */
async function write(name: string, paths: string, more = ""): Promise<string> {
  const file = join(folder, `${name.replaceAll(/\W+/g, "-")}.yaml`);
  await writeFile(file, `openapi: 3.1.0\ninfo: { title: t, version: 1.0.0 }\n${more}paths:\n${paths}`);
  return file;
}

const OK = 'responses: { "200": { description: OK } }';
const json = (schema: string, more = "") => `content: { application/json: { schema: ${schema}${more} } }`;
/** The 3-line operation, which no set of faults refuses. */
const SHORT = `  /v3/orders/{id}:\n    get:\n      ${OK}\n`;
const get = (more: string) => `  /v3/a: { get: { ${more}, ${OK} } }\n`;
const post = (body: string, more = "") => `  /v3/a: { post: { ${more}requestBody: { ${body} }, ${OK} } }\n`;

/** For each rule a spec that only it refuses, and what it says. */
const REFUSED: Record<string, { paths: string; says: RegExp }> = {
  struct: {
    paths: get("parameters: [{ name: a, in: query, schema: { type: string, maxLenght: 3 } }]"),
    says: /maxLenght/,
  },
  "no-unresolved-refs": {
    paths: `  /v3/a: { get: { responses: { "200": { $ref: nowhere.yaml } } } }\n`,
    says: /resolve/,
  },
  "no-identical-paths": {
    paths: `  /v3/{a}: { get: { ${OK} } }\n  /v3/{b}: { post: { ${OK} } }\n`,
    says: /\/v3\/\{b\}/,
  },
  "path-declaration-must-exist": { paths: `  /v3/{}: { get: { ${OK} } }\n`, says: /non-empty/ },
  "path-not-include-query": { paths: `  /v3/a?b=1: { get: { ${OK} } }\n`, says: /query/ },
  "operation-operationId-unique": {
    paths: `  /v3/a: { get: { operationId: one, ${OK} } }\n  /v3/b: { get: { operationId: one, ${OK} } }\n`,
    says: /unique/,
  },
  "operation-parameters-unique": {
    paths: get("parameters: [{ name: a, in: query, schema: {} }, { name: a, in: query, schema: {} }]"),
    says: /unique|same/,
  },
  "no-enum-type-mismatch": {
    paths: get("parameters: [{ name: a, in: query, schema: { type: string, enum: [1] } }]"),
    says: /string/,
  },
  "wechatpay/known-extension": {
    paths: post(json("{ type: object, properties: { name: { type: string, x-wechatpay-sensitiv: true } } }")),
    says: /Nothing reads `x-wechatpay-sensitiv`\. Use one of x-wechatpay-sensitive, /,
  },
  "wechatpay/encryption-serial": {
    paths: post(json("{ type: object, properties: { name: { type: string, x-wechatpay-sensitive: true } } }")),
    says: /WechatpaySerialOfEncryption\.yaml of wechatpay-openapi-fetch/,
  },
};
/** Pointers that lead nowhere, keys at the wrong place or with the wrong value: one rule has many faults. */
const KNOWN_EXTENSION: [name: string, paths: string, says: RegExp][] = [
  [
    "a pointer to no field",
    post(json("{ type: object }"), "x-wechatpay-idempotent: /out_no, "),
    /there is no `out_no`/,
  ],
  ["another prefix", get("x-weixin-response: unsigned"), /Nothing reads `x-weixin-response`/],
  ["a response that is signed", get("x-wechatpay-response: signed"), /must be `unsigned`/],
  [
    "an open enumeration of numbers",
    post(json("{ type: object, properties: { state: { type: integer, x-extensible-enum: [1] } } }")),
    /list of distinct strings/,
  ],
];
/** Examples that contradict their schema are only warned of. */
const WARNED: Record<string, string> = {
  "no-invalid-schema-examples": get("parameters: [{ name: a, in: query, schema: { type: string, example: 1 } }]"),
  "no-invalid-parameter-examples": get("parameters: [{ name: a, in: query, example: 1, schema: { type: string } }]"),
  "no-invalid-media-type-examples": post(json("{ type: object }", ", example: 1")),
};

interface Problem {
  ruleId: string;
  severity: string;
  message: string;
}

/** Lints several specs at once: most of the time is Redocly's start. */
async function problemsOf(specs: string[]): Promise<Problem[][]> {
  const { stdout } = await lint(specs);
  // It writes one JSON object after another, without anything between them.
  const reports = JSON.parse(`[${stdout.trim().replaceAll(/^\}\{$/gm, "},{")}]`) as { problems: Problem[] }[];
  return reports.map(({ problems }) => problems);
}

describe("wechatpay lint: what is a fault in any spec", () => {
  test("every rule has its test", () => {
    expect([...Object.keys(REFUSED), ...Object.keys(WARNED)].sort()).toEqual(Object.keys(faults).sort());
  });

  test("an operation of three lines has none, nor a key of another tool", async () => {
    const specs = [await write("short", SHORT), await write("other", get("x-internal: true, x-codegen: { a: 1 }"))];
    const run = await lint(specs, { format: "codeframe" });
    expect(run).toEqual({ code: 0, stdout: "", stderr: `No errors in ${specs.join(", ")}\n` });
  });

  test("each rule refuses its spec, and no other rule has a say", async () => {
    const specs = await Promise.all(Object.entries(REFUSED).map(([rule, { paths }]) => write(rule, paths)));
    const found = await problemsOf(specs);
    for (const [index, [rule, { says }]] of Object.entries(REFUSED).entries()) {
      expect(
        found[index]?.map(({ ruleId, severity }) => `${ruleId} ${severity}`),
        rule,
      ).toEqual([`${rule} error`]);
      expect(found[index]?.[0]?.message, rule).toMatch(says);
    }
  });

  test("our keys where they say nothing, or something else", async () => {
    const specs = await Promise.all(KNOWN_EXTENSION.map(([name, paths]) => write(name, paths)));
    const found = await problemsOf(specs);
    for (const [index, [name, , says]] of KNOWN_EXTENSION.entries()) {
      expect(
        found[index]?.map(({ ruleId }) => ruleId),
        name,
      ).toEqual(["wechatpay/known-extension"]);
      expect(found[index]?.[0]?.message, name).toMatch(says);
    }
  });

  test("a wrong example is a warning, and passes", async () => {
    const specs = await Promise.all(Object.entries(WARNED).map(([rule, paths]) => write(rule, paths)));
    const { code } = await lint(specs);
    expect(code).toBe(0);
    const found = await problemsOf(specs);
    expect(found.map((each) => each.map(({ ruleId, severity }) => `${ruleId} ${severity}`))).toEqual(
      Object.keys(WARNED).map((rule) => [`${rule} warn`]),
    );
  });

  test("what the generator would refuse is named, where no rule finds anything", async () => {
    const explode =
      "parameters: [{ name: ids, in: query, explode: false, schema: { type: array, items: { type: string } } }]";
    const file = await write("generator", `${get(explode)}  /v3/b: { head: { ${OK} } }\n`);
    const { code, stdout } = await lint([file], { format: "stylish" });
    expect(code).toBe(1);
    expect(stdout).toContain(`${file}: GET /v3/a: the query parameter ids has \`explode: false\``);
    expect(stdout).toContain(`${file}: HEAD /v3/b cannot be called`);
  });

  test("what a terminal obeys is shown, not done, where the spec has it", async () => {
    const file = await write("hostile", `${get("summary: x")}  "/v3/\\e[2J": { head: { ${OK} } }\n`);
    const { stdout } = await lint([file], { format: "stylish" });
    expect(stdout).toContain("HEAD /v3/�[2J cannot be called");
    expect(stdout).not.toContain("\x1b");
  });

  test("Swagger 2.0 and a file that is not there are one sentence, before anything else is said", async () => {
    const file = join(folder, "swagger.yaml");
    await writeFile(file, 'swagger: "2.0"\npaths: {}\n');
    await expect(lint([file])).rejects.toThrow(/is Swagger 2\.0, and only OpenAPI 3\.1 and 3\.0 are read\./);
    await expect(lint([join(folder, "nowhere.yaml")])).rejects.toThrow("There is no file");
  });
});

describe("spec/README.md", () => {
  let page: string;
  beforeAll(async () => {
    page = await readFile("spec/README.md", "utf8");
  });

  test("its spec of one's own has no fault, and a file of the package is found where it says", async () => {
    const [, yaml = ""] = /^```yaml\n(# orders\.yaml\n.*?)^```$/ms.exec(page) ?? [];
    const [, shared = ""] = /^```yaml\n {6}responses:\n(.*?)^```$/ms.exec(page) ?? [];
    await mkdir(join(folder, "node_modules/wechatpay-openapi-fetch"), { recursive: true });
    await symlink(resolve("spec"), join(folder, "node_modules/wechatpay-openapi-fetch/spec"));
    const [own, both] = [join(folder, "orders.yaml"), join(folder, "shared.yaml")];
    await writeFile(own, yaml);
    await writeFile(both, yaml.replace(/responses: \{(.*)\}/, `responses:\n       $1\n${shared}`));
    expect(await readFile(both, "utf8")).toContain("NotFound.yaml");
    expect(await lint([own, both], { format: "codeframe" })).toMatchObject({ code: 0, stdout: "" });
  });

  test("the files that it says may be shared are there", () => {
    const rows = page.match(/^\|.*\.yaml`.*\|$/gm)?.map((row) => row.split("|")[2] ?? "") ?? [];
    const files = rows.flatMap((row) => {
      const folder = /`(\w+\/)/.exec(row)?.[1] ?? "";
      return Array.from(row.matchAll(/`(\w+\/)?([\w-]+\.yaml)`/g), ([, , name]) =>
        join("spec/components", folder, `${name}`),
      );
    });
    expect(files).toHaveLength(20);
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
  });

  test("its table has every rule of the faults", () => {
    const rules = Array.from(page.matchAll(/`([\w/-]+(?:…[\w-]+)?)`/g), ([, rule = ""]) => rule);
    const known = (rule: string) => rules.some((each) => new RegExp(`^${each.replace("…", "[\\w-]+")}$`).test(rule));
    expect(Object.keys(faults).filter((rule) => !known(rule))).toEqual([]);
  });
});

test("wechatpay lint --style: our own style is asked for as well", async () => {
  const spec = await write("style", SHORT);
  const { code, stdout } = await lint([spec], { style: true, format: "codeframe" });
  expect(code).toBe(1);
  for (const rule of ["rule/official-page", "rule/error-replies", "operation-operationId", "wechatpay/bilingual"])
    expect(stdout).toContain(`generated by the ${rule} rule`);
  expect(stdout).toMatch(/Validation failed with \d+ errors/);
});
