import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createNotificationReceiver, type Notification } from "wechatpay-openapi-fetch";
import type { webhooks } from "wechatpay-openapi-fetch/pay";
import { createSandbox, type SandboxOptions } from "wechatpay-openapi-fetch/sandbox";
import { DAY, MINUTE, NOON, start } from "./pay.js";

/** A merchant who receives notifications in this process. */
async function receiving(options: SandboxOptions = {}) {
  const received: Notification<webhooks>[] = [];
  const merchant = await start({
    async notifications(request) {
      const { platformKeys, apiV3Key } = merchant.sandbox.credentials;
      const receive = createNotificationReceiver<webhooks>({ platformKeys, apiV3Key, clock: merchant.sandbox.clock });
      received.push(await receive(request));
      return new Response(null, { status: 204 });
    },
    ...options,
  });
  return { ...merchant, received };
}

describe("the notify_url is told", () => {
  test("of a payment: TRANSACTION.SUCCESS, by the time that pay resolves", async () => {
    const { sandbox, paid, received } = await receiving();
    const { out_trade_no, transaction_id } = await paid();
    expect(received).toMatchObject([
      {
        event_type: "TRANSACTION.SUCCESS",
        summary: "支付成功",
        create_time: "2026-03-02T12:00:00+08:00",
        resource: { out_trade_no, transaction_id, trade_state: "SUCCESS", amount: { total: 100, payer_total: 100 } },
      },
    ]);
    const url = "https://www.example.com/notify";
    const { resource } = received[0] as Notification<webhooks>;
    expect(sandbox.notifications).toEqual([{ event_type: "TRANSACTION.SUCCESS", url, resource, status: 204 }]);
  });

  test("of an order of a service provider", async () => {
    const { sandbox, partnerOrder, placePartner, received } = await receiving();
    const body = partnerOrder();
    await placePartner(body);
    const told = await sandbox.pay(body);
    expect(received).toMatchObject([{ event_type: "TRANSACTION.SUCCESS", resource: told }]);
  });

  test.each(["SUCCESS", "ABNORMAL", "CLOSED"] as const)("of a refund that ends: REFUND.%s", async (status) => {
    const { sandbox, paid, refundOf, refund, received } = await receiving();
    const body = refundOf(await paid(), 30, { notify_url: "https://www.example.com/refunds" });
    await refund(body);
    const told = await sandbox.finishRefund(body, status);
    expect(received.slice(1)).toMatchObject([{ event_type: `REFUND.${status}`, resource: told }]);
    expect(told.refund_status).toBe(status);
    expect(sandbox.notifications.at(-1)).toMatchObject({ url: "https://www.example.com/refunds", status: 204 });
  });

  test("of a refund that succeeds by the clock: notified() waits for it", async () => {
    const { sandbox, paid, refundOf, refund, received } = await receiving();
    const body = refundOf(await paid(), 30, { notify_url: "https://www.example.com/refunds" });
    await refund(body);
    sandbox.advance(MINUTE - 1);
    await sandbox.notified();
    expect(received).toHaveLength(1);
    sandbox.advance(1);
    await sandbox.notified();
    const { out_refund_no } = body;
    expect(received.slice(1)).toMatchObject([
      { event_type: "REFUND.SUCCESS", summary: "退款成功", resource: { out_refund_no, refund_status: "SUCCESS" } },
    ]);
    sandbox.advance(DAY);
    await sandbox.notified();
    expect(received).toHaveLength(2);
  });

  test("once, where a refund ended before its time", async () => {
    const { sandbox, paid, refundOf, refund, received } = await receiving();
    const body = refundOf(await paid(), 30, { notify_url: "https://www.example.com/refunds" });
    await refund(body);
    await sandbox.finishRefund(body);
    sandbox.advance(MINUTE);
    await sandbox.notified();
    expect(received.map(({ event_type }) => event_type)).toEqual(["TRANSACTION.SUCCESS", "REFUND.SUCCESS"]);
  });

  test("of a transfer that ends: MCHTRANSFER.BILL.FINISHED", async () => {
    const { sandbox, transfer, send, cancel, received } = await receiving();
    const notify_url = "https://www.example.com/transfers";
    const made = () => transfer({ notify_url });
    const [confirmed, failed, cancelled, overdue] = [made(), made(), made(), made()];
    for (const body of [confirmed, failed, cancelled, overdue, transfer()]) await send(body);
    await sandbox.confirm(confirmed);
    await sandbox.confirm(failed, "PAYEE_ACCOUNT_ABNORMAL");
    await cancel(cancelled.out_bill_no);
    sandbox.advance(DAY);
    await sandbox.notified();
    expect(received).toMatchObject(
      [
        { out_bill_no: confirmed.out_bill_no, state: "SUCCESS" },
        { out_bill_no: failed.out_bill_no, state: "FAIL", fail_reason: "PAYEE_ACCOUNT_ABNORMAL" },
        { out_bill_no: cancelled.out_bill_no, state: "CANCELLED" },
        { out_bill_no: overdue.out_bill_no, state: "FAIL", fail_reason: "OVERDUE_CLOSE" },
      ].map((resource) => ({ event_type: "MCHTRANSFER.BILL.FINISHED", resource })),
    );
  });
});

