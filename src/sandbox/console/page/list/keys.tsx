import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { focusOn, isPhone } from "../focus.js";
import { say } from "../language.js";
import { go } from "../route.js";
import { isFiltered, NO_FILTER } from "./rows.js";
import { filter, move, moveToEnd, selected } from "./selection.js";
import { keyTexts, listTexts } from "./texts.js";

const isHelpShown = signal(false);

export const showKeys = () => {
  isHelpShown.value = true;
};

/** What a key does wherever the focus is, but in a field. */
const ANYWHERE: Record<string, () => void> = {
  j: () => move(1),
  k: () => move(-1),
  "?": showKeys,
  "/": () => {
    if (isPhone()) go("#/requests");
    focusOn("search");
  },
};

/** What a key does on a row. */
const ON_A_ROW: Record<string, () => void> = {
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  Home: () => moveToEnd(false),
  End: () => moveToEnd(true),
};

addEventListener("keydown", (event) => {
  const { key, altKey, ctrlKey, metaKey, target } = event;
  if (altKey || ctrlKey || metaKey || event.defaultPrevented || !(target instanceof Element) || isHelpShown.value)
    return;
  if (key === "Escape" && isFiltered(filter.value)) {
    filter.value = NO_FILTER;
    return;
  }
  if (target.matches("input, textarea, select")) return;
  const isOnRow = target.closest("#list a") !== null;
  const act = ANYWHERE[key] ?? (isOnRow ? ON_A_ROW[key] : undefined);
  if (act !== undefined) {
    event.preventDefault();
    act();
  } else if (
    key === "Enter" &&
    isOnRow &&
    target.getAttribute("aria-current") !== null &&
    selected.value !== undefined
  ) {
    event.preventDefault();
    go((target as HTMLAnchorElement).hash);
    focusOn("view");
  }
});

/** The keys, in a window of their own. */
export function Keys() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (isHelpShown.value) dialog.current?.showModal();
  }, [isHelpShown.value]);
  return (
    <dialog
      ref={dialog}
      aria-labelledby="keys"
      onClose={() => {
        isHelpShown.value = false;
      }}
    >
      <h2 id="keys">{say(listTexts.keys)}</h2>
      <table>
        <tbody>
          {keyTexts.map(([keys, what]) => (
            <tr key={keys}>
              <th scope="row">
                {keys.split("  ").map((each) => (
                  <kbd key={each}>{each}</kbd>
                ))}
              </th>
              <td>{say(what)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <form method="dialog">
        <button type="submit">{say(listTexts.close)}</button>
      </form>
    </dialog>
  );
}
