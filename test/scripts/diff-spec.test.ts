import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compare } from "../../scripts/diff/compare.js";
import type { Change } from "../../scripts/diff/walk.js";
import { inShort, spelledOut } from "../../spec/choices.js";

// biome-ignore lint/suspicious/noExplicitAny: a document is changed in any place
type Any = any;

/** An order that is placed, and shown: `Order` is in the request and in the reply. */
function orders(): Any {
  const json = (schema: object) => ({ content: { "application/json": { schema } } });
  const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
  return {
    openapi: "3.1.0",
    info: { title: "Orders", version: "1.0.0" },
    servers: [{ url: "https://a.example" }, { url: "https://b.example" }],
    security: [{ signature: [] }],
    tags: [{ name: "Orders", description: "What was ordered" }],
    paths: {
      "/v3/orders/{no}": {
        parameters: [{ name: "no", in: "path", required: true, schema: { type: "string" } }],
        post: {
          operationId: "placeOrder",
          summary: "Place an order",
          "x-wechatpay-idempotent": "/name",
          parameters: [{ name: "lang", in: "query", required: false, schema: { type: "string", default: "zh" } }],
          requestBody: { required: true, ...json(ref("Order")) },
          responses: {
            200: { headers: { "Request-ID": { required: true, schema: { type: "string" } } }, ...json(ref("Order")) },
            400: json(ref("Error")),
            500: json(ref("Error")),
          },
        },
        get: {
          operationId: "getOrder",
          responses: { 200: json(ref("Reply")), 400: json(ref("Error")), 500: json(ref("Error")) },
        },
      },
    },
    components: {
      securitySchemes: { signature: { type: "http", scheme: "WECHATPAY2-SHA256-RSA2048" } },
      schemas: {
        Order: {
          type: "object",
          required: ["name"],
          anyOf: [{ required: ["appid"] }, { required: ["sub_appid"] }],
          properties: {
            name: { type: "string", minLength: 1, maxLength: 64, description: "Whose it is" },
            appid: { type: "string" },
            sub_appid: { type: "string" },
            kind: { type: "string", enum: ["A", "B"] },
            state: { type: "string", "x-extensible-enum": ["NEW", "OLD"] },
            goods: {
              type: "array",
              minItems: 1,
              maxItems: 9,
              items: { type: "object", properties: { id: ref("Id") } },
            },
            total: { type: "integer", minimum: 1, maximum: 100 },
          },
        },
        Id: { type: "string", pattern: "^[0-9]+$", format: "id", anyOf: [{ minLength: 1 }, { const: "" }] },
        Reply: {
          type: "object",
          properties: {
            order: ref("Order"),
            replaces: ref("Reply"),
            labels: { additionalProperties: { type: "string" } },
          },
        },
        Error: { type: "object", required: ["code"], properties: { code: { type: "string" } } },
      },
    },
  };
}

/** The same, and a notification of an `Order`. */
function withNotification(): Any {
  const json = (schema: object) => ({ content: { "application/json": { schema } } });
  const properties = {
    event_type: { type: "string", enum: ["A"], maxLength: 32 },
    resource: { $ref: "#/components/schemas/Order" },
  };
  const answer = { type: "object", required: ["code"], properties: { code: {}, message: {} } };
  const post = {
    operationId: "onRefund",
    security: [],
    requestBody: { required: true, ...json({ type: "object", required: ["resource"], properties }) },
    responses: { 204: {}, default: json(answer) },
  };
  return { ...orders(), webhooks: { "REFUND.SUCCESS": { post } } };
}
const notify = (document: Any) => document.webhooks["REFUND.SUCCESS"].post;
const notice = (document: Any) => notify(document).requestBody.content["application/json"].schema;

/** A change in a line: how bad, in which operation and where, and what. */
function line({ kind, operation, status, place, pointer, what, why, key }: Change): string {
  const where = [operation.split(" ")[0], status, place, pointer].filter(Boolean).join(" ");
  const moved = /^(was|now) /.test(why) ? ` (${why})` : "";
  return [kind, where, kind === "text" ? key : what + moved].filter(Boolean).join(" | ");
}
const lines = (before: Any, after: Any) => [...compare(before, after)].map(line).sort();
const order = (document: Any) => document.components.schemas.Order.properties;
const post = (document: Any) => document.paths["/v3/orders/{no}"].post;

