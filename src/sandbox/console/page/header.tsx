import { useRef } from "preact/hooks";
import { FaultChips } from "./fault-chips.js";
import { distance, language, say, setLanguage } from "./language.js";
import { isDetail, route } from "./route.js";
import { ahead, isLive, now } from "./store.js";
import { texts } from "./texts.js";
import { clockOf, dateOf } from "./time.js";

/** Where the views are, the sandbox's time, and the other language. */
export function Header() {
  const other = language.value === "zh" ? "en" : "zh";
  return (
    <header class="top">
      <h1>{say(texts.title)}</h1>
      <Views />
      <div class="end">
        <Clock />
        <span class={isLive.value ? "connection live" : "connection"} role="status">
          {say(isLive.value ? texts.live : texts.lost)}
        </span>
        <ExportMenu />
        <button type="button" lang={other === "zh" ? "zh-CN" : "en"} onClick={() => setLanguage(other)}>
          {say(texts.otherLanguage)}
        </button>
      </div>
      <FaultChips />
    </header>
  );
}

function Views() {
  const at = route.value;
  const shown = isDetail(at) ? "requests" : at.view;
  return (
    <nav aria-label={say(texts.views)}>
      {(["requests", "state", "trigger", "connect"] as const).map((view) => (
        <a key={view} href={`#/${view}`} aria-current={view === shown ? "page" : undefined}>
          {say(texts[view])}
        </a>
      ))}
      <a href="/console/docs" target="_blank" rel="noopener">
        {say(texts.docs)}
      </a>
    </nav>
  );
}

function Clock() {
  const time = now.value;
  const isAhead = Math.abs(ahead.value) >= 30_000;
  return (
    <>
      <time class="clock" dateTime={new Date(time).toISOString()} title={say(texts.clock)}>
        <span class="clock-date">{dateOf(time)} </span>
        {clockOf(time)}
      </time>
      {isAhead && <span class="ahead">{say(texts.forward, distance(Math.round(ahead.value / 60_000) * 60_000))}</span>}
    </>
  );
}

function ExportMenu() {
  const menu = useRef<HTMLDetailsElement>(null);
  const close = () => menu.current?.removeAttribute("open");
  return (
    <details
      class="menu"
      ref={menu}
      onKeyDown={({ key }) => key === "Escape" && close()}
      onFocusOut={({ relatedTarget }) => {
        if (relatedTarget instanceof Node && !menu.current?.contains(relatedTarget)) close();
      }}
    >
      <summary>{say(texts.export)}</summary>
      <div>
        <a href="/console/requests.har" download="wechatpay-sandbox.har" onClick={close}>
          {say(texts.exportHar)}
        </a>
        <a href="/console/requests.json" download="wechatpay-sandbox.json" onClick={close}>
          {say(texts.exportJson)}
        </a>
      </div>
    </details>
  );
}
