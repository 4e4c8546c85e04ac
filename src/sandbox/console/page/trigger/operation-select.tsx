import type { ShownOperation } from "../../messages.js";
import { say } from "../language.js";
import { start } from "../store.js";
import { byFamily } from "./families.js";

/** Chooses one of the sandbox's operations, by family. */
export function OperationSelect({
  label,
  none,
  value,
  onChoose,
}: {
  label: string;
  /** What it is called to choose none of them. */
  none: string;
  /** An operationId; `""` for none. */
  value: string;
  onChoose(operationId: string): void;
}) {
  return (
    <label class="field">
      <span class="label">{label}</span>
      <select value={value} onChange={({ currentTarget }) => onChoose(currentTarget.value)}>
        <option value="">{none}</option>
        {byFamily(start.value?.operations ?? []).map(({ name, operations }) => (
          <optgroup key={name.en} label={say(name)}>
            {operations.map((operation) => (
              <option key={operation.operationId} value={operation.operationId}>
                {nameOf(operation)}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
    </label>
  );
}

const nameOf = ({ operationId, summary }: ShownOperation) => {
  const said = say(summary);
  return said === "" || said === operationId ? operationId : `${operationId}: ${said}`;
};
