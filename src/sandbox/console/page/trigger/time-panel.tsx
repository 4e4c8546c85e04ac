import { useSignal } from "@preact/signals";
import { ActionButton } from "../action-button.js";
import { ask } from "../actions.js";
import { Card } from "../card.js";
import { distance, say } from "../language.js";
import { now, state } from "../store.js";
import { visible } from "../text.js";
import { dueAfter, nextOf } from "./due.js";
import { panels } from "./texts.js";

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];
const WEEK = 7 * DAY;
const UNITS = { minutes: MINUTE, hours: HOUR, days: DAY };
type Unit = keyof typeof UNITS;
/** How many of what is to come are named. */
const NAMED = 5;

/** Sets the sandbox's time forward, and says what came of it. */
export function advance(ms: number): Promise<unknown> {
  const due = state.value && dueAfter(state.value, now.value).filter(({ at }) => at <= now.value + ms).length;
  return ask({ action: "advance", ms }, () =>
    say(panels.advanced, distance(ms), due === undefined || due === 0 ? "" : say(panels.wasDue, due)),
  );
}

/** Sets the sandbox's time forward. */
export function Time() {
  const many = useSignal("30");
  const unit = useSignal<Unit>("minutes");
  return (
    <Card title={say(panels.time)} how={say(panels.timeHow)}>
      <div class="row">
        {(
          [
            ["minutes5", 5 * MINUTE],
            ["hour1", HOUR],
            ["day1", DAY],
          ] as const
        ).map(([key, ms]) => (
          <button key={key} type="button" onClick={() => void advance(ms)}>
            {say(panels[key])}
          </button>
        ))}
      </div>
      <form
        class="row end"
        onSubmit={(event) => {
          event.preventDefault();
          void advance(Number(many.value) * UNITS[unit.value]);
        }}
      >
        <label class="field narrow">
          <span class="label">{say(panels.amount)}</span>
          <input
            type="number"
            min="1"
            max="100000"
            required
            value={many.value}
            onInput={({ currentTarget }) => {
              many.value = currentTarget.value;
            }}
          />
        </label>
        <label class="field">
          <span class="label">{say(panels.unit)}</span>
          <select
            value={unit.value}
            onChange={({ currentTarget }) => {
              unit.value = currentTarget.value as Unit;
            }}
          >
            {(Object.keys(UNITS) as Unit[]).map((each) => (
              <option key={each} value={each}>
                {say(panels[each])}
              </option>
            ))}
          </select>
        </label>
        <button type="submit">{say(panels.advance)}</button>
      </form>
      <Next />
    </Card>
  );
}

/** What the next days bring. */
function Next() {
  const time = now.value;
  const due = state.value === undefined ? [] : nextOf(dueAfter(state.value, time), time + WEEK).slice(0, NAMED);
  return (
    <>
      <h4>{say(panels.due)}</h4>
      {due.length === 0 ? (
        <p class="soft">{say(panels.dueNone)}</p>
      ) : (
        <ul class="due">
          {due.map(({ at, what, text }) => (
            <li key={`${at} ${what} ${text.en}`}>{say(text, distance(at - time), visible(what))}</li>
          ))}
        </ul>
      )}
    </>
  );
}

/** Issues another platform certificate. */
export function Certificates() {
  return (
    <Card title={say(panels.certificates)} how={say(panels.rotateHow)}>
      <div class="row">
        <ActionButton action={{ action: "rotate" }} done={(serial) => say(panels.rotated, serial)}>
          {say(panels.rotate)}
        </ActionButton>
      </div>
    </Card>
  );
}
