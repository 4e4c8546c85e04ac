// The browser side. What arrives is never trusted: it becomes text, never markup.
import { ask, showNote } from "./page/actions.js";
import { connect, showClock, showConnection } from "./page/connection.js";
import { $ } from "./page/dom.js";
import { applyLanguage, currentLanguage, type Language, say, storeLanguage, t } from "./page/language.js";
import { showList } from "./page/list.js";
import { showRecords } from "./page/records.js";
import { faults } from "./page/texts.js";

function setLanguage(to: Language): void {
  applyLanguage(to);
  showNote("");
  showConnection();
  showClock();
  showList();
  showRecords();
}

$("address").textContent = location.origin;
$("language").onclick = () => {
  setLanguage(currentLanguage() === "zh" ? "en" : "zh");
  storeLanguage();
};
$("controls").onclick = ({ target }) => {
  if (!(target instanceof HTMLButtonElement) || target.value === "") return;
  const ms = Number(target.value);
  ask({ action: "advance", ms }, () => t("advanced", ms / 60_000));
};
$("fault").onsubmit = (event) => {
  event.preventDefault();
  const form = new FormData(event.target as HTMLFormElement);
  const operation = String(form.get("operation"));
  const fault = String(form.get("fault")) as keyof typeof faults;
  const times = Number(form.get("times"));
  ask({ action: "fail", fault, ...(operation !== "" && { operation }), times }, () =>
    t("faultAdded", say(faults[fault]), times),
  );
};
$("end-faults").onclick = () => ask({ action: "endFaults" }, () => t("faultsEnded"));
$("rotate").onclick = () => ask({ action: "rotate" }, (serial) => t("rotated", serial));
$("clear").onclick = () => ask({ action: "clear" }, () => t("cleared"));

document.addEventListener("visibilitychange", connect);
setLanguage(currentLanguage());
setInterval(showClock, 1000);
connect();
