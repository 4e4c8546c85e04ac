import { isRecord, isText } from "../../checks.js";
import { ActionError } from "../action-error.js";
import { shown } from "../checks.js";
import { FAULTS } from "../server/faults.js";
import { isHttpUrl } from "../server/notifications.js";
import { END_OF_TIME } from "../server/time.js";
import type { Action, Text } from "./messages.js";
import type { ConsoleParts } from "./parts.js";

/** Whether a value is what is meant, and what it must be. */
type Rule = readonly [fits: (value: unknown) => boolean, wanted: Text];

const TEXT: Rule = [
  (value) => typeof value === "string" && value !== "",
  { zh: "非空文本", en: "a text that is not empty" },
];
const oneOf = (...values: readonly string[]): Rule => [
  (value) => values.includes(value as string),
  { zh: `以下之一：${values.join("、")}`, en: `one of ${values.join(", ")}` },
];
const COUNT: Rule = [
  (value) => Number.isSafeInteger(value) && (value as number) > 0,
  { zh: "大于 0 的整数", en: "a whole number above 0" },
];
const OBJECT: Rule = [isRecord, { zh: " JSON 对象", en: "a JSON object" }];
const ANYTHING: Rule = [() => true, { zh: "任意值", en: "anything" }];
const METHOD: Rule = [isText(/^[A-Z]{1,20}$/), { zh: "请求方法，如 POST", en: "a method, such as POST" }];
const PATH: Rule = [
  isText(/^\/(?!\/)[!-~]*$/),
  {
    zh: "以 / 开头的路径，如 /v3/certificates，其他字符要做百分号编码",
    en: "a path that begins with one /, such as /v3/certificates, percent-encoded",
  },
];
const HTTP_URL: Rule = [
  isHttpUrl,
  { zh: " http 或 https 地址，不带用户名", en: "an http or https URL, without a user name" },
];

type Fields = Record<string, Rule>;

/** The fields of each action: those that must be there, and others. */
const rulesOf = ({
  router,
  sandbox,
}: ConsoleParts): Record<Action["action"], readonly [needed: Fields, others?: Fields]> => ({
  authorize: [{ openid: TEXT, sub_mchid: TEXT, state: oneOf("AUTHORIZED", "DEAUTHORIZED") }, { token: TEXT }],
  authenticate: [{ number: TEXT, state: oneOf("AUTHENTICATE_SUCCESS", "AUTHENTICATE_FAILED") }],
  failTransfer: [{ out_batch_no: TEXT, out_detail_no: TEXT }],
  pay: [{ out_trade_no: TEXT }],
  finishRefund: [{ out_refund_no: TEXT, status: oneOf("SUCCESS", "CLOSED", "ABNORMAL") }],
  confirm: [{ out_bill_no: TEXT }, { fail_reason: TEXT }],
  fail: [{ fault: oneOf(...FAULTS), times: COUNT }, { operation: oneOf(...router.operationIds) }],
  removeFault: [{ id: COUNT }],
  endFaults: [{}],
  advance: [
    {
      ms: [
        (value) => typeof value === "number" && value >= 0 && sandbox.clock() + value < END_OF_TIME,
        {
          zh: "不小于 0 的毫秒数，且之后的时间早于 9999 年",
          en: "a number of milliseconds, 0 or more, that ends before the year 9999",
        },
      ],
    },
  ],
  rotate: [{}],
  clear: [{}],
  send: [{ method: METHOD, path: PATH }, { body: ANYTHING }],
  example: [{ operationId: oneOf(...router.operationIds) }, { example: [isText(/^/), TEXT[1]] }],
  notify: [{ url: HTTP_URL, event_type: TEXT }, { resource: OBJECT }],
  exampleNotification: [{ event_type: TEXT }],
  connect: [{}],
});

/** An action of the right form. Whether it can be done is the sandbox's to say. @throws {Error} bilingual, if it is none. */
export function readAction(asked: unknown, parts: ConsoleParts): Action {
  const actions = rulesOf(parts);
  const { action, ...given } = isRecord(asked) ? asked : {};
  check("action", oneOf(...Object.keys(actions)), action);
  const [needed, others = {}] = actions[action as Action["action"]];
  const rules = { ...needed, ...others };
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(rules, name));
  if (unknown !== undefined) {
    const [name, known] = [JSON.stringify(unknown.slice(0, 40)), Object.keys(rules)];
    throw new ActionError(
      `操作 ${action} 没有字段 ${name}${known.length > 0 ? `，只有 ${known.join("、")}` : "，不需要字段"}。`,
      `The action ${action} has no field ${name}; it takes ${known.join(", ") || "none"}.`,
    );
  }
  for (const [name, rule] of Object.entries(rules)) {
    if (given[name] !== undefined || Object.hasOwn(needed, name)) check(name, rule, given[name]);
  }
  return asked as Action;
}

function check(name: string, [fits, wanted]: Rule, given: unknown): void {
  if (fits(given)) return;
  throw new ActionError(
    `${name} 应为${wanted.zh}，给出的是 ${shown(given)}。`,
    `${name} must be ${wanted.en}; given: ${shown(given)}.`,
  );
}
