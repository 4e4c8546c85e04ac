import { ActionButton } from "../action-button.js";
import { say } from "../language.js";
import { changed, counts, entries } from "../store.js";
import { texts } from "../texts.js";
import { Keys, showKeys } from "./keys.js";
import { RowList } from "./row-list.js";
import { countsOf, type Group, isFiltered, NO_FILTER } from "./rows.js";
import { filter, items } from "./selection.js";
import { listTexts } from "./texts.js";

const GROUPS: Group[] = ["refused", "fault", "notification"];

/** What arrived and what was done, the newest first. */
export function List() {
  return (
    <section class="requests" aria-labelledby="requests">
      <Head />
      <Filters />
      <RowList />
      <Keys />
    </section>
  );
}

function Head() {
  return (
    <div class="head">
      <h2 id="requests">{say(texts.requests)}</h2>
      <Count />
      <ActionButton action={{ action: "clear" }} done={() => say(listTexts.cleared)}>
        {say(listTexts.clear)}
      </ActionButton>
      <button type="button" aria-label={say(listTexts.keys)} title={say(listTexts.keys)} onClick={showKeys}>
        ?
      </button>
    </div>
  );
}

/** How many arrived, and how many of them are shown. */
function Count() {
  const { arrived, dropped } = counts.value;
  const shown = items.value.filter((item) => item.kind === "row" && item.entry.kind === "request").length;
  const key = shown === arrived ? "countAll" : dropped > 0 && !isFiltered(filter.value) ? "countDropped" : "countOf";
  return <span id="count">{say(listTexts[key], shown, arrived, dropped)}</span>;
}

function Filters() {
  changed.value;
  const { groups, operations } = countsOf(entries);
  const { text, operation, only } = filter.value;
  const toggle = (group: Group) => {
    const others = only.filter((each) => each !== group);
    filter.value = { ...filter.value, only: others.length < only.length ? others : [...only, group] };
  };
  return (
    <search class="filters">
      <input
        id="search"
        type="search"
        aria-label={say(listTexts.search)}
        aria-keyshortcuts="/"
        placeholder={`/  ${say(listTexts.searchHint)}`}
        value={text}
        onInput={({ currentTarget }) => {
          filter.value = { ...filter.value, text: currentTarget.value };
        }}
      />
      <fieldset class="row" aria-label={say(listTexts.only)}>
        {GROUPS.map((group) => (
          <button
            key={group}
            type="button"
            class={`toggle ${group}`}
            aria-pressed={only.includes(group)}
            onClick={() => toggle(group)}
          >
            {say(listTexts[group])} <b>{groups[group]}</b>
          </button>
        ))}
        <select
          aria-label={say(listTexts.operation)}
          value={operation}
          onChange={({ currentTarget }) => {
            filter.value = { ...filter.value, operation: currentTarget.value };
          }}
        >
          <option value="">{say(listTexts.anyOperation)}</option>
          {[...operations].sort().map(([id, many]) => (
            <option key={id} value={id}>
              {id} ({many})
            </option>
          ))}
        </select>
        {isFiltered(filter.value) && (
          <button
            type="button"
            onClick={() => {
              filter.value = NO_FILTER;
            }}
          >
            {say(listTexts.clearFilters)}
          </button>
        )}
      </fieldset>
    </search>
  );
}
