import type { Fault } from "../../server/faults.js";
import { ask } from "./actions.js";
import { say } from "./language.js";
import { state } from "./store.js";
import { faults as faultNames } from "./texts.js";
import { panels } from "./trigger/texts.js";

/** In English, a fault's own name is short enough. */
const nameOf = (fault: Fault) => say({ zh: faultNames[fault].zh, en: fault });

/** The faults that wait for a request; each can be taken away. */
export function FaultChips() {
  const waiting = state.value?.faults ?? [];
  if (waiting.length === 0) return null;
  return (
    <ul class="fault-chips" aria-label={say(panels.waiting)}>
      {waiting.map(({ id, fault, operation, times }) => (
        <li key={id} class="fault-chip" title={say(faultNames[fault])}>
          <span aria-hidden="true">⚡ </span>
          {say(panels.chip, nameOf(fault), times ?? say(panels.always), operation ?? say(panels.any))}
          <button
            type="button"
            aria-label={say(panels.removeFault, nameOf(fault))}
            onClick={() => void ask({ action: "removeFault", id })}
          >
            ✕
          </button>
        </li>
      ))}
    </ul>
  );
}
