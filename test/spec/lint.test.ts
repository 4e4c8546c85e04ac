import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const redocly = join(dirname(createRequire(import.meta.url).resolve("@redocly/cli/package.json")), "bin/cli.js");

const SPEC = join(root, "spec");
const ROOT = "openapi.yaml";
const PRE_ORDER = "paths/v3_payroll-card_authentications_pre-order.yaml";
const REQUEST = "components/schemas/PreOrderAuthenticationRequest.yaml";
const RESPONSE = "components/schemas/PreOrderAuthenticationResponse.yaml";
const BAD_REQUEST = "components/responses/BadRequest.yaml";
const REPLY = "components/responses/PreOrderAuthentication.yaml";
const SIGN_IN = "components/examples/preOrderAuthentication.signIn.request.yaml";

/** What to replace in a file of the spec, or the text of a new file. */
type Edit = [file: string, from: string | RegExp, to: string] | [file: string, text: string, to?: undefined];
/** A change of the spec, and the one rule that must refuse it, with a word of its message. */
type Case = [name: string, rule: string, message: RegExp, ...edits: Edit[]];

const OPERATION_ID = "  operationId: preOrderAuthentication";
const onOperation = (line: string): Edit => [PRE_ORDER, OPERATION_ID, `${OPERATION_ID}\n  ${line}`];
const onToken = (line: string): Edit => [RESPONSE, "  token:\n", `  token:\n    ${line}\n`];
const onOpenid = (line: string): Edit => [REQUEST, "  openid:\n", `  openid:\n    ${line}\n`];

/** A notification, as short as the rules allow. */
const NOTIFICATION_YAML = `post:
  operationId: onTransactionSuccess
  tags: [Authentications]
  summary: 支付成功通知 An order was paid
  description: 用户支付成功后发送。 Sent when the user has paid.
  externalDocs: { description: 官方文档 Official page, url: https://pay.weixin.qq.com/docs/merchant/products/notification/introduction.html }
  security: []
  requestBody:
    description: 支付结果 The result
    required: true
    content:
      application/json:
        schema:
          allOf:
            - $ref: ../components/schemas/Notification.yaml
            - type: object
              required: [resource]
              properties:
                resource:
                  type: object
                  description: 订单 The order
                  properties:
                    out_trade_no: { type: string, description: 商户订单号 Your own number, example: "1" }
                    trade_state: { type: string, x-extensible-enum: [SUCCESS], description: 交易状态 The state, example: SUCCESS }
        examples: { paid: { $ref: ../components/examples/onTransactionSuccess.paid.request.yaml } }
  responses:
    "204": { $ref: ../components/responses/NotificationHandled.yaml }
    default: { $ref: ../components/responses/NotificationRefused.yaml }
`;
const EXAMPLE_YAML = `summary: 支付成功 A paid order
value:
  id: EV-2018022511223320873
  create_time: "2015-05-20T13:29:35+08:00"
  event_type: TRANSACTION.SUCCESS
  summary: 支付成功
  resource: { out_trade_no: "1", trade_state: SUCCESS }
`;

const ERROR_REPLIES = [400, 401, 403, 404, 429, 500, 502, 503];

/** A reference that is taken away leaves its file behind, and an enumeration both open and closed is wrong on either side. */
const COMPANIONS = ["wechatpay/no-orphan-file", "wechatpay/open-replies"];
/** What OpenAPI 3.1 no longer has is no keyword either; and where a file cannot be read, nobody may advise to delete others. */
const COMPANIONS_OF: Record<string, string[]> = { "rule/no-nullable": ["struct"], "no-unresolved-refs": [] };

/** A spec with a notification. */
const NOTIFICATION = "webhooks/TRANSACTION.SUCCESS.yaml";
const notified = (...edits: Edit[]): Edit[] => [
  [ROOT, "components:\n", `webhooks:\n  TRANSACTION.SUCCESS: { $ref: ${NOTIFICATION} }\ncomponents:\n`],
  [NOTIFICATION, NOTIFICATION_YAML],
  ["components/examples/onTransactionSuccess.paid.request.yaml", EXAMPLE_YAML],
  ...edits,
];

