import { Connect } from "./connect/connect.js";
import { Detail } from "./detail/detail.js";
import { isLoading } from "./detail/exchange.js";
import { focusOn } from "./focus.js";
import { Header } from "./header.js";
import { say } from "./language.js";
import { List } from "./list/list.js";
import { Note } from "./note.js";
import { route } from "./route.js";
import { StateView } from "./state/state.js";
import { isEmpty } from "./store.js";
import { texts } from "./texts.js";
import { Trigger } from "./trigger/trigger.js";

const VIEWS = { requests: Detail, notifications: Detail, state: StateView, connect: Connect, trigger: Trigger };
const LABELS = { ...texts, requests: texts.details, notifications: texts.details };

/** The list at the left, and at the right what the address names. A phone shows one of them. */
export function App() {
  const at = route.value;
  const View = VIEWS[at.view];
  // With an empty list, a phone shows what to do first.
  const isList = at.view === "requests" && at.id === undefined && !isEmpty.value;
  return (
    <>
      <button type="button" class="skip" onClick={() => focusOn("view")}>
        {say(texts.skip)}
      </button>
      <Header />
      <main data-pane={isList ? "list" : "view"}>
        <List />
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it. */}
        <section class="pane" id="view" tabIndex={0} aria-label={say(LABELS[at.view])} aria-busy={isLoading.value}>
          <View />
        </section>
      </main>
      <Note />
    </>
  );
}
