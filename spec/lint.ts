// A plugin of Redocly: the rules that it does not have, and two sets of rules to extend. spec/README.md explains them.
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { parsePointer } from "../src/json-pointer.js";
import { atLeastOneOf } from "./choices.js";
import { DISPLAY_NAME, IDEMPOTENT, isSensitive, OPEN_ENUM, RESPONSE, SENSITIVE } from "./keys.js";
import { isJson, subschemas } from "./refs.js";
import { configs } from "./rulesets.js";

// A description may hold anything where the rules run, before anyone knows that it is valid.
// biome-ignore lint/suspicious/noExplicitAny: each rule looks at what it finds
type Node = any;
interface Location {
  source: { absoluteRef: string };
  child(path: (string | number)[]): Location;
  key(): Location;
}
/** What Redocly tells a rule of the node that it is at. */
interface Context {
  location: Location;
  rawNode: Node;
  type: { name: string; extensionsPrefix?: string };
  parent: Node;
  report(problem: { message: string; location: Location }): void;
  resolve(node: Node, from?: string): { node: Node; location?: Location };
}
interface Extension {
  on: string;
  want: string;
  /** Whether the value is right; a text says what is wrong. */
  fits(value: Node, node: Node, ctx: Context): boolean | string;
}

const EXTENSIONS: Record<string, Extension> = {
  [SENSITIVE]: {
    on: "Schema",
    want: "`true`, on a schema of type string; leave the key out where the field is not encrypted",
    fits: (_, schema) => isSensitive(schema) && schema.type === "string",
  },
  [RESPONSE]: {
    on: "Operation",
    want: "`unsigned`, on an operation; leave the key out where WeChat Pay signs the reply",
    fits: (value) => value === "unsigned",
  },
  [IDEMPOTENT]: {
    on: "Operation",
    want: "a JSON pointer to a required top-level field of the operation's JSON body, such as `/out_batch_no`, on the operation",
    fits: isRequiredBodyField,
  },
  [OPEN_ENUM]: {
    on: "Schema",
    want: "a list of distinct strings, on a schema of type string without `enum`",
    fits: (values, schema) =>
      schema.type === "string" &&
      schema.enum === undefined &&
      Array.isArray(values) &&
      values.length > 0 &&
      values.every((value: unknown) => typeof value === "string") &&
      new Set(values).size === values.length,
  },
};

function isRequiredBodyField(pointer: unknown, operation: Node, ctx: Context): boolean | string {
  if (typeof pointer !== "string" || !/^\/[^/]+$/.test(pointer)) return false;
  const [name = ""] = parsePointer(pointer);
  const body = follow(operation.requestBody, ctx.location.child(["requestBody"]), ctx);
  const [, media] = Object.entries<Node>(body.node?.content ?? {}).find(([type]) => isJson(type)) ?? [];
  const schema = media?.schema;
  const parts = [...allOfParts(schema, body.location, ctx)];
  const isThere = parts.some((part) => part?.properties?.[name]);
  if (isThere && parts.some((part) => part?.required?.includes(name))) return true;
  // A part that cannot be read may have it; another rule reports that part.
  if ((operation.requestBody && !body.node) || (schema && parts.includes(undefined))) return true;
  return isThere ? `\`${name}\` is optional` : `there is no \`${name}\``;
}

/** The node that a node or its $ref stands for, in whatever file; no node where the $ref leads nowhere. */
function follow(node: Node, location: Location, ctx: Context): { node: Node; location: Location } {
  if (!node?.$ref) return { node, location };
  const target = ctx.resolve(node, location.source.absoluteRef);
  return { node: target.node, location: target.location ?? location };
}

function* allOfParts(node: Node, location: Location, ctx: Context): Generator<Node> {
  const schema = follow(node, location, ctx);
  yield schema.node;
  for (const part of schema.node?.allOf ?? []) yield* allOfParts(part, schema.location, ctx);
}

const extensionsOf = (node: object) => Object.keys(node).filter((key) => key.startsWith("x-"));

/** A key that is meant for this client, or was. Others may be for another tool. */
const MEANT = /^x-(wechat|weixin|wx|extensible)/i;

const NoEncryption = {
  Schema(schema: Node, ctx: Context, { Parameter: parameter }: Record<string, Node>) {
    if (schema[SENSITIVE] === undefined || parameter?.in === "query") return;
    ctx.report({
      message:
        "`x-wechatpay-sensitive` in a header, or in a parameter that is not in the query, has no effect: the client encrypts fields of JSON bodies and texts of a query only, so this one would go out as plain text. Take the key away, and say in the description that callers encrypt the value.",
      location: ctx.location.child([SENSITIVE]).key(),
    });
  },
};

