import { isDeepStrictEqual } from "node:util";
import type { components, operations } from "../../../generated/schema.js";
import { ActionError } from "../action-error.js";
import type { BehaviourInput, Behaviours } from "../behaviours.js";
import { checkFields, requireFit, TEXT } from "../checks.js";
import { notFound, ruleBroken } from "../server/refusals.js";
import { DAY, dayOf, inBeijing } from "../server/time.js";
import { checkBatch, sum } from "./batch-rules.js";
import { newest } from "./newest.js";
import type { PayrollCardUser, Relations } from "./relations.js";

type Schemas = components["schemas"];
type FailReason = Schemas["TransferFailReason"];

/** How a transfer ends. */
export interface TransferActions {
  /**
   * Makes one transfer of a batch fail (转账失败). The batch may be yet to come, or be under way.
   *
   * @param fail_reason default `ACCOUNT_FROZEN`
   * @throws {Error} if the batch is finished, or has no such detail.
   */
  failTransfer(detail: { out_batch_no: string; out_detail_no: string }, fail_reason?: FailReason): void;
}

/** The stages of a batch, in ms since it was sent. */
const PROCESSING_AFTER = 10_000;
const FINISHED_AFTER = 60_000;

const DAYS_KEPT = 30;

type BatchQuery = BehaviourInput<operations["getTransferBatchByNo"] | operations["getTransferBatchByOutNo"]>;
type DetailQuery = BehaviourInput<operations["getTransferDetailByNo"] | operations["getTransferDetailByOutNo"]>;

interface Detail {
  input: Schemas["TransferDetailInput"];
  detail_id: string;
  /** Why the user could not be paid when the batch came, if so. */
  obstacle: FailReason | undefined;
}

interface Batch {
  request: Schemas["CreateTransferBatchRequest"];
  batch_id: string;
  createdAt: number;
  details: Detail[];
}

/** Transfer batches and their queries. Source: https://pay.weixin.qq.com/docs/partner/apis/payroll-card/transfer-batch/create-transfer-batch.html */
export class Transfers {
  readonly #clock: () => number;
  readonly #relations: Relations;
  /** By out_batch_no. */
  readonly #batches = new Map<string, Batch>();
  readonly #failReasons = new Map<string, FailReason>();

  constructor(clock: () => number, relations: Relations) {
    this.#clock = clock;
    this.#relations = relations;
  }

  readonly behaviours: Behaviours = {
    "POST /v3/payroll-card/transfer-batches": (input) => this.#createBatch(input),
    "GET /v3/partner-transfer/batches/batch-id/{batch_id}": (input) => this.#getBatch(input),
    "GET /v3/partner-transfer/batches/out-batch-no/{out_batch_no}": (input) => this.#getBatch(input),
    "GET /v3/partner-transfer/batches/batch-id/{batch_id}/details/detail-id/{detail_id}": (input) =>
      this.#getDetail(input),
    "GET /v3/partner-transfer/batches/out-batch-no/{out_batch_no}/details/out-detail-no/{out_detail_no}": (input) =>
      this.#getDetail(input),
  };

