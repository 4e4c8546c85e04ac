import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { pageOf } from "../../scripts/page/index.js";
import { type PageSample, samplesOf } from "../support/docs-page.js";

const bash = (script: string, cwd: string) => promisify(execFile)("bash", ["-euo", "pipefail", "-c", script], { cwd });

/** Whether what the samples need is here. */
const canRun = (() => {
  try {
    execFileSync("bash", ["-c", "command -v openssl curl"]);
    return process.platform !== "win32";
  } catch {
    return false;
  }
})();

// Neither our client nor our signing code has a part in this: bash, openssl and curl call the sandbox as the page says.
describe.skipIf(!canRun)("the samples in cURL", () => {
  let folder: string;
  let sandbox: ChildProcess;
  let samples: PageSample[];
  const tsx = ["--import", pathToFileURL(join(import.meta.dirname, "../../node_modules/tsx/dist/loader.mjs")).href];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "docs-curl-"));
    const main = join(import.meta.dirname, "../../src/cli/main.ts");
    const args = ["sandbox", "--keys", "keys", "--env", ".env", "--port=0"];
    sandbox = spawn(process.execPath, [...tsx, main, ...args], { cwd: folder });
    const page = join(folder, "index.html");
    await promisify(execFile)(process.execPath, [...tsx, "scripts/docs.ts", "--output", page]);
    samples = samplesOf(await readFile(page, "utf8")).filter(({ form }) => form === "curl");
    await vi.waitFor(async () => expect(await readFile(join(folder, ".env"), "utf8")).toContain("URL="), 60_000);
  });
  afterAll(async () => {
    sandbox.kill();
    await rm(folder, { recursive: true });
  });

  const sourceOf = (operationId: string, example = 0) =>
    samples.find((each) => each.operationId === operationId && each.example === example)?.sources.at(-1) ?? "";
  // The documented days are long ago, and of those the API says no more.
  const yesterday = new Date(Date.now() - 16 * 3_600_000).toISOString().slice(0, 10);
  const run = async (source: string) =>
    (await bash(source.replaceAll(/(?<=_date=)\d{4}-\d\d-\d\d/g, yesterday), folder)).stdout;

  test("are called as they stand: with encrypted fields, with a query, without a body", async () => {
    const token = await run(sourceOf("createToken"));
    expect(JSON.parse(token)).toMatchObject({ token: expect.any(String), sub_mchid: "1111111" });
    const list = await run(sourceOf("listAuthentications"));
    expect(JSON.parse(list)).toMatchObject({ total_count: 0 });
    const certificates = await run(sourceOf("listCertificates"));
    expect(JSON.parse(certificates)).toMatchObject({ data: [{ encrypt_certificate: {} }] });
  });

  test("would be refused with another line of the message, and with an encrypted field in plain text", async () => {
    const otherMethod = await run(sourceOf("createToken").replace('"$METHOD" \\\n', "post \\\n"));
    expect(JSON.parse(otherMethod).code).toBe("SIGN_ERROR");
    const noLine = await run(sourceOf("listCertificates").replace("printf '%s\\n'", "printf '%s'"));
    expect(JSON.parse(noLine).code).toBe("SIGN_ERROR");
    const plain = await run(sourceOf("createToken").replace(/"\$\(encrypt (.*?)\)"/, "$1"));
    expect(JSON.parse(plain).code).toBe("PARAM_ERROR");
  });

  test("of every operation are signed, and have the right parameters", { tags: ["slow"] }, async () => {
    expect(samples.length).toBeGreaterThan(40);
    for (const { operationId, example, sources } of samples) {
      for (const source of sources) {
        const answer = await run(source);
        expect(answer, `${operationId} ${example}`).not.toMatch(/SIGN_ERROR|PARAM_ERROR|Http头|no operation/);
      }
    }
  });
});