const KnownExtension = ({ noOthers = false }: { noOthers?: boolean }) => ({
  Parameter: NoEncryption,
  Header: NoEncryption,
  // Not the SpecExtension visitor: Redocly skips a value that it has seen, so only the first `true` would be reported.
  any: {
    enter(node: Node, ctx: Context) {
      if (node === null || typeof node !== "object" || Array.isArray(node)) return;
      // Maps of names (properties, headers) may hold a name that starts with x-.
      if (ctx.type.extensionsPrefix !== "x-") return;
      for (const key of extensionsOf(node)) {
        const location = ctx.location.child([key]).key();
        const known = EXTENSIONS[key];
        if (key === DISPLAY_NAME && ctx.type.name === "Tag") continue;
        if (!known) {
          if (!noOthers && !MEANT.test(key)) continue;
          const names = Object.keys(EXTENSIONS).join(", ");
          ctx.report({ message: `Nothing reads \`${key}\`. Use one of ${names}, or leave it out.`, location });
          continue;
        }
        const fits = known.on === ctx.type.name && known.fits(node[key], node, ctx);
        if (fits === true) continue;
        ctx.report({ message: `\`${key}\` must be ${known.want}${fits ? `: ${fits}` : ""}.`, location });
      }
    },
  },
  ref: {
    enter(node: Node, ctx: Context) {
      for (const key of extensionsOf(node).filter((key) => noOthers || MEANT.test(key))) {
        ctx.report({
          message: `\`${key}\` beside a $ref is lost. Move it into the file that the $ref names.`,
          location: ctx.location.child([key]).key(),
        });
      }
    },
  },
});

const BILINGUAL: Record<string, string[]> = {
  Info: ["description"],
  Server: ["description"],
  Tag: ["description"],
  SecurityScheme: ["description"],
  Operation: ["summary", "description"],
  Parameter: ["description"],
  RequestBody: ["description"],
  Response: ["description"],
  Header: ["description"],
  ExternalDocs: ["description"],
  Example: ["summary"],
};

// For these, a built-in rule reports a missing or empty text.
const PRESENCE_IS_CHECKED = new Set(["Tag", "Operation", "Parameter", "Response"]);

// A term may stand before the Chinese (SDK, token, GET /v3/…). No term has one of these words.
const ENGLISH_FIRST =
  /^[^\p{Script=Han}]*(?<!\S)(an?|the|of|to|for|in|on|by|with|from|and|or|is|are|its|your|that)\s/iu;

function checkBilingual(text: unknown, field: string, ctx: Context, location: Location): void {
  if (typeof text === "string" && /\p{Script=Han}.*[A-Za-z]{2}/su.test(text) && !ENGLISH_FIRST.test(text)) {
    checkBalance(text, ctx, location);
    return;
  }
  if (!text && PRESENCE_IS_CHECKED.has(ctx.type.name)) return;
  ctx.report({
    message: `Write a \`${field}\` here in Chinese, with the official term, and then in English.`,
    location: location.key(),
  });
}