test("without the option nobody is told, and nothing is recorded", async () => {
  const fetch = vi.spyOn(globalThis, "fetch");
  const { sandbox, paid } = await start();
  await paid({ notify_url: "http://127.0.0.1:9/notify" });
  await sandbox.notified();
  expect(fetch).not.toHaveBeenCalled();
  expect(sandbox.notifications).toEqual([]);
});

test("a handler that fails does not take the payment back: the record says so", async () => {
  const { sandbox, paid, query } = await start({
    notifications: () => {
      throw new Error("out of memory", { cause: new Error("a leak") });
    },
  });
  const { out_trade_no } = await paid();
  expect((await query(out_trade_no)).data?.trade_state).toBe("SUCCESS");
  expect(sandbox.notifications).toMatchObject([{ error: "Error: out of memory: a leak" }]);
});

test("the record keeps the last 1000", { tags: ["slow"] }, async () => {
  const { sandbox, paid, refundOf, refund } = await start({ notifications: () => new Response() });
  const orders = await Promise.all(Array.from({ length: 21 }, () => paid()));
  const refunds = orders.flatMap((order) =>
    Array.from({ length: 48 }, () => refundOf(order, 1, { notify_url: "https://www.example.com/refunds" })),
  );
  for (const body of refunds) await refund(body);
  sandbox.advance(MINUTE);
  await sandbox.notified();
  expect(21 + refunds.length).toBeGreaterThan(1000);
  expect(sandbox.notifications).toHaveLength(1000);
  expect(sandbox.notifications.at(-1)).toMatchObject({ event_type: "REFUND.SUCCESS", status: 200 });
});

describe("over HTTP", () => {
  const told: string[] = [];
  const server = createServer((request, response) => {
    told.push(request.url ?? "");
    response.writeHead(204).end();
  });
  let port: number;
  beforeEach(async () => {
    told.length = 0;
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    port = (server.address() as AddressInfo).port;
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  test.each(["127.0.0.1", "localhost", "127.1"])("loopback tells %s", async (host) => {
    const { sandbox, paid } = await start({ notifications: "loopback" });
    await paid({ notify_url: `http://${host}:${port}/notify` });
    expect(told).toEqual(["/notify"]);
    expect(sandbox.notifications).toMatchObject([{ status: 204 }]);
  });

  test.each([
    "https://www.example.com/notify",
    "http://10.0.0.1/notify",
    "http://127.0.0.1.example.com/notify",
    "http://127.0.0.1@example.com/notify",
    "http://localhost.example.com/notify",
    "http://[::ffff:10.0.0.1]/notify",
    "not a URL at all",
  ])("loopback does not tell %s, and the record says why", async (notify_url) => {
    const fetch = vi.spyOn(globalThis, "fetch");
    const { sandbox, paid } = await start({ notifications: "loopback" });
    await paid({ notify_url });
    expect(fetch).not.toHaveBeenCalled();
    expect(sandbox.notifications).toMatchObject([
      {
        error: 'not sent: it is no address of this machine; createSandbox({ notifications: "anywhere" }) allows others',
      },
    ]);
  });

  test("anywhere tells every address", async () => {
    const fetch = vi.spyOn(globalThis, "fetch").mockResolvedValue(new Response(null, { status: 200 }));
    const { sandbox, paid } = await start({ notifications: "anywhere" });
    await paid();
    expect(fetch).toHaveBeenCalledOnce();
    expect(fetch.mock.calls).toMatchObject([[{ url: "https://www.example.com/notify" }, {}]]);
    expect(sandbox.notifications).toMatchObject([{ status: 200 }]);
  });

  test("what cannot be reached is recorded", async () => {
    const { sandbox, paid } = await start({ notifications: "loopback" });
    // A port that was free a moment ago.
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port: free } = other.address() as AddressInfo;
    await new Promise((resolve) => other.close(resolve));
    await paid({ notify_url: `http://127.0.0.1:${free}/notify` });
    expect(sandbox.notifications[0]?.error).toContain("ECONNREFUSED");
  });

  test("a refund is told by itself when its time comes, where the clock goes on", async () => {
    let now = NOON;
    const { sandbox, paid, refundOf, refund } = await start({ notifications: "loopback", clock: () => now });
    const order = await paid();
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    await refund(refundOf(order, 1, { notify_url: `http://127.0.0.1:${port}/refunds` }));
    now += MINUTE;
    vi.advanceTimersByTime(MINUTE + 10);
    vi.useRealTimers();
    await expect.poll(() => told).toEqual(["/refunds"]);
    await sandbox.notified();
  });
});

test.each([true, "everywhere", "127.0.0.1", null])("notifications: %j is refused", async (notifications) => {
  await expect(createSandbox({ notifications: notifications as never })).rejects.toThrow(
    /^notifications must be one of loopback, anywhere, or a function that answers requests; given: /,
  );
});
