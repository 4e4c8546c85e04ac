import { useSignalEffect } from "@preact/signals";
import { say } from "../language.js";
import { route } from "../route.js";
import { draft, start } from "../store.js";
import { FaultForm } from "./fault-form.js";
import { fill, followLink } from "./form.js";
import { NotifyForm } from "./notify-form.js";
import { SendForm } from "./send-form.js";
import { panels } from "./texts.js";
import { Certificates, Time } from "./time-panel.js";
import { UserForm } from "./user-form.js";

/** Has something happen: requests, notifications, users, faults, time. */
export function Trigger() {
  useSignalEffect(() => {
    if (draft.value === undefined) return;
    fill(draft.value);
    draft.value = undefined;
  });
  useSignalEffect(() => {
    const at = route.value;
    const link = at.view === "trigger" ? at.send : undefined;
    // What the link names is known once the sandbox has said what it has.
    if (start.value !== undefined) followLink(link);
  });
  return (
    <div class="view panels">
      <h2>{say(panels.trigger)}</h2>
      <SendForm />
      <div class="cards">
        <NotifyForm />
        <UserForm />
        <FaultForm />
        <Time />
        <Certificates />
      </div>
    </div>
  );
}
