import { afterAll, beforeEach, expect, test, vi } from "vitest";
import { openPage } from "./support/page.js";

const page = await openPage("guide/payments.md");
const log = vi.spyOn(console, "log").mockImplementation(() => {});
beforeEach(() => log.mockClear());
afterAll(page.close);

test("the whole of a payment: order, second signature, payment, notification, query, refund, bill", async () => {
  await page.run("await sandbox.pay(order)");
  expect(log.mock.calls).toEqual([
    ["paid", "1217752501201407033233368018", 100],
    [expect.stringMatching(/^prepay_id=wx20260302/), "SUCCESS", "PROCESSING", true],
  ]);
});

test("a transfer: its encrypted name, the user's confirmation, notification, query", async () => {
  await page.run("await sandbox.confirm(transfer)");
  expect(log.mock.calls).toEqual([
    ["plfk2020042013", "SUCCESS"],
    ["WAIT_USER_CONFIRM", "1900000109", "SUCCESS", "张三"],
  ]);
});
