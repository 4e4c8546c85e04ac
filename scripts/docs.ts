/**
 * spec → one HTML page that opens without a network.
 *
 *   npm run docs                                        writes docs/index.html
 *   npm run docs -- --output my/page.html               writes elsewhere
 *   npm run docs -- --spec my.yaml --output my.html     does the same for a spec of your own
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { IDEMPOTENT, isSensitive, isUnsigned, OPEN_ENUM, sensitiveFields } from "../spec/keys.js";
import { type Json, METHODS, resolver } from "../spec/refs.js";
import { parsePointer } from "../src/json-pointer.js";
import { codeSamples, FORMS } from "./code-samples.js";
import { bundle, redocly } from "./redocly.js";

const { output, spec } = parseArgs({
  options: {
    output: { type: "string", default: "docs/index.html" },
    spec: { type: "string", default: "spec/openapi.yaml" },
  },
}).values;

const folder = await mkdtemp(join(tmpdir(), "docs-"));
try {
  const file = join(folder, "openapi.json");
  const document = await bundle<Json>(spec);
  // What the page says beside the description, where there is such a text.
  const guide = await readFile(join(dirname(spec), "guide.md"), "utf8").catch(() => "");
  decorate(document, guide);
  await writeFile(file, JSON.stringify(document));

  const languages = [...FORMS, { lang: "payload", label: "Payload" }];
  const options = { codeSamples: { languages }, jsonSamplesExpandLevel: "all", schemasExpansionLevel: "all" };
  await redocly("build-docs", file, "--output", output, "--inlineBundle", "--openapi", JSON.stringify(options));
} finally {
  await rm(folder, { recursive: true });
}

// What must change in Redoc's page, and the text that stands for it there.
const CHANGES: [what: string, found: string | RegExp, put: string][] = [
  ["the language", '<html lang="en">', '<html lang="zh-CN">'],
  // Asked of a CDN by its script, beside the words "API docs by".
  [
    "the logo",
    /https:\/\/cdn\.redoc\.ly\/[\w/-]+\.svg/g,
    "data:image/svg+xml,<svg xmlns=%22http://www.w3.org/2000/svg%22 width=%2250%22 height=%2216%22><text y=%2212%22 font-size=%2212%22 font-family=%22sans-serif%22>Redoc</text></svg>",
  ],
  // It finds words by how they begin, and Chinese has no spaces between them. Longer "words" are keys and ciphertexts.
  ["the search", "tokenize:`forward`,context:", "tokenize:`full`,encoder:{maxlength:64},context:"],
  // Of a form it shows the first sample, whichever example is chosen. Ours come in the order of the examples.
  [
    "the code samples",
    /(=[\w$]+\?\.\[([\w$]+)\],.{0,200}?let ([\w$]+)=[\w$]+\?\.)find(\([\w$]+=>[\w$]+\([\w$]+\)===[\w$]+\);return )\3\?\3(\.source:.{0,100}?\},\[)/g,
    "$1filter$4$3?.length?($3[$2]??$3[0])$5$2,",
  ],
];

let page = await readFile(output, "utf8");
for (const [what, found, put] of CHANGES) {
  const before = page;
  page = page.replaceAll(found, put);
  if (page === before) throw new Error(`Redoc has ${what} elsewhere now: look at the page with the network off.`);
}
await writeFile(output, page);
console.log(`${output} (${Math.round(Buffer.byteLength(page) / 1024)} KiB)`);

/** Says in words and in code what the document says by our keys and by examples. */
function decorate(document: Json, guide: string): void {
  const resolve = resolver(document);
  const routes = new Map<string, string>();

  for (const [path, item] of Object.entries(document.paths as Record<string, Json>)) {
    for (const method of METHODS.filter((method) => method in item)) {
      const operation = item[method] as Json;
      const { operationId, tags: [tag = ""] = [] } = operation as { operationId: string; tags?: string[] };
      routes.set(operationId, `#/${[tag, operationId].map(slug).join("/")}`);
      const marks = marksOf(operation);
      operation.description = [operation.description, ...marks].filter(Boolean).join("\n\n");
      const parameters = [item.parameters ?? [], operation.parameters ?? []].flat();
      operation["x-codeSamples"] = initsOf(operationId, parameters, operation.requestBody).flatMap((given) => {
        const init = { ...given, ...readAs(operation) };
        return codeSamples({ method, path, ...(Object.keys(init).length > 0 && { init }) });
      });
    }
  }
  describe(document);

  const info = document.info as Json;
  const linked = guide.replace(/\]\(#operation\/(\w+)\)/g, (_, operationId: string) => {
    const route = routes.get(operationId);
    if (route === undefined) throw new Error(`guide.md links to the operation ${operationId}, which the spec has not.`);
    return `](${route})`;
  });
  // The way through comes before the rules.
  const [opening, ...rules] = String(info.description ?? "").split(/^(?=## )/m);
  info.description = [opening, linked, rules.join("")].filter(Boolean).join("\n\n");

  function jsonOf(body: unknown): { schema?: Json; examples?: Json } {
    return ((resolve(body).content ?? {}) as Json)["application/json"] ?? {};
  }

  function marksOf(operation: Json): string[] {
    const encrypted = [
      ["请求 request", [operation.requestBody]],
      ["应答 reply", goodReplies(operation)],
    ].flatMap(([where, bodies]) => {
      const fields = sensitiveFields({ anyOf: (bodies as unknown[]).map((body) => jsonOf(body).schema) }, resolve);
      return fields.length > 0 ? [`${where} ${fields.map((field) => `\`${field}\``).join(" ")}`] : [];
    });
    const number = parsePointer(String(operation[IDEMPOTENT] ?? "")).join(".");
    return [
      // Redoc does not show the description of a body's own schema.
      choiceOf(resolve(jsonOf(operation.requestBody).schema)),
      encrypted.length > 0 &&
        `🔒 **加密字段 Encrypted fields**: ${encrypted.join("；")}。客户端自动加解密，收发均为明文。The client encrypts and decrypts them: give and get plain text.`,
      number !== "" &&
        `🔁 **可重复调用 May be repeated**: 以同一 \`${number}\` 和相同的参数重复调用无害，失败后客户端会自动重试。With the same \`${number}\` and the same parameters another call does no harm: the client repeats it after a failure.`,
      isUnsigned(operation) &&
        "🔓 **应答无签名 Unsigned reply**: 成功应答不带签名，客户端不验签。A good reply carries no signature, and the client asks for none.",
    ].filter((mark) => typeof mark === "string");
  }

  /** What the client is given for each example of the body, beside every parameter's. It sees to headers itself. */
  function initsOf(operationId: string, parameters: unknown[], requestBody: unknown): object[] {
    const params: Record<string, Json> = {};
    for (const { in: place, name, required, schema, ...parameter } of parameters.map(resolve) as Json[]) {
      if (place !== "path" && place !== "query") continue;
      const value = parameter.example ?? valuesOf(parameter.examples)[0] ?? resolve(schema).example;
      if (value !== undefined) params[place] = { ...params[place], [name as string]: value };
      else if (required) throw new Error(`${operationId} needs an example of its parameter ${name}.`);
    }
    const bodies = valuesOf(jsonOf(requestBody).examples);
    if (bodies.length === 0 && resolve(requestBody).required)
      throw new Error(`${operationId} needs an example of its request body.`);
    const init = Object.keys(params).length > 0 ? { params } : {};
    return bodies.length > 0 ? bodies.map((body) => ({ ...init, body })) : [init];
  }

  /** A file's call says how it is read. */
  function readAs(operation: Json): { parseAs?: "text" } {
    const types = goodReplies(operation).flatMap((reply) => Object.keys(resolve(reply).content ?? {}));
    return types.length > 0 && !types.includes("application/json") ? { parseAs: "text" } : {};
  }

  function goodReplies(operation: Json): unknown[] {
    const replies = Object.entries(operation.responses as Json);
    return replies.flatMap(([status, reply]) => (status.startsWith("2") ? [reply] : []));
  }

  /** Links descriptions to the operations that they name, and says what Redoc leaves out or shows badly. */
  function describe(node: unknown): void {
    if (typeof node !== "object" || node === null) return;
    for (const inner of Object.values(node)) describe(inner);
    if ("description" in node && typeof node.description === "string") {
      node.description = node.description.replace(/(?<!\[)`(\w+)`/g, (code, name: string) =>
        routes.has(name) ? `[${code}](${routes.get(name)})` : code,
      );
    }
    const schema = node as Json;
    // A description beside a $ref takes the place of the target's own, and of what is said there.
    const marked = "$ref" in schema && "description" in schema ? resolve(schema) : schema;
    const say = (text: string) => {
      schema.description = [schema.description, text].filter(Boolean).join("\n\n");
    };
    if (isSensitive(marked))
      say("🔒 加密字段：由客户端加解密，请使用明文。Encrypted on the wire by the client: use plain text.");
    const choice = choiceOf(schema);
    if (choice !== undefined) {
      delete schema.anyOf;
      say(choice);
    }
    const values = marked[OPEN_ENUM];
    if (Array.isArray(values)) {
      schema.enum = values;
      say("以下为已知取值，今后可能增加。The values known today; others may come.");
    }
  }

  function valuesOf(examples: unknown): unknown[] {
    const values = Object.values((examples ?? {}) as Json).map((example) => resolve(example).value);
    return values.filter((value) => value !== undefined);
  }
}

/** "At least one of several fields", which Redoc shows as a choice between nameless objects. */
function choiceOf({ anyOf }: Json): string | undefined {
  const branches = (anyOf ?? []) as { required?: string[] }[];
  if (branches.length === 0) return undefined;
  if (!branches.every((branch) => branch.required?.length === 1 && Object.keys(branch).length === 1)) return undefined;
  const fields = branches.map(({ required }) => `\`${required}\``).join(" ");
  return `☝️ **至少填一项 At least one of**: ${fields}`;
}

/** A name as it stands in the addresses of Redoc's pages. */
function slug(name: string): string {
  return name.toLowerCase().replaceAll(/\s+/g, "-");
}
