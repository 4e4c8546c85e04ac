import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

interface Tab {
  id: string;
  name: string;
  show(): ComponentChildren;
}

/** Panels of which one is shown. Arrow keys, Home and End go from tab to tab, as the ARIA practices have it. */
export function Tabs({ label, tabs }: { label: string; tabs: readonly Tab[] }) {
  const own = useId();
  const chosen = useSignal(0);
  const tab = tabs[chosen.value];
  function onKeyDown(event: KeyboardEvent & { currentTarget: HTMLElement }) {
    const last = tabs.length - 1;
    const to = { ArrowRight: chosen.value + 1, ArrowLeft: chosen.value - 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    chosen.value = (to + tabs.length) % tabs.length;
    event.currentTarget.querySelectorAll<HTMLElement>("[role=tab]")[chosen.value]?.focus();
  }
  if (tab === undefined) return null;
  return (
    <div class="tabs">
      <div role="tablist" aria-label={label} onKeyDown={onKeyDown}>
        {tabs.map(({ id, name }, index) => (
          <button
            key={id}
            type="button"
            role="tab"
            id={`${own}-${id}`}
            aria-controls={`${own}-panel`}
            aria-selected={index === chosen.value}
            tabIndex={index === chosen.value ? 0 : -1}
            onClick={() => {
              chosen.value = index;
            }}
          >
            {name}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${own}-panel`} aria-labelledby={`${own}-${tab.id}`} key={tab.id}>
        {tab.show()}
      </div>
    </div>
  );
}