const refused: Case[] = [
  [
    "a notification that asks for an Authorization",
    "wechatpay/notification",
    /signed by WeChat Pay.*`security: \[\]`/,
    ...notified([NOTIFICATION, "  security: []\n", ""]),
  ],
  [
    "a notification that says how it is called",
    "wechatpay/notification",
    /`x-wechatpay-response` says how an operation is called/,
    ...notified([NOTIFICATION, "  security: []\n", "  security: []\n  x-wechatpay-response: unsigned\n"]),
  ],
  [
    "a sensitive field of a notification",
    "wechatpay/notification",
    /no private key.*callers decrypt the value/,
    ...notified([
      NOTIFICATION,
      "{ type: string, description:",
      "{ type: string, x-wechatpay-sensitive: true, description:",
    ]),
  ],
  [
    "a closed enum in a notification",
    "wechatpay/open-replies",
    /use `x-extensible-enum` here/,
    ...notified([NOTIFICATION, "x-extensible-enum: [SUCCESS]", "enum: [SUCCESS]"]),
  ],
  [
    "an open enum in the answer to a notification",
    "wechatpay/open-replies",
    /use `enum` here/,
    ...notified(["components/responses/NotificationRefused.yaml", "enum: [FAIL]", "x-extensible-enum: [FAIL]"]),
  ],
  [
    "a notification in one language",
    "wechatpay/bilingual",
    /in Chinese/,
    ...notified([NOTIFICATION, "summary: 支付成功通知 An order", "summary: An order"]),
  ],
  [
    "an example of a notification that is not as its schema",
    "no-invalid-media-type-examples",
    /trade_state/,
    ...notified([
      "components/examples/onTransactionSuccess.paid.request.yaml",
      "trade_state: SUCCESS",
      "trade_state: 1",
    ]),
  ],
  ["no operationId", "operation-operationId", /operationId/, [PRE_ORDER, `${OPERATION_ID}\n`, ""]],
  [
    "an operationId in kebab-case",
    "rule/operation-id-casing",
    /camelCase/,
    [PRE_ORDER, OPERATION_ID, "  operationId: pre-order-authentication"],
  ],
  ["no summary", "operation-summary", /summary/, [PRE_ORDER, /^ {2}summary: .*\n/m, ""]],
  ["an empty summary", "operation-summary", /summary/, [PRE_ORDER, /^ {2}summary: .*$/m, "  summary: ''"]],
  ["no description", "operation-description", /description/, [PRE_ORDER, /^ {2}description: \|\n( {4}.*\n|\n)+/m, ""]],
  ["no official page", "rule/official-page", /externalDocs/, [PRE_ORDER, /^ {2}externalDocs:\n( {4}.*\n)+/m, ""]],
  [
    "an official page elsewhere",
    "rule/official-address",
    /https:\/\/pay\.weixin\.qq\.com\//,
    [PRE_ORDER, /url: .*/, "url: https://wechatpay.example.com/"],
  ],
  ["no tag", "operation-tag-defined", /tag/, [PRE_ORDER, "  tags:\n    - Authentications\n", ""]],
  [
    "an empty list of tags",
    "rule/operation-has-tag",
    /tag/,
    [PRE_ORDER, "  tags:\n    - Authentications\n", "  tags: []\n"],
  ],
  ["an undefined tag", "operation-tag-defined", /tag/, [PRE_ORDER, "    - Authentications", "    - Nonsense"]],
  [
    "two tags",
    "operation-singular-tag",
    /one tag/,
    [PRE_ORDER, "    - Authentications", "    - Authentications\n    - Authentications"],
  ],

  ...ERROR_REPLIES.map(
    (status): Case => [
      `no ${status}`,
      "rule/error-replies",
      new RegExp(`${status} is required`),
      [PRE_ORDER, `    "${status}":`, '    "418":'],
    ],
  ),
  ["an error reply without a body", "rule/error-body", /JSON body/, [BAD_REQUEST, /^content:[\s\S]*/m, ""]],
  [
    "an error reply of another schema",
    "rule/error-schema",
    /schema Error/,
    [BAD_REQUEST, "schemas/Error.yaml", "schemas/ErrorDetail.yaml"],
  ],
  [
    "an error reply without Request-ID",
    "response-contains-header",
    /Request-ID/,
    [BAD_REQUEST, /^headers:\n.*\n.*\n/m, ""],
  ],

  [
    "a good reply without the headers of its signature",
    "wechatpay/reply-headers",
    /Wechatpay-Nonce: WechatpayNonce\.yaml, .*Wechatpay-Signature-Type: .*x-wechatpay-response: unsigned/,
    [REPLY, /^ {2}Wechatpay-(?!Serial|Timestamp).*:\n.*\n/gm, ""],
  ],
  [
    "a good reply without Request-ID",
    "wechatpay/reply-headers",
    /\(Request-ID: RequestId\.yaml\)/,
    [REPLY, /^ {2}Request-ID:\n.*\n/m, ""],
  ],
  [
    "encrypted fields without the parameter that names their key",
    "wechatpay/encryption-serial",
    /WechatpaySerialOfEncryption\.yaml/,
    ["paths/v3_payroll-card_tokens.yaml", "WechatpaySerialOfEncryption.yaml", "WechatpaySerial.yaml"],
  ],
  [
    "an encrypted field, and no parameters at all",
    "wechatpay/encryption-serial",
    /WechatpaySerialOfEncryption\.yaml/,
    ["paths/v3_payroll-card_tokens.yaml", /^ {2}parameters:\n.*\n/m, ""],
  ],
  [
    "an encrypted parameter of the query without the parameter that names its key",
    "wechatpay/encryption-serial",
    /WechatpaySerialOfEncryption\.yaml/,
    ["components/parameters/AppidQuery.yaml", /false(.*schema:\n)/s, "true$1  x-wechatpay-sensitive: true\n"],
  ],

  [
    "a property without an example",
    "rule/scalar-example",
    /`example`/,
    [RESPONSE, "    example: abcdefghijklmn\n", ""],
  ],
  [
    "`examples` for `example`",
    "rule/scalar-example",
    /docs page/,
    [RESPONSE, "    example: abcdefghijklmn", "    examples:\n      - abcdefghijklmn"],
  ],
  [
    "an enumeration without an example",
    "rule/scalar-example",
    /`example`/,
    ["components/schemas/AuthenticationType.yaml", "example: SIGN_IN\n", ""],
  ],
  [
    "a nested property without an example",
    "rule/scalar-example",
    /`example`/,
    ["components/schemas/ErrorDetail.yaml", "        example: sign not match\n", ""],
  ],
  [
    "a parameter without an example",
    "rule/scalar-example",
    /`example`/,
    ["components/parameters/WechatpaySerial.yaml", /^ {2}example: .*\n/m, ""],
  ],
  [
    "a header without an example",
    "rule/scalar-example",
    /`example`/,
    ["components/headers/RequestId.yaml", /^ {2}example: .*\n/m, ""],
  ],
  [
    "a body without an example",
    "rule/body-example",
    /examples/,
    ["components/responses/Forbidden.yaml", /^ {4}examples:[\s\S]*/m, ""],
  ],
  [
    "an example written in place",
    "wechatpay/example-by-ref",
    /components\/examples/,
    [
      PRE_ORDER,
      /\$ref: .*minimal.request.yaml/,
      "summary: 空 Nothing\n            externalValue: https://example.org/",
    ],
  ],

  [
    "a schema's example that breaks its pattern",
    "no-invalid-schema-examples",
    /pattern/,
    [REQUEST, "example: mcdhehfgisdhfjghed39384564i83", "example: mcdh-1"],
  ],
  [
    "a schema's example of another type",
    "no-invalid-schema-examples",
    /integer/,
    [RESPONSE, "example: 300", "example: '300'"],
  ],
  [
    "an example outside its enumeration",
    "no-invalid-schema-examples",
    /allowed values/,
    ["components/schemas/AuthenticationType.yaml", "example: SIGN_IN", "example: SIGN_OUT"],
  ],
  [
    "a header's example that breaks its pattern",
    "no-invalid-schema-examples",
    /pattern/,
    ["components/headers/WechatpayTimestamp.yaml", 'example: "1554208460"', "example: today"],
  ],
  [
    "a parameter's example of another type",
    "no-invalid-parameter-examples",
    /string/,
    ["components/parameters/WechatpaySerial.yaml", "in: header", "in: header\nexample: 5"],
  ],
  [
    "a request's example without a required field",
    "no-invalid-media-type-examples",
    /openid/,
    [SIGN_IN, /^ {2}openid: .*\n/m, ""],
  ],
  [
    "a request's example without any AppID",
    "no-invalid-media-type-examples",
    /appid/,
    [SIGN_IN, /^ {2}(sub_)?appid: .*\n/gm, ""],
  ],
  [
    "a request's example of another type",
    "no-invalid-media-type-examples",
    /string/,
    [SIGN_IN, 'sub_mchid: "1111111"', "sub_mchid: 1111111"],
  ],
  [
    "a request's example that is too long",
    "no-invalid-media-type-examples",
    /32 characters/,
    [SIGN_IN, "appid: wxa1111111", `appid: wx${"a".repeat(32)}`],
  ],
  [
    "a request's example with an unknown field",
    "no-invalid-media-type-examples",
    /employer/,
    [SIGN_IN, "  employer_name: 某单位名称", "  employer_name: 某单位名称\n  employer: 某单位名称"],
  ],
  [
    "a reply's example of another type",
    "no-invalid-media-type-examples",
    /integer/,
    ["components/examples/preOrderAuthentication.signIn.response.yaml", "expires_in: 300", "expires_in: five minutes"],
  ],
  [
    "an error's example without a code",
    "no-invalid-media-type-examples",
    /code/,
    ["components/examples/error.systemError.response.yaml", "  code: SYSTEM_ERROR\n", ""],
  ],

  [
    "an unknown key on an operation",
    "wechatpay/known-extension",
    /x-wechatpay-unsigned/,
    onOperation("x-wechatpay-unsigned: true"),
  ],
  [
    "an unknown key on a schema",
    "wechatpay/known-extension",
    /x-wechatpay-secret/,
    onOpenid("x-wechatpay-secret: true"),
  ],
  [
    "a second unknown key of the same value",
    "wechatpay/known-extension",
    /x-wechatpay-b/,
    [ROOT, /^/, "x-wechatpay-a: true\n"],
    onOperation("x-wechatpay-b: true"),
  ],
  [
    "an unknown key at the root",
    "wechatpay/known-extension",
    /x-wechatpay-version/,
    [ROOT, /^/, "x-wechatpay-version: 3\n"],
  ],
  [
    "an unknown key in info",
    "wechatpay/known-extension",
    /x-wechatpay-/,
    [ROOT, "info:\n", "info:\n  x-wechatpay-family: payroll-card\n"],
  ],
  [
    "an unknown key on a server",
    "wechatpay/known-extension",
    /x-wechatpay-/,
    [ROOT, "  - url: https://api.", "  - x-wechatpay-main: true\n    url: https://api."],
  ],
  [
    "an unknown key on a tag",
    "wechatpay/known-extension",
    /x-wechatpay-/,
    [ROOT, "  - name: Authentications", "  - x-wechatpay-group: 1\n    name: Authentications"],
  ],
  [
    "an unknown key on a path",
    "wechatpay/known-extension",
    /x-wechatpay-/,
    [PRE_ORDER, /^/, "x-wechatpay-host: api\n"],
  ],
  [
    "an unknown key on a request body",
    "wechatpay/known-extension",
    /x-wechatpay-/,
    [PRE_ORDER, "  requestBody:\n", "  requestBody:\n    x-wechatpay-sign: meta\n"],
  ],
  [
    "an unknown key on a body's type",
    "wechatpay/known-extension",
    /x-wechatpay-/,
    [PRE_ORDER, "      application/json:\n", "      application/json:\n        x-wechatpay-sign: meta\n"],
  ],
  [
    "an unknown key on a reply",
    "wechatpay/known-extension",
    /x-wechatpay-/,
    [BAD_REQUEST, /^/, "x-wechatpay-signed: false\n"],
  ],
  [
    "an unknown key on a parameter",
    "wechatpay/known-extension",
    /x-wechatpay-/,
    ["components/parameters/WechatpaySerial.yaml", /^/, "x-wechatpay-auto: true\n"],
  ],
  [
    "an unknown key on a header",
    "wechatpay/known-extension",
    /x-wechatpay-/,
    ["components/headers/RequestId.yaml", /^/, "x-wechatpay-auto: true\n"],
  ],
  [
    "an unknown key on an example",
    "wechatpay/known-extension",
    /x-wechatpay-/,
    [SIGN_IN, /^/, "x-wechatpay-real: true\n"],
  ],
  [
    "an unknown key on the security scheme",
    "wechatpay/known-extension",
    /x-wechatpay-/,
    ["components/securitySchemes/WECHATPAY2-SHA256-RSA2048.yaml", /^/, "x-wechatpay-sm: false\n"],
  ],
  [
    "an unknown key of another prefix",
    "wechatpay/known-extension",
    /x-wechat-pay-sensitive/,
    onOpenid("x-wechat-pay-sensitive: true"),
  ],
  [
    "a known key beside a $ref",
    "wechatpay/known-extension",
    /beside a \$ref/,
    [
      REQUEST,
      "    $ref: AuthenticationType.yaml",
      "    $ref: AuthenticationType.yaml\n    x-wechatpay-sensitive: true",
    ],
    [PRE_ORDER, "WechatpaySerial.yaml", "WechatpaySerialOfEncryption.yaml"],
  ],
  [
    "`sensitive` on an operation",
    "wechatpay/known-extension",
    /type string/,
    onOperation("x-wechatpay-sensitive: true"),
  ],
  [
    "`sensitive` on an object",
    "wechatpay/known-extension",
    /type string/,
    [RESPONSE, /^type: object/m, "type: object\nx-wechatpay-sensitive: true"],
  ],
  [
    "`sensitive` on a parameter",
    "wechatpay/known-extension",
    /type string/,
    ["components/parameters/WechatpaySerial.yaml", /^/, "x-wechatpay-sensitive: true\n"],
  ],
  [
    "`sensitive` in a parameter's schema",
    "wechatpay/known-extension",
    /encrypts fields of JSON bodies and texts of a query only/,
    ["components/parameters/WechatpaySerial.yaml", "schema:\n", "schema:\n  x-wechatpay-sensitive: true\n"],
  ],
  [
    "`sensitive` in a schema that a body and a parameter share",
    "wechatpay/known-extension",
    /encrypts fields of JSON bodies and texts of a query only/,
    ["components/schemas/AuthenticationType.yaml", /^/, "x-wechatpay-sensitive: true\n"],
    [
      "components/parameters/WechatpaySerialOfEncryption.yaml",
      /^schema:[\s\S]*/m,
      "schema:\n  $ref: ../schemas/AuthenticationType.yaml\n",
    ],
    [PRE_ORDER, "WechatpaySerial.yaml", "WechatpaySerialOfEncryption.yaml"],
  ],
  [
    "`sensitive` in a header's schema",
    "wechatpay/known-extension",
    /encrypts fields of JSON bodies and texts of a query only/,
    ["components/headers/RequestId.yaml", "schema:\n", "schema:\n  x-wechatpay-sensitive: true\n"],
  ],
  ["`sensitive: false`", "wechatpay/known-extension", /leave the key out/, onOpenid("x-wechatpay-sensitive: false")],
  ["`response: signed`", "wechatpay/known-extension", /`unsigned`/, onOperation("x-wechatpay-response: signed")],
  [
    "`response` on a reply",
    "wechatpay/known-extension",
    /on an operation/,
    [BAD_REQUEST, /^/, "x-wechatpay-response: unsigned\n"],
  ],
  ["`idempotent: true`", "wechatpay/known-extension", /JSON pointer/, onOperation("x-wechatpay-idempotent: true")],
  [
    "`idempotent` of no field",
    "wechatpay/known-extension",
    /JSON pointer .*: there is no `out_batch_no`\./,
    onOperation("x-wechatpay-idempotent: /out_batch_no"),
  ],
  [
    "`idempotent` of an optional field",
    "wechatpay/known-extension",
    /required .*: `authenticate_type` is optional\./,
    onOperation("x-wechatpay-idempotent: /authenticate_type"),
  ],
  [
    "an open enumeration that is no list",
    "wechatpay/known-extension",
    /list of distinct/,
    onToken("x-extensible-enum: A"),
  ],
  [
    "an open enumeration with a value twice",
    "wechatpay/known-extension",
    /list of distinct/,
    onToken("x-extensible-enum: [A, A]"),
  ],
  [
    "an enumeration both open and closed",
    "wechatpay/known-extension",
    /without `enum`/,
    ["components/schemas/AuthenticationType.yaml", /^/, "x-extensible-enum: [A]\n"],
  ],

  [
    "a summary in one language",
    "wechatpay/bilingual",
    /summary/,
    [PRE_ORDER, "微工卡核身预下单 Pre-order", "Pre-order"],
  ],
  [
    "a summary with English first",
    "wechatpay/bilingual",
    /summary/,
    [PRE_ORDER, /summary: .*/, "summary: Pre-order an identity verification 微工卡核身预下单"],
  ],
  [
    "a summary with English first, and again at the end",
    "wechatpay/bilingual",
    /summary/,
    [PRE_ORDER, /summary: .*/, "summary: Pre-order an identity verification 微工卡核身预下单 by face"],
  ],
  [
    "a property without a description",
    "wechatpay/bilingual",
    /description/,
    [RESPONSE, /^ {4}description: \|-\n( {6}.*\n|\n)+(?= {4}example: abc)/m, ""],
  ],
  [
    "a property by $ref without words of its own",
    "wechatpay/bilingual",
    /description/,
    ["components/schemas/Error.yaml", /(ErrorDetail.yaml\n)[\s\S]*$/, "$1"],
  ],
  [
    "a schema without a description",
    "wechatpay/bilingual",
    /description/,
    [RESPONSE, /^description: \|-\n.*\n.*\n/m, ""],
  ],
  [
    "a header without a description",
    "wechatpay/bilingual",
    /description/,
    ["components/headers/RequestId.yaml", /^description: \|-\n( {2}.*\n)+/m, ""],
  ],
  [
    "an item of a list with a label in Chinese, and all it says in English",
    "wechatpay/bilingual",
    /in a sentence and not a label: - 有效期 5 分钟/,
    [
      PRE_ORDER,
      /- token 的有效期.*\n.*/,
      "- 有效期 5 分钟: the token lives 300 seconds, after which the user cannot be verified with it",
    ],
  ],
  [
    "a word after the folded end",
    "wechatpay/folded-last",
    /Fold once, at the end/,
    [PRE_ORDER, "    </details>\n", "    </details>\n\n    请再次核对。 Check it again.\n"],
  ],
  [
    "a folded end that the page would not read as Markdown",
    "wechatpay/folded-last",
    /an empty line/,
    [PRE_ORDER, /<\/summary>\n\n/, "</summary>\n"],
  ],
  ["an example without a summary", "wechatpay/bilingual", /summary/, [SIGN_IN, /^summary: .*\n/m, ""]],
  [
    "a parameter without a description",
    "parameter-description",
    /description/,
    ["components/parameters/WechatpaySerial.yaml", /^description: \|-\n( {2}.*\n)+/m, ""],
  ],
  [
    "a tag without a description",
    "tag-description",
    /description/,
    [ROOT, /^tags:\n/m, "tags:\n  - name: Undescribed\n"],
  ],

  [
    "a file that nothing refers to",
    "wechatpay/no-orphan-file",
    /Stray\.yaml/,
    ["components/schemas/Stray.yaml", "type: object\n"],
  ],
  [
    "a component that nothing refers to",
    "no-unused-components",
    /Stray/,
    [ROOT, "components:\n", "components:\n  schemas:\n    Stray:\n      type: object\n"],
  ],
  [
    "two components of one name",
    "component-name-unique",
    /not unique/,
    ["components/schemas/detail/Error.yaml", "type: object\ndescription: 另一个 Another\n"],
    [
      "components/schemas/ErrorDetail.yaml",
      "additionalProperties: true\n",
      "additionalProperties:\n  $ref: detail/Error.yaml\n",
    ],
  ],
  [
    "a field that may be null",
    "rule/no-null",
    /never sends null/,
    [RESPONSE, "    type: integer", "    type: [integer, 'null']"],
  ],
  [
    "a field that is nullable, as OpenAPI 3.0 has it",
    "rule/no-nullable",
    /never sends null/,
    [RESPONSE, "    type: integer", "    type: integer\n    nullable: true"],
  ],
  [
    "`anyOf` of more than `required`",
    "wechatpay/at-least-one",
    /in each branch/,
    [REQUEST, "  - required: [appid]\n", "  - required: [appid]\n    minProperties: 3\n"],
  ],
  [
    "a closed enumeration in a reply",
    "wechatpay/open-replies",
    /x-extensible-enum/,
    [RESPONSE, "    example: abcdefghijklmn\n", "    example: abcdefghijklmn\n    enum: [abcdefghijklmn]\n"],
  ],
  [
    "a request's enumeration in a reply",
    "wechatpay/open-replies",
    /a schema of its own/,
    ["components/schemas/AuthenticationEntity.yaml", "$ref: AuthenticationScene.yaml", "$ref: EmploymentType.yaml"],
    [
      "components/schemas/EmploymentType.yaml",
      "  - LONG_TERM_EMPLOYMENT",
      "  - LONG_TERM_EMPLOYMENT\n  - FROM_MINI_APP\n  - FROM_HARDWARE",
    ],
  ],
  ["an open enumeration in a request", "wechatpay/open-replies", /use `enum`/, onOpenid("x-extensible-enum: [A, B]")],
  [
    "a $ref to nothing",
    "no-unresolved-refs",
    /resolve/i,
    ["components/responses/PreOrderAuthentication.yaml", "headers/RequestId.yaml", "headers/Request.yaml"],
  ],
  // One mistake, and no advice to delete what could not be read.
  ["a tab in a path's file", "no-unresolved-refs", /parse/, [PRE_ORDER, "  summary:", "\tsummary:"]],
  [
    "a key twice in a schema's file",
    "no-unresolved-refs",
    /duplicate/,
    onOperation("x-wechatpay-idempotent: /openid"),
    [REQUEST, /^/, "allOf: [{ $ref: Named.yaml }]\n"],
    ["components/schemas/Named.yaml", "type: object\ntype: object\n"],
    [REQUEST, "required:\n  - openid\n", "required:\n"],
  ],
  ["a misspelt keyword", "struct", /maxLenght/, [REQUEST, "    maxLength: 64", "    maxLenght: 64"]],
];

