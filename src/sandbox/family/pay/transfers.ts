import { isDeepStrictEqual } from "node:util";
import type { components, paths } from "../../../../generated/pay/schema.js";
import { ActionError } from "../../action-error.js";
import type { Behaviours } from "../../behaviours.js";
import type { Deliveries } from "../../server/deliveries.js";
import { randomHex } from "../../server/keys.js";
import { notFound, ruleBroken } from "../../server/refusals.js";
import { DAY, inBeijing } from "../../server/time.js";
import type { Account, Movement } from "./money.js";
import { Numbers } from "./numbers.js";
import { checkTransfer } from "./scenes.js";

type Schemas = components["schemas"];
type Request = Schemas["CreateTransferBillRequest"];
type State = "WAIT_USER_CONFIRM" | "SUCCESS" | "FAIL" | "CANCELING" | "CANCELLED";

export interface Transfer {
  request: Request;
  mchid: string;
  transfer_bill_no: string;
  package_info: string;
  createdAt: number;
  /** What the user did. */
  end?: { state: "SUCCESS" | "FAIL"; at: number; fail_reason?: string };
  cancelledAt?: number;
  isTold?: boolean;
}

/** How long a user can confirm, and how long a cancellation takes, in ms. */
const OVERDUE_AFTER = DAY;
const CANCELS_IN = 10_000;
const DAYS_KEPT = 30;
/** Transfers that users confirm (商家转账). Source: https://pay.weixin.qq.com/doc/v3/merchant/4012716434 */
export class Transfers {
  /** By out_bill_no, which a merchant uses once. */
  readonly all = new Map<string, Transfer>();
  readonly #clock: () => number;
  readonly #account: Account;
  readonly #deliveries: Deliveries;
  readonly #numbers = new Numbers("13300000711009999911820", 9);

  constructor(clock: () => number, account: Account, deliveries: Deliveries) {
    this.#clock = clock;
    this.#account = account;
    this.#deliveries = deliveries;
    account.addSource(() => [...this.all.values()].flatMap((transfer) => this.#movementsOf(transfer)));
  }

  readonly behaviours: Behaviours<paths> = {
    "POST /v3/fund-app/mch-transfer/transfer-bills": ({ body, mchid }) => this.#create(body, mchid),
    "GET /v3/fund-app/mch-transfer/transfer-bills/out-bill-no/{out_bill_no}": ({ params }) =>
      this.#toldOf(this.#find(params.path)),
    "GET /v3/fund-app/mch-transfer/transfer-bills/transfer-bill-no/{transfer_bill_no}": ({ params }) =>
      this.#toldOf(this.#find(params.path)),
    "POST /v3/fund-app/mch-transfer/transfer-bills/out-bill-no/{out_bill_no}/cancel": ({ params }) =>
      this.#cancel(params.path.out_bill_no),
  };

  stateOf({ createdAt, end, cancelledAt }: Transfer): { state: State; at: number; fail_reason?: string } {
    if (end !== undefined) return end;
    const now = this.#clock();
    if (cancelledAt !== undefined) {
      const done = cancelledAt + CANCELS_IN;
      return now < done ? { state: "CANCELING", at: cancelledAt } : { state: "CANCELLED", at: done };
    }
    const overdue = createdAt + OVERDUE_AFTER;
    if (now < overdue) return { state: "WAIT_USER_CONFIRM", at: createdAt };
    return { state: "FAIL", at: overdue, fail_reason: "OVERDUE_CLOSE" };
  }

  /** @throws {Error} saying why the user cannot confirm it. */
  confirm(out_bill_no: string, fail_reason?: string): Transfer {
    const transfer = this.all.get(out_bill_no);
    if (transfer === undefined) {
      throw new ActionError(`没有转账 ${out_bill_no}。`, `There is no transfer ${out_bill_no}.`);
    }
    const { state } = this.stateOf(transfer);
    if (state !== "WAIT_USER_CONFIRM") {
      throw new ActionError(
        `转账 ${out_bill_no} 不在等待用户确认：状态为 ${state}。`,
        `The transfer ${out_bill_no} waits for nobody: it is ${state}.`,
      );
    }
    const at = this.#clock();
    transfer.end = fail_reason === undefined ? { state: "SUCCESS", at } : { state: "FAIL", at, fail_reason };
    return transfer;
  }

  #create(request: Request, mchid: string): Schemas["CreateTransferBillResponse"] {
    const transfer = this.#earlier(request) ?? this.#add(request, mchid);
    const { transfer_bill_no, createdAt, package_info } = transfer;
    const { state, fail_reason } = this.stateOf(transfer);
    return {
      out_bill_no: request.out_bill_no,
      transfer_bill_no,
      create_time: inBeijing(createdAt),
      state,
      ...(fail_reason !== undefined && { fail_reason }),
      ...(state === "WAIT_USER_CONFIRM" && { package_info }),
    };
  }

  /** The transfer of a request that is sent again. */
  #earlier(request: Request): Transfer | undefined {
    const earlier = this.all.get(request.out_bill_no);
    if (earlier === undefined || isDeepStrictEqual(earlier.request, request)) return earlier;
    throw ruleBroken(
      "商户单号重复，且参数与原单不一致",
      "This out_bill_no belongs to a transfer with other parameters.",
    );
  }

