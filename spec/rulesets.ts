// The two sets of lint rules. spec/README.md says which is for whom; redocly.yaml takes both.

/** A rule's severity, with its options. https://redocly.com/docs/cli/rules */
type Rules = Record<string, string | { severity: string; message?: string; [option: string]: unknown }>;

/** A rule of Redocly's own, with what to do about it. */
const withAdvice = (advice: string, options: object = {}) => ({
  severity: "error",
  ...options,
  message: `{{message}} ${advice}`,
});

/** What is wrong in any description: the generator refuses it, or client, types or sandbox would do otherwise than it says. */
export const faults: Rules = {
  struct: "error",
  "no-unresolved-refs": "error",
  "no-identical-paths": "error",
  "path-declaration-must-exist": "error",
  "path-not-include-query": "error",
  "operation-operationId-unique": "error",
  "operation-parameters-unique": "error",
  "no-enum-type-mismatch": "error",
  "wechatpay/known-extension": "error",
  "wechatpay/encryption-serial": "error",
  // The sandbox answers with examples; but a wrong one is often the documents'.
  "no-invalid-schema-examples": "warn",
  "no-invalid-parameter-examples": "warn",
  "no-invalid-media-type-examples": "warn",
};

const WRONG_EXAMPLE = withAdvice("Correct the example or the schema, whichever the documents contradict.", {
  allowAdditionalProperties: false,
});

/** How the descriptions of this project are written. It holds beside {@link faults}. */
const houseRules: Rules = {
  // What every operation has
  "operation-operationId": withAdvice(
    "Name the operation in camelCase: the generated table, types and sandbox are keyed by it.",
  ),
  "rule/operation-id-casing": {
    subject: { type: "Operation", property: "operationId" },
    assertions: { casing: "camelCase" },
    message:
      "Name the operation in camelCase, such as closeOrder: the generated table, types and sandbox are keyed by it ({{problems}}).",
    severity: "error",
  },
  "operation-summary": withAdvice(
    "Write one line, Chinese first and then English: it heads the docs and the hover text.",
  ),
  "operation-description": withAdvice(
    "Say what the operation is for, its limits, and what the public documents leave open.",
  ),
  "operation-tag-defined": withAdvice(
    "Give the operation the tag of its service group, and describe that tag in spec/openapi.yaml.",
  ),
  "operation-singular-tag": withAdvice("Keep the tag of its service group."),
  "rule/operation-has-tag": {
    subject: { type: "Operation", property: "tags" },
    assertions: { minLength: 1 },
    message: "Give the operation the tag of its service group, and describe that tag in spec/openapi.yaml.",
    severity: "error",
  },
  "rule/official-page": {
    subject: { type: "Operation" },
    assertions: { required: ["externalDocs"] },
    message:
      "Link the official page of the operation: `externalDocs: { description, url }`, so that readers can check what is written here.",
    severity: "error",
  },
  "rule/official-address": {
    subject: { type: "ExternalDocs", property: "url" },
    assertions: { pattern: "^https://pay\\.weixin\\.qq\\.com/" },
    message: "The official page is one of https://pay.weixin.qq.com/.",
    severity: "error",
  },
  "rule/error-replies": {
    subject: { type: "Responses" },
    // Notifications are answered by the merchant.
    where: [{ subject: { type: "Paths" }, assertions: { defined: true } }],
    assertions: { required: ["400", "401", "403", "404", "429", "500", "502", "503"] },
    message:
      "Any operation can be refused or fail in each of these ways: $ref the missing reply from spec/components/responses/ ({{problems}}).",
    severity: "error",
  },
  "rule/error-body": {
    subject: { type: "Response", matchParentKeys: "/^[45]/" },
    assertions: { required: ["content"] },
    message:
      "Give the error reply a JSON body with the schema Error; without one its type is `never` and callers cannot read the code.",
    severity: "error",
  },
  "rule/error-schema": {
    subject: { type: "MediaType", property: "schema" },
    where: [{ subject: { type: "Response", matchParentKeys: "/^[45]/" }, assertions: { defined: true } }],
    assertions: { defined: true, ref: "/(^|\\/)Error\\.yaml$/" },
    message:
      "Every error reply has the schema Error of spec/components/schemas/, so that callers handle all of them alike.",
    severity: "error",
  },
  "response-contains-header": withAdvice("$ref it from spec/components/headers/RequestId.yaml: support asks for it.", {
    names: { "4XX": ["Request-ID"], "5XX": ["Request-ID"] },
  }),

  // Examples: one of everything, right, and written once
  "rule/scalar-example": {
    subject: { type: "Schema" },
    where: [
      {
        subject: { type: "Schema", property: "type" },
        assertions: { defined: true, enum: ["string", "integer", "number", "boolean"] },
      },
    ],
    assertions: { required: ["example"] },
    message:
      "Give every scalar an `example`, documented where there is one. Not `examples`, which the docs page leaves out.",
    severity: "error",
  },
  "rule/body-example": {
    subject: { type: "MediaType" },
    assertions: { required: ["schema", "examples"] },
    message:
      "A body needs its schema and at least one of the examples in spec/components/examples/: tests, sandbox and docs use them ({{problems}}).",
    severity: "error",
  },
  "no-invalid-schema-examples": WRONG_EXAMPLE,
  "no-invalid-parameter-examples": WRONG_EXAMPLE,
  "no-invalid-media-type-examples": WRONG_EXAMPLE,
  "wechatpay/example-by-ref": "error",

  // Text
  "wechatpay/bilingual": "error",
  "wechatpay/folded-last": "error",
  "parameter-description": withAdvice("Say what it does, Chinese first and then English."),
  "tag-description": withAdvice("Say what the service group is for, Chinese first and then English."),

  // Some paths of WeChat Pay end with a slash, such as /v3/applyment4sub/applyment/, and without it they lead nowhere.
  "no-path-trailing-slash": "off",

  // Shape
  "wechatpay/known-extension": { severity: "error", noOthers: true },
  "component-name-unique": withAdvice("Rename one of them: the bundle would number them."),
  "wechatpay/at-least-one": "error",
  "wechatpay/open-replies": "error",
  "wechatpay/reply-headers": "error",
  "wechatpay/notification": "error",
  "rule/no-null": {
    subject: { type: "Schema", property: "type" },
    assertions: { enum: ["string", "integer", "number", "boolean", "object", "array"] },
    message:
      "APIv3 leaves a value out and never sends null. Give one type, and leave the field out of `required` where it may be missing.",
    severity: "error",
  },
  "rule/no-nullable": {
    subject: { type: "Schema" },
    assertions: { disallowed: ["nullable"] },
    message:
      "APIv3 leaves a value out and never sends null. Take `nullable` away, and leave the field out of `required` where it may be missing.",
    severity: "error",
  },
  "spec-strict-refs": withAdvice("Write the value in place: other tools resolve a $ref only where OpenAPI has one."),
};

/** What `extends` names: `wechatpay/faults` and `wechatpay/style`. */
export const configs: Record<string, { extends?: string[]; rules: Rules }> = {
  faults: { rules: faults },
  style: { extends: ["recommended-strict"], rules: houseRules },
};
