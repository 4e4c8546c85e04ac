import { computed, signal } from "@preact/signals";
import { useId } from "preact/hooks";
import type { NotificationRow } from "../../messages.js";
import { ask } from "../actions.js";
import { Card } from "../card.js";
import { findEntry } from "../entries.js";
import { say } from "../language.js";
import { tookOf } from "../list/row.js";
import { changed, start } from "../store.js";
import { visible } from "../text.js";
import { JsonField, jsonIssue } from "./json-field.js";
import { readJson } from "./json-input.js";
import { change, form, rememberUrl } from "./notify-state.js";
import { panels } from "./texts.js";

/** The notification that was sent here last. */
const sent = signal<number>();
const eventType = computed(() => form.value.event_type || (start.value?.events[0] ?? ""));

async function send(): Promise<void> {
  const { url, resource } = form.value;
  const read = readJson(resource);
  const told = "value" in read ? { resource: read.value as object } : {};
  rememberUrl(url);
  const id = await ask({ action: "notify", url, event_type: eventType.value, ...told });
  if (id !== undefined) sent.value = Number(id);
}

/** Puts the documented example into the field, to be changed. */
async function fillExample(): Promise<void> {
  const example = await ask({ action: "exampleNotification", event_type: eventType.value });
  if (example !== undefined) change({ resource: JSON.stringify(JSON.parse(example), undefined, 2) });
}

/** Sends a notification, as WeChat Pay would. */
export function NotifyForm() {
  const { url, resource } = form.value;
  const events = useId();
  return (
    <Card title={say(panels.notify)} how={say(panels.notifyHow)}>
      <form
        class="fields"
        onSubmit={(event) => {
          event.preventDefault();
          if (jsonIssue(resource) === "") void send();
        }}
      >
        <label class="field">
          <span class="label">{say(panels.notifyUrl)}</span>
          <input
            class="mono"
            type="url"
            required
            value={url}
            onInput={({ currentTarget }) => change({ url: currentTarget.value })}
          />
        </label>
        <label class="field">
          <span class="label">{say(panels.eventType)}</span>
          <input
            class="mono"
            required
            list={events}
            value={eventType.value}
            spellcheck={false}
            onInput={({ currentTarget }) => change({ event_type: currentTarget.value })}
          />
        </label>
        <datalist id={events}>
          {start.value?.events.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
        <JsonField
          label={say(panels.resource)}
          value={resource}
          rows={resource === "" ? 3 : 12}
          onInput={(text) => change({ resource: text })}
        />
        <div class="row">
          <button type="submit" class="primary" disabled={jsonIssue(resource) !== ""}>
            {say(panels.notifyNow)}
          </button>
          {start.value?.events.includes(eventType.value) && (
            <button type="button" onClick={() => void fillExample()}>
              {say(panels.fillExample)}
            </button>
          )}
        </div>
      </form>
      <Result />
    </Card>
  );
}

/** How the notification that was sent last went. */
function Result() {
  if (sent.value === undefined) return null;
  changed.value;
  const row = findEntry("notification", sent.value);
  return (
    <p class="result" role="status">
      {outcome(sent.value, row)} <a href={`#/notifications/${sent.value}`}>{say(panels.showIt)}</a>
    </p>
  );
}

function outcome(id: number, row: NotificationRow | undefined): string {
  if (row?.error !== undefined) return say(panels.notAnswered, id, visible(say(row.error)));
  return row?.status === undefined ? say(panels.notified, id) : say(panels.answered, id, row.status, tookOf(row.took));
}
