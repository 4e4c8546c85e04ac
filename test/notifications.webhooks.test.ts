import { mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createNotificationReceiver, type Notification } from "wechatpay-openapi-fetch";
import { createSandbox, type OpenApiDocument } from "wechatpay-openapi-fetch/sandbox";
import { main } from "../scripts/generate.js";
import { openAllInEditor } from "./support/language-service.js";

/** A receiver of every notification of a spec, as its users write it. `@ts-expect-error` is itself an error where there is none. */
const HANDLER = `
import { createNotificationReceiver, type Notification, type UnknownNotification } from "wechatpay-openapi-fetch";
import type { components, webhooks } from "./api/schema.js";

const receive = createNotificationReceiver<webhooks>({ apiV3Key: "", platformKeys: {} });

export async function handle(request: Request): Promise<string> {
  const notification = await receive(request);
  switch (notification.event_type) {
    case "TRANSACTION.SUCCESS": {
      const order: components["schemas"]["Transaction"] = notification.resource;
      return order.out_trade_no;
    }
    case "REFUND.SUCCESS":
    case "REFUND.ABNORMAL":
      return notification.resource.refund_status;
    // @ts-expect-error -- misspelt
    case "REFUND.CLOSE":
      return "";
    case "REFUND.CLOSED":
      return notification.resource.out_refund_no;
    default: {
      // Nothing else is left.
      const { event_type, resource }: UnknownNotification = notification;
      // @ts-expect-error -- it may be anything
      resource.out_trade_no;
      const text: string = event_type;
      return text;
    }
  }
}

export async function onlyRefunds(request: Request): Promise<string> {
  const { event_type, resource, id } = await receive(request);
  // @ts-expect-error -- which resource it is has to be asked first
  resource.mchid;
  if (event_type === "REFUND.SUCCESS") return resource.amount.refund.toFixed();
  return event_type.startsWith("REFUND.") ? id : "";
}

interface Coupon {
  coupon_id: string;
}
/** What the spec does not describe, by hand. */
export async function andCoupons(notification: Notification<webhooks & { "COUPON.USE": Coupon }>): Promise<string> {
  if (notification.event_type === "COUPON.USE") return notification.resource.coupon_id;
  return notification.event_type === "TRANSACTION.SUCCESS" ? notification.resource.trade_state : notification.event_type;
}

/** By hand alone: these and no others. */
export function byHand(notification: Notification<{ "COUPON.USE": Coupon }>): string {
  return notification.resource.coupon_id;
}

/** A spec without any. */
export function ofNone({ event_type, resource }: Notification<Record<string, never>>): [string, unknown] {
  return [event_type, resource];
}

export const all = (one: Notification<webhooks>): Notification => one;
`;

let folder: string;
let openapi: OpenApiDocument;
let editor: ReturnType<typeof openAllInEditor>;
beforeAll(async () => {
  folder = await mkdtemp("test/readme-webhooks-");
  await main(["--spec", "test/fixtures/another-family/openapi.yaml", "--out", join(folder, "api")]);
  openapi = JSON.parse(await readFile(join(folder, "api/openapi.json"), "utf8"));
  editor = openAllInEditor({ [join(folder, "handler.ts")]: HANDLER });
});
afterAll(() => rm(folder, { recursive: true }));

describe("the event types of a spec", () => {
  test("tell which resource it is, and leave room for one that no spec knows", () => {
    expect(editor.errors()).toEqual([]);
  });

  test.each([
    ["out_trade_no", "order.", "商户订单号 Your own number of the order"],
    ["refund_status", "resource.", "退款状态 How it ended"],
    ["refund.toFixed", "resource.amount.", "退款金额，单位为分 The refund's amount in fen"],
    ["resource.refund_status", "return notification.", "通知数据, decrypted and parsed"],
    ["event_type)", "switch (notification.", "通知类型"],
  ])("show the docs of %j after %j", (text, after, docs) => {
    expect(editor.hover(text, after)).toContain(docs);
  });

  test("arrive as the spec shows them, each from the sandbox by its event type alone", async () => {
    const sandbox = await createSandbox({ openapi });
    const receive = createNotificationReceiver({ ...sandbox.credentials, clock: sandbox.clock });
    const received: Notification[] = [];
    const fetch = async (request: Request) => {
      received.push(await receive(request));
      return new Response(null, { status: 204 });
    };
    const types = Object.keys(openapi.webhooks ?? {});
    for (const event_type of types) await sandbox.notify("https://merchant.example", { event_type }, { fetch });
    expect(received.map(({ event_type }) => event_type)).toEqual(types);
    expect(received[0]?.resource).toMatchObject({ trade_state: "SUCCESS", amount: { total: 100 } });
    expect(received.slice(1).map(({ resource }) => (resource as { refund_status: string }).refund_status)).toEqual([
      "SUCCESS",
      "ABNORMAL",
      "CLOSED",
    ]);
    const resource = (example: object) => ({ ...example, amount: { total: "100" } });
    await expect(sandbox.notify("https://x.example", { event_type: "TRANSACTION.SUCCESS", resource })).rejects.toThrow(
      "/resource/amount/total must be integer",
    );
  });
});
