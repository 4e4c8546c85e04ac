// @ts-check
// What Redocly's own rules cannot say. Registered in redocly.yaml, explained in spec/README.md.
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * @typedef {{ source: { absoluteRef: string }, child(path: (string | number)[]): Location, key(): Location }} Location
 * @typedef {{
 *   location: Location,
 *   rawNode: any,
 *   type: { name: string, extensionsPrefix?: string },
 *   parent: any,
 *   report(problem: { message: string, location: Location }): void,
 *   resolve(node: any, from?: string): { node: any, location?: Location },
 * }} Context
 * @typedef {{ on: string, want: string, fits(value: any, node: any, ctx: Context): boolean | string }} Extension `fits` may say what is wrong.
 */

/** @type {Record<string, Extension>} */
const EXTENSIONS = {
  "x-wechatpay-sensitive": {
    on: "Schema",
    want: "`true`, on a schema of type string; leave the key out where the field is not encrypted",
    fits: (value, schema) => value === true && schema.type === "string",
  },
  "x-wechatpay-response": {
    on: "Operation",
    want: "`unsigned`, on an operation; leave the key out where WeChat Pay signs the reply",
    fits: (value) => value === "unsigned",
  },
  "x-wechatpay-idempotent": {
    on: "Operation",
    want: "a JSON pointer to a required top-level field of the operation's JSON body, such as `/out_batch_no`, on the operation",
    fits: isRequiredBodyField,
  },
  "x-extensible-enum": {
    on: "Schema",
    want: "a list of distinct strings, on a schema of type string without `enum`",
    fits: (values, schema) =>
      schema.type === "string" &&
      schema.enum === undefined &&
      Array.isArray(values) &&
      values.length > 0 &&
      values.every((value) => typeof value === "string") &&
      new Set(values).size === values.length,
  },
};

/** @type {Extension["fits"]} */
function isRequiredBodyField(pointer, operation, ctx) {
  if (typeof pointer !== "string" || !/^\/[^/]+$/.test(pointer)) return false;
  const name = pointer.slice(1).replaceAll("~1", "/").replaceAll("~0", "~");
  const body = follow(operation.requestBody, ctx.location.child(["requestBody"]), ctx);
  const schema = body.node?.content?.["application/json"]?.schema;
  const parts = [...allOfParts(schema, body.location, ctx)];
  const isThere = parts.some((part) => part?.properties?.[name]);
  if (isThere && parts.some((part) => part?.required?.includes(name))) return true;
  // What cannot be read may have it, and another rule names that.
  if ((operation.requestBody && !body.node) || (schema && parts.includes(undefined))) return true;
  return isThere ? `\`${name}\` is optional` : `there is no \`${name}\``;
}

/**
 * What a node, or its $ref, stands for; no node where the $ref leads nowhere.
 * @param {any} node
 * @param {Location} location
 * @param {Context} ctx
 * @returns {{ node: any, location: Location }}
 */
function follow(node, location, ctx) {
  if (!node?.$ref) return { node, location };
  const target = ctx.resolve(node, location.source.absoluteRef);
  return { node: target.node, location: target.location ?? location };
}

/**
 * @param {any} node
 * @param {Location} location
 * @param {Context} ctx
 * @returns {Generator<any>}
 */
function* allOfParts(node, location, ctx) {
  const schema = follow(node, location, ctx);
  yield schema.node;
  for (const part of schema.node?.allOf ?? []) yield* allOfParts(part, schema.location, ctx);
}

/** @param {any} node */
const extensionsOf = (node) => Object.keys(node).filter((key) => key.startsWith("x-"));

const NoEncryption = {
  /** @param {any} schema @param {Context} ctx */
  Schema(schema, ctx) {
    if (schema["x-wechatpay-sensitive"] === undefined) return;
    ctx.report({
      message:
        "`x-wechatpay-sensitive` in a parameter or a header has no effect: the client encrypts fields of JSON bodies only, so this one would go out as plain text. Take the key away, and say in the description that callers encrypt the value.",
      location: ctx.location.child(["x-wechatpay-sensitive"]).key(),
    });
  },
};