const accepted: [name: string, ...edits: Edit[]][] = [
  ["a notification, answered by the merchant: none of our error replies, no signed reply", ...notified()],
  [
    "our keys where they belong",
    onOperation("x-wechatpay-response: unsigned\n  x-wechatpay-idempotent: /authenticate_number"),
    onOpenid("x-wechatpay-sensitive: true"),
    [PRE_ORDER, "WechatpaySerial.yaml", "WechatpaySerialOfEncryption.yaml"],
    [
      RESPONSE,
      "    example: abcdefghijklmn\n",
      "    example: abcdefghijklmn\n    x-extensible-enum: [abcdefghijklmn]\n",
    ],
  ],
  [
    "`idempotent` of a field that comes by allOf",
    onOperation("x-wechatpay-idempotent: /openid"),
    [REQUEST, "required:\n  - openid\n", "allOf:\n  - $ref: Named.yaml\nrequired:\n"],
    [
      "components/schemas/Named.yaml",
      "description: 用户 A user\ntype: object\nrequired: [openid]\nproperties:\n  openid:\n    type: string\n    description: 用户 A user\n    example: o\n",
    ],
  ],
  [
    "`idempotent` of a field of JSON with a charset",
    onOperation("x-wechatpay-idempotent: /authenticate_number"),
    [PRE_ORDER, "application/json:", "application/json; charset=utf-8:"],
  ],
  ["a term before the Chinese", [PRE_ORDER, /summary: .*/, "summary: GET /v3/a/{of} 与 token 的预下单 Pre-order"]],
  [
    "an unsigned reply without the headers of a signature",
    onOperation("x-wechatpay-response: unsigned"),
    [REPLY, /^ {2}Wechatpay-.*:\n.*\n/gm, ""],
  ],
  [
    "a property whose name looks like a key",
    ["components/schemas/ErrorDetail.yaml", "  value:\n", "  x-wechatpay-value:\n"],
  ],
];

