// @module-tag slow

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import openapiTS, { astToString } from "openapi-typescript";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import openapi from "../../generated/openapi.json" with { type: "json" };
import { openInEditor } from "../support/language-service.js";
import { installOnce } from "../support/project.js";

// What others make of the published openapi.json. orval is installed by the first run, in this folder; 7.13 is one of those that took a
// branch of `anyOf` without properties for anything.

const run = promisify(execFile);
const here = fileURLToPath(new URL("./", import.meta.url));
const PUBLISHED = fileURLToPath(new URL("../../generated/openapi.json", import.meta.url));

let folder: string;
beforeAll(async () => {
  await installOnce(here);
  // Here, what is generated finds zod.
  folder = await mkdtemp(join(here, "out-"));
});
afterAll(() => rm(folder, { recursive: true }));

type Body = Record<string, unknown>;
interface Example {
  $ref: string;
}
interface Operation {
  operationId: string;
  requestBody?: { content: { "application/json": { examples: Record<string, Example> } } };
}

/** The operations with a body, and the documented examples of it. */
const posts = Object.entries(openapi.paths as unknown as Record<string, Record<string, Operation>>).flatMap(
  ([path, item]) =>
    Object.entries(item).flatMap(([method, { operationId, requestBody }]) => {
      if (requestBody === undefined) return [];
      const names = Object.values(requestBody.content["application/json"].examples).map(({ $ref }) => $ref.split("/"));
      const examples = openapi.components.examples as Record<string, { value: unknown }>;
      const bodies = names.map((keys) => examples[keys.at(-1) ?? ""]?.value as Body);
      return [
        { operationId, type: `paths["${path}"]["${method}"]["requestBody"]["content"]["application/json"]`, bodies },
      ];
    }),
);

/** What must be refused: no object, an object without what is required, and one that names no AppID. */
function wrongBodies([body = {}]: Body[]): unknown[] {
  const { appid: _a, sub_appid: _b, sp_appid: _c, ...anonymous } = body;
  const { sub_mchid: _d, ...forNobody } = body;
  return [42, "text", [], {}, anonymous, forNobody];
}

test("there are operations with a body, and examples of it", () => {
  expect(posts.map(({ operationId }) => operationId)).toContain("preOrderAuthentication");
  for (const { bodies } of posts) expect(bodies.length).toBeGreaterThan(0);
});

describe("what orval makes with zod", () => {
  interface Check {
    safeParse(value: unknown): { success: boolean };
  }
  let checks: Record<string, Check>;
  beforeAll(async () => {
    const output = join(folder, "zod.ts");
    const config = { wechatpay: { input: PUBLISHED, output: { target: output, client: "zod" } } };
    await writeFile(join(folder, "orval.config.mjs"), `export default ${JSON.stringify(config)};`);
    await run(process.execPath, [join(here, "node_modules/orval/dist/bin/orval.js")], { cwd: folder });
    checks = await import(/* @vite-ignore */ output);
  });

  test.each(posts)(
    "takes the documented bodies of $operationId, and no other thing, such as 42",
    ({ operationId, bodies }) => {
      const check = checks[`${operationId}Body`];
      const verdicts = (values: unknown[]) => values.map((value) => check?.safeParse(value).success);
      expect(verdicts(bodies)).toEqual(bodies.map(() => true));
      expect(verdicts(wrongBodies(bodies))).toEqual([false, false, false, false, false, false]);
    },
  );
});

describe("the types that openapi-typescript makes, without our own changes to it", () => {
  let types: string;
  beforeAll(async () => {
    types = join(folder, "schema.ts");
    await writeFile(types, astToString(await openapiTS(await readFile(PUBLISHED, "utf8"))));
  });

  test.each(posts)("take the documented bodies of $operationId, and no other thing, such as 42", ({ type, bodies }) => {
    const from = `./${relative(join(here, ".."), types).replace(/\.ts$/, ".js")}`;
    const good = bodies.map((body) => `(${JSON.stringify(body)}) satisfies Body;`);
    const misspelt = { ...bodies[0], sub_mchidd: "1111111" };
    const wrong = [...wrongBodies(bodies), misspelt].map(
      (body) => `// @ts-expect-error\n(${JSON.stringify(body)}) satisfies Body;`,
    );
    const source = `import type { paths } from "${from}";\ntype Body = ${type};\n${[...good, ...wrong].join("\n")}`;
    expect(openInEditor(source).errors()).toEqual([]);
  });

  test("show the Chinese docs of a property", () => {
    const from = `./${relative(join(here, ".."), types).replace(/\.ts$/, ".js")}`;
    const editor = openInEditor(
      `import type { components } from "${from}";
       declare const body: components["schemas"]["PreOrderAuthenticationRequest"];
       body.employer_name;`,
    );
    expect(editor.hover("employer_name")).toContain("用工单位名称");
  });
});