const KnownExtension = () => ({
  Parameter: NoEncryption,
  Header: NoEncryption,
  // Not the SpecExtension visitor: the walker skips a value it has seen, so it would report only the first `true`.
  any: {
    /** @param {any} node @param {Context} ctx */
    enter(node, ctx) {
      if (node === null || typeof node !== "object" || Array.isArray(node)) return;
      // Maps of names (properties, headers) may hold a name that starts with x-.
      if (ctx.type.extensionsPrefix !== "x-") return;
      for (const key of extensionsOf(node)) {
        const location = ctx.location.child([key]).key();
        const known = EXTENSIONS[key];
        if (!known) {
          const names = Object.keys(EXTENSIONS).join(", ");
          ctx.report({
            message: `\`${key}\` is not a key of this project, so nothing would read it. Use one of ${names}, or teach it to spec/lint.js and spec/README.md.`,
            location,
          });
          continue;
        }
        const fits = known.on === ctx.type.name && known.fits(node[key], node, ctx);
        if (fits === true) continue;
        ctx.report({ message: `\`${key}\` must be ${known.want}${fits ? `: ${fits}` : ""}.`, location });
      }
    },
  },
  ref: {
    /** @param {any} node @param {Context} ctx */
    enter(node, ctx) {
      for (const key of extensionsOf(node)) {
        ctx.report({
          message: `\`${key}\` beside a $ref is lost. Move it into the file that the $ref names.`,
          location: ctx.location.child([key]).key(),
        });
      }
    },
  },
});

/** @type {Record<string, string[]>} */
const BILINGUAL = {
  Info: ["description"],
  Server: ["description"],
  Tag: ["description"],
  SecurityScheme: ["description"],
  Operation: ["summary", "description"],
  Parameter: ["description"],
  RequestBody: ["description"],
  Response: ["description"],
  Header: ["description"],
  Example: ["summary"],
};

// Where the text is missing or empty here, a built-in rule says so already.
const PRESENCE_IS_CHECKED = new Set(["Tag", "Operation", "Parameter", "Response"]);

// A term may stand before the Chinese (SDK, token, GET /v3/…), and no term has one of these words.
const ENGLISH_FIRST =
  /^[^\p{Script=Han}]*(?<!\S)(an?|the|of|to|for|in|on|by|with|from|and|or|is|are|its|your|that)\s/iu;

/**
 * @param {unknown} text
 * @param {string} field
 * @param {Context} ctx
 * @param {Location} location
 */
function checkBilingual(text, field, ctx, location) {
  if (typeof text === "string" && /\p{Script=Han}.*[A-Za-z]{2}/su.test(text) && !ENGLISH_FIRST.test(text)) return;
  if (!text && PRESENCE_IS_CHECKED.has(ctx.type.name)) return;
  ctx.report({
    message: `Write a \`${field}\` here in Chinese, with the official term, and then in English.`,
    location: location.key(),
  });
}

const Bilingual = () => ({
  ...Object.fromEntries(
    Object.entries(BILINGUAL).map(([type, fields]) => [
      type,
      {
        /** @param {any} node @param {Context} ctx */
        enter(node, ctx) {
          for (const field of fields) checkBilingual(node[field], field, ctx, ctx.location.child([field]));
        },
      },
    ]),
  ),
  Schema: {
    /** @param {any} schema @param {Context} ctx */
    enter(schema, ctx) {
      const isComponent = ctx.rawNode.$ref !== undefined;
      if (isComponent) checkBilingual(schema.description, "description", ctx, ctx.location.child(["description"]));
    },
  },
  SchemaProperties: {
    /** @param {Record<string, any>} properties @param {Context} ctx */
    enter(properties, ctx) {
      for (const [name, property] of Object.entries(properties)) {
        // Also beside a $ref: the hover text of a property shows no other description than its own.
        checkBilingual(property.description, "description", ctx, ctx.location.child([name]));
      }
    },
  },
});

const AtLeastOne = () => ({
  Schema: {
    /** @param {any} schema @param {Context} ctx */
    enter({ anyOf, properties }, ctx) {
      if (anyOf === undefined || properties === undefined) return;
      const fits = anyOf.every(
        /** @param {any} branch */
        (branch) => Object.keys(branch).join() === "required" && branch.required.length === 1,
      );
      if (fits) return;
      ctx.report({
        message:
          "Beside `properties`, an `anyOf` says that at least one of them is there: `- required: [one_of_the_properties]` in each branch. The types know no other.",
        location: ctx.location.child(["anyOf"]).key(),
      });
    },
  },
});

/**
 * The schemas in a schema, itself among them, each once. Redocly's own nested visitors stop at the first.
 * @param {any} node
 * @param {Location} location
 * @param {Context} ctx
 * @param {Set<any>} seen
 * @returns {Generator<{ schema: any, location: Location }>}
 */
function* schemasIn(node, location, ctx, seen = new Set()) {
  if (node?.$ref) {
    const target = ctx.resolve(node, location.source.absoluteRef);
    if (target.location) yield* schemasIn(target.node, target.location, ctx, seen);
  }
  if (node === null || typeof node !== "object" || seen.has(node)) return;
  seen.add(node);
  yield { schema: node, location };
  for (const key of ["items", "additionalProperties"]) {
    yield* schemasIn(node[key], location.child([key]), ctx, seen);
  }
  for (const key of ["properties", "patternProperties", "prefixItems", "allOf", "anyOf", "oneOf"]) {
    for (const name of Object.keys(node[key] ?? {})) {
      yield* schemasIn(node[key][name], location.child([key, name]), ctx, seen);
    }
  }
}

