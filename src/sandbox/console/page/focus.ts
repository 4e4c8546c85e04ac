const PHONE = "(max-width: 760px)";

/** Whether one pane is shown at a time. */
export const isPhone = () => matchMedia(PHONE).matches;

/** Moves the focus to an element once it is shown: a phone may have to change panes first. */
export function focusOn(id: string): void {
  const element = document.getElementById(id);
  if (element?.checkVisibility()) element.focus();
  else requestAnimationFrame(() => document.getElementById(id)?.focus());
}