// Readers paste a sample of a description that they did not write.
describe.skipIf(!canRun)("a sample in cURL of a hostile description", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "docs-curl-hostile-"));
    await mkdir(join(folder, "bin"));
    // What curl is given, a line of JSON for each word; and openssl, which says what it was asked to encrypt.
    const program = (code: string) => `#!${process.execPath}\n${code}`;
    const stubs = {
      curl: `const [, , ...args] = process.argv;
        const input = args.includes("meta=<-;type=application/json") ? require("fs").readFileSync(0, "utf8") : "";
        console.log(JSON.stringify({ args, input }));`,
      openssl: `const [, , ...args] = process.argv;
        const input = args.includes("pkeyutl") || args[0] === "base64" ? require("fs").readFileSync(0, "utf8") : "";
        process.stdout.write(args[0] === "base64" ? Buffer.from(input).toString("hex") : input || Buffer.from(args.at(-1)).toString("hex"));`,
    };
    for (const [name, code] of Object.entries(stubs)) {
      await writeFile(join(folder, "bin", name), program(code));
      await chmod(join(folder, "bin", name), 0o755);
    }
    await writeFile(
      join(folder, ".env"),
      "WECHATPAY_PLATFORM_KEY_ID=PUB_KEY_ID WECHATPAY_BASE_URL=http://sandbox WECHATPAY_MCHID=1 WECHATPAY_SERIAL_NO=2",
    );
  });
  afterAll(() => rm(folder, { recursive: true }));
  beforeEach(() => rm(join(folder, "pwned"), { force: true }));

  /** Each of these creates a file where the shell reads it, or ends what it stands in. */
  const HOSTILE = [
    "$(touch pwned)`touch pwned`$x",
    `"; touch pwned; "`,
    "'; touch pwned; '",
    "\\'; touch pwned; #",
    "\nJSON\n)\ntouch pwned\n",
    "\u0003\u001b[201~\u007f\u009b\ntouch pwned\n",
    "@.env;type=text/html,b",
  ];
  const hex = (text: string) => Buffer.from(text).toString("hex");

  /** What curl is given by the one sample of this operation. */
  async function sent(path: string, operation: object): Promise<{ args: string[]; input: string }> {
    const paths = {
      [path]: { post: { operationId: "call", responses: { 200: { description: "OK" } }, ...operation } },
    };
    const document = { openapi: "3.1.0", info: { title: "T", version: "1" }, paths };
    const page = await pageOf([{ document, guide: "", sandbox: "", types: "" }]);
    const [source = ""] = samplesOf(page).find(({ form }) => form === "curl")?.sources ?? [];
    const { stdout } = await bash(`PATH=$PWD/bin:$PATH\n${source}`, folder);
    expect((await readdir(folder)).sort(), source).toEqual([".env", "bin"]);
    // Newlines apart, no control character is pasted.
    expect(source.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
    return JSON.parse(stdout);
  }
  const json = (schema: object, value: unknown) => ({
    requestBody: { content: { "application/json": { schema, examples: { [HOSTILE[0] ?? ""]: { value } } } } },
  });
  const after = (args: string[], option: string) => args.flatMap((arg, i) => (args[i - 1] === option ? [arg] : []));

  test.each(HOSTILE)("runs none of its texts, and sends each as it is: %j", async (text) => {
    const hidden = { type: "string", "x-wechatpay-sensitive": true };
    const operation = {
      operationId: text,
      summary: text,
      servers: [{ url: text }],
      parameters: [
        { name: "no", in: "path", required: true, example: text },
        { name: text, in: "query", example: text },
        { name: `${text}.secret`, in: "query", schema: hidden, example: text },
        { name: "X-Text", in: "header", required: true, example: text },
        { name: text, in: "header", required: true, example: text },
        { name: "X-`touch$IFS'pwned'`$x", in: "header", required: true, example: "1" },
        { name: "Wechatpay-Serial", in: "header", required: true, example: text },
      ],
      ...json({ type: "object", properties: { hidden } }, { [text]: [text], hidden: text }),
    };
    const { args } = await sent(`/v3/${text}/{no}`, operation);
    const [body = ""] = after(args, "--data-raw");
    expect(JSON.parse(body)).toEqual({ [text]: [text], hidden: hex(text) });
    const address = args.find((arg) => arg.startsWith("http://"));
    const [name, value] = [encodeURIComponent(text), encodeURIComponent(text)];
    expect(address).toBe(`http://sandbox/v3/${text}/${value}?${name}=${value}&${name}.secret=${hex(text)}`);
    const headers = after(args, "-H");
    expect(headers).toContain("Wechatpay-Serial: PUB_KEY_ID");
    expect(headers).toContain("X-`touch$IFS'pwned'`$x: 1");
    if (/\p{Cc}/u.test(text)) expect(headers.join()).not.toContain("X-Text");
    else expect(headers).toContain(`X-Text: ${text}`);
    expect(headers).toHaveLength(/\p{Cc}/u.test(text) ? 5 : 6);
  });

  test.each([...HOSTILE, "-out"].filter((text) => !/[\s/]/.test(text)).concat("$(id)`id`'\";type=a,b"))(
    "uploads the file that it names, with the meta that is signed: %j",
    async (filename) => {
      const schema = { type: "object", properties: { meta: { type: "object" }, file: { format: "binary" } } };
      const value = { meta: { filename, sha256: "00" }, file: "f" };
      const { args, input } = await sent("/v3/images", {
        requestBody: { content: { "multipart/form-data": { schema, examples: { one: { value } } } } },
      });
      expect(JSON.parse(input)).toEqual({ filename, sha256: hex(filename.replace(/^-/, "./-")) });
      expect(after(args, "-F")[1]).toMatch(/^file=@(\.\/-out|"[^"\\]*(\\.[^"\\]*)*")$/);
    },
  );

  test.each(["/v3/[1-3]", "/v3/../x", "/v3/%2e%2E/x", "/v3/{}"])("%s is one address, as it is signed", async (path) => {
    const { args } = await sent(path, {});
    expect(args).toEqual(expect.arrayContaining(["-g", "--path-as-is", `http://sandbox${path}`]));
  });

  test("a path without its first slash does not go on with the host's name", async () => {
    expect((await sent("@evil.example/v3", {})).args).toContain("http://sandbox/@evil.example/v3");
  });
});
