import { expect, test } from "vitest";
import type { DeedRow, Entry, NotificationRow, RequestRow } from "../../../../../src/sandbox/console/messages.js";
import {
  countsOf,
  type Filter,
  indexAt,
  itemsOf,
  NO_FILTER,
  topsOf,
} from "../../../../../src/sandbox/console/page/list/rows.js";

const DAY = 86_400_000;
const NOON = new Date(2026, 10, 26, 12).getTime();
let seq = 0;

const request = (row: Partial<RequestRow> = {}): Entry => ({
  kind: "request",
  seq: ++seq,
  id: seq,
  at: NOON,
  took: 3,
  operationId: "createOrder",
  method: "POST",
  path: "/v3/orders",
  verdict: "accepted",
  status: 200,
  words: "",
  ...row,
});
const deed = (row: Partial<DeedRow> = {}): Entry => ({
  kind: "deed",
  seq: ++seq,
  at: NOON,
  deed: "advance",
  given: { ms: DAY },
  ...row,
});
const notification = (row: Partial<NotificationRow> = {}): Entry => ({
  kind: "notification",
  seq: ++seq,
  id: seq,
  at: NOON,
  event_type: "TRANSACTION.SUCCESS",
  url: "http://localhost/notify",
  resource: { out_trade_no: "order1" },
  status: 200,
  took: 5,
  ...row,
});

/** What is shown, in short. */
const shown = (entries: Entry[], filter: Partial<Filter> = {}) =>
  itemsOf(entries, { ...NO_FILTER, ...filter }).map((item) =>
    item.kind === "day" ? item.date : item.kind === "deed" ? item.entry.deed : item.key.replace(/\d+/, ""),
  );

test("the newest is the first; a day and what was done stand between", () => {
  const entries = [request(), deed(), request({ at: NOON + DAY }), notification({ at: NOON + DAY })];
  expect(shown(entries)).toEqual(["notification ", "request ", "2026-11-26", "advance", "request "]);
});

test("the attempts of one call are numbered, each call by itself", () => {
  const failed = { status: 500, fault: "system-error" as const };
  const entries = [
    request(failed),
    request({ ...failed, attempt: 2 }),
    request({ path: "/v3/other" }),
    request({ attempt: 3 }),
    request(),
  ];
  const numbers = itemsOf(entries, NO_FILTER).map((item) => item.kind === "row" && [item.attempt, item.attempts]);
  expect(numbers).toEqual([
    [undefined, undefined],
    [3, 3],
    [undefined, undefined],
    [2, 3],
    [1, 3],
  ]);
});

test("attempts whose first ones are dropped keep their numbers", () => {
  const [item] = itemsOf([request({ attempt: 2 }), request({ attempt: 3 })], NO_FILTER);
  expect(item).toMatchObject({ attempt: 3, attempts: 3 });
});

test("a search looks through what is seen and what is not, each word of it", () => {
  const reason = { zh: "查询参数没有参与签名", en: "the query was not signed" };
  const entries = [
    request({ words: "onqopenid 08request-id" }),
    request({ verdict: "wrong-signature", status: 401, code: "SIGN_ERROR", reason }),
    notification(),
  ];
  for (const text of ["ONQopenid", "08Request-ID", "sign_error query", "没有参与", "order1", "transaction.success"]) {
    expect(shown(entries, { text }), text).toHaveLength(1);
  }
  expect(shown(entries, { text: "sign_error order1" })).toEqual([]);
});

test("chips show any of what they name, an operation no other; then what was done is left out", () => {
  const entries = [
    request(),
    request({ verdict: "clock-skew", status: 401 }),
    request({ fault: "reset", operationId: "closeOrder" }),
    notification({ status: 500 }),
    deed(),
  ];
  expect(shown(entries, { only: ["refused"] })).toHaveLength(1);
  expect(shown(entries, { only: ["refused", "fault"] })).toHaveLength(2);
  expect(shown(entries, { only: ["notification"] })).toEqual(["notification "]);
  expect(shown(entries, { operation: "closeOrder" })).toHaveLength(1);
  expect(countsOf(entries)).toEqual({
    groups: { refused: 1, fault: 1, notification: 1 },
    operations: new Map([
      ["createOrder", 2],
      ["closeOrder", 1],
    ]),
  });
});

test("rows and dividers have their places, and a place its row", () => {
  const tops = topsOf(itemsOf([request(), deed(), request()], NO_FILTER));
  expect(tops).toEqual([0, 44, 72, 116]);
  expect([-10, 0, 43, 44, 71, 72, 115].map((place) => indexAt(tops, place))).toEqual([0, 0, 0, 1, 1, 2, 2]);
  expect(indexAt([0], 0)).toBe(0);
});
