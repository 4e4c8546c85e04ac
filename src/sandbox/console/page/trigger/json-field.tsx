import { useId } from "preact/hooks";
import { say } from "../language.js";
import { readJson } from "./json-input.js";
import { panels } from "./texts.js";

/** What is wrong with what was typed; `""` where nothing is. */
export function jsonIssue(text: string): string {
  const read = readJson(text);
  if ("empty" in read) return "";
  if ("value" in read) return typeof read.value === "object" && read.value !== null ? "" : say(panels.notObject);
  return say(panels.notJson, read.line, read.character);
}

/** A field for a JSON object, with what is wrong said beside it. */
export function JsonField({
  label,
  value,
  rows,
  onInput,
}: {
  label: string;
  value: string;
  rows: number;
  onInput(text: string): void;
}) {
  const id = useId();
  const issue = jsonIssue(value);
  return (
    <div class="field">
      <label class="label" for={id}>
        {label}
      </label>
      <textarea
        id={id}
        class="json-input"
        rows={rows}
        spellcheck={false}
        autocomplete="off"
        aria-invalid={issue !== ""}
        aria-describedby={`${id}-issue`}
        value={value}
        onInput={({ currentTarget }) => onInput(currentTarget.value)}
      />
      <p class="issue" id={`${id}-issue`} role="alert">
        {issue}
      </p>
    </div>
  );
}