/** Every item of a list says in Chinese what it says in English: about as many characters as words, and never less than half of it. */
function checkBalance(text: string, ctx: Context, location: Location): void {
  for (const item of text.split(/\n\s*\n|\n(?=\s*(?:-|\d+\.)\s)/).filter((part) => /^\s*(?:-|\d+\.)\s/.test(part))) {
    const prose = item.replaceAll(/`[^`]*`/g, "");
    const [characters, words] = [/\p{Script=Han}/gu, /[A-Za-z][\w'’-]*/g].map((each) => prose.match(each)?.length ?? 0);
    if ((characters ?? 0) * 2 >= (words ?? 0)) continue;
    ctx.report({
      message: `Say it in Chinese as fully as in English, in a sentence and not a label: ${item.trim().slice(0, 60)}…`,
      location: location.key(),
    });
  }
}

const FoldedLast = () => ({
  any: {
    enter({ description }: Node, ctx: Context) {
      if (typeof description !== "string" || !/<\/?details>/.test(description)) return;
      if (
        /^(?:(?!<\/?details>).)*<details>\n<summary>[^\n]+<\/summary>\n\n(?:(?!<\/?details>).)*\n\n<\/details>\s*$/s.test(
          description,
        )
      )
        return;
      ctx.report({
        message:
          "Fold once, at the end: `<details>`, a line `<summary>…</summary>`, an empty line, what the documents disagree on or leave open, an empty line, `</details>`. An editor's hover leaves it out.",
        location: ctx.location.child(["description"]).key(),
      });
    },
  },
});

const Bilingual = () => ({
  ...Object.fromEntries(
    Object.entries(BILINGUAL).map(([type, fields]) => [
      type,
      {
        enter(node: Node, ctx: Context) {
          for (const field of fields) checkBilingual(node[field], field, ctx, ctx.location.child([field]));
        },
      },
    ]),
  ),
  Schema: {
    enter(schema: Node, ctx: Context) {
      const isComponent = ctx.rawNode.$ref !== undefined;
      if (isComponent) checkBilingual(schema.description, "description", ctx, ctx.location.child(["description"]));
    },
  },
  SchemaProperties: {
    enter(properties: Record<string, Node>, ctx: Context) {
      for (const [name, property] of Object.entries(properties)) {
        // Also beside a $ref: the hover text of a property shows only its own description.
        checkBilingual(property.description, "description", ctx, ctx.location.child([name]));
      }
    },
  },
});

const AtLeastOne = () => ({
  Schema: {
    enter({ anyOf, properties }: Node, ctx: Context) {
      if (anyOf === undefined || properties === undefined || atLeastOneOf({ anyOf })) return;
      ctx.report({
        message:
          "Beside `properties`, an `anyOf` says that at least one of them is there: `- required: [one_of_the_properties]` in each branch. The types support no other `anyOf`.",
        location: ctx.location.child(["anyOf"]).key(),
      });
    },
  },
});

/** The schemas in a schema, itself among them, each once. Redocly's own nested visitors stop at the first. */
function* schemasIn(
  node: Node,
  location: Location,
  ctx: Context,
  seen = new Set<Node>(),
): Generator<{ schema: Node; location: Location }> {
  if (node?.$ref) {
    const target = ctx.resolve(node, location.source.absoluteRef);
    if (target.location) yield* schemasIn(target.node, target.location, ctx, seen);
  }
  if (node === null || typeof node !== "object" || seen.has(node)) return;
  seen.add(node);
  yield { schema: node, location };
  for (const { schema, keys } of subschemas(node)) yield* schemasIn(schema, location.child(keys), ctx, seen);
}

/** The schemas of a node's media types. */
function* bodySchemas(node: Node, location: Location, ctx: Context): ReturnType<typeof schemasIn> {
  for (const [type, media] of Object.entries<Node>(node?.content ?? {}))
    yield* schemasIn(media?.schema, location.child(["content", type, "schema"]), ctx);
}

const without = (key: string, message: string) => ({
  enter(holder: Node, ctx: Context) {
    const schemas = [
      ...bodySchemas(holder, ctx.location, ctx),
      ...schemasIn(holder.schema, ctx.location.child(["schema"]), ctx),
    ];
    for (const { schema, location } of schemas) {
      if (schema[key] !== undefined) ctx.report({ message, location: location.child([key]).key() });
    }
  },
});

const OpenReplies = () => {
  const closed = without(
    OPEN_ENUM,
    "What callers send is one of the values that WeChat Pay knows: use `enum` here. Where a reply has the same field, it needs a schema of its own.",
  );
  const open = without(
    "enum",
    "WeChat Pay may add a value to a reply at any time, and no caller must break: use `x-extensible-enum` here. Where a request has the same field, it needs a schema of its own.",
  );
  return {
    Paths: { Parameter: closed, RequestBody: closed, Response: open, Header: open },
    // What WeChat Pay sends, and what the merchant answers.
    WebhooksMap: { RequestBody: open, Response: closed },
  };
};

const ExampleByRef = () => ({
  Example: {
    enter(_example: Node, ctx: Context) {
      if (ctx.rawNode.$ref) return;
      ctx.report({
        message: "An example is written once: move it to a file in spec/components/examples/ and $ref it here.",
        location: ctx.location.key(),
      });
    },
  },
});

/** The headers of a signed reply, with the files that describe them. */
const REPLY_HEADERS = {
  "Wechatpay-Timestamp": "WechatpayTimestamp.yaml",
  "Wechatpay-Nonce": "WechatpayNonce.yaml",
  "Wechatpay-Signature": "WechatpaySignature.yaml",
  "Wechatpay-Serial": "WechatpaySerial.yaml",
  "Wechatpay-Signature-Type": "WechatpaySignatureType.yaml",
  "Request-ID": "RequestId.yaml",
};

const ReplyHeaders = () => ({
  Paths: {
    Operation: {
      enter({ responses = {}, [RESPONSE]: unsigned }: Node, ctx: Context) {
        if (unsigned !== undefined) return;
        for (const status of Object.keys(responses).filter((code) => code.startsWith("2"))) {
          const { node, location } = follow(responses[status], ctx.location.child(["responses", status]), ctx);
          if (node?.content === undefined) continue;
          const missing = Object.entries(REPLY_HEADERS).filter(([name]) => node.headers?.[name] === undefined);
          if (missing.length === 0) continue;
          const refs = missing.map(([name, file]) => `${name}: ${file}`).join(", ");
          ctx.report({
            message: `WeChat Pay signs this reply: $ref its headers from spec/components/headers/ (${refs}). Where a reply is documented as unsigned, as a download is, the operation says \`x-wechatpay-response: unsigned\`.`,
            location: location.child(["headers"]).key(),
          });
        }
      },
    },
  },
});

