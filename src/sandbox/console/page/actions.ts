import type { Action, ActionResult } from "../messages.js";
import { $, el } from "./dom.js";
import { t } from "./language.js";

/**
 * Has the sandbox do something, and shows how it went.
 * @param done the text to show, of the sandbox's answer
 */
export async function ask(what: Action, done: (answer: string) => string): Promise<void> {
  try {
    const headers = { "Content-Type": "application/json" };
    const reply = await fetch("/console/actions", { method: "POST", headers, body: JSON.stringify(what) });
    const result: ActionResult = await reply.json();
    if ("refused" in result) showNote(result.refused, true);
    else showNote(done(result.done));
  } catch {
    showNote(t("unreachable"), true);
  }
}

export function showNote(text: string, isRefusal = false): void {
  $("note").className = isRefusal ? "refusal" : "";
  // The sandbox's own messages are in English.
  $("note").lang = isRefusal ? "en" : document.documentElement.lang;
  $("note").textContent = text;
}

export function button(label: string, what: Action, done: (answer: string) => string): HTMLButtonElement {
  const made = el("button", { type: "button" }, label);
  made.onclick = () => ask(what, done);
  return made;
}