describe("what changed, forth and back", () => {
  /** A change, the lines that it gives, and those of the way back. */
  type Row = [name: string, mutate: (document: Any) => void, forth: string[], back: string[]];

  // Of a field of `Order`: in the request, and in the replies.
  const each = (pointer: string, [request, reply]: string[], what: string) => [
    [request, `POST request body ${pointer}`.trim(), what].join(" | "),
    [reply, `POST 200 ${pointer}`.trim(), what].join(" | "),
    [reply, `GET 200 /order${pointer}`, what].join(" | "),
  ];
  const both = ["breaking", "breaking"];
  const none = ["compatible", "compatible"];
  const asked = ["breaking", "compatible"];
  const given = ["compatible", "breaking"];

  // biome-ignore format: a change, forth, back
  test.each<Row>([
    // Requests must not be asked for more, replies must not hold less.
    ["a field becomes required", (d) => d.components.schemas.Order.required.push("kind"),
      each("/kind", asked, "optional → required"),
      each("/kind", given, "required → optional")],
    ["a field comes and goes", (d) => (order(d).note = { type: "string" }), each("/note", none, "new"), each("/note", both, "gone")],
    ["a required field comes and goes", (d) => {
        order(d).note = {};
        d.components.schemas.Order.required.push("note");
      }, each("/note", asked, "new"), each("/note", both, "gone")],
    ["a length shrinks", (d) => (order(d).name.maxLength = 32),
      each("/name", asked, "maxLength 64 → 32"),
      each("/name", none, "maxLength 32 → 64")],
    ["a length is limited", (d) => (order(d).appid.maxLength = 32),
      each("/appid", asked, "maxLength none → 32"),
      each("/appid", none, "maxLength 32 → none")],
    ["a minimal length grows", (d) => (order(d).name.minLength = 2),
      each("/name", asked, "minLength 1 → 2"),
      each("/name", none, "minLength 2 → 1")],
    ["a minimal length of 0 says nothing", (d) => (order(d).appid.minLength = 0),
      each("/appid", none, "minLength none → 0"),
      each("/appid", none, "minLength 0 → none")],
    ["a list shrinks", (d) => (order(d).goods.maxItems = 8),
      each("/goods", asked, "maxItems 9 → 8"),
      each("/goods", none, "maxItems 8 → 9")],
    ["a maximum shrinks", (d) => (order(d).total.maximum = 99),
      each("/total", asked, "maximum 100 → 99"),
      each("/total", none, "maximum 99 → 100")],
    ["a minimum goes", (d) => delete order(d).total.minimum,
      each("/total", none, "minimum 1 → none"),
      each("/total", asked, "minimum none → 1")],
    ["a pattern comes", (d) => (order(d).appid.pattern = "^wx"),
      each("/appid", asked, 'pattern none → "^wx"'),
      each("/appid", given, 'pattern "^wx" → none')],
    ["a pattern changes, within a list and a component", (d) => (d.components.schemas.Id.pattern = "^x"),
      each("/goods/*/id", both, 'pattern "^[0-9]+$" → "^x"'),
      each("/goods/*/id", both, 'pattern "^x" → "^[0-9]+$"')],
    ["a format goes", (d) => delete d.components.schemas.Id.format,
      each("/goods/*/id", given, 'format "id" → none'),
      each("/goods/*/id", asked, 'format none → "id"')],
    ["a type changes", (d) => (order(d).appid.type = "integer"),
      each("/appid", both, 'type "string" → "integer"'),
      each("/appid", both, 'type "integer" → "string"')],
    ["a type widens", (d) => (order(d).total.type = "number"),
      each("/total", given, 'type "integer" → "number"'),
      each("/total", asked, 'type "number" → "integer"')],
    ["items lose their description", (d) => delete order(d).goods.items,
      [...each("/goods/*", given, 'type "object" → none'), ...each("/goods/*/id", both, "gone")].sort(),
      [...each("/goods/*", asked, 'type none → "object"'), ...each("/goods/*/id", none, "new")].sort()],
    ["uniqueItems comes", (d) => (order(d).goods.uniqueItems = true),
      each("/goods", asked, "uniqueItems false → true"),
      each("/goods", given, "uniqueItems true → false")],
    ["a default comes", (d) => (order(d).appid.default = "wx"),
      each("/appid", none, 'default none → "wx"'),
      each("/appid", both, 'default "wx" → none')],
    ["a field is deprecated", (d) => (order(d).appid.deprecated = true),
      each("/appid", none, "deprecated none → true"),
      each("/appid", none, "deprecated true → none")],

    // Values: one that goes always breaks; one that comes breaks whoever knew them all.
    ["a value of an enum", (d) => (order(d).kind.enum = ["A"]),
      each("/kind", both, 'enum "B" is gone'),
      each("/kind", given, 'enum "B" is new')],
    ["a value of an open enum", (d) => (order(d).state["x-extensible-enum"] = ["NEW"]),
      each("/state", both, 'x-extensible-enum "OLD" is gone'),
      each("/state", none, 'x-extensible-enum "OLD" is new')],
    ["an enum opens", (d) => (order(d).kind = { type: "string", "x-extensible-enum": ["A", "B"] }),
      each("/kind", given, 'enum ["A","B"] → x-extensible-enum ["A","B"]'),
      each("/kind", asked, 'x-extensible-enum ["A","B"] → enum ["A","B"]')],
    ["an enum goes", (d) => delete order(d).kind.enum,
      each("/kind", given, 'enum ["A","B"] → any value'),
      each("/kind", asked, 'any value → enum ["A","B"]')],
    ["an open enum comes", (d) => (order(d).appid["x-extensible-enum"] = ["wx"]),
      each("/appid", none, 'any value → x-extensible-enum ["wx"]'),
      each("/appid", given, 'x-extensible-enum ["wx"] → any value')],
    ["a const comes", (d) => (order(d).appid.const = "wx"),
      each("/appid", asked, 'any value → const ["wx"]'),
      each("/appid", given, 'const ["wx"] → any value')],

    // Schemas that are put together.
    ["one of anyOf goes", (d) => d.components.schemas.Order.anyOf.pop(),
      each("", asked, 'anyOf {"required":["sub_appid"]} is gone'),
      each("", given, 'anyOf {"required":["sub_appid"]} is new')],
    ["anyOf goes", (d) => delete d.components.schemas.Order.anyOf,
      each("", given, 'anyOf [{"required":["appid"]},{"required":["sub_appid"]}] → none'),
      each("", asked, 'anyOf none → [{"required":["appid"]},{"required":["sub_appid"]}]')],
    ["one of anyOf becomes another: neither was required by itself", (d) => (d.components.schemas.Order.anyOf[1].required = ["kind"]),
      [...each("", asked, 'anyOf {"required":["sub_appid"]} is gone'), ...each("", given, 'anyOf {"required":["kind"]} is new')],
      [...each("", asked, 'anyOf {"required":["kind"]} is gone'), ...each("", given, 'anyOf {"required":["sub_appid"]} is new')]],
    ["a field of one of anyOf", (d) => (d.components.schemas.Id.anyOf[1].maxLength = 9),
      each("/goods/*/id", asked, "maxLength none → 9"),
      each("/goods/*/id", none, "maxLength 9 → none")],
    ["anyOf in another order", (d) => d.components.schemas.Order.anyOf.reverse(), [], []],
    ["the same object put together by allOf", (d) => {
        const {
          properties: { name, ...properties },
          required,
          ...rest
        } = d.components.schemas.Order;
        d.components.schemas.Named = { type: "object", properties: { name }, required };
        d.components.schemas.Order = { ...rest, properties, allOf: [{ $ref: "#/components/schemas/Named" }] };
      }, [], []],
    ["a part of allOf that says more", (d) => (order(d).appid.allOf = [{ maxLength: 9 }]),
      each("/appid", asked, "maxLength none → 9"),
      each("/appid", none, "maxLength 9 → none")],
    ["further properties are refused", (d) => (d.components.schemas.Order.additionalProperties = false),
      each("", both, "additionalProperties none → false"),
      each("", none, "additionalProperties false → none")],
    ["the values of a map", (d) => (d.components.schemas.Reply.properties.labels.additionalProperties.type = "integer"),
      ['breaking | GET 200 /labels/* | type "string" → "integer"'],
      ['breaking | GET 200 /labels/* | type "integer" → "string"']],
    ["what no rule knows", (d) => (order(d).appid.not = { const: "x" }),
      each("/appid", both, 'not none → {"const":"x"}'),
      each("/appid", both, 'not {"const":"x"} → none')],
    ["a schema in place of its $ref", (d) => (order(d).goods.items.properties.id = d.components.schemas.Id), [], []],

    // Our keys.
    ["a field is encrypted", (d) => (order(d).name["x-wechatpay-sensitive"] = true),
      each("/name", both, "x-wechatpay-sensitive none → true"),
      each("/name", both, "x-wechatpay-sensitive true → none")],
    ["a reply is unsigned", (d) => (post(d)["x-wechatpay-response"] = "unsigned"),
      ['breaking | POST | x-wechatpay-response none → "unsigned"'],
      ['compatible | POST | x-wechatpay-response "unsigned" → none']],
    ["a write is idempotent no more", (d) => delete post(d)["x-wechatpay-idempotent"],
      ['breaking | POST | x-wechatpay-idempotent "/name" → none'],
      ['compatible | POST | x-wechatpay-idempotent none → "/name"']],
    ["an idempotent write has another number", (d) => (post(d)["x-wechatpay-idempotent"] = "/appid"),
      ['breaking | POST | x-wechatpay-idempotent "/name" → "/appid"'],
      ['breaking | POST | x-wechatpay-idempotent "/appid" → "/name"']],
    ["a key that is not ours", (d) => (post(d)["x-other"] = { a: 1 }),
      ['breaking | POST | x-other none → {"a":1}'],
      ['breaking | POST | x-other {"a":1} → none']],

    // Operations.
    ["a method goes", (d) => delete d.paths["/v3/orders/{no}"].post, ["breaking | POST | gone"], ["compatible | POST | new"]],
    ["a path goes", (d) => (d.paths = {}),
      ["breaking | POST | gone", "breaking | GET | gone"],
      ["compatible | POST | new", "compatible | GET | new"]],
    ["another path of the same operation", (d) => {
        d.paths["/v4/orders"] = { post: post(d) };
        delete d.paths["/v3/orders/{no}"].post;
      },
      ["breaking | POST | gone (now POST /v4/orders)", "compatible | POST | new (was POST /v3/orders/{no})"],
      ["breaking | POST | gone (now POST /v3/orders/{no})", "compatible | POST | new (was POST /v4/orders)"]],
    ["another operationId", (d) => (post(d).operationId = "order"),
      ['breaking | POST | operationId "placeOrder" → "order"'],
      ['breaking | POST | operationId "order" → "placeOrder"']],
    ["an optional parameter comes", (d) => post(d).parameters.push({ name: "x", in: "header", schema: {} }),
      ["compatible | POST header parameter x | new"],
      ["breaking | POST header parameter x | gone"]],
    ["a required parameter comes", (d) => post(d).parameters.push({ name: "x", in: "query", required: true, schema: {} }),
      ["breaking | POST query parameter x | new"],
      ["breaking | POST query parameter x | gone"]],
    ["a parameter becomes required", (d) => (post(d).parameters[0].required = true),
      ["breaking | POST query parameter lang | required false → true"],
      ["compatible | POST query parameter lang | required true → false"]],
    ["a parameter moves", (d) => (post(d).parameters[0].in = "header"),
      ["breaking | POST query parameter lang | gone", "compatible | POST header parameter lang | new"],
      ["breaking | POST header parameter lang | gone", "compatible | POST query parameter lang | new"]],
    ["a parameter of the path is limited", (d) => (d.paths["/v3/orders/{no}"].parameters[0].schema.maxLength = 9),
      ["breaking | POST path parameter no | maxLength none → 9", "breaking | GET path parameter no | maxLength none → 9"],
      ["compatible | POST path parameter no | maxLength 9 → none", "compatible | GET path parameter no | maxLength 9 → none"]],
    ["a parameter stands at the operation", (d) => {
        const item = d.paths["/v3/orders/{no}"];
        for (const one of [item.post, item.get]) one.parameters = [...(one.parameters ?? []), ...item.parameters];
        delete item.parameters;
      }, [], []],
    ["the default of a parameter", (d) => (post(d).parameters[0].schema.default = "en"),
      ['breaking | POST query parameter lang | default "zh" → "en"'],
      ['breaking | POST query parameter lang | default "en" → "zh"']],
    ["the style of a parameter", (d) => (post(d).parameters[0].style = "form"),
      ['breaking | POST query parameter lang | style none → "form"'],
      ['breaking | POST query parameter lang | style "form" → none']],
    ["a body may be left out", (d) => (post(d).requestBody.required = false),
      ["compatible | POST request body | required true → false"],
      ["breaking | POST request body | required false → true"]],
    ["a required body goes", (d) => delete post(d).requestBody,
      ["breaking | POST request body | gone"],
      ["breaking | POST request body | new"]],
    ["a form beside JSON", (d) => (post(d).requestBody.content["multipart/form-data"] = {}),
      ["compatible | POST request body (multipart/form-data) | new"],
      ["breaking | POST request body (multipart/form-data) | gone"]],
    ["a reply in another form", (d) => (post(d).responses[200].content["text/csv"] = {}),
      ["breaking | POST 200 (text/csv) | new"],
      ["breaking | POST 200 (text/csv) | gone"]],
    ["a good reply comes", (d) => (post(d).responses[202] = {}), ["breaking | POST 202 | new"], ["breaking | POST 202 | gone"]],
    ["an error reply comes", (d) => (post(d).responses[429] = {}), ["compatible | POST 429 | new"], ["breaking | POST 429 | gone"]],
    ["a header of a reply", (d) => delete post(d).responses[200].headers,
      ["breaking | POST 200 header Request-ID | gone"],
      ["compatible | POST 200 header Request-ID | new"]],
    ["a header may be missing", (d) => (post(d).responses[200].headers["Request-ID"].required = false),
      ["breaking | POST 200 header Request-ID | required true → false"],
      ["compatible | POST 200 header Request-ID | required false → true"]],

    // The whole.
    ["another way to sign", (d) => d.security.push({ other: [] }),
      ['compatible | POST security {"other":[]} | new', 'compatible | GET security {"other":[]} | new'],
      ['breaking | POST security {"other":[]} | gone', 'breaking | GET security {"other":[]} | gone']],
    ["an operation without security", (d) => (post(d).security = []),
      ['breaking | POST security {"signature":[]} | gone', "compatible | POST security none | new"],
      ["breaking | POST security none | gone", 'compatible | POST security {"signature":[]} | new']],
    ["the scheme of the signature", (d) => (d.components.securitySchemes.signature.scheme = "SM2"),
      ['breaking | security scheme signature | scheme "WECHATPAY2-SHA256-RSA2048" → "SM2"'],
      ['breaking | security scheme signature | scheme "SM2" → "WECHATPAY2-SHA256-RSA2048"']],
    ["a backup server goes", (d) => d.servers.pop(),
      ["breaking | server https://b.example | gone"],
      ["compatible | server https://b.example | new"]],
    ["another default server", (d) => d.servers.reverse(),
      ['breaking | default server "https://a.example" → "https://b.example"'],
      ['breaking | default server "https://b.example" → "https://a.example"']],
    ["texts", (d) => {
        order(d).name.description = "其";
        post(d).summary = "下单";
        d.tags[0].description = "订单";
      },
      ["text | POST | summary", ...each("/name", ["text", "text"], "description"), "text | tags"],
      ["text | POST | summary", ...each("/name", ["text", "text"], "description"), "text | tags"]],
    ["a field that is named like a text", (d) => (order(d).description = {}), each("/description", none, "new"), each("/description", both, "gone")],
    ["a field that is named like a method of every object", (d) => (order(d).constructor = {}), each("/constructor", none, "new"), each("/constructor", both, "gone")],
  ])("%s", (_, mutate, forth, back) => {
    const after = orders();
    mutate(after);
    expect(lines(orders(), after)).toEqual(forth.toSorted());
    expect(lines(after, orders())).toEqual(back.toSorted());
  });

  // What WeChat Pay sends may grow, and what it is answered may become freer: the other way round than a request.
  // biome-ignore format: a change, forth, back
  test.each<Row>([
    ["a notification comes", (d) => (d.webhooks["REFUND.CLOSED"] = { post: notify(d) }),
      ["compatible | notification | new"],
      ["breaking | notification | gone"]],
    ["a field becomes optional", (d) => (notice(d).required = []),
      ["breaking | notification request body /resource | required → optional"],
      ["compatible | notification request body /resource | optional → required"]],
    ["a field comes", (d) => (notice(d).properties.note = {}),
      ["compatible | notification request body /note | new"],
      ["breaking | notification request body /note | gone"]],
    ["a field of what two share goes", (d) => delete order(d).kind,
      [...each("/kind", both, "gone"), "breaking | notification request body /resource/kind | gone"].sort(),
      [...each("/kind", none, "new"), "compatible | notification request body /resource/kind | new"].sort()],
    ["a value of an enum comes", (d) => notice(d).properties.event_type.enum.push("B"),
      ['breaking | notification request body /event_type | enum "B" is new'],
      ['breaking | notification request body /event_type | enum "B" is gone']],
    ["a length grows", (d) => (notice(d).properties.event_type.maxLength = 64),
      ["compatible | notification request body /event_type | maxLength 32 → 64"],
      ["compatible | notification request body /event_type | maxLength 64 → 32"]],
    ["an answer is taken no more", (d) => delete notify(d).responses[204],
      ["breaking | notification 204 | gone"],
      ["compatible | notification 204 | new"]],
    ["an answer must say more", (d) => (notify(d).responses.default.content["application/json"].schema.required = ["code", "message"]),
      ["breaking | notification default /message | optional → required"],
      ["compatible | notification default /message | required → optional"]],
    ["another operationId", (d) => (notify(d).operationId = "x"),
      ['compatible | notification | operationId "onRefund" → "x"'],
      ['compatible | notification | operationId "x" → "onRefund"']],
  ])("of a notification: %s", (_, mutate, forth, back) => {
    const [before, after] = [withNotification(), withNotification()];
    mutate(after);
    expect(lines(before, after)).toEqual(forth);
    expect(lines(after, before)).toEqual(back);
  });

  test("nothing, where nothing did", () => expect(lines(orders(), orders())).toEqual([]));
});

