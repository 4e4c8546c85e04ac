import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { components, paths } from "../../../../generated/pay/schema.js";
import { toUtf8 } from "../../../bytes.js";
import type { Behaviours } from "../../behaviours.js";
import { randomHex } from "../../server/keys.js";
import { familyError, ruleBroken } from "../../server/refusals.js";
import { DAY, dayOf } from "../../server/time.js";
import { flowBill, tradeBill } from "./bill-files.js";
import type { Account } from "./money.js";
import type { Orders, PaidOrder } from "./orders.js";
import type { Refunds } from "./refunds.js";

type BillUrl = components["schemas"]["BillUrl"];
interface Asked {
  origin: string;
  tar_type: "GZIP" | undefined;
}

/** How long a file can be downloaded, in ms. */
const LIFE = 5 * 60_000;
/** How far back a bill can be asked for, in days: three months. */
const DAYS_KEPT = 92;

const isOneOf = <T extends string>(known: readonly T[], value: string): value is T => known.includes(value as T);
const BILL_TYPES = ["ALL", "SUCCESS", "REFUND"] as const;

/** Bills (账单) made of what happened. Source: https://pay.weixin.qq.com/doc/v3/merchant/4012791907, https://pay.weixin.qq.com/doc/v3/merchant/4012791908 */
export class Bills {
  readonly #clock: () => number;
  readonly #orders: Orders;
  readonly #refunds: Refunds;
  readonly #account: Account;
  /** By token. */
  readonly #files = new Map<string, { bytes: Uint8Array; diesAt: number }>();

  constructor(clock: () => number, orders: Orders, refunds: Refunds, account: Account) {
    this.#clock = clock;
    this.#orders = orders;
    this.#refunds = refunds;
    this.#account = account;
  }

  readonly behaviours: Behaviours<paths> = {
    "GET /v3/bill/tradebill": ({ params: { query }, origin }) => {
      const { bill_date, bill_type = "ALL", sub_mchid, tar_type } = query;
      this.#requireReady(bill_date, 10);
      return this.#offer(this.#tradeBill(bill_date, bill_type, sub_mchid), { origin, tar_type });
    },
    "GET /v3/bill/fundflowbill": ({ params: { query }, origin, mchid }) => {
      const { bill_date, account_type = "BASIC", tar_type } = query;
      this.#requireReady(bill_date, 9);
      return this.#offer(account_type === "BASIC" ? this.#flowBill(bill_date, mchid) : undefined, { origin, tar_type });
    },
    "GET /v3/billdownload/file": ({ params }) => this.#take(params.query.token),
  };

  /** @param hour of the next day, from which on there is a bill */
  #requireReady(day: string, hour: number): void {
    const start = Date.parse(`${day}T00:00:00+08:00`);
    const now = this.#clock();
    const isDay = !Number.isNaN(start) && dayOf(start) === day;
    if (!isDay || day >= dayOf(now) || start < now - DAYS_KEPT * DAY) {
      throw ruleBroken(
        "bill_date须为三个月内、今天之前的日期",
        "bill_date must be a day before today, of the last three months.",
      );
    }
    if (now >= start + DAY + hour * 3_600_000) return;
    const en = `The bill is ready from ${hour} o'clock of the next day.`;
    throw familyError(400, "STATEMENT_CREATING", "账单生成中", en, `：次日 ${hour} 点起可以下载`);
  }

  #tradeBill(day: string, type: string, sub_mchid: string | undefined): string | undefined {
    const isBilled = ({ request }: PaidOrder) =>
      sub_mchid === undefined || ("sub_mchid" in request && request.sub_mchid === sub_mchid);
    const payments = [...this.#orders.all.values()].filter(
      (order): order is PaidOrder =>
        order.payment !== undefined && dayOf(order.payment.paidAt) === day && isBilled(order as PaidOrder),
    );
    const refunds = [...this.#refunds.all.values()]
      .filter(({ createdAt, order }) => dayOf(createdAt) === day && isBilled(order))
      .map((refund) => {
        const { status, at } = this.#refunds.endOf(refund);
        return { ...refund, status, finishedAt: at };
      });
    const listed = { ALL: payments.length + refunds.length, SUCCESS: payments.length, REFUND: refunds.length };
    // Recharges and customized bills are not simulated.
    if (!isOneOf(BILL_TYPES, type) || listed[type] === 0) return undefined;
    return tradeBill(type, payments, refunds);
  }

  #flowBill(day: string, mchid: string): string | undefined {
    const movements = this.#account.movements();
    const isBilled = ({ at }: { at: number }) => dayOf(at) === day;
    return movements.some(isBilled) ? flowBill(movements, isBilled, mchid) : undefined;
  }

  #offer(text: string | undefined, { origin, tar_type }: Asked): BillUrl {
    if (text === undefined) {
      const en = "Nothing is in that bill on that day.";
      throw familyError(400, "NO_STATEMENT_EXIST", "账单文件不存在", en, "：这一天没有记录");
    }
    const plain = toUtf8(text);
    const token = randomHex(32);
    const bytes = tar_type === "GZIP" ? new Uint8Array(gzipSync(plain)) : plain;
    this.#files.set(token, { bytes, diesAt: this.#clock() + LIFE });
    return {
      hash_type: "SHA1",
      hash_value: createHash("sha1").update(plain).digest("hex"),
      download_url: `${origin}/v3/billdownload/file?token=${token}${tar_type === "GZIP" ? "&tartype=gzip" : ""}`,
    };
  }

  #take(token: string): Uint8Array {
    const file = this.#files.get(token);
    if (file !== undefined && this.#clock() < file.diesAt) return file.bytes;
    throw ruleBroken(
      "下载地址已失效",
      "The address is over 5 min old: ask for the bill again, and take the new one.",
      "（有效期 5 分钟）：请重新申请账单，使用新的地址",
    );
  }
}
