import { signal } from "@preact/signals";
import type { State, Text } from "../../messages.js";
import { Card } from "../card.js";
import { DataTable, type Row } from "../data-table.js";
import { say } from "../language.js";
import { start, state } from "../store.js";
import { forgetLink } from "../trigger/form.js";
import { batchRows, keyRows, recordRows } from "./money.js";
import { stateTexts } from "./texts.js";
import { authenticationRows, preOrderRows, relationRows, tokenRows } from "./users.js";

/** With more rows than these, there is a field to search them. */
const SEARCHED = 20;

/** It outlives the view. */
const search = signal("");

interface Part {
  title: Text;
  /** How it gets its first row, and by which operations. */
  empty: Text;
  by: readonly string[];
  headings: readonly Text[];
  /** What is so beside the rows. */
  beside?: (state: State) => Text | undefined;
  rows(state: State): Row[];
}

const { user, subMchid, state: inState, since, number, at, left, actions, kind, amount } = stateTexts;
const PARTS: readonly Part[] = [
  {
    title: stateTexts.relations,
    empty: stateTexts.relationsEmpty,
    by: ["createToken"],
    headings: [user, subMchid, inState, since, actions],
    beside: ({ startsAuthorized }) => (startsAuthorized ? stateTexts.startsAuthorized : undefined),
    rows: relationRows,
  },
  {
    title: stateTexts.tokens,
    empty: stateTexts.tokensEmpty,
    by: ["createToken", "preOrderAuthentication"],
    headings: [{ zh: "Token", en: "Token" }, stateTexts.operation, user, subMchid, left],
    rows: tokenRows,
  },
  {
    title: stateTexts.preOrders,
    empty: stateTexts.preOrdersEmpty,
    by: ["preOrderAuthentication"],
    headings: [user, stateTexts.usedToday, actions],
    rows: preOrderRows,
  },
  {
    title: stateTexts.authentications,
    empty: stateTexts.authenticationsEmpty,
    by: ["preOrderAuthentication"],
    headings: [number, user, subMchid, inState, left, actions],
    rows: authenticationRows,
  },
  {
    title: stateTexts.batches,
    empty: stateTexts.batchesEmpty,
    by: ["createTransferBatch"],
    headings: [number, inState, stateTexts.finishes, stateTexts.transfers],
    rows: batchRows,
  },
  {
    title: stateTexts.records,
    empty: stateTexts.recordsEmpty,
    by: ["createJsapiOrder", "createTransferBill"],
    headings: [kind, number, inState, amount, at, actions],
    rows: recordRows,
  },
  {
    title: stateTexts.keys,
    empty: stateTexts.keys,
    by: [],
    headings: [kind, stateTexts.serial, stateTexts.validFrom, stateTexts.validTo],
    rows: keyRows,
  },
];

/** What the sandbox knows. */
export function StateView() {
  const all = state.value;
  const parts =
    all === undefined ? [] : PARTS.map((part) => ({ ...part, found: part.rows(all), said: part.beside?.(all) }));
  const isLong = parts.reduce((sum, { found }) => sum + found.length, 0) > SEARCHED;
  return (
    <div class="view panels">
      <div class="row">
        <h2>{say(stateTexts.title)}</h2>
        {isLong && <Search />}
      </div>
      {all === undefined && <p class="none">{say(stateTexts.loading)}</p>}
      {parts.map(({ title, empty, by, headings, found, said }) => (
        <Card key={title.en} title={`${say(title)}${found.length > 0 ? ` (${found.length})` : ""}`}>
          <Found empty={empty} by={by} headings={headings} title={title} rows={found} isSearched={isLong} />
          {said && <p class="soft">{say(said)}</p>}
        </Card>
      ))}
    </div>
  );
}

function Search() {
  return (
    <input
      type="search"
      aria-label={say(stateTexts.search)}
      placeholder={say(stateTexts.search)}
      value={search.value}
      onInput={({ currentTarget }) => {
        search.value = currentTarget.value;
      }}
    />
  );
}

function Found({
  title,
  empty,
  by,
  headings,
  rows,
  isSearched,
}: Pick<Part, "title" | "empty" | "by" | "headings"> & { rows: Row[]; isSearched: boolean }) {
  const wanted = isSearched ? search.value.trim().toLowerCase() : "";
  const found = rows.filter(({ words }) => words.toLowerCase().includes(wanted));
  if (rows.length === 0) return <Empty how={empty} by={by} />;
  if (found.length === 0) return <p class="soft">{say(stateTexts.nothingFound)}</p>;
  return <DataTable label={say(title)} headings={headings.map((heading) => say(heading))} rows={found} />;
}

/** How to fill a part, with the operations that do it, as far as this sandbox has them. */
function Empty({ how, by }: { how: Text; by: readonly string[] }) {
  const known = start.value?.operations.map(({ operationId }) => operationId) ?? [];
  return (
    <p class="row soft">
      <span>{say(how)}</span>
      {by
        .filter((operationId) => known.includes(operationId))
        .map((operationId) => (
          <a key={operationId} href={`#send=${operationId}`} onClick={forgetLink}>
            {operationId}
          </a>
        ))}
    </p>
  );
}
