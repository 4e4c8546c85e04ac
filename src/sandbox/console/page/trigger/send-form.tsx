import { useSignal } from "@preact/signals";
import { Card } from "../card.js";
import { say } from "../language.js";
import { start } from "../store.js";
import { change, choose, form, sendExample, sendForm } from "./form.js";
import { JsonField, jsonIssue } from "./json-field.js";
import { OperationSelect } from "./operation-select.js";
import { panels } from "./texts.js";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/** Sends a request that the sandbox signs. */
export function SendForm() {
  const { operation, method, path, body } = form.value;
  const isBusy = useSignal(false);
  const isPath = path.startsWith("/");
  async function once(send: () => Promise<void>) {
    if (isBusy.value) return;
    isBusy.value = true;
    await send();
    isBusy.value = false;
  }
  return (
    <Card title={say(panels.send)} how={say(panels.sendHow)}>
      <form
        class="fields"
        onSubmit={(event) => {
          event.preventDefault();
          if (isPath && jsonIssue(body) === "") void once(sendForm);
        }}
      >
        <div class="pair">
          <OperationSelect
            label={say(panels.operation)}
            none={say(panels.ownRequest)}
            value={operation}
            onChoose={(id) => void choose(id)}
          />
          <ExampleSelect />
        </div>
        <div class="line-of-request">
          <label class="field">
            <span class="label">{say(panels.method)}</span>
            <select value={method} onChange={({ currentTarget }) => change({ method: currentTarget.value })}>
              {METHODS.map((each) => (
                <option key={each}>{each}</option>
              ))}
            </select>
          </label>
          <label class="field">
            <span class="label">{say(panels.path)}</span>
            <input
              class="mono"
              spellcheck={false}
              autocomplete="off"
              value={path}
              aria-invalid={!isPath}
              aria-describedby="path-issue"
              onInput={({ currentTarget }) => change({ path: currentTarget.value })}
            />
          </label>
        </div>
        <p class="issue" id="path-issue" role="alert">
          {isPath ? "" : say(panels.notPath)}
        </p>
        <JsonField
          label={say(panels.body)}
          value={body}
          rows={rowsOf(body)}
          onInput={(text) => change({ body: text })}
        />
        <div class="row">
          <button type="submit" class="primary" aria-busy={isBusy.value} disabled={!isPath || jsonIssue(body) !== ""}>
            {say(panels.sendNow)}
          </button>
          {operation !== "" && (
            <button type="button" aria-busy={isBusy.value} onClick={() => void once(sendExample)}>
              {say(panels.sendExample)}
            </button>
          )}
        </div>
      </form>
    </Card>
  );
}

/** As high as its text, within reason. */
const rowsOf = (text: string) => Math.min(22, Math.max(4, text.split("\n").length));

function ExampleSelect() {
  const { operation, example } = form.value;
  const examples = start.value?.operations.find(({ operationId }) => operationId === operation)?.examples ?? [];
  if (examples.every((name) => name === "")) return null;
  return (
    <label class="field">
      <span class="label">{say(panels.example)}</span>
      <select value={example} onChange={({ currentTarget }) => void choose(operation, currentTarget.value)}>
        {examples.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
