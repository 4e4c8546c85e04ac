// Adds to a description what the page shows and Redoc does not: our keys in words, samples in code, links to operations.
import { atLeastOneOf } from "../../spec/choices.js";
import { IDEMPOTENT, isSensitive, isUnsigned, OPEN_ENUM, sensitiveFields } from "../../spec/keys.js";
import { goodReplies, type Json, operationsOf, type Resolve, resolver } from "../../spec/refs.js";
import { parsePointer } from "../../src/json-pointer.js";
import { chainPlaces } from "../generate/places.js";
import { filledIn } from "../generate/uploads.js";
import { receivingCode } from "./code-samples.js";
import { jsonOf, type PageOperation, samplesOf } from "./samples.js";

/** The addresses of the operations on the page, by operationId. */
type Routes = ReadonlyMap<string, string>;

/**
 * Changes the document into the one that the page shows.
 * @param guide Markdown that is shown between the description's first part and its headings; it links to an operation by
 * `#operation/<operationId>`
 */
export function decorate(document: Json, guide: string): void {
  const resolve = resolver(document);
  const operations: PageOperation[] = operationsOf(document);
  const notifications: PageOperation[] = operationsOf({ paths: document.webhooks });
  const routes = new Map(
    // A notification may have no name.
    [...operations, ...notifications].flatMap(({ operation }) =>
      operation.operationId === undefined ? [] : [[operation.operationId, routeOf(operation)] as const],
    ),
  );
  const { places } = chainPlaces(operations);
  for (const each of operations) {
    const { operation } = each;
    operation.description = withMore(operation.description, ...marksOf(operation, resolve));
    operation["x-codeSamples"] = samplesOf(each, places.get(each), resolve);
  }
  for (const { path: eventType, operation } of notifications) {
    // Redoc shows no code samples of a notification.
    const code = `\`\`\`typescript\n${receivingCode(eventType)}\`\`\``;
    operation.description = withMore(operation.description, RECEIVED, code, ...marksOf(operation, resolve));
  }
  describe(document, routes, resolve);
  const info = document.info as Json;
  // The steps of the flow come before the rules.
  const [opening, ...rules] = String(info.description ?? "").split(/^(?=## )/m);
  info.description = paragraphs(opening, languagesApart(linkGuide(guide, routes)), rules.join(""));
}

const RECEIVED =
  "🔔 **通知 Notification**: 微信支付对其签名，并以 APIv3密钥 加密 `resource`；此处为 `createNotificationReceiver` 验签、解密之后的样子。WeChat Pay signs it, and encrypts `resource` with the APIv3 key: shown as `createNotificationReceiver` gives it.";

/** The address that Redoc gives to an operation. */
function routeOf({ operationId, tags: [tag = ""] = [] }: Json & { operationId: string; tags?: string[] }): string {
  return `#/${[tag, operationId].map((name) => name.toLowerCase().replaceAll(/\s+/g, "-")).join("/")}`;
}

/** What our keys say about an operation, in words. */
function marksOf(operation: Json, resolve: Resolve): string[] {
  const encrypted = [
    { where: "请求 request", bodies: [operation.requestBody] },
    { where: "应答 response", bodies: goodReplies(operation) },
  ].flatMap(({ where, bodies }) => {
    const fields = sensitiveFields({ anyOf: bodies.map((body) => jsonOf(body, resolve).schema) }, resolve);
    return fields.length > 0 ? [`${where} ${fields.map((field) => `\`${field}\``).join(" ")}`] : [];
  });
  const number = parsePointer(String(operation[IDEMPOTENT] ?? "")).join(".");
  const { url, description = url } = (operation.externalDocs ?? {}) as { url?: string; description?: string };
  const marks = [
    // Redoc does not show the description of a body's own schema.
    choiceOf(resolve(jsonOf(operation.requestBody, resolve).schema)),
    encrypted.length > 0 &&
      `🔒 **加密字段 Encrypted fields**: ${encrypted.join("；")}。客户端自动加解密，收发均为明文。The client encrypts and decrypts them: give and get plain text.`,
    number !== "" &&
      `🔁 **可重复调用 May be repeated**: 以同一 \`${number}\` 和相同的参数重复调用无害，失败后客户端会自动重试。With the same \`${number}\` and the same parameters another call does no harm: the client repeats it after a failure.`,
    uploadOf(operation, resolve),
    isUnsigned(operation) &&
      "🔓 **应答无签名 Unsigned response**: 成功应答不带签名，客户端不验签。A good response carries no signature, and the client asks for none.",
    // Redoc leaves the official page of an operation out.
    url !== undefined && `📖 [${description}](${url})`,
  ];
  return marks.filter((mark) => typeof mark === "string");
}

/** What the client does with an upload. */
function uploadOf({ requestBody }: Json, resolve: Resolve): string | undefined {
  const fields = filledIn(requestBody, resolve);
  if (fields === undefined) return undefined;
  const names = fields.map((field) => `\`${field}\``).join(" ");
  return names === ""
    ? "📎 **上传文件 Upload**: 客户端生成表单，只签名 `meta`。The client makes the form, and signs `meta` alone."
    : `📎 **上传文件 Upload**: 客户端生成表单，只签名 \`meta\`，未填的 ${names} 由客户端按文件填写。The client makes the form, signs \`meta\` alone, and fills in ${names} from the file where they are left out.`;
}

/** Links every description below a node to the operations that it names, and adds to it what Redoc leaves out or shows badly. */
function describe(node: unknown, routes: Routes, resolve: Resolve): void {
  if (typeof node !== "object" || node === null) return;
  for (const inner of Object.values(node)) describe(inner, routes, resolve);
  const schema = node as Json;
  if (typeof schema.description === "string")
    schema.description = linkNames(languagesApart(schema.description), routes);
  // A description beside a $ref replaces the target's, with everything that is added there.
  const marked = "$ref" in schema && "description" in schema ? resolve(schema) : schema;
  const say = (text: string) => {
    schema.description = withMore(schema.description, text);
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

/** Redoc shows "at least one of these fields" as a choice between objects without a name. */
function choiceOf(schema: Json): string | undefined {
  const fields = atLeastOneOf(schema);
  return fields && `☝️ **至少填一项 At least one of**: ${fields.map((field) => `\`${field}\``).join(" ")}`;
}

/** English starts on a line of its own, below its Chinese; and Chinese that goes on in another line has no blank between. */
function languagesApart(text: string): string {
  return text
    .replaceAll(/(?<=[\p{Script=Han}。；：，、）])\n *(?=\p{Script=Han})/gu, "")
    .replaceAll(/(?<=[。；：！？）])\n(?= *[\w`*[(])/g, "\\\n");
}

function linkNames(text: string, routes: Routes): string {
  return text.replace(/(?<!\[)`(\w+)`/g, (code, name: string) =>
    routes.has(name) ? `[${code}](${routes.get(name)})` : code,
  );
}

function linkGuide(guide: string, routes: Routes): string {
  return guide.replace(/\]\(#operation\/(\w+)\)/g, (_, operationId: string) => {
    const route = routes.get(operationId);
    if (route === undefined)
      throw new Error(`guide.md links to the operation ${operationId}, which the spec does not have.`);
    return `](${route})`;
  });
}

/** What a description says beside, before its folded end. */
function withMore(description: unknown, ...texts: string[]): string {
  const [said, ...folded] = String(description ?? "").split(/^(?=<details>)/m);
  return paragraphs(said?.trim(), ...texts, ...folded);
}

function paragraphs(...texts: unknown[]): string {
  return texts.filter(Boolean).join("\n\n");
}