  #add(request: Request, mchid: string): Transfer {
    checkTransfer(request);
    this.#account.requireFunds(request.transfer_amount);
    const createdAt = this.#clock();
    const transfer_bill_no = this.#numbers.next(createdAt);
    const transfer: Transfer = { request, mchid, transfer_bill_no, package_info: `${randomHex(32)}==`, createdAt };
    this.all.set(request.out_bill_no, transfer);
    this.#deliveries.plan(createdAt + OVERDUE_AFTER, () => this.tell(transfer));
    return transfer;
  }

  #find(asked: { out_bill_no?: string; transfer_bill_no?: string }): Transfer {
    const found = [...this.all.values()].find(
      ({ request, transfer_bill_no }) =>
        asked.out_bill_no === request.out_bill_no || asked.transfer_bill_no === transfer_bill_no,
    );
    if (found !== undefined && this.#clock() - found.createdAt <= DAYS_KEPT * DAY) return found;
    throw notFound({ ...asked }, "转账单不存在", `There is no such transfer of the last ${DAYS_KEPT} days.`, {
      more: `：最近 ${DAYS_KEPT} 天内没有它`,
    });
  }

  #cancel(out_bill_no: string): Schemas["CancelTransferBillResponse"] {
    const transfer = this.#find({ out_bill_no });
    const before = this.stateOf(transfer).state;
    if (before === "SUCCESS" || before === "FAIL") {
      throw ruleBroken(
        "单据状态不支持撤销",
        `It can be cancelled before the user confirms only: it is ${before}.`,
        `：只能在用户确认之前撤销，现为 ${before}`,
      );
    }
    if (transfer.cancelledAt === undefined) {
      transfer.cancelledAt = this.#clock();
      this.#deliveries.plan(transfer.cancelledAt + CANCELS_IN, () => this.tell(transfer));
    }
    const { state, at } = this.stateOf(transfer);
    return { out_bill_no, transfer_bill_no: transfer.transfer_bill_no, state, update_time: inBeijing(at) };
  }

  #toldOf(transfer: Transfer): Schemas["TransferBill"] {
    const { request, mchid, transfer_bill_no, createdAt } = transfer;
    const { out_bill_no, appid, transfer_amount, transfer_remark, openid, user_name } = request;
    const { state, at, fail_reason } = this.stateOf(transfer);
    return {
      mch_id: mchid,
      out_bill_no,
      transfer_bill_no,
      appid,
      state,
      transfer_amount,
      transfer_remark,
      ...(fail_reason !== undefined && { fail_reason }),
      openid,
      ...(user_name !== undefined && { user_name }),
      create_time: inBeijing(createdAt),
      update_time: inBeijing(at),
    };
  }

  /** Sends the result, if it was not sent, and returns it. */
  async tell(transfer: Transfer): Promise<Schemas["TransferResult"]> {
    const { state } = this.stateOf(transfer);
    const resource = this.#resultOf(transfer);
    if (transfer.isTold || state === "WAIT_USER_CONFIRM" || state === "CANCELING") return resource;
    transfer.isTold = true;
    await this.#deliveries.send(transfer.request.notify_url, {
      event_type: "MCHTRANSFER.BILL.FINISHED",
      summary: "商家转账单据终态通知",
      resource,
    });
    return resource;
  }

  #resultOf(transfer: Transfer): Schemas["TransferResult"] {
    const { appid, transfer_remark, user_name, ...result } = this.#toldOf(transfer);
    return result;
  }

  /** The money is locked when the transfer is accepted, and comes back where it fails or is cancelled. */
  #movementsOf(transfer: Transfer): Movement[] {
    const { request, transfer_bill_no, createdAt } = transfer;
    const { out_bill_no, transfer_amount, transfer_remark } = request;
    const flow = { business: "商家转账", businessNo: transfer_bill_no, flowNo: transfer_bill_no } as const;
    const told = { ...flow, voucher: out_bill_no, note: transfer_remark };
    const out = { ...told, at: createdAt, amount: -transfer_amount };
    const { state, at } = this.stateOf(transfer);
    return state === "FAIL" || state === "CANCELLED" ? [out, { ...told, at, amount: transfer_amount }] : [out];
  }
}