describe("no change of the spec goes unseen", () => {
  let api: Any;
  beforeAll(async () => {
    api = inShort(JSON.parse(await readFile("generated/openapi.json", "utf8")));
  });

  const TEXT = /^(title|summary|description|examples?|externalDocs|tags|license|info)$/;

  function isSeen(after: Any): boolean {
    for (const { kind } of compare(api, after)) if (kind !== "text") return true;
    return false;
  }

  /** Does something to each place that is no text, and names those where `compare` sees no change but of texts. */
  function unseen(change: (holder: Any, key: string) => boolean): string[] {
    const after = structuredClone(api);
    const missed: string[] = [];
    function visit(holder: Any, path: string[]): void {
      for (const key of Object.keys(holder)) {
        if (path.at(-1) !== "properties" && TEXT.test(key)) continue;
        if (typeof holder[key] === "object") visit(holder[key], [...path, key]);
        const before = structuredClone(holder);
        if (change(holder, key) && !isSeen(after)) missed.push([...path, key].join(" "));
        if (Array.isArray(holder)) holder.splice(0, Number.POSITIVE_INFINITY, ...before);
        else Object.assign(holder, before);
      }
    }
    visit(after, []);
    return missed;
  }

  test("any value that is another one", () => {
    const other = (value: unknown) =>
      typeof value === "string" ? `${value}x` : typeof value === "number" ? value + 1 : !value;
    const missed = unseen((holder, key) => {
      if (typeof holder[key] === "object") return false;
      holder[key] = other(holder[key]);
      return true;
    });
    expect(missed).toEqual([]);
  });

  test("any key and item that goes", () => {
    const missed = unseen((holder, key) => {
      // `required: false` is the same as nothing.
      if (holder[key] === false) return false;
      return Array.isArray(holder) ? holder.splice(Number(key), 1).length === 1 : delete holder[key];
    });
    expect(missed).toEqual([]);
  });
});

