// What users do in WeChat, as buttons: those that can work as things stand, and else a note that says why there is none.
import type { PayRecord } from "../../family/pay/index.js";
import type { State } from "../messages.js";
import { ActionButton } from "./action-button.js";
import { say } from "./language.js";
import { now, state } from "./store.js";
import { userTexts } from "./user-texts.js";

interface User {
  openid: string;
  sub_mchid: string;
}

/** Whether a user has authorized a sub-merchant; `undefined` where the page is not told. */
function relationOf({ openid, sub_mchid }: User) {
  return state.value?.relations.find((each) => each.openid === openid && each.sub_mchid === sub_mchid)?.state;
}

/** @param token of `createToken`, which the page of the mini program is opened with */
export function RelationButtons({ openid, sub_mchid, token }: User & { token?: string }) {
  const user = { action: "authorize" as const, openid, sub_mchid };
  const relation = relationOf(user);
  const isExpired = token !== undefined && isOver(state.value?.tokens.find((each) => each.token === token));
  return (
    <>
      {relation !== "AUTHORIZED" && isExpired && <span class="why-not">{say(userTexts.tokenExpired)}</span>}
      {relation !== "AUTHORIZED" && !isExpired && (
        <ActionButton
          action={{ ...user, ...(token !== undefined && { token }), state: "AUTHORIZED" }}
          done={() => say(userTexts.authorized)}
        >
          {say(userTexts.authorize)}
        </ActionButton>
      )}
      {relation !== "DEAUTHORIZED" && (
        <ActionButton action={{ ...user, state: "DEAUTHORIZED" }} done={() => say(userTexts.deauthorized)}>
          {say(userTexts.deauthorize)}
        </ActionButton>
      )}
    </>
  );
}

/** Whether a time has passed. What the page is not told is not over. */
const isOver = (one: { expiresAt: number } | undefined) => one !== undefined && one.expiresAt <= now.value;

/** @param number `authenticate_number` */
export function FaceCheckButtons({ number }: { number: string }) {
  const found = state.value?.authentications.find((each) => each.number === number);
  if (found?.state.match(/SUCCESS|FAILED/))
    return <span class="why-not">{say(userTexts.checkIsOver, found.state)}</span>;
  if (isOver(found)) return <span class="why-not">{say(userTexts.tokenExpired)}</span>;
  const check = { action: "authenticate" as const, number };
  const done = (ended: string) => say(userTexts.checked, ended);
  return (
    <>
      <ActionButton action={{ ...check, state: "AUTHENTICATE_SUCCESS" }} done={done}>
        {say(userTexts.pass)}
      </ActionButton>
      <ActionButton action={{ ...check, state: "AUTHENTICATE_FAILED" }} done={done}>
        {say(userTexts.failCheck)}
      </ActionButton>
    </>
  );
}

export const batchOf = (out_batch_no: string) =>
  state.value?.batches.find((each) => each.out_batch_no === out_batch_no);

export const isFinished = (batch: State["batches"][number] | undefined) =>
  batch !== undefined && (batch.state === "FINISHED" || batch.finishesAt <= now.value);

/** Makes one transfer of a batch fail. */
export function FailTransferButton({ out_batch_no, out_detail_no }: { out_batch_no: string; out_detail_no: string }) {
  const batch = batchOf(out_batch_no);
  const transfer = batch?.transfers.find((each) => each.out_detail_no === out_detail_no);
  if (isFinished(batch) || transfer?.state === "FAIL") return null;
  return (
    <ActionButton
      action={{ action: "failTransfer", out_batch_no, out_detail_no }}
      done={() => say(userTexts.transferFailed, out_detail_no)}
    >
      {say(userTexts.failTransfer, out_detail_no)}
    </ActionButton>
  );
}

const record = (kind: PayRecord["kind"], number: string) =>
  state.value?.records.find((each) => each.kind === kind && each.number === number);

/** What can happen to an order, a refund or a transfer to a user. */
export function RecordButtons({ kind, number }: Pick<PayRecord, "kind" | "number">) {
  const found = record(kind, number);
  if (found === undefined) return null;
  if (kind === "order" && found.state === "NOTPAY") {
    return (
      <ActionButton action={{ action: "pay", out_trade_no: number }} done={(id) => say(userTexts.paid, id)}>
        {say(userTexts.pay)}
      </ActionButton>
    );
  }
  if (kind === "refund" && (found.state === "PROCESSING" || found.state === "ABNORMAL")) {
    return <RefundButtons number={number} isAbnormal={found.state === "ABNORMAL"} />;
  }
  if (kind === "transfer" && found.state === "WAIT_USER_CONFIRM") return <ConfirmButtons number={number} />;
  return <span class="why-not">{say(userTexts.recordIs, found.state)}</span>;
}

function RefundButtons({ number, isAbnormal }: { number: string; isAbnormal: boolean }) {
  const end = { action: "finishRefund" as const, out_refund_no: number };
  const done = (status: string) => say(userTexts.refundEnded, status);
  return (
    <>
      <ActionButton action={{ ...end, status: "SUCCESS" }} done={done}>
        {say(userTexts.refundDone)}
      </ActionButton>
      <ActionButton action={{ ...end, status: "CLOSED" }} done={done}>
        {say(userTexts.refundClosed)}
      </ActionButton>
      {!isAbnormal && (
        <ActionButton action={{ ...end, status: "ABNORMAL" }} done={done}>
          {say(userTexts.refundAbnormal)}
        </ActionButton>
      )}
    </>
  );
}

function ConfirmButtons({ number }: { number: string }) {
  const confirm = { action: "confirm" as const, out_bill_no: number };
  const done = (ended: string) => say(userTexts.confirmed, ended);
  return (
    <>
      <ActionButton action={confirm} done={done}>
        {say(userTexts.confirm)}
      </ActionButton>
      <ActionButton action={{ ...confirm, fail_reason: "PAYEE_ACCOUNT_ABNORMAL" }} done={done}>
        {say(userTexts.confirmFails)}
      </ActionButton>
    </>
  );
}
