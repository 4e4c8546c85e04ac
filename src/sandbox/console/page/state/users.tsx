// The state that belongs to users of the payroll card, as rows.
import type { ComponentChildren } from "preact";
import type { State } from "../../messages.js";
import type { Row } from "../data-table.js";
import { distance, say } from "../language.js";
import { now } from "../store.js";
import { visible } from "../text.js";
import { dateTimeOf } from "../time.js";
import { panels } from "../trigger/texts.js";
import { advance } from "../trigger/time-panel.js";
import { FaceCheckButtons, RelationButtons } from "../user-actions.js";
import { stateTexts } from "./texts.js";

const DAY = 86_400_000;

/** No column is narrower than a text of so many characters. */
const SHORT = 12;

/** Text that somebody sent, as it is. */
export const shown = (text: string) => <code class={text.length > SHORT ? "" : "short"}>{visible(text)}</code>;

/** A state, in the colour of what it means. */
export function StateChip({ state }: { state: string }) {
  return <span class={`chip ${colourOf(state)}`}>{visible(state)}</span>;
}

function colourOf(state: string): string {
  if (/^(AUTHORIZED|AUTHENTICATE_SUCCESS|SUCCESS|FINISHED)$/.test(state)) return "accepted";
  return /FAIL|DEAUTHORIZED|CLOSED|ABNORMAL|CANCELLED/.test(state) ? "refused" : "waiting";
}

/** How long until then, by the sandbox's clock, to the second. */
export function Left({ until }: { until: number }) {
  const ms = until - now.value;
  if (ms <= 0) return <span class="soft">{say(stateTexts.expired)}</span>;
  return <span class="left">{distance(ms)}</span>;
}

const rowOf = (key: string, words: string[], ...cells: ComponentChildren[]): Row => ({
  key,
  words: words.join("\n"),
  cells,
});

export const relationRows = ({ relations }: State): Row[] =>
  relations.map(({ openid, sub_mchid, state, at }) =>
    rowOf(
      JSON.stringify([openid, sub_mchid]),
      [openid, sub_mchid, state],
      shown(openid),
      shown(sub_mchid),
      <StateChip state={state} />,
      <time>{dateTimeOf(at)}</time>,
      <div class="row">
        <RelationButtons openid={openid} sub_mchid={sub_mchid} />
      </div>,
    ),
  );

export const tokenRows = ({ tokens }: State): Row[] =>
  tokens.map(({ token, operationId, openid, sub_mchid, number = "", expiresAt }) =>
    rowOf(
      token,
      [token, operationId, openid, sub_mchid, number],
      <span title={visible(token)}>{shown(`${token.slice(0, 12)}…`)}</span>,
      <>
        {shown(operationId)}
        {number !== "" && <> {shown(number)}</>}
      </>,
      shown(openid),
      shown(sub_mchid),
      <Left until={expiresAt} />,
    ),
  );

/** Of use where a user has no pre-order left today. */
export function NextDay() {
  return (
    <div class="row">
      <span class="why-not">{say(stateTexts.limitReached)}</span>
      <button type="button" onClick={() => void advance(DAY)}>
        {say(panels.day1)}
      </button>
    </div>
  );
}

export const preOrderRows = ({ preOrders }: State): Row[] =>
  preOrders.map(({ openid, used, limit }) =>
    rowOf(
      openid,
      [openid],
      shown(openid),
      <span class="meter">
        <meter min={0} max={limit} high={limit - 1} value={used} aria-label={say(stateTexts.preOrders)} />{" "}
        {say(stateTexts.used, used, limit)}
      </span>,
      used < limit ? "" : <NextDay />,
    ),
  );

export const authenticationRows = ({ authentications }: State): Row[] =>
  authentications.map(({ number, openid, sub_mchid, state, expiresAt }) => {
    const isOpen = state === "AUTHENTICATE_PROCESSING";
    return rowOf(
      number,
      [number, openid, sub_mchid, state],
      shown(number),
      shown(openid),
      shown(sub_mchid),
      <StateChip state={state} />,
      isOpen ? <Left until={expiresAt} /> : "",
      isOpen && expiresAt > now.value ? (
        <div class="row">
          <FaceCheckButtons number={number} />
        </div>
      ) : (
        ""
      ),
    );
  });
