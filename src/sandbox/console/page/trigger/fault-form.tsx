import { useSignal } from "@preact/signals";
import type { Fault } from "../../../server/faults.js";
import { ask } from "../actions.js";
import { Card } from "../card.js";
import { FaultChips } from "../fault-chips.js";
import { say } from "../language.js";
import { note, start, state } from "../store.js";
import { faults as faultNames } from "../texts.js";
import { OperationSelect } from "./operation-select.js";
import { panels } from "./texts.js";

/** Makes the next requests fail. */
export function FaultForm() {
  const { faults = [] } = start.value ?? {};
  const fault = useSignal<Fault>("system-error");
  const operation = useSignal("");
  const times = useSignal("1");
  const isWaiting = (state.value?.faults.length ?? 0) > 0;

  /** Those too that code or the command line made. */
  async function cancelAll() {
    const waiting = state.value?.faults ?? [];
    const cancelled = await Promise.all(waiting.map(({ id }) => ask({ action: "removeFault", id })));
    if (cancelled.every((done) => done !== undefined)) {
      note.value = { text: say(panels.faultsCancelled), isRefusal: false };
    }
  }

  async function add(event: Event) {
    event.preventDefault();
    const [many, one] = [Number(times.value), operation.value];
    const what = { action: "fail" as const, fault: fault.value, times: many, ...(one !== "" && { operation: one }) };
    const text =
      many === 1
        ? [panels.faultNext, panels.faultNextOf][one === "" ? 0 : 1]
        : [panels.faultsNext, panels.faultsNextOf][one === "" ? 0 : 1];
    await ask(what, () => say(text ?? panels.faultNext, say(faultNames[fault.value]), one, many));
  }

  return (
    <Card title={say(panels.faults)}>
      <form class="fields" onSubmit={add}>
        <label class="field">
          <span class="label">{say(panels.fault)}</span>
          <select
            value={fault.value}
            onChange={({ currentTarget }) => {
              fault.value = currentTarget.value as Fault;
            }}
          >
            {faults.map((each) => (
              <option key={each} value={each}>
                {`${each}: ${say(faultNames[each])}`}
              </option>
            ))}
          </select>
        </label>
        <OperationSelect
          label={say(panels.operation)}
          none={say(panels.anyOperation)}
          value={operation.value}
          onChoose={(id) => {
            operation.value = id;
          }}
        />
        <div class="row end">
          <label class="field narrow">
            <span class="label">{say(panels.times)}</span>
            <input
              type="number"
              min="1"
              max="1000000"
              required
              value={times.value}
              onInput={({ currentTarget }) => {
                times.value = currentTarget.value;
              }}
            />
          </label>
          <button type="submit" class="primary">
            {say(panels.addFault)}
          </button>
          {isWaiting && (
            <button type="button" onClick={() => void cancelAll()}>
              {say(panels.cancelFaults)}
            </button>
          )}
        </div>
      </form>
      {isWaiting ? <FaultChips /> : <p class="soft">{say(panels.noneWaiting)}</p>}
    </Card>
  );
}
