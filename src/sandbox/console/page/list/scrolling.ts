import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { type Item, indexAt, ROW } from "./rows.js";
import { filter } from "./selection.js";

type Scroller = RefObject<HTMLDivElement | null>;

/** Keeps what is in sight where it is when rows come above it. Returns how many came since one has seen the newest. */
export function useStandingStill(
  scroller: Scroller,
  all: readonly Item[],
  tops: readonly number[],
  place: number,
): number {
  const anchor = useRef<{ key: string; by: number } | undefined>(undefined);
  const seen = useRef(0);
  const filtered = useRef(filter.value);

  useLayoutEffect(() => {
    const { current } = scroller;
    if (current === null) return;
    if (filtered.current !== filter.value) current.scrollTop = 0;
    else if (anchor.current !== undefined && current.scrollTop > 0) {
      const { key, by } = anchor.current;
      const index = all.findIndex((item) => item.key === key);
      const wanted = (tops[index] ?? 0) + by;
      if (index >= 0 && current.scrollTop !== wanted) current.scrollTop = wanted;
    }
    filtered.current = filter.value;
  }, [all]);

  useLayoutEffect(() => {
    const top = scroller.current?.scrollTop ?? 0;
    const index = indexAt(tops, top);
    const item = all[index];
    anchor.current = item && { key: item.key, by: top - (tops[index] ?? 0) };
  }, [all, place]);

  const isAtTop = place < ROW / 2;
  let count = 0;
  let newest = seen.current;
  for (const item of all) {
    if (item.kind === "day") continue;
    if (item.entry.seq <= seen.current) break;
    newest = Math.max(newest, item.entry.seq);
    if (item.kind === "row") count++;
  }
  if (isAtTop) seen.current = newest;
  return isAtTop ? 0 : count;
}

/** Brings the row that was chosen into sight, with the focus where another row has it. */
export function useChosenInSight(scroller: Scroller, key: string | undefined, top: number): void {
  useLayoutEffect(() => {
    const { current } = scroller;
    if (current === null || key === undefined) return;
    const { scrollTop, clientHeight } = current;
    if (top < scrollTop) current.scrollTop = top;
    else if (top + ROW > scrollTop + clientHeight) current.scrollTop = top + ROW - clientHeight;
    if (!current.contains(document.activeElement)) return;
    current.querySelector<HTMLElement>("[aria-current]")?.focus({ preventScroll: true });
  }, [key]);
}
