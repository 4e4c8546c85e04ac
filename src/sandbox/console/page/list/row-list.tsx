import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { focusOn, isPhone } from "../focus.js";
import { say } from "../language.js";
import { isComplete } from "../store.js";
import { Divider, RowLink } from "./row.js";
import { indexAt, isFiltered } from "./rows.js";
import { useChosenInSight, useStandingStill } from "./scrolling.js";
import { chosenIndex, filter, items, tops } from "./selection.js";
import { listTexts } from "./texts.js";

/** How far beyond what is seen rows are made, in pixels. */
const BEYOND = 300;

/** The rows that are in sight: with ten thousand, a browser would be slow. */
export function RowList() {
  const scroller = useRef<HTMLDivElement>(null);
  const place = useSignal(0);
  const height = useSignal(800);
  const all = items.value;
  const { value: places } = tops;
  const { value: chosen } = chosenIndex;
  const count = useStandingStill(scroller, all, places, place.value);
  useEffect(() => {
    const { current } = scroller;
    if (current === null) return undefined;
    const observer = new ResizeObserver(() => {
      height.value = current.clientHeight;
    });
    observer.observe(current);
    return () => observer.disconnect();
  }, [height]);
  useChosenInSight(scroller, all[chosen]?.key, places[chosen] ?? 0);

  const first = indexAt(places, place.value - BEYOND);
  const last = Math.min(indexAt(places, place.value + height.value + BEYOND), all.length - 1);
  const shown = Array.from({ length: Math.max(last - first + 1, 0) }, (_, i) => first + i);
  // What has the focus must stay, wherever one scrolls.
  const stop = chosen >= 0 ? chosen : all.findIndex(({ kind }) => kind === "row");
  if (stop >= 0 && (stop < first || stop > last)) shown.push(stop);
  return (
    <div
      class="scroller"
      ref={scroller}
      onScroll={({ currentTarget }) => {
        place.value = currentTarget.scrollTop;
      }}
    >
      {count > 0 && (
        <button type="button" class="fresh" onClick={() => scroller.current?.scrollTo({ top: 0 })}>
          {say(listTexts.fresh, count)}
        </button>
      )}
      {all.length === 0 && isFiltered(filter.value) && <NoMatch />}
      <ul id="list" aria-busy={!isComplete.value} style={{ height: `${places.at(-1)}px` }}>
        {shown.map((index) => {
          const item = all[index];
          return (
            item && (
              <li
                key={item.key}
                aria-setsize={all.length}
                aria-posinset={index + 1}
                style={{ transform: `translateY(${places[index]}px)` }}
              >
                {item.kind === "row" ? (
                  <RowLink
                    item={item}
                    isSelected={index === chosen}
                    isTabStop={index === stop}
                    onChoose={toDetailsOnPhone}
                  />
                ) : (
                  <Divider item={item} />
                )}
              </li>
            )
          );
        })}
      </ul>
    </div>
  );
}

/** On a phone the list gives way to the details; with it went the focus. */
function toDetailsOnPhone(): void {
  if (isPhone()) focusOn("view");
}

function NoMatch() {
  return (
    <p class="no-match" role="status">
      {say(listTexts.noMatch)}
    </p>
  );
}