interface Problem {
  ruleId: string;
  severity: string;
  message: string;
}

interface Report {
  status: number;
  /** One list for each spec. */
  problems: Problem[][];
  stderr: string;
}

/** Runs the command of `npm run lint` over several roots at once: most of its time is its start. */
async function lint(specs: string[]): Promise<Report> {
  const args = [
    redocly,
    "lint",
    ...specs,
    "--format=json",
    "--lint-config=error",
    `--config=${join(root, "redocly.yaml")}`,
  ];
  const env = { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" };
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: root, env, maxBuffer: 2 ** 28 }, (error, stdout, stderr) => {
      // It writes one JSON object after another, without anything between them.
      const replies = JSON.parse(`[${stdout.replaceAll(/^\}\{$/gm, "},{")}]`) as { problems: Problem[] }[];
      resolve({ status: error ? Number(error.code) : 0, problems: replies.map((reply) => reply.problems), stderr });
    });
  });
}

function apply(edits: Edit[], spec: Map<string, string>): Map<string, string> {
  const files = new Map(spec);
  for (const [file, from, to] of edits) {
    if (to === undefined) {
      files.set(file, from);
      continue;
    }
    const before = files.get(file) ?? "";
    const after = before.replace(from, to);
    if (after === before) throw new Error(`${file} has no ${from}, so this case would prove nothing`);
    files.set(file, after);
  }
  return files;
}

