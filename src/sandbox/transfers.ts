import { isDeepStrictEqual } from "node:util";
import type { components, operations } from "../../generated/schema.js";
import { requireText } from "./checks.js";
import { type OperationInput, parameterError } from "./document.js";
import { notFound, refused } from "./http.js";
import type { Behaviours, PayrollCardUser } from "./payroll-card.js";
import { DAY, dayOf, inBeijing } from "./resources.js";

type Schemas = components["schemas"];
type FailReason = Schemas["TransferFailReason"];

/** What becomes of a transfer. */
export interface TransferActions {
  /**
   * Lets one transfer of a batch fail (转账失败): that batch may still be sent, or be under way.
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

interface Batch {
  request: Schemas["CreateTransferBatchRequest"];
  batch_id: string;
  createdAt: number;
  details: { input: Schemas["TransferDetailInput"]; detail_id: string; obstacle: FailReason | undefined }[];
}

/** Transfer batches and their queries. Source: https://pay.weixin.qq.com/docs/partner/apis/payroll-card/transfer-batch/create-transfer-batch.html */
export function createTransfers(
  mchid: string,
  clock: () => number,
  /** Why a user cannot be paid, if so. */
  obstacleOf: (user: PayrollCardUser) => FailReason | undefined,
): TransferActions & { behaviours: Behaviours } {
  const batches = new Map<string, Batch>();
  const failReasons = new Map<string, FailReason>();
  const keyOf = (out_batch_no: string, out_detail_no: string) => JSON.stringify([out_batch_no, out_detail_no]);

  function createTransferBatch({ body }: OperationInput): Schemas["CreateTransferBatchResponse"] {
    const request = body as Schemas["CreateTransferBatchRequest"];
    const { out_batch_no, sub_mchid } = request;
    const earlier = batches.get(out_batch_no);
    if (earlier !== undefined) {
      if (isDeepStrictEqual(earlier.request, request)) return accepted(earlier);
      throw refused(
        "商家批次单号重复，且参数与原批次不一致 This out_batch_no belongs to a batch with other parameters.",
      );
    }
    checkBatch(request);
    const ofDay = dayOf(clock()).replaceAll("-", "");
    const number = String(batches.size + 1).padStart(6, "0");
    const batch = {
      request,
      batch_id: `10300000711009999911820${ofDay}${number}`,
      createdAt: clock(),
      details: request.transfer_detail_list.map((input, i) => ({
        input,
        detail_id: `10400000711009999911820${ofDay}${number}${String(i + 1).padStart(4, "0")}`,
        obstacle: obstacleOf({ openid: input.openid, sub_mchid }),
      })),
    };
    batches.set(out_batch_no, batch);
    return accepted(batch);
  }

  function accepted({ request, batch_id, createdAt }: Batch): Schemas["CreateTransferBatchResponse"] {
    return { out_batch_no: request.out_batch_no, batch_id, create_time: inBeijing(createdAt) };
  }

  const ageOf = ({ createdAt }: Batch) => clock() - createdAt;
  const isFinished = (batch: Batch) => ageOf(batch) >= FINISHED_AFTER;

  function failReasonOf(batch: Batch, detail: Batch["details"][number]): FailReason | undefined {
    return failReasons.get(keyOf(batch.request.out_batch_no, detail.input.out_detail_no)) ?? detail.obstacle;
  }

  function detailStatusOf(batch: Batch, detail: Batch["details"][number]): "PROCESSING" | "FAIL" | "SUCCESS" {
    if (!isFinished(batch)) return "PROCESSING";
    return failReasonOf(batch, detail) === undefined ? "SUCCESS" : "FAIL";
  }

  function updateTimeOf(batch: Batch): string {
    const stage = [FINISHED_AFTER, PROCESSING_AFTER].find((after) => ageOf(batch) >= after) ?? 0;
    return inBeijing(batch.createdAt + stage);
  }

  function findBatch(path: OperationInput["path"]): Batch {
    const found = [...batches.values()].find(
      ({ request, batch_id }) => batch_id === path.batch_id || request.out_batch_no === path.out_batch_no,
    );
    if (found !== undefined && ageOf(found) <= DAYS_KEPT * DAY) return found;
    throw notFound("批次单不存在 There is no such batch of the last 30 days; a new one may still be being accepted.");
  }

  function getTransferBatch({ path, query }: OperationInput): Schemas["TransferBatchEntity"] {
    const {
      need_query_detail,
      detail_status,
      offset = 0,
      limit = 20,
    } = query as operations["getTransferBatchByNo"]["parameters"]["query"];
    if (need_query_detail && detail_status === undefined) {
      throw parameterError("/detail_status", undefined, "is required with need_query_detail", "query");
    }
    const batch = findBatch(path);
    const { request, batch_id, createdAt } = batch;
    const { sub_mchid, sub_appid, sp_appid, out_batch_no, authorization_type, batch_name, batch_remark } = request;
    const details = batch.details.map((detail) => ({
      detail_id: detail.detail_id,
      out_detail_no: detail.input.out_detail_no,
      detail_status: detailStatusOf(batch, detail),
      amount: detail.input.transfer_amount,
    }));
    const totalOf = (status: string) => {
      const amounts = details.flatMap(({ detail_status, amount }) => (detail_status === status ? amount : []));
      return { amount: sum(amounts), num: amounts.length };
    };
    const [success, fail] = [totalOf("SUCCESS"), totalOf("FAIL")];
    const shown = details
      .filter((detail) => detail_status === "ALL" || detail.detail_status === detail_status)
      .slice(offset, offset + limit)
      .map(({ amount: _, ...detail }) => detail);
    return {
      sp_mchid: mchid,
      sub_mchid,
      ...(sub_appid && { sub_appid }),
      ...(authorization_type === "FUND_AUTHORIZATION_TYPE" && sp_appid && { sp_appid }),
      out_batch_no,
      batch_id,
      batch_status: isFinished(batch) ? "FINISHED" : ageOf(batch) < PROCESSING_AFTER ? "ACCEPTED" : "PROCESSING",
      batch_type: "API",
      authorization_type,
      batch_name,
      batch_remark,
      total_amount: request.total_amount,
      total_num: request.total_num,
      create_time: inBeijing(createdAt),
      update_time: updateTimeOf(batch),
      ...(isFinished(batch) && {
        success_amount: success.amount,
        success_num: success.num,
        fail_amount: fail.amount,
        fail_num: fail.num,
        ...(need_query_detail && { transfer_detail_list: shown }),
      }),
      transfer_scene: "PAYROLL_CARD_TRANSFER",
    };
  }

  function getTransferDetail({ path }: OperationInput): Schemas["TransferDetailEntity"] {
    const batch = findBatch(path);
    const detail = batch.details.find(
      ({ input, detail_id }) => detail_id === path.detail_id || input.out_detail_no === path.out_detail_no,
    );
    if (detail === undefined) throw notFound("明细单不存在 There is no such detail in this batch.");
    const { out_batch_no, sub_appid, sp_appid, authorization_type } = batch.request;
    const { out_detail_no, transfer_amount, transfer_remark, openid, user_name } = detail.input;
    const appid = authorization_type === "FUND_AUTHORIZATION_TYPE" ? sp_appid : sub_appid;
    const status = detailStatusOf(batch, detail);
    const fail_reason = failReasonOf(batch, detail);
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
      update_time: updateTimeOf(batch),
    };
  }