const EncryptionSerial = () => ({
  Paths: {
    Operation: {
      enter(operation: Node, ctx: Context) {
        const body = follow(operation.requestBody, ctx.location.child(["requestBody"]), ctx);
        const given = [...(ctx.parent.parameters ?? []), ...(operation.parameters ?? [])];
        const parameters = given.map((parameter) => follow(parameter, ctx.location, ctx));
        const inQuery = parameters.filter(({ node }) => node?.in === "query");
        const schemas = [
          ...bodySchemas(body.node, body.location, ctx),
          ...inQuery.flatMap(({ node, location }) => [...schemasIn(node.schema, location.child(["schema"]), ctx)]),
        ];
        if (!schemas.some(({ schema }) => isSensitive(schema))) return;
        // Where all of them may be left out, so may the header.
        const isNeeded =
          inQuery.some(({ node }) => node.required && isSensitive(node.schema ?? {})) ||
          schemas.some(({ schema: { required, properties }, location }) =>
            [required ?? []].flat().some((name) => isSensitive(follow(properties?.[name], location, ctx).node ?? {})),
          );
        const names = ({ node }: (typeof parameters)[number]) =>
          node.name === "Wechatpay-Serial" && (node.required || !isNeeded);
        // A parameter that cannot be read may be the one; another rule reports it.
        if (parameters.some((one) => !one.node || names(one))) return;
        ctx.report({
          message:
            "Fields of this request are encrypted, so it must name the key: $ref spec/components/parameters/WechatpaySerialOfEncryption.yaml of wechatpay-openapi-fetch in `parameters`, instead of WechatpaySerial.yaml.",
          location: ctx.location.child(["parameters"]).key(),
        });
      },
    },
  },
});

const Notification = () => ({
  WebhooksMap: {
    Operation: {
      enter(operation: Node, ctx: Context) {
        for (const key of [RESPONSE, IDEMPOTENT].filter((key) => operation[key] !== undefined)) {
          ctx.report({
            message: `\`${key}\` says how an operation is called, and a notification is not called: leave it out.`,
            location: ctx.location.child([key]).key(),
          });
        }
        if (operation.security?.length === 0) return;
        ctx.report({
          message:
            "A notification is signed by WeChat Pay, not by the merchant: write `security: []`, or the docs ask for an Authorization header.",
          location: ctx.location.child(["security"]).key(),
        });
      },
    },
    RequestBody: without(
      SENSITIVE,
      "The receiver of notifications has no private key and decrypts no fields: take `x-wechatpay-sensitive` away, and say in the description that callers decrypt the value.",
    ),
  },
});

const NoOrphanFile = ({ shared = [] }: { shared?: string[] }) => {
  const reached = new Set<string>();
  let isAllRead = true;
  return {
    ref: {
      enter(_node: Node, _ctx: Context, target: { node: Node }) {
        if (target.node === undefined) isAllRead = false;
      },
    },
    any: {
      enter(_node: Node, ctx: Context) {
        reached.add(ctx.location.source.absoluteRef);
      },
    },
    Root: {
      leave(_root: Node, ctx: Context) {
        // The reference may stand in a file that could not be read.
        if (!isAllRead) return;
        const folder = dirname(ctx.location.source.absoluteRef);
        const all = readdirSync(folder, { recursive: true, encoding: "utf8" });
        // A folder with an openapi.yaml of its own is another family, which has its own run.
        const families = all.flatMap((file) => /^.+[\\/](?=openapi\.yaml$)/.exec(file) ?? []);
        const files = all.filter(
          (file) => file.endsWith(".yaml") && !families.some((family) => file.startsWith(family)),
        );
        for (const file of files.sort()) {
          if (reached.has(join(folder, file)) || shared.includes(file)) continue;
          ctx.report({
            message: `Nothing refers to ${file}, so no rule reads it. Refer to it by $ref, or delete it.`,
            location: ctx.location.child(["openapi"]).key(),
          });
        }
      },
    },
  };
};

export default function wechatpay() {
  return {
    id: "wechatpay",
    configs,
    rules: {
      oas3: {
        "known-extension": KnownExtension,
        bilingual: Bilingual,
        "folded-last": FoldedLast,
        "at-least-one": AtLeastOne,
        "open-replies": OpenReplies,
        "reply-headers": ReplyHeaders,
        "encryption-serial": EncryptionSerial,
        notification: Notification,
        "example-by-ref": ExampleByRef,
        "no-orphan-file": NoOrphanFile,
      },
    },
  };
}