async function writeFiles(folder: string, files: Map<string, string>): Promise<void> {
  for (const directory of new Set([...files.keys()].map(dirname)))
    await mkdir(join(folder, directory), { recursive: true });
  await Promise.all([...files].map(([file, text]) => writeFile(join(folder, file), text)));
}

let folder: string;
let accepting: string[];
let refusing: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "spec-"));
  // Copied a hundred times, so only the family that the edits are of.
  const names = (await readdir(SPEC, { recursive: true })).filter((name) => /^(?!pay\b).*\.yaml$/.test(name));
  const spec = new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(SPEC, name), "utf8")] as const)),
  );
  const write = async (edits: Edit[], index: number, kind: string) => {
    const copy = join(folder, `${kind}-${index}`);
    await writeFiles(copy, apply(edits, spec));
    return join(copy, ROOT);
  };
  accepting = await Promise.all(accepted.map(([, ...edits], index) => write(edits, index, "accepted")));
  refusing = await Promise.all(refused.map(([, , , ...edits], index) => write(edits, index, "refused")));
});

afterAll(() => rm(folder, { recursive: true }));

describe("the lint gate of the spec accepts", () => {
  let good: Report;
  beforeAll(async () => {
    good = await lint([join(SPEC, ROOT), join(SPEC, "pay", ROOT), ...accepting]);
  });

  it.each(
    ["the payroll card as it is", "what nearly every merchant calls as it is", ...accepted.map(([name]) => name)].map(
      (name, index) => [name, index] as const,
    ),
  )("%s", (_name, index) => expect(good.problems[index]).toEqual([]));

  it("with exit code 0, and no rule that does nothing", () => {
    expect(good.status).toBe(0);
    expect(good.stderr).not.toMatch(/unused rule|warning in/i);
  });
});

describe("the lint gate of the spec refuses", () => {
  let bad: Report;
  beforeAll(async () => {
    bad = await lint(refusing);
  });

  it("with exit code 1", () => expect(bad.status).toBe(1));

  it.each(refused.map(([name, rule, message], index) => [name, rule, message, index] as const))(
    "%s: %s",
    (_name, rule, message, index) => {
      const problems = bad.problems[index] ?? [];
      const expected = problems.filter(({ ruleId }) => ruleId === rule);
      expect(expected.map((problem) => problem.message)).toContainEqual(expect.stringMatching(message));
      expect(expected.every(({ severity }) => severity === "error")).toBe(true);
      // No other rule has a say.
      const companions = COMPANIONS_OF[rule] ?? COMPANIONS;
      const others = problems.filter(({ ruleId }) => ![rule, ...companions].includes(ruleId));
      expect(others).toEqual([]);
    },
  );
});