  /** The newest, for those who look on; of each as many details. */
  state(most: number) {
    const batches = newest(this.#batches, most).map(([out_batch_no, batch]) => ({
      out_batch_no,
      batch_id: batch.batch_id,
      state: this.#isFinished(batch) ? "FINISHED" : this.#isAccepted(batch) ? "ACCEPTED" : "PROCESSING",
      finishesAt: batch.createdAt + FINISHED_AFTER,
      transfers: batch.details.slice(0, most).map((detail) => {
        const { out_detail_no, transfer_amount: amount } = detail.input;
        return { out_detail_no, detail_id: detail.detail_id, state: this.#detailStatusOf(batch, detail), amount };
      }),
    }));
    return { batches };
  }

  failTransfer(
    detail: { out_batch_no: string; out_detail_no: string },
    fail_reason: FailReason = "ACCOUNT_FROZEN",
  ): void {
    const numbers = { out_batch_no: TEXT, out_detail_no: TEXT };
    checkFields("detail", detail, numbers, Object.keys(numbers));
    requireFit("fail_reason", TEXT, fail_reason);
    const { out_batch_no, out_detail_no } = detail;
    const batch = this.#batches.get(out_batch_no);
    if (batch && !batch.details.some(({ input }) => input.out_detail_no === out_detail_no)) {
      throw new ActionError(
        `批次 ${out_batch_no} 没有明细 ${out_detail_no}。`,
        `The batch ${out_batch_no} has no detail ${out_detail_no}.`,
      );
    }
    if (batch && this.#isFinished(batch)) {
      throw new ActionError(`批次 ${out_batch_no} 已完成。`, `The batch ${out_batch_no} is finished.`);
    }
    this.#failReasons.set(keyOf(out_batch_no, out_detail_no), fail_reason);
  }

  #createBatch({
    body: request,
  }: BehaviourInput<operations["createTransferBatch"]>): Schemas["CreateTransferBatchResponse"] {
    const { out_batch_no } = request;
    const earlier = this.#batches.get(out_batch_no);
    if (earlier !== undefined && !isDeepStrictEqual(earlier.request, request)) {
      throw ruleBroken(
        "商家批次单号重复，且参数与原批次不一致",
        "This out_batch_no belongs to a batch with other parameters.",
      );
    }
    const { batch_id, createdAt } = earlier ?? this.#addBatch(request);
    return { out_batch_no, batch_id, create_time: inBeijing(createdAt) };
  }

  #addBatch(request: Schemas["CreateTransferBatchRequest"]): Batch {
    checkBatch(request);
    const createdAt = this.#clock();
    const number = `${dayOf(createdAt).replaceAll("-", "")}${String(this.#batches.size + 1).padStart(6, "0")}`;
    const batch = {
      request,
      batch_id: `10300000711009999911820${number}`,
      createdAt,
      details: request.transfer_detail_list.map((input, i) => ({
        input,
        detail_id: `10400000711009999911820${number}${String(i + 1).padStart(4, "0")}`,
        obstacle: this.#obstacleOf({ openid: input.openid, sub_mchid: request.sub_mchid }),
      })),
    };
    this.#batches.set(request.out_batch_no, batch);
    return batch;
  }

  /** Why a user cannot be paid, if so. */
  #obstacleOf(user: PayrollCardUser): FailReason | undefined {
    if (!this.#relations.isRegistered(user.openid)) return "PAY_ROLL_CARD_USER_NOT_OPEN";
    return this.#relations.isAuthorized(user) ? undefined : "PAY_ROLL_CARD_UNAUTHORIZED";
  }

  #ageOf({ createdAt }: Batch): number {
    return this.#clock() - createdAt;
  }

  #isFinished(batch: Batch): boolean {
    return this.#ageOf(batch) >= FINISHED_AFTER;
  }

  #failReasonOf({ request }: Batch, { input, obstacle }: Detail): FailReason | undefined {
    return this.#failReasons.get(keyOf(request.out_batch_no, input.out_detail_no)) ?? obstacle;
  }

  #isAccepted(batch: Batch): boolean {
    return this.#ageOf(batch) < PROCESSING_AFTER;
  }

  #detailStatusOf(batch: Batch, detail: Detail): "WAIT_PAY" | "PROCESSING" | "FAIL" | "SUCCESS" {
    if (this.#isAccepted(batch)) return "WAIT_PAY";
    if (!this.#isFinished(batch)) return "PROCESSING";
    return this.#failReasonOf(batch, detail) === undefined ? "SUCCESS" : "FAIL";
  }

  #updateTimeOf(batch: Batch): string {
    const stage = [FINISHED_AFTER, PROCESSING_AFTER].find((after) => this.#ageOf(batch) >= after) ?? 0;
    return inBeijing(batch.createdAt + stage);
  }

  #findBatch(path: { batch_id?: string; out_batch_no?: string }): Batch {
    const found = [...this.#batches.values()].find(
      ({ request, batch_id }) => batch_id === path.batch_id || request.out_batch_no === path.out_batch_no,
    );
    if (found !== undefined && this.#ageOf(found) <= DAYS_KEPT * DAY) return found;
    const { batch_id, out_batch_no } = path;
    throw notFound(
      { batch_id, out_batch_no },
      "批次单不存在",
      "There is no such batch of the last 30 days; a new one may still be being accepted.",
      { more: "：只能查询最近 30 天的，新批次也可能还在受理中" },
    );
  }

  #getBatch({ params, mchid }: BatchQuery): Schemas["TransferBatchEntity"] {
    const { path, query: wanted } = params;
    const batch = this.#findBatch(path);
    const { request, batch_id, createdAt } = batch;
    const { sub_mchid, sub_appid, sp_appid, authorization_type } = request;
    const unfinished = this.#isAccepted(batch) ? "ACCEPTED" : "PROCESSING";
    // Without a status no details come back.
    const withDetails = wanted.need_query_detail && wanted.detail_status !== undefined;
    return {
      sp_mchid: mchid,
      sub_mchid,
      ...(sub_appid && { sub_appid }),
      ...(authorization_type === "FUND_AUTHORIZATION_TYPE" && sp_appid && { sp_appid }),
      out_batch_no: request.out_batch_no,
      batch_id,
      batch_status: this.#isFinished(batch) ? "FINISHED" : unfinished,
      batch_type: "API",
      authorization_type,
      batch_name: request.batch_name,
      batch_remark: request.batch_remark,
      total_amount: request.total_amount,
      total_num: request.total_num,
      create_time: inBeijing(createdAt),
      update_time: this.#updateTimeOf(batch),
      ...(this.#isFinished(batch) && {
        ...this.#totalsOf(batch),
        ...(withDetails && { transfer_detail_list: this.#detailsOf(batch, wanted) }),
      }),
      transfer_scene: "PAYROLL_CARD_TRANSFER",
    };
  }

  #totalsOf(batch: Batch) {
    const amountsOf = (status: string) =>
      batch.details
        .filter((detail) => this.#detailStatusOf(batch, detail) === status)
        .map(({ input }) => input.transfer_amount);
    const [success, fail] = [amountsOf("SUCCESS"), amountsOf("FAIL")];
    return {
      success_amount: sum(success),
      success_num: success.length,
      fail_amount: sum(fail),
      fail_num: fail.length,
    };
  }

  #detailsOf(
    batch: Batch,
    { detail_status, offset = 0, limit = 20 }: operations["getTransferBatchByNo"]["parameters"]["query"],
  ) {
    return batch.details
      .map((detail) => ({
        detail_id: detail.detail_id,
        out_detail_no: detail.input.out_detail_no,
        detail_status: this.#detailStatusOf(batch, detail),
      }))
      .filter((detail) => detail_status === "ALL" || detail.detail_status === detail_status)
      .slice(offset, offset + limit);
  }

  #getDetail({ params, mchid }: DetailQuery): Schemas["TransferDetailEntity"] {
    const path: { batch_id?: string; out_batch_no?: string; detail_id?: string; out_detail_no?: string } = params.path;
    const batch = this.#findBatch(path);
    const detail = batch.details.find(
      ({ input, detail_id }) => detail_id === path.detail_id || input.out_detail_no === path.out_detail_no,
    );
    if (detail === undefined) {
      const { detail_id, out_detail_no } = path;
      const more = "：这个批次里没有它";
      throw notFound({ detail_id, out_detail_no }, "明细单不存在", "There is no such detail in this batch.", { more });
    }
    const { out_batch_no, sub_appid, sp_appid, authorization_type } = batch.request;
    const { out_detail_no, transfer_amount, transfer_remark, openid, user_name } = detail.input;
    const appid = authorization_type === "FUND_AUTHORIZATION_TYPE" ? sp_appid : sub_appid;
    const status = this.#detailStatusOf(batch, detail);
    const fail_reason = this.#failReasonOf(batch, detail);
    return {
      sp_mchid: mchid,
      out_batch_no,
      batch_id: batch.batch_id,
      ...(appid && { appid }),
      out_detail_no,
      detail_id: detail.detail_id,
      detail_status: status,
      transfer_amount,
      transfer_remark,
      ...(status === "FAIL" && fail_reason && { fail_reason }),
      openid,
      username: user_name,
      initiate_time: inBeijing(batch.createdAt),
      update_time: this.#updateTimeOf(batch),
    };
  }
}

function keyOf(out_batch_no: string, out_detail_no: string): string {
  return JSON.stringify([out_batch_no, out_detail_no]);
}
