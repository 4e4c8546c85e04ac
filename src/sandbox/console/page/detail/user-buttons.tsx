// What users would do after a request, beside what else is told of the same user or number.
import type { ComponentChildren } from "preact";
import type { ShownExchange } from "../../messages.js";
import { isPhone } from "../focus.js";
import { say } from "../language.js";
import { NO_FILTER } from "../list/rows.js";
import { filter } from "../list/selection.js";
import { go } from "../route.js";
import { Fold, Section } from "../section.js";
import { NextDay } from "../state/users.js";
import { state } from "../store.js";
import { isText, record, visible } from "../text.js";
import {
  batchOf,
  FaceCheckButtons,
  FailTransferButton,
  isFinished,
  RecordButtons,
  RelationButtons,
} from "../user-actions.js";
import { userTexts } from "../user-texts.js";
import { detailTexts } from "./texts.js";

/** The longest list that is open at first. */
const FEW = 10;

export function ExchangeActions({ exchange }: { exchange: ShownExchange }) {
  const { verdict } = exchange;
  const buttons = verdict === "accepted" || verdict === "business-error" ? buttonsOf(exchange) : [];
  return (
    <>
      {buttons.length > 0 && (
        <Section title={say(detailTexts.user)}>
          <p class="soft">{say(detailTexts.userHow)}</p>
          <div class="row">{buttons}</div>
        </Section>
      )}
      {verdict === "accepted" && <Transfers body={exchange.body} />}
      <Related exchange={exchange} />
    </>
  );
}

function buttonsOf({ verdict, body, response }: ShownExchange): ComponentChildren[] {
  const { openid, sub_mchid, authenticate_number: number, out_trade_no, out_refund_no, out_bill_no } = record(body);
  const { token } = record(response);
  const buttons: ComponentChildren[] = [];
  if (isText(openid) && isText(sub_mchid)) {
    // The token of a pre-order opens another page.
    const user = { openid, sub_mchid, ...(isText(token) && number === undefined && { token }) };
    buttons.push(<RelationButtons key="relation" {...user} />);
  }
  const isUsedUp = state.value?.preOrders.some((each) => each.openid === openid && each.used >= each.limit);
  if (verdict === "business-error" && isUsedUp) return [<NextDay key="day" />];
  if (verdict !== "accepted") return buttons;
  if (isText(number)) buttons.push(<FaceCheckButtons key="check" number={number} />);
  if (isText(out_refund_no)) buttons.push(<RecordButtons key="refund" kind="refund" number={out_refund_no} />);
  else if (isText(out_trade_no)) buttons.push(<RecordButtons key="order" kind="order" number={out_trade_no} />);
  if (isText(out_bill_no)) buttons.push(<RecordButtons key="transfer" kind="transfer" number={out_bill_no} />);
  return buttons;
}

/** The transfers of a batch, each of which can be made to fail. */
function Transfers({ body }: { body: unknown }) {
  const { out_batch_no, transfer_detail_list: details } = record(body);
  if (!isText(out_batch_no) || !Array.isArray(details)) return null;
  const numbers = details.map((detail) => record(detail).out_detail_no).filter(isText);
  const buttons = (
    <div class="row">
      {numbers.map((out_detail_no) => (
        <FailTransferButton key={out_detail_no} out_batch_no={out_batch_no} out_detail_no={out_detail_no} />
      ))}
    </div>
  );
  if (isFinished(batchOf(out_batch_no))) {
    return (
      <Section title={say(detailTexts.transfersTitle)}>
        <p class="why-not">{say(userTexts.batchIsOver)}</p>
      </Section>
    );
  }
  if (numbers.length <= FEW) return <Section title={say(detailTexts.transfersTitle)}>{buttons}</Section>;
  return <Fold title={say(detailTexts.transfers, numbers.length)}>{buttons}</Fold>;
}

const NUMBERS = ["openid", "authenticate_number", "out_batch_no", "out_trade_no", "out_refund_no", "out_bill_no"];

/** Leads to all that was told of the same user, order or batch. */
function Related({ exchange }: { exchange: ShownExchange }) {
  const given = { ...record(exchange.response), ...record(exchange.body) };
  const found = NUMBERS.map((name) => given[name]).filter(isText);
  if (found.length === 0) return null;
  return (
    <div class="row related">
      <span class="soft">{say(detailTexts.related)}</span>
      {found.map((value) => (
        <button
          key={value}
          type="button"
          class="small"
          onClick={() => {
            filter.value = { ...NO_FILTER, text: value };
            if (isPhone()) go("#/requests");
          }}
        >
          {visible(value.slice(0, 64))}
        </button>
      ))}
    </div>
  );
}
