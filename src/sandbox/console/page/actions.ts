import type { Action, ActionResult } from "../messages.js";
import { say } from "./language.js";
import { note } from "./store.js";
import { texts } from "./texts.js";

/**
 * Has the sandbox do something, and says how it went in {@link note}.
 * @param done the text to show, of the sandbox's answer; without it, nothing is shown
 * @returns the sandbox's answer; `undefined` where it could not be done
 */
export async function ask(what: Action, done?: (answer: string) => string): Promise<string | undefined> {
  try {
    const headers = { "Content-Type": "application/json" };
    const response = await fetch("/console/actions", { method: "POST", headers, body: JSON.stringify(what) });
    const result: ActionResult = await response.json();
    if ("refused" in result) note.value = { text: say(result.refused), isRefusal: true };
    else {
      note.value = done && { text: done(result.done), isRefusal: false };
      return result.done;
    }
  } catch {
    note.value = { text: say(texts.unreachable), isRefusal: true };
  }
  return undefined;
}
