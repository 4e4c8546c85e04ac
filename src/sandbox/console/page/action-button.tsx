import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { Action } from "../messages.js";
import { ask } from "./actions.js";

/** Has the sandbox do something. Pressed twice, it does it once. */
export function ActionButton({
  action,
  done,
  children,
}: {
  action: Action;
  /** The text to show, of the sandbox's answer. */
  done?: (answer: string) => string;
  children: ComponentChildren;
}) {
  const isBusy = useSignal(false);
  async function act() {
    if (isBusy.value) return;
    isBusy.value = true;
    await ask(action, done);
    isBusy.value = false;
  }
  return (
    <button type="button" aria-busy={isBusy.value} onClick={act}>
      {children}
    </button>
  );
}