  return {
    behaviours: {
      "POST /v3/payroll-card/transfer-batches": createTransferBatch,
      "GET /v3/partner-transfer/batches/batch-id/{batch_id}": getTransferBatch,
      "GET /v3/partner-transfer/batches/out-batch-no/{out_batch_no}": getTransferBatch,
      "GET /v3/partner-transfer/batches/batch-id/{batch_id}/details/detail-id/{detail_id}": getTransferDetail,
      "GET /v3/partner-transfer/batches/out-batch-no/{out_batch_no}/details/out-detail-no/{out_detail_no}":
        getTransferDetail,
    },

    failTransfer({ out_batch_no, out_detail_no }, fail_reason = "ACCOUNT_FROZEN") {
      requireText("out_batch_no", out_batch_no);
      requireText("out_detail_no", out_detail_no);
      requireText("fail_reason", fail_reason);
      const batch = batches.get(out_batch_no);
      if (batch && !batch.details.some(({ input }) => input.out_detail_no === out_detail_no)) {
        throw new Error(`The batch ${out_batch_no} has no detail ${out_detail_no}.`);
      }
      if (batch && isFinished(batch)) throw new Error(`The batch ${out_batch_no} is finished.`);
      failReasons.set(keyOf(out_batch_no, out_detail_no), fail_reason);
    },
  };
}

/** What the spec cannot say of a batch. */
function checkBatch(request: Schemas["CreateTransferBatchRequest"]): void {
  const { authorization_type, transfer_detail_list: details, total_amount, total_num } = request;
  const refuse = (field: string, value: unknown, issue: string) => parameterError(`/${field}`, value, issue, "body");
  const appid = authorization_type === "FUND_AUTHORIZATION_TYPE" ? "sp_appid" : "sub_appid";
  if (request[appid] === undefined) throw refuse(appid, undefined, `is required with ${authorization_type}`);
  if (total_num !== details.length)
    throw refuse("total_num", total_num, `must be the number of details: ${details.length}`);
  const amount = sum(details.map(({ transfer_amount }) => transfer_amount));
  if (total_amount !== amount) throw refuse("total_amount", total_amount, `must be the sum of the details: ${amount}`);
  const numbers = new Set<string>();
  for (const [i, { out_detail_no }] of details.entries()) {
    const field = `transfer_detail_list/${i}/out_detail_no`;
    if (numbers.has(out_detail_no)) throw refuse(field, out_detail_no, "must be unique within the batch");
    numbers.add(out_detail_no);
  }
}

function sum(numbers: number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
