import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSandbox, type Listening, type Sandbox } from "wechatpay-openapi-fetch/sandbox";
import {
  clientCode,
  curlScript,
  opensslCommand,
  quoted,
} from "../../../../../src/sandbox/console/page/detail/commands.js";
import { signText } from "../../../../support/keys.js";
import { examples, PRE_ORDER } from "../../../../support/wechatpay.js";

describe("in bash", () => {
  let sandbox: Sandbox;
  let listening: Listening;
  let cwd: string;
  beforeAll(async () => {
    sandbox = await createSandbox();
    listening = await sandbox.listen();
    cwd = await mkdtemp(join(tmpdir(), "commands-"));
    await writeFile(join(cwd, "apiclient_key.pem"), sandbox.credentials.privateKey);
  });
  afterAll(async () => {
    await listening.close();
    await rm(cwd, { recursive: true });
  });
  const run = async (command = "exit 1") => (await promisify(execFile)("bash", ["-c", command], { cwd })).stdout;

  /** What shells, printf and JSON each have a meaning for. */
  const hostile = [
    `it's "quoted" \\n \\\\ %s %d $HOME \`id\` $(id) !! *`,
    "微工卡 é",
    "tab\t, bell\x07, CR\r, \u202Ereversed, \u00a0 and \u2028",
    "two\nlines\n",
    "\x80\x9f\x1b[31m",
    "-n",
  ];

  test.each(hostile)("%j is one word", async (text) => {
    expect(await run(`printf '%s' ${quoted(text)}`)).toBe(text);
  });

  test.each([
    ["POST\n/v3/a\n1795616716\nnonce\n😀\n"],
    ["GET\n/v3/certificates\n1795616716\nnonce\n\n"],
    ...hostile.map((body) => [`POST\n/v3/a?b=%E4%B8%AD&c='\n1795616716\nnonce\n${body}\n`]),
    ["no line feed at its end"],
  ])("the openssl command signs %j", async (message) => {
    const signature = await run(opensslCommand(message));
    expect(signature).toBe(signText(sandbox.credentials.privateKey, message));
  });

  test("a text that no shell can hold has no command", () => {
    expect(opensslCommand("POST\n/v3/a\n1\nnonce\n\0\n")).toBeUndefined();
    expect(quoted("not UTF-8: \uFFFD")).toBeUndefined();
  });

  test.each(hostile)("the cURL script sends a request that is accepted, with %j in it", async (text) => {
    const name = text.slice(0, 20);
    const body = JSON.stringify({
      ...examples.request,
      authenticate_number: `n${hostile.indexOf(text)}`,
      project_name: name,
    });
    await run(curlScript({ method: "POST", path: PRE_ORDER, body }, sandbox.credentials, listening.url));
    expect(sandbox.requests.at(-1)).toMatchObject({ verdict: "accepted", body: { project_name: name } });
  });

  test.each(["/v3/x?[1-3]", "/v3/x?a={b,c}", "/v3/a/../b", "/v3/x?a=[1]"])(
    "the cURL script sends %s as it is, once",
    async (path) => {
      const before = sandbox.requests.length;
      await run(curlScript({ method: "POST", path, body: "@apiclient_key.pem" }, sandbox.credentials, listening.url));
      expect(sandbox.requests.slice(before)).toMatchObject([{ path, body: "@apiclient_key.pem" }]);
      expect(curlScript({ method: "GET", path: `${path}#a`, body: "" }, sandbox.credentials, "")).toBeUndefined();
    },
  );

  test("the cURL script of a GET has no body, and signs the query", async () => {
    const path = "/v3/payroll-card/relations/o1?sub_mchid=1111111&appid=wx%31";
    await run(curlScript({ method: "GET", path, body: "" }, sandbox.credentials, listening.url));
    expect(sandbox.requests.at(-1)).toMatchObject({ verdict: "accepted", path, body: undefined });
  });
});

test("client code names the parameters of path and query as they were before their encoding", () => {
  const path = "/v3/payroll-card/relations/o%2F1?sub_mchid=1111111&appid=w%20x";
  expect(clientCode("GET", path, "/v3/payroll-card/relations/{openid}", undefined)).toBe(
    `const { data, error } = await wechatpay.GET("/v3/payroll-card/relations/{openid}", {
  params: {
    path: {
      openid: "o/1"
    },
    query: {
      sub_mchid: "1111111",
      appid: "w x"
    }
  }
});
`,
  );
  expect(clientCode("POST", "/v3/a", "/v3/a", { "a-b": 1 })).toBe(
    `const { data, error } = await wechatpay.POST("/v3/a", {
  body: {
    "a-b": 1
  }
});
`,
  );
});