describe("npm run diff-spec", () => {
  let repository: string;
  const run = (file: string, args: string[], options: object = {}) =>
    promisify(execFile)(file, args, { cwd: repository, encoding: "utf8", ...options }).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      ({ code, stdout, stderr }) => ({ code: code as number, stdout: stdout as string, stderr: stderr as string }),
    );
  const tsx = createRequire(import.meta.url).resolve("tsx");
  const script = fileURLToPath(new URL("../../scripts/diff-spec.ts", import.meta.url));
  const node = ["--import", pathToFileURL(tsx).href, script];
  const diffSpec = (...args: string[]) => run(process.execPath, [...node, ...args]);
  const git = (...args: string[]) => run("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...args]);
  const write = (file: string, value: object) => writeFile(join(repository, file), JSON.stringify(value));

  beforeAll(async () => {
    repository = await mkdtemp(join(tmpdir(), "diff-spec-"));
    for (const folder of ["spec", "generated"]) await mkdir(join(repository, folder));
    await git("init", "--quiet");
    await git("commit", "--quiet", "--allow-empty", "-m", "nothing yet");
    await git("tag", "empty");
    await write("package.json", { version: "1.0.0" });
    // As it is published, and not as it is written.
    await write("generated/openapi.json", spelledOut(orders()));
    await git("add", ".");
    await git("commit", "--quiet", "-m", "first");
    await git("tag", "v1.0.0");
  });
  afterAll(() => rm(repository, { recursive: true }));
  // JSON is YAML.
  async function spec(mutate: (document: Any) => void): Promise<void> {
    const document = orders();
    mutate(document);
    await write("spec/openapi.yaml", document);
  }

  test("a breaking change exits 1, with every place where it stands and what to do", async () => {
    await spec((document) => {
      order(document).name.maxLength = 32;
      document.components.schemas.Error.properties.code.type = "integer";
      document.paths["/v3/new"] = { put: { operationId: "new", responses: {} } };
      order(document).name.description = "其";
      post(document).summary = "下单";
    });
    const { code, stdout, stderr } = await diffSpec("v1.0.0");
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    expect(stdout).toBe(`API changes since v1.0.0
info.version of spec/openapi.yaml 1.0.0 → 1.0.0, package.json 1.0.0 → 1.0.0

Breaking (2)
  All 2 operations
    reply 400, 500 /code: type "string" → "integer"
  POST /v3/orders/{no}
    request body /name: maxLength 64 → 32

Not breaking (3)
  GET /v3/orders/{no}
    reply 200 /order/name: maxLength 64 → 32
  POST /v3/orders/{no}
    reply 200 /name: maxLength 64 → 32
  PUT /v3/new
    new

Texts: description 1, summary 1

Breaking changes need a new major version, that is 2.0.0: raise it in both files, or take them back.
`);
  });

  test("the same with a new major version exits 0, in either file", async () => {
    const breaking = (document: Any) => void (order(document).name.maxLength = 32);
    await spec((document) => {
      breaking(document);
      document.info.version = "2.0.0";
    });
    const first = await diffSpec("v1.0.0");
    expect(first.code).toBe(0);
    expect(first.stdout).toContain("info.version of spec/openapi.yaml 1.0.0 → 2.0.0");
    expect(first.stdout).toContain("The major version of info.version of spec/openapi.yaml rises");

    await spec(breaking);
    await write("package.json", { version: "2.0.0" });
    const second = await diffSpec("v1.0.0");
    await write("package.json", { version: "1.1.0" });
    expect(second.code).toBe(0);
    expect(second.stdout).toContain("package.json 1.0.0 → 2.0.0");
  });

  test("what does not break exits 0; --markdown is for a pull request", async () => {
    await spec((document) => {
      delete order(document).total.minimum;
      delete order(document).total.maximum;
      document.components.schemas.Error.properties.message = { type: "string" };
      order(document).state["x-extensible-enum"].push("a`*_");
    });
    const { code, stdout } = await diffSpec("v1.0.0", "--markdown");
    expect(stdout).toBe(`### API changes since v1.0.0

info.version of spec/openapi.yaml 1.0.0 → 1.0.0, package.json 1.0.0 → 1.1.0

**Not breaking (10)**

- \`GET /v3/orders/{no}\`
  - reply 200 \`/order/state\`: \`\` x-extensible-enum "a\`*_" is new \`\`
  - reply 200 \`/order/total\`: \`minimum 1 → none\`
  - reply 200 \`/order/total\`: \`maximum 100 → none\` (check that the place where you store it has room)
- All 2 operations
  - reply 400, 500 \`/message\`: \`new\`
- \`POST /v3/orders/{no}\`
  - request body \`/state\`: \`\` x-extensible-enum "a\`*_" is new \`\`
  - request body \`/total\`: \`minimum 1 → none\`
  - request body \`/total\`: \`maximum 100 → none\`
  - reply 200 \`/state\`: \`\` x-extensible-enum "a\`*_" is new \`\`
  - reply 200 \`/total\`: \`minimum 1 → none\`
  - reply 200 \`/total\`: \`maximum 100 → none\` (check that the place where you store it has room)
`);
    expect(code).toBe(0);
  });

  test("on 0.x as well, the version that would do is named, and a version that falls is told", async () => {
    await spec((document) => {
      document.info.version = "0.9.0";
      document.paths = {};
    });
    const { code, stdout } = await diffSpec("v1.0.0");
    expect(code).toBe(1);
    expect(stdout).toContain(
      "info.version of spec/openapi.yaml falls from 1.0.0 to 0.9.0: check that v1.0.0 is the earlier one.",
    );
    expect(stdout).not.toContain("package.json falls");
    await git("checkout", "--quiet", "-b", "young");
    await write("generated/openapi.json", { ...orders(), info: { title: "Orders", version: "0.1.0" } });
    await git("commit", "--quiet", "-am", "young");
    expect((await diffSpec("young")).stdout).toContain(
      "need a new major version, that is 1.0.0: raise it in both files",
    );
  });

  test("a sub-folder is as good a place to run it", async () => {
    await spec(() => {});
    const { code, stdout } = await run(process.execPath, [...node, "v1.0.0"], { cwd: join(repository, "spec") });
    expect({ code, last: stdout.split("\n").at(-2) }).toEqual({ code: 0, last: "None." });
  });

  test("the second family is compared as well, or called new", async () => {
    await spec(() => {});
    await mkdir(join(repository, "spec/pay"), { recursive: true });
    await write("spec/pay/openapi.yaml", orders());
    const { code, stdout } = await diffSpec("v1.0.0");
    expect(code).toBe(0);
    expect(stdout).toMatch(/\nspec\/pay\/openapi\.yaml is new: v1\.0\.0 has no generated\/pay\/openapi\.json\.\n$/);

    await mkdir(join(repository, "generated/pay"), { recursive: true });
    await write("generated/pay/openapi.json", spelledOut(orders()));
    await git("add", "generated/pay");
    await git("commit", "--quiet", "-m", "second family");
    const changed = orders();
    order(changed).name.maxLength = 32;
    await write("spec/pay/openapi.yaml", changed);
    const second = await diffSpec("HEAD");
    expect(second.code).toBe(1);
    expect(second.stdout).toMatch(
      /\n\nAPI changes since HEAD in spec\/pay\/openapi\.yaml\n.*request body \/name: maxLength 64 → 32/s,
    );
    await rm(join(repository, "spec/pay"), { recursive: true });
  });

  test("nothing is said as well", async () => {
    await spec(() => {});
    const { code, stdout } = await diffSpec("v1.0.0");
    expect({ code, last: stdout.split("\n").at(-2) }).toEqual({ code: 0, last: "None." });
  });

  test.each([
    ["no commit", [], "Name one commit to compare with, such as a tag: npm run diff-spec -- v0.1.0"],
    ["two commits", ["v1.0.0", "empty"], "Name one commit to compare with"],
    ["a commit that is left out", ["^v1.0.0"], "^v1.0.0 is not a commit here"],
    ["a commit that looks like an option", ["--", "--all"], "--all is not a commit here"],
    ["an unknown commit", ["v9"], "v9 is not a commit here. Name a tag, a branch or a commit"],
    [
      "a commit without a description",
      ["empty"],
      "empty has no generated/openapi.json, so there is nothing to compare",
    ],
    ["an unknown option", ["--markdwon", "v1.0.0"], "Unknown option '--markdwon'"],
  ])("%s exits 2", async (_, args, message) => {
    const { code, stdout, stderr } = await diffSpec(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
  });

  test("where there is no git, or no description, that is what it says", async () => {
    const withoutGit = await run(process.execPath, [...node, "v1.0.0"], { env: { ...process.env, PATH: "" } });
    expect(withoutGit).toEqual({
      code: 2,
      stdout: "",
      stderr: "git is not found: install it, or add it to the PATH.\n",
    });
    const elsewhere = await run(process.execPath, [...node, "v1.0.0"], { cwd: tmpdir() });
    expect(elsewhere.stderr).toMatch(
      /^Neither .* nor a folder above it has spec\/openapi\.yaml: run this in a clone\.$/m,
    );
  });
});
