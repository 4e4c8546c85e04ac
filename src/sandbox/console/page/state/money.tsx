// The state that is about money, and WeChat Pay's keys, as rows.
import type { State } from "../../messages.js";
import { CopyButton } from "../copy-button.js";
import { DataTable, type Row } from "../data-table.js";
import { distance, say } from "../language.js";
import { Fold } from "../section.js";
import { now } from "../store.js";
import { dateTimeOf } from "../time.js";
import { FailTransferButton, isFinished, RecordButtons } from "../user-actions.js";
import { isOpen } from "./pairs.js";
import { stateTexts } from "./texts.js";
import { StateChip, shown } from "./users.js";

type Batch = State["batches"][number];

const yuan = (fen: number) => (fen / 100).toFixed(2);

export const batchRows = ({ batches }: State): Row[] =>
  batches.map((batch) => {
    const { out_batch_no, batch_id, state, finishesAt, transfers } = batch;
    return {
      key: out_batch_no,
      words: [out_batch_no, batch_id, state, ...transfers.map(({ out_detail_no }) => out_detail_no)].join("\n"),
      cells: [
        shown(out_batch_no),
        <StateChip key="state" state={state} />,
        <FinishTime key="finishes" batch={batch} at={finishesAt} />,
        <Fold key="transfers" title={say(stateTexts.transfersOf, transfers.length)}>
          <Transfers batch={batch} />
        </Fold>,
      ],
    };
  });

function FinishTime({ batch, at }: { batch: Batch; at: number }) {
  if (isFinished(batch)) return <time>{dateTimeOf(at)}</time>;
  return <span class="left">{say(stateTexts.finishesIn, distance(at - now.value))}</span>;
}

function Transfers({ batch: { out_batch_no, transfers } }: { batch: Batch }) {
  const rows = transfers.map(({ out_detail_no, state, amount }) => ({
    key: out_detail_no,
    words: "",
    cells: [
      shown(out_detail_no),
      <StateChip key="state" state={state} />,
      yuan(amount),
      <FailTransferButton key="fail" out_batch_no={out_batch_no} out_detail_no={out_detail_no} />,
    ],
  }));
  const { number, state, amount, actions } = stateTexts;
  return (
    <DataTable
      label={say(stateTexts.transfersOf, transfers.length)}
      headings={[number, state, amount, actions].map((heading) => say(heading))}
      rows={rows}
    />
  );
}

export const recordRows = ({ records }: State): Row[] =>
  records.map(({ kind, number, state, amount, at }) => ({
    key: `${kind} ${number}`,
    words: [kind, say(stateTexts[kind]), number, state].join("\n"),
    cells: [
      say(stateTexts[kind]),
      shown(number),
      <StateChip key="state" state={state} />,
      yuan(amount),
      <time key="at">{dateTimeOf(at)}</time>,
      isOpen({ kind, state }) && (
        <div key="actions" class="row">
          <RecordButtons kind={kind} number={number} />
        </div>
      ),
    ],
  }));

export const keyRows = ({ platformKeys }: State): Row[] =>
  platformKeys.map(({ serial, kind, startsAt, expiresAt }) => ({
    key: serial,
    words: serial,
    cells: [
      say(kind === "certificate" ? stateTexts.certificate : stateTexts.publicKey),
      <span key="serial">
        {shown(serial)} <CopyButton label={say(stateTexts.copySerial)} text={serial} />
      </span>,
      startsAt === undefined ? (
        ""
      ) : startsAt > now.value ? (
        <span key="start" class="left">
          {say(stateTexts.startsIn, distance(startsAt - now.value))}
        </span>
      ) : (
        <time>{dateTimeOf(startsAt)}</time>
      ),
      expiresAt === undefined ? say(stateTexts.noLimit) : <time key="end">{dateTimeOf(expiresAt)}</time>,
    ],
  }));
