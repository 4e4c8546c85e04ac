import { expect, test } from "vitest";
import type { State } from "../../../../../src/sandbox/console/messages.js";
import { isOpen, openChecks, pairsOf } from "../../../../../src/sandbox/console/page/state/pairs.js";
import { dueAfter, nextOf } from "../../../../../src/sandbox/console/page/trigger/due.js";

const NOW = 1_000_000;
const user = { openid: "o1", sub_mchid: "1111111" };
const other = { openid: "o2", sub_mchid: "1111111" };
const check = (number: string, state: string, expiresAt: number) => ({ number, ...user, state, expiresAt });
const state: State = {
  faults: [],
  startsAuthorized: false,
  relations: [{ ...user, state: "AUTHORIZED", at: NOW }],
  tokens: [
    { token: "old", operationId: "createToken", ...user, expiresAt: NOW },
    { token: "new", operationId: "createToken", ...other, expiresAt: NOW + 300_000 },
  ],
  authentications: [
    check("open", "AUTHENTICATE_PROCESSING", NOW + 1),
    check("expired", "AUTHENTICATE_PROCESSING", NOW),
    check("over", "AUTHENTICATE_SUCCESS", NOW + 1),
  ],
  preOrders: [],
  batches: [
    { out_batch_no: "b1", batch_id: "1", state: "PROCESSING", finishesAt: NOW + 60_000, transfers: [] },
    { out_batch_no: "b0", batch_id: "0", state: "FINISHED", finishesAt: NOW - 1, transfers: [] },
  ],
  records: [],
  platformKeys: [
    { serial: "PUB_KEY_ID_1", kind: "public-key" },
    { serial: "5157", kind: "certificate", startsAt: NOW + 400_000, expiresAt: NOW + 500_000 },
  ],
};

test("what is to come is told in its order, without what is past", () => {
  expect(dueAfter(state, NOW).map(({ at, what }) => [at - NOW, what])).toEqual([
    [60_000, "b1"],
    [300_000, "o2"],
    [400_000, "5157"],
    [500_000, "5157"],
  ]);
});

test("of one user's tokens the next is named, and nothing that is far away", () => {
  const { tokens } = state;
  const later = { token: "later", operationId: "createToken", ...other, expiresAt: NOW + 350_000 };
  const due = dueAfter({ ...state, tokens: [...tokens, later] }, NOW);
  expect(nextOf(due, NOW + 450_000).map(({ at, what }) => [at - NOW, what])).toEqual([
    [60_000, "b1"],
    [300_000, "o2"],
    [400_000, "5157"],
  ]);
});

test("users are offered what they can still do, each pair once", () => {
  expect(pairsOf(state)).toEqual([user, other]);
  expect(openChecks(state, NOW).map(({ number }) => number)).toEqual(["open"]);
});

test.each([
  ["order", "NOTPAY", true],
  ["order", "SUCCESS", false],
  ["order", "CLOSED", false],
  ["refund", "PROCESSING", true],
  ["refund", "ABNORMAL", true],
  ["refund", "SUCCESS", false],
  ["transfer", "WAIT_USER_CONFIRM", true],
  ["transfer", "SUCCESS", false],
] as const)("something can happen to the %s that is %s: %s", (kind, is, expected) => {
  expect(isOpen({ kind, state: is })).toBe(expected);
});
