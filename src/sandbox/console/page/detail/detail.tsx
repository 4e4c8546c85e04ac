import { computed } from "@preact/signals";
import { findEntry } from "../entries.js";
import { say } from "../language.js";
import { selected } from "../list/selection.js";
import { isDetail, route } from "../route.js";
import { changed, isComplete, isEmpty } from "../store.js";
import { Empty } from "./empty.js";
import { shown } from "./exchange.js";
import { ExchangeView } from "./exchange-view.js";
import { NotificationView } from "./notification-view.js";
import { detailTexts } from "./texts.js";

/** A request or a notification; without one, what to do first. */
export function Detail() {
  const at = route.value;
  return (
    <div class="view">
      {isDetail(at) && (
        <a class="back" href="#/requests">
          {say(detailTexts.back)}
        </a>
      )}
      {at.view === "notifications" ? <NotificationDetail /> : <RequestDetail />}
    </div>
  );
}

const notification = computed(() => {
  changed.value;
  const at = route.value;
  return at.view === "notifications" ? findEntry("notification", at.id) : undefined;
});

function NotificationDetail() {
  const found = notification.value;
  if (found !== undefined) return <NotificationView notification={found} />;
  return isComplete.value ? <p class="soft">{say(detailTexts.gone)}</p> : null;
}

function RequestDetail() {
  if (selected.value === undefined) {
    if (!isComplete.value) return null;
    return isEmpty.value ? <Empty /> : <p class="soft">{say(detailTexts.pick)}</p>;
  }
  const { id, exchange } = shown.value ?? {};
  if (exchange !== undefined) return <ExchangeView key={id} exchange={exchange} />;
  return id === undefined ? null : <p class="soft">{say(detailTexts.gone)}</p>;
}
