import { isRecord } from "../../checks.js";
import { placesIn } from "../../json-pointer.js";
import { ActionError } from "../action-error.js";
import type { SandboxOperation } from "../api/operation.js";
import { randomHex } from "../server/keys.js";
import { DAY, dayOf, inBeijing } from "../server/time.js";
import type { Action } from "./messages.js";
import type { ConsoleParts } from "./parts.js";

type Example = Extract<Action, { action: "example" }>;
type Send = Omit<Extract<Action, { action: "send" }>, "action">;

/** How many of the newest orders and the like are looked through. */
const MOST = 100;

/**
 * A documented request that can be sent here, more than once: with a number of its own, this merchant's number, days that are not long over,
 * and in its path and its query what there is by now.
 *
 * @throws {ActionError} if there is no such example.
 */
export function exampleOf({ operationId, example }: Example, parts: ConsoleParts): Send {
  const operation = parts.router.operations.find((each) => each.operationId === operationId);
  const requests: ReturnType<SandboxOperation["requests"]> = operation?.requests() ?? new Map();
  const names = [...requests.keys()];
  const name = example ?? names[0] ?? "";
  const request = requests.get(name);
  if (operation === undefined || request === undefined) throw noExample(operationId, name, names);
  const [method = "", template = ""] = operation.name.split(/ (.*)/s);
  const { body } = request;
  const known = valuesOf(parts, Object(request.query).sub_mchid ?? Object(body).sub_mchid);
  const fill = (values: Record<string, unknown>) => ({ ...values, ...pick(known, Object.keys(values)) });
  const [path, query] = [fill(request.path), fill(request.query)];
  const filled = template.replace(/\{([^{}]+)\}/g, (_, name) => encodeURIComponent(String(path[name] ?? name)));
  const search = Object.entries(query).map(
    ([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(String(value))}`,
  );
  const target = search.length > 0 ? `${filled}?${search.join("&")}` : filled;
  if (body === undefined) return { method, path: target };
  return { method, path: target, body: isRecord(body) ? renewed(body, operation, parts) : body };
}

function noExample(operationId: string, name: string, names: readonly string[]): ActionError {
  if (names.length === 0) {
    return new ActionError(`${operationId} 没有可发送的示例。`, `${operationId} has no example that can be sent.`);
  }
  const [zh, en] = [names.join("、"), names.join(", ")];
  return new ActionError(
    `${operationId} 没有示例 ${JSON.stringify(name.slice(0, 40))}，只有 ${zh}。`,
    `${operationId} has no example ${JSON.stringify(name.slice(0, 40))}; it has ${en}.`,
  );
}

/** A body with what would be refused the second time, or in this sandbox, made new. */
function renewed(body: Record<string, unknown>, { idempotent }: SandboxOperation, parts: ConsoleParts) {
  const { merchant, sandbox } = parts;
  const now = sandbox.clock();
  const fresh: Record<string, string> = {
    mchid: merchant.mchid,
    sp_mchid: merchant.mchid,
    time_expire: inBeijing(now + DAY),
    authenticate_number: freshNumber(now),
  };
  const made: Record<string, unknown> = { ...body, ...pick(fresh, Object.keys(body)) };
  for (const { parent, name } of placesIn(made, idempotent === undefined ? [] : [idempotent]))
    parent[name] = freshNumber(now);
  return idempotent === "/out_refund_no" ? refunding(made, parts) : made;
}

/** A refund of the newest order that is paid, if there is one: of the documented one there is none here. */
function refunding({ transaction_id, ...refund }: Record<string, unknown>, { states }: ConsoleParts) {
  const paid = states(MOST).records.find(
    ({ kind, state, sub_mchid }) =>
      kind === "order" && sub_mchid === refund.sub_mchid && ["SUCCESS", "REFUND"].includes(state),
  );
  if (paid === undefined) return { ...refund, ...(transaction_id !== undefined && { transaction_id }) };
  const amount = { refund: 1, total: paid.amount, currency: "CNY" };
  return { ...refund, out_trade_no: paid.number, amount };
}

/** As merchants make them: the time, and something that no other has. */
const freshNumber = (now: number) => `${inBeijing(now).slice(0, 19).replace(/\D/g, "")}${randomHex(4)}`;

/** What parameters are here: of orders and the like the newest that there is, and of this sub-merchant if the request names one. */
function valuesOf({ states, merchant, sandbox }: ConsoleParts, sub_mchid: unknown): Record<string, string> {
  const now = sandbox.clock();
  const { authentications, batches } = states(1);
  const [authentication] = authentications;
  const [batch] = batches;
  const records = states(MOST).records.filter((record) => record.sub_mchid === sub_mchid);
  const numberOf = (kind: string) => records.find((record) => record.kind === kind)?.number;
  const idOf = (kind: string) => records.find((record) => record.kind === kind && record.id !== undefined)?.id;
  const all: Record<string, string | undefined> = {
    mchid: merchant.mchid,
    sp_mchid: merchant.mchid,
    bill_date: dayOf(now - DAY),
    authenticate_date: dayOf(now),
    authenticate_number: authentication?.number,
    out_batch_no: batch?.out_batch_no,
    batch_id: batch?.batch_id,
    out_detail_no: batch?.transfers[0]?.out_detail_no,
    detail_id: batch?.transfers[0]?.detail_id,
    out_trade_no: numberOf("order"),
    transaction_id: idOf("order"),
    out_refund_no: numberOf("refund"),
    out_bill_no: numberOf("transfer"),
    transfer_bill_no: idOf("transfer"),
  };
  return Object.fromEntries(Object.entries(all).filter((each): each is [string, string] => each[1] !== undefined));
}

function pick(values: Record<string, string>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name)));
}