/** @param {string} key @param {string} message */
const without = (key, message) => ({
  /** @param {any} holder @param {Context} ctx */
  enter(holder, ctx) {
    const schemas = Object.entries(holder.content ?? {}).map(
      ([type, { schema }]) => /** @type {const} */ ([schema, ctx.location.child(["content", type, "schema"])]),
    );
    for (const [root, at] of [...schemas, /** @type {const} */ ([holder.schema, ctx.location.child(["schema"])])]) {
      for (const { schema, location } of schemasIn(root, at, ctx)) {
        if (schema[key] !== undefined) ctx.report({ message, location: location.child([key]).key() });
      }
    }
  },
});

const OpenReplies = () => {
  const closed = without(
    "x-extensible-enum",
    "What callers send is one of the values that WeChat Pay knows: use `enum` here. Where a reply has the same field, it needs a schema of its own.",
  );
  const open = without(
    "enum",
    "WeChat Pay may add a value to a reply at any time, and no caller must break: use `x-extensible-enum` here. Where a request has the same field, it needs a schema of its own.",
  );
  return { Parameter: closed, RequestBody: closed, Response: open, Header: open };
};

const ExampleByRef = () => ({
  Example: {
    /** @param {any} _example @param {Context} ctx */
    enter(_example, ctx) {
      if (ctx.rawNode.$ref) return;
      ctx.report({
        message: "An example is written once: move it to a file in spec/components/examples/ and $ref it here.",
        location: ctx.location.key(),
      });
    },
  },
});

/** What every signed reply carries, with the files that describe it. */
const REPLY_HEADERS = {
  "Wechatpay-Timestamp": "WechatpayTimestamp.yaml",
  "Wechatpay-Nonce": "WechatpayNonce.yaml",
  "Wechatpay-Signature": "WechatpaySignature.yaml",
  "Wechatpay-Serial": "WechatpaySerial.yaml",
  "Wechatpay-Signature-Type": "WechatpaySignatureType.yaml",
  "Request-ID": "RequestId.yaml",
};

const ReplyHeaders = () => ({
  Operation: {
    /** @param {any} operation @param {Context} ctx */
    enter({ responses = {}, "x-wechatpay-response": unsigned }, ctx) {
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
});

const EncryptionSerial = () => ({
  Operation: {
    /** @param {any} operation @param {Context} ctx */
    enter(operation, ctx) {
      const body = follow(operation.requestBody, ctx.location.child(["requestBody"]), ctx);
      const schemas = Object.entries(body.node?.content ?? {}).flatMap(([type, { schema }]) => [
        ...schemasIn(schema, body.location.child(["content", type, "schema"]), ctx),
      ]);
      if (!schemas.some(({ schema }) => schema["x-wechatpay-sensitive"] === true)) return;
      const parameters = [...(ctx.parent.parameters ?? []), ...(operation.parameters ?? [])].map(
        (parameter) => follow(parameter, ctx.location, ctx).node,
      );
      // What cannot be read may be it, and another rule names that.
      if (parameters.some((one) => one === undefined || (one.name === "Wechatpay-Serial" && one.required))) return;
      ctx.report({
        message:
          "Fields of this request are encrypted, so it must name the key: $ref spec/components/parameters/WechatpaySerialOfEncryption.yaml in `parameters`, in the place of WechatpaySerial.yaml.",
        location: ctx.location.child(["parameters"]).key(),
      });
    },
  },
});

const NoOrphanFile = () => {
  /** @type {Set<string>} */
  const reached = new Set();
  let isAllRead = true;
  return {
    ref: {
      /** @param {any} _node @param {Context} _ctx @param {{ node: any }} target */
      enter(_node, _ctx, target) {
        if (target.node === undefined) isAllRead = false;
      },
    },
    any: {
      /** @param {any} _node @param {Context} ctx */
      enter(_node, ctx) {
        reached.add(ctx.location.source.absoluteRef);
      },
    },
    Root: {
      /** @param {any} _root @param {Context} ctx */
      leave(_root, ctx) {
        // Below a file that cannot be read, there may be the one reference.
        if (!isAllRead) return;
        const folder = dirname(ctx.location.source.absoluteRef);
        const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
          file.endsWith(".yaml"),
        );
        for (const file of files.sort()) {
          if (reached.has(join(folder, file))) continue;
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
    rules: {
      oas3: {
        "known-extension": KnownExtension,
        bilingual: Bilingual,
        "at-least-one": AtLeastOne,
        "open-replies": OpenReplies,
        "reply-headers": ReplyHeaders,
        "encryption-serial": EncryptionSerial,
        "example-by-ref": ExampleByRef,
        "no-orphan-file": NoOrphanFile,
      },
    },
  };
}
